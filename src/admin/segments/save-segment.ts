import { api, result } from '../api.ts';
import { EDITOR } from '../texts/segments.ts';
import type { Segment } from './data.ts';
import { effectText } from './preview-panel.tsx';
import type { Rules } from './rules.ts';
import type { Draft, Part } from './use-draft.ts';
import type { Preview } from './use-preview.ts';

/**
 * Creates the segment, or changes the one there is; answers it. Of one that is there only what was changed is sent: what
 * somebody else made of the rest meanwhile stays.
 */
export async function saveSegment(
  draft: Draft,
  rules: Rules | null,
  segment: Segment | null,
  changed: ReadonlySet<Part>,
): Promise<Segment> {
  const wanted = (part: Part) => segment === null || changed.has(part);
  const description = draft.description.trim();
  const name = draft.name.trim();
  const rest = {
    ...(wanted('description') && { description: description === '' ? null : description }),
    ...(rules !== null && wanted('rules') && { rules }),
    ...(draft.traitKey !== null && wanted('traitKey') && { traitKey: draft.traitKey }),
    ...(draft.allowCollision && { allowTraitCollision: true }),
  };
  const { data } = await result(
    segment === null
      ? api.segments.post({ name, type: draft.type, ...rest })
      : api.segments({ id: segment.id }).patch({ ...(wanted('name') && { name }), ...rest }),
  );
  return data;
}

/** What was saved, who joins and leaves by it, and whether Segment hears. */
export function savedText(
  segment: Segment,
  changed: ReadonlySet<Part> | null,
  preview: Preview | null,
  isSending: boolean,
): string {
  const isNew = changed === null;
  const rulesChanged = segment.type === 'dynamic' && (isNew || changed.has('rules'));
  const effect = !rulesChanged
    ? ''
    : preview?.complete === true
      ? effectText(preview).replace(/^Saving: /, '')
      : EDITOR.evaluatingNow;
  const isTold = rulesChanged || (!isNew && changed.has('traitKey'));
  const hears = !isTold ? '' : segment.sync && isSending ? EDITOR.willHear : EDITOR.syncOff;
  return EDITOR.saved(segment.name, effect, hears);
}
