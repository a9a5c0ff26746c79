import { Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { FormFooter } from '../parts/form-footer.tsx';
import { Problem } from '../parts/page.tsx';
import { useUnsaved } from '../parts/unsaved.ts';
import { SETTINGS } from '../texts/settings.ts';
import { type Outbound, useSave } from './data.ts';
import { OutlookText } from './outlook-text.tsx';

const { outbound: TEXT } = SETTINGS;

interface Props {
  opened: boolean;
  onClose(): void;
  outbound: Outbound;
}

/** Takes a write key, and says what another one means. */
export function WriteKeyDialog({ opened, onClose, outbound }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={TEXT.keyTitle} stackId="write-key">
      <Form onClose={onClose} outbound={outbound} />
    </Modal>
  );
}

function Form({ onClose, outbound: { writeKey, eventsPerSecond } }: Omit<Props, 'opened'>) {
  const [typed, setTyped] = useState('');
  useUnsaved(typed !== '');
  const replaces = writeKey !== null;
  const [counted, setCounted] = useState(!replaces);
  const onCounted = useCallback(() => setCounted(true), []);
  const save = useSave();
  const saving = useMutation({
    mutationFn: () => save({ outbound: { writeKey: typed.trim() } }, TEXT.keySaved),
    onSuccess: onClose,
  });
  const key = typed.trim();
  const spaced = /\s/.test(key);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (key !== '' && !spaced && counted) saving.mutate();
      }}
    >
      <Stack>
        <PasswordInput
          label={TEXT.keyLabel}
          description={TEXT.keyHelp}
          error={spaced ? TEXT.keyRefused : undefined}
          value={typed}
          maxLength={512}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        {replaces && (
          <>
            <Text>{TEXT.keyResends}</Text>
            <OutlookText change="resend" rate={eventsPerSecond} onCounted={onCounted} />
          </>
        )}
        <Problem error={saving.error} />
        <FormFooter onCancel={onClose} disabled={key === '' || spaced || !counted} loading={saving.isPending}>
          {TEXT.keyAction}
        </FormFooter>
      </Stack>
    </form>
  );
}
