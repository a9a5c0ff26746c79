import { expect } from 'bun:test';
import type { ImportJob } from '../../src/transfer/jobs.ts';
import { type Answer, API_KEY, type TestService } from '../helpers/service.ts';

/** Imports and exports through the API, as a client of it makes them. */

export const CSV = 'text/csv';
export const NDJSON = 'application/x-ndjson';

/** What an import answers. */
export interface ImportResult {
  id: string;
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
  errors: { line: number; reason: string }[];
}

/** Sends a file; a stream goes out as its pieces come. */
export async function upload(
  t: TestService,
  type: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
  query = '',
): Promise<Answer> {
  const response = await fetch(`${t.url}/api/v1/users/import${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': type },
    body,
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Imports a file that must be accepted as a whole; answers what it came to. */
export async function importFile(
  t: TestService,
  type: string,
  body: Parameters<typeof upload>[2],
): Promise<ImportResult> {
  const answer = await upload(t, type, body);
  expect({ status: answer.status, error: answer.body.error }).toEqual({ status: 200, error: undefined });
  return answer.body.data;
}

/** The text of an export. */
export async function exportFile(t: TestService, path: string): Promise<string> {
  const response = await fetch(`${t.url}${path}`, { headers: { authorization: `Bearer ${API_KEY}` } });
  expect(response.status).toBe(200);
  return response.text();
}

type Job = Omit<ImportJob, 'startedAt' | 'finishedAt'> & { startedAt: string; finishedAt: string | null };

/** Asks for the imports of the service until the latest one is as wanted; answers it. */
export async function latestImport(t: TestService, wanted: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const { body } = await t.api('GET', '/api/v1/users/imports');
    const job: Job | undefined = body.data[0];
    if (job !== undefined && wanted(job)) return job;
  }
}

/** A user without what every database has another one of. */
export interface PlainUser {
  email: string;
  name: string | null;
  externalId: string | null;
  attributes: unknown;
}

/** All users by email. */
export async function plainUsers(t: TestService): Promise<PlainUser[]> {
  const { body } = await t.api('GET', '/api/v1/users?sort=email&limit=200');
  return body.data.map(({ email, name, externalId, attributes }: PlainUser) => ({
    email,
    name,
    externalId,
    attributes,
  }));
}

/** A body whose pieces the test sends one by one, as slowly as it likes. */
export function slowBody() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
  });
  return {
    stream,
    send: (text: string) => controller?.enqueue(new TextEncoder().encode(text)),
    end: () => controller?.close(),
  };
}

/** So many rows of CSV without a header: `u0@example.com,pro`. */
export const rows = (from: number, to: number, plan = 'pro'): string =>
  Array.from({ length: to - from }, (_, i) => `u${from + i}@example.com,${plan}\n`).join('');
