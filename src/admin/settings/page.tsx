import { Group, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Failed, PageHeader, Section } from '../parts/page.tsx';
import { segmentSettingsQuery } from '../queries.ts';
import { useCan } from '../session.tsx';
import { COMMON } from '../texts/common.ts';
import { SETTINGS } from '../texts/settings.ts';
import { InboundSection } from './inbound-section.tsx';
import { OutboundSection } from './outbound-section.tsx';
import { InboundState, OutboundState } from './states.tsx';

/** Settings → Integrations → Segment. */
export default function Page() {
  const { data, error, isPending, refetch } = useQuery(segmentSettingsQuery);
  // A secret that was just made: kept until it is stored or the page is left, and nowhere else.
  const [fresh, setFresh] = useState<string | null>(null);
  const can = useCan('settings');
  return (
    <div className="text-column">
      <PageHeader
        title={SETTINGS.title}
        lead={SETTINGS.lead}
        action={
          data !== undefined && (
            <Group gap="lg" mih={28}>
              <InboundState settings={data} />
              <OutboundState outbound={data.outbound} />
            </Group>
          )
        }
      />
      {!can && (
        <Text mb="md" c="dimmed">
          {COMMON.notAllowed}
        </Text>
      )}
      {isPending ? (
        <Waiting />
      ) : data === undefined ? (
        <Failed what={SETTINGS.what} error={error} retry={() => refetch()} />
      ) : (
        <Stack gap="lg">
          <InboundSection settings={data} fresh={fresh} onFresh={setFresh} />
          <OutboundSection outbound={data.outbound} />
        </Stack>
      )}
    </div>
  );
}

/** The two sections while they are being loaded. */
function Waiting() {
  return (
    <Stack gap="lg" role="status" aria-busy="true" aria-label={COMMON.loading}>
      {[SETTINGS.inbound.title, SETTINGS.outbound.title].map((title) => (
        <Section key={title} title={title}>
          {['60%', '40%', '50%', '45%', '70%'].map((width) => (
            <div className="field" key={width}>
              <Skeleton height={18} width={90} />
              <Skeleton height={18} width={width} />
            </div>
          ))}
          <Skeleton height={30} width={220} mt="md" />
        </Section>
      ))}
    </Stack>
  );
}
