import { dlopen, FFIType } from 'bun:ffi';
import { constants, openSync, readdirSync, readlinkSync } from 'node:fs';

/** Has everything this process does with a database fail, as on a disk that is gone; answers how to bring it back. */
export function breakDisk(path: string): () => void {
  const { dup, dup2 } = dlopen('libc.so.6', {
    dup: { args: [FFIType.i32], returns: FFIType.i32 },
    dup2: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  }).symbols;
  const full = openSync('/dev/full', constants.O_WRONLY);
  const files = new Set([path, `${path}-wal`]);
  const open = readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => files.has(target(fd)));
  const kept = open.map((fd) => {
    const copy = dup(fd);
    dup2(full, fd);
    return [copy, fd] as const;
  });
  return () => {
    for (const [copy, fd] of kept) dup2(copy, fd);
  };
}

function target(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // The one by which the list itself was read.
    return '';
  }
}
