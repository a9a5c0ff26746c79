import { createHmac } from 'node:crypto';
import { type ClaimedSignature, HASH_NAMES, readClaim } from './claimed-signature.ts';
import { firstEventOf } from './first-event.ts';
import { decodeSignature } from './signature.ts';
import { type BodyChange, signedForms } from './signed-forms.ts';

/** What a signature can turn out to be; the accepted ones first, the last resort at the end. */
export const DIAGNOSIS_RESULTS = [
  'valid',
  'previous_secret',
  'base64_signature',
  'first_event_signature',
  'two_signatures',
  'wrong_hash',
  'wrong_encoding',
  'secret_padded',
  'expired_secret',
  'line_ending_changed',
  'byte_order_mark',
  'white_space_changed',
  'characters_escaped',
  'reserialised',
  'text_encoding_changed',
  'missing_signature',
  'unreadable_signature',
  'no_secret',
  'body_incomplete',
  'other_secret',
] as const;
export type DiagnosisResult = (typeof DIAGNOSIS_RESULTS)[number];

/** A shared secret to try; `expiresAt` in Unix milliseconds, null for the current one. */
export interface Candidate {
  secret: string;
  expiresAt: number | null;
}

export interface Evidence<S extends Candidate> {
  body: Uint8Array;
  /** False where the body may be cut or altered: a copy that was kept for diagnosis. */
  complete: boolean;
  /** `X-Signature` as it came, null for none. */
  signature: string | null;
  /** Every secret known, the ones that have expired, too. */
  secrets: readonly S[];
  acceptFirstEventSignature: boolean;
  /** Unix milliseconds. */
  now: number;
}

export interface Diagnosis<S> {
  result: DiagnosisResult;
  /** What else there is to say, each of the same kind. */
  also: DiagnosisResult[];
  /** Whether the webhook takes this signature now. */
  accepted: boolean;
  /** In words, with the remedy; holds no secret. */
  message: string;
  /** The secret that signed, where it is known. */
  secret: S | null;
}

interface Match<S> {
  candidate: S;
  /** Whether the secret had white space or quotes around it on one side only. */
  padded: boolean;
  body: 'as it came' | 'first event' | BodyChange;
}

/** Finds out how a signature came to be: tries every secret over the body and over what the body may have been. */
export function diagnose<S extends Candidate>(evidence: Evidence<S>): Diagnosis<S> {
  const { signature, secrets, complete } = evidence;
  if (secrets.length === 0) return unexplained('no_secret', MESSAGES.no_secret);
  if (signature === null || signature.trim() === '')
    return unexplained('missing_signature', MESSAGES.missing_signature);
  const parts = signature.split(',').map((part) => part.trim());
  if (parts.length > 1) return ofSeveral(evidence, parts);
  const claim = readClaim(signature);
  if (claim === null)
    return unexplained('unreadable_signature', MESSAGES.unreadable_signature(signature.trim().length));
  const match = find(evidence, claim);
  if (match !== null) return explain(evidence, signature, claim, match);
  return complete
    ? unexplained('other_secret', MESSAGES.other_secret)
    : unexplained('body_incomplete', MESSAGES.body_incomplete);
}

const unexplained = (result: DiagnosisResult, message: string): Diagnosis<never> => ({
  result,
  also: [],
  accepted: false,
  message,
  secret: null,
});

/** Two headers arrive joined by a comma, and nobody knows which one counts. */
function ofSeveral<S extends Candidate>(evidence: Evidence<S>, parts: string[]): Diagnosis<S> {
  const each = parts.map((signature) => diagnose({ ...evidence, signature }));
  const message = MESSAGES.two_signatures(parts.length);
  const right = each.findIndex(({ secret }) => secret !== null);
  const found = each[right];
  if (found === undefined) return unexplained('two_signatures', `${message} None of them is right.`);
  return {
    result: 'two_signatures',
    also: [found.result, ...found.also],
    accepted: false,
    message: `${message} Number ${right + 1} of them: ${found.message}`,
    secret: found.secret,
  };
}

function find<S extends Candidate>({ body, secrets }: Evidence<S>, claim: ClaimedSignature): Match<S> | null {
  const signs = (secret: string, bytes: string | Uint8Array) =>
    createHmac(claim.hash, secret).update(bytes).digest().equals(claim.digest);
  const first = firstEventOf(body);
  const whole = { body: 'as it came', bytes: body } as const;
  const likely = first === null ? [whole] : [whole, { body: 'first event', bytes: first } as const];
  for (const { body, bytes } of likely) {
    for (const candidate of secrets) {
      if (signs(candidate.secret, bytes)) return { candidate, padded: false, body };
      if (paddings(candidate.secret).some((secret) => signs(secret, bytes)))
        return { candidate, padded: true, body };
    }
  }
  for (const form of signedForms(body)) {
    const candidate = secrets.find(({ secret }) => signs(secret, form.body));
    if (candidate !== undefined) return { candidate, padded: false, body: form.change() };
  }
  return null;
}

/** A secret as it is copied by mistake, and as it was meant where the mistake is on our side. */
function paddings(secret: string): string[] {
  const bare = secret.trim().replace(/^(["'])(.*)\1$/, '$2');
  const forms = ['', ' ', '\n', '\r\n', '\t'].flatMap((end) => [`${bare}${end}`, ` ${bare}${end}`]);
  return [...forms, `"${bare}"`, `'${bare}'`].filter((form) => form !== secret);
}

type Finding = [result: DiagnosisResult, message: string];

/** What is wrong comes first, in the order in which one would mend it; then what is only worth knowing, weightiest first. */
function explain<S extends Candidate>(
  { now, acceptFirstEventSignature }: Evidence<S>,
  signature: string,
  { hash, writing }: ClaimedSignature,
  { candidate, padded, body }: Match<S>,
): Diagnosis<S> {
  const { expiresAt } = candidate;
  const wrong: Finding[] = [];
  const notes: Finding[] = [];
  if (hash !== 'sha1') wrong.push(['wrong_hash', MESSAGES.wrong_hash(HASH_NAMES[hash])]);
  else if (decodeSignature(signature) === null)
    wrong.push(['wrong_encoding', MESSAGES.wrong_encoding(writing)]);
  else if (writing === 'base64') notes.push(['base64_signature', MESSAGES.base64_signature]);

  if (padded) wrong.push(['secret_padded', MESSAGES.secret_padded]);
  if (expiresAt !== null) {
    if (expiresAt <= now) wrong.push(['expired_secret', MESSAGES.expired_secret(expiresAt)]);
    else notes.push(['previous_secret', MESSAGES.previous_secret(expiresAt)]);
  }

  if (body === 'first event') {
    const message = MESSAGES.first_event_signature(acceptFirstEventSignature);
    (acceptFirstEventSignature ? notes : wrong).push(['first_event_signature', message]);
  } else if (body !== 'as it came') wrong.push([body, `${MESSAGES[body]} ${PASS_ON}`]);

  const [main = VALID, ...rest] = [...wrong, ...notes.reverse()];
  return {
    result: main[0],
    also: rest.map(([result]) => result),
    accepted: wrong.length === 0,
    message: [main, ...rest].map(([, message]) => message).join(' '),
    secret: candidate,
  };
}

const PASS_ON =
  'Have every proxy, gateway and function in between pass the body on byte for byte; if you sign yourself, sign the very bytes you send.';
const date = (time: number) => new Date(time).toISOString();

const MESSAGES = {
  previous_secret: (until: number) =>
    `The signature was made with the previous shared secret, which is accepted until ${date(until)}: enter the new one in Segment before then.`,
  base64_signature: 'The signature is written in base64, which is accepted; Segment itself writes hex.',
  first_event_signature: (accepted: boolean) =>
    `The signature covers the first event of the batch only, as Segment signs batches, so the rest of the batch is unauthenticated. ${
      accepted
        ? 'The settings accept that (acceptFirstEventSignature).'
        : 'Switch batching off in Segment, or send through a function that signs the whole body (docs/segment-function.js), or accept it with inbound.acceptFirstEventSignature.'
    }`,
  two_signatures: (count: number) =>
    `There are ${count} X-Signature values, and nobody can know which one counts: have only one sent; a proxy may be adding its own.`,
  wrong_hash: (name: string) =>
    `The secret is right but the hash is not: this is ${name}, and Segment's webhooks are signed with HMAC-SHA1. Sign with SHA-1, written as hex.`,
  wrong_encoding: (writing: string) =>
    `The signature is right but written as ${writing}: write it as 40 hex digits and nothing else.`,
  secret_padded:
    'The shared secret has white space or quotes around it on one side and not on the other: enter it again in both places, without a space, line break or quote at either end.',
  expired_secret: (since: number) =>
    `The signature was made with the shared secret before the last rotation, which stopped being accepted at ${date(since)}: enter the current one in Segment.`,
  line_ending_changed:
    'The signature is right for this body with other line endings: a line break was added or removed at the end, or LF and CRLF were exchanged.',
  byte_order_mark:
    'The signature is right for this body with, or without, a byte order mark at its beginning.',
  white_space_changed:
    'The signature is right for this JSON with other white space: it was formatted anew after it was signed.',
  characters_escaped:
    'The signature is right for this JSON with its characters escaped in another way, such as "\\u00e9" for "é" or "\\/" for "/": it was parsed and written anew after it was signed.',
  reserialised:
    'The signature is right for this JSON as another library writes it: it was parsed and written anew after it was signed.',
  text_encoding_changed:
    'The signature is right for this body in another text encoding: UTF-8 was taken for Latin-1, or the reverse.',
  missing_signature:
    "There is no signature. Enter the shared secret in the settings of Segment's destination; if it is there, something in between removes the header X-Signature.",
  unreadable_signature: (length: number) =>
    `This is no signature: it must be 40 hex digits (or 28 characters of base64), and it has ${length} characters. Perhaps it was cut, or another header was taken for it.`,
  no_secret: 'There is no shared secret to compare with: set inbound.sharedSecret, or have one made.',
  body_incomplete:
    'The copy of the body that was kept is not the whole body, so nothing more can be said of its signature. Send body and signature as they came, or send the event again and look at a shorter one.',
  other_secret:
    "No shared secret known here makes this signature, neither over this body nor over any form it may have had. Most likely Segment has another secret: copy the current one into the destination's settings again. If that is surely the same, the body was changed in a way that can't be undone, such as keys sorted or values rewritten.",
};
const VALID: Finding = [
  'valid',
  'The signature is right: the HMAC-SHA1 of this very body under the current shared secret.',
];
