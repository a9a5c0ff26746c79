import { Anchor, Button, Code, Group, Stack, Switch, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { api, result } from '../api.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Status } from '../parts/data.tsx';
import { notice } from '../parts/notice.ts';
import { Problem, Section } from '../parts/page.tsx';
import { segmentSettingsQuery } from '../queries.ts';
import { useCan } from '../session.tsx';
import { COMMON } from '../texts/common.ts';
import { DETAIL } from '../texts/segments.ts';
import { type Segment, toldQuery } from './data.ts';
import { UnderWay } from './under-way.tsx';

/** The filters of the activity for what Segment refused of a segment. */
const refusedOf = ({ slug }: Segment) =>
  new URLSearchParams({ direction: 'out', outcome: 'parked', segment: slug });

/** What Segment is told of this segment, and the ways to set it right. */
export function SyncSection({ segment }: { segment: Segment }) {
  const { id, name, sync, traitKey, memberCount, type } = segment;
  const mayWrite = useCan('write');
  const queries = useQueryClient();
  const told = useQuery(toldQuery(id)).data;
  const outbound = useQuery(segmentSettingsQuery).data?.outbound;
  const [resyncing, setResyncing] = useState(false);
  const refresh = () => queries.invalidateQueries({ queryKey: ['segments'] });
  const one = api.segments({ id });
  const toggle = useMutation({
    mutationFn: (on: boolean) => result(one.patch({ sync: on })),
    onSuccess: (_data, on) => {
      notice(on ? DETAIL.syncedOn(name, told?.pending ?? 0) : DETAIL.syncedOff(name));
      return refresh();
    },
  });
  const evaluate = useMutation({
    mutationFn: () => result(one.evaluate.post()),
    onSuccess: () => {
      notice(DETAIL.evaluateQueued);
      return refresh();
    },
  });
  const on = toggle.isPending ? toggle.variables : sync;
  return (
    <Section title={DETAIL.toSegment}>
      <Stack gap="sm">
        <Switch
          label={DETAIL.sync}
          description={on ? DETAIL.syncOn : DETAIL.syncOff}
          checked={on}
          disabled={!mayWrite}
          onChange={(event) => toggle.mutate(event.currentTarget.checked)}
        />
        {!mayWrite && (
          <Text fz="sm" c="dimmed">
            {COMMON.notAllowed}
          </Text>
        )}
        <Text fz="sm">
          {DETAIL.asSent} <Code style={{ overflowWrap: 'anywhere' }}>{`${traitKey}: true`}</Code>
        </Text>
        {outbound?.enabled === false && (
          <Text fz="sm">
            <Status tone="look">{DETAIL.outboundOff}</Status>{' '}
            <Anchor inherit component={Link} href="/settings/integrations/segment">
              {DETAIL.settings}
            </Anchor>
          </Text>
        )}
        <Stack gap={2} mih={42}>
          {told !== undefined && (
            <Text fz="sm" c="dimmed">
              {DETAIL.told(told.told, told.complete)}
              {told.pending > 0 && ` · ${(on ? DETAIL.pending : DETAIL.wouldSend)(told.pending)}`}
            </Text>
          )}
          {told !== undefined && told.parked > 0 && (
            <Text fz="sm">
              <Status tone="bad">{DETAIL.parked(told.parked)}</Status>{' '}
              <Anchor inherit component={Link} href={`/activity?${refusedOf(segment)}`}>
                {DETAIL.seeActivity}
              </Anchor>
            </Text>
          )}
        </Stack>
        <UnderWay segment={segment} />
        <Problem error={toggle.error ?? evaluate.error} />
        {mayWrite && (
          <Group gap="xs">
            {on && (
              <Button size="xs" variant="default" onClick={() => setResyncing(true)}>
                {DETAIL.resync}
              </Button>
            )}
            {type === 'dynamic' && (
              <Button
                size="xs"
                variant="default"
                onClick={() => evaluate.mutate()}
                loading={evaluate.isPending}
                title={DETAIL.evaluateText}
              >
                {DETAIL.evaluate}
              </Button>
            )}
          </Group>
        )}
      </Stack>
      <Confirm
        opened={resyncing}
        onClose={() => setResyncing(false)}
        title={DETAIL.resyncTitle}
        action={DETAIL.resyncDo}
        run={async () => {
          await result(one.resync.post());
          notice(DETAIL.resyncQueued);
          await refresh();
        }}
      >
        {DETAIL.resyncText(memberCount, name)}
      </Confirm>
    </Section>
  );
}
