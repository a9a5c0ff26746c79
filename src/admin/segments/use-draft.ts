import { useState } from 'react';
import type { Segment } from './data.ts';
import { fromQuery, type GroupNode, type Rules, toQuery } from './rules.ts';

/** A segment as it is being made or changed. */
export interface Draft {
  name: string;
  description: string;
  type: 'manual' | 'dynamic';
  query: GroupNode;
  /** The trait key chosen by hand; null for the one from the name, or the one it has. */
  traitKey: string | null;
  /** Whether the key is wanted although people have an attribute of that name. */
  allowCollision: boolean;
}

const EMPTY = toQuery({ match: 'all', conditions: [{ field: '', operator: '' }] });

/** The draft of a segment, and which of its parts are not as they were when it began: an edit taken back is none. */
export function useDraft(segment: Segment | null) {
  const [initial] = useState<Draft>(() => draftOf(segment));
  const [draft, setDraft] = useState(initial);
  return {
    draft,
    set: (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change })),
    changed: changedParts(draft, initial, segment),
  };
}

const draftOf = (segment: Segment | null): Draft => ({
  name: segment?.name ?? '',
  description: segment?.description ?? '',
  type: segment?.type ?? 'dynamic',
  query: segment?.rules == null ? EMPTY : toQuery(segment.rules as Rules),
  traitKey: null,
  allowCollision: false,
});

const PARTS = ['name', 'description', 'type', 'traitKey', 'allowCollision', 'rules'] as const;
export type Part = (typeof PARTS)[number];

function changedParts(draft: Draft, initial: Draft, segment: Segment | null): ReadonlySet<Part> {
  const [now, before] = [draft, initial].map((one) => asStored(one, segment)) as [Stored, Stored];
  return new Set(PARTS.filter((part) => now[part] !== before[part]));
}

type Stored = ReturnType<typeof asStored>;

/** All that saving would store, to compare. The ids of conditions come and go. */
const asStored = (
  { query, name, description, type, traitKey, allowCollision }: Draft,
  segment: Segment | null,
) => ({
  name: name.trim(),
  description: description.trim(),
  type,
  traitKey: traitKey ?? segment?.traitKey,
  allowCollision,
  rules: JSON.stringify(fromQuery(query, () => null)),
});

/** Whether a segment reads in the editor as it did before; what goes on around it is none of its business. */
export const isEditedAs = (segment: Segment, before: Segment): boolean =>
  JSON.stringify(asStored(draftOf(segment), segment)) === JSON.stringify(asStored(draftOf(before), before));
