import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useAddressFilters } from '../address.ts';
import { SearchIcon } from '../parts/icons.tsx';
import { AUDIT, AUDIT_GROUPS } from '../texts/audit.ts';

const NAMES = ['actor', 'action', 'from', 'to'] as const;

/** The filters of the address, by the names the API has for them. */
export const useAuditFilters = () => useAddressFilters(NAMES);

export function AuditFilters({ filters, change, active }: ReturnType<typeof useAuditFilters>) {
  const [typed, setTyped] = useState(filters.actor);
  useEffect(() => setTyped(filters.actor), [filters.actor]);
  const search = useDebouncedCallback((actor: string) => change({ actor }, { replace: true }), 250);
  const groups = Object.entries(AUDIT_GROUPS).map(([value, label]) => ({ value, label }));
  // A link may name a single action, which no group has.
  const single = filters.action !== '' && !Object.hasOwn(AUDIT_GROUPS, filters.action);
  return (
    <Group gap="xs" mb="md" role="group" aria-label={AUDIT.filters} align="flex-end">
      <TextInput
        size="xs"
        flex="1 1 160px"
        maw={240}
        label={AUDIT.who}
        placeholder={AUDIT.whoPlaceholder}
        data-search
        autoComplete="off"
        spellCheck={false}
        maxLength={320}
        leftSection={<SearchIcon />}
        value={typed}
        onChange={({ currentTarget: { value } }) => {
          setTyped(value);
          search(value.trim());
        }}
      />
      <NativeSelect
        size="xs"
        flex="1 1 130px"
        maw={180}
        label={AUDIT.action}
        value={filters.action}
        onChange={(event) => change({ action: event.currentTarget.value })}
        data={[
          { value: '', label: AUDIT.anyAction },
          ...groups,
          ...(single ? [{ value: filters.action, label: filters.action }] : []),
        ]}
      />
      <Moment label={AUDIT.from} value={filters.from} onChange={(from) => change({ from })} />
      <Moment label={AUDIT.to} value={filters.to} onChange={(to) => change({ to })} />
      <Button
        size="xs"
        variant="subtle"
        color="gray"
        // Its place is kept, so that nothing moves.
        style={{ visibility: active ? 'visible' : 'hidden' }}
        onClick={() => change({ actor: '', action: '', from: '', to: '' })}
      >
        {AUDIT.clearAll}
      </Button>
    </Group>
  );
}

function Moment({ label, value, onChange }: { label: string; value: string; onChange(value: string): void }) {
  const at = new Date(value);
  const local = Number.isNaN(at.getTime())
    ? ''
    : new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  return (
    <TextInput
      type="datetime-local"
      size="xs"
      label={label}
      value={local}
      onChange={(event) => {
        const chosen = new Date(event.currentTarget.value);
        onChange(Number.isNaN(chosen.getTime()) ? '' : chosen.toISOString());
      }}
    />
  );
}
