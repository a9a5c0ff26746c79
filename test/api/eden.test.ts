import { afterAll, beforeAll, expect, test } from 'bun:test';
import { treaty } from '@elysiajs/eden';
import type { App } from '../../src/http/app.ts';
import { API_KEY, startTestService, type TestService, WRITE_KEY } from '../helpers/service.ts';

/** The happy path as a typed client walks it: what compiles here is what the admin UI can rely on. */
const connect = (url: string) =>
  treaty<App>(url, { headers: { authorization: `Bearer ${API_KEY}` }, parseDate: false }).api.v1;

let t: TestService;
let v1: ReturnType<typeof connect>;
beforeAll(async () => {
  t = await startTestService();
  v1 = connect(t.url);
});
afterAll(() => t.stop());

test('from a user and a segment to a trait at Segment, typed', async () => {
  const created = await v1.users.identify.post({
    email: 'Ada@example.com',
    attributes: { plan: 'enterprise' },
  });
  expect(created.status).toBe(201);
  const id: string = created.data?.data.id ?? '';

  const segment = await v1.segments.post({
    name: 'Enterprise',
    type: 'dynamic',
    rules: { match: 'all', conditions: [{ field: 'attributes.plan', operator: 'eq', value: 'enterprise' }] },
  });
  const traitKey: string | undefined = segment.data?.data.traitKey;
  expect(traitKey).toBe('enterprise');
  await t.settled();

  const members = await v1.segments({ id: 'enterprise' }).members.get({ query: { limit: 10 } });
  expect(members.data?.data.map((user) => user.email)).toEqual(['ada@example.com']);
  expect(members.data?.meta.pagination).toEqual({ cursor: null, hasMore: false, total: 1 });

  const { integrations } = v1.settings;
  const settings = await integrations.segment.patch({ outbound: { writeKey: WRITE_KEY, enabled: true } });
  expect(settings.data?.data.outbound).toMatchObject({ enabled: true, region: 'us' });
  await t.stub.waitFor((stub) => stub.accepted().length === 1);
  expect(t.stub.profiles().get('ada@example.com')).toEqual({ enterprise: true });

  const patched = await v1.users({ id }).patch({ name: 'Ada', attributes: { plan: null } });
  expect(patched.data?.data).toMatchObject({ name: 'Ada', attributes: {} });
  await t.stub.waitFor((stub) => stub.profiles().get('ada@example.com')?.enterprise === false);

  const listed = await v1.users.get({ query: { sort: '-name', search: 'ada' } });
  expect(listed.data?.data.map((user) => user.name)).toEqual(['Ada']);
  expect((await v1.users({ id }).delete()).status).toBe(204);
  expect((await v1.segments({ id: 'enterprise' }).delete()).status).toBe(204);
});

test('errors are typed by status', async () => {
  const missing = await v1.users({ id: 'user_99' }).get();
  expect(missing.data).toBeNull();
  if (missing.error?.status !== 404) throw new Error('expected a 404');
  const code: string = missing.error.value.error.code;
  expect(code).toBe('not_found');

  const taken = await v1.segments.post({ name: 'Email', type: 'manual' });
  if (taken.error?.status !== 422) throw new Error('expected a 422');
  expect(taken.error.value.error.details).toEqual({ suggestion: 'email_segment' });
});
