import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type Segment, traitKeyQuery } from './data.ts';

/** The trait key a segment will have: the one chosen, the one it has, or the one from its name; and what stands against it. */
export function useTraitKey(name: string, chosen: string | null, segment: Segment | null) {
  const isValid = chosen === null || /^[A-Za-z0-9_]{1,100}$/.test(chosen);
  const query = {
    ...(chosen !== null ? { traitKey: chosen } : segment === null ? { name: name.trim().slice(0, 120) } : {}),
    ...(segment !== null && { segment: segment.id }),
  };
  const [settled] = useDebouncedValue(JSON.stringify(query), 200);
  const isNeeded = segment === null ? name.trim() !== '' || chosen !== null : chosen !== null;
  const check = useQuery({
    ...traitKeyQuery(JSON.parse(settled)),
    enabled: isNeeded && isValid && (settled !== '{"name":""}' || chosen !== null),
  });
  const isFresh = check.isSuccess && !check.isPlaceholderData && settled === JSON.stringify(query);
  const answered = isNeeded ? check.data : undefined;
  const key = chosen ?? segment?.traitKey ?? answered?.traitKey ?? '';
  return {
    key,
    isValid,
    /** About the key as it stands; none while it is being looked at. */
    problem: isFresh && isValid && isNeeded ? (check.data?.problem ?? null) : null,
    isChanged: segment !== null && chosen !== null && chosen !== segment.traitKey,
  };
}
export type TraitKeyState = ReturnType<typeof useTraitKey>;
