import anyAscii from 'any-ascii';

/** Traits Segment itself defines; a segment must never overwrite one (Segment's identify specification). */
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
const MAX_LENGTH = 100;
const fold = (key: string) => key.toLowerCase().replaceAll('_', '');
const reserved = new Set(RESERVED.map(fold));

/**
 * The snake_case trait key of a segment name: transliterated to ASCII ("Café" → `cafe`, "企業" → `qiye`, "🔥" → `fire`),
 * everything else a separator, at most 100 characters. Empty when the name holds nothing that can be spelled.
 */
export function traitKeyFromName(name: string): string {
  return anyAscii(name.normalize('NFC'))
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, MAX_LENGTH)
    .replace(/^_+|_+$/g, '');
}

/** The URL form of a segment name ("Pro Plan Users" → `pro-plan-users`). */
export const slugFromName = (name: string): string => traitKeyFromName(name).replaceAll('_', '-');

/** What is no segment below /segments, but another route of the API. */
const ROUTES = ['evaluate', 'preview', 'resync', 'trends'];

/** Whether a slug would be taken for something else in an address. */
export const isReservedSlug = (slug: string): boolean => ROUTES.includes(slug);

/** Whether Segment reserves the trait, in whatever spelling (`firstName`, `first_name`). */
export const isReservedTrait = (key: string): boolean => reserved.has(fold(key));

/** Whether a key chosen by hand can be sent: 1 to 100 letters, digits and underscores. */
export const isValidTraitKey = (key: string): boolean => /^[A-Za-z0-9_]{1,100}$/.test(key);

/** The first of `key`, `key_2`, `key_3` … that is not taken; a long key is shortened to make room for the number. */
export function firstFree(key: string, separator: '_' | '-', taken: (candidate: string) => boolean): string {
  let candidate = key;
  for (let n = 2; taken(candidate); n++) {
    const number = `${separator}${n}`;
    candidate = key.slice(0, MAX_LENGTH - number.length) + number;
  }
  return candidate;
}
