import { Switch } from '@mantine/core';
import { useState } from 'react';
import { Confirm } from '../parts/confirm.tsx';
import { useCan } from '../session.tsx';
import { SETTINGS } from '../texts/settings.ts';
import { type Inbound, useSave, useSaveNow } from './data.ts';

const { receive } = SETTINGS;

/** Takes events, or answers that they should come later. */
export function ReceiveSwitch({ inbound }: { inbound: Inbound }) {
  const [asking, setAsking] = useState(false);
  const can = useCan('settings');
  const save = useSave();
  const saving = useSaveNow();
  const change = (on: boolean) => {
    if (on) saving.mutate({ patch: { inbound: { enabled: true } }, said: receive.isOn });
    else setAsking(true);
  };
  return (
    <>
      <Switch
        label={receive.label}
        labelPosition="left"
        checked={inbound.enabled}
        disabled={!can || saving.isPending}
        onChange={(event) => change(event.currentTarget.checked)}
      />
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title={receive.offTitle}
        action={receive.offAction}
        destructive
        run={() => save({ inbound: { enabled: false } }, receive.isOff)}
      >
        {receive.offText}
      </Confirm>
    </>
  );
}
