import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { SearchIcon } from '../parts/icons.tsx';
import { ACTIVITY } from '../texts/activity.ts';
import { type FilterProps, WIDTH } from './filter-bar.tsx';

/** Part of an email or id, in the address as soon as typing pauses. */
export function UserFilter({ filters, change }: FilterProps) {
  const [typed, setTyped] = useState(filters.user);
  useEffect(() => setTyped(filters.user), [filters.user]);
  const search = useDebouncedCallback(
    (user: string) => change({ user: user.trim() }, { replace: true }),
    250,
  );
  const set = (user: string) => {
    setTyped(user);
    search(user);
  };
  return (
    <TextInput
      size="xs"
      {...WIDTH}
      aria-label={ACTIVITY.user}
      placeholder={ACTIVITY.anyUser}
      data-search
      autoComplete="off"
      spellCheck={false}
      maxLength={320}
      leftSection={<SearchIcon />}
      rightSection={
        typed === '' ? null : (
          <CloseButton size="xs" aria-label={ACTIVITY.clear(ACTIVITY.user)} onClick={() => set('')} />
        )
      }
      value={typed}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}
