import { Group } from '@mantine/core';
import { Status } from '../../parts/data.tsx';
import { IMPORT } from '../../texts/import.ts';

interface Counts {
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
}

/** What an import came to, in four numbers; only what went wrong stands out. */
export function CountList({ counts: { created, updated, unchanged, rejected } }: { counts: Counts }) {
  const { counts } = IMPORT;
  return (
    <Group gap="md">
      <span>{counts.created(created)}</span>
      <span>{counts.updated(updated)}</span>
      <span>{counts.unchanged(unchanged)}</span>
      {rejected > 0 ? (
        <Status tone="look">{counts.rejected(rejected)}</Status>
      ) : (
        <span>{counts.rejected(0)}</span>
      )}
    </Group>
  );
}
