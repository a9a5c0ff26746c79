import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CallView } from '../src/activity/model.ts';
import { describeVariables } from '../src/config.ts';
import { DIAGNOSIS_RESULTS } from '../src/inbound/diagnose.ts';
import { HOPS } from '../src/inbound/self-test-report.ts';
import { statusByReason } from '../src/inbound/service.ts';
import { SegmentSettingsView } from '../src/settings/model.ts';
import { operationsOf } from './api/operations.ts';
import { startTestService } from './helpers/service.ts';

const ROOT = join(import.meta.dir, '..');
const TEXT = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');

interface Entry {
  section: string;
  title: string;
  code: string;
  text: string;
}
const entries: Entry[] = TEXT.split(/^## /m).flatMap((part) => {
  const section = part.split('\n', 1)[0] ?? '';
  return part
    .split(/^### /m)
    .slice(1)
    .map((entry) => {
      const title = entry.split('\n', 1)[0] ?? '';
      return { section, title, code: /^`(\w+)`/.exec(title)?.[1] ?? '', text: entry.slice(title.length) };
    });
});

const words = (schema: object): string[] => (schema as { enum: string[] }).enum;

/** Every code the service shows, as its source has it, by the section it is explained in. */
const CODES: [section: string, codes: readonly string[]][] = [
  ['Events from Segment', [...statusByReason().keys()]],
  ['Signatures', DIAGNOSIS_RESULTS],
  ['The way from Segment, hop by hop', HOPS],
  ['Calls of Segment', words(CallView.properties.outcome)],
  ['State of the outbound sync', words(SegmentSettingsView.properties.outbound.properties.status)],
];

describe('troubleshooting', () => {
  test.each(CODES)('%s: an entry for each code, and none that is unknown', (section, codes) => {
    const explained = entries.filter((entry) => entry.section === section).map(({ code }) => code);
    expect(codes.length).toBeGreaterThan(4);
    expect(explained.sort()).toEqual([...codes].sort());
  });

  test('every entry is in one of these sections', () => {
    const sections = CODES.map(([section]) => section);
    expect(entries.filter(({ section }) => !sections.includes(section))).toEqual([]);
  });

  test('a reason is shown with the HTTP status of its answer', () => {
    const shown = entries
      .filter(({ section }) => section === 'Events from Segment')
      .map(({ title, code }) => [code, Number(/\((\d+)\)$/.exec(title)?.[1])] as const);
    expect(new Map(shown)).toEqual(statusByReason());
  });

  test('every entry says what it means, why it happens and what to do', () => {
    for (const { title, text } of entries) {
      const parts = [...text.matchAll(/^- \*\*(\w+):\*\* (\S[\s\S]*?[.])$/gm)].map(([, name]) => name);
      expect({ title, parts }).toEqual({ title, parts: ['Means', 'Why', 'Do'] });
    }
  });
});

test.each(['README.md', 'CONTRIBUTING.md', 'docs/troubleshooting.md'])(
  'every link of %s leads somewhere',
  (file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => anchorOf(title ?? ''));
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '');
    for (const link of links.filter((link) => !link.startsWith('https://'))) {
      const [path = '', anchor] = link.split('#');
      if (path !== '')
        expect({ link, there: existsSync(join(ROOT, file, '..', path)) }).toEqual({ link, there: true });
      else expect(anchors).toContain(anchor ?? '');
    }
  },
);

describe('what the documentation names is there', () => {
  const names = [...TEXT.matchAll(/`([A-Z]+(?:_[A-Z]+)+)(?:=\w+)?`/g)].map(([, name]) => name ?? '');
  const routes = [...TEXT.matchAll(/`(GET|POST) (\/api\/v1[^?`]*)/g)].map(
    ([, method, path]) => `${method} ${path}`,
  );

  test('variables', () => {
    expect(names.length).toBeGreaterThan(4);
    for (const name of names) expect(describeVariables()).toContain(`  ${name} `);
  });

  test('routes', async () => {
    const t = await startTestService();
    const documented = (await operationsOf(t)).map(({ method, path }) => `${method} ${path}`);
    await t.stop();
    expect(routes.length).toBeGreaterThan(5);
    for (const route of routes) expect(documented).toContain(route);
  });
});

/** As GitHub makes it of a title. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

test('README leads to the troubleshooting', () => {
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain('](docs/troubleshooting.md)');
});
