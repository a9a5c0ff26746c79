import { describe, expect, test } from 'bun:test';
import { type Config, describeVariables, readConfig } from '../src/config.ts';
import { OperatorError } from '../src/errors.ts';

interface Variable {
  standard: unknown;
  accepted: [text: string, value: unknown][];
  refused: string[];
  /** What the error says is allowed. */
  allowed: string;
}
const same = (...texts: string[]): [string, string][] => texts.map((text) => [text, text]);
const whole = (standard: number | undefined, from: number, to: number): Variable => ({
  standard,
  accepted: [
    [String(from), from],
    [String(to), to],
    [` ${from + 1} `, from + 1],
  ],
  refused: [
    String(from - 1),
    String(to + 1),
    'many',
    `${from}.5`,
    '1e3',
    '0x10',
    `${from}x`,
    ' ',
    '9'.repeat(400),
  ],
  allowed: `a whole number from ${from} to ${to}`,
});

const VARIABLES: Record<keyof Config, Variable> = {
  HOST: {
    standard: '127.0.0.1',
    accepted: same('0.0.0.0', '::', '::1', 'localhost'),
    refused: [' ', ' localhost', 'localhost '],
    allowed: 'an address to listen on',
  },
  PORT: whole(3000, 0, 65_535),
  PUBLIC_URL: {
    standard: undefined,
    accepted: same('http://localhost:3000', 'https://segment.example.com', 'https://example.com/quackback/'),
    refused: [
      'segment.example.com',
      'ftp://example.com',
      'https://',
      'https://example.com?x=1',
      'https://example.com/#x',
      'https://a b.c',
      ' https://example.com',
      'javascript:alert(1)',
    ],
    allowed: 'an http:// or https:// address without query',
  },
  DATA_DIR: {
    standard: './data',
    accepted: same('/data', './x y', '../data', 'd'),
    refused: [' ', ' data'],
    allowed: 'a folder',
  },
  SECRET_KEY: {
    standard: undefined,
    accepted: same('x'.repeat(32), 'ü'.repeat(40), 'a passphrase of more than 32 characters'),
    refused: ['x'.repeat(31), 'short'],
    allowed: 'at least 32 characters',
  },
  ADMIN_API_KEY: {
    standard: undefined,
    accepted: same('x'.repeat(32), `qb_${'0'.repeat(64)}`),
    refused: [
      'x'.repeat(31),
      `${'x'.repeat(40)} `,
      `${'x'.repeat(20)} ${'x'.repeat(20)}`,
      'ü'.repeat(40),
      `${'x'.repeat(40)}\n`,
    ],
    allowed: 'at least 32 characters, printable ASCII without spaces',
  },
  TRUSTED_PROXY_HOPS: whole(0, 0, 10),
  API_REQUESTS_PER_MINUTE: whole(3000, 0, 1_000_000),
  SIGN_IN_ATTEMPTS_PER_MINUTE: whole(10, 1, 10_000),
  AUDIT_DAYS: whole(400, 1, 3650),
  OIDC_ISSUER: {
    standard: undefined,
    accepted: same('https://id.example.com', 'http://localhost:9000/realms/x'),
    refused: [
      'id.example.com',
      'https://id.example.com?x=1',
      'https://id.example.com/#x',
      'ftp://id.example.com',
    ],
    allowed: 'an http:// or https:// address without query',
  },
  OIDC_CLIENT_ID: {
    standard: undefined,
    accepted: same('quackback', 'a b'),
    refused: [' ', ' x'],
    allowed: 'text without spaces around it',
  },
  OIDC_CLIENT_SECRET: {
    standard: undefined,
    accepted: same('s3cret'),
    refused: [' ', 'x '],
    allowed: 'text without spaces around it',
  },
  OIDC_NAME: {
    standard: 'single sign-on',
    accepted: same('Okta', 'Example Inc'),
    refused: [' ', ' Okta'],
    allowed: 'text without spaces around it',
  },
  OIDC_ALLOWED_DOMAINS: {
    standard: undefined,
    accepted: same('example.com', 'example.com, example.org'),
    refused: ['@example.com', 'example.com,', 'https://example.com'],
    allowed: 'domains, separated by commas',
  },
  SEGMENT_API_URL: {
    standard: undefined,
    accepted: same('http://127.0.0.1:9000', 'https://proxy.example.com/v1'),
    refused: ['api.segment.io', 'ftp://x', 'https://', 'https://a b'],
    allowed: 'an http:// or https:// address',
  },
  METRICS_TOKEN: {
    standard: undefined,
    accepted: same('x'.repeat(16), 'a-token_of/16+characters=='),
    refused: ['x'.repeat(15), `${'x'.repeat(16)} `, 'ü'.repeat(20)],
    allowed: 'at least 16 characters, printable ASCII without spaces',
  },
  METRICS_PORT: whole(undefined, 0, 65_535),
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    standard: undefined,
    accepted: same('http://localhost:4318', 'https://otlp.example.com/otlp/'),
    refused: ['localhost:4318', 'grpc://localhost:4317', 'http://', 'https://example.com?x=1'],
    allowed: 'an http:// or https:// address without query',
  },
  LOG_LEVEL: {
    standard: 'info',
    accepted: same('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    refused: ['INFO', 'verbose', ' info', '3'],
    allowed: 'trace, debug, info, warn, error, silent',
  },
  MAX_BODY_BYTES: whole(32 * 1024 * 1024, 65_536, 1_073_741_824),
  MAX_USER_ATTRIBUTES: whole(1000, 10, 100_000),
  MAX_USER_BYTES: whole(262_144, 1024, 16_777_216),
  HISTORY_DAYS: whole(180, 1, 3650),
  REJECTED_BODY_HOURS: whole(72, 0, 720),
};
const names = Object.keys(VARIABLES) as (keyof Config)[];

/** The error a configuration is refused with. */
function refusal(env: Record<string, string>): OperatorError {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(env)}`);
}

for (const name of names) {
  const { standard, accepted, refused, allowed } = VARIABLES[name];
  describe(name, () => {
    test(`is ${standard} where it is not set, or empty`, () => {
      expect(readConfig({})[name]).toBe(standard as never);
      expect(readConfig({ [name]: '' })[name]).toBe(standard as never);
    });
    test.each(accepted)('takes "%s"', (text, value) => {
      expect(readConfig({ [name]: text })[name]).toBe(value as never);
    });
    test.each(refused)('refuses "%s"', (text) => {
      expect(refusal({ [name]: text }).message).toBe(`${name} must be ${allowed}`);
    });
    test('is explained in the help, with its default', () => {
      const help = describeVariables();
      expect(help).toMatch(
        new RegExp(`^ {2}${name} +[A-Z].*${standard === undefined ? '' : `\\[${standard}\\]`}$`, 'm'),
      );
      expect(help).toContain(allowed);
    });
  });
}

test('the help explains the variables of this table and no others', () => {
  const explained = [...describeVariables().matchAll(/^ {2}([A-Z_]+) /gm)].map(([, name]) => name);
  expect(explained).toEqual(names);
});

test('several errors are told at once, each with its name', () => {
  const { message, hint } = refusal({ PORT: 'x', LOG_LEVEL: 'loud', ADMIN_API_KEY: 'hunter2', HOST: '::' });
  expect(message.split('\n')).toEqual([
    'PORT must be a whole number from 0 to 65535',
    'ADMIN_API_KEY must be at least 32 characters, printable ASCII without spaces',
    'LOG_LEVEL must be trace, debug, info, warn, error, silent',
  ]);
  expect(message).not.toContain('hunter2');
  expect(hint).toContain('--help');
});

test('the configuration is frozen, and holds nothing else of the environment', () => {
  const config = readConfig({ PORT: '8080', PATH: '/bin', __proto__: 'x' });
  expect(Object.isFrozen(config)).toBe(true);
  expect(() => Object.assign(config, { PORT: 1 })).toThrow(TypeError);
  expect(Object.keys(config).filter((key) => !names.includes(key as keyof Config))).toEqual([]);
});
