import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api, result } from '../api.ts';
import { Confirm } from '../parts/confirm.tsx';
import { notice } from '../parts/notice.ts';
import { meQuery, useMe } from '../session.tsx';
import { ADMINS } from '../texts/accounts.ts';
import { type Admin, adminsQuery } from './queries.ts';

export type Deed = keyof typeof ADMINS.questions;

const DEEDS: Record<Deed, (admin: Admin) => Promise<unknown>> = {
  makeAdmin: ({ id }) => result(api.admins({ id }).patch({ role: 'admin' })),
  makeViewer: ({ id }) => result(api.admins({ id }).patch({ role: 'viewer' })),
  disable: ({ id }) => result(api.admins({ id }).patch({ disabled: true })),
  enable: ({ id }) => result(api.admins({ id }).patch({ disabled: false })),
  remove: ({ id }) => result(api.admins({ id }).delete()),
};

/** Says what a deed means for somebody before it is done; a removal asks for the email. */
export function AdminQuestion({
  asked,
  onClose,
}: {
  asked: { admin: Admin; deed: Deed } | null;
  onClose(): void;
}) {
  const me = useMe();
  const queries = useQueryClient();
  if (asked === null) return null;
  const { admin, deed } = asked;
  const texts = ADMINS.questions[deed];
  const self = admin.id === me.id;
  const run = async () => {
    await DEEDS[deed](admin);
    notice(texts.done(admin.name));
    await queries.invalidateQueries(adminsQuery);
    // Who takes something from themselves may be signed out by it.
    if (self) await queries.invalidateQueries(meQuery);
  };
  return (
    <Confirm
      opened
      onClose={onClose}
      title={texts.title(admin.name)}
      action={texts.action}
      destructive={deed === 'remove' || deed === 'disable'}
      {...(deed === 'remove' ? { name: admin.email } : {})}
      run={run}
    >
      {self && (
        <Text fw={600} mb="xs">
          {ADMINS.self}
        </Text>
      )}
      <Text>{texts.text}</Text>
    </Confirm>
  );
}
