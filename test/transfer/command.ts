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
  remove(): Promise<void>;
}

const MAIN = join(import.meta.dir, '../../src/main.ts');

/** A folder of its own to run commands in, with a database of its own. */
export async function startWorkplace(): Promise<Workplace> {
  const path = await mkdtemp(join(tmpdir(), 'quackback-segment-cli-'));
  const file = (name: string) => join(path, name);
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
        env: { PATH: process.env.PATH, DATA_DIR: dataDir, LOG_LEVEL: 'info' },
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
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
