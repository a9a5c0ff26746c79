import { Modal, MultiSelect, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, result } from '../api.ts';
import { FormFooter } from '../parts/form-footer.tsx';
import { notice } from '../parts/notice.ts';
import { Problem } from '../parts/page.tsx';
import { DETAIL } from '../texts/segments.ts';
import type { Segment } from './data.ts';

interface Props {
  segment: Segment;
  opened: boolean;
  onClose(): void;
}

export function AddBySearch({ opened, onClose, segment }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={DETAIL.addTitle}>
      {opened && <Search segment={segment} onClose={onClose} />}
    </Modal>
  );
}

function Search({ segment, onClose }: Omit<Props, 'opened'>) {
  const [search, setSearch] = useState('');
  const [settled] = useDebouncedValue(search.trim(), 200);
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: ['users', 'search', settled],
    queryFn: () =>
      result(api.users.get({ query: { limit: 20, ...(settled !== '' && { search: settled }) } })).then(
        ({ data }) => data,
      ),
    placeholderData: keepPreviousData,
  });
  const add = useMutation({
    mutationFn: () => result(api.segments({ id: segment.id }).members.post({ userIds: [...chosen.keys()] })),
    onSuccess: async ({ data }) => {
      notice(DETAIL.added(data.added, segment.name));
      onClose();
      await queries.invalidateQueries({ queryKey: ['segments'] });
    },
  });
  const labels = new Map([
    ...chosen,
    ...(found.data ?? []).map(
      ({ id, email, name }) => [id, name === null ? email : `${email} (${name})`] as const,
    ),
  ]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen.size > 0) add.mutate();
      }}
    >
      <Stack>
        <MultiSelect
          label={DETAIL.addOne}
          placeholder={chosen.size === 0 ? DETAIL.addOneHint : undefined}
          data={[...labels].map(([value, label]) => ({ value, label }))}
          value={[...chosen.keys()]}
          onChange={(ids) => setChosen(new Map(ids.map((id) => [id, labels.get(id) ?? id])))}
          searchable
          searchValue={search}
          onSearchChange={setSearch}
          // The service has searched; what was chosen before is no longer on offer.
          filter={({ options }) =>
            options.filter(
              (option) => !('value' in option) || found.data?.some(({ id }) => id === option.value),
            )
          }
          hidePickedOptions
          clearSearchOnChange
          nothingFoundMessage={DETAIL.nobodyFound}
          maxValues={1000}
          data-autofocus
        />
        <Text fz="sm" c="dimmed">
          {DETAIL.already}
        </Text>
        <Problem error={found.error ?? add.error} />
        <FormFooter onCancel={onClose} disabled={chosen.size === 0} loading={add.isPending}>
          {DETAIL.addButton}
        </FormFooter>
      </Stack>
    </form>
  );
}
