import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import { describeError } from './describe-error.ts';

/** JSON lines, or readable text on a terminal. Written to standard error: standard output is for what commands print. */
export function createLog(level: string): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => describeError(error) },
  };
  const stream = process.stderr.isTTY
    ? pretty({
        colorize: true,
        sync: true,
        destination: 2,
        translateTime: 'SYS:HH:MM:ss',
        ignore: 'pid,hostname',
      })
    : pino.destination({ dest: 2, sync: true });
  return pino(options, stream);
}
