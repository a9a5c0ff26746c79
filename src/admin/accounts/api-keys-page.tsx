import { Anchor } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { AllowedButton } from '../parts/allowed-button.tsx';
import { Empty, PageHeader } from '../parts/page.tsx';
import { KEYS } from '../texts/accounts.ts';
import { FreshKey } from './fresh-key.tsx';
import { KeyTable } from './key-table.tsx';
import { NewKeyDialog } from './new-key-dialog.tsx';
import { Queried } from './queried.tsx';
import { keysQuery } from './queries.ts';

export default function Page() {
  const keys = useQuery(keysQuery);
  const [opened, dialog] = useDisclosure();
  const [fresh, setFresh] = useState<{ name: string; key: string } | null>(null);
  const [all, setAll] = useState(false);
  return (
    <>
      <PageHeader
        title={KEYS.title}
        lead={KEYS.lead}
        action={
          <AllowedButton needs="accounts" onClick={dialog.open}>
            {KEYS.new}
          </AllowedButton>
        }
      />
      {fresh !== null && <FreshKey name={fresh.name} value={fresh.key} onKept={() => setFresh(null)} />}
      <Queried query={keys} what={KEYS.what} rows={6}>
        {(list) => {
          const gone = list.filter(({ status }) => status !== 'active').length;
          const shown = all ? list : list.filter(({ status }) => status === 'active');
          return (
            <>
              {shown.length === 0 ? (
                <Empty title={KEYS.emptyTitle} text={KEYS.emptyText} />
              ) : (
                <KeyTable keys={shown} />
              )}
              {gone > 0 && (
                <Anchor component="button" type="button" mt="md" onClick={() => setAll(!all)}>
                  {all ? KEYS.hideGone : KEYS.showGone(gone)}
                </Anchor>
              )}
            </>
          );
        }}
      </Queried>
      <NewKeyDialog opened={opened} onClose={dialog.close} onMade={setFresh} />
    </>
  );
}
