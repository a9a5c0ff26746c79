import { Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { FormFooter } from '../../parts/form-footer.tsx';
import { Problem } from '../../parts/page.tsx';
import { COMMON } from '../../texts/common.ts';
import { USER } from '../../texts/users.ts';
import type { Change, User } from './data.ts';
import { useChange } from './use-change.ts';

export function EditUser({ user, opened, onClose }: { user: User; opened: boolean; onClose(): void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={USER.editTitle}>
      {opened && <EditForm user={user} onClose={onClose} />}
    </Modal>
  );
}

function EditForm({ user, onClose }: { user: User; onClose(): void }) {
  const [email, setEmail] = useState(user.email);
  const [name, setName] = useState(user.name ?? '');
  const [externalId, setExternalId] = useState(user.externalId ?? '');
  const saving = useChange(user.id, onClose);
  const emailChanged = email.trim().toLowerCase() !== user.email;
  const change: Change = {
    ...(emailChanged && { email }),
    ...(name.trim() !== (user.name ?? '') && { name: name.trim() === '' ? null : name }),
    ...(externalId.trim() !== (user.externalId ?? '') && {
      externalId: externalId.trim() === '' ? null : externalId,
    }),
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate(change);
      }}
    >
      <Stack>
        <TextInput
          label={USER.email}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          required
          maxLength={320}
          autoComplete="off"
          data-autofocus
        />
        {emailChanged && (
          <Text size="sm" c="dimmed">
            {USER.emailChange}
          </Text>
        )}
        <TextInput
          label={USER.name}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={256}
          autoComplete="off"
          dir="auto"
        />
        <TextInput
          label={USER.externalId}
          value={externalId}
          onChange={(event) => setExternalId(event.currentTarget.value)}
          maxLength={255}
          autoComplete="off"
        />
        <Problem error={saving.error} />
        <FormFooter
          onCancel={onClose}
          loading={saving.isPending}
          disabled={email.trim() === '' || Object.keys(change).length === 0}
        >
          {COMMON.save}
        </FormFooter>
      </Stack>
    </form>
  );
}
