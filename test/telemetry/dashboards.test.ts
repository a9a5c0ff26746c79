import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { startTestService, type TestService } from '../helpers/service.ts';
import { manualSegment } from '../outbound/sync.ts';
import { familyOf, type Scrape, scrape } from './exposition.ts';

const DOCS = join(import.meta.dir, '../../docs');

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; refId: string }[];
}
interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}
const dashboard = (await Bun.file(join(DOCS, 'grafana.json')).json()) as {
  panels: Panel[];
  templating: { list: { name: string; definition?: string }[] };
};
const alerts = Bun.YAML.parse(await Bun.file(join(DOCS, 'alerts.yml')).text()) as {
  groups: { name: string; rules: Rule[] }[];
};
const rules = alerts.groups.flatMap((group) => group.rules);
const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }): [where: string, expr: string] => [title, expr]),
);
const expressions = [
  ...queries,
  ...rules.map(({ alert, expr }): [where: string, expr: string] => [alert, expr]),
  ...dashboard.templating.list.map(({ name, definition = '' }): [string, string] => [name, definition]),
];

let t: TestService;
let seen: Scrape;
beforeAll(async () => {
  t = await startTestService();
  // One of everything, so that every label has a value.
  await t.api('POST', '/api/v1/users/identify', { email: 'ada@example.com' });
  await manualSegment(t, 'VIP', ['ada@example.com']);
  await t.connect();
  await t.stub.waitFor((stub) => stub.accepted().length > 0);
  seen = await scrape(t);
});
afterAll(() => t.stop());

const namesIn = (expr: string) => expr.match(/\b(?:quackback_segment|process)_\w+/g) ?? [];
/** Label values an expression asks for, with the metric they are of. */
const selectorsIn = (expr: string) =>
  [...expr.matchAll(/\b(\w+)\{([^}]*)\}/g)].flatMap(([, name = '', inside = '']) =>
    [...inside.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => ({ name, label, value })),
  );

test('every metric a dashboard or a rule names exists, with the labels and values it asks for', () => {
  const unknown: string[] = [];
  let checked = 0;
  for (const [where, expr] of expressions) {
    for (const name of namesIn(expr)) {
      checked++;
      if (!seen.types.has(familyOf(name, seen.types))) unknown.push(`${where}: ${name}`);
    }
    for (const { name, label, value } of selectorsIn(expr)) {
      const some = [...seen.values.keys()].some(
        (series) => series.startsWith(`${name}{`) && series.includes(`${label}="${value}"`),
      );
      if (!some) unknown.push(`${where}: ${name}{${label}="${value}"}`);
    }
    for (const [, labels = ''] of expr.matchAll(/\bby \(([^)]*)\)/g)) {
      for (const label of labels.split(',').map((one) => one.trim())) {
        const own = ['instance', 'le'].includes(label);
        const some = [...seen.values.keys()].some((series) => series.includes(`${label}="`));
        if (!own && !some) unknown.push(`${where}: by (${label})`);
      }
    }
  }
  expect(unknown).toEqual([]);
  expect(checked).toBeGreaterThan(30);
});

test('every metric of the service is on the dashboard', () => {
  const shown = new Set(
    queries.flatMap(([, expr]) => namesIn(expr)).map((name) => familyOf(name, seen.types)),
  );
  const missing = [...seen.types.keys()].filter((name) => name.startsWith('quackback_') && !shown.has(name));
  expect(missing).toEqual(['quackback_segment_build_info']);
});

describe('the dashboard', () => {
  test('has panels with an id and a place of their own', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });
  test('asks in every panel, for the chosen instances alone', () => {
    for (const { type, title, targets = [] } of dashboard.panels) {
      expect([title, targets.length > 0]).toEqual([title, type !== 'row']);
      for (const { expr } of targets)
        expect(expr.match(/instance=~"\$instance"/g)?.length).toBe(namesIn(expr).length);
    }
  });
});

describe('the alert rules', () => {
  test('are three, and each says what it means and what to do', () => {
    expect(rules.map(({ alert }) => alert)).toEqual([
      'QuackbackSegmentRefusesEvents',
      'QuackbackSegmentSyncStuck',
      'QuackbackSegmentOverloaded',
    ]);
    for (const { annotations, labels, for: time } of rules) {
      expect(annotations.summary).toMatch(/^[A-Z]/);
      expect(annotations.description).toContain('{{ $labels.instance }}');
      expect(labels.severity).toBeOneOf(['critical', 'warning']);
      expect(time).toMatch(/^\d+m$/);
    }
  });
});
