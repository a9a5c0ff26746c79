import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { startTestService, type TestService } from '../helpers/service.ts';
import { check, scenarios } from './scenario.ts';

describe('health', () => {
  scenarios([
    { it: 'the process is alive', call: ['GET', '/healthz'], status: 200, body: { status: 'ok' } },
    { it: 'it takes requests', call: ['GET', '/readyz'], status: 200, body: { status: 'ok' } },
  ]);
});

describe('when the database is gone', () => {
  let t: TestService;
  beforeAll(async () => {
    t = await startTestService();
    await t.service.store.close();
  });
  afterAll(async () => {
    await t.service.stop().catch(() => {});
    await t.stub.stop();
    await rm(t.dataDir, { recursive: true, force: true });
  });

  test('the process is still alive, but not ready', async () => {
    expect((await t.api('GET', '/healthz')).status).toBe(200);
    expect(await t.api('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { status: 'unavailable', reason: 'the database can not be read' },
    });
  });

  test('a request fails without telling anything of the inside', async () => {
    for (const [method, path, body] of [
      ['GET', '/api/v1/users'],
      ['GET', '/api/v1/segments'],
      ['POST', '/api/v1/users/identify', { email: 'a@b.c' }],
    ] as const) {
      const answer = await t.api(method, path, body);
      expect({ status: answer.status, body: answer.body }).toEqual({
        status: 500,
        body: { error: { code: 'internal', message: 'Something went wrong on our side; the log says what' } },
      });
    }
    check(await t.api('GET', '/api/v1/nothing'), { status: 404 });
  });
});
