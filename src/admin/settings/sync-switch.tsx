import { Group, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import { Confirm } from '../parts/confirm.tsx';
import { useCan } from '../session.tsx';
import { SETTINGS } from '../texts/settings.ts';
import { ConfirmSending } from './confirm-sending.tsx';
import { type Outbound, useSave } from './data.ts';
import { Field } from './field.tsx';

const { outbound: TEXT } = SETTINGS;

/** Whether Segment is told at all; before it is switched on it says how much will be sent. */
export function SyncSwitch({ outbound }: { outbound: Outbound }) {
  const [asking, setAsking] = useState<'on' | 'off' | null>(null);
  const can = useCan('settings');
  const save = useSave();
  const close = () => setAsking(null);
  const keyless = outbound.writeKey === null;
  return (
    <Field label={TEXT.sync}>
      <Group gap="sm" mih={28}>
        <Switch
          aria-label={TEXT.sync}
          checked={outbound.enabled}
          disabled={!can || keyless}
          onChange={(event) => setAsking(event.currentTarget.checked ? 'on' : 'off')}
        />
        <Text className="note">{keyless ? TEXT.needsKey : TEXT.syncText}</Text>
      </Group>
      <ConfirmSending
        opened={asking === 'on'}
        onClose={close}
        title={TEXT.onTitle}
        action={TEXT.onAction}
        change="enable"
        rate={outbound.eventsPerSecond}
        nothing={TEXT.onNothing}
        run={(updates) => save({ outbound: { enabled: true } }, TEXT.onDone(updates))}
      />
      <Confirm
        opened={asking === 'off'}
        onClose={close}
        title={TEXT.offTitle}
        action={TEXT.offAction}
        run={() => save({ outbound: { enabled: false } }, TEXT.offDone)}
      >
        {TEXT.offText}
      </Confirm>
    </Field>
  );
}
