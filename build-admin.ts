/**
 * Bundles the admin area (src/admin) into dist/admin: hashed files, gzipped, and `files.ts`, a module that embeds them
 * all. Does nothing when no source has changed since; `bun run setup` calls it.
 */
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Glob, gzipSync } from 'bun';

const OUT = 'dist/admin';
const stamp = Bun.file(join(OUT, 'inputs.txt'));

const inputs = [...new Glob('src/admin/**/*').scanSync('.'), 'bun.lock', 'build-admin.ts'].sort();
const hash = new Bun.CryptoHasher('sha256');
for (const path of inputs) hash.update(path).update(await Bun.file(path).bytes());
const digest = hash.digest('hex');
if ((await stamp.exists()) && (await stamp.text()) === digest) process.exit(0);

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const result = await Bun.build({
  entrypoints: ['src/admin/main.tsx'],
  target: 'browser',
  splitting: true,
  minify: true,
  naming: { entry: '[name]-[hash].[ext]', chunk: '[name]-[hash].[ext]', asset: '[name]-[hash].[ext]' },
  define: { 'process.env.NODE_ENV': '"production"' },
});
for (const message of result.logs) console.error(message);
if (!result.success) process.exit(1);

const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};
const files: { name: string; type: string; entry: boolean }[] = [];
for (const output of result.outputs) {
  const name = basename(output.path);
  const type = TYPES[name.split('.').at(-1) ?? ''];
  if (type === undefined) throw new Error(`${name} has no type to be served with`);
  const entry = output.kind === 'entry-point' || type.startsWith('text/css');
  await Bun.write(
    join(OUT, `${name}.gz`),
    gzipSync(new Uint8Array(await output.arrayBuffer()), { level: 9 }),
  );
  files.push({ name, type, entry });
}

const tag = ({ name, type }: { name: string; type: string }) =>
  type.startsWith('text/css')
    ? `<link rel="stylesheet" href="/admin/assets/${name}">`
    : `<script type="module" src="/admin/assets/${name}"></script>`;
const tags = (kind: string) =>
  files
    .filter(({ type, entry }) => entry && type.startsWith(kind))
    .map(tag)
    .join('\n');
const page = (await Bun.file('src/admin/index.html').text())
  .replace('{{styles}}', tags('text/css'))
  .replace('{{scripts}}', tags('text/javascript'));
await Bun.write(
  join(OUT, 'files.ts'),
  [
    '// Made by build-admin.ts.',
    ...files.map(({ name }, i) => `import file${i} from './${name}.gz' with { type: 'file' };`),
    '',
    '/** The page of the admin area; {{nonce}} stands for the nonce of its style elements. */',
    `export const PAGE: string = ${JSON.stringify(page)};`,
    '/** What the page loads, by name: where the gzipped file is, and its type. */',
    'export const FILES: ReadonlyMap<string, { path: string; type: string }> = new Map([',
    ...files.map(({ name, type }, i) => `  ['${name}', { path: file${i}, type: '${type}' }],`),
    ']);',
    '',
  ].join('\n'),
);
await Bun.write(stamp, digest);
