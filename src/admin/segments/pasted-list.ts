/** One entry of a pasted list, and the line it stands on, counted from 1. */
export interface Entry {
  text: string;
  line: number;
}

/** Entries divided by lines, commas, semicolons or tabs, each once; `repeated` is how many stand there again. */
export function readList(pasted: string): { entries: Entry[]; repeated: number } {
  const seen = new Set<string>();
  const entries: Entry[] = [];
  let repeated = 0;
  for (const [i, line] of pasted.split(/\r\n|\r|\n/).entries()) {
    for (const part of line.split(/[,;\t]/)) {
      const text = part.trim().replace(/^["'<]+|["'>]+$/g, '');
      if (text === '') continue;
      const key = text.toLowerCase();
      if (seen.has(key)) repeated++;
      else {
        seen.add(key);
        entries.push({ text, line: i + 1 });
      }
    }
  }
  return { entries, repeated };
}

/** Most entries of one request. */
const CHUNK = 1000;
export type Chunk = { kind: 'emails' | 'userIds'; entries: Entry[] };

/** Requests for a list, in its order as far as ids and addresses can stand together. */
export function inChunks(entries: readonly Entry[]): Chunk[] {
  const chunks: Chunk[] = [];
  for (const kind of ['emails', 'userIds'] as const) {
    const of = entries.filter(({ text }) => /^user_[1-9]\d*$/.test(text) === (kind === 'userIds'));
    for (let i = 0; i < of.length; i += CHUNK) chunks.push({ kind, entries: of.slice(i, i + CHUNK) });
  }
  return chunks;
}

export interface Failure extends Entry {
  reason: string;
}

/** The failures of a chunk with the lines they stand on. */
export function withLines(chunk: Chunk, failed: readonly { user: string; reason: string }[]): Failure[] {
  const lines = new Map(chunk.entries.map(({ text, line }) => [text, line]));
  return failed.map(({ user, reason }) => ({ text: user, line: lines.get(user) ?? 0, reason }));
}
