import { Button, Group, Text } from '@mantine/core';
import { formatCount } from '../format.ts';
import { Status } from '../parts/data.tsx';
import { ACTIVITY } from '../texts/activity.ts';
import { MOST } from './entries.ts';

/** Above the table, always of the same height: whether it is live, and how much has come since. */
export function News({
  newer: { count, gap, failed },
  loaded,
  past,
  showNew,
  clear,
}: {
  newer: { count: number; gap: boolean; failed: boolean };
  /** Whether there is a list that could be added to. */
  loaded: boolean;
  past: boolean;
  showNew(): void;
  /** Null where there is no filter. */
  clear: (() => void) | null;
}) {
  return (
    <Group h={44} gap="sm" wrap="nowrap">
      <Group gap="sm" wrap="nowrap" role="status" flex={1} miw={0}>
        {count > 0 ? (
          <Button size="xs" variant="default" fullWidth onClick={showNew}>
            {ACTIVITY.showNew(gap ? `${formatCount(MOST)}+` : formatCount(count))}
          </Button>
        ) : !loaded ? null : failed ? (
          <Status tone="look">{ACTIVITY.stopped}</Status>
        ) : past ? (
          <Text c="dimmed" size="sm">
            {ACTIVITY.past}
          </Text>
        ) : (
          <>
            <Status tone="ok">{ACTIVITY.live}</Status>
            <Text c="dimmed" size="sm" truncate>
              {ACTIVITY.liveText}
            </Text>
          </>
        )}
      </Group>
      {clear !== null && (
        <Button size="xs" variant="subtle" color="gray" flex="none" onClick={clear}>
          {ACTIVITY.clearAll}
        </Button>
      )}
    </Group>
  );
}
