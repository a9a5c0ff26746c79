import { Button, Divider, Paper, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAddressParams } from '../address.ts';
import { ApiError, api, authCall, result } from '../api.ts';
import { Copyable } from '../parts/data.tsx';
import { useLastMe } from '../session.tsx';
import { SIGN_IN, SIGN_IN_ERRORS } from '../texts/sign-in.ts';
import { Card } from './card.tsx';
import { SignInProblem } from './problem.tsx';
import { useSignedIn } from './signed-in.ts';

const optionsQuery = {
  queryKey: ['sign-in-options'],
  queryFn: () => result(api['sign-in-options'].get()).then(({ data }) => data),
};

export function PasswordForm({ onCodeAsked }: { onCodeAsked(): void }) {
  const options = useQuery(optionsQuery).data;
  const signedIn = useSignedIn();
  const ended = useLastMe() !== null;
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [params] = useAddressParams();
  const returned = params.get('error');

  const signIn = useMutation({
    mutationFn: () => authCall<{ twoFactorRedirect?: boolean }>('/sign-in/email', { email, password }),
    onSuccess: ({ twoFactorRedirect }) => (twoFactorRedirect === true ? onCodeAsked() : signedIn()),
    onError: () => setPassword(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };

  return (
    <Card title={SIGN_IN.title}>
      {ended && <Text role="status">{SIGN_IN.ended}</Text>}
      {options?.setUp === false && (
        <Paper withBorder p="sm" className="shown-once">
          <Text fw={600}>{SIGN_IN.noAdminTitle}</Text>
          <Text my="xs">{SIGN_IN.noAdmin}</Text>
          <Copyable value={SIGN_IN.noAdminCommand} what={SIGN_IN.command} />
        </Paper>
      )}
      {returned !== null && !signIn.isError && <SignInProblem error={ofProvider(returned)} />}
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            label={SIGN_IN.email}
            type="email"
            autoComplete="username"
            autoFocus
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label={SIGN_IN.password}
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <SignInProblem error={signIn.error} />
          <Button type="submit" fullWidth loading={signIn.isPending}>
            {SIGN_IN.submit}
          </Button>
        </Stack>
      </form>
      {options?.oidc != null && <ProviderButton name={options.oidc.name} />}
      <Text size="sm" c="dimmed">
        {SIGN_IN.forgotten}
      </Text>
    </Card>
  );
}

/** What the provider's way back says in the address, as an error like the others. */
function ofProvider(returned: string): ApiError {
  const code = returned.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
  return new ApiError(403, Object.hasOwn(SIGN_IN_ERRORS, code) ? code : 'provider_failed', '');
}

/** Where the provider sends those it could not sign in; says why in the address. */
const ERROR_PAGE = '/admin/sign-in';

function ProviderButton({ name }: { name: string }) {
  const begin = useMutation({
    mutationFn: () =>
      authCall<{ url: string }>('/sign-in/social', {
        callbackURL: location.pathname === ERROR_PAGE ? '/admin' : location.pathname + location.search,
        errorCallbackURL: ERROR_PAGE,
      }),
    onSuccess: ({ url }) => location.assign(url),
  });
  return (
    <>
      <Divider label={SIGN_IN.or} />
      <Button variant="default" fullWidth loading={begin.isPending} onClick={() => begin.mutate()}>
        {SIGN_IN.with(name)}
      </Button>
      <SignInProblem error={begin.error} />
    </>
  );
}
