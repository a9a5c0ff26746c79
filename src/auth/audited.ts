import type { SettingsService } from '../settings/service.ts';
import type { AccountStore, AuditChange } from '../store/account-store.ts';
import type { SegmentRecord, Store } from '../store/store.ts';
import type { AuditEvent } from './audit.ts';

/** A request that has succeeded, as far as the log needs it. */
export interface Done {
  params: Record<string, string | undefined>;
  body: Record<string, unknown>;
  /** `data` of the answer. */
  data: Record<string, unknown>;
  /** What `load` found before and after. */
  before: Known | null;
  after: Known | null;
}
type Known = Record<string, unknown>;

export interface Audited {
  action: string;
  /** Whether programs do it so often that they are counted. */
  often?: boolean;
  target?(done: Done): unknown;
  /** Loads what is changed; it is compared, field by field, with what it is afterwards. */
  load?(params: Record<string, string | undefined>): Promise<Known | null>;
  changes?(done: Done): AuditChange[];
}

export interface AuditedDeps {
  store: Store;
  settings: SettingsService;
}

/** Routes that change something and leave no entry, with the reason. */
export const UNAUDITED: Readonly<Record<string, string>> = {
  'POST /api/v1/segments/preview': 'changes nothing',
  'POST /api/v1/settings/integrations/segment/diagnose': 'changes nothing',
  'POST /api/v1/invitations/check': 'changes nothing',
};

/** What the log says of each route, by method and pattern. What users are is theirs: only the names of fields are kept. */
export function auditedRoutes({ store, settings }: AuditedDeps): Readonly<Record<string, Audited>> {
  const { accounts } = store;
  const segment = (params: Record<string, string | undefined>) => loadSegment(store, params.id ?? '');
  const settingsNow = async () => visibleSettings(settings);
  const base = '/api/v1/settings/integrations/segment';

  return {
    'POST /api/v1/users/identify': {
      action: 'user.identified',
      often: true,
      target: idOf,
      changes: fieldsOf,
    },
    'PATCH /api/v1/users/:id': { action: 'user.changed', often: true, target: idOf, changes: fieldsOf },
    'DELETE /api/v1/users/:id': { action: 'user.deleted', target: ({ params }) => params.id },
    'POST /api/v1/users/import': { action: 'users.imported', changes: countsOf },
    'GET /api/v1/users/export': { action: 'users.exported' },

    'POST /api/v1/segments': {
      action: 'segment.created',
      target: slugOf,
      changes: ({ data }) =>
        ['name', 'type', 'rules', 'traitKey', 'sync'].map((field) => ({ field, after: data[field] })),
    },
    'PATCH /api/v1/segments/:id': { action: 'segment.changed', target: slugOf, load: segment },
    'DELETE /api/v1/segments/:id': { action: 'segment.deleted', target: slugOf, load: segment },
    'GET /api/v1/segments/:id/export': { action: 'segment.exported', target: paramOf },
    'POST /api/v1/segments/evaluate': { action: 'segments.evaluated', changes: countsOf },
    'POST /api/v1/segments/resync': { action: 'segments.resent', changes: countsOf },
    'POST /api/v1/segments/:id/evaluate': { action: 'segment.evaluated', target: paramOf },
    'POST /api/v1/segments/:id/resync': { action: 'segment.resent', target: paramOf },
    'POST /api/v1/segments/:id/members': { action: 'members.added', target: paramOf, changes: countsOf },
    'DELETE /api/v1/segments/:id/members': { action: 'members.removed', target: paramOf, changes: countsOf },

    [`PATCH ${base}`]: { action: 'settings.changed', load: settingsNow, changes: secretsOf },
    [`POST ${base}/rotate-secret`]: {
      action: 'settings.secret_rotated',
      changes: () => [{ field: 'inbound.sharedSecret', after: 'changed' }],
    },
    [`POST ${base}/retry-parked`]: { action: 'settings.parked_retried', changes: countsOf },
    [`POST ${base}/test-inbound`]: { action: 'settings.inbound_tested' },
    [`POST ${base}/test-outbound`]: { action: 'settings.outbound_tested' },

    'POST /api/v1/api-keys': {
      action: 'key.created',
      target: ({ data }) => data.name,
      changes: ({ data }) => ['scope', 'expiresAt'].map((field) => ({ field, after: data[field] })),
    },
    'DELETE /api/v1/api-keys/:id': {
      action: 'key.revoked',
      target: ({ before }) => before?.name,
      load: async ({ id }) => loadKey(accounts, id ?? ''),
    },
    'PATCH /api/v1/me': {
      action: 'admin.renamed',
      target: ({ data }) => data.email,
      changes: ({ data }) => [{ field: 'name', after: data.name }],
    },
    'PATCH /api/v1/admins/:id': {
      action: 'admin.changed',
      target: ({ after }) => after?.email,
      load: async ({ id }) => loadAdmin(accounts, id ?? ''),
    },
    'DELETE /api/v1/admins/:id': {
      action: 'admin.removed',
      target: ({ before }) => before?.email,
      load: async ({ id }) => loadAdmin(accounts, id ?? ''),
    },
    'POST /api/v1/invitations': {
      action: 'invitation.created',
      target: ({ data }) => data.email ?? data.id,
      changes: ({ data }) => [{ field: 'role', after: data.role }],
    },
    'DELETE /api/v1/invitations/:id': { action: 'invitation.withdrawn', target: paramOf },
    'POST /api/v1/invitations/accept': {
      action: 'admin.created',
      target: ({ data }) => data.email,
      changes: ({ data }) => [{ field: 'role', after: data.role }],
    },
    'DELETE /api/v1/sessions/:id': {
      action: 'session.ended',
      target: ({ before }) => before?.email,
      load: async ({ id }) => loadSession(accounts, id ?? ''),
    },
  };
}

/** The entry of a route for a request that succeeded; null where one that changes something has found it so already. */
export function eventOf({ action, often = false, ...audited }: Audited, done: Done): AuditEvent | null {
  const target = audited.target?.(done);
  const changes = [...difference(done.before, done.after), ...(audited.changes?.(done) ?? [])];
  if (action.endsWith('.changed') && changes.length === 0) return null;
  return { action, often, target: target === undefined || target === null ? null : String(target), changes };
}

/** Fields that differ, in the order of the first. */
function difference(before: Known | null, after: Known | null): AuditChange[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...fields]
    .filter((field) => JSON.stringify(before?.[field]) !== JSON.stringify(after?.[field]))
    .map((field) => ({
      field,
      ...(before !== null && { before: before[field] }),
      ...(after !== null && { after: after[field] }),
    }));
}

const idOf = ({ data }: Done) => data.id;
const slugOf = ({ data, before }: Done) => data.slug ?? before?.slug;
const paramOf = ({ params }: Done) => params.id;

/** Which fields of a user were given, without what is in them. */
function fieldsOf({ body }: Done): AuditChange[] {
  return Object.entries(body).flatMap(([field, value]) =>
    field === 'attributes' && typeof value === 'object' && value !== null
      ? Object.keys(value).map((key) => ({ field: `attributes.${key}` }))
      : [{ field }],
  );
}

const countsOf = ({ data }: Done): AuditChange[] =>
  Object.entries(data)
    .filter(([, value]) => typeof value === 'number')
    .map(([field, after]) => ({ field, after }));

/** Secrets of the settings that were given, never what they are. */
function secretsOf({ body }: Done): AuditChange[] {
  const { sharedSecret } = (body.inbound ?? {}) as Known;
  const { writeKey } = (body.outbound ?? {}) as Known;
  return [
    ...(sharedSecret === undefined ? [] : [{ field: 'inbound.sharedSecret', after: 'changed' }]),
    ...(typeof writeKey === 'string' ? [{ field: 'outbound.writeKey', after: 'changed' }] : []),
    ...(writeKey === null ? [{ field: 'outbound.writeKey', after: 'removed' }] : []),
  ];
}

function visibleSettings(settings: SettingsService): Known {
  const { inbound, outbound } = settings.current();
  const { sharedSecrets: _secrets, ...switches } = inbound;
  const { writeKey: _key, ...choices } = outbound;
  const named = (side: string, values: object) =>
    Object.entries(values).map(([field, value]) => [`${side}.${field}`, value]);
  return Object.fromEntries([...named('inbound', switches), ...named('outbound', choices)]);
}

async function loadSegment(store: Store, idOrSlug: string): Promise<Known | null> {
  const isIt = ({ id, slug }: SegmentRecord) => slug === idOrSlug || `segment_${id}` === idOrSlug;
  const found = (await store.listSegments()).find(isIt);
  if (found === undefined) return null;
  const { slug, name, description, rules, traitKey, sync } = found;
  return { slug, name, description, rules, traitKey, sync };
}

async function loadAdmin(accounts: AccountStore, id: string): Promise<Known | null> {
  const admin = await accounts.getAdmin(id);
  return admin && { email: admin.email, role: admin.role, disabled: admin.disabledAt !== null };
}

async function loadKey(accounts: AccountStore, id: string): Promise<Known | null> {
  const key = (await accounts.listKeys()).find((one) => one.id === id && one.revokedAt === null);
  return key === undefined ? null : { name: key.name, scope: key.scope };
}

async function loadSession(accounts: AccountStore, id: string): Promise<Known | null> {
  const session = (await accounts.listSessions(null, 0)).find((one) => one.id === id);
  return session === undefined ? null : { email: session.email, ip: session.ip };
}
