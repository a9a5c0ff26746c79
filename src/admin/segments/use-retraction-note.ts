import { useQuery } from '@tanstack/react-query';
import { TRAIT } from '../texts/segments.ts';
import { type Segment, toldQuery } from './data.ts';
import type { TraitKeyState } from './use-trait-key.ts';

/** What another trait key takes back at Segment; nothing to say while the key stays. */
export function useRetractionNote(segment: Segment | null, trait: TraitKeyState): string | undefined {
  const told = useQuery({ ...toldQuery(segment?.id ?? ''), enabled: segment !== null && trait.isChanged });
  if (segment === null || !trait.isChanged) return undefined;
  if (told.data === undefined) return TRAIT.counting;
  return TRAIT.retracts(segment.traitKey, told.data.told, told.data.complete);
}
