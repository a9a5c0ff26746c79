import { Modal, NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, result } from '../api.ts';
import { FormFooter } from '../parts/form-footer.tsx';
import { Problem } from '../parts/page.tsx';
import { KEYS } from '../texts/accounts.ts';
import { keysQuery } from './queries.ts';

const SCOPES = ['read', 'write', 'settings'] as const;
type Scope = (typeof SCOPES)[number];
const SPANS = [30, 90, 365, 0] as const;
const DAY_MS = 86_400_000;

export interface NewKeyDialogProps {
  opened: boolean;
  onClose(): void;
  onMade(key: { name: string; key: string }): void;
}

export function NewKeyDialog({ opened, onClose, onMade }: NewKeyDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={KEYS.newTitle}>
      {opened && <NewKeyForm onClose={onClose} onMade={onMade} />}
    </Modal>
  );
}

function NewKeyForm({ onClose, onMade }: Omit<NewKeyDialogProps, 'opened'>) {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('read');
  const [days, setDays] = useState(90);
  const make = useMutation({
    mutationFn: () => {
      const expiresAt = days === 0 ? null : new Date(Date.now() + days * DAY_MS).toISOString();
      return result(api['api-keys'].post({ name, scope, expiresAt })).then(({ data }) => data);
    },
    onSuccess: (made) => {
      onMade(made);
      onClose();
      return queries.invalidateQueries(keysQuery);
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
          label={KEYS.name}
          placeholder={KEYS.namePlaceholder}
          data-autofocus
          required
          withAsterisk={false}
          maxLength={200}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Radio.Group label={KEYS.scope} value={scope} onChange={(value) => setScope(value as Scope)}>
          <Stack gap="xs" mt={4}>
            {SCOPES.map((one) => (
              <Radio key={one} value={one} label={KEYS.scopes[one]} description={KEYS.scopeMeans[one]} />
            ))}
          </Stack>
        </Radio.Group>
        <div>
          <NativeSelect
            label={KEYS.expires}
            value={String(days)}
            onChange={(event) => setDays(Number(event.currentTarget.value))}
            data={SPANS.map((span) => ({ value: String(span), label: KEYS.spans[span] }))}
          />
          <Text size="sm" c="dimmed" mt={4} mih={20}>
            {days === 0 ? KEYS.noEnd : ''}
          </Text>
        </div>
        <Problem error={make.error} />
        <FormFooter onCancel={onClose} loading={make.isPending} disabled={name.trim() === ''}>
          {KEYS.create}
        </FormFooter>
      </Stack>
    </form>
  );
}
