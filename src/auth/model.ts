import { t } from 'elysia';
import { limitParameter, oneOf, time } from '../http/api.ts';
import { ACCOUNT_EMAIL, ONE_LINE } from '../text-forms.ts';
import { MAX_NAME } from './account-name.ts';
import { MAX_PASSWORD, MIN_PASSWORD } from './password-length.ts';
import { PERMISSIONS } from './permissions.ts';

const id = t.String();
export const IdParams = t.Object({ id: t.String() });
const Role = (description: string) => oneOf(['admin', 'viewer'], { description });
const Scope = (description: string) => oneOf(['read', 'write', 'settings'], { description });
const Email = t.String({ pattern: ACCOUNT_EMAIL, maxLength: 320, examples: ['ada@example.com'] });
const Name = t.String({ minLength: 1, maxLength: MAX_NAME, pattern: ONE_LINE });

export const MeAnswer = t.Object(
  {
    data: t.Object({
      kind: oneOf(['admin', 'key', 'environment'], {
        description: 'Signed in, an API key, or ADMIN_API_KEY',
      }),
      id,
      name: t.String({ examples: ['Ada'] }),
      email: t.Nullable(t.String()),
      role: t.Nullable(Role('Of an admin')),
      scope: t.Nullable(Scope('Of an API key')),
      permissions: t.Array(oneOf(PERMISSIONS)),
      twoFactor: t.Boolean({ description: 'Whether signing in needs a code' }),
      password: t.Boolean({ description: 'Whether there is a password; else the way in is the provider' }),
      sessionId: t.Nullable(t.String()),
    }),
  },
  { description: 'Who makes this request' },
);

export const MePatch = t.Object({ name: Name }, { examples: [{ name: 'Ada' }] });

export const SignInOptionsAnswer = t.Object(
  {
    data: t.Object({
      setUp: t.Boolean({
        description: 'Whether there is an admin; else the set-up link in the log makes one',
      }),
      oidc: t.Nullable(t.Object({ name: t.String({ description: 'Of the provider', examples: ['Okta'] }) })),
    }),
  },
  { description: 'How to sign in' },
);

const SessionView = t.Object({
  id,
  admin: t.Object({ id, email: t.String({ examples: ['ada@example.com'] }) }),
  current: t.Boolean({ description: 'Whether this request is part of it' }),
  ip: t.Nullable(t.String()),
  userAgent: t.Nullable(t.String()),
  createdAt: time('When it began'),
  lastSeenAt: time('When it was last prolonged; at most a day behind'),
  expiresAt: time('When it ends without use'),
});
export const SessionQuery = t.Object({
  all: t.Optional(t.Boolean({ description: "Everybody's; admins only" })),
});
export const SessionList = t.Object({ data: t.Array(SessionView) }, { description: 'The latest first' });

export const KeyView = t.Object({
  id,
  name: t.String({ examples: ['Nightly export'] }),
  hint: t.String({ description: 'The last four characters' }),
  scope: Scope('What it allows'),
  status: oneOf(['active', 'expired', 'revoked']),
  createdBy: t.Nullable(t.String()),
  createdAt: time('When it was made'),
  expiresAt: t.Nullable(time('When it stops working; null for never')),
  lastUsedAt: t.Nullable(time('When it was last used, to the minute')),
  revokedAt: t.Nullable(time('When it was revoked')),
});
export const KeyList = t.Object({ data: t.Array(KeyView) }, { description: 'The latest first' });
export const NewKeyBody = t.Object(
  {
    name: Name,
    scope: Scope('read: reading and exports; write: users and segments, too; settings: all but accounts'),
    expiresAt: t.Optional(
      t.Nullable(t.String({ format: 'date-time', description: 'When it stops working; without it, never' })),
    ),
  },
  { examples: [{ name: 'Nightly export', scope: 'read' }] },
);
export const NewKeyAnswer = t.Object(
  { data: t.Composite([KeyView, t.Object({ key: t.String({ description: 'Shown in this answer only' }) })]) },
  { description: 'Made' },
);

export const AdminView = t.Object({
  id,
  name: t.String({ examples: ['Ada'] }),
  email: t.String({ examples: ['ada@example.com'] }),
  role: Role('admin: everything; viewer: looks, but changes and exports nothing'),
  disabled: t.Boolean(),
  twoFactor: t.Boolean(),
  password: t.Boolean({ description: 'Whether there is a password; else the way in is the provider' }),
  createdAt: time('When the account was made'),
  lastSeenAt: t.Nullable(time('When a session was last begun or prolonged, while there is one')),
});
export const AdminList = t.Object({ data: t.Array(AdminView) }, { description: 'The oldest first' });
export const AdminAnswer = t.Object({ data: AdminView }, { description: 'The account' });
export const AdminPatch = t.Object(
  {
    role: t.Optional(Role('Becoming a viewer ends their sessions')),
    disabled: t.Optional(t.Boolean({ description: 'Disabling ends their sessions' })),
  },
  { examples: [{ role: 'viewer' }] },
);

export const InvitationView = t.Object({
  id,
  role: Role('Of the account it makes'),
  email: t.Nullable(t.String({ description: 'Null where whoever has the link chooses' })),
  createdBy: t.Nullable(t.String({ examples: ['ada@example.com'] })),
  createdAt: time('When it was made'),
  expiresAt: time('When the link stops working'),
  expired: t.Boolean(),
});
export const InvitationList = t.Object(
  { data: t.Array(InvitationView) },
  { description: 'Those nobody has accepted, the latest first' },
);
export const InvitationBody = t.Object(
  {
    role: Role('Of the account'),
    email: t.Optional(t.Nullable(Email)),
  },
  { examples: [{ role: 'viewer', email: 'ada@example.com' }] },
);
export const InvitationAnswer = t.Object(
  {
    data: t.Composite([
      InvitationView,
      t.Object({ url: t.String({ description: 'To be sent; shown in this answer only' }) }),
    ]),
  },
  { description: 'Made' },
);
const Token = t.String({ minLength: 1, maxLength: 200 });
export const CheckBody = t.Object({ token: Token }, { examples: [{ token: 'what-stands-behind-the-#' }] });
export const CheckAnswer = t.Object(
  {
    data: t.Object({
      role: Role('Of the account it makes'),
      email: t.Nullable(t.String({ examples: ['ada@example.com'] })),
      setUp: t.Boolean({ description: 'Whether it is the link of the first start' }),
      expiresAt: time('When the link stops working'),
    }),
  },
  { description: 'The link works' },
);
export const AcceptBody = t.Object(
  {
    token: Token,
    name: Name,
    email: Email,
    password: t.String({ minLength: MIN_PASSWORD, maxLength: MAX_PASSWORD }),
  },
  {
    examples: [
      {
        token: 'what-stands-behind-the-#',
        name: 'Ada',
        email: 'ada@example.com',
        password: 'four words of your own',
      },
    ],
  },
);
export const AcceptAnswer = t.Object(
  { data: t.Object({ email: t.String({ examples: ['ada@example.com'] }), role: Role('Of the account') }) },
  { description: 'The account is made; sign in with it' },
);

export const AuditQueryParameters = t.Object({
  limit: limitParameter,
  before: t.Optional(t.Integer({ minimum: 1, description: 'Only entries with a lower id: the next page' })),
  actor: t.Optional(t.String({ maxLength: 320, description: 'Part of the name or email, or the id' })),
  action: t.Optional(
    t.String({
      maxLength: 64,
      description: 'An action, or its beginning: `segment` finds `segment.changed`',
    }),
  ),
  from: t.Optional(t.String({ format: 'date-time' })),
  to: t.Optional(t.String({ format: 'date-time' })),
});
export const AuditList = t.Object(
  {
    data: t.Array(
      t.Object({
        id: t.Integer(),
        at: time('When'),
        actor: t.Object({
          kind: oneOf(['admin', 'key', 'environment', 'command', 'nobody'], {
            description: 'environment: ADMIN_API_KEY; command: the command line; nobody: not signed in',
          }),
          id: t.Nullable(t.String()),
          name: t.Nullable(t.String({ description: 'The email of an admin, the name of a key' })),
        }),
        ip: t.Nullable(t.String()),
        action: t.String({ examples: ['segment.changed'] }),
        target: t.Nullable(t.String({ description: 'What it was done to' })),
        changes: t.Array(
          t.Object({
            field: t.String(),
            before: t.Optional(t.Any({ description: 'Left out for secrets and data of users' })),
            after: t.Optional(t.Any({ description: '"changed" for secrets' })),
          }),
        ),
      }),
    ),
    meta: t.Object({
      pagination: t.Object({
        cursor: t.Nullable(t.String({ description: 'Pass it as ?before= for the next page' })),
        hasMore: t.Boolean(),
      }),
    }),
  },
  { description: 'The latest first' },
);
