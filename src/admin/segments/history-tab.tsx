import { Anchor, Button, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Ago, Status } from '../parts/data.tsx';
import { Failed, Loading } from '../parts/page.tsx';
import { COMMON } from '../texts/common.ts';
import { DETAIL } from '../texts/segments.ts';
import { historyQuery, type Segment } from './data.ts';

/** Who joined and left, the latest first, and why. */
export function HistoryTab({ segment }: { segment: Segment }) {
  const history = useInfiniteQuery(historyQuery(segment.id));
  if (history.data === undefined) {
    return history.isError ? (
      <Failed what={DETAIL.historyWhat} error={history.error} retry={() => history.refetch()} />
    ) : (
      <Loading rows={8} />
    );
  }
  const entries = history.data.pages.flatMap(({ data }) => data);
  if (entries.length === 0) return <Text c="dimmed">{DETAIL.noHistory}</Text>;
  return (
    <>
      <Table.ScrollContainer minWidth={560} type="native">
        <Table aria-label={DETAIL.historyWhat}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{DETAIL.person}</Table.Th>
              <Table.Th>{DETAIL.change}</Table.Th>
              <Table.Th>{DETAIL.why}</Table.Th>
              <Table.Th>{DETAIL.when}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {entries.map(({ userId, email, change, cause, at }, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: entries have no id, and the list grows at its end
              <Table.Tr key={i}>
                <Table.Td maw={320} className="one-line">
                  {email === null ? (
                    <Text span inherit c="dimmed">
                      {DETAIL.gone}
                    </Text>
                  ) : (
                    <Anchor inherit component={Link} href={`/users/${userId}`}>
                      {email}
                    </Anchor>
                  )}
                </Table.Td>
                <Table.Td>
                  <Status tone={change === 'joined' ? 'ok' : 'off'}>{DETAIL[change]}</Status>
                </Table.Td>
                <Table.Td>{DETAIL.causes[cause]}</Table.Td>
                <Table.Td>
                  <Ago at={at} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {history.hasNextPage && (
        <Button
          variant="default"
          mt="md"
          onClick={() => history.fetchNextPage()}
          loading={history.isFetchingNextPage}
        >
          {COMMON.showMore}
        </Button>
      )}
    </>
  );
}
