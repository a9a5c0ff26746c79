import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { OperatorError } from './errors.ts';
import { UNPADDED } from './text-forms.ts';

const MIB = 1024 * 1024;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
const variable = { pattern: UNPADDED };

/** Every environment variable: its allowed values, its default, and what it is for. Help and docs come from here. */
const VARIABLES = {
  HOST: Type.String({
    ...variable,
    default: '127.0.0.1',
    allowed: 'an address to listen on',
    description: 'Address to listen on; 0.0.0.0 for all',
  }),
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 3000,
    allowed: 'a whole number from 0 to 65535',
    description: 'Port to listen on; 0 picks a free one',
  }),
  PUBLIC_URL: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s/?#]+(/[^\\s?#]*)?$',
      allowed: 'an http:// or https:// address without query',
      description: 'Address under which Segment and browsers reach the service',
    }),
  ),
  DATA_DIR: Type.String({
    ...variable,
    default: './data',
    allowed: 'a folder',
    description: 'Folder of the database and the key file',
  }),
  SECRET_KEY: Type.Optional(
    Type.String({
      minLength: 32,
      allowed: 'at least 32 characters',
      description: 'Seals secrets in the database; without it a key file is made in DATA_DIR',
    }),
  ),
  ADMIN_API_KEY: Type.Optional(
    Type.String({
      minLength: 32,
      pattern: '^[\\x21-\\x7e]+$',
      allowed: 'at least 32 characters, printable ASCII without spaces',
      description: 'API key of the administrator; without it the first start makes one and prints it once',
    }),
  ),
  TRUSTED_PROXY_HOPS: Type.Integer({
    minimum: 0,
    maximum: 10,
    default: 0,
    allowed: 'a whole number from 0 to 10',
    description: 'Proxies of yours in front, whose X-Forwarded-For and X-Forwarded-Proto are believed',
  }),
  API_REQUESTS_PER_MINUTE: Type.Integer({
    minimum: 0,
    maximum: 1_000_000,
    default: 3000,
    allowed: 'a whole number from 0 to 1000000',
    description: 'Most requests of the API by one admin, key or address; 0 for no limit. Never the webhook',
  }),
  SIGN_IN_ATTEMPTS_PER_MINUTE: Type.Integer({
    minimum: 1,
    maximum: 10_000,
    default: 10,
    allowed: 'a whole number from 1 to 10000',
    description: 'Most attempts to sign in, to enter a code or to use an invitation, from one address',
  }),
  AUDIT_DAYS: Type.Integer({
    minimum: 1,
    maximum: 3650,
    default: 400,
    allowed: 'a whole number from 1 to 3650',
    description: 'How long the audit log is kept, in days',
  }),
  OIDC_ISSUER: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s?#]+$',
      allowed: 'an http:// or https:// address without query',
      description: 'OpenID Connect provider to sign in at; its callback is PUBLIC_URL/api/auth/callback/oidc',
    }),
  ),
  OIDC_CLIENT_ID: Type.Optional(
    Type.String({
      ...variable,
      allowed: 'text without spaces around it',
      description: 'Our name at the provider',
    }),
  ),
  OIDC_CLIENT_SECRET: Type.Optional(
    Type.String({
      ...variable,
      allowed: 'text without spaces around it',
      description: 'Our secret at the provider',
    }),
  ),
  OIDC_NAME: Type.String({
    ...variable,
    default: 'single sign-on',
    allowed: 'text without spaces around it',
    description: 'What the button says: Sign in with …',
  }),
  OIDC_ALLOWED_DOMAINS: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9.-]+( *, *[A-Za-z0-9.-]+)*$',
      allowed: 'domains, separated by commas',
      description: 'Whose addresses come in as viewers; without it only who is invited or has an account',
    }),
  ),
  SEGMENT_API_URL: Type.Optional(
    Type.String({
      pattern: '^https?://\\S+$',
      allowed: 'an http:// or https:// address',
      description: "Segment's API instead of the region's, for tests and proxies",
    }),
  ),
  METRICS_TOKEN: Type.Optional(
    Type.String({
      minLength: 16,
      pattern: '^[\\x21-\\x7e]+$',
      allowed: 'at least 16 characters, printable ASCII without spaces',
      description: 'Bearer token for /metrics; without it everybody who reaches the service reads them',
    }),
  ),
  METRICS_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65535,
      allowed: 'a whole number from 0 to 65535',
      description: 'Port on HOST that serves /metrics alone; without it they are served on PORT',
    }),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s?#]+$',
      allowed: 'an http:// or https:// address without query',
      description: 'Where OpenTelemetry traces go, as OTLP over HTTP; without it there are none',
    }),
  ),
  LOG_LEVEL: Type.Union(
    LOG_LEVELS.map((level) => Type.Literal(level)),
    { default: 'info', allowed: LOG_LEVELS.join(', '), description: 'How much to log' },
  ),
  MAX_BODY_BYTES: Type.Integer({
    minimum: 64 * 1024,
    maximum: 1024 * MIB,
    default: 32 * MIB,
    allowed: 'a whole number from 65536 to 1073741824',
    description: 'Largest webhook body; above it the answer is 413',
  }),
  MAX_USER_ATTRIBUTES: Type.Integer({
    minimum: 10,
    maximum: 100_000,
    default: 1000,
    allowed: 'a whole number from 10 to 100000',
    description: 'Most attributes a user can have',
  }),
  MAX_USER_BYTES: Type.Integer({
    minimum: 1024,
    maximum: 16 * MIB,
    default: 256 * 1024,
    allowed: 'a whole number from 1024 to 16777216',
    description: "Largest size of a user's attributes as JSON, in bytes",
  }),
  HISTORY_DAYS: Type.Integer({
    minimum: 1,
    maximum: 3650,
    default: 180,
    allowed: 'a whole number from 1 to 3650',
    description: 'How long joins and leaves are kept for the history, in days',
  }),
  REJECTED_BODY_HOURS: Type.Integer({
    minimum: 0,
    maximum: 720,
    default: 72,
    allowed: 'a whole number from 0 to 720',
    description: 'How long bodies of rejected webhooks are kept for diagnosis, in hours; 0 keeps none',
  }),
};
const Schema = Type.Object(VARIABLES);
type Name = keyof typeof VARIABLES;

/** The service's configuration: validated and frozen. */
export type Config = Readonly<Static<typeof Schema>>;

/** Reads the configuration; the error names each variable that is wrong and what it may be. An empty one counts as unset. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    (Object.keys(VARIABLES) as Name[]).flatMap((name) => (env[name] ? [[name, typed(name, env[name])]] : [])),
  );
  const candidate = Value.Default(Schema, given);
  const wrong = new Set(
    [...Value.Errors(Schema, candidate)].map((error) => error.path.split('/')[1] as Name),
  );
  if (wrong.size > 0) {
    const lines = [...wrong].map((name) => `${name} must be ${VARIABLES[name].allowed}`);
    throw new OperatorError(
      lines.join('\n'),
      'Correct the environment and start again; --help lists every variable',
    );
  }
  return Object.freeze(candidate as Static<typeof Schema>);
}

function typed(name: Name, text: string): string | number {
  if (VARIABLES[name].type !== 'integer') return text;
  return /^\d+$/.test(text.trim()) ? Number(text) : text;
}

/** One line for each environment variable, for `--help`. */
export function describeVariables(): string {
  const names = Object.keys(VARIABLES) as Name[];
  const width = Math.max(...names.map((name) => name.length)) + 1;
  const lines = names.map((name) => {
    const { description, allowed, default: standard } = VARIABLES[name];
    const unless = standard === undefined ? '' : ` [${standard}]`;
    return `  ${name.padEnd(width)} ${description}${unless}\n  ${''.padEnd(width)} ${allowed}`;
  });
  return `Environment:\n${lines.join('\n')}`;
}
