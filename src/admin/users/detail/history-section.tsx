import { Anchor, Button, Text } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Ago } from '../../parts/data.tsx';
import { Failed, Loading, Section } from '../../parts/page.tsx';
import { segmentsQuery } from '../../queries.ts';
import { segmentPath } from '../../segments/data.ts';
import { COMMON } from '../../texts/common.ts';
import { HISTORY } from '../../texts/users.ts';
import { historyOfUserQuery } from './data.ts';

/** When the user joined and left segments, and because of what. */
export function HistorySection({ userId }: { userId: string }) {
  const history = useInfiniteQuery(historyOfUserQuery(userId));
  const segments = useQuery(segmentsQuery).data ?? [];
  const entries = history.data?.pages.flatMap(({ data }) => data) ?? [];
  return (
    <Section title={HISTORY.title}>
      {history.isPending && <Loading rows={3} />}
      {history.isError && (
        <Failed what={HISTORY.what} error={history.error} retry={() => history.refetch()} />
      )}
      {history.isSuccess && entries.length === 0 && <Text c="dimmed">{HISTORY.empty}</Text>}
      <ul className="plain-list">
        {entries.map(({ segmentId, change, at, cause }, i) => {
          const segment = segments.find(({ id }) => id === segmentId);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: nothing else tells two entries apart
            <li key={i} className="history-line">
              <span>
                {HISTORY[change]}{' '}
                {segment === undefined ? (
                  <Text span c="dimmed">
                    {HISTORY.gone}
                  </Text>
                ) : (
                  <Anchor component={Link} href={segmentPath(segment)}>
                    <bdi>{segment.name}</bdi>
                  </Anchor>
                )}
                <Text size="sm" c="dimmed">
                  {HISTORY.causes[cause]}
                </Text>
              </span>
              <Text span c="dimmed" size="sm" className="no-wrap">
                <Ago at={at} />
              </Text>
            </li>
          );
        })}
      </ul>
      {history.hasNextPage && (
        <Button
          variant="default"
          mt="xs"
          loading={history.isFetchingNextPage}
          onClick={() => history.fetchNextPage()}
        >
          {COMMON.showMore}
        </Button>
      )}
    </Section>
  );
}
