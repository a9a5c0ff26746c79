import type { Answer, TestService } from './service.ts';

export const PASSWORD = 'correct horse battery staple';

/** A browser at the service: keeps cookies, and says where its requests come from. */
export interface Browser {
  /** Like TestService.api, with cookies in place of a key; an empty header is not sent. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  signIn(email: string, password?: string): Promise<Answer>;
  /** The cookies it has, as they are sent. */
  cookies(): string;
  forget(): void;
}

export function openBrowser(service: Pick<TestService, 'url'>): Browser {
  const jar = new Map<string, string>();
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');

  const browser: Browser = {
    async call(method, path, body, headers = {}) {
      const response = await fetch(path.startsWith('http') ? path : `${service.url}${path}`, {
        method,
        redirect: 'manual',
        headers: headersOf({
          origin: service.url,
          cookie: cookies(),
          'content-type': body === undefined ? '' : 'application/json',
          ...headers,
        }),
        body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        if (value === '') jar.delete(name);
        else jar.set(name, value);
      }
      const text = await response.text();
      const json = response.headers.get('content-type')?.includes('json') ?? false;
      return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
    },
    signIn: (email, password = PASSWORD) =>
      browser.call('POST', '/api/auth/sign-in/email', { email, password }),
    cookies,
    forget: () => jar.clear(),
  };
  return browser;
}

/** Goes through the set-up as the first admin does, and is signed in. */
export async function setUpAdmin(service: TestService, email = 'ada@example.com'): Promise<Browser> {
  const token = tokenOf(service.service.setUpUrl ?? '');
  return accept(service, token, email);
}

/** Has somebody invited, who accepts and is signed in. */
export async function invite(
  service: TestService,
  role: 'admin' | 'viewer',
  email: string,
): Promise<Browser> {
  const { status, body } = await service.api('POST', '/api/v1/invitations', { role, email });
  if (status !== 201) throw new Error(`The invitation was answered ${status} ${JSON.stringify(body)}`);
  return accept(service, tokenOf(body.data.url), email);
}

async function accept(service: TestService, token: string, email: string): Promise<Browser> {
  const browser = openBrowser(service);
  const name = email.split('@')[0];
  const made = await browser.call('POST', '/api/v1/invitations/accept', {
    token,
    name,
    email,
    password: PASSWORD,
  });
  const signedIn = await browser.signIn(email);
  if (made.status !== 201 || signedIn.status !== 200)
    throw new Error(`No account for ${email}: ${made.status} ${signedIn.status}`);
  return browser;
}

/** The token of a link to the page that makes an account. */
export const tokenOf = (url: string): string => url.split('#')[1] ?? '';

/** Makes an API key. */
export async function makeKey(
  service: TestService,
  scope: 'read' | 'write' | 'settings',
  rest: Record<string, unknown> = {},
): Promise<{ id: string; key: string }> {
  const { status, body } = await service.api('POST', '/api/v1/api-keys', { name: scope, scope, ...rest });
  if (status !== 201) throw new Error(`The key was answered ${status} ${JSON.stringify(body)}`);
  return body.data;
}

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

const headersOf = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
