import { DomainError, notFound } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { JsonObject } from './attributes.ts';
import type { Outcome, Target, Writer } from './change.ts';
import type { Patch } from './patch.ts';
import { normaliseEmail, normaliseName, parseUserId, type UserRecord } from './user.ts';

export interface UserDeps {
  store: Store;
  writer: Writer;
  now(): number;
}
/** What the API can say of a user; absent members say nothing, `null` unsets. */
export interface UserInput {
  email?: string;
  name?: string | null;
  externalId?: string | null;
  attributes?: unknown;
}

/** Creates the user with this email or updates it. */
export async function identifyUser(
  { store, writer }: UserDeps,
  { email: given, ...input }: UserInput & { email: string },
): Promise<{ user: UserRecord; created: boolean }> {
  const email = requireEmail(given);
  const outcome = await merge(writer, { email }, patchFrom(input), true);
  const user = await store.getUser(outcome.userId as number);
  if (user === null) throw notFound('user');
  return { user, created: outcome.reason === 'created' };
}

/** Changes a user by hand; always takes effect, whatever clocks the attributes carry. */
export async function editUser(
  { store, writer }: UserDeps,
  id: string,
  input: UserInput,
): Promise<UserRecord> {
  const target = { id: requireId(id) };
  const patch = patchFrom(input);
  if (input.email !== undefined) patch.email = requireEmail(input.email);
  const { reason } = await merge(writer, target, patch, false);
  const user = reason === 'no_match' ? null : await store.getUser(target.id);
  if (user === null) throw notFound('user');
  return user;
}

export async function getUser({ store }: UserDeps, id: string): Promise<UserRecord> {
  const user = await store.getUser(requireId(id));
  if (user === null) throw notFound('user');
  return user;
}

export async function deleteUser({ writer }: UserDeps, id: string): Promise<void> {
  const [outcome] = await writer.submit([{ kind: 'delete', target: { id: requireId(id) }, cause: 'api' }]);
  if (outcome?.reason !== 'deleted') throw notFound('user');
}

async function merge(writer: Writer, target: Target, patch: Patch, create: boolean): Promise<Outcome> {
  const [outcome] = await writer.submit([{ kind: 'merge', target, patch, create, cause: 'api' }]);
  if (outcome === undefined) throw new Error('The write path answered nothing');
  switch (outcome.reason) {
    case 'email_taken':
      throw new DomainError(
        409,
        'email_taken',
        'Another user has this email; delete or change that one first',
      );
    case 'too_deep':
      throw new DomainError(422, outcome.reason, 'An attribute nests too deeply; send at most 64 levels');
    case 'too_many_attributes':
      throw new DomainError(
        422,
        outcome.reason,
        'The user would have more attributes than MAX_USER_ATTRIBUTES allows',
      );
    case 'user_too_large':
      throw new DomainError(
        422,
        outcome.reason,
        "The user's attributes would be larger than MAX_USER_BYTES allows",
      );
    default:
      return outcome;
  }
}

function patchFrom({ name, externalId, attributes }: UserInput): Patch {
  const patch: Patch = { at: 'latest' };
  if (name !== undefined) patch.name = normaliseName(name);
  if (externalId !== undefined) patch.externalId = externalId?.trim().toWellFormed() || null;
  if (attributes !== undefined) {
    if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
      throw invalid('body.attributes', 'must be an object of keys and values');
    }
    const { email: _identity, ...rest } = attributes as JsonObject;
    patch.attributes = rest;
  }
  return patch;
}

function requireEmail(given: string): string {
  const email = normaliseEmail(given);
  if (email === null) throw invalid('body.email', 'must be an email address');
  return email;
}

function requireId(id: string): number {
  const stored = parseUserId(id);
  if (stored === null) throw notFound('user');
  return stored;
}

const invalid = (path: string, message: string) =>
  new DomainError(422, 'invalid', 'The request has values that are not acceptable; see details', [
    { path, message },
  ]);
