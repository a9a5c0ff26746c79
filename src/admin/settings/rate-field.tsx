import { Button, Checkbox, Group, NumberInput, Text } from '@mantine/core';
import { useState } from 'react';
import { useUnsaved } from '../parts/unsaved.ts';
import { useCan } from '../session.tsx';
import { SETTINGS } from '../texts/settings.ts';
import { type Outbound, useSaveNow } from './data.ts';
import { Field } from './field.tsx';

const { outbound: TEXT } = SETTINGS;
const USUAL = 1000;

/** How fast Segment is told at most. */
export function RateField({ outbound: { eventsPerSecond } }: { outbound: Outbound }) {
  // Null while nothing has been typed: then the field follows what is saved, by whomever.
  const [draft, setDraft] = useState<{ limit: number | string } | { limit: null } | null>(null);
  const can = useCan('settings');
  const saving = useSaveNow();
  const limit = draft === null ? eventsPerSecond : draft.limit;
  const valid = limit === null || (Number.isInteger(limit) && Number(limit) >= 1 && Number(limit) <= 100_000);
  const changed = draft !== null && draft.limit !== eventsPerSecond;
  useUnsaved(changed);
  const save = () => {
    if (!valid) return;
    const value = limit === null ? null : Number(limit);
    saving.mutate(
      { patch: { outbound: { eventsPerSecond: value } }, said: TEXT.rateSaved(value) },
      { onSuccess: () => setDraft(null) },
    );
  };
  return (
    <Field label={TEXT.rate}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Group gap="sm" mih={28}>
          <NumberInput
            aria-label={TEXT.rateUnit}
            w={110}
            size="xs"
            hideControls
            thousandSeparator=","
            value={limit ?? ''}
            disabled={!can || limit === null}
            error={!valid}
            onChange={(value) => setDraft({ limit: value })}
          />
          <Text>{TEXT.rateUnit}</Text>
          <Checkbox
            label={TEXT.noLimit}
            checked={limit === null}
            disabled={!can}
            onChange={(event) =>
              setDraft({ limit: event.currentTarget.checked ? null : (eventsPerSecond ?? USUAL) })
            }
          />
          {changed && (
            <Button type="submit" size="xs" disabled={!valid} loading={saving.isPending}>
              {SETTINGS.save}
            </Button>
          )}
        </Group>
        <Text className="note" {...(valid ? {} : { c: 'error' })}>
          {valid ? TEXT.rateHelp : TEXT.rateBad}
        </Text>
      </form>
    </Field>
  );
}
