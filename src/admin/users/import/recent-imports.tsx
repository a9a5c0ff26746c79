import { Anchor, Progress, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Ago, Status } from '../../parts/data.tsx';
import { Failed, Loading, Section } from '../../parts/page.tsx';
import { useCan } from '../../session.tsx';
import { IMPORT } from '../../texts/import.ts';
import { CountList } from './counts.tsx';
import { errorsAddress, type ImportJob, importsQuery, percentOf } from './data.ts';

const { recent } = IMPORT;
const TONES = { running: 'ok', done: 'ok', failed: 'bad' } as const;

/** What was imported lately, by anybody: also one that goes on in another tab. */
export function RecentImports() {
  const imports = useQuery(importsQuery);
  return (
    <Section title={recent.title}>
      {imports.isPending && <Loading rows={2} />}
      {imports.isError && <Failed what={IMPORT.what} error={imports.error} retry={() => imports.refetch()} />}
      {imports.data?.length === 0 && <Text c="dimmed">{recent.empty}</Text>}
      {imports.data !== undefined && imports.data.length > 0 && (
        <Table layout="fixed" aria-label={recent.table} className="flush">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{recent.file}</Table.Th>
              <Table.Th w={130}>{recent.state}</Table.Th>
              <Table.Th w="46%" className="from-md">
                {recent.rows}
              </Table.Th>
              <Table.Th w={100} className="from-sm">
                {recent.when}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {imports.data.map((job) => (
              <Row key={job.id} job={job} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}

function Row({ job }: { job: ImportJob }) {
  const mayExport = useCan('export');
  const { id, name, status, problem, rejected, startedAt } = job;
  const percent = percentOf(job);
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: 'anywhere', verticalAlign: 'top' }}>
        <bdi>{name ?? recent.noName}</bdi>
        {problem !== null && (
          <Text size="sm" c="dimmed">
            {problem}
          </Text>
        )}
      </Table.Td>
      <Table.Td style={{ verticalAlign: 'top' }}>
        <Status tone={TONES[status]}>{recent[status]}</Status>
        {status === 'running' && percent !== null && (
          <Progress value={percent} mt={4} aria-label={IMPORT.progress} />
        )}
      </Table.Td>
      <Table.Td className="from-md" style={{ verticalAlign: 'top' }}>
        <CountList counts={job} />
        {rejected > 0 && mayExport && (
          <Anchor href={errorsAddress(id)} download size="sm">
            {recent.errors(rejected)}
          </Anchor>
        )}
      </Table.Td>
      <Table.Td c="dimmed" className="from-sm" style={{ verticalAlign: 'top' }}>
        <Ago at={startedAt} />
      </Table.Td>
    </Table.Tr>
  );
}
