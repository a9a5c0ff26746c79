import { Group } from '@mantine/core';
import { useAddressParam } from '../address.ts';
import { Section } from '../parts/page.tsx';
import { SETTINGS } from '../texts/settings.ts';
import type { Outbound } from './data.ts';
import { IdentifyAsField } from './identify-as.tsx';
import { NowField } from './now-field.tsx';
import { RateField } from './rate-field.tsx';
import { RegionField } from './region-field.tsx';
import { ResendAll } from './resend-all.tsx';
import { StepsToggle } from './steps.tsx';
import { OutboundSteps } from './steps-out.tsx';
import { SyncSwitch } from './sync-switch.tsx';
import { TestOutbound } from './test-outbound.tsx';
import { WriteKeyField } from './write-key-field.tsx';

/** Everything about what Segment is told. */
export function OutboundSection({ outbound }: { outbound: Outbound }) {
  const [steps] = useAddressParam('steps');
  return (
    <Section title={SETTINGS.outbound.title}>
      <div className={steps === 'out' ? 'with-steps' : undefined}>
        <div>
          <SyncSwitch outbound={outbound} />
          <WriteKeyField outbound={outbound} />
          <RegionField outbound={outbound} />
          <IdentifyAsField outbound={outbound} />
          <RateField outbound={outbound} />
          <NowField outbound={outbound} />
          <Group mt="md">
            <TestOutbound ready={outbound.writeKey !== null} />
            <ResendAll outbound={outbound} />
            <StepsToggle which="out" />
          </Group>
        </div>
        {steps === 'out' && <OutboundSteps />}
      </div>
    </Section>
  );
}
