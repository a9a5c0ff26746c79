import { Button, Group, Popover, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { ACTIVITY } from '../texts/activity.ts';
import type { FilterProps } from './filter-bar.tsx';

const short = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const SPANS: [minutes: number, label: string][] = [
  [15, ACTIVITY.lastMinutes],
  [60, ACTIVITY.lastHour],
  [24 * 60, ACTIVITY.lastDay],
];

/** From when to when. The address holds moments, so that a link shows the same tomorrow. */
export function TimeFilter({ filters: { from, to }, change }: FilterProps) {
  const [opened, popover] = useDisclosure();
  const since = (minutes: number) => {
    change({ from: new Date(Date.now() - minutes * 60_000).toISOString(), to: '' });
    popover.close();
  };
  return (
    <Popover
      opened={opened}
      onChange={(open) => (open ? popover.open() : popover.close())}
      position="bottom-start"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          w={150}
          px="xs"
          title={spanText(from, to)}
          fw={from === '' && to === '' ? 400 : 600}
          onClick={popover.toggle}
          aria-label={`${ACTIVITY.time}: ${spanText(from, to)}`}
        >
          {spanText(from, to)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={ACTIVITY.time}>
        <Stack gap="sm">
          <Group gap="xs">
            {SPANS.map(([minutes, label]) => (
              <Button key={label} size="xs" variant="default" onClick={() => since(minutes)}>
                {label}
              </Button>
            ))}
          </Group>
          <Moment label={ACTIVITY.from} value={from} onChange={(value) => change({ from: value })} />
          <Moment label={ACTIVITY.to} value={to} onChange={(value) => change({ to: value })} />
          {(from !== '' || to !== '') && (
            <Button
              size="xs"
              variant="subtle"
              color="gray"
              onClick={() => {
                change({ from: '', to: '' });
                popover.close();
              }}
            >
              {ACTIVITY.clear(ACTIVITY.time)}
            </Button>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Moment({ label, value, onChange }: { label: string; value: string; onChange(value: string): void }) {
  return (
    <TextInput
      type="datetime-local"
      size="xs"
      label={label}
      value={toLocal(value)}
      onChange={({ currentTarget: { value: local } }) => {
        const at = new Date(local);
        onChange(Number.isNaN(at.getTime()) ? '' : at.toISOString());
      }}
    />
  );
}

/** What a field of local time takes: 2026-06-01T12:00. */
function toLocal(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function spanText(from: string, to: string): string {
  const text = (iso: string) => {
    const at = new Date(iso);
    return Number.isNaN(at.getTime()) ? iso.slice(0, 20) : short.format(at);
  };
  if (from === '' && to === '') return ACTIVITY.anyTime;
  if (to === '') return ACTIVITY.since(text(from));
  if (from === '') return ACTIVITY.until(text(to));
  return ACTIVITY.between(text(from), text(to));
}
