import { runCli } from './cli/program.ts';

process.exit(await runCli(Bun.argv));
