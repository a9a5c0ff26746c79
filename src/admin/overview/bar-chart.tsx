import { Table, Text, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatCount } from '../format.ts';
import { OVERVIEW } from '../texts/overview.ts';
import type { Bar } from './buckets.ts';

const TEXT = OVERVIEW.charts;
/** Units of the drawing: it is stretched to the width there is. */
const [WIDTH, HEIGHT, GAP] = [10, 100, 2];

export interface Layer<Kind extends string> {
  kind: Kind;
  label: string;
  /** Name of the colour in the style sheet. */
  color: string;
}
interface Props<Kind extends string> {
  caption: string;
  bars: Bar<Kind>[];
  /** From the bottom up. */
  layers: readonly Layer<Kind>[];
  timeOf(at: number): string;
  /** Under the chart: what the colours stand for. */
  legend: ReactNode;
}

/** Stacked bars; those who can't see them have the same as a table. */
export function BarChart<Kind extends string>({ caption, bars, layers, timeOf, legend }: Props<Kind>) {
  const totalOf = (bar: Bar<Kind>) => layers.reduce((sum, { kind }) => sum + bar.counts[kind], 0);
  const most = Math.max(0, ...bars.map(totalOf));
  const scale = most === 0 ? 0 : HEIGHT / most;
  const [first] = bars;
  return (
    <figure className="chart">
      <Text fz="xs" c="dimmed" ta="end" aria-hidden="true">
        {most === 0 ? '' : TEXT.most(most)}
      </Text>
      <div className="plot">
        <svg
          viewBox={`0 0 ${bars.length * WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          className="bars"
        >
          {bars.map((bar, i) => (
            <Stack key={bar.at} bar={bar} x={i * WIDTH} scale={scale} layers={layers} time={timeOf(bar.at)} />
          ))}
        </svg>
        {most === 0 && (
          <Text className="plot-note" c="dimmed">
            {TEXT.nothing}
          </Text>
        )}
      </div>
      <div className="axis" aria-hidden="true">
        <span>{first === undefined ? '' : timeOf(first.at)}</span>
        <span>{TEXT.now}</span>
      </div>
      {legend}
      <VisuallyHidden>
        <Table>
          <Table.Caption>{caption}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{TEXT.time}</Table.Th>
              {layers.map(({ kind, label }) => (
                <Table.Th key={kind} scope="col">
                  {label}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {bars
              .filter((bar) => totalOf(bar) > 0)
              .map((bar) => (
                <Table.Tr key={bar.at}>
                  <Table.Th scope="row">{timeOf(bar.at)}</Table.Th>
                  {layers.map(({ kind }) => (
                    <Table.Td key={kind}>{formatCount(bar.counts[kind])}</Table.Td>
                  ))}
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Table>
      </VisuallyHidden>
    </figure>
  );
}

interface StackProps<Kind extends string> {
  bar: Bar<Kind>;
  x: number;
  scale: number;
  layers: readonly Layer<Kind>[];
  time: string;
}

function Stack<Kind extends string>({ bar, x, scale, layers, time }: StackProps<Kind>) {
  let y = HEIGHT;
  return (
    <g>
      <title>
        {[time, ...layers.map(({ kind, label }) => `${formatCount(bar.counts[kind])} ${label}`)].join('\n')}
      </title>
      {/* Takes the pointer where the bar is low. */}
      <rect x={x} y={0} width={WIDTH} height={HEIGHT} className="bar-behind" />
      {layers.map(({ kind, color }) => {
        const n = bar.counts[kind];
        if (n === 0) return null;
        // One event among a million is still to be seen.
        const height = Math.min(y, Math.max(1.5, n * scale));
        y -= height;
        return (
          <rect
            key={kind}
            x={x + GAP / 2}
            y={y}
            width={WIDTH - GAP}
            height={height}
            className={`bar-${color}`}
          />
        );
      })}
    </g>
  );
}
