import { Group, Progress, Stack, Text } from '@mantine/core';
import { formatCount } from '../format.ts';
import { SEGMENTS } from '../texts/segments.ts';
import type { Segment } from './data.ts';

/** What is going on with a segment right now, and how far it is; nothing where nothing is. */
export function UnderWay({ segment }: { segment: Segment }) {
  const going = (['evaluating', 'resyncing', 'retracting'] as const).filter((kind) => segment[kind] !== null);
  if (going.length === 0) return null;
  return (
    <Stack gap={6} miw={180}>
      {going.map((kind) => {
        const { done, total } = segment[kind] ?? { done: 0, total: 0 };
        const share = total === 0 ? 100 : (100 * done) / total;
        return (
          <div key={kind}>
            <Group justify="space-between" gap="xs">
              <Text fz="xs">{SEGMENTS[kind]}</Text>
              <Text fz="xs" c="dimmed">
                {SEGMENTS.progress(formatCount(done), formatCount(total))}
              </Text>
            </Group>
            <Progress.Root size="sm">
              <Progress.Section value={share} aria-label={`${segment.name}: ${SEGMENTS[kind]}`} />
            </Progress.Root>
          </div>
        );
      })}
    </Stack>
  );
}
