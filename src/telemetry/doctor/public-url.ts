import { randomBytes } from 'node:crypto';
import type { Config } from '../../config.ts';
import { type Asked, ask } from './ask.ts';
import { type Finding, failure, ok, warning } from './finding.ts';
import { explain } from './segment.ts';

const TOPIC = 'Public address';
const PROXY = 'Proxy';
const ADMIN = 'Admin area';

/** What GET /healthz/request answers. */
interface Arrived {
  signature: string | null;
  forwardedFor: string | null;
  forwardedProto: string | null;
}

/** Whether Segment can reach the service, and what a proxy in front of it does to requests. */
export async function checkPublicUrl({ PUBLIC_URL }: Config, running: boolean): Promise<Finding[]> {
  if (PUBLIC_URL === undefined)
    return [
      warning(
        TOPIC,
        'PUBLIC_URL is not set',
        'Set it to the https:// address under which Segment reaches the service',
      ),
    ];
  const signature = randomBytes(20).toString('hex');
  const asked = await ask(`${PUBLIC_URL.replace(/\/+$/, '')}/healthz/request`, { 'x-signature': signature });
  const arrived = readArrived(asked);
  const address = judgeAddress(PUBLIC_URL, asked, arrived !== null, running);
  if (arrived === null) return [address];
  return [address, judgeProxy(PUBLIC_URL, arrived, signature), ...judgePath(PUBLIC_URL)];
}

function judgeAddress(url: string, asked: Asked, ours: boolean, running: boolean): Finding {
  if (!ours && !running)
    return warning(TOPIC, `${url} leads to no running service`, 'Start the service and examine again');
  if (asked.failure !== null) {
    const [message, remedy] = explain(asked.failure, new URL(url).host);
    return failure(TOPIC, message, remedy);
  }
  if (asked.status >= 300 && asked.status < 400)
    return failure(
      TOPIC,
      `${url} redirects to ${asked.location ?? 'nowhere'}, which Segment does not follow`,
      'Set PUBLIC_URL, and the address in Segment, to where it leads',
    );
  if (!ours)
    return failure(
      TOPIC,
      `${url} answers ${asked.status}, and not as this service`,
      `Have the proxy pass every path below PUBLIC_URL on to HOST and PORT`,
    );
  if (url.startsWith('http://'))
    return warning(
      TOPIC,
      `${url} reaches the service in the clear`,
      'Put a proxy with TLS in front, and begin PUBLIC_URL with https://',
    );
  return ok(TOPIC, `${url} reaches the service`);
}

function judgeProxy(
  url: string,
  { signature, forwardedFor, forwardedProto }: Arrived,
  sent: string,
): Finding {
  if (signature !== sent)
    return failure(
      PROXY,
      `X-Signature is ${signature === null ? 'removed' : 'changed'} on the way`,
      'Have the proxy pass this header on as it is: without it every delivery is refused',
    );
  const protocol = new URL(url).protocol.slice(0, -1);
  if (forwardedProto !== null && forwardedProto !== protocol)
    return warning(
      PROXY,
      `X-Forwarded-Proto says ${forwardedProto}, but PUBLIC_URL begins with ${protocol}://`,
      'Have the outermost proxy set it, and the others pass it on',
    );
  const seen = [
    ...(forwardedFor === null ? [] : ['X-Forwarded-For']),
    ...(forwardedProto === null ? [] : ['X-Forwarded-Proto']),
  ];
  return ok(
    PROXY,
    `X-Signature arrives as it was sent; ${seen.join(' and ') || 'no X-Forwarded header'} added`,
  );
}

/** What Segment calls works below any path; pages name where their parts are. */
function judgePath(url: string): Finding[] {
  const { host, pathname } = new URL(url);
  if (pathname === '/') return [];
  return [
    warning(
      ADMIN,
      `The admin area works at the root of an address alone, not below ${host}${pathname}`,
      'Give the service a host name of its own; without the admin area and Swagger UI it can stay where it is',
    ),
  ];
}

function readArrived(asked: Asked): Arrived | null {
  if (asked.failure !== null || asked.status !== 200) return null;
  const { body } = asked;
  return typeof body === 'object' && body !== null && 'signature' in body ? (body as Arrived) : null;
}
