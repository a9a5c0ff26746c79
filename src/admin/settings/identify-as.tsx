import { Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import { useCan } from '../session.tsx';
import { SETTINGS } from '../texts/settings.ts';
import { ConfirmSending } from './confirm-sending.tsx';
import { type Outbound, useSave, useSaveNow } from './data.ts';
import { Field } from './field.tsx';

const { outbound: TEXT } = SETTINGS;
type Way = Outbound['userId'];

/** Who a person is to Segment. */
export function IdentifyAsField({ outbound: { userId, writeKey, eventsPerSecond } }: { outbound: Outbound }) {
  const [wanted, setWanted] = useState<Way | null>(null);
  const can = useCan('settings');
  const save = useSave();
  const saving = useSaveNow();
  const patch = (to: Way) => ({ outbound: { userId: to } });
  const choose = (to: Way) => {
    if (writeKey === null) saving.mutate({ patch: patch(to), said: TEXT.identifySaved });
    else setWanted(to);
  };
  return (
    <Field label={TEXT.identifyAs}>
      <Radio.Group value={userId} onChange={(value) => choose(value as Way)} aria-label={TEXT.identifyAs}>
        <Stack gap="xs" pt={4}>
          <Radio value="email" label={TEXT.byEmail} description={TEXT.byEmailText} disabled={!can} />
          <Radio value="external_id" label={TEXT.byId} description={TEXT.byIdText} disabled={!can} />
        </Stack>
      </Radio.Group>
      <ConfirmSending
        opened={wanted !== null}
        onClose={() => setWanted(null)}
        title={TEXT.identifyTitle(wanted === 'email' ? TEXT.byEmail : TEXT.byId)}
        action={TEXT.identifyAction}
        change="user_id"
        rate={eventsPerSecond}
        run={() => save(patch(wanted ?? userId), TEXT.identifySaved)}
      >
        {TEXT.identifyText}
      </ConfirmSending>
    </Field>
  );
}
