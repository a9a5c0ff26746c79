import { Button, Group, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { formatCount } from '../../format.ts';
import { Empty, Failed } from '../../parts/page.tsx';
import { useCan } from '../../session.tsx';
import { USERS } from '../../texts/users.ts';
import { isFiltered, readRules, useAsked } from './asked.ts';
import { AttributeFilter } from './attribute-filter.tsx';
import { ColumnChoice, useColumns } from './columns.tsx';
import { usersQuery } from './data.ts';
import { ClearFilters, FilterChips } from './filter-chips.tsx';
import { SearchField } from './search-field.tsx';
import { SegmentFilter } from './segment-filter.tsx';
import { LoadingTable, UsersTable } from './users-table.tsx';

export function UserList({ onAdd }: { onAdd(): void }) {
  const asked = useAsked();
  const rules = readRules(asked.rules);
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <SearchField />
        <SegmentFilter />
        <AttributeFilter rules={rules ?? { match: 'all', conditions: [] }} />
        <ColumnChoice />
      </Group>
      <FilterChips rules={rules} />
      <Results onAdd={onAdd} />
    </Stack>
  );
}

function Results({ onAdd }: { onAdd(): void }) {
  const asked = useAsked();
  const [columns] = useColumns();
  const list = useInfiniteQuery(usersQuery(asked));
  if (list.isPending) return <LoadingTable columns={columns} />;
  if (list.data === undefined) {
    return <Failed what={USERS.what} error={list.error} retry={() => list.refetch()} />;
  }
  const users = list.data.pages.flatMap(({ data }) => data);
  const { pagination, partial } = list.data.pages.at(-1)?.meta ?? {};
  const total = pagination?.total ?? users.length;
  const found = partial === undefined ? USERS.found(total) : USERS.atLeast(total);
  const complete = !list.hasNextPage;
  if (users.length === 0 && complete && !list.isPlaceholderData) {
    return isFiltered(asked) ? <Nobody /> : <NoUsers onAdd={onAdd} />;
  }
  return (
    <>
      <Text c="dimmed" size="sm" role="status">
        {found}
      </Text>
      {users.length === 0 ? (
        <Empty title={USERS.noneYetTitle} text={USERS.noneYetText} />
      ) : (
        <UsersTable users={users} columns={columns} faded={list.isPlaceholderData} />
      )}
      {list.isError && (
        <Failed
          what={USERS.what}
          error={list.error}
          retry={() => (list.isFetchNextPageError ? list.fetchNextPage() : list.refetch())}
        />
      )}
      {!complete && (
        <Group>
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            {partial !== undefined && users.length >= total ? USERS.keepLooking : USERS.loadMore}
          </Button>
          <Text c="dimmed" size="sm">
            {partial === undefined
              ? USERS.shown(users.length, formatCount(total))
              : USERS.looked(formatCount(partial.looked), formatCount(partial.users))}
          </Text>
        </Group>
      )}
    </>
  );
}

function Nobody() {
  return <Empty title={USERS.nobodyTitle} text={USERS.nobodyText} action={<ClearFilters />} />;
}

function NoUsers({ onAdd }: { onAdd(): void }) {
  const mayWrite = useCan('write');
  return (
    <Empty
      title={USERS.emptyTitle}
      text={USERS.emptyText}
      action={
        mayWrite && (
          <Group gap="xs">
            <Button component={Link} href="/users/import">
              {USERS.import}
            </Button>
            <Button variant="default" onClick={onAdd}>
              {USERS.add}
            </Button>
          </Group>
        )
      }
    />
  );
}
