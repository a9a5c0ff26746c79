import type { Logger } from 'pino';
import { createLog } from '../../src/telemetry/log.ts';

/** One line of the log. */
export interface Line {
  /** 20 debug, 30 info, 40 warn, 50 error. */
  level: number;
  msg: string;
  requestId?: string;
  count?: number;
  [member: string]: unknown;
}

/** A log to look into. */
export function captureLog(level: string): { log: Logger; lines: Line[]; text(): string } {
  const lines: Line[] = [];
  const log = createLog(level, { write: (line) => lines.push(JSON.parse(line)) });
  return { log, lines, text: () => lines.map((line) => JSON.stringify(line)).join('\n') };
}
