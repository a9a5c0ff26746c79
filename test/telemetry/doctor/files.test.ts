import { describe } from 'bun:test';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PERMISSIONS_COUNT } from '../../cli/process.ts';
import { addCrowd } from '../../outbound/sync.ts';
import { type Case, eachPatient, examineEach } from './fixture.ts';

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

describe.skipIf(!PERMISSIONS_COUNT)('closed to this user', () => {
  examineEach(d, [
    [
      'a folder',
      async () => {
        const dir = join(d.place.dir, 'closed');
        await mkdir(dir, { mode: 0o000 });
        return { DATA_DIR: dir };
      },
      'Data folder',
      'error',
      /can not be read and written by this user.*chown/,
    ],
    [
      'a folder above it',
      async () => {
        const dir = join(d.place.dir, 'closed-above');
        await mkdir(dir, { mode: 0o000 });
        return { DATA_DIR: join(dir, 'data') };
      },
      'Data folder',
      'error',
      /can not be read and written by this user.*above it/,
    ],
    [
      'the key',
      async () => {
        await chmod(join(d.t.dataDir, 'secret.key'), 0o000);
        return {};
      },
      'Sealing key',
      'error',
      /secret\.key can not be read by this user.*chown/,
    ],
    ...['', '-wal', '.lock'].map(
      (suffix): Case => [
        `the database${suffix}`,
        async () => {
          await chmod(d.database() + suffix, 0o400);
          return {};
        },
        'Database file',
        'error',
        new RegExp(`\\.db${suffix} can not be read and written by this user.*chown`),
      ],
    ),
  ]);
});
