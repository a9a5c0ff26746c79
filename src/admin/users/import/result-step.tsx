import { Alert, Anchor, Button, Group, Stack, Table, Text } from '@mantine/core';
import { Link } from 'wouter';
import { formatCount } from '../../format.ts';
import { Section } from '../../parts/page.tsx';
import { useCan } from '../../session.tsx';
import { IMPORT } from '../../texts/import.ts';
import { CountList } from './counts.tsx';
import { errorsAddress } from './data.ts';
import { forgetUpload, type ImportResult, type Upload } from './upload.ts';

/** What became of the import that this tab has sent. */
export function ResultStep({ upload }: { upload: Extract<Upload, { state: 'done' | 'failed' }> }) {
  const failed = upload.state === 'failed';
  return (
    <Section title={failed ? IMPORT.failed : <bdi>{IMPORT.done(upload.name)}</bdi>}>
      <Stack gap="md" role="status">
        {failed ? (
          <Alert color="red" variant="light" role="alert">
            <Text>{upload.message}</Text>
            <Text mt="xs">{IMPORT.failedNote}</Text>
          </Alert>
        ) : (
          <>
            <CountList counts={upload.result} />
            {upload.result.rejected > 0 && <Rejected result={upload.result} />}
          </>
        )}
        <Group>
          <Button component={Link} href="/users" variant={failed ? 'default' : 'filled'}>
            {IMPORT.toUsers}
          </Button>
          <Button variant="default" onClick={forgetUpload}>
            {IMPORT.again}
          </Button>
        </Group>
      </Stack>
    </Section>
  );
}

const SHOWN = 10;

function Rejected({ result: { id, errors, rejected } }: { result: ImportResult }) {
  const mayExport = useCan('export');
  const shown = errors.slice(0, SHOWN);
  return (
    <Stack gap="xs" align="stretch">
      <Text fw={600}>{IMPORT.rejectedTitle}</Text>
      <Table layout="fixed" aria-label={IMPORT.rejectedTitle} className="flush">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={90}>{IMPORT.line}</Table.Th>
            <Table.Th>{IMPORT.reason}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map(({ line, reason }) => (
            <Table.Tr key={line}>
              <Table.Td>{formatCount(line)}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{reason}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group gap="md">
        {mayExport ? (
          <Anchor href={errorsAddress(id)} download>
            {IMPORT.download}
          </Anchor>
        ) : (
          <Text c="dimmed">{IMPORT.noDownload}</Text>
        )}
        {rejected > SHOWN && (
          <Text c="dimmed" size="sm">
            {IMPORT.rejectedFirst(shown.length, rejected)}
          </Text>
        )}
      </Group>
    </Stack>
  );
}
