import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { OperatorError } from '../errors.ts';
import { ownAddress } from '../telemetry/doctor/ask.ts';

export function addHealthcheck(program: Command) {
  program
    .command('healthcheck')
    .description('Ask the service on HOST and PORT whether it is ready; exit code 0 means yes')
    .action(async () => {
      const url = `${ownAddress(readConfig(Bun.env))}/readyz`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(3000) }).catch((error: Error) => error);
      if (answer instanceof Response && answer.ok) {
        console.log('ready');
        return;
      }
      const why = answer instanceof Response ? `it answered ${answer.status}` : answer.message;
      throw new OperatorError(`The service at ${url} is not ready: ${why}`, 'Look at its log');
    });
}
