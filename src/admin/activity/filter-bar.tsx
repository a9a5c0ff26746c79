import { Group, SegmentedControl, Select } from '@mantine/core';
import { ACTIVITY } from '../texts/activity.ts';
import { OUTCOMES, REASONS } from '../texts/reasons.ts';
import type { Filters } from './filters.ts';
import { TimeFilter } from './time-filter.tsx';
import { UserFilter } from './user-filter.tsx';
import { capitalised } from './words.ts';

export interface FilterProps {
  filters: Filters;
  change(some: Partial<Filters>, how?: { replace?: boolean }): void;
}

/** As many beside each other as fit, at most as wide as their words need. */
export const WIDTH = { flex: '1 1 140px', maw: 180 };

const choices = (labels: Record<string, string>) =>
  Object.entries(labels).map(([value, label]) => ({ value, label: capitalised(label) }));

/** What is to be shown; each choice goes into the address. */
export function FilterBar({
  filters,
  change,
  segments,
}: FilterProps & { segments: { slug: string; name: string }[] | undefined }) {
  const { direction, outcome, segment } = filters;
  return (
    <Group gap="xs" role="group" aria-label={ACTIVITY.filters}>
      <SegmentedControl
        size="xs"
        transitionDuration={0}
        aria-label={ACTIVITY.columns.direction}
        value={direction === 'in' || direction === 'out' ? direction : 'both'}
        onChange={(value) => change({ direction: value === 'both' ? '' : value })}
        data={[{ value: 'both', label: ACTIVITY.both }, ...choices(ACTIVITY.direction)]}
      />
      <Select
        size="xs"
        {...WIDTH}
        aria-label={ACTIVITY.outcome}
        placeholder={ACTIVITY.anyOutcome}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': ACTIVITY.clear(ACTIVITY.outcome) }}
        value={outcome === '' ? null : outcome}
        onChange={(value) => change({ outcome: value ?? '' })}
        maxDropdownHeight={360}
        data={[
          ...(direction === 'out' ? [] : [{ group: ACTIVITY.direction.in, items: choices(REASONS) }]),
          ...(direction === 'in' ? [] : [{ group: ACTIVITY.direction.out, items: choices(OUTCOMES) }]),
        ]}
      />
      <UserFilter filters={filters} change={change} />
      <Select
        size="xs"
        {...WIDTH}
        aria-label={ACTIVITY.segment}
        placeholder={ACTIVITY.anySegment}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': ACTIVITY.clear(ACTIVITY.segment) }}
        value={segment === '' ? null : segment}
        onChange={(value) => change({ segment: value ?? '' })}
        data={segments?.map(({ slug, name }) => ({ value: slug, label: name })) ?? []}
      />
      <TimeFilter filters={filters} change={change} />
    </Group>
  );
}
