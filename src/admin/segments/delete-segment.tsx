import { Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { api, result } from '../api.ts';
import { Confirm } from '../parts/confirm.tsx';
import { notice } from '../parts/notice.ts';
import { DETAIL, TRAIT } from '../texts/segments.ts';
import { type Segment, toldQuery } from './data.ts';

/** Says what a deletion takes back at Segment, and asks for the name. */
export function DeleteSegment({
  segment: { id, name, traitKey, memberCount },
  opened,
  onClose,
}: {
  segment: Segment;
  opened: boolean;
  onClose(): void;
}) {
  const told = useQuery({ ...toldQuery(id), enabled: opened }).data;
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={DETAIL.deleteTitle(name)}
      action={DETAIL.deleteDo}
      name={name}
      destructive
      ready={told !== undefined}
      run={async () => {
        await result(api.segments({ id }).delete());
        notice(DETAIL.deleted(name, told?.told ?? 0));
        navigate('/segments');
        await queries.invalidateQueries({ queryKey: ['segments', 'list'] });
      }}
    >
      <Stack gap="xs">
        <Text>{DETAIL.deleteText(memberCount)}</Text>
        <Text>
          {told === undefined ? TRAIT.counting : DETAIL.deleteTold(traitKey, told.told, told.complete)}
        </Text>
        <Text>{DETAIL.deleteFinal}</Text>
      </Stack>
    </Confirm>
  );
}
