import { Modal, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { COMMON } from '../texts/common.ts';
import { FormFooter } from './form-footer.tsx';
import { Problem } from './page.tsx';

export interface ConfirmProps {
  opened: boolean;
  onClose(): void;
  title: string;
  /** What will happen, with the count of what it happens to. */
  children: ReactNode;
  /** The word on the button: the deed itself, not "OK". */
  action: string;
  /** The word on the way out, where "Cancel" would not say what is kept. */
  cancel?: string;
  /** For what can't be undone: the name that has to be typed first. */
  name?: string;
  /** Whether something is lost by it. */
  destructive?: boolean;
  /** Whether it can be done yet: false while what it happens to is still being counted. */
  ready?: boolean;
  /** Its name among dialogs that can be open one above the other, within a `Modal.Stack`. */
  stackId?: string;
  run(): Promise<unknown>;
}

/** Asks before something with consequences is done, and stays open while it is being done, or when it fails. */
export function Confirm({ opened, onClose, stackId, ...rest }: ConfirmProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={rest.title} stackId={stackId}>
      {opened && <Question onClose={onClose} {...rest} />}
    </Modal>
  );
}

function Question({
  onClose,
  children,
  action,
  cancel,
  name,
  destructive = false,
  ready: counted = true,
  run,
}: Omit<ConfirmProps, 'opened' | 'title' | 'stackId'>) {
  const [typed, setTyped] = useState('');
  const doing = useMutation({ mutationFn: run, onSuccess: onClose });
  const ready = counted && (name === undefined || typed.trim() === name);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) doing.mutate();
      }}
    >
      <Stack>
        <div>{children}</div>
        {name !== undefined && (
          <TextInput
            label={COMMON.confirmByName(name)}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        <Problem error={doing.error} />
        <FormFooter
          onCancel={onClose}
          cancel={cancel}
          disabled={!ready}
          loading={doing.isPending}
          {...(destructive ? { color: 'red' } : {})}
        >
          {action}
        </FormFooter>
      </Stack>
    </form>
  );
}
