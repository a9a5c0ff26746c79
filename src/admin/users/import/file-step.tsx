import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { formatBytes } from '../../format.ts';
import { Section } from '../../parts/page.tsx';
import { IMPORT } from '../../texts/import.ts';
import type { Chosen } from './chosen-file.ts';
import { MapColumns } from './map-columns.tsx';
import { checkMapping, guessMapping, headerLine } from './mapping.ts';
import { startUpload } from './upload.ts';

/** What is in the file, and what becomes of it. */
export function FileStep({ chosen, onOther }: { chosen: Chosen; onOther(): void }) {
  const { file } = chosen;
  return (
    <Section
      title={<bdi>{file.name}</bdi>}
      aside={
        <Group gap="sm">
          <Text c="dimmed" size="sm">
            {formatBytes(file.size)}
          </Text>
          <Button variant="default" onClick={onOther}>
            {IMPORT.another}
          </Button>
        </Group>
      }
    >
      {chosen.kind === 'problem' && (
        <Alert color="red" variant="light" role="alert">
          {IMPORT.problems[chosen.problem]}
        </Alert>
      )}
      {chosen.kind === 'csv' && <CsvStep chosen={chosen} />}
      {chosen.kind === 'ndjson' && <NdjsonStep chosen={chosen} />}
    </Section>
  );
}

function CsvStep({ chosen: { file, start } }: { chosen: Extract<Chosen, { kind: 'csv' }> }) {
  const [columns, setColumns] = useState(() => guessMapping(start.header));
  const { delimiter } = start;
  const problems = checkMapping(columns);
  const upload = () =>
    startUpload({
      name: file.name,
      type: 'text/csv',
      delimiter,
      body: new Blob([headerLine(columns, delimiter), file.slice(start.rowsAt)]),
    });
  return (
    <Stack gap="sm">
      <Text>
        {IMPORT.map.title}{' '}
        <Text span c="dimmed">
          ({IMPORT.map.separator[delimiter]})
        </Text>
      </Text>
      {start.garbled && (
        <Alert color="yellow" variant="light" role="alert">
          {IMPORT.encoding}
        </Alert>
      )}
      <MapColumns columns={columns} rows={start.rows} problems={problems} onChange={setColumns} />
      {problems.some(({ kind }) => kind === 'noEmail') && (
        <Alert color="red" variant="light" role="alert">
          {IMPORT.map.noEmail}
        </Alert>
      )}
      <Group>
        <Button onClick={upload} disabled={problems.length > 0}>
          {IMPORT.start}
        </Button>
        <Text size="sm" c="dimmed">
          {IMPORT.map.ignored}
        </Text>
      </Group>
    </Stack>
  );
}

function NdjsonStep({ chosen: { file, lines } }: { chosen: Extract<Chosen, { kind: 'ndjson' }> }) {
  return (
    <Stack gap="sm" align="flex-start">
      <Text>
        {IMPORT.ndjson.title}. {IMPORT.ndjson.text}
      </Text>
      <div className="ndjson-lines mono" dir="ltr">
        {lines.map((line, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a file
          <div key={i}>{line.length > 300 ? `${line.slice(0, 300)}…` : line}</div>
        ))}
      </div>
      <Button
        onClick={() =>
          startUpload({ name: file.name, type: 'application/x-ndjson', delimiter: 'comma', body: file })
        }
      >
        {IMPORT.start}
      </Button>
    </Stack>
  );
}
