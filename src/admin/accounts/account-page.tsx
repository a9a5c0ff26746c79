import { Stack } from '@mantine/core';
import { Empty, PageHeader } from '../parts/page.tsx';
import { useMe } from '../session.tsx';
import { ACCOUNT, ROLES } from '../texts/accounts.ts';
import { NameSection } from './name-section.tsx';
import { PasswordSection } from './password-section.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { TwoFactorSection } from './two-factor-section.tsx';

export default function Page() {
  const { kind, name, email, role } = useMe();
  if (kind !== 'admin') {
    return (
      <>
        <PageHeader title={ACCOUNT.title} />
        <Empty title={ACCOUNT.keyTitle} text={ACCOUNT.keyText} />
      </>
    );
  }
  const lead = ACCOUNT.lead(name, email ?? '', role === null ? '' : ROLES[role]);
  return (
    <>
      <PageHeader title={ACCOUNT.title} lead={lead} />
      <Stack className="text-column">
        <NameSection />
        <PasswordSection />
        <TwoFactorSection />
        <SessionsSection />
      </Stack>
    </>
  );
}
