import { Button, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { authCall } from '../api.ts';
import { MIN_PASSWORD, NewPassword } from '../parts/new-password.tsx';
import { notice } from '../parts/notice.ts';
import { Section } from '../parts/page.tsx';
import { useUnsaved } from '../parts/unsaved.ts';
import { useMe } from '../session.tsx';
import { SignInProblem } from '../sign-in/problem.tsx';
import { ACCOUNT } from '../texts/accounts.ts';
import { PASSWORD } from '../texts/password.ts';
import { sessionsQuery } from './queries.ts';

const texts = ACCOUNT.password;

export function PasswordSection() {
  const { password, email } = useMe();
  if (!password) {
    return (
      <Section title={texts.title}>
        <Text c="dimmed">{texts.none}</Text>
      </Section>
    );
  }
  return (
    <Section title={texts.title}>
      <PasswordForm email={email ?? ''} />
    </Section>
  );
}

function PasswordForm({ email }: { email: string }) {
  const queries = useQueryClient();
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  useUnsaved(currentPassword !== '' || newPassword !== '');
  const change = useMutation({
    mutationFn: () => authCall('/change-password', { currentPassword, newPassword }),
    onSuccess: () => {
      setCurrent('');
      setNew('');
      notice(texts.done);
      return queries.invalidateQueries(sessionsQuery);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <Stack gap="sm" maw={400}>
        <Text c="dimmed">{texts.lead}</Text>
        {/* For the browser's own store of passwords: whose password this is. */}
        <input type="hidden" autoComplete="username" value={email} readOnly />
        <PasswordInput
          label={texts.current}
          autoComplete="current-password"
          value={currentPassword}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <NewPassword label={PASSWORD.newLabel} value={newPassword} onChange={setNew} />
        <SignInProblem error={change.error} />
        <Button
          type="submit"
          variant="default"
          style={{ alignSelf: 'flex-start' }}
          loading={change.isPending}
          disabled={currentPassword === '' || newPassword.length < MIN_PASSWORD}
        >
          {texts.submit}
        </Button>
      </Stack>
    </form>
  );
}
