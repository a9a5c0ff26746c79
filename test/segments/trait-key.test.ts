import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  firstFree,
  isReservedTrait,
  isValidTraitKey,
  slugFromName,
  traitKeyFromName,
} from '../../src/segments/trait-key.ts';

describe('from a name', () => {
  test.each([
    // As the product documents it.
    ['Enterprise', 'enterprise', 'enterprise'],
    ['Pro Plan Users', 'pro_plan_users', 'pro-plan-users'],
    ['VIP!', 'vip', 'vip'],
    // Separators and case.
    ['  spaces  around  ', 'spaces_around', 'spaces-around'],
    ['a--b__c..d', 'a_b_c_d', 'a-b-c-d'],
    ['CamelCase', 'camelcase', 'camelcase'],
    ['_leading and trailing_', 'leading_and_trailing', 'leading-and-trailing'],
    ["Bob's users", 'bobs_users', 'bobs-users'],
    ['Bob’s users', 'bobs_users', 'bobs-users'],
    ['50% off', '50_off', '50-off'],
    ['a/b\\c', 'a_b_c', 'a-b-c'],
    ['new\nline\ttab', 'new_line_tab', 'new-line-tab'],
    // Other alphabets.
    ['Café', 'cafe', 'cafe'],
    ['Cafe\u0301', 'cafe', 'cafe'],
    ['Ñandú Übergröße', 'nandu_ubergrosse', 'nandu-ubergrosse'],
    ['Łódź', 'lodz', 'lodz'],
    ['Привет мир', 'privet_mir', 'privet-mir'],
    ['Ελλάδα', 'ellada', 'ellada'],
    ['企業', 'qiye', 'qiye'],
    ['エンタープライズ', 'entapuraizu', 'entapuraizu'],
    ['기업', 'gieob', 'gieob'],
    ['Йога', 'yoga', 'yoga'],
    ['Йога'.normalize('NFD'), 'yoga', 'yoga'],
    ['شركة', 'shrkh', 'shrkh'],
    ['ﬁne', 'fine', 'fine'],
    ['Ｆｕｌｌ　ｗｉｄｔｈ', 'full_width', 'full-width'],
    ['🔥', 'fire', 'fire'],
    ['🔥 Hot leads', 'fire_hot_leads', 'fire-hot-leads'],
    // Nothing to spell: the caller falls back to another key.
    ['!!!', '', ''],
    ['---', '', ''],
    ['', '', ''],
    [' ', '', ''],
    ['\u200b', '', ''],
    ['\ud800', '', ''],
  ])('%j → %s', (name, key, slug) => {
    expect(traitKeyFromName(name)).toBe(key);
    expect(slugFromName(name)).toBe(slug);
  });

  test('any name gives a key that can be sent, or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        const key = traitKeyFromName(name);
        if (key !== '') expect(isValidTraitKey(key)).toBe(true);
        expect(key).toMatch(/^([a-z0-9]+(_[a-z0-9]+)*)?$/);
        expect(traitKeyFromName(key)).toBe(key);
        expect(slugFromName(name)).toBe(key.replaceAll('_', '-'));
      }),
      { numRuns: 1000 },
    );
  });

  test('a long name is cut at 100 characters, and not left with a separator at its end', () => {
    expect(traitKeyFromName('x'.repeat(300))).toBe('x'.repeat(100));
    expect(traitKeyFromName(`${'x'.repeat(99)} y`)).toBe('x'.repeat(99));
    expect(traitKeyFromName('企'.repeat(200)).length).toBeLessThanOrEqual(100);
  });
});

describe('reserved by Segment', () => {
  const RESERVED = [
    'address',
    'age',
    'avatar',
    'birthday',
    'company',
    'createdAt',
    'description',
    'email',
    'firstName',
    'gender',
    'id',
    'lastName',
    'name',
    'phone',
    'title',
    'username',
    'website',
  ];

  test('in every spelling, also as it comes out of a name', () => {
    for (const trait of RESERVED) {
      const words = trait.replace(/([A-Z])/g, ' $1');
      const spellings = [
        trait,
        trait.toLowerCase(),
        trait.toUpperCase(),
        words.trim().replaceAll(' ', '_'),
        `_${trait}_`,
        traitKeyFromName(words),
        traitKeyFromName(words.toUpperCase()),
      ];
      for (const spelling of spellings)
        expect([spelling, isReservedTrait(spelling)]).toEqual([spelling, true]);
    }
  });

  test('and nothing else', () => {
    const others = [
      '',
      'enterprise',
      'names',
      'first',
      'my_name',
      'email_2',
      'ids',
      'company_size',
      'constructor',
      '__proto__',
      'user_name_segment',
    ];
    for (const key of others) expect([key, isReservedTrait(key)]).toEqual([key, false]);
    for (const trait of RESERVED) expect(isReservedTrait(`${trait}_segment`)).toBe(false);
  });
});

test.each([
  ['enterprise', true],
  ['Enterprise_2', true],
  ['_', true],
  ['a'.repeat(100), true],
  ['a'.repeat(101), false],
  ['', false],
  ['a b', false],
  ['a-b', false],
  ['a.b', false],
  ['$a', false],
  ['é', false],
  ['a\n', false],
])('a key chosen by hand: %j can be sent: %p', (key, valid) => {
  expect(isValidTraitKey(key)).toBe(valid);
});

describe('collisions', () => {
  const taken =
    (...keys: string[]) =>
    (key: string) =>
      keys.includes(key);

  test.each([
    ['free', '_', [], 'vip'],
    ['taken once', '_', ['vip'], 'vip_2'],
    ['taken three times', '_', ['vip', 'vip_2', 'vip_3'], 'vip_4'],
    ['with a gap', '_', ['vip', 'vip_3'], 'vip_2'],
    ['as a slug', '-', ['vip', 'vip-2'], 'vip-3'],
  ] as const)('%s', (_name, separator, keys, expected) => {
    expect(firstFree('vip', separator, taken(...keys))).toBe(expected);
  });

  test('the first free key is free, can be sent, and is recognisable however long the key is', () => {
    fc.assert(
      fc.property(fc.nat(4), fc.nat(20), (shorter, n) => {
        const key = 'x'.repeat(100 - shorter);
        const keys: string[] = [];
        for (let i = 0; i < n; i++) keys.push(firstFree(key, '_', taken(...keys)));
        const next = firstFree(key, '_', taken(...keys));
        expect(keys).not.toContain(next);
        expect(isValidTraitKey(next)).toBe(true);
        expect(next).toStartWith('x'.repeat(96));
      }),
    );
  });
});
