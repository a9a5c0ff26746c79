import { expect, test } from 'bun:test';
import {
  type Answer,
  API_KEY,
  SECRET,
  startTestService,
  type TestService,
  WRITE_KEY,
} from '../helpers/service.ts';

/** One request and what its answer must be. */
export interface Scenario {
  it: string;
  /** Method, path and body of the request. */
  call: [method: string, path: string, body?: unknown];
  headers?: Record<string, string>;
  /** Brings the service into the state the request needs. */
  given?: (service: TestService) => Promise<unknown>;
  status: number;
  /** What the body of the answer must match. */
  body?: unknown;
  contains?: string[];
  lacks?: string[];
}

/** Makes calls that must succeed, and waits for the work they cause. */
export const prepare =
  (...calls: Scenario['call'][]) =>
  async (service: TestService): Promise<void> => {
    for (const [method, path, body] of calls) {
      const answer = await service.api(method, path, body);
      if (answer.status >= 300)
        throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    await service.settled();
  };

/** Registers a test for each scenario, each on a service of its own. */
export function scenarios(table: readonly Scenario[], env: Record<string, string> = {}): void {
  for (const scenario of table) {
    test(scenario.it, async () => {
      const service = await startTestService({ env });
      try {
        await scenario.given?.(service);
        const [method, path, body] = scenario.call;
        check(await service.api(method, path, body, scenario.headers), scenario);
      } finally {
        await service.stop();
      }
    });
  }
}

export function check(
  answer: Answer,
  { status, body, contains = [], lacks = [] }: Omit<Scenario, 'it' | 'call'>,
) {
  const text = JSON.stringify(answer.body);
  expect({ status: answer.status, text }).toEqual({ status, text: expect.any(String) });
  if (status >= 400) expectError(answer);
  if (body !== undefined) expect(answer.body).toMatchObject(body as object);
  for (const part of contains) expect(text).toContain(part);
  for (const part of [...lacks, API_KEY, SECRET, WRITE_KEY]) expect(text).not.toContain(part);
}

/** The shape of every error, and that it tells nothing of the inside. */
export function expectError({ status, headers, body }: Answer) {
  expect(status).not.toBe(500);
  expect(headers.get('content-type')).toContain('application/json');
  expect(body).toEqual({ error: expect.any(Object) });
  expect(body.error.code).toMatch(/^[a-z_]+$/);
  expect(body.error.message).toMatch(/^[A-Z].{5,}/);
  expect(Object.keys(body.error).filter((key) => key !== 'details')).toEqual(['code', 'message']);
  expect(JSON.stringify(body)).not.toMatch(/\.ts\b|node_modules|at \w+ \(|SQLITE|SELECT/);
}

/** The details of a refusal: one problem at one path. */
export const problem = (path: string, message: string) => ({
  error: { code: 'invalid', details: [{ path, message }] },
});
