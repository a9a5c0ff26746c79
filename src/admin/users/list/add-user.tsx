import { Anchor, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { ApiError, api, result } from '../../api.ts';
import { FormFooter } from '../../parts/form-footer.tsx';
import { notice } from '../../parts/notice.ts';
import { Problem } from '../../parts/page.tsx';
import { USERS } from '../../texts/users.ts';

export function AddUser({ opened, onClose }: { opened: boolean; onClose(): void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={USERS.addTitle}>
      {opened && <AddForm onClose={onClose} />}
    </Modal>
  );
}

/** A user with this email already; to add would be to change that one. */
class Exists extends Error {
  constructor(readonly id: string) {
    super(USERS.exists);
  }
}

interface Fields {
  email: string;
  name: string;
  externalId: string;
}

async function addUser({ email, name, externalId }: Fields) {
  const wanted = email.trim().toLowerCase();
  const { data } = await result(api.users.get({ query: { search: wanted.slice(0, 200), limit: 200 } }));
  const same = data.find((user) => user.email === wanted);
  if (same !== undefined) throw new Exists(same.id);
  const body = { email, ...(name.trim() && { name }), ...(externalId.trim() && { externalId }) };
  return (await result(api.users.identify.post(body))).data;
}

function AddForm({ onClose }: { onClose(): void }) {
  const [fields, setFields] = useState<Fields>({ email: '', name: '', externalId: '' });
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const adding = useMutation({
    mutationFn: addUser,
    onSuccess: ({ id, email }) => {
      queries.invalidateQueries({ queryKey: ['users'] });
      notice(USERS.added(email));
      navigate(`/users/${id}`);
    },
  });
  const of = (name: keyof Fields) => ({
    value: fields[name],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setFields((before) => ({ ...before, [name]: value })),
    autoComplete: 'off',
  });
  const refused = adding.error instanceof ApiError && adding.error.code === 'invalid' ? adding.error : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        adding.mutate(fields);
      }}
    >
      <Stack>
        <TextInput
          {...of('email')}
          label={USERS.email}
          description={USERS.emailHint}
          required
          maxLength={320}
          error={refused && emailProblem(refused)}
          data-autofocus
        />
        <TextInput {...of('name')} label={USERS.name} maxLength={256} dir="auto" />
        <TextInput
          {...of('externalId')}
          label={USERS.externalId}
          description={USERS.externalIdHint}
          maxLength={255}
        />
        <Text size="sm" c="dimmed">
          {USERS.addNote}
        </Text>
        {refused === null && <Problem error={adding.error} />}
        {adding.error instanceof Exists && (
          <Anchor component={Link} href={`/users/${adding.error.id}`}>
            {USERS.openExisting}
          </Anchor>
        )}
        <FormFooter onCancel={onClose} loading={adding.isPending} disabled={fields.email.trim() === ''}>
          {USERS.add}
        </FormFooter>
      </Stack>
    </form>
  );
}

function emailProblem({ details, message }: ApiError): string {
  const problems = Array.isArray(details) ? (details as { path: string; message: string }[]) : [];
  return problems.find(({ path }) => path === 'body.email')?.message ?? message;
}
