import { Command } from 'commander';
import { describeVariables } from '../config.ts';
import { OperatorError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { addHealthcheck } from './healthcheck.ts';
import { addMigrate } from './migrate.ts';
import { addServe } from './serve.ts';

/** Runs the command line; answers the exit code. */
export async function runCli(argv: string[]): Promise<number> {
  const program = new Command('quackback-segment')
    .description("Keeps a product's user directory and Segment in step, both ways")
    .version(VERSION, '-V, --version')
    .addHelpText('after', `\n${describeVariables()}`);
  for (const add of [addServe, addHealthcheck, addMigrate]) add(program);
  program
    .command('version')
    .description('Print the version')
    .action(() => console.log(VERSION));
  for (const command of program.commands) command.addHelpText('after', `\n${describeVariables()}`);
  try {
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    console.error(`${error.message}\n${error.hint}`);
    return 1;
  }
}
