import { readdirSync, readFileSync } from 'node:fs';

/** What the process takes from the machine; what the system does not tell is left out. */
export interface ProcessReadings {
  cpuUserSeconds: number;
  cpuSystemSeconds: number;
  startedAtSeconds: number;
  residentBytes: number;
  heapBytes: number;
  openFiles: number | null;
  maxFiles: number | null;
}

/**
 * Read by hand: the library's default metrics would keep a timer of 10 ms running, and report much that only Node has
 * as zero.
 */
export function readProcess(): ProcessReadings {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    cpuUserSeconds: user / 1e6,
    cpuSystemSeconds: system / 1e6,
    startedAtSeconds: performance.timeOrigin / 1000,
    residentBytes: rss,
    heapBytes: heapUsed,
    openFiles: ifThere(() => readdirSync('/proc/self/fd').length),
    maxFiles: ifThere(() => {
      const limits = readFileSync('/proc/self/limits', 'utf8');
      return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN);
    }),
  };
}

function ifThere(read: () => number): number | null {
  try {
    const value = read();
    return Number.isFinite(value) ? value : null;
  } catch {
    return null;
  }
}
