import { Anchor, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { formatCount } from '../format.ts';
import { errorText } from '../parts/page.tsx';
import { COMMON } from '../texts/common.ts';
import { SETTINGS } from '../texts/settings.ts';
import { type Change, outlookQuery } from './data.ts';

const { outlook: TEXT } = SETTINGS;
/** Segments named one by one. */
const NAMED = 4;

interface Props {
  change: Change;
  rate: number | null;
  /** In place of "nothing to send". */
  nothing?: string;
  /** Hears how many updates it is, as soon as that is known. */
  onCounted(updates: number): void;
}

/** How much a change would send, and how long that takes: read before it is made. */
export function OutlookText({ change, rate, nothing = TEXT.nothing, onCounted }: Props) {
  const { data, error, isPending, refetch } = useQuery(outlookQuery(change));
  const updates = data?.updates;
  useEffect(() => {
    if (updates !== undefined) onCounted(updates);
  }, [updates, onCounted]);

  if (isPending) {
    return (
      <Stack gap={6} mih={76} role="status" aria-label={TEXT.counting}>
        <Text c="dimmed">{TEXT.counting}</Text>
        <Skeleton height={18} width="80%" />
        <Skeleton height={18} width="60%" />
      </Stack>
    );
  }
  if (data === undefined) {
    return (
      <Text mih={76} role="alert">
        {TEXT.failed} {errorText(error)}{' '}
        <Anchor component="button" type="button" onClick={() => refetch()}>
          {COMMON.retry}
        </Anchor>
      </Text>
    );
  }
  if (data.updates === 0) return <Text mih={76}>{nothing}</Text>;
  const segments = [...data.segments].sort((a, b) => b.updates - a.updates);
  return (
    <Stack gap={6} mih={76}>
      <Text>
        <Text span fw={600}>
          {TEXT.about(data.updates, segments.length)}
        </Text>
        : {data.complete ? '' : TEXT.estimate}
        {TEXT.calls(data.calls, data.seconds, rate)}
      </Text>
      <ul className="amounts">
        {segments.slice(0, NAMED).map(({ id, name, updates }) => (
          <li key={id}>
            <span>{name}</span>
            <span>{formatCount(updates)}</span>
          </li>
        ))}
        {data.retracted > 0 && (
          <li>
            <span>{TEXT.retracted}</span>
            <span>{formatCount(data.retracted)}</span>
          </li>
        )}
      </ul>
      {segments.length > NAMED && <Text fz="sm">{TEXT.more(segments.length - NAMED)}</Text>}
      {!data.complete && <Text fz="sm">{TEXT.estimated}</Text>}
      {data.changing && <Text fz="sm">{TEXT.changing}</Text>}
    </Stack>
  );
}
