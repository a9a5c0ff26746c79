import { Group, Radio } from '@mantine/core';
import { useState } from 'react';
import { useCan } from '../session.tsx';
import { SETTINGS } from '../texts/settings.ts';
import { ConfirmSending } from './confirm-sending.tsx';
import { type Outbound, useSave, useSaveNow } from './data.ts';
import { Field } from './field.tsx';

const { outbound: TEXT } = SETTINGS;
type Region = Outbound['region'];

/** Where the workspace is. */
export function RegionField({ outbound: { region, writeKey, eventsPerSecond } }: { outbound: Outbound }) {
  const [wanted, setWanted] = useState<Region | null>(null);
  const can = useCan('settings');
  const save = useSave();
  const saving = useSaveNow();
  const patch = (to: Region) => ({ outbound: { region: to } });
  const choose = (to: Region) => {
    // Without a key nothing was ever told, so nothing is sent again.
    if (writeKey === null) saving.mutate({ patch: patch(to), said: TEXT.regionSaved });
    else setWanted(to);
  };
  return (
    <Field label={TEXT.region}>
      <Radio.Group value={region} onChange={(value) => choose(value as Region)} aria-label={TEXT.region}>
        <Group mih={28}>
          <Radio value="us" label={TEXT.us} disabled={!can} />
          <Radio value="eu" label={TEXT.eu} disabled={!can} />
        </Group>
      </Radio.Group>
      <ConfirmSending
        opened={wanted !== null}
        onClose={() => setWanted(null)}
        title={TEXT.regionTitle(wanted === 'eu' ? TEXT.eu : TEXT.us)}
        action={TEXT.regionAction}
        change="resend"
        rate={eventsPerSecond}
        run={() => save(patch(wanted ?? region), TEXT.regionSaved)}
      >
        {TEXT.regionText}
      </ConfirmSending>
    </Field>
  );
}
