import { Button, Group, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useAddressParam } from '../address.ts';
import { SearchIcon } from '../parts/icons.tsx';
import { Empty, Failed, Loading } from '../parts/page.tsx';
import { useCan } from '../session.tsx';
import { COMMON } from '../texts/common.ts';
import { DETAIL } from '../texts/segments.ts';
import { AddMembers } from './add-members.tsx';
import { membersQuery, type Segment } from './data.ts';
import { MemberTable } from './member-table.tsx';

export function MembersTab({ segment }: { segment: Segment }) {
  const [search, setSearch] = useAddressParam('search');
  const [settled] = useDebouncedValue(search.trim(), 250);
  const members = useInfiniteQuery({
    ...membersQuery(segment.id, settled),
    // Counts go on by themselves; so does the list, as long as no more than its first page was asked for.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : 5000),
  });
  const isManual = segment.type === 'manual';
  const mayWrite = useCan('write');
  const people = members.data?.pages.flatMap(({ data }) => data) ?? [];
  const total = members.data?.pages.at(-1)?.meta.pagination.total ?? 0;
  return (
    <>
      <Group justify="space-between" align="flex-end" mb="md">
        <TextInput
          data-search
          aria-label={DETAIL.searchMembers}
          placeholder={DETAIL.searchMembers}
          leftSection={<SearchIcon />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value, { replace: true })}
          w={{ base: '100%', sm: 320 }}
        />
        {isManual && mayWrite && <AddMembers segment={segment} />}
      </Group>
      {members.data === undefined ? (
        members.isError ? (
          <Failed what={DETAIL.membersWhat} error={members.error} retry={() => members.refetch()} />
        ) : (
          <Loading rows={8} />
        )
      ) : people.length === 0 ? (
        settled === '' ? (
          <Empty
            title={DETAIL.noMembers}
            text={isManual ? DETAIL.noMembersManual : DETAIL.noMembersDynamic}
          />
        ) : (
          <Text c="dimmed">{DETAIL.noneFound(settled)}</Text>
        )
      ) : (
        <>
          {settled !== '' && (
            <Text fz="sm" c="dimmed" mb="xs" role="status">
              {DETAIL.found(total)}
            </Text>
          )}
          <MemberTable people={people} segment={segment} canTake={isManual && mayWrite} />
          {members.hasNextPage && (
            <Button
              variant="default"
              mt="md"
              onClick={() => members.fetchNextPage()}
              loading={members.isFetchingNextPage}
            >
              {COMMON.showMore}
            </Button>
          )}
        </>
      )}
    </>
  );
}
