import { expect, test } from 'bun:test';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addCrowd } from '../../outbound/sync.ts';
import { eachPatient, examineEach } from './fixture.ts';

const d = eachPatient();

examineEach(d, [
  [
    'a key that others can read',
    async () => {
      await chmod(join(d.t.dataDir, 'secret.key'), 0o640);
      return {};
    },
    'Sealing key',
    'error',
    /mode 640.*chmod 600 .*secret\.key$/,
  ],
  [
    'a key that is gone',
    async () => {
      await rename(join(d.t.dataDir, 'secret.key'), join(d.t.dataDir, 'elsewhere'));
      return {};
    },
    'Sealing key',
    'error',
    /is missing.*backup/,
  ],
  [
    'a key from the environment',
    async () => ({ SECRET_KEY: 'x'.repeat(40) }),
    'Sealing key',
    'ok',
    /SECRET_KEY/,
  ],
  [
    'another key than the secrets were sealed with',
    async () => ({ SECRET_KEY: 'x'.repeat(40) }),
    'Settings',
    'error',
    /sealed with another key.*SECRET_KEY/,
  ],
  [
    'a database that others can read',
    async () => {
      await chmod(d.database(), 0o604);
      return {};
    },
    'Database file',
    'error',
    /mode 604.*chmod 600/,
  ],
  [
    'a file in place of the folder',
    async () => {
      const path = join(d.place.dir, 'file');
      await writeFile(path, '');
      return { DATA_DIR: path };
    },
    'Data folder',
    'error',
    /is no folder/,
  ],
  [
    'a damaged database',
    async () => {
      await addCrowd(d.t, 200);
      await d.stopService();
      const bytes = await readFile(d.database());
      bytes.fill(0xa5, 8192, 40_000);
      await writeFile(d.database(), bytes);
      return {};
    },
    'Database',
    'error',
    /damaged|can not be read.*backup/,
  ],
  [
    'a file that is no database',
    async () => {
      await d.stopService();
      await writeFile(d.database(), 'hello '.repeat(1000));
      return {};
    },
    'Database',
    'error',
    /not a database.*restore a backup/,
  ],
  [
    'a database of an older version',
    async () => {
      d.withDatabase((db) => db.run('PRAGMA user_version = 1'));
      return {};
    },
    'Database',
    'error',
    /older version.*schema 1.*migrate/,
  ],
  [
    'a database of a newer version',
    async () => {
      d.withDatabase((db) => db.run('PRAGMA user_version = 999'));
      return {};
    },
    'Database',
    'error',
    /newer version.*schema 999/,
  ],
]);

test('a folder that can not be entered is said to be so', async () => {
  const dir = join(d.place.dir, 'closed');
  await mkdir(dir, { mode: 0o000 });
  // Root can enter everything.
  const expected = process.getuid?.() === 0 ? 'ok' : 'error';
  expect((await d.look({ DATA_DIR: dir })).about('Data folder').level).toBe(expected);
});
