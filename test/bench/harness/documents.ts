import type { Results, ScenarioResult } from './results.ts';
import type { Measure } from './scenario.ts';
import { asSummary } from './stats.ts';
import { expectationText, show, spreadText, verdictOf } from './verdict.ts';

/** From this share of other work on, a run says that it was disturbed. */
const BUSY = 0.05;

/** Scenarios that tell how work over all users grows with their number: the table of test/bench/README.md. */
const GROWTH = ['import', 'preview', 'reevaluation', 'evaluation-under-load', 'disk', 'memory', 'growth'];

/** docs/performance.md with the results of a run. */
export const withResults = (document: string, results: Results): string =>
  replaced(replaced(document, 'run', about(results)), 'measured', sections(results.results));

/** test/bench/README.md with those that tell how things grow. */
export const withGrowth = (document: string, results: Results): string => {
  const chosen = GROWTH.flatMap((name) => {
    const result = results.results[name];
    return result === undefined ? [] : [[name, result] as const];
  });
  return replaced(document, 'growth', `${about(results)}\n\n${sections(Object.fromEntries(chosen))}`);
};

/** Puts content between `<!-- name -->` and `<!-- /name -->`. */
function replaced(document: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`The document has no place for "${name}"`);
  return `${document.slice(0, from + begin.length)}\n${content}\n${document.slice(to)}`;
}

function about({ startedAt, seconds, command, size, machine, otherWork, results }: Results): string {
  const gib = Math.round(machine.memoryBytes / 2 ** 30);
  const measures = Object.values(results).flatMap((result) => result.measures);
  const count = (wanted: string) => measures.filter((measure) => verdictOf(measure) === wanted).length;
  return [
    `\`${command}\` (${size}) on ${startedAt.slice(0, 10)}, ${Math.round(seconds / 60)} minutes.`,
    `${machine.cores} cores (${machine.cpu}), ${gib} GiB, Linux ${machine.kernel}, Bun ${machine.bun}, SQLite ${machine.sqlite},`,
    `commit ${machine.commit ?? 'unknown'}.`,
    `Other work took ${Math.round(100 * otherWork)} % of the processors meanwhile${otherWork > BUSY ? ': **a busy machine, where absolute numbers mean little**' : ''}.`,
    `${count('ok')} expectations met, ${count('missed')} missed.`,
  ].join('\n');
}

const sections = (results: Record<string, ScenarioResult>): string =>
  Object.entries(results)
    .map(([name, result]) => `**${result.title}** (\`${name}\`)\n\n${body(result)}`)
    .join('\n\n');

function body({ failure, measures }: ScenarioResult): string {
  if (failure !== undefined) return `Not measured: ${failure.split('\n', 1)[0]}`;
  return ['| | median | spread | expected | |', '|---|--:|---|---|---|', ...measures.map(row)].join('\n');
}

function row(measure: Measure): string {
  const { what, value, unit } = measure;
  const median = show(asSummary(value).median);
  const verdict = verdictOf(measure);
  const cells = [
    what,
    `${median} ${unit}`,
    spreadText(value),
    expectationText(measure),
    verdict === 'missed' ? '**missed**' : (verdict ?? ''),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
