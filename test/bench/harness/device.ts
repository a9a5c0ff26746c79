import { existsSync, readFileSync, statSync } from 'node:fs';

const SECTOR = 512;

/**
 * Bytes the device of a file has been given to write so far, by whomever; null where it is no device of its own. What
 * the kernel counts for a process is no measure: it counts all of a piece of its cache where a page of it has changed.
 */
export function deviceBytes(path: string): number | null {
  const { dev } = statSync(path);
  const major = (dev >> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >> 12) & 0xfff00);
  const counters = `/sys/dev/block/${major}:${minor}/stat`;
  if (!existsSync(counters)) return null;
  const [, , , , , , sectors] = readFileSync(counters, 'utf8').trim().split(/\s+/);
  return Number(sectors) * SECTOR;
}
