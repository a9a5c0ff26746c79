import type { Results } from './results.ts';
import type { Measure } from './scenario.ts';
import { asSummary } from './stats.ts';
import { expectationText, show, verdictOf } from './verdict.ts';

// Lengths in pixels.
const WIDTH = 800;
const LABEL = 270;
const BAR = 300;
const ROW = 22;
const PANEL_HEAD = 30;
const PANEL_GAP = 14;
const TOP = 54;

/** Colours carry no meaning of their own: what is ok or missed says so in words. */
const STYLE = `
  .paper { fill: #ffffff } text { fill: #1f2328; font: 12px system-ui, sans-serif }
  .title { font-size: 16px; font-weight: 600 } .head { font-weight: 600 } .quiet { fill: #59636e }
  .bar { fill: #2f6fde } .missed { fill: #b35900 } .spread, .limit { stroke: #1f2328; stroke-width: 1.5 }
  .limit { stroke-dasharray: 3 2 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9198a1 }
    .bar { fill: #4f8ff7 } .missed { fill: #e08a3c } .spread, .limit { stroke: #e6edf3 }
  }`;

/** The measures that name a panel, as bars: medians, their spread as a line, what was expected as a dashed one. */
export function chart({ startedAt, size, machine, results }: Results): string {
  const panels = new Map<string, Measure[]>();
  for (const { measures } of Object.values(results)) {
    for (const measure of measures) {
      if (measure.panel === undefined) continue;
      panels.set(measure.panel, [...(panels.get(measure.panel) ?? []), measure]);
    }
  }
  const parts: string[] = [];
  let y = TOP;
  for (const [title, measures] of panels) {
    parts.push(drawPanel(title, measures, y));
    y += PANEL_HEAD + measures.length * ROW + PANEL_GAP;
  }
  const day = startedAt.slice(0, 10);
  const about = `${day}, ${size} run, ${machine.cores} cores, Bun ${machine.bun}. Bars: medians; lines: spread; dashed: expected.`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="Benchmark results of ${day}">
<style>${STYLE}
</style>
<rect class="paper" width="${WIDTH}" height="${y}" rx="6"/>
${text(16, 26, 'Benchmark results', 'title')}
${text(16, 44, about, 'quiet')}
${parts.join('\n')}
</svg>
`;
}

function drawPanel(title: string, measures: readonly Measure[], top: number): string {
  const ends = measures.flatMap(({ value, expected }) => [
    asSummary(value).max,
    expected?.least ?? 0,
    expected?.most ?? 0,
  ]);
  const most = Math.max(...ends.filter(Number.isFinite), Number.MIN_VALUE);
  const scale = (value: number) => round((BAR * Math.max(0, value)) / most);
  const rows = measures.map((measure, i) => drawRow(measure, top + PANEL_HEAD + i * ROW, scale));
  return [text(16, top + 18, `${title} (${measures[0]?.unit ?? ''})`, 'head'), ...rows].join('\n');
}

function drawRow(measure: Measure, y: number, scale: (value: number) => number): string {
  const { median, min, max } = asSummary(measure.value);
  const verdict = verdictOf(measure);
  if (!Number.isFinite(median)) return text(16, y + 12, `${measure.what}: not measured`);
  const middle = y + 8;
  const at = (value: number) => round(LABEL + scale(value));
  const limits = [measure.expected?.least, measure.expected?.most].filter((limit) => limit !== undefined);
  const said = verdict === null ? show(median) : `${show(median)}, ${verdict} (${expectationText(measure)})`;
  return [
    text(LABEL - 8, y + 12, measure.what, '', 'end'),
    `<rect class="${verdict === 'missed' ? 'missed' : 'bar'}" x="${LABEL}" y="${y}" width="${scale(median)}" height="16" rx="2"/>`,
    ...(max > min ? [line(at(min), middle, at(max), middle, 'spread')] : []),
    ...limits.map((limit) => line(at(limit), y - 2, at(limit), y + 18, 'limit')),
    text(LABEL + BAR + 8, y + 12, said),
  ].join('\n');
}

const line = (x1: number, y1: number, x2: number, y2: number, kind: string) =>
  `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;

const text = (x: number, y: number, content: string, kind = '', anchor = 'start') =>
  `<text x="${x}" y="${y}"${kind === '' ? '' : ` class="${kind}"`}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}>${escaped(content)}</text>`;

const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const round = (value: number): number => Math.round(value * 10) / 10;
