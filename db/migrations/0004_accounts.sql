-- Who may sign in. Times are Unix milliseconds, as everywhere.
CREATE TABLE admins (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  email_verified INTEGER NOT NULL,
  image TEXT,
  role TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),
  disabled_at INTEGER,
  two_factor_enabled INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE admin_sessions (
  id TEXT NOT NULL PRIMARY KEY,
  token TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL,
  ip_address TEXT,
  user_agent TEXT,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX admin_sessions_user ON admin_sessions (user_id);

-- How somebody proves who they are: with a password (provider_id = credential) or at a provider.
CREATE TABLE admin_accounts (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  access_token TEXT,
  refresh_token TEXT,
  id_token TEXT,
  access_token_expires_at INTEGER,
  refresh_token_expires_at INTEGER,
  scope TEXT,
  password TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (provider_id, account_id)
) STRICT;
CREATE INDEX admin_accounts_user ON admin_accounts (user_id);

CREATE TABLE admin_verifications (
  id TEXT NOT NULL PRIMARY KEY,
  identifier TEXT NOT NULL,
  value TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX admin_verifications_identifier ON admin_verifications (identifier);

CREATE TABLE admin_two_factors (
  id TEXT NOT NULL PRIMARY KEY,
  secret TEXT NOT NULL,
  backup_codes TEXT NOT NULL,
  user_id TEXT NOT NULL,
  verified INTEGER,
  failed_verification_count INTEGER,
  locked_until INTEGER
) STRICT;
CREATE INDEX admin_two_factors_user ON admin_two_factors (user_id);

-- Links by which an account is made, once. Of the token only the SHA-256 is kept. The link of the set-up has no creator.
CREATE TABLE invitations (
  id TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),
  email TEXT,
  created_by TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;

-- Of a key only the SHA-256 is kept: it has 256 random bits, so a slow hash would add nothing.
CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  hint TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL CHECK (scope IN ('read', 'write', 'settings')),
  created_by TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT;

-- The key of the first start was a setting until now.
INSERT INTO api_keys (id, name, hint, hash, scope, created_at)
SELECT 'key_first_start', 'First start', 'qb_…', value, 'settings', unixepoch() * 1000
FROM settings WHERE key = 'admin_api_key_hash';
DELETE FROM settings WHERE key = 'admin_api_key_hash';

-- Who did what, from where. actor_kind: admin, key, environment, command or nobody.
CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT,
  actor_name TEXT,
  ip TEXT,
  action TEXT NOT NULL,
  target TEXT,
  -- What changed, as JSON: a list of {field, before, after}.
  changes TEXT
) STRICT;
CREATE INDEX audit_log_at ON audit_log (at);
