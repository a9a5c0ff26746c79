import { cpus, loadavg, release, totalmem } from 'node:os';
import type { Measure } from './scenario.ts';

/** What the numbers were measured on. */
export function machine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    bun: Bun.version,
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

/** The measures as a table: the median, the unit, and the spread. */
export function table(measures: readonly Measure[]): string {
  const rows = measures.map(({ what, value, unit }) =>
    typeof value === 'number'
      ? [what, show(value), unit, '']
      : [what, show(value.median), unit, `${show(value.min)} – ${show(value.max)}`],
  );
  const width = (column: number) => Math.max(...rows.map((row) => (row[column] ?? '').length));
  const [what, value, unit] = [width(0), width(1), width(2)];
  return rows
    .map(([a = '', b = '', c = '', d = '']) =>
      `  ${a.padEnd(what)}  ${b.padStart(value)} ${c.padEnd(unit)}  ${d}`.trimEnd(),
    )
    .join('\n');
}

/** Three significant digits, and all the digits of a large number. */
function show(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
