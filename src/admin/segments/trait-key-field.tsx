import { Anchor, Box, Button, Checkbox, Code, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { TRAIT } from '../texts/segments.ts';
import type { TraitKeyState } from './use-trait-key.ts';

/** The trait as Segment receives it, what stands against it, and a way to choose another. */
export function TraitKeyField({
  trait,
  onChange,
  allowCollision,
  onAllow,
  current,
  note,
}: {
  trait: TraitKeyState;
  /** Null for the key from the name, or the one the segment has. */
  onChange(key: string | null): void;
  allowCollision: boolean;
  onAllow(allow: boolean): void;
  /** The key of a segment that is there already. */
  current: string | null;
  /** What another key would do. */
  note?: string | undefined;
}) {
  const [editing, setEditing] = useState(false);
  const { key, problem, isValid } = trait;
  return (
    <Box role="group" aria-label={TRAIT.label}>
      <Text fw={500} fz="sm" component="div">
        {TRAIT.label}
      </Text>
      <Group gap="sm" mih={36} align="center">
        {editing ? (
          <TextInput
            aria-label={TRAIT.changeLabel}
            value={key}
            onChange={(event) => onChange(event.currentTarget.value)}
            error={isValid ? undefined : TRAIT.invalid}
            classNames={{ input: 'mono' }}
            maxLength={100}
            spellCheck={false}
            autoComplete="off"
            autoFocus
          />
        ) : key === '' ? (
          <Text c="dimmed">{TRAIT.waiting}</Text>
        ) : (
          <Code fz="md" style={{ overflowWrap: 'anywhere' }}>{`${key}: true`}</Code>
        )}
        {editing ? (
          <Anchor
            component="button"
            type="button"
            fz="sm"
            onClick={() => {
              onChange(null);
              setEditing(false);
            }}
          >
            {current === null ? TRAIT.fromName : TRAIT.keep(current)}
          </Anchor>
        ) : (
          <Anchor component="button" type="button" fz="sm" onClick={() => setEditing(true)}>
            {TRAIT.change}
          </Anchor>
        )}
      </Group>
      {problem !== null && isValid && (
        <Stack gap={6} align="flex-start" role="alert">
          <Text fz="sm" c="var(--mantine-color-error)">
            {problem.code === 'reserved_trait'
              ? TRAIT.reserved(key)
              : problem.code === 'trait_in_use'
                ? TRAIT.inUse(key, problem.users ?? 0)
                : TRAIT.taken(key)}
          </Text>
          <Button size="xs" variant="default" onClick={() => onChange(problem.suggestion)}>
            {TRAIT.use(problem.suggestion)}
          </Button>
          {problem.code === 'trait_in_use' && (
            <Checkbox
              size="xs"
              label={TRAIT.allTheSame(key)}
              checked={allowCollision}
              onChange={(event) => onAllow(event.currentTarget.checked)}
            />
          )}
        </Stack>
      )}
      <Text fz="sm" c="dimmed">
        {note ?? TRAIT.fixed}
      </Text>
    </Box>
  );
}
