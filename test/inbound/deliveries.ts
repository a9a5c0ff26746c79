import { expect } from 'bun:test';
import { type Answer, API_KEY, SECRET, sign, type TestService, WEBHOOK } from '../helpers/service.ts';

/** Sends these very bytes to the webhook, signed; headers replace or add. The answer must be presentable. */
export async function deliver(
  t: TestService,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const signed: Record<string, string> = body instanceof ReadableStream ? {} : { 'x-signature': sign(body) };
  const response = await fetch(`${t.url}${WEBHOOK}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signed, ...headers },
    body,
  });
  const text = await response.text();
  expectPresentable(t, response.status, text);
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

/** What every answer of the webhook keeps to: JSON that says why, no inner workings, no secrets, no crash. */
export function expectPresentable(t: TestService, status: number, text: string) {
  expect([200, 400, 401, 404, 413, 503]).toContain(status);
  expect(Object.keys(JSON.parse(text))).toContain(status === 404 ? 'error' : 'reason');
  for (const secret of [SECRET, API_KEY, t.dataDir]) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/SQLITE|node_modules|\.ts\b|src\/|Error:|\n\s*at /);
}

/** An identify for ada@example.com as JSON text, with traits given as the inside of a JSON object. */
export const adaEvent = (traits = '"plan":"pro"', rest = '"timestamp":"2026-05-01T00:00:00.000Z"') =>
  `{"type":"identify",${rest},"traits":{"email":"ada@example.com"${traits === '' ? '' : `,${traits}`}}}`;

/** An object in a form that can be compared whatever its keys are called and however they are ordered. */
export const entriesOf = (object: object) =>
  JSON.stringify(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
