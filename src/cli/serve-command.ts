import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { createLog } from '../telemetry/log.ts';
import { VERSION } from '../version.ts';
import { startService } from './serve.ts';

/** Longest time for a stop, milliseconds; container runtimes kill after ten seconds. */
const STOP_MS = 9000;

export function addServe(program: Command) {
  program
    .command('serve', { isDefault: true })
    .description('Start the service (the default command)')
    .allowExcessArguments()
    .action(async (_options, command: Command) => {
      // The default command gets every word that is no command.
      const [word] = command.args;
      if (word !== undefined) command.error(`There is no command "${word}"; --help lists them`);
      const config = readConfig(Bun.env);
      const log = createLog(config.LOG_LEVEL);
      // Listened for from here on: a signal during the start, or right after it, ends the service as properly as later.
      const asked = signalled();
      const service = await startService(config, log);
      if (service.freshApiKey !== null) {
        console.log(
          `\nYour API key, shown only now (store it safely; ADMIN_API_KEY replaces it):\n\n  ${service.freshApiKey}\n`,
        );
      }
      if (service.setUpUrl !== null) {
        console.log(`\nMake your admin account, within 30 minutes and once:\n\n  ${service.setUpUrl}\n`);
      }
      console.log(
        `quackback-segment ${VERSION} listens on ${service.url} (API docs: ${service.url}/swagger)`,
      );
      await asked;
      log.info('Stopping');
      const late = setTimeout(() => {
        log.error('Stopping took too long; what was acknowledged is safe');
        process.exit(1);
      }, STOP_MS);
      await service.stop();
      clearTimeout(late);
      log.info('Stopped');
    });
}

/** Resolves when the process is asked to end. */
export const signalled = () =>
  new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
