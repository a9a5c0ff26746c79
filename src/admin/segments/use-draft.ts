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

export function useDraft(segment: Segment | null) {
  const [initial] = useState<Draft>(() => ({
    name: segment?.name ?? '',
    description: segment?.description ?? '',
    type: segment?.type ?? 'dynamic',
    query: segment?.rules == null ? EMPTY : toQuery(segment.rules as Rules),
    traitKey: null,
    allowCollision: false,
  }));
  const [draft, setDraft] = useState(initial);
  return {
    draft,
    set: (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change })),
    isChanged: asStored(draft, segment) !== asStored(initial, segment),
  };
}

/** All that saving would store, to compare: an edit that was taken back is none. The ids of conditions come and go. */
const asStored = ({ query, name, description, traitKey, ...rest }: Draft, segment: Segment | null) =>
  JSON.stringify({
    ...rest,
    name: name.trim(),
    description: description.trim(),
    traitKey: traitKey ?? segment?.traitKey,
    rules: fromQuery(query, () => null),
  });
