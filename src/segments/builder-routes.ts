import { Elysia } from 'elysia';
import { api, errorResponses } from '../http/api.ts';
import { ToldAnswer, TraitKeyAnswer, TraitKeyQuery, VocabularyAnswer } from './builder-model.ts';
import { SegmentParams } from './model.ts';
import { getSegment, pick, type SegmentDeps } from './service.ts';
import { countTold } from './told.ts';
import { checkTraitKey, keyFor } from './trait-key-choice.ts';
import { vocabulary } from './vocabulary.ts';

/** What one wants to know before a segment is saved or deleted. */
export const builderRoutes = (deps: SegmentDeps) =>
  new Elysia({ tags: ['Segments'] })
    .use(api)
    .get('/operators', () => ({ data: vocabulary() }), {
      response: { 200: VocabularyAnswer, ...errorResponses(401) },
      detail: {
        summary: 'List operators and fields',
        description: 'What rules are made of, in words: operators with the types they fit, fields, limits.',
      },
    })
    .get(
      '/trait-key',
      async ({ query: { name = '', traitKey, segment } }) => {
        const segments = await deps.store.listSegments();
        const own = segment === undefined ? null : pick(segments, segment);
        const key = traitKey ?? own?.traitKey ?? keyFor(name, segments);
        return { data: await checkTraitKey(deps.store, key, segments, own) };
      },
      {
        query: TraitKeyQuery,
        response: { 200: TraitKeyAnswer, ...errorResponses(401, 404, 422) },
        detail: {
          summary: 'Suggest and check a trait key',
          description:
            'The trait key a segment of this name would get, or the one given, and what stands against it.',
        },
      },
    )
    .get(
      '/segments/:id/told',
      async ({ params }) => {
        const { id } = await getSegment(deps, params.id);
        const startedAt = performance.now();
        const elapsed = () => performance.now() - startedAt;
        return { data: await countTold(deps.store, id, { budgetMs: BUDGET_MS, elapsed }) };
      },
      {
        params: SegmentParams,
        response: { 200: ToldAnswer, ...errorResponses(401, 404) },
        detail: {
          summary: 'Show what Segment holds of a segment',
          description:
            'How many people Segment has the trait of: those for whom it would be taken back when the segment is deleted or its trait key changes. Ends within a second; with very many users the count is then a partial one and says so.',
        },
      },
    );

/** Milliseconds a count may take; with the answer's way it stays within a second. */
const BUDGET_MS = 850;
