import { Database } from 'bun:sqlite';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import type { Machine } from './results.ts';
import type { Measure } from './scenario.ts';
import { asSummary } from './stats.ts';
import { expectationText, show, spreadText, verdictOf } from './verdict.ts';

/** What the numbers were measured on. */
export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    bun: Bun.version,
    sqlite: new Database(':memory:').query<{ v: string }, []>('SELECT sqlite_version() AS v').get()?.v ?? '',
    commit: commit(),
    loadBefore: loadavg()[0] ?? 0,
  };
}

/** Which sources were measured; null outside a git checkout. */
function commit(): string | null {
  if (Bun.which('git') === null) return null;
  const git = Bun.spawnSync(['git', 'describe', '--always', '--dirty'], { cwd: import.meta.dir });
  return git.success ? git.stdout.toString().trim() : null;
}

/** The measures as a table: the median, the unit, the spread, and what was expected. */
export function table(measures: readonly Measure[]): string {
  const rows = measures.map((measure) => {
    const verdict = verdictOf(measure);
    const judged = verdict === null ? '' : `${expectationText(measure)}: ${verdict}`;
    return [
      measure.what,
      show(asSummary(measure.value).median),
      measure.unit,
      spreadText(measure.value),
      judged,
    ];
  });
  const width = (column: number) => Math.max(...rows.map((row) => (row[column] ?? '').length));
  const [what, value, unit, spread] = [width(0), width(1), width(2), width(3)];
  return rows
    .map(([a = '', b = '', c = '', d = '', e = '']) =>
      `  ${a.padEnd(what)}  ${b.padStart(value)} ${c.padEnd(unit)}  ${d.padEnd(spread)}  ${e}`.trimEnd(),
    )
    .join('\n');
}

/** Processor time since the start, seconds: what the machine was busy for, and what of it was this process and its own. */
export function processorTime(): { busy: number; own: number; all: number } {
  // Hundredths of a second (proc(5)): user, nice, system, idle, iowait, irq, softirq, steal.
  const fields = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.trim().split(/\s+/).slice(1, 9) ?? [];
  const times = fields.map((field) => Number(field) / 100);
  const all = times.reduce((a, b) => a + b, 0);
  const waiting = (times[3] ?? 0) + (times[4] ?? 0);
  // After the name in brackets: utime, stime, cutime and cstime are the 12th to 15th field.
  const own = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ').slice(11, 15) ?? [];
  return { busy: all - waiting, own: own.reduce((sum, field) => sum + Number(field) / 100, 0), all };
}

/** Share of the processors that other work took between two readings, 0 to 1. */
export function otherWork(before: ProcessorTime, after: ProcessorTime): number {
  const others = after.busy - before.busy - (after.own - before.own);
  return Math.max(0, others) / (after.all - before.all);
}
type ProcessorTime = ReturnType<typeof processorTime>;
