import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useAddressParam } from '../../address.ts';
import { formatCount } from '../../format.ts';
import { segmentsQuery } from '../../queries.ts';
import { USERS } from '../../texts/users.ts';

export function SegmentFilter() {
  const [segment, setSegment] = useAddressParam('segment');
  const segments = useQuery(segmentsQuery).data ?? [];
  const known = segments.map(({ slug, name, memberCount }) => ({
    value: slug,
    label: `${name} · ${formatCount(memberCount)}`,
  }));
  // A link may name one that is not there, or not yet loaded.
  const missing = segment !== '' && !known.some(({ value }) => value === segment);
  return (
    <Select
      aria-label={USERS.segment}
      placeholder={USERS.anySegment}
      data={missing ? [{ value: segment, label: segment }, ...known] : known}
      value={segment === '' ? null : segment}
      onChange={(value) => setSegment(value ?? '')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': USERS.clear }}
      w={220}
    />
  );
}
