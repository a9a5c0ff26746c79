import { setTimeout as sleep } from 'node:timers/promises';
import { Overloaded } from '../inbound/batcher.ts';
import type { Change, Outcome, OutcomeReason, Writer } from '../users/change.ts';
import { normaliseEmail, normaliseExternalId, normaliseName } from '../users/user.ts';
import { parseCsv } from './parse-csv.ts';
import { parseNdjson } from './parse-ndjson.ts';
import type { Delimiter, Format, ImportRow, RowInput } from './rows.ts';

/** How far an import is, and in the end what it came to. */
export interface ImportProgress {
  /** Bytes read. */
  bytes: number;
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
}
export interface RejectedRow {
  line: number;
  reason: string;
  raw: string;
}
export interface ImportOptions {
  /** What separates the columns of a CSV file; a comma unless given. */
  delimiter?: Delimiter;
  /** Called after every chunk that is stored. */
  onProgress?(progress: Readonly<ImportProgress>): void;
  onRejected(row: RejectedRow): void | Promise<void>;
}

/** Most rows of one transaction: it keeps everything else waiting for some milliseconds. */
const CHUNK = 250;
/** How soon a chunk is tried again while events fill the queue, milliseconds. */
const RETRY_MS = 50;

/**
 * Streams rows into the write path; good rows go in, bad ones are reported. What a user has already is left alone, so
 * running an import twice changes nothing.
 */
export async function importUsers(
  writer: Writer,
  source: AsyncIterable<Uint8Array>,
  format: Format,
  { delimiter = 'comma', onProgress, onRejected }: ImportOptions,
): Promise<ImportProgress> {
  const progress: ImportProgress = { bytes: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
  const bytes = counted(source, progress);
  const rows = format === 'csv' ? parseCsv(bytes, delimiter) : parseNdjson(bytes);
  let chunk: { row: ImportRow; change: Change }[] = [];
  let read = 0;

  const reject = async ({ line, raw }: ImportRow, reason: string) => {
    progress.rejected++;
    await onRejected({ line, raw, reason });
  };
  const store = async () => {
    const ready = chunk;
    chunk = [];
    const outcomes = await submitInTurn(
      writer,
      ready.map(({ change }) => change),
    );
    for (const [i, { row }] of ready.entries()) {
      const { reason } = outcomes[i] as Outcome;
      if (reason === 'created') progress.created++;
      else if (reason === 'applied') progress.updated++;
      else if (reason === 'unchanged') progress.unchanged++;
      else await reject(row, REFUSALS[reason] ?? reason);
    }
    onProgress?.(progress);
  };

  try {
    for await (const row of rows) {
      const change = 'reason' in row.result ? row.result.reason : changeFrom(row.result);
      if (typeof change === 'string') await reject(row, change);
      else chunk.push({ row, change });
      // Rejected rows count, so that progress shows for a file of nothing else.
      if (++read % CHUNK === 0) await store();
    }
  } finally {
    // Rows before a failure stay in, the last few of them too.
    await store();
  }
  return progress;
}

/** Events go first: an import can wait, and so can whoever sends it. */
async function submitInTurn(writer: Writer, changes: readonly Change[]): Promise<Outcome[]> {
  for (;;) {
    try {
      return await writer.submit(changes);
    } catch (error) {
      if (!(error instanceof Overloaded)) throw error;
      await sleep(RETRY_MS);
    }
  }
}

const REFUSALS: Partial<Record<OutcomeReason, string>> = {
  too_deep: 'an attribute nests too deeply',
  too_many_attributes: 'the user would have more attributes than MAX_USER_ATTRIBUTES allows',
  user_too_large: "the user's attributes would be larger than MAX_USER_BYTES allows",
};

function changeFrom({ email: given, name, externalId, attributes }: RowInput): Change | string {
  const email = normaliseEmail(given);
  if (email === null)
    return given === undefined || given === '' ? 'there is no email' : 'the email is not an address';
  const link = externalId === undefined ? undefined : normaliseExternalId(externalId);
  // Blank is as good as null, which takes the link away; what can't be taken must not do so.
  if (link === null && externalId?.trim()) {
    return externalId.isWellFormed()
      ? 'the externalId is longer than 255 characters'
      : 'the externalId is not well-formed Unicode';
  }
  const { email: _identity, ...rest } = attributes;
  return {
    kind: 'merge',
    target: { email },
    create: true,
    cause: 'import',
    patch: {
      at: 'latest',
      keepSame: true,
      attributes: rest,
      ...(name === undefined ? {} : { name: normaliseName(name) }),
      ...(link === undefined ? {} : { externalId: link }),
    },
  };
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  progress: ImportProgress,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    progress.bytes += chunk.byteLength;
    yield chunk;
  }
}
