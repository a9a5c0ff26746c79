import { api, result } from '../api.ts';
import { EDITOR } from '../texts/segments.ts';
import type { Segment } from './data.ts';
import { effectText } from './preview-panel.tsx';
import type { Rules } from './rules.ts';
import type { Draft } from './use-draft.ts';
import type { Preview } from './use-preview.ts';

/** Creates the segment, or changes the one there is; answers it. */
export async function saveSegment(
  draft: Draft,
  rules: Rules | null,
  segment: Segment | null,
): Promise<Segment> {
  const body = {
    name: draft.name.trim(),
    description: draft.description.trim() === '' ? null : draft.description.trim(),
    ...(rules !== null && { rules }),
    ...(draft.traitKey !== null && { traitKey: draft.traitKey }),
    ...(draft.allowCollision && { allowTraitCollision: true }),
  };
  const { data } = await result(
    segment === null
      ? api.segments.post({ ...body, type: draft.type })
      : api.segments({ id: segment.id }).patch(body),
  );
  return data;
}

/** What was saved, who joins and leaves by it, and whether Segment hears. */
export function savedText(
  segment: Segment,
  before: Segment | null,
  preview: Preview | null,
  isSending: boolean,
): string {
  const rulesChanged =
    segment.type === 'dynamic' && JSON.stringify(before?.rules) !== JSON.stringify(segment.rules);
  const changes = rulesChanged || before?.traitKey !== segment.traitKey;
  const effect = !rulesChanged
    ? ''
    : preview?.complete === true
      ? effectText(preview).replace(/^Saving: /, '')
      : EDITOR.evaluatingNow;
  const hears = !changes ? '' : segment.sync && isSending ? EDITOR.willHear : EDITOR.syncOff;
  return EDITOR.saved(segment.name, effect, segment.type === 'manual' && before === null ? '' : hears);
}
