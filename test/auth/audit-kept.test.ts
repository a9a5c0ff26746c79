import { afterEach, beforeEach, expect, test } from 'bun:test';
import { openDatabase } from '../helpers/database.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { startTestService, type TestService, turnOfTheLoop } from '../helpers/service.ts';
import { captureLog } from '../telemetry/log-lines.ts';

const clock = manualClock();
const { log, lines } = captureLog('error');
let t: TestService;
beforeEach(async () => {
  lines.length = 0;
  t = await startTestService({ clock, log });
  await inDatabase(`CREATE TRIGGER refused BEFORE INSERT ON audit_log
    BEGIN SELECT RAISE(ABORT, 'the audit log is full'); END`);
});
afterEach(() => t.stop());

async function inDatabase(statement: string) {
  const database = openDatabase(t.dataDir, { write: true });
  database.run(statement);
  database.close();
}
const mend = () => inDatabase('DROP TRIGGER refused');
const make = (name: string) => t.api('POST', '/api/v1/segments', { name, type: 'manual' });
/** Targets of the entries about segments, the latest first. */
const made = async (): Promise<string[]> =>
  (await t.api('GET', '/api/v1/audit?action=segment.created')).body.data.map(
    ({ target }: { target: string }) => target,
  );

test('a change is answered as made where the audit log could not be written, which is logged', async () => {
  expect(await make('One')).toMatchObject({ status: 201, body: { data: { slug: 'one' } } });
  expect(lines).toMatchObject([
    {
      msg: expect.stringContaining('audit log'),
      waiting: 1,
      lost: 0,
      err: { message: 'the audit log is full' },
    },
  ]);
});

test('entries that could not be written are written with the next one, in their order', async () => {
  await make('One');
  await make('Two');
  expect(await made()).toEqual([]);
  await mend();
  await make('Three');
  expect(await made()).toEqual(['three', 'two', 'one']);
});

test('or after a while', async () => {
  await make('One');
  await mend();
  clock.advance(10_000);
  while ((await made()).length === 0) await turnOfTheLoop();
  expect(await made()).toEqual(['one']);
});

test('or at the end of the service', async () => {
  await make('One');
  await mend();
  await t.restart();
  expect(await made()).toEqual(['one']);
});
