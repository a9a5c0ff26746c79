import { Modal, Radio, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, result } from '../api.ts';
import { FormFooter } from '../parts/form-footer.tsx';
import { Problem } from '../parts/page.tsx';
import { ADMINS, ROLE_MEANS, ROLES } from '../texts/accounts.ts';
import { invitationsQuery } from './queries.ts';

export interface InviteDialogProps {
  opened: boolean;
  onClose(): void;
  onMade(invitation: { url: string; expiresAt: string }): void;
}
type Role = keyof typeof ROLES;

export function InviteDialog({ opened, onClose, onMade }: InviteDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={ADMINS.inviteTitle}>
      {opened && <InviteForm onClose={onClose} onMade={onMade} />}
    </Modal>
  );
}

function InviteForm({ onClose, onMade }: Omit<InviteDialogProps, 'opened'>) {
  const queries = useQueryClient();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const make = useMutation({
    mutationFn: () =>
      result(api.invitations.post({ role, email: email.trim() === '' ? null : email.trim() })).then(
        ({ data }) => data,
      ),
    onSuccess: (made) => {
      onMade(made);
      onClose();
      return queries.invalidateQueries(invitationsQuery);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Stack>
        <TextInput
          label={ADMINS.email}
          description={ADMINS.emailHelp}
          type="email"
          autoComplete="off"
          data-autofocus
          maxLength={320}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Radio.Group label={ADMINS.role} value={role} onChange={(value) => setRole(value as Role)}>
          <Stack gap="xs" mt={4}>
            {(['viewer', 'admin'] as const).map((one) => (
              <Radio key={one} value={one} label={ROLES[one]} description={ROLE_MEANS[one]} />
            ))}
          </Stack>
        </Radio.Group>
        <Problem error={make.error} />
        <FormFooter onCancel={onClose} loading={make.isPending}>
          {ADMINS.makeLink}
        </FormFooter>
      </Stack>
    </form>
  );
}
