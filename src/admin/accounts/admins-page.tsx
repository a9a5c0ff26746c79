import { Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { AllowedButton } from '../parts/allowed-button.tsx';
import { PageHeader } from '../parts/page.tsx';
import { ADMINS } from '../texts/accounts.ts';
import { AdminTable } from './admin-table.tsx';
import { FreshLink } from './fresh-link.tsx';
import { InvitationsSection } from './invitations-section.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { Queried } from './queried.tsx';
import { adminsQuery } from './queries.ts';

export default function Page() {
  const admins = useQuery(adminsQuery);
  const [opened, dialog] = useDisclosure();
  const [fresh, setFresh] = useState<{ url: string; expiresAt: string } | null>(null);
  return (
    <>
      <PageHeader
        title={ADMINS.title}
        lead={ADMINS.lead}
        action={
          <AllowedButton needs="accounts" onClick={dialog.open}>
            {ADMINS.invite}
          </AllowedButton>
        }
      />
      {fresh !== null && (
        <FreshLink url={fresh.url} expiresAt={fresh.expiresAt} onKept={() => setFresh(null)} />
      )}
      <Stack gap="xl">
        <Queried query={admins} what={ADMINS.what} rows={5}>
          {(list) => <AdminTable admins={list} />}
        </Queried>
        <InvitationsSection />
      </Stack>
      <InviteDialog opened={opened} onClose={dialog.close} onMade={setFresh} />
    </>
  );
}
