import { Anchor, SimpleGrid, Text } from '@mantine/core';
import { Link } from 'wouter';
import { Ago } from '../parts/data.tsx';
import { Section } from '../parts/page.tsx';
import { activityLink } from '../reasons.ts';
import type { Settings } from '../settings/data.ts';
import { InboundState, OutboundState } from '../settings/states.tsx';
import { OVERVIEW } from '../texts/overview.ts';
import type { Summary } from './data.ts';

const TEXT = OVERVIEW.state;

/** Both directions at this moment, in a line each. */
export function RightNow({ settings, hour }: { settings: Settings; hour: Summary }) {
  const { pending, parked } = settings.outbound;
  const { lastDelivery } = hour;
  return (
    <Section
      title={TEXT.title}
      aside={
        <Anchor component={Link} fz="sm" href="/settings/integrations/segment">
          {TEXT.settings}
        </Anchor>
      }
    >
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xs">
        <Text>
          <InboundState settings={settings} /> ·{' '}
          {lastDelivery === null ? (
            TEXT.noEvent
          ) : (
            <>
              <Anchor
                component={Link}
                href={activityLink({ direction: 'in', open: `in-${lastDelivery.id}` })}
              >
                {TEXT.lastEvent}
              </Anchor>{' '}
              <Ago at={lastDelivery.at} />
            </>
          )}
        </Text>
        <Text>
          <OutboundState outbound={settings.outbound} /> ·{' '}
          <Anchor component={Link} href="/activity?direction=out">
            {TEXT.pending(pending)}
          </Anchor>{' '}
          ·{' '}
          <Anchor component={Link} href={activityLink({ direction: 'out', outcome: 'parked' })}>
            {TEXT.parked(parked)}
          </Anchor>
        </Text>
      </SimpleGrid>
    </Section>
  );
}
