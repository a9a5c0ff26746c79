import { Command } from 'commander';
import { describeVariables } from '../config.ts';
import { DomainError, OperatorError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { addAdmin } from './admin.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { addHealthcheck } from './healthcheck.ts';
import { addMigrate } from './migrate.ts';
import { addSegments } from './segments.ts';
import { addServe } from './serve-command.ts';
import { addUsers } from './users.ts';

/** Runs the command line; answers the exit code. */
export async function runCli(argv: string[]): Promise<number> {
  const program = new Command('quackback-segment')
    .description("Keeps a product's user directory and Segment in step, both ways")
    .version(VERSION, '-V, --version')
    .addHelpText('after', `\n${describeVariables()}`);
  for (const add of [
    addServe,
    addDemo,
    addAdmin,
    addUsers,
    addSegments,
    addDoctor,
    addHealthcheck,
    addMigrate,
  ])
    add(program);
  program
    .command('version')
    .description('Print the version')
    .action(() => console.log(VERSION));
  for (const command of program.commands.flatMap((one) => [one, ...one.commands]))
    command.addHelpText('after', `\n${describeVariables()}`);
  try {
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof OperatorError) console.error(`${error.message}\n${error.hint}`);
    else if (error instanceof DomainError) console.error(error.message);
    else throw error;
    return 1;
  }
}
