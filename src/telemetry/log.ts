import pino, { type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { describeError } from './describe-error.ts';

/** JSON lines, or readable text on a terminal. To standard error, as standard output is for what commands print. */
export function createLog(level: string, to: DestinationStream = standardError()): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => describeError(error) },
  };
  return pino(options, to);
}

const standardError = (): DestinationStream =>
  process.stderr.isTTY
    ? pretty({
        colorize: true,
        sync: true,
        destination: 2,
        translateTime: 'SYS:HH:MM:ss',
        ignore: 'pid,hostname',
      })
    : pino.destination({ dest: 2, sync: true });
