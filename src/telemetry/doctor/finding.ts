/** What an examination found out about one thing. */
export interface Finding {
  level: 'ok' | 'warning' | 'error';
  topic: string;
  /** A sentence without its full stop. */
  message: string;
  /** What to do, in a sentence; nothing where all is well. */
  remedy?: string;
}

export const ok = (topic: string, message: string): Finding => ({ level: 'ok', topic, message });
export const warning = (topic: string, message: string, remedy: string): Finding => ({
  level: 'warning',
  topic,
  message,
  remedy,
});
export const failure = (topic: string, message: string, remedy: string): Finding => ({
  level: 'error',
  topic,
  message,
  remedy,
});

const COLOURS = { ok: 32, warning: 33, error: 31 };

/** One line for a finding. */
export function lineOf({ level, topic, message, remedy }: Finding, coloured: boolean): string {
  const word = coloured ? `\x1b[${COLOURS[level]}m${level}\x1b[0m` : level;
  const text = remedy === undefined ? message : `${message}. ${remedy}`;
  // Messages of the system may have line breaks, and a line is a finding.
  return `${word}${' '.repeat(9 - level.length)}${topic.padEnd(15)} ${text.replace(/\s+/g, ' ')}`;
}
