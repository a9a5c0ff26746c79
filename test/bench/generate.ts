import { parseArgs } from 'node:util';
import { identifies } from './generator/events.ts';
import { DAY_MS, type MadeUser, type Population, userAt } from './generator/user.ts';

const USAGE = `Realistic data, the same for the same seed and day, on standard output.

  bun test/bench/generate.ts users  [--count 1000] [--format ndjson|csv]
  bun test/bench/generate.ts events [--count 1000] [--users 1000] [--secret TEXT]

  --seed N     another population (1)
  --now DATE   the present of the data (midnight UTC of today)

users: one user a line, as POST /api/v1/users/identify takes them, or as CSV.
events: one signed identify a line: X-Signature, a space, the exact body. Timestamps begin a day before the present.
`;

/** All users of a population as lines of NDJSON. */
export function* usersAsNdjson(population: Population): Generator<string> {
  for (const { lastSeenAt: _seen, ...user } of all(population)) yield `${JSON.stringify(user)}\n`;
}

const CSV_COLUMNS: readonly (readonly [header: string, read: (user: MadeUser) => unknown])[] = [
  ['email', (user) => user.email],
  ['name', (user) => user.name],
  ['externalId', (user) => user.externalId],
  ['plan', ({ attributes }) => attributes.plan],
  ['role', ({ attributes }) => attributes.role],
  ['company:json', ({ attributes }) => attributes.company],
  ['country', ({ attributes }) => attributes.country],
  ['language', ({ attributes }) => attributes.language],
  ['seats:number', ({ attributes }) => attributes.seats],
  ['mrr:number', ({ attributes }) => attributes.mrr],
  ['signedUpAt', ({ attributes }) => attributes.signedUpAt],
  ['features:json', ({ attributes }) => attributes.features],
  ['marketingOptIn:boolean', ({ attributes }) => attributes.marketingOptIn],
  ['industry', ({ attributes }) => attributes.industry],
];

/** All users of a population as CSV (RFC 4180), a header first; `column:type` says how to read a column. */
export function* usersAsCsv(population: Population): Generator<string> {
  yield `${CSV_COLUMNS.map(([header]) => header).join(',')}\n`;
  for (const user of all(population)) yield `${CSV_COLUMNS.map(([, read]) => cell(read(user))).join(',')}\n`;
}

function* all(population: Population): Generator<MadeUser> {
  for (let index = 0; index < population.size; index++) yield userAt(population, index);
}

function cell(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function* eventLines(count: number, population: Population, secret: string): Generator<string> {
  const stream = identifies({ population, secret, start: population.now - DAY_MS });
  for (let n = 0; n < count; n++) {
    const { signature, body } = stream.next().value;
    yield `${signature} ${body}\n`;
  }
}

/** Writes piece by piece, never faster than the reader takes it, so that memory stays the same for any count. */
async function print(lines: Iterable<string>) {
  const CHUNK = 64 * 1024;
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK) continue;
    await Bun.write(Bun.stdout, chunk);
    chunk = '';
  }
  await Bun.write(Bun.stdout, chunk);
}

async function main() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: 'string', default: '1000' },
      format: { type: 'string', default: 'ndjson' },
      users: { type: 'string', default: '1000' },
      secret: { type: 'string', default: 'a-shared-secret-for-tests' },
      seed: { type: 'string', default: '1' },
      now: { type: 'string', default: new Date().toISOString().slice(0, 10) },
    },
  });
  const [what] = positionals;
  const count = Number(values.count);
  const numbers = [count, Number(values.users), Number(values.seed), Date.parse(values.now)];
  const population = { seed: Number(values.seed), size: Number(values.users), now: Date.parse(values.now) };
  if (numbers.every(Number.isSafeInteger)) {
    const everybody = { ...population, size: count };
    if (what === 'users' && values.format === 'ndjson') return print(usersAsNdjson(everybody));
    if (what === 'users' && values.format === 'csv') return print(usersAsCsv(everybody));
    if (what === 'events' && population.size > 0) return print(eventLines(count, population, values.secret));
  }
  console.error(USAGE);
  process.exitCode = 2;
}

if (import.meta.main) {
  await main().catch((error: NodeJS.ErrnoException) => {
    // The reader, such as `head`, has had enough.
    if (error.code !== 'EPIPE') throw error;
  });
}
