import { statSync } from 'node:fs';
import { usersAsNdjson } from '../generate.ts';
import type { SignedEvent } from '../generator/events.ts';
import { deviceBytes } from '../harness/device.ts';
import { openLoad } from '../harness/open-loop.ts';
import { startService } from '../harness/processes.ts';
import { takeTurns } from '../harness/rounds.ts';
import { type BenchContext, type Measure, type Scenario, usersText } from '../harness/scenario.ts';
import { summary } from '../harness/stats.ts';
import { databaseIn } from '../harness/workspace.ts';

const RATE = 2000;

/** What a user takes on disk, and what an event and an attribute it changes make the disk write. */
export const disk: Scenario = {
  name: 'disk',
  title: `Disk: size of a user, and bytes written at ${RATE.toLocaleString('en')} events a second (20 segments)`,
  async run({ size, workspace, executable, progress }: BenchContext): Promise<Measure[]> {
    // Stored one by one: a multiplied database has tighter indexes than one that has grown.
    const users = size === 'quick' ? 10_000 : 100_000;
    const seconds = size === 'quick' ? 1 : 4;
    const dataDirs = {
      none: await workspace.dataDir(users, 'users'),
      all: await workspace.dataDir(users, 'segments'),
    };
    let raw = 0;
    for (const line of usersAsNdjson(workspace.population(users))) raw += Buffer.byteLength(line);
    const known = usersText(users);
    const sizeOf = (dataDir: string) => statSync(databaseIn(dataDir)).size / users;
    const sizes: Measure[] = [
      { what: `raw JSON of a user, ${known}`, value: raw / users, unit: 'bytes' },
      { what: 'a user, no segments', value: sizeOf(dataDirs.none), unit: 'bytes' },
      { what: 'a user, 20 segments, with history', value: sizeOf(dataDirs.all), unit: 'bytes' },
      { what: 'a user, to raw JSON', value: (sizeOf(dataDirs.all) * users) / raw, unit: '×' },
    ];

    const service = await startService({ dataDir: dataDirs.all, executable });
    // Where the device can't be told, there is no number.
    const written = () => deviceBytes(dataDirs.all) ?? Number.NaN;
    const { events, counts } = counted(workspace.events(users));
    try {
      const file = workspace.file('requests');
      const rounds = await takeTurns(
        ['once'],
        async () => {
          Object.assign(counts, NOTHING);
          const before = written();
          await openLoad({ server: service, rate: RATE, seconds, events, file });
          return { ...counts, written: written() - before };
        },
        progress,
      );
      const of = (read: (one: Counts & { written: number }) => number) =>
        summary(rounds.map(({ once }) => read(once)));
      return [
        ...sizes,
        { what: 'written an event', value: of((one) => one.written / one.events), unit: 'bytes' },
        { what: 'raw JSON of an event', value: of((one) => one.bytes / one.events), unit: 'bytes' },
        { what: 'written to raw JSON of the events', value: of((one) => one.written / one.bytes), unit: '×' },
        {
          what: 'written a changed attribute',
          value: of((one) => one.written / one.changed),
          unit: 'bytes',
        },
        {
          what: 'raw JSON of a changed attribute',
          value: of((one) => one.changedBytes / one.changed),
          unit: 'bytes',
        },
      ];
    } finally {
      await service.stop();
    }
  },
};

interface Counts {
  events: number;
  bytes: number;
  /** Attributes with another value. */
  changed: number;
  changedBytes: number;
}
const NOTHING: Counts = { events: 0, bytes: 0, changed: 0, changedBytes: 0 };

function counted(events: Generator<SignedEvent, never>) {
  const counts = { ...NOTHING };
  function* counting(): Generator<SignedEvent, never> {
    for (;;) {
      const event = events.next().value;
      const { body, changed } = event;
      counts.events++;
      counts.bytes += Buffer.byteLength(body);
      for (const one of Object.entries(changed)) {
        counts.changed++;
        // Without the brackets around the single member.
        counts.changedBytes += Buffer.byteLength(JSON.stringify(Object.fromEntries([one]))) - 2;
      }
      yield event;
    }
  }
  return { events: counting(), counts };
}
