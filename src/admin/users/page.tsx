import { Button, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from 'wouter';
import { PageHeader } from '../parts/page.tsx';
import { useCan } from '../session.tsx';
import { USERS } from '../texts/users.ts';
import { AddUser } from './list/add-user.tsx';
import { ExportMenu } from './list/export-menu.tsx';
import { UserList } from './list/user-list.tsx';

export default function Page() {
  const [adding, { open, close }] = useDisclosure();
  const mayWrite = useCan('write');
  return (
    <>
      <PageHeader
        title={USERS.title}
        lead={USERS.lead}
        action={
          <Group gap="xs">
            <ExportMenu />
            {mayWrite && (
              <>
                <Button variant="default" component={Link} href="/users/import">
                  {USERS.import}
                </Button>
                <Button onClick={open}>{USERS.add}</Button>
              </>
            )}
          </Group>
        }
      />
      <UserList onAdd={open} />
      <AddUser opened={adding} onClose={close} />
    </>
  );
}
