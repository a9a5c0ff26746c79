import { Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { FormFooter } from '../parts/form-footer.tsx';
import { SignInProblem } from '../sign-in/problem.tsx';
import { ACCOUNT } from '../texts/accounts.ts';

const texts = ACCOUNT.twoFactor;

export interface PasswordDialogProps {
  opened: boolean;
  onClose(): void;
  title: string;
  text: string;
  action: string;
  destructive?: boolean;
  run(password: string): Promise<unknown>;
}

/** Asks for the password before something about the account is changed. */
export function PasswordDialog({ opened, onClose, title, ...rest }: PasswordDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      {opened && <PasswordQuestion onClose={onClose} {...rest} />}
    </Modal>
  );
}

export function PasswordQuestion({
  onClose,
  text,
  action,
  destructive = false,
  run,
}: Omit<PasswordDialogProps, 'opened' | 'title'>) {
  const [password, setPassword] = useState('');
  const doing = useMutation({ mutationFn: () => run(password) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (password !== '') doing.mutate();
      }}
    >
      <Stack>
        <Text>{text}</Text>
        <PasswordInput
          label={texts.password}
          description={texts.passwordLead}
          autoComplete="current-password"
          data-autofocus
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <SignInProblem error={doing.error} />
        <FormFooter
          onCancel={onClose}
          disabled={password === ''}
          loading={doing.isPending}
          {...(destructive ? { color: 'red' } : {})}
        >
          {action}
        </FormFooter>
      </Stack>
    </form>
  );
}
