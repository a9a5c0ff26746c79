import { type CsvStart, isNdjson, readCsvStart, type StartProblem } from './read-start.ts';

/** A file as far as its first bytes tell. */
export type Chosen =
  | { kind: 'csv'; file: File; start: CsvStart }
  | { kind: 'ndjson'; file: File; lines: string[] }
  | { kind: 'problem'; file: File; problem: StartProblem | 'unreadable' };

/** So much of a file is looked at; the rest is only ever streamed. */
const LOOKED_AT = 256 * 1024;

export async function chooseFile(file: File): Promise<Chosen> {
  try {
    const bytes = new Uint8Array(await file.slice(0, LOOKED_AT).arrayBuffer());
    if (isNdjson(file.name, bytes)) {
      const lines = new TextDecoder().decode(bytes).split('\n');
      return { kind: 'ndjson', file, lines: lines.slice(0, 5).filter((line) => line.trim() !== '') };
    }
    const start = readCsvStart(bytes, file.size <= LOOKED_AT);
    if (typeof start === 'string') return { kind: 'problem', file, problem: start };
    return { kind: 'csv', file, start };
  } catch {
    return { kind: 'problem', file, problem: 'unreadable' };
  }
}
