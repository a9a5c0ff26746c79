import { expect, test } from 'bun:test';
import { dirname, join, normalize } from 'node:path';
import { Glob } from 'bun';

/** From the outside in: a file imports values only from its own layer or a later one. Types may come from anywhere in between. */
const LAYERS = [
  ['main', /^src\/main\.ts$/],
  ['cli', /^src\/cli\//],
  ['admin', /^src\/admin\//],
  ['model', /^src\/http\/(api|body)\.ts$|(^|[/-])model\.ts$/],
  ['http', /^src\/http\//],
  ['routes', /(^|[/-])routes\.ts$|^src\/telemetry\/health\.ts$/],
  ['store', /^src\/store\/store\.ts$/],
  ['engine', /^src\/store\//],
  ['db', /^db\//],
  ['service', /^src\//],
] as const;
type Layer = (typeof LAYERS)[number][0] | 'pure' | 'package';

/** What a file of a layer may import values from. */
const MAY_IMPORT: Record<Layer, Layer[]> = {
  main: ['cli'],
  cli: ['cli', 'http', 'service', 'engine', 'pure'],
  admin: ['admin'],
  http: ['http', 'routes', 'model', 'service', 'store', 'pure'],
  routes: ['model', 'service', 'pure'],
  model: ['model', 'pure'],
  service: ['service', 'pure'],
  store: ['pure'],
  engine: ['engine', 'store', 'db', 'pure'],
  db: ['db'],
  pure: ['pure'],
  package: [],
};

/** Imports against the rule that are meant, with the reason. */
const EXCEPTIONS = new Map([
  ['src/cli/serve.ts src/telemetry/metrics-routes.ts', 'metrics can have a listener of their own'],
  ['src/settings/check-model.ts src/inbound/self-test-report.ts', 'the list of stretches is declared there'],
]);

/** Decisions without clock, chance or I/O: the same input, the same answer. */
const PURE = new Set(
  [
    'activity/activity',
    'auth/account-name',
    'auth/client',
    'auth/origin',
    'auth/password-length',
    'auth/permissions',
    'auth/principal',
    'errors',
    'inbound/claimed-signature',
    'inbound/diagnose',
    'inbound/event',
    'inbound/first-event',
    'inbound/signature',
    'inbound/signed-forms',
    'outbound/call-record',
    'outbound/identity',
    'outbound/message',
    'outbound/retry',
    'outbound/token-bucket',
    'segments/evaluate',
    'segments/membership',
    'segments/operands',
    'segments/operators',
    'segments/rules',
    'segments/trait-key',
    'segments/view',
    'text-forms',
    'transfer/rows',
    'users/attributes',
    'users/change',
    'users/observe',
    'users/patch',
    'users/user',
    'version',
  ].map((name) => `src/${name}.ts`),
);
/** Packages that decide too. */
const PURE_PACKAGES: Record<string, string[]> = {
  'any-ascii': ['anyAscii'],
  bun: ['CryptoHasher'],
  re2js: ['RE2JS'],
  'node:net': ['isIP'],
  'node:crypto': ['createHash', 'createHmac', 'timingSafeEqual'],
};
const IMPURE =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\b(fetch|setTimeout|setInterval|setImmediate|queueMicrotask)\(|\b(performance|crypto|Bun|process|console)\./;

/** Where a package belongs, by the beginning of its name. */
const HOMES: [name: RegExp, layers: Layer[]][] = [
  [/^@elysiajs\/eden/, ['admin']],
  [/^(elysia|@elysiajs\/(?!eden))/, ['http', 'routes', 'model']],
  [/^(drizzle-orm|bun:sqlite)/, ['engine', 'db']],
  [/^commander$/, ['cli']],
  [/^better-auth/, ['service', 'engine']],
  [/^(react|@mantine\/|@tanstack\/|wouter|uqr)/, ['admin']],
];

/** Who calls over the network, and whom. */
const FETCHES = new Map([
  ['src/outbound/segment-client.ts', 'Segment'],
  ['src/cli/healthcheck.ts', 'the service itself'],
  ['src/telemetry/doctor/ask.ts', 'the service itself, directly and by PUBLIC_URL'],
  ['src/inbound/self-test.ts', "the service's own webhook, by the address Segment calls"],
  ['src/demo/demo.ts', 'the demonstration it has started'],
]);
/** Where something begins when it is loaded: the program, the pages, a thread. */
const BEGINS = new Set([
  'src/main.ts',
  'src/admin/main.tsx',
  'src/store/sqlite/checkpoint-thread.ts',
  'src/store/sqlite/evaluation-thread.ts',
]);
const READS_ENVIRONMENT = /^src\/(config\.ts$|cli\/)/;

interface Import {
  line: number;
  from: string;
  /** Whether types alone are imported. */
  types: boolean;
  names: string[];
}

function importsOf(source: string): Import[] {
  const found: Import[] = [];
  const lineAt = (index: number) => source.slice(0, index).split('\n').length;
  const statement = /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s*from\s+)?['"]([^'"]+)['"]/gm;
  for (const { index, 1: type, 2: clause = '', 3: from = '' } of source.matchAll(statement)) {
    const names = clause
      .replace(/[{}]/g, ' ')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    const types = type !== undefined || (names.length > 0 && names.every((name) => name.startsWith('type ')));
    found.push({
      line: lineAt(index),
      from,
      types,
      names: names.filter((name) => !name.startsWith('type ')),
    });
  }
  for (const { index, 1: from = '' } of source.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) {
    found.push({ line: lineAt(index), from, types: false, names: ['*'] });
  }
  return found;
}

/** Lines of code with their numbers: without comments, and without what stands inside a long template. */
function codeOf(source: string): [line: number, text: string][] {
  let inTemplate = false;
  const code: [number, string][] = [];
  for (const [i, whole] of source.split('\n').entries()) {
    const text = whole.replace(/(^|\s)\/\/.*$/, '');
    const began = inTemplate;
    if ((text.match(/`/g)?.length ?? 0) % 2 === 1) inTemplate = !inTemplate;
    if (!began && !/^\s*\/?\*/.test(text)) code.push([i + 1, text]);
  }
  return code;
}

function layerOf(path: string): Layer {
  if (PURE.has(path)) return 'pure';
  return LAYERS.find(([, pattern]) => pattern.test(path))?.[0] ?? 'package';
}

/** Everything in a file that is against the rules of the layout, as `file:line what`. */
function violations(file: string, source: string): string[] {
  const found: string[] = [];
  const report = (line: number, what: string) => found.push(`${file}:${line} ${what}`);
  const layer = layerOf(file);

  if (/(^|\/)(index|utils?)(\/|\.tsx?$)/.test(file)) report(1, 'no barrels, no utils');
  for (const one of importsOf(source)) checkImport(file, layer, one, (what) => report(one.line, what));
  for (const [line, text] of codeOf(source)) {
    if (/^export \*/.test(text)) report(line, 'no barrels');
    if (/\b(process|Bun)\.env\b|\bimport\.meta\.env\b/.test(text) && !READS_ENVIRONMENT.test(file)) {
      report(line, 'reads the environment');
    }
    if (callsFetch(text) && !FETCHES.has(file) && layer !== 'admin') report(line, 'calls fetch');
    if (layer === 'pure' && IMPURE.test(text)) report(line, `pure, yet: ${text.trim()}`);
    if (!BEGINS.has(file) && hasSideEffect(text)) report(line, `done at import time: ${text.trim()}`);
  }
  return found;
}

function checkImport(file: string, layer: Layer, one: Import, report: (what: string) => void) {
  const { from, types, names } = one;
  if (!from.startsWith('.')) {
    const home = HOMES.find(([name]) => name.test(from));
    if (home !== undefined && !home[1].includes(layer)) report(`${layer} imports ${from}`);
    const decides = names.length > 0 && names.every((name) => PURE_PACKAGES[from]?.includes(name));
    if (layer === 'pure' && !types && !decides) report(`pure imports ${names.join(', ')} from ${from}`);
    return;
  }
  const path = normalize(join(dirname(file), from));
  const to = layerOf(path);
  // Texts to embed, package.json: data, no code.
  if (to === 'package') return;
  if (layer === 'admin' && to !== 'admin') {
    if (!types || path !== 'src/http/app.ts') report(`admin imports more than type App: ${path}`);
  } else if (to === 'http' && file.startsWith('src/scheduler/')) {
    report(`the scheduler imports from http: ${path}`);
  } else if (types) {
    if (['main', 'cli', 'admin'].includes(to) && to !== layer)
      report(`${layer} imports a type from ${to}: ${path}`);
  } else if (!MAY_IMPORT[layer].includes(to) && !EXCEPTIONS.has(`${file} ${path}`)) {
    report(`${layer} imports from ${to}: ${path}`);
  }
}

/** A call, and not a method of that name, as the server of a stand-in has it. */
const callsFetch = (text: string) =>
  /(?<![.\w])fetch\(/.test(text) && !/^\s*(async )?fetch\(.*\{$/.test(text);

/** A statement at the top of a module that is neither a declaration nor the end of one. */
const hasSideEffect = (text: string) =>
  /^[^\s/*})\]>]/.test(text) &&
  !/^(import|export|const|function|async function|class|abstract class|interface|type|declare|enum)\b/.test(
    text,
  );

const ROOT = join(import.meta.dir, '..');
const files = [...new Glob('{src,db}/**/*.{ts,tsx}').scanSync(ROOT)]
  .filter((file) => !file.endsWith('.d.ts'))
  .sort();
const sources = new Map<string, string>();
for (const file of files) sources.set(file, await Bun.file(join(ROOT, file)).text());

test('the source keeps to the layout of the design', () => {
  expect(files.length).toBeGreaterThan(50);
  expect([...sources].flatMap(([file, source]) => violations(file, source))).toEqual([]);
});

test('everything listed here exists', () => {
  const excepted = [...EXCEPTIONS.keys()].flatMap((pair) => pair.split(' '));
  expect([...PURE, ...FETCHES.keys(), ...excepted].filter((file) => !sources.has(file))).toEqual([]);
});

test('no import escapes the reader of imports', () => {
  for (const [file, source] of sources) {
    const seen = importsOf(source).map(({ from }) => from);
    const loader = file.endsWith('.tsx') ? 'tsx' : 'ts';
    const known = new Bun.Transpiler({ loader }).scanImports(source).map(({ path }) => path);
    // What is written as elements imports React without saying so.
    const unseen = known.filter(
      (path) => !seen.includes(path) && !(loader === 'tsx' && /^react\b/.test(path)),
    );
    expect([file, unseen]).toEqual([file, []]);
  }
});

test.each<[string, string, string[]]>([
  [
    'src/users/service.ts',
    "import { x } from '../http/api.ts';",
    ['1 service imports from model: src/http/api.ts'],
  ],
  [
    'src/users/service.ts',
    "import { app } from '../http/app.ts';",
    ['1 service imports from http: src/http/app.ts'],
  ],
  ['src/users/service.ts', "import { Elysia } from 'elysia';", ['1 service imports elysia']],
  [
    'src/users/service.ts',
    "import { open } from '../store/sqlite/sqlite-store.ts';",
    ['1 service imports from engine: src/store/sqlite/sqlite-store.ts'],
  ],
  ['src/users/service.ts', "import type { Store } from '../store/store.ts';", []],
  [
    'src/users/routes.ts',
    "import { other } from '../segments/routes.ts';",
    ['1 routes imports from routes: src/segments/routes.ts'],
  ],
  ['src/users/routes.ts', "import { main } from '../main.ts';", ['1 routes imports from main: src/main.ts']],
  [
    'src/store/sqlite/write.ts',
    "import { x } from '../../users/service.ts';",
    ['1 engine imports from service: src/users/service.ts'],
  ],
  ['src/store/store.ts', "\n\nimport { sql } from 'drizzle-orm';", ['3 store imports drizzle-orm']],
  [
    'src/scheduler/tasks.ts',
    "import type { App } from '../http/app.ts';",
    ['1 the scheduler imports from http: src/http/app.ts'],
  ],
  [
    'src/users/user.ts',
    "import { randomUUID, createHash } from 'node:crypto';",
    ['1 pure imports randomUUID, createHash from node:crypto'],
  ],
  [
    'src/users/user.ts',
    "import { readFileSync } from 'node:fs';",
    ['1 pure imports readFileSync from node:fs'],
  ],
  [
    'src/users/user.ts',
    "import { merge } from './service.ts';",
    ['1 pure imports from service: src/users/service.ts'],
  ],
  ['src/users/user.ts', "import {\n  type A,\n  type B,\n} from './service.ts';", []],
  [
    'src/users/user.ts',
    '// Date.now() is not for us\nconst at = () => Date.now();',
    ['2 pure, yet: const at = () => Date.now();'],
  ],
  ['src/users/user.ts', 'const at = (time: number) => new Date(time);', []],
  [
    'src/users/service.ts',
    "const x = () => import('../cli/serve.ts');",
    ['1 service imports from cli: src/cli/serve.ts'],
  ],
  [
    'src/users/service.ts',
    "import type { Service } from '../cli/serve.ts';",
    ['1 service imports a type from cli: src/cli/serve.ts'],
  ],
  ['src/users/service.ts', 'const x = () => fetch(url);', ['1 calls fetch']],
  ['src/users/service.ts', 'const server = {\n  async fetch(request) {\n  },\n};', []],
  ['src/users/service.ts', 'const home = () => Bun.env.HOME;', ['1 reads the environment']],
  ['src/cli/serve.ts', 'const home = () => Bun.env.HOME;', []],
  ['src/users/service.ts', 'start();', ['1 done at import time: start();']],
  ['src/users/service.ts', 'let count = 0;', ['1 done at import time: let count = 0;']],
  ['src/users/service.ts', 'const page = `\nstart();\n`;', []],
  ['src/main.ts', "import { run } from './cli/program.ts';\nrun();", []],
  ['src/users/index.ts', "export * from './service.ts';", ['1 no barrels, no utils', '1 no barrels']],
  ['src/utils/text.ts', '', ['1 no barrels, no utils']],
  [
    'src/http/app.ts',
    "import { Page } from '../admin/page.tsx';",
    ['1 http imports from admin: src/admin/page.tsx'],
  ],
  [
    'src/http/app.ts',
    "import type { Page } from '../admin/page.tsx';",
    ['1 http imports a type from admin: src/admin/page.tsx'],
  ],
  ['src/admin/api.ts', "import type { App } from '../http/app.ts';", []],
  [
    'src/admin/api.ts',
    "import { app } from '../http/app.ts';",
    ['1 admin imports more than type App: src/http/app.ts'],
  ],
  [
    'src/admin/api.ts',
    "import type { User } from '../users/user.ts';",
    ['1 admin imports more than type App: src/users/user.ts'],
  ],
])('in %s, %j is seen for what it is', (file, source, expected) => {
  expect(violations(file, source)).toEqual(expected.map((what) => `${file}:${what}`));
});
