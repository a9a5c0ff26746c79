/**
 * `bun run build`: one self-contained executable. A target such as `bun-linux-arm64` or `bun-linux-x64-musl` as first
 * argument builds for another machine.
 */
const target = Bun.argv[2] as Bun.Build.CompileTarget | undefined;
const outfile =
  target === undefined ? 'dist/quackback-segment' : `dist/quackback-segment-${target.replace(/^bun-/, '')}`;

const result = await Bun.build({
  // Threads are started by the names of their files.
  entrypoints: [
    'src/main.ts',
    'src/store/sqlite/checkpoint-thread.ts',
    'src/store/sqlite/evaluation-thread.ts',
  ],
  compile: {
    outfile,
    // The executable reads nothing from the folder it happens to be started in.
    autoloadDotenv: false,
    autoloadBunfig: false,
    ...(target === undefined ? {} : { target }),
  },
  // Otherwise the framework puts rejected values into its validation errors.
  define: { 'process.env.NODE_ENV': '"production"' },
  // Not minified: names of functions matter to the framework, and the runtime dwarfs the rest.
  minify: false,
  // Compiled ahead: the start takes half the time.
  bytecode: true,
  format: 'esm',
  sourcemap: 'inline',
});
for (const message of result.logs) console.error(message);
if (!result.success) process.exit(1);
console.log(`${outfile}: ${(Bun.file(outfile).size / 2 ** 20).toFixed(1)} MiB`);

export {};
