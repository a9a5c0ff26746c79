/** A signature as somebody wrote it: which hash it is by its length, and how it was written. */
export interface ClaimedSignature {
  digest: Buffer;
  hash: Hash;
  /** "hex", "base64" or what else, in words. */
  writing: string;
}
export type Hash = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

const HASHES = new Map<number, Hash>([
  [16, 'md5'],
  [20, 'sha1'],
  [32, 'sha256'],
  [48, 'sha384'],
  [64, 'sha512'],
]);
export const HASH_NAMES: Record<Hash, string> = {
  md5: 'HMAC-MD5',
  sha1: 'HMAC-SHA1',
  sha256: 'HMAC-SHA256',
  sha384: 'HMAC-SHA384',
  sha512: 'HMAC-SHA512',
};

/** Reads a signature more leniently than the webhook does, to tell what is wrong with it; null for what is none. */
export function readClaim(header: string): ClaimedSignature | null {
  const text = header.trim();
  const bare = text.replace(/^["']|["']$/g, '').replace(/^(hmac[-_]?)?(md5|sha-?\d+)\s*[=:]\s*/i, '');
  const found = fromHex(bare, 'hex') ?? fromBase64(bare);
  if (found === null || bare === text) return found;
  return { ...found, writing: `${found.writing} with something around it` };
}

function fromHex(text: string, writing: string): ClaimedSignature | null {
  const hash = /^[0-9a-f]+$/i.test(text) && text.length % 2 === 0 ? HASHES.get(text.length / 2) : undefined;
  return hash === undefined ? null : { digest: Buffer.from(text, 'hex'), hash, writing };
}

function fromBase64(text: string): ClaimedSignature | null {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return null;
  const digest = Buffer.from(text, 'base64');
  // A common slip: base64 of the hex digits in place of the bytes.
  const inner = fromHex(digest.toString('latin1'), 'base64 of the hex digits');
  if (inner !== null) return inner;
  const hash = HASHES.get(digest.length);
  const standard = digest.toString('base64') === text;
  return hash === undefined ? null : { digest, hash, writing: standard ? 'base64' : 'base64url' };
}
