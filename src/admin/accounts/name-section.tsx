import { Button, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, result } from '../api.ts';
import { notice } from '../parts/notice.ts';
import { Problem, Section } from '../parts/page.tsx';
import { useUnsaved } from '../parts/unsaved.ts';
import { meQuery, useMe } from '../session.tsx';
import { ACCOUNT } from '../texts/accounts.ts';
import { COMMON } from '../texts/common.ts';
import { adminsQuery } from './queries.ts';

const texts = ACCOUNT.name;

export function NameSection() {
  const me = useMe();
  const queries = useQueryClient();
  const [name, setName] = useState(me.name);
  const changed = name !== me.name;
  useUnsaved(changed);
  const save = useMutation({
    mutationFn: () => result(api.me.patch({ name })).then(({ data }) => data),
    onSuccess: (saved) => {
      queries.setQueryData(meQuery.queryKey, saved);
      notice(texts.done);
      return queries.invalidateQueries(adminsQuery);
    },
  });
  return (
    <Section title={texts.title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="sm" maw={400}>
          <TextInput
            label={texts.label}
            description={texts.lead}
            autoComplete="name"
            maxLength={200}
            dir="auto"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Problem error={save.error} />
          <Button
            type="submit"
            variant="default"
            style={{ alignSelf: 'flex-start' }}
            loading={save.isPending}
            disabled={!changed || name.trim() === ''}
          >
            {COMMON.save}
          </Button>
        </Stack>
      </form>
    </Section>
  );
}
