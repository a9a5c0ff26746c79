import { Autocomplete, Button, Group, Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Problem } from '../../parts/page.tsx';
import { attributesQuery } from '../../queries.ts';
import { COMMON } from '../../texts/common.ts';
import { ATTRIBUTES } from '../../texts/users.ts';
import { fromText, type Json, toText, typeOf, type ValueType } from '../value.ts';
import { useChange } from './use-change.ts';
import { ValueField } from './value-field.tsx';

const TYPES: ValueType[] = ['text', 'number', 'boolean', 'date', 'list', 'json'];

export interface AttributeFormProps {
  userId: string;
  /** The attribute being edited; null for a new one. */
  attribute: { key: string; value: Json } | null;
  /** Keys the user has already. */
  taken: readonly string[];
  onDone(): void;
}

/** Sets one attribute, in the place where it stands. */
export function AttributeForm({ userId, attribute, taken, onDone }: AttributeFormProps) {
  const [key, setKey] = useState(attribute?.key ?? '');
  const [type, setType] = useState<ValueType>(attribute === null ? 'text' : typeOf(attribute.value));
  const [text, setText] = useState(attribute === null ? '' : toText(attribute.value, type));
  const [tried, setTried] = useState(false);
  const saving = useChange(userId, onDone);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus(), []);

  const read = fromText(text, type, attribute?.value ?? null);
  const keyProblem = attribute === null ? problemOfKey(key, taken) : null;
  const save = () => {
    setTried(true);
    if (keyProblem === null && 'value' in read) saving.mutate({ attributes: { [key.trim()]: read.value } });
  };
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onDone();
      }}
      aria-label={attribute === null ? ATTRIBUTES.add : ATTRIBUTES.edit(attribute.key)}
    >
      <Stack gap="sm" py="xs">
        <Group align="flex-start" gap="sm">
          {attribute === null && <KeyField value={key} onChange={setKey} error={tried ? keyProblem : null} />}
          <Select
            label={ATTRIBUTES.type}
            w={130}
            data={TYPES.map((value) => ({ value, label: ATTRIBUTES.types[value] }))}
            value={type}
            onChange={(next) => {
              if (next === null) return;
              const value = 'value' in read ? read.value : text;
              setText(carriedOver(value, text, next as ValueType));
              setType(next as ValueType);
            }}
            allowDeselect={false}
          />
          <div className="value-field">
            <ValueField
              type={type}
              text={text}
              onChange={setText}
              error={tried && 'problem' in read ? ATTRIBUTES[read.problem] : null}
            />
          </div>
        </Group>
        <Problem error={saving.error} />
        <Group gap="xs">
          <Button type="submit" loading={saving.isPending}>
            {COMMON.save}
          </Button>
          <Button variant="default" onClick={onDone}>
            {COMMON.cancel}
          </Button>
          <Text size="sm" c="dimmed">
            {ATTRIBUTES.note}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}

/** What was typed, as far as the next type can hold it. */
function carriedOver(value: Json, text: string, next: ValueType): string {
  if (next === 'json') return JSON.stringify(value, null, 2);
  if (next === 'boolean') return text === 'true' ? 'true' : 'false';
  return toText(value, typeOf(value) === 'json' ? 'json' : typeOf(value));
}

function problemOfKey(given: string, taken: readonly string[]): string | null {
  const key = given.trim();
  if (key === '') return ATTRIBUTES.keyMissing;
  if (key === 'email') return ATTRIBUTES.keyEmail;
  return taken.includes(key) ? ATTRIBUTES.keyTaken : null;
}

function KeyField({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange(key: string): void;
  error: string | null;
}) {
  const known = useQuery(attributesQuery).data ?? [];
  return (
    <Autocomplete
      label={ATTRIBUTES.key}
      w={200}
      data={known.map(({ path }) => path).filter((path) => !path.includes('.'))}
      limit={50}
      value={value}
      onChange={onChange}
      error={error}
      maxLength={256}
      data-autofocus
    />
  );
}
