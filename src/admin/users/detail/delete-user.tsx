import { Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { Confirm } from '../../parts/confirm.tsx';
import { notice } from '../../parts/notice.ts';
import { USER } from '../../texts/users.ts';
import { deleteUser, segmentsOfUserQuery, type User } from './data.ts';

/** Asks for the email first: there is no way back, and Segment keeps what it has. */
export function DeleteUser({ user, opened, onClose }: { user: User; opened: boolean; onClose(): void }) {
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const segments = useQuery(segmentsOfUserQuery(user.id)).data;
  const joined = segments?.filter(({ member }) => member).length ?? 0;
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={USER.deleteTitle}
      action={USER.deleteAction}
      name={user.email}
      destructive
      ready={segments !== undefined}
      run={async () => {
        await deleteUser(user.id);
        navigate('/users');
        queries.removeQueries({ queryKey: ['users', 'one', user.id] });
        queries.invalidateQueries({ queryKey: ['users'] });
        queries.invalidateQueries({ queryKey: ['segments'] });
        notice(USER.deleted(user.email));
      }}
    >
      <Stack gap="xs">
        <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
          {user.email}
        </Text>
        <Text>{USER.deleteText(Object.keys(user.attributes).length, joined)}</Text>
        <Text>{USER.deleteSegment}</Text>
      </Stack>
    </Confirm>
  );
}
