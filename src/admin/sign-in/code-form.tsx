import { Anchor, Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { authCall } from '../api.ts';
import { SIGN_IN } from '../texts/sign-in.ts';
import { Card } from './card.tsx';
import { SignInProblem } from './problem.tsx';
import { useSignedIn } from './signed-in.ts';

const texts = SIGN_IN.code;

/** The second step: a code of the authenticator app, or one of the backup codes. */
export function CodeForm({ onBack }: { onBack(): void }) {
  const signedIn = useSignedIn();
  const [backup, setBackup] = useState(false);
  const [code, setCode] = useState('');
  const verify = useMutation({
    mutationFn: () =>
      authCall(backup ? '/two-factor/verify-backup-code' : '/two-factor/verify-totp', {
        code: code.replaceAll(/\s/g, ''),
      }),
    onSuccess: signedIn,
    onError: () => setCode(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    verify.mutate();
  };
  const change = () => {
    setBackup(!backup);
    setCode('');
    verify.reset();
  };
  return (
    <Card title={texts.title} lead={backup ? texts.backupLead : texts.lead}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            key={String(backup)}
            label={backup ? texts.backupLabel : texts.label}
            autoComplete="one-time-code"
            inputMode={backup ? 'text' : 'numeric'}
            autoFocus
            required
            withAsterisk={false}
            maxLength={40}
            spellCheck={false}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', letterSpacing: 2 } }}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
          <SignInProblem error={verify.error} />
          <Button type="submit" fullWidth loading={verify.isPending}>
            {texts.submit}
          </Button>
        </Stack>
      </form>
      <Group justify="space-between">
        <Anchor component="button" type="button" onClick={change}>
          {backup ? texts.useApp : texts.useBackup}
        </Anchor>
        <Anchor component="button" type="button" onClick={onBack}>
          {texts.back}
        </Anchor>
      </Group>
    </Card>
  );
}
