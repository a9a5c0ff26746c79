import { Anchor, Stack, Text } from '@mantine/core';
import { useHash } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { ApiError, api, result } from '../api.ts';
import { Copyable } from '../parts/data.tsx';
import { Failed, Loading } from '../parts/page.tsx';
import { SIGN_IN } from '../texts/sign-in.ts';
import { AcceptForm } from './accept-form.tsx';
import { Card } from './card.tsx';

const texts = SIGN_IN.accept;
const LINK_PROBLEMS: Record<string, string> = {
  invitation_unknown: texts.unknown,
  invitation_used: texts.used,
  invitation_expired: texts.expired,
};

/** Where a link of the set-up or an invitation leads; its token stands behind the #, which is sent to nobody. */
export default function AcceptPage() {
  const [hash] = useHash({ getInitialValueInEffect: false });
  const token = hash.replace(/^#/, '');
  const check = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => result(api.invitations.check.post({ token })).then(({ data }) => data),
    enabled: token !== '',
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

  if (token === '') {
    return (
      <Card title={texts.noToken} lead={texts.noTokenText}>
        <ToSignIn />
      </Card>
    );
  }
  if (check.isPending) {
    return (
      <Card title={texts.checking}>
        <Loading rows={6} />
      </Card>
    );
  }
  if (check.error !== null) return <Refused error={check.error} retry={() => check.refetch()} />;
  return <AcceptForm key={token} token={token} invitation={check.data} />;
}

/** Why the link is good for nothing, and what to do. */
export function Refused({ error, retry }: { error: unknown; retry(): void }) {
  const code = error instanceof ApiError ? error.code : '';
  const title = LINK_PROBLEMS[code];
  if (title === undefined) {
    return (
      <Card title={texts.title}>
        <Failed what={texts.what} error={error} retry={retry} />
      </Card>
    );
  }
  return (
    <Card title={title} {...(code === 'invitation_used' ? { lead: texts.usedText } : {})}>
      <Stack gap="xs">
        <Text>{texts.askText}</Text>
        <Copyable value={SIGN_IN.noAdminCommand} what={SIGN_IN.command} />
      </Stack>
      <ToSignIn />
    </Card>
  );
}

const ToSignIn = () => (
  <Anchor component={Link} href="/">
    {texts.toSignIn}
  </Anchor>
);
