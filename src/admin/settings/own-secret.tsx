import { Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { FormFooter } from '../parts/form-footer.tsx';
import { Problem } from '../parts/page.tsx';
import { useUnsaved } from '../parts/unsaved.ts';
import { SETTINGS } from '../texts/settings.ts';
import { useSave } from './data.ts';

const { secret: TEXT } = SETTINGS;
const SHORTEST = 16;

interface Props {
  opened: boolean;
  onClose(): void;
  /** The end of the secret that is replaced, null where there is none. */
  replaces: string | null;
  onSaved(): void;
}

/** A secret chosen elsewhere: it replaces the others at once, and says so. */
export function OwnSecret({ opened, onClose, replaces, onSaved }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={TEXT.ownTitle} stackId="own-secret">
      <Form replaces={replaces} onClose={onClose} onSaved={onSaved} />
    </Modal>
  );
}

function Form({ replaces, onClose, onSaved }: Omit<Props, 'opened'>) {
  const [typed, setTyped] = useState('');
  useUnsaved(typed !== '');
  const [tried, setTried] = useState(false);
  const secret = typed.trim();
  const save = useSave();
  const saving = useMutation({
    mutationFn: () => save({ inbound: { sharedSecret: secret } }, TEXT.ownSaved),
    onSuccess: () => {
      onSaved();
      onClose();
    },
  });
  const short = secret.length < SHORTEST;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!short) saving.mutate();
      }}
    >
      <Stack>
        <PasswordInput
          label={TEXT.ownLabel}
          description={TEXT.ownHelp}
          error={tried && short ? TEXT.ownShort : undefined}
          value={typed}
          maxLength={512}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        {replaces !== null && <Text>{TEXT.ownReplaces(replaces)}</Text>}
        <Problem error={saving.error} />
        <FormFooter
          onCancel={onClose}
          loading={saving.isPending}
          {...(replaces === null ? {} : { color: 'red' })}
        >
          {replaces === null ? TEXT.ownAction : TEXT.ownReplace}
        </FormFooter>
      </Stack>
    </form>
  );
}
