import { Group, Text } from '@mantine/core';
import { useAddressParam } from '../address.ts';
import { Copyable } from '../parts/data.tsx';
import { Section } from '../parts/page.tsx';
import { SETTINGS } from '../texts/settings.ts';
import type { Settings } from './data.ts';
import { Field } from './field.tsx';
import { HourField, LastEventField } from './inbound-activity.tsx';
import { InboundOptions } from './inbound-options.tsx';
import { ReceiveSwitch } from './receive-switch.tsx';
import { SharedSecretField } from './secret-field.tsx';
import { StepsToggle } from './steps.tsx';
import { InboundSteps } from './steps-in.tsx';
import { TestInbound } from './test-inbound.tsx';

interface Props {
  settings: Settings;
  fresh: string | null;
  onFresh(secret: string | null): void;
}

/** Everything about events from Segment. */
export function InboundSection({ settings, fresh, onFresh }: Props) {
  const [steps] = useAddressParam('steps');
  const { inbound, webhookUrl } = settings;
  return (
    <Section title={SETTINGS.inbound.title} aside={<ReceiveSwitch inbound={inbound} />}>
      <div className={steps === 'in' ? 'with-steps' : undefined}>
        <div>
          <Field label={SETTINGS.inbound.url}>
            <Copyable value={webhookUrl} what={SETTINGS.inbound.copyUrl} />
            {!isPublic(webhookUrl) && (
              <Text fz="sm" className="status-look">
                {SETTINGS.inbound.notPublic}
              </Text>
            )}
          </Field>
          <SharedSecretField inbound={inbound} fresh={fresh} onFresh={onFresh} />
          <LastEventField />
          <HourField />
          <InboundOptions inbound={inbound} />
          <Group mt="md">
            <TestInbound ready={inbound.sharedSecrets.length > 0} />
            <StepsToggle which="in" />
          </Group>
        </div>
        {steps === 'in' && <InboundSteps settings={settings} fresh={fresh} />}
      </div>
    </Section>
  );
}

/** Whether the address is one that can be reached from outside; what it says of itself has to do. */
function isPublic(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  const own = /^(localhost|127\.|10\.|192\.168\.|169\.254\.|0\.0\.0\.0|172\.(1[6-9]|2\d|3[01])\.|\[)/;
  return protocol === 'https:' && !own.test(hostname);
}
