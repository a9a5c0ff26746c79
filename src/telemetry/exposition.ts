import type { Metric } from 'prom-client';
import type { Distribution } from './tally.ts';

export type Sample = [labels: Record<string, string>, value: number];
/** A metric with all its values. */
export type Family = { name: string; help: string } & (
  | { type: 'counter' | 'gauge'; samples: Sample[] }
  | { type: 'histogram'; distribution: Distribution }
);

/** The families in the text format of Prometheus. */
export async function expose(families: readonly Family[]): Promise<{ contentType: string; text: string }> {
  // Loaded by whoever looks first: a service that nobody scrapes starts without it.
  const { Counter, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  for (const family of families) {
    if (family.type === 'histogram') {
      registry.registerMetric(histogram(family.name, family.help, family.distribution));
      continue;
    }
    const { name, help, samples } = family;
    const about = { name, help, labelNames: Object.keys(samples[0]?.[0] ?? {}), registers: [registry] };
    if (family.type === 'counter') {
      const counter = new Counter(about);
      for (const [labels, value] of samples) counter.inc(labels, value);
    } else {
      const gauge = new Gauge(about);
      for (const [labels, value] of samples) gauge.set(labels, value);
    }
  }
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** The library's own histogram takes one observation at a time; this one has been counted already. */
function histogram(name: string, help: string, distribution: Distribution): Metric {
  const { buckets, sum } = distribution.read();
  const values = [
    ...buckets.map(([bound, value]) => {
      const le = Number.isFinite(bound) ? bound : '+Inf';
      return { metricName: `${name}_bucket`, labels: { le }, value };
    }),
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: buckets.at(-1)?.[1] ?? 0 },
  ];
  const metric = { name, help, type: 'histogram', values };
  return { ...metric, get: async () => metric } as unknown as Metric;
}
