import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { Confirm } from '../parts/confirm.tsx';
import { useCan } from '../session.tsx';
import { SETTINGS } from '../texts/settings.ts';
import { type Outbound, useSave } from './data.ts';
import { Field } from './field.tsx';
import { WriteKeyDialog } from './write-key-dialog.tsx';

const { outbound: TEXT } = SETTINGS;

/** The key of the source at Segment: its last characters, and how to replace or remove it. */
export function WriteKeyField({ outbound }: { outbound: Outbound }) {
  const [dialog, setDialog] = useState<'enter' | 'remove' | null>(null);
  const can = useCan('settings');
  const save = useSave();
  const close = () => setDialog(null);
  const { writeKey } = outbound;
  return (
    <Field label={TEXT.writeKey}>
      <Group gap="sm" mih={28}>
        {writeKey === null ? (
          <Text c="dimmed">{TEXT.noKey}</Text>
        ) : (
          <code>••••••••{writeKey.hint.replace('…', '')}</code>
        )}
        {can && (
          <Group gap="xs">
            <Button
              variant={writeKey === null ? 'filled' : 'default'}
              size={writeKey === null ? 'sm' : 'xs'}
              onClick={() => setDialog('enter')}
            >
              {writeKey === null ? TEXT.enterKey : TEXT.replaceKey}
            </Button>
            {writeKey !== null && (
              <Button variant="default" size="xs" onClick={() => setDialog('remove')}>
                {TEXT.removeKey}
              </Button>
            )}
          </Group>
        )}
      </Group>
      <WriteKeyDialog opened={dialog === 'enter'} onClose={close} outbound={outbound} />
      <Confirm
        opened={dialog === 'remove'}
        onClose={close}
        title={TEXT.removeTitle}
        action={TEXT.removeAction}
        destructive
        run={() => save({ outbound: { writeKey: null, enabled: false } }, TEXT.removed)}
      >
        {TEXT.removeText(writeKey?.hint ?? '')}
      </Confirm>
    </Field>
  );
}
