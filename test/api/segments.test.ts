import { describe, expect, test } from 'bun:test';
import { startTestService } from '../helpers/service.ts';
import { operationsOf } from './operations.ts';
import { prepare, problem, type Scenario, scenarios } from './scenario.ts';

const SEGMENTS = '/api/v1/segments';
const where = (field: string, operator: string, value?: unknown) => ({
  match: 'all',
  conditions: [{ field, operator, value }],
});
const enterprise = where('attributes.plan', 'eq', 'enterprise');
const dynamic = (name: string, rules: unknown) => ({ name, type: 'dynamic', rules });
const manual = (name: string, rest: object = {}) => ({ name, type: 'manual', ...rest });
const create = (...segments: object[]) =>
  prepare(...segments.map((segment): Scenario['call'] => ['POST', SEGMENTS, segment]));

describe('create', () => {
  scenarios([
    {
      it: 'a manual segment',
      call: ['POST', SEGMENTS, manual('VIP!', { description: 'By hand', sync: false })],
      status: 201,
      body: {
        data: {
          id: 'segment_1',
          slug: 'vip',
          name: 'VIP!',
          description: 'By hand',
          type: 'manual',
          rules: null,
          traitKey: 'vip',
          sync: false,
          memberCount: 0,
        },
      },
    },
    {
      it: 'a dynamic segment, synced unless asked otherwise',
      call: ['POST', SEGMENTS, dynamic(' Pro Plan Users ', enterprise)],
      status: 201,
      body: {
        data: {
          slug: 'pro-plan-users',
          name: 'Pro Plan Users',
          description: null,
          type: 'dynamic',
          rules: enterprise,
          traitKey: 'pro_plan_users',
          sync: true,
        },
      },
    },
    ...(
      [
        ['Enterprise', 'enterprise', 'enterprise'],
        ['Café au lait', 'cafe-au-lait', 'cafe_au_lait'],
        ['企業', 'qiye', 'qiye'],
        ['Пользователи', 'polzovateli', 'polzovateli'],
        ["Ada's team", 'adas-team', 'adas_team'],
        ['!!!', 'segment', 'segment'],
      ] as const
    ).map(
      ([name, slug, traitKey]): Scenario => ({
        it: `"${name}" has the trait ${traitKey}`,
        call: ['POST', SEGMENTS, manual(name)],
        status: 201,
        body: { data: { name, slug, traitKey } },
      }),
    ),
    {
      it: 'a trait key chosen by hand',
      call: ['POST', SEGMENTS, manual('Enterprise', { traitKey: 'is_Enterprise' })],
      status: 201,
      body: { data: { slug: 'enterprise', traitKey: 'is_Enterprise' } },
    },
    {
      it: 'the same name twice, with trait keys of their own',
      given: create(manual('Enterprise')),
      call: ['POST', SEGMENTS, manual('Enterprise', { traitKey: 'other' })],
      status: 201,
      body: { data: { slug: 'enterprise-2', traitKey: 'other' } },
    },
    {
      it: 'the name and trait key of a deleted segment',
      given: prepare(['POST', SEGMENTS, manual('VIP')], ['DELETE', `${SEGMENTS}/vip`]),
      call: ['POST', SEGMENTS, manual('VIP')],
      status: 201,
      body: { data: { id: 'segment_2', slug: 'vip', traitKey: 'vip' } },
    },
  ]);
});

test('a segment named like another route has an address of its own', async () => {
  const service = await startTestService();
  const words = (await operationsOf(service)).flatMap(
    ({ path }) => /^\/api\/v1\/segments\/([a-z-]+)$/.exec(path)?.[1] ?? [],
  );
  expect(words).toContain('trends');
  for (const name of new Set(words)) {
    const { body } = await service.api('POST', SEGMENTS, manual(name));
    expect(body.data).toMatchObject({ slug: `${name}-2`, traitKey: name });
    expect((await service.api('GET', `${SEGMENTS}/${body.data.slug}`)).body.data.id).toBe(body.data.id);
  }
  await service.stop();
});

describe('trait keys that can not be had', () => {
  const reserved = ['Email', 'First Name', 'Created at', 'Company', 'ID', 'Website'].map((name): Scenario => {
    const key = name.toLowerCase().replace(' ', '_');
    return {
      it: `"${name}" would overwrite a trait of Segment's own`,
      call: ['POST', SEGMENTS, manual(name)],
      status: 422,
      body: { error: { code: 'reserved_trait', details: { suggestion: `${key}_segment` } } },
      contains: [`such as \\"${key}_segment\\"`],
    };
  });
  scenarios([
    ...reserved,
    {
      it: 'a reserved one chosen by hand, in any spelling',
      call: ['POST', SEGMENTS, manual('VIP', { traitKey: 'lastName' })],
      status: 422,
      body: { error: { code: 'reserved_trait', details: { suggestion: 'lastName_segment' } } },
    },
    {
      it: 'a suggestion that is free',
      given: create(manual('Email', { traitKey: 'email_segment' })),
      call: ['POST', SEGMENTS, manual('Email')],
      status: 422,
      body: { error: { code: 'reserved_trait', details: { suggestion: 'email_segment_2' } } },
    },
    {
      it: 'one that another segment has',
      given: create(manual('Enterprise'), manual('Enterprise', { traitKey: 'enterprise_2' })),
      call: ['POST', SEGMENTS, manual('Enterprise')],
      status: 409,
      body: { error: { code: 'trait_key_taken', details: { suggestion: 'enterprise_3' } } },
      contains: ['such as \\"enterprise_3\\"'],
    },
    {
      it: 'a suggestion no longer than a key may be',
      given: create(manual('Long', { traitKey: 'k'.repeat(100) })),
      call: ['POST', SEGMENTS, manual('Long', { traitKey: 'k'.repeat(100) })],
      status: 409,
      body: { error: { details: { suggestion: 'k'.repeat(95) } } },
    },
    {
      it: 'one that another segment has, when changing',
      given: create(manual('VIP'), manual('Enterprise')),
      call: ['PATCH', `${SEGMENTS}/vip`, { traitKey: 'enterprise', name: 'Not this either' }],
      status: 409,
      body: { error: { code: 'trait_key_taken', details: { suggestion: 'enterprise_2' } } },
    },
    {
      it: 'a reserved one, when changing',
      given: create(manual('VIP')),
      call: ['PATCH', `${SEGMENTS}/vip`, { traitKey: 'phone' }],
      status: 422,
      body: { error: { code: 'reserved_trait', details: { suggestion: 'phone_segment' } } },
    },
    ...['', 'with space', 'dash-ed', 'ünï', 'a.b', 'x'.repeat(101)].map(
      (traitKey): Scenario => ({
        it: `${JSON.stringify(traitKey.slice(0, 12))} is not a key`,
        call: ['POST', SEGMENTS, manual('VIP', { traitKey })],
        status: 422,
        body: problem('body.traitKey', 'must be text of 1 to 100 characters matching ^[A-Za-z0-9_]+$'),
      }),
    ),
  ]);
});

describe('validation', () => {
  scenarios([
    {
      it: 'needs a name',
      call: ['POST', SEGMENTS, { type: 'manual' }],
      status: 422,
      contains: ['body.name', 'is missing'],
    },
    {
      it: 'needs a type',
      call: ['POST', SEGMENTS, { name: 'x' }],
      status: 422,
      body: problem('body.type', 'is missing; it must be one of manual, dynamic'),
    },
    {
      it: 'knows two types',
      call: ['POST', SEGMENTS, { name: 'x', type: 'smart' }],
      status: 422,
      body: problem('body.type', 'must be one of manual, dynamic'),
    },
    {
      it: 'refuses an empty name',
      call: ['POST', SEGMENTS, manual('')],
      status: 422,
      contains: ['body.name'],
    },
    {
      it: 'refuses a blank name',
      call: ['POST', SEGMENTS, manual('  ')],
      status: 422,
      body: problem('body.name', 'must be text of 1 to 120 characters on one line, not only spaces'),
    },
    {
      it: 'refuses a long name',
      call: ['POST', SEGMENTS, manual('x'.repeat(121))],
      status: 422,
      body: problem('body.name', 'must be text of 1 to 120 characters on one line, not only spaces'),
    },
    {
      it: 'refuses a name that would break a line',
      call: ['POST', SEGMENTS, manual('VIP\nteam')],
      status: 422,
      contains: ['body.name'],
    },
    {
      it: 'refuses a long description',
      call: ['POST', SEGMENTS, manual('x', { description: 'x'.repeat(1001) })],
      status: 422,
      contains: ['body.description'],
    },
    {
      it: 'refuses text for a switch',
      call: ['POST', SEGMENTS, manual('x', { sync: 'yes' })],
      status: 422,
      body: problem('body.sync', 'must be true or false'),
    },
    {
      it: 'refuses rules for a manual segment',
      call: ['POST', SEGMENTS, manual('x', { rules: enterprise })],
      status: 422,
      body: { error: { code: 'invalid_rules', details: [{ path: 'rules' }] } },
    },
    {
      it: 'refuses to blank a name',
      given: create(manual('VIP')),
      call: ['PATCH', `${SEGMENTS}/vip`, { name: ' ' }],
      status: 422,
      contains: ['body.name'],
    },
  ]);
});

describe('rules that can not be evaluated are refused with the path to the culprit', () => {
  const refused: [rules: unknown, path: string, message: string][] = [
    [undefined, 'rules', 'must be an object'],
    [null, 'rules', 'must be an object'],
    ['plan = enterprise', 'rules', 'must be an object'],
    [[], 'rules', 'must be an object'],
    [
      { match: 'some', conditions: [{ field: 'email', operator: 'is_set' }] },
      'rules.match',
      'must be \\"all\\" or \\"any\\"',
    ],
    [{ match: 'all' }, 'rules.conditions', 'must be a list'],
    [{ match: 'all', conditions: [] }, 'rules.conditions', 'at least one'],
    [{ match: 'all', conditions: [7] }, 'rules.conditions[0]', 'must be an object'],
    [where('phone', 'eq', '1'), 'rules.conditions[0].field', 'must be email, name'],
    [where('attributes.', 'eq', '1'), 'rules.conditions[0].field', 'attributes.<key>'],
    [where('email', 'like', 'a'), 'rules.conditions[0].operator', 'must be one of eq, neq, gt'],
    [where('email', 'constructor', 'a'), 'rules.conditions[0].operator', 'must be one of eq, neq, gt'],
    [where('attributes.seats', 'gt', 'many'), 'rules.conditions[0].value', 'a number or an ISO date'],
    [where('attributes.plan', 'contains', 5), 'rules.conditions[0].value', 'must be text'],
    [where('attributes.plan', 'in', 'pro'), 'rules.conditions[0].value', 'must be a list'],
    [where('attributes.plan', 'in', []), 'rules.conditions[0].value', 'must be a list'],
    [where('attributes.plan', 'eq', { a: 1 }), 'rules.conditions[0].value', 'a number, true or false'],
    [where('attributes.plan', 'is_set', 'x'), 'rules.conditions[0].value', 'takes no value'],
    [
      { match: 'all', conditions: [{ field: 'email', operator: 'is_set', not: true }] },
      'rules.conditions[0].not',
      'is not known here',
    ],
    [
      {
        match: 'any',
        conditions: [{ field: 'email', operator: 'is_set' }, where('attributes.a', 'lt', 'b')],
      },
      'rules.conditions[1].conditions[0].value',
      'a number or an ISO date',
    ],
    [where('segment', 'eq', 'nowhere'), 'rules.conditions[0].value', 'no segment \\"nowhere\\"'],
  ];
  scenarios(
    refused.flatMap(([rules, path, message]): Scenario[] => {
      const expected = {
        status: 422,
        body: { error: { code: 'invalid_rules', details: [{ path }] } },
        contains: [message],
      };
      const said = JSON.stringify(rules) ?? 'nothing';
      return [
        { it: `when creating: ${said}`, call: ['POST', SEGMENTS, dynamic('Refused', rules)], ...expected },
      ];
    }),
  );
  scenarios([
    {
      it: 'when changing, too',
      given: create(dynamic('Enterprise', enterprise)),
      call: ['PATCH', `${SEGMENTS}/enterprise`, { rules: where('phone', 'eq', 1), name: 'Not taken' }],
      status: 422,
      body: { error: { code: 'invalid_rules', details: [{ path: 'rules.conditions[0].field' }] } },
    },
    {
      it: 'a dynamic segment can not lose its rules',
      given: create(dynamic('Enterprise', enterprise)),
      call: ['PATCH', `${SEGMENTS}/enterprise`, { rules: null }],
      status: 422,
      body: { error: { code: 'invalid_rules' } },
    },
    {
      it: 'every problem is listed',
      call: ['POST', SEGMENTS, dynamic('x', { match: 'no', conditions: [{ field: 'a', operator: 'b' }, 1] })],
      status: 422,
      contains: [
        'rules.match',
        'rules.conditions[0].field',
        'rules.conditions[0].operator',
        'rules.conditions[1]',
      ],
    },
  ]);
});
