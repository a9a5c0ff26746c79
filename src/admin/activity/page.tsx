import { Anchor, Box, Button, Center, Text } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import { Link } from 'wouter';
import { useAddressParam, useAddressParams } from '../address.ts';
import { Empty, Failed, PageHeader } from '../parts/page.tsx';
import { ACTIVITY } from '../texts/activity.ts';
import { COMMON } from '../texts/common.ts';
import { FilterBar } from './filter-bar.tsx';
import { useFilters } from './filters.ts';
import { News } from './news.tsx';
import { Panel } from './panel.tsx';
import { EntryTable, LoadingTable } from './table.tsx';
import { useEntries } from './use-entries.ts';
import { useRowKeys } from './use-row-keys.ts';

export default function Page() {
  const { filters, change, clear, active } = useFilters();
  const { pages, entries, segments, unknownSegment, past, newer, showNew } = useEntries(filters);
  const [open, setOpen] = useAddressParam('open');
  const [params] = useAddressParams();
  const names = useMemo(
    () => new Map(segments.data?.map(({ traitKey, name }) => [traitKey, name])),
    [segments.data],
  );
  const address = new URLSearchParams(params);
  address.delete('open');
  const rest = address.toString();
  const hrefOf = useCallback(
    (key: string) => `/activity?${rest}${rest === '' ? '' : '&'}open=${key}`,
    [rest],
  );
  const show = useCallback((key: string) => setOpen(key, { replace: true }), [setOpen]);
  useRowKeys(entries, open, show);

  return (
    <>
      <PageHeader title={ACTIVITY.title} lead={ACTIVITY.lead} />
      <FilterBar filters={filters} change={change} segments={segments.data} />
      <News
        newer={newer}
        loaded={pages.data !== undefined}
        past={past}
        showNew={showNew}
        clear={active ? clear : null}
      />
      {list()}
      <Panel open={open} entries={entries} names={names} segments={segments.data ?? []} show={show} />
    </>
  );

  function list() {
    if (unknownSegment || (pages.isSuccess && entries.length === 0)) {
      if (!active) {
        return (
          <Empty
            title={ACTIVITY.emptyTitle}
            text={ACTIVITY.emptyText}
            action={
              <Anchor component={Link} href="/settings/integrations/segment">
                {ACTIVITY.connect}
              </Anchor>
            }
          />
        );
      }
      return (
        <Empty
          title={unknownSegment ? ACTIVITY.noSegment(filters.segment) : ACTIVITY.noneTitle}
          text={ACTIVITY.noneText}
          action={
            <Button variant="default" onClick={clear}>
              {ACTIVITY.clearAll}
            </Button>
          }
        />
      );
    }
    const failed = pages.error ?? (filters.segment === '' ? null : segments.error);
    if (failed !== null && entries.length === 0) {
      const retry = () => (pages.error === null ? segments.refetch() : pages.refetch());
      return <Failed what={ACTIVITY.what} error={failed} retry={retry} />;
    }
    if (pages.isPending) return <LoadingTable />;
    return (
      <Box style={{ opacity: pages.isPlaceholderData ? 0.5 : 1 }} aria-busy={pages.isPlaceholderData}>
        <EntryTable entries={entries} names={names} open={open} hrefOf={hrefOf} />
        <Center py="md">
          {failed !== null ? (
            <Failed what={ACTIVITY.what} error={failed} retry={() => pages.fetchNextPage()} />
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
              {ACTIVITY.end}
            </Text>
          )}
        </Center>
      </Box>
    );
  }
}
