import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const MAIN = resolve(import.meta.dir, '../../src/main.ts');

/** How root begins a command for which permissions of files count; nothing where they do, or can not be made to. */
const AS_ANYBODY = asAnybody();
/** Whether a file without permissions is closed to a command. */
export const PERMISSIONS_COUNT = process.getuid?.() !== 0 || AS_ANYBODY.length > 0;

function asAnybody(): string[] {
  const setpriv = Bun.which('setpriv');
  if (process.getuid?.() !== 0 || setpriv === null) return [];
  const command = [setpriv, '--bounding-set=-dac_override,-dac_read_search,-fowner'];
  return Bun.spawnSync([...command, process.execPath, '--version']).success ? command : [];
}

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}
/** A command under way. */
export interface Running {
  /** Resolves with what was printed so far, once that matches; rejects when the process ends before. */
  printed(pattern: RegExp): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  ended: Promise<Ended>;
}
/** A folder of its own, in which commands run with an environment that holds nothing else. */
export interface Place {
  dir: string;
  run(args: string[], env?: Record<string, string>): Promise<Ended>;
  start(args: string[], env?: Record<string, string>): Running;
  /** Starts `serve` on a free port; answers its address once it listens. */
  serve(env?: Record<string, string>): Promise<Running & { url: string; output: string }>;
  remove(): Promise<void>;
}

export async function createPlace(): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'quackback-segment-cli-'));
  const place: Place = {
    dir,
    run: (args, env) => place.start(args, env).ended,
    start(args, env = {}) {
      const child = Bun.spawn([...AS_ANYBODY, process.execPath, MAIN, ...args], {
        cwd: dir,
        env,
        stdout: 'pipe',
        stderr: 'pipe',
      });
      const streams = [follow(child.stdout), follow(child.stderr)] as const;
      const ended = child.exited.then(async (code) => {
        const [stdout, stderr] = await Promise.all(streams.map(({ whole }) => whole));
        return { code, stdout: stdout as string, stderr: stderr as string };
      });
      return {
        printed: (pattern) => Promise.any(streams.map(({ until }) => until(pattern))),
        kill: (signal) => child.kill(signal),
        ended,
      };
    },
    async serve(env = {}) {
      const running = place.start(['serve'], { PORT: '0', ...env });
      const output = await running.printed(/listens on (\S+)/);
      return { ...running, url: /listens on (\S+)/.exec(output)?.[1] ?? '', output };
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
  return place;
}

/** Reads a stream as it comes, for as long as it lasts. */
function follow(stream: ReadableStream<Uint8Array>) {
  let text = '';
  let over = false;
  let waiting: { pattern: RegExp; resolve(text: string): void; reject(error: Error): void }[] = [];
  const look = () => {
    const done = waiting.filter(({ pattern }) => over || pattern.test(text));
    waiting = waiting.filter((one) => !done.includes(one));
    for (const { pattern, resolve, reject } of done) {
      if (pattern.test(text)) resolve(text);
      else reject(new Error(`Ended without ${pattern}: ${text}`));
    }
  };
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      look();
    }
    over = true;
    look();
    return text;
  };
  return {
    whole: read(),
    until: (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        waiting.push({ pattern, resolve, reject });
        look();
      }),
  };
}
