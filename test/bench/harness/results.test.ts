import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { chart } from './chart.ts';
import { withGrowth, withResults } from './documents.ts';
import { otherWork, processorTime, table } from './report.ts';
import { type Results, readResults } from './results.ts';
import type { Measure } from './scenario.ts';
import { expectationText, show, verdictOf } from './verdict.ts';

const measure = (rest: Partial<Measure>): Measure => ({ what: 'throughput', value: 10, unit: '/s', ...rest });
const spread = { median: 12, min: 3, max: 60 };

test.each<[Partial<Measure>, ReturnType<typeof verdictOf>, string]>([
  [{}, null, ''],
  [{ expected: { least: 10 } }, 'ok', '≥ 10 /s'],
  [{ expected: { least: 10.1 } }, 'missed', '≥ 10.1 /s'],
  [{ expected: { most: 9 } }, 'missed', '≤ 9 /s'],
  [{ value: spread, expected: { most: 50 } }, 'ok', '≤ 50 /s'],
  [{ value: spread, expected: { most: 50, always: true } }, 'missed', '≤ 50 /s, always'],
  [{ value: spread, expected: { least: 5, always: true } }, 'missed', '≥ 5 /s, always'],
  [{ value: Number.NaN, expected: { most: 50 } }, 'missed', '≤ 50 /s'],
])('%j is %p', (rest, verdict, text) => {
  expect(verdictOf(measure(rest))).toBe(verdict);
  expect(expectationText(measure(rest))).toBe(text);
});

test.each([
  [0.012345, '0.0123'],
  [9.996, '10'],
  [99.94, '99.9'],
  [1234567.8, '1,234,568'],
])('%p reads %s', (value, text) => {
  expect(show(value)).toBe(text);
});

const results = (measures: Measure[], failure?: string): Results => ({
  startedAt: '2026-01-31T12:00:00.000Z',
  seconds: 600,
  command: 'bun run bench',
  size: 'normal',
  machine: {
    cpu: 'a processor',
    cores: 2,
    memoryBytes: 2 ** 34,
    kernel: '6',
    bun: '1',
    sqlite: '3',
    commit: null,
    loadBefore: 0,
  },
  otherWork: 0.3,
  results: {
    drain: { title: 'Drain | all', measures, ...(failure === undefined ? {} : { failure }) },
    growth: { title: 'Growth', measures: [] },
  },
});

test('the table lines up and says what was missed', () => {
  const lines = table([
    measure({}),
    measure({ what: 'p99', value: spread, unit: 'ms', expected: { most: 10 } }),
  ]).split('\n');
  expect(lines).toEqual(['  throughput  10 /s', '  p99         12 ms  3 – 60  ≤ 10 ms: missed']);
});

test('what could not be measured is still that after a round through JSON', () => {
  const odd = results([measure({ value: Number.NaN }), measure({ value: { ...spread, max: Number.NaN } })]);
  expect(readResults(JSON.stringify(odd))).toEqual(odd);
});

test.each([
  [{ busy: 60, own: 40, all: 100 }, 0.2],
  [{ busy: 30, own: 40, all: 100 }, 0],
])('of %j others had %p', (after, share) => {
  expect(otherWork({ busy: 0, own: 0, all: 0 }, after)).toBeCloseTo(share);
});

test('processor time grows with work of our own', () => {
  const before = processorTime();
  while (processorTime().own - before.own < 0.05);
  const after = processorTime();
  expect(after.busy).toBeGreaterThan(before.busy);
  expect(after.all).toBeGreaterThanOrEqual(after.busy);
});

describe('documents', () => {
  const places = 'a\n<!-- run -->\nold\n<!-- /run -->\nb\n<!-- measured -->\n<!-- /measured -->\nc\n';
  const good = measure({ value: spread, expected: { least: 5 } });
  const bad = measure({ what: 'a | b', expected: { most: 5 } });

  test('results stand between the marks and nowhere else, and again the same', () => {
    const written = withResults(places, results([good, bad]));
    expect(written).toContain('| throughput | 12 /s | 3 – 60 | ≥ 5 /s | ok |');
    expect(written).toContain('| a \\| b | 10 /s |  | ≤ 5 /s | **missed** |');
    expect(written).toContain('1 expectations met, 1 missed');
    expect(written).toContain('Other work took 30 % of the processors meanwhile: **a busy machine');
    expect(written).not.toContain('old');
    for (const kept of ['a\n<!-- run -->', '<!-- /run -->\nb\n', '<!-- /measured -->\nc\n']) {
      expect(written).toContain(kept);
    }
    expect(withResults(written, results([good, bad]))).toBe(written);
  });

  test('a scenario that failed says so', () => {
    expect(withResults(places, results([], 'no wrk\nat line 3'))).toContain('Not measured: no wrk\n');
  });

  test('growth takes its scenarios alone', () => {
    const written = withGrowth('<!-- growth -->\n<!-- /growth -->', results([good]));
    expect(written).toContain('**Growth** (`growth`)');
    expect(written).not.toContain('Drain');
  });

  test.each([
    ['docs/performance.md', withResults],
    ['test/bench/README.md', withGrowth],
  ])('%s has its places', async (path, change) => {
    const document = await Bun.file(join(import.meta.dir, '../../..', path)).text();
    expect(change(document, results([good]))).toContain('2026-01-31');
  });

  test('a document without them is refused', () => {
    expect(() => withResults('nothing', results([]))).toThrow('no place for "run"');
  });
});

describe('chart', () => {
  const drawn = (measures: Measure[]) => chart(results(measures));
  const panel = 'Rate & <more>';

  test('a panel with a bar for each measure, its spread and what was expected', () => {
    const svg = drawn([
      measure({ panel }),
      measure({ what: 'other', value: spread, panel, expected: { least: 30 } }),
      measure({ what: 'no panel' }),
    ]);
    expect(svg).toContain('Rate &amp; &lt;more> (/s)');
    expect(svg.match(/<rect class="(bar|missed)"/g)).toEqual(['<rect class="bar"', '<rect class="missed"']);
    expect(svg.match(/class="spread"/g)).toHaveLength(1);
    expect(svg.match(/class="limit"/g)).toHaveLength(1);
    expect(svg).toContain('12, missed (≥ 30 /s)');
    expect(svg).not.toContain('no panel');
    // The largest end of all fills the width: 60 of 300 pixels.
    expect(svg).toContain('width="50" height="16"');
  });

  test('what could not be measured is no bar', () => {
    const svg = drawn([measure({ panel, value: Number.NaN })]);
    expect(svg).toContain('throughput: not measured');
    expect(svg).not.toContain('NaN');
  });

  test('colours for light and dark, and nothing that runs', () => {
    const svg = drawn([measure({ panel })]);
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).not.toContain('<script');
  });
});
