import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useAddressParam } from '../../address.ts';
import { SearchIcon } from '../../parts/icons.tsx';
import { USERS } from '../../texts/users.ts';

/** Looks for what is typed, a moment after the last letter. */
export function SearchField() {
  const [search, setSearch] = useAddressParam('search');
  const [text, setText] = useState(search);
  const sent = useRef(search);
  const send = useDebouncedCallback((value: string) => {
    sent.current = value;
    setSearch(value, { replace: true });
  }, 200);
  // Back, or a link, changes the address; what is being typed must not be overwritten by its own echo.
  useEffect(() => {
    if (search === sent.current) return;
    sent.current = search;
    setText(search);
  }, [search]);
  return (
    <TextInput
      type="search"
      className="users-search"
      leftSection={<SearchIcon />}
      placeholder={USERS.search}
      aria-label={USERS.search}
      data-search
      dir="auto"
      maxLength={200}
      value={text}
      onChange={({ currentTarget: { value } }) => {
        setText(value);
        send(value);
      }}
    />
  );
}
