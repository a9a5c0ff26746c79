import { resolve } from 'node:path';

const MAIN = resolve(import.meta.dir, '../../src/main.ts');

/** The service as a process of its own. */
export interface Child {
  /** Resolves when it listens; false when it ended before that. */
  ready: Promise<boolean>;
  /** SIGKILL, without a warning; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number>;
}

/** Starts `serve` with nothing but this environment; what it logs goes to `logged`. */
export function startChild(env: Record<string, string>, cwd: string, logged: string[]): Child {
  const child = Bun.spawn([process.execPath, MAIN, 'serve'], { cwd, env, stdout: 'pipe', stderr: 'pipe' });
  const log = new Response(child.stderr).text();
  const gone = async () => {
    const code = await child.exited;
    const text = (await log).trim();
    if (text !== '') logged.push(text);
    return code;
  };
  return {
    ready: listens(child.stdout),
    async kill() {
      child.kill('SIGKILL');
      await gone();
    },
    stop() {
      child.kill('SIGTERM');
      return gone();
    },
  };
}

async function listens(stdout: ReadableStream<Uint8Array>): Promise<boolean> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes('listens on')) return true;
  }
  return false;
}

/** A free port below the range of outgoing connections, so that none of those takes it while the service is down. */
export function freePort(random: () => number): number {
  for (;;) {
    const port = 20_000 + Math.floor(random() * 10_000);
    try {
      Bun.listen({ hostname: '127.0.0.1', port, socket: { data() {} } }).stop(true);
      return port;
    } catch {
      // Taken: try another one.
    }
  }
}

/** mulberry32: small, and the same sequence for the same seed everywhere. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
