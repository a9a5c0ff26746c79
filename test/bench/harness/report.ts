import { Database } from 'bun:sqlite';
import { cpus, loadavg, release, totalmem } from 'node:os';
import type { Machine, Measure } from './scenario.ts';
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
