import type { Ended, Place } from '../../cli/process.ts';

/** One line of the doctor's. */
export interface Line {
  level: string;
  topic: string;
  text: string;
}
export interface Examination {
  code: number;
  lines: Line[];
  /** The line about something; fails where there is none or more than one. */
  about(topic: string): Line;
  stdout: string;
}

/** Runs the doctor as an operator does. */
export async function examine(place: Place, env: Record<string, string>): Promise<Examination> {
  const { code, stdout, stderr }: Ended = await place.run(['doctor'], { PATH: Bun.env.PATH ?? '', ...env });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line): Line => {
      const [, level = '', topic = '', text = ''] =
        /^(ok|warning|error) +(\S+(?: \S+)?) +(\S.*)$/.exec(line) ?? [];
      if (level === '') throw new Error(`Not a finding: ${line}\n${stderr}`);
      return { level, topic, text };
    });
  const errors = lines.filter(({ level }) => level === 'error').length;
  const summary = errors === 0 ? '' : `${errors} ${errors === 1 ? 'error' : 'errors'} found`;
  if (stderr.split('\n', 1)[0] !== summary) throw new Error(`${stdout}\n${stderr}`);
  return {
    code,
    lines,
    stdout,
    about(topic) {
      const [line, ...others] = lines.filter((one) => one.topic === topic);
      if (line === undefined || others.length > 0) throw new Error(`Not one line about ${topic}:\n${stdout}`);
      return line;
    },
  };
}
