import { Box, Button, Center, Text } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { api, result } from '../api.ts';
import { Empty, Failed, Loading, PageHeader } from '../parts/page.tsx';
import { AUDIT } from '../texts/audit.ts';
import { COMMON } from '../texts/common.ts';
import { AuditFilters, useAuditFilters } from './audit-filters.tsx';
import { AuditTable } from './audit-table.tsx';

export default function Page() {
  const { filters, ...rest } = useAuditFilters();
  const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''));
  const pages = useInfiniteQuery({
    queryKey: ['audit', filters],
    queryFn: ({ pageParam }) =>
      result(
        api.audit.get({
          query: { limit: 50, ...given, ...(pageParam === null ? {} : { before: pageParam }) },
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: ({ meta: { pagination } }) =>
      pagination.cursor === null ? undefined : Number(pagination.cursor),
    placeholderData: keepPreviousData,
  });
  const entries = pages.data?.pages.flatMap(({ data }) => data) ?? [];
  return (
    <>
      <PageHeader title={AUDIT.title} lead={AUDIT.lead} />
      <AuditFilters filters={filters} {...rest} />
      {list()}
    </>
  );

  function list() {
    if (pages.data === undefined) {
      if (pages.error === null) return <Loading rows={12} />;
      return <Failed what={AUDIT.what} error={pages.error} retry={() => pages.refetch()} />;
    }
    if (entries.length === 0) {
      return rest.active ? (
        <Empty title={AUDIT.noneTitle} text={AUDIT.noneText} />
      ) : (
        <Empty title={AUDIT.emptyTitle} text={AUDIT.emptyText} />
      );
    }
    return (
      <Box style={{ opacity: pages.isPlaceholderData ? 0.5 : 1 }} aria-busy={pages.isPlaceholderData}>
        <AuditTable entries={entries} />
        <Center py="md">
          {pages.error !== null ? (
            <Failed what={AUDIT.what} error={pages.error} retry={() => pages.refetch()} />
          ) : pages.hasNextPage ? (
            <Button
              variant="default"
              loading={pages.isFetchingNextPage}
              onClick={() => pages.fetchNextPage()}
            >
              {COMMON.showMore}
            </Button>
          ) : (
            <Text size="sm" c="dimmed">
              {AUDIT.end}
            </Text>
          )}
        </Center>
      </Box>
    );
  }
}
