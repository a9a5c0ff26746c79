import { Button, FileButton, Stack, Text } from '@mantine/core';
import { type DragEvent, useState } from 'react';
import { IMPORT } from '../../texts/import.ts';

/** Takes a file: dropped, or chosen. */
export function DropZone({ onFile, busy }: { onFile(file: File): void; busy: boolean }) {
  const [over, setOver] = useState(false);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file !== undefined) onFile(file);
  };
  return (
    <section
      aria-label={IMPORT.drop}
      className={over ? 'drop-zone is-over' : 'drop-zone'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <Stack align="center" gap="xs">
        <Text fw={600}>{IMPORT.drop}</Text>
        <Text c="dimmed" ta="center">
          {busy ? IMPORT.reading : IMPORT.dropHint}
        </Text>
        <FileButton
          onChange={(file) => {
            if (file !== null) onFile(file);
          }}
          accept=".csv,.tsv,.txt,.ndjson,.jsonl,text/csv,application/x-ndjson"
          inputProps={{ 'aria-label': IMPORT.choose }}
        >
          {(props) => <Button {...props}>{IMPORT.choose}</Button>}
        </FileButton>
      </Stack>
    </section>
  );
}
