import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, api, authCall, result } from '../api.ts';
import { formatMoment } from '../format.ts';
import { MIN_PASSWORD, NewPassword } from '../parts/new-password.tsx';
import { PASSWORD } from '../texts/password.ts';
import { SIGN_IN } from '../texts/sign-in.ts';
import { Refused } from './accept-page.tsx';
import { Card } from './card.tsx';
import { SignInProblem } from './problem.tsx';
import { useSignedIn } from './signed-in.ts';

const texts = SIGN_IN.accept;

export interface AcceptFormProps {
  token: string;
  invitation: { role: 'admin' | 'viewer'; email: string | null; setUp: boolean; expiresAt: string };
}

/** Makes the account and signs in with it. */
export function AcceptForm({ token, invitation }: AcceptFormProps) {
  const signedIn = useSignedIn();
  const [name, setName] = useState('');
  const [email, setEmail] = useState(invitation.email ?? '');
  const [password, setPassword] = useState('');
  const accept = useMutation({
    mutationFn: async () => {
      await result(api.invitations.accept.post({ token, name, email, password }));
      await authCall('/sign-in/email', { email, password });
    },
    onSuccess: signedIn,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password.length >= MIN_PASSWORD) accept.mutate();
  };

  const { error } = accept;
  if (error instanceof ApiError && error.code.startsWith('invitation_')) {
    return <Refused error={error} retry={() => accept.reset()} />;
  }
  const lead = invitation.role === 'admin' ? texts.leadAdmin : texts.leadViewer;
  return (
    <Card
      title={invitation.setUp ? texts.setUpTitle : texts.title}
      lead={invitation.setUp ? texts.setUpLead : lead}
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            label={texts.name}
            autoComplete="name"
            autoFocus
            required
            withAsterisk={false}
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label={texts.email}
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            maxLength={320}
            readOnly={invitation.email !== null}
            {...(invitation.email === null ? {} : { description: texts.fixedEmail })}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <NewPassword label={PASSWORD.label} value={password} onChange={setPassword} />
          <SignInProblem error={error} />
          <Button
            type="submit"
            fullWidth
            loading={accept.isPending}
            disabled={password.length < MIN_PASSWORD}
          >
            {texts.submit}
          </Button>
        </Stack>
      </form>
      <Text size="sm" c="dimmed">
        {texts.until} {formatMoment(invitation.expiresAt)}
      </Text>
    </Card>
  );
}
