import { t } from 'elysia';
import { oneOf } from '../http/api.ts';
import type { Operand, ValueType } from './operators.ts';

const TYPES = ['text', 'number', 'boolean', 'date', 'list'] as const satisfies readonly ValueType[];
const OPERANDS = [
  'none',
  'scalar',
  'comparable',
  'text',
  'pattern',
  'list',
  'range',
  'date',
  'span',
] as const satisfies readonly Operand[];

export const VocabularyAnswer = t.Object(
  {
    data: t.Object({
      operators: t.Array(
        t.Object({
          name: t.String({ examples: ['gte'] }),
          title: t.String({ description: 'How it reads in a sentence', examples: ['is at least'] }),
          description: t.String(),
          operand: oneOf(OPERANDS, { description: 'What it takes as its `value`' }),
          fits: t.Array(
            t.Object({
              type: oneOf(TYPES),
              title: t.String({ description: 'How it reads for this type', examples: ['is on or after'] }),
              offered: t.Boolean({
                description: 'False where another operator does the same in better words',
              }),
            }),
            { description: 'Types of value it makes sense for' },
          ),
        }),
      ),
      fields: t.Array(
        t.Object({
          name: t.String({ examples: ['createdAt'] }),
          title: t.String(),
          description: t.String(),
          type: oneOf([...TYPES, 'segment']),
          operators: t.Array(t.String(), { description: 'Those it takes' }),
        }),
        { description: 'Fields besides `attributes.<path>`, which takes every operator' },
      ),
      limits: t.Object({
        depth: t.Integer({ description: 'Groups in groups' }),
        conditions: t.Integer({ description: 'Conditions of a segment' }),
        values: t.Integer({ description: 'Values of a list' }),
      }),
    }),
  },
  { description: 'What rules are made of' },
);

export const TraitKeyQuery = t.Object({
  name: t.Optional(t.String({ maxLength: 120, description: 'Name of a new segment, to make a key from' })),
  traitKey: t.Optional(
    t.String({
      minLength: 1,
      maxLength: 100,
      pattern: '^[A-Za-z0-9_]+$',
      description: 'A key of your choice',
    }),
  ),
  segment: t.Optional(t.String({ description: 'Id or slug of the segment that is to get the key' })),
});
export const TraitKeyAnswer = t.Object(
  {
    data: t.Object({
      traitKey: t.String({ examples: ['enterprise'] }),
      problem: t.Nullable(
        t.Object({
          code: t.String({
            description: 'reserved_trait, trait_key_taken or trait_in_use',
            examples: ['trait_in_use'],
          }),
          message: t.String(),
          suggestion: t.String({ description: 'A key that can be had', examples: ['enterprise_segment'] }),
          users: t.Nullable(t.Integer({ description: 'With trait_in_use: users who have the attribute' })),
        }),
        { description: 'What stands against the key; null for nothing' },
      ),
    }),
  },
  { description: 'A trait key' },
);

export const ToldAnswer = t.Object(
  {
    data: t.Object({
      told: t.Integer({
        description: 'People for whom Segment has the trait, as far as is known: what a deletion takes back',
        examples: [184],
      }),
      complete: t.Boolean({ description: 'Whether everybody was looked at; else there may be more' }),
      pending: t.Integer({ description: 'Changes that wait to be sent' }),
      parked: t.Integer({ description: 'Changes that Segment refused' }),
    }),
  },
  { description: 'What Segment holds' },
);
