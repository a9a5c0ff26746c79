import { Anchor, Button, Grid, Group, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'wouter';
import { ApiError } from '../api.ts';
import { Failed, Loading, NotThere, PageHeader } from '../parts/page.tsx';
import { useCan } from '../session.tsx';
import { USER } from '../texts/users.ts';
import { AttributesSection } from './detail/attributes-section.tsx';
import { type User, userQuery } from './detail/data.ts';
import { DeleteUser } from './detail/delete-user.tsx';
import { DeliveriesSection } from './detail/deliveries-section.tsx';
import { EditUser } from './detail/edit-user.tsx';
import { HistorySection } from './detail/history-section.tsx';
import { IdentityLine } from './detail/identity-line.tsx';
import { SegmentsSection } from './detail/segments-section.tsx';

export default function Page() {
  const { id = '' } = useParams<{ id: string }>();
  const user = useQuery(userQuery(id));
  if (user.data !== undefined) return <UserDetail user={user.data} />;
  if (user.isPending) {
    return (
      <>
        <PageHeader title={USER.what} />
        <Loading rows={8} />
      </>
    );
  }
  if (user.error instanceof ApiError && user.error.status === 404) {
    return <NotThere title={USER.notFound} text={USER.notFoundText} link={USER.toUsers} href="/users" />;
  }
  return (
    <>
      <PageHeader title={USER.what} />
      <Failed what={USER.what} error={user.error} retry={() => user.refetch()} />
    </>
  );
}

function UserDetail({ user }: { user: User }) {
  const [editing, edit] = useDisclosure();
  const [deleting, remove] = useDisclosure();
  const mayWrite = useCan('write');
  return (
    <>
      <Anchor component={Link} href="/users" size="sm" c="dimmed">
        {USER.all}
      </Anchor>
      <div className="user-head">
        <PageHeader
          title={user.name ?? user.email}
          lead={<IdentityLine user={user} />}
          action={
            mayWrite && (
              <Group gap="xs">
                <Button variant="default" onClick={edit.open}>
                  {USER.edit}
                </Button>
                <Button variant="default" onClick={remove.open}>
                  {USER.delete}
                </Button>
              </Group>
            )
          }
        />
      </div>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <AttributesSection user={user} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Stack>
            <SegmentsSection userId={user.id} />
            <DeliveriesSection user={user} />
            <HistorySection userId={user.id} />
          </Stack>
        </Grid.Col>
      </Grid>
      <EditUser user={user} opened={editing} onClose={edit.close} />
      <DeleteUser user={user} opened={deleting} onClose={remove.close} />
    </>
  );
}
