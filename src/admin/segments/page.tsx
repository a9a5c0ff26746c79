import { Button, Table, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useAddressParam } from '../address.ts';
import { AllowedButton } from '../parts/allowed-button.tsx';
import { SearchIcon } from '../parts/icons.tsx';
import { Empty, Failed, Loading, PageHeader } from '../parts/page.tsx';
import { segmentsQuery } from '../queries.ts';
import { useCan } from '../session.tsx';
import { SEGMENTS } from '../texts/segments.ts';
import type { Segment } from './data.ts';
import { SegmentRow } from './segment-row.tsx';
import './segments.css';

/** Every segment: how many are in it, what Segment calls it, and whether Segment is told. */
export default function Page() {
  const segments = useQuery(segmentsQuery);
  const [search, setSearch] = useAddressParam('search');
  const wanted = search.trim().toLowerCase();
  const found = segments.data?.filter(({ name, traitKey }) =>
    `${name}\n${traitKey}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <PageHeader title={SEGMENTS.title} lead={SEGMENTS.lead} action={<CreateButton />} />
      {segments.data !== undefined && segments.data.length === 0 ? (
        <Empty title={SEGMENTS.emptyTitle} text={SEGMENTS.emptyText} action={<CreateButton />} />
      ) : (
        <>
          <TextInput
            data-search
            aria-label={SEGMENTS.search}
            placeholder={SEGMENTS.search}
            leftSection={<SearchIcon />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value, { replace: true })}
            maw={320}
            mb="md"
          />
          {found === undefined ? (
            segments.isError ? (
              <Failed what={SEGMENTS.what} error={segments.error} retry={() => segments.refetch()} />
            ) : (
              <Loading rows={6} />
            )
          ) : found.length === 0 ? (
            <Text c="dimmed">{SEGMENTS.noneFound(search)}</Text>
          ) : (
            <SegmentTable segments={found} />
          )}
        </>
      )}
    </>
  );
}

function SegmentTable({ segments }: { segments: Segment[] }) {
  return (
    <Table layout="fixed" aria-label={SEGMENTS.title} highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{SEGMENTS.name}</Table.Th>
          <Table.Th w={88} ta="right">
            {SEGMENTS.members}
          </Table.Th>
          <Table.Th w={92} className="from-sm">
            {SEGMENTS.type}
          </Table.Th>
          <Table.Th w="24%" className="from-sm">
            {SEGMENTS.traitKey}
          </Table.Th>
          <Table.Th w={{ base: 72, sm: 172 }}>
            <span className="from-sm">{SEGMENTS.sync}</span>
            <span className="until-sm">{SEGMENTS.syncShort}</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {segments.map((segment) => (
          <SegmentRow key={segment.id} segment={segment} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function CreateButton() {
  if (useCan('write')) {
    return (
      <Button component={Link} href="/segments/new">
        {SEGMENTS.create}
      </Button>
    );
  }
  return <AllowedButton needs="write">{SEGMENTS.create}</AllowedButton>;
}
