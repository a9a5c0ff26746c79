import { expect } from 'bun:test';
import type { TestService } from '../helpers/service.ts';

/** The metrics of a scrape: values by series as written, `name{label="value"}`; and the types by name. */
export interface Scrape {
  values: Map<string, number>;
  types: Map<string, string>;
}

export async function scrape(
  t: Pick<TestService, 'service'>,
  headers: Record<string, string> = {},
): Promise<Scrape> {
  const response = await fetch(t.service.metricsUrl, { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return readExposition(await response.text());
}

/** Reads Prometheus' text format, and holds it to what it asks for. */
export function readExposition(text: string): Scrape {
  const values = new Map<string, number>();
  const types = new Map<string, string>();
  expect(text).toEndWith('\n');
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, kind, about, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (about !== undefined && rest !== undefined) {
      if (kind === 'TYPE') types.set(about, rest);
      continue;
    }
    const [, series = '', name = '', value] =
      /^(([a-z_]+)(?:\{(?:[a-z_]+="[^"]*",?)+\})?) (\S+)$/.exec(line) ?? [];
    expect({ line, known: types.has(familyOf(name, types)) }).toEqual({ line, known: true });
    expect({ line, again: values.has(series) }).toEqual({ line, again: false });
    values.set(series, Number(value));
  }
  return { values, types };
}

/** The metric a series belongs to: a histogram has three kinds of them. */
export function familyOf(name: string, types: ReadonlyMap<string, string>): string {
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return types.get(base) === 'histogram' ? base : name;
}
