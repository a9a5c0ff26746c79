import { Text } from '@mantine/core';
import { Copyable } from '../parts/data.tsx';
import { SETTINGS } from '../texts/settings.ts';
import type { Settings } from './data.ts';
import { Steps } from './steps.tsx';

const { steps: TEXT } = SETTINGS;

/** How events get from Segment to here, with our address and, while it is shown, the secret to copy. */
export function InboundSteps({ settings, fresh }: { settings: Settings; fresh: string | null }) {
  const [current] = settings.inbound.sharedSecrets;
  return (
    <Steps which="in" title={TEXT.inboundTitle}>
      <li>{TEXT.in.destination}</li>
      <li>{TEXT.in.source}</li>
      <li>
        {TEXT.in.secret}
        {fresh !== null ? (
          <Copyable value={fresh} what={SETTINGS.secret.copySecret} />
        ) : (
          <Text c="dimmed" fz="sm">
            {current === undefined ? TEXT.secretNone : TEXT.secretHidden(current.hint)}
          </Text>
        )}
      </li>
      <li>{TEXT.in.mapping}</li>
      <li>
        {TEXT.in.url}
        <Copyable value={settings.webhookUrl} what={SETTINGS.inbound.copyUrl} />
      </li>
      <li>{TEXT.in.batch}</li>
      <li>{TEXT.in.enable}</li>
      <li>{TEXT.in.test}</li>
    </Steps>
  );
}
