import { expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { decodeSignature, verifySignature } from '../../src/inbound/signature.ts';

const body = fc.uint8Array({ maxLength: 2000 });
const secret = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 });
const hmac = (bytes: Uint8Array, key: string) => createHmac('sha1', key).update(bytes).digest();

/** Every spelling Segment's senders are known to use, and white space a proxy may leave around it. */
const SPELLINGS: [string, (digest: Buffer) => string][] = [
  ['hex', (digest) => digest.toString('hex')],
  ['upper-case hex', (digest) => digest.toString('hex').toUpperCase()],
  ['base64', (digest) => digest.toString('base64')],
  ['hex with white space around it', (digest) => ` ${digest.toString('hex')}\t`],
  ['base64 with white space around it', (digest) => `\t${digest.toString('base64')} `],
];

const accepts = (bytes: Uint8Array, header: string, secrets: string[]): boolean => {
  const claimed = decodeSignature(header);
  const candidates = secrets.map((one) => ({ secret: one }));
  return claimed !== null && verifySignature(bytes, claimed, candidates) !== null;
};

test.each(SPELLINGS)('any bytes under any secret: the signature in %s is right', (_name, spell) => {
  fc.assert(
    fc.property(body, secret, (bytes, key) => {
      expect(accepts(bytes, spell(hmac(bytes, key)), [key])).toBe(true);
    }),
  );
});

test('text and its UTF-8 bytes have the same signature', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), secret, (text, key) => {
      const claimed = hmac(Buffer.from(text), key);
      expect(verifySignature(text, claimed, [{ secret: key }])).toEqual({ secret: key });
    }),
  );
});

test.each(SPELLINGS)('under another secret the signature in %s is wrong', (_name, spell) => {
  fc.assert(
    fc.property(body, secret, secret, (bytes, key, other) => {
      // HMAC pads a key with zero bytes, so two keys that differ only in those are the same key.
      fc.pre(key.replace(/\0+$/, '') !== other.replace(/\0+$/, ''));
      expect(accepts(bytes, spell(hmac(bytes, other)), [key])).toBe(false);
    }),
  );
});

test('one flipped bit in the body or in the signature makes it wrong', () => {
  const flip = (bytes: Uint8Array, bit: number) => {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    return flipped;
  };
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), secret, fc.nat(), (bytes, key, n) => {
      const digest = hmac(bytes, key);
      expect(accepts(flip(bytes, n % (bytes.length * 8)), digest.toString('hex'), [key])).toBe(false);
      expect(accepts(bytes, flip(digest, n % 160).toString('hex'), [key])).toBe(false);
      expect(accepts(bytes, flip(digest, n % 160).toString('base64'), [key])).toBe(false);
    }),
  );
});

test('a signature of another length is none', () => {
  const bytes = fc.uint8Array({ maxLength: 64 }).filter(({ length }) => length !== 20);
  fc.assert(
    fc.property(bytes, (digest) => {
      expect(decodeSignature(Buffer.from(digest).toString('hex'))).toBeNull();
      expect(decodeSignature(Buffer.from(digest).toString('base64'))).toBeNull();
    }),
  );
});

test('a signature in another alphabet is none', () => {
  const digest = fc.uint8Array({ minLength: 20, maxLength: 20 });
  const outsider = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
    .filter((c) => !/[\w+/=\s]/.test(c));
  fc.assert(
    fc.property(
      digest,
      outsider,
      fc.nat(26),
      fc.constantFrom('hex', 'base64'),
      (bytes, char, at, encoding) => {
        const text = Buffer.from(bytes).toString(encoding as BufferEncoding);
        expect(decodeSignature(text.slice(0, at) + char + text.slice(at + 1))).toBeNull();
      },
    ),
  );
});

test.each([
  ['nothing', ''],
  ['white space', ' '],
  ['hex with a prefix', `sha1=${'a'.repeat(40)}`],
  ['hex with a 0x', `0x${'a'.repeat(38)}`],
  ['hex with one letter that is none', `${'a'.repeat(39)}g`],
  ['base64 without its padding', 'A'.repeat(27)],
  ['base64 with too much padding', `${'A'.repeat(26)}==`],
  ['base64url', `${'-_'.repeat(13)}A=`],
  ['two signatures', `${'a'.repeat(40)}, ${'a'.repeat(40)}`],
  ['full-width digits', '１'.repeat(40)],
  ['a line break inside', `${'a'.repeat(20)}\n${'a'.repeat(20)}`],
])('%s is no signature', (_name, header) => {
  expect(decodeSignature(header)).toBeNull();
});

test('with several secrets each of them counts, and the one that fits is named', () => {
  fc.assert(
    fc.property(
      body,
      fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      (bytes, keys, n) => {
        const secrets = keys.map((key, i) => ({ id: i, secret: key }));
        const chosen = n % keys.length;
        const claimed = hmac(bytes, keys[chosen] as string);
        expect(verifySignature(bytes, claimed, secrets)?.id).toBe(chosen);
        const rest = secrets.filter(({ id }) => id !== chosen);
        expect(verifySignature(bytes, claimed, rest)).toBeNull();
      },
    ),
  );
});
