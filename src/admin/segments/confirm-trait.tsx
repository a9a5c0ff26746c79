import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Confirm } from '../parts/confirm.tsx';
import { TRAIT } from '../texts/segments.ts';
import { type Segment, toldQuery } from './data.ts';

export function ConfirmTrait({
  opened,
  onClose,
  segment,
  traitKey,
  run,
}: {
  opened: boolean;
  onClose(): void;
  segment: Segment;
  traitKey: string;
  run(): Promise<unknown>;
}) {
  const told = useQuery({ ...toldQuery(segment.id), enabled: opened }).data;
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={TRAIT.confirmTitle}
      action={TRAIT.confirm}
      ready={told !== undefined}
      run={run}
    >
      <Stack gap="xs">
        <Text>{TRAIT.confirmText(segment.traitKey, traitKey)}</Text>
        <Text>
          {told === undefined ? TRAIT.counting : TRAIT.retracts(segment.traitKey, told.told, told.complete)}
        </Text>
      </Stack>
    </Confirm>
  );
}
