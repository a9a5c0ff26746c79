import { afterEach, beforeEach, expect, test } from 'bun:test';
import { chmod, chown, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createPlace, PERMISSIONS_COUNT, type Place } from './process.ts';

let place: Place;
beforeEach(async () => {
  place = await createPlace();
  const service = await place.serve();
  service.kill('SIGTERM');
  await service.ended;
  await Bun.write(join(place.dir, 'users.csv'), 'email\nada@example.com\n');
});
afterEach(() => place.remove());
const inData = (name: string) => join(place.dir, 'data', name);

/** Runs what needs the key; expects an end with words. */
async function refused(message: string, hint: RegExp) {
  for (const args of [['serve'], ['users', 'import', 'users.csv']]) {
    const { code, stdout, stderr } = await place.run(args, { PORT: '0' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(hint);
    expect(stderr).not.toMatch(/^\s+at /m);
  }
}

test.skipIf(!PERMISSIONS_COUNT)('a key file that is closed to us is said to be so', async () => {
  await chmod(inData('secret.key'), 0o000);
  await refused(`The key file data/secret.key can't be read by this user`, /chown USER data\/secret\.key/);
});

test('a key file that is none is said to be so', async () => {
  await rm(inData('secret.key'));
  await mkdir(inData('secret.key'));
  await refused(`The key file data/secret.key can't be read: EISDIR`, /backup.*SECRET_KEY/);
});

// Only root can give a file away.
test.skipIf(process.getuid?.() !== 0 || !PERMISSIONS_COUNT)(
  "a first start says that the key file is another user's",
  async () => {
    await rm(inData('quackback-segment.db'));
    await chmod(inData('secret.key'), 0o644);
    await chown(inData('secret.key'), 12345, 12345);
    await refused(`The key file data/secret.key can't be read by this user`, /chown USER/);
  },
);

test.skipIf(!PERMISSIONS_COUNT)(
  'a database that its owner could only read is opened by the first start',
  async () => {
    await chmod(inData('quackback-segment.db'), 0o400);
    await chmod(inData('quackback-segment.db.lock'), 0o400);
    const service = await place.serve();
    service.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0 });
    expect((await stat(inData('quackback-segment.db'))).mode & 0o777).toBe(0o600);
  },
);
