import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}
export interface Workplace {
  /** Folder of the files; `data` in it is DATA_DIR unless said otherwise. */
  path: string;
  file(name: string): string;
  write(name: string, content: string): Promise<string>;
  read(name: string): Promise<string>;
  /** Runs the command line in a process of its own. */
  run(args: string[], options?: { dataDir?: string; stdin?: string }): Promise<Ended>;
  /** Runs it on a terminal; answers what that shows. */
  runOnTerminal(args: string[]): Promise<string>;
  /** Runs it with a reader that goes away after the first piece of output. */
  runBriefly(args: string[]): Promise<Omit<Ended, 'stdout'>>;
  remove(): Promise<void>;
}

const MAIN = join(import.meta.dir, '../../src/main.ts');

/** A folder of its own to run commands in, with a database of its own. */
export async function startWorkplace(): Promise<Workplace> {
  const path = await mkdtemp(join(tmpdir(), 'quackback-segment-cli-'));
  const file = (name: string) => join(path, name);
  const env = (dataDir: string) => ({ PATH: process.env.PATH, DATA_DIR: dataDir, LOG_LEVEL: 'info' });
  return {
    path,
    file,
    async write(name, content) {
      await Bun.write(file(name), content);
      return file(name);
    },
    read: (name) => Bun.file(file(name)).text(),
    async run(args, { dataDir = file('data'), stdin = '' } = {}) {
      const child = Bun.spawn([process.execPath, MAIN, ...args], {
        cwd: path,
        env: env(dataDir),
        stdin: new Blob([stdin]),
        stdout: 'pipe',
        stderr: 'pipe',
      });
      const [stdout, stderr, code] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
        child.exited,
      ]);
      return { code, stdout, stderr };
    },
    async runOnTerminal(args) {
      let shown = '';
      const decoder = new TextDecoder();
      const child = Bun.spawn([process.execPath, MAIN, ...args], {
        cwd: path,
        env: env(file('data')),
        terminal: {
          data(_terminal, bytes) {
            shown += decoder.decode(bytes, { stream: true });
          },
        },
      });
      await child.exited;
      return shown;
    },
    async runBriefly(args) {
      const child = Bun.spawn([process.execPath, MAIN, ...args], {
        cwd: path,
        env: env(file('data')),
        stdout: 'pipe',
        stderr: 'pipe',
      });
      const reader = child.stdout.getReader();
      await reader.read();
      await reader.cancel();
      const [stderr, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
      return { code, stderr };
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
