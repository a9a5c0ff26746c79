import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { startTestService, type TestService } from '../helpers/service.ts';
import { all, done, dynamic, is, person, SEGMENTS } from './people.ts';

let t: TestService;
beforeEach(async () => {
  t = await startTestService();
});
afterEach(() => t.stop());

const create = (name: string, rest: object = {}) =>
  t.api('POST', SEGMENTS, { name, type: 'manual', ...rest });
const refusal = ({ status, body }: Awaited<ReturnType<typeof create>>) => ({
  status,
  code: body.error?.code,
  suggestion: body.error?.details?.suggestion,
});

describe('names in any script', () => {
  test.each([
    ['Cyrillic', 'Привет, мир', 'privet_mir', 'privet-mir'],
    ['Cyrillic with a diaeresis', 'Ёжики', 'ezhiki', 'ezhiki'],
    ['Chinese', '企業', 'qiye', 'qiye'],
    ['Japanese', '東京 ユーザー', 'dongjing_yuza', 'dongjing-yuza'],
    ['Korean', '한국', 'hangug', 'hangug'],
    ['Greek', 'ΑΒΓ', 'avg', 'avg'],
    ['Hebrew', 'עברית', 'vryt', 'vryt'],
    ['accents', 'Café Müller', 'cafe_muller', 'cafe-muller'],
    ['accents as marks of their own', 'Cafe\u0301', 'cafe', 'cafe'],
    [
      'ligatures and crossed letters',
      'Straße Ørsted Æther',
      'strasse_orsted_aether',
      'strasse-orsted-aether',
    ],
    ['a dotted capital I', 'İstanbul', 'istanbul', 'istanbul'],
    ['emoji alone', '🔥', 'fire', 'fire'],
    ['several emoji', '🔥🚀', 'fire_rocket', 'fire-rocket'],
    ['an emoji put together', '👩‍💻', 'woman_computer', 'woman-computer'],
    ['punctuation alone', '!?…', 'segment', 'segment'],
    ['a lone mark', '\u0301', 'segment', 'segment'],
    ['an apostrophe', "Ada's users", 'adas_users', 'adas-users'],
    ['digits alone', '100 %', '100', '100'],
  ])('%s', async (_it, name, traitKey, slug) => {
    const { status, body } = await create(name);
    expect({ status, name: body.data?.name, traitKey: body.data?.traitKey, slug: body.data?.slug }).toEqual({
      status: 201,
      name,
      traitKey,
      slug,
    });
  });

  test('Segment hears of each under its key', async () => {
    await t.connect();
    await person(t, 'ada@x.io');
    for (const name of ['企業', 'Москва', '🔥', '…', 'Café']) {
      const { slug } = (await create(name)).body.data;
      await done(t, 'POST', `${SEGMENTS}/${slug}/members`, { emails: ['ada@x.io'] });
    }
    const wanted = { qiye: true, moskva: true, fire: true, segment: true, cafe: true };
    await t.stub.waitFor(({ profiles }) => Object.keys(profiles().get('ada@x.io') ?? {}).length === 5);
    expect(t.stub.profiles().get('ada@x.io')).toEqual(wanted);
  });
});

describe('two names with one spelling', () => {
  test.each([
    ['accents', 'Café', 'Cafe'],
    ['scripts', 'Москва', 'Moskva'],
    ['punctuation', 'VIP!', '(VIP)'],
    ['case', 'vip', 'VIP'],
    ['emoji and its name', '🔥', 'Fire'],
  ])('the second needs a key of its own, and one is proposed: %s', async (_it, first, second) => {
    const { traitKey } = (await create(first)).body.data;
    const answer = refusal(await create(second));
    expect(answer).toEqual({ status: 409, code: 'trait_key_taken', suggestion: `${traitKey}_2` });
    const { status, body } = await create(second, { traitKey: answer.suggestion });
    expect({ status, traitKey: body.data.traitKey }).toEqual({ status: 201, traitKey: `${traitKey}_2` });
  });

  test('names that can not be spelled are numbered', async () => {
    for (const [name, traitKey, slug] of [
      ['!', 'segment', 'segment'],
      ['?', 'segment_2', 'segment-2'],
      ['…', 'segment_3', 'segment-3'],
    ]) {
      expect((await create(name as string)).body.data).toMatchObject({ traitKey, slug });
    }
  });
});

describe("traits of Segment's own", () => {
  test.each([
    ['E-Mail', 'e_mail_segment'],
    ['Émail', 'email_segment'],
    ['First name', 'first_name_segment'],
    ['Ид', 'id_segment'],
    ['🆔', 'id_segment'],
  ])('%s', async (name, suggestion) => {
    expect(refusal(await create(name))).toEqual({ status: 422, code: 'reserved_trait', suggestion });
  });
});

describe('a key that users have as an attribute', () => {
  const inUse = { status: 409, code: 'trait_in_use', suggestion: 'plan_segment' };
  beforeEach(async () => {
    await person(t, 'ada@x.io', { plan: 'pro', company: { size: 3 } });
    await person(t, 'bob@x.io', { plan: 'free' });
  });

  test('is refused, with the number of users and another key', async () => {
    const answer = await create('Plan');
    expect(refusal(answer)).toEqual(inUse);
    expect(answer.body.error.details).toEqual({ suggestion: 'plan_segment', users: 2 });
    expect(answer.body.error.message).toContain('allowTraitCollision');
    expect(await done(t, 'GET', SEGMENTS)).toEqual([]);
    expect((await create('Plan', { traitKey: 'plan_segment' })).status).toBe(201);
  });

  test('is taken when that is confirmed', async () => {
    const { status, body } = await create('Plan', { allowTraitCollision: true });
    expect({ status, traitKey: body.data.traitKey }).toEqual({ status: 201, traitKey: 'plan' });
    // A name or rules of another day are no reason to ask again.
    expect((await t.api('PATCH', `${SEGMENTS}/plan`, { name: 'Plans', traitKey: 'plan' })).status).toBe(200);
  });

  test('is refused when changing, too', async () => {
    await create('VIP');
    expect(refusal(await t.api('PATCH', `${SEGMENTS}/vip`, { traitKey: 'plan' }))).toEqual(inUse);
    expect((await done(t, 'GET', `${SEGMENTS}/vip`)).traitKey).toBe('vip');
    const confirmed = { traitKey: 'plan', allowTraitCollision: true };
    expect((await done(t, 'PATCH', `${SEGMENTS}/vip`, confirmed)).traitKey).toBe('plan');
  });

  test('a proposal is one that is free', async () => {
    await create('VIP', { traitKey: 'plan_segment' });
    expect(refusal(await create('Plan'))).toEqual({ ...inUse, suggestion: 'plan_segment_2' });
  });

  test('other spellings, nested attributes and former ones do not matter', async () => {
    await dynamic(t, 'Plans', all(is('attributes.plan', 'is_set')), { traitKey: 'Plan' });
    await dynamic(t, 'Size', all(is('attributes.company.size', 'is_set')));
    await person(t, 'ada@x.io', { plan: null });
    await person(t, 'bob@x.io', { plan: null });
    expect((await create('Plan')).status).toBe(201);
  });
});
