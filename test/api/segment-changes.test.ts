import { describe } from 'bun:test';
import { prepare, type Scenario, scenarios } from './scenario.ts';

const SEGMENTS = '/api/v1/segments';
const inSegment = (slug: string) => ({
  match: 'all',
  conditions: [{ field: 'segment', operator: 'eq', value: slug }],
});
const paying = { match: 'all', conditions: [{ field: 'attributes.pays', operator: 'eq', value: true }] };
const SEED: Scenario['call'][] = [
  ['POST', '/api/v1/users/identify', { email: 'ada@example.com', attributes: { pays: true } }],
  ['POST', SEGMENTS, { name: 'Paying', type: 'dynamic', rules: paying }],
  ['POST', SEGMENTS, { name: 'VIP', type: 'manual' }],
  ['POST', SEGMENTS, { name: 'Both', type: 'dynamic', rules: inSegment('paying') }],
];
const seed = prepare(...SEED);

describe('show and list', () => {
  scenarios([
    {
      it: 'by id',
      given: seed,
      call: ['GET', `${SEGMENTS}/segment_1`],
      status: 200,
      body: { data: { slug: 'paying', rules: paying, memberCount: 1, evaluating: null } },
    },
    {
      it: 'by slug',
      given: seed,
      call: ['GET', `${SEGMENTS}/vip`],
      status: 200,
      body: { data: { id: 'segment_2', rules: null, memberCount: 0 } },
    },
    ...['segment_4', 'segment_', 'VIP', '2', 'nowhere', '%F0%9F%94%A5'].map(
      (id): Scenario => ({
        it: `not ${id}`,
        given: seed,
        call: ['GET', `${SEGMENTS}/${id}`],
        status: 404,
        body: { error: { code: 'not_found' } },
      }),
    ),
    {
      it: 'all, with member counts',
      given: seed,
      call: ['GET', SEGMENTS],
      status: 200,
      body: {
        data: [
          { slug: 'paying', memberCount: 1 },
          { slug: 'vip', memberCount: 0 },
          { slug: 'both', memberCount: 1 },
        ],
      },
    },
    { it: 'none', call: ['GET', SEGMENTS], status: 200, body: { data: [] } },
  ]);
});

describe('change', () => {
  scenarios([
    {
      it: 'a new name keeps slug and trait key',
      given: seed,
      call: ['PATCH', `${SEGMENTS}/vip`, { name: 'Very important', description: 'x', sync: false }],
      status: 200,
      body: { data: { slug: 'vip', name: 'Very important', description: 'x', traitKey: 'vip', sync: false } },
    },
    {
      it: 'null removes the description',
      given: seed,
      call: ['PATCH', `${SEGMENTS}/vip`, { description: null }],
      status: 200,
      body: { data: { description: null } },
    },
    {
      it: 'a new trait key keeps the slug',
      given: seed,
      call: ['PATCH', `${SEGMENTS}/vip`, { traitKey: 'is_vip' }],
      status: 200,
      body: { data: { slug: 'vip', traitKey: 'is_vip' } },
    },
    {
      it: 'the own trait key again',
      given: seed,
      call: ['PATCH', `${SEGMENTS}/vip`, { traitKey: 'vip' }],
      status: 200,
      body: { data: { traitKey: 'vip' } },
    },
    {
      it: 'the type stays',
      given: seed,
      call: ['PATCH', `${SEGMENTS}/vip`, { type: 'dynamic' }],
      status: 200,
      body: { data: { type: 'manual' } },
    },
    {
      it: 'nothing',
      given: seed,
      call: ['PATCH', `${SEGMENTS}/segment_2`, {}],
      status: 200,
      body: { data: { slug: 'vip', name: 'VIP' } },
    },
    { it: 'no segment', given: seed, call: ['PATCH', `${SEGMENTS}/nowhere`, { name: 'x' }], status: 404 },
  ]);
});

describe('segments that refer to segments', () => {
  const circle = { status: 422, body: { error: { code: 'invalid_rules' } }, contains: ['in a circle'] };
  scenarios([
    {
      it: 'one that refers to itself is refused',
      given: seed,
      call: ['PATCH', `${SEGMENTS}/paying`, { rules: inSegment('paying') }],
      ...circle,
    },
    {
      it: 'one that refers to itself is refused when created',
      call: ['POST', SEGMENTS, { name: 'Me', type: 'dynamic', rules: inSegment('me') }],
      ...circle,
    },
    {
      it: 'two that refer to each other are refused',
      given: seed,
      call: ['PATCH', `${SEGMENTS}/paying`, { rules: inSegment('both') }],
      ...circle,
    },
    {
      it: 'three in a circle are refused, at any depth of the rules',
      given: prepare(...SEED, [
        'POST',
        SEGMENTS,
        { name: 'Third', type: 'dynamic', rules: inSegment('both') },
      ]),
      call: [
        'PATCH',
        `${SEGMENTS}/paying`,
        { rules: { match: 'any', conditions: [paying, inSegment('third')] } },
      ],
      ...circle,
      body: {
        error: { code: 'invalid_rules', details: [{ path: 'rules.conditions[1].conditions[0].value' }] },
      },
    },
    {
      it: 'a manual segment may be referred to',
      given: seed,
      call: ['PATCH', `${SEGMENTS}/paying`, { rules: inSegment('vip') }],
      status: 200,
    },
    {
      it: 'one that is referred to can not be deleted, and the answer names who refers to it',
      given: seed,
      call: ['DELETE', `${SEGMENTS}/paying`],
      status: 409,
      body: { error: { code: 'segment_in_use' } },
      contains: ['\\"Both\\"'],
    },
    {
      it: 'it can be deleted once nobody refers to it',
      given: prepare(...SEED, ['DELETE', `${SEGMENTS}/both`]),
      call: ['DELETE', `${SEGMENTS}/segment_1`],
      status: 204,
    },
  ]);
});

describe('delete', () => {
  scenarios([
    { it: 'by slug', given: seed, call: ['DELETE', `${SEGMENTS}/vip`], status: 204 },
    { it: 'nobody', given: seed, call: ['DELETE', `${SEGMENTS}/nowhere`], status: 404 },
    {
      it: 'is over at once',
      given: prepare(...SEED, ['DELETE', `${SEGMENTS}/vip`]),
      call: ['GET', `${SEGMENTS}/vip/members`],
      status: 404,
    },
  ]);
});
