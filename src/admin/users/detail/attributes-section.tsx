import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Empty, Failed, Loading, Section } from '../../parts/page.tsx';
import { useCan } from '../../session.tsx';
import { ATTRIBUTES } from '../../texts/users.ts';
import type { Json } from '../value.ts';
import { AttributeForm } from './attribute-form.tsx';
import { AttributeTable } from './attribute-table.tsx';
import { attributesOfUserQuery, type User } from './data.ts';

/** From so many on, one can look for an attribute. */
const MANY = 12;

export function AttributesSection({ user }: { user: User }) {
  const [adding, setAdding] = useState(false);
  const [wanted, setWanted] = useState('');
  const addButton = useRef<HTMLButtonElement>(null);
  const mayWrite = useCan('write');
  const attributes = useQuery(attributesOfUserQuery(user.id));
  const all = attributes.data ?? [];
  const shown = all.filter(({ key, value }) => fits(key, value as Json, wanted));
  return (
    <Section
      title={ATTRIBUTES.title}
      aside={
        mayWrite && (
          <Button ref={addButton} variant="default" onClick={() => setAdding(true)} disabled={adding}>
            {ATTRIBUTES.add}
          </Button>
        )
      }
    >
      {adding && (
        <AttributeForm
          userId={user.id}
          attribute={null}
          taken={all.map(({ key }) => key)}
          onDone={() => {
            setAdding(false);
            requestAnimationFrame(() => addButton.current?.focus());
          }}
        />
      )}
      {attributes.isPending && <Loading rows={6} />}
      {attributes.isError && (
        <Failed what={ATTRIBUTES.what} error={attributes.error} retry={() => attributes.refetch()} />
      )}
      {all.length > MANY && (
        <TextInput
          type="search"
          aria-label={ATTRIBUTES.find}
          placeholder={ATTRIBUTES.find}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
          maw={320}
          mb="xs"
          data-search
        />
      )}
      {attributes.isSuccess && all.length === 0 && !adding && (
        <Empty title={ATTRIBUTES.emptyTitle} text={ATTRIBUTES.emptyText} />
      )}
      {all.length > 0 && shown.length === 0 && <Empty title={ATTRIBUTES.noneFound} text="" />}
      {shown.length > 0 && <AttributeTable user={user} attributes={shown} />}
    </Section>
  );
}

function fits(key: string, value: Json, wanted: string): boolean {
  const part = wanted.trim().toLowerCase();
  if (part === '') return true;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `${key}\n${text}`.toLowerCase().includes(part);
}
