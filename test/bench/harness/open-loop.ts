import { join } from 'node:path';
import { spawn } from './children.ts';
import type { ServerProcess } from './processes.ts';
import { quantile } from './stats.ts';
import { type SignedBody, writeRequests } from './wrk.ts';

/** Latencies in milliseconds, from when each request was due. */
export interface Latencies {
  answered: number;
  p50: number;
  p99: number;
  max: number;
}

export const summariseLatencies = (latencies: readonly number[]): Latencies => ({
  answered: latencies.length,
  p50: quantile(latencies, 0.5),
  p99: quantile(latencies, 0.99),
  max: quantile(latencies, 1),
});

export interface OpenLoad {
  server: Pick<ServerProcess, 'url'>;
  /** Requests a second. */
  rate: number;
  /** How long at most, the beginning included. */
  seconds: number;
  /** How much of the beginning does not count, seconds: there the sender itself is still warming up. */
  warmUp?: number;
  /** Enough that a stall of the server does not keep requests from being sent. */
  connections?: number;
  /** What nobody has sent yet. */
  events: Generator<SignedBody, never>;
  /** Where the requests may be written. */
  file: string;
}

/** Puts load at a constant rate on the webhook; `finish` ends it, early or not, and answers what was measured. */
export async function startOpenLoad(load: OpenLoad) {
  const { server, rate, seconds, warmUp = 0, connections = 128, events, file } = load;
  await writeRequests(file, events, server.url, Math.ceil(rate * seconds));
  const program = join(import.meta.dir, 'open-loop-process.ts');
  const child = spawn(
    [process.execPath, program, server.url, file, ...[rate, connections, rate * warmUp].map(String)],
    {},
    'pipe',
  );
  const late = setTimeout(() => child.kill('SIGKILL'), (seconds + 60) * 1000);
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let output = '';
  /** Reads on until the text has come or the output has ended. */
  const read = async (text: string | null) => {
    while (text === null || !output.includes(text)) {
      const { value, done } = await lines.read();
      if (done) return;
      output += value;
    }
  };
  await read('READY');

  const result = async (): Promise<Latencies> => {
    await read(null);
    clearTimeout(late);
    const json = /^RESULT (.*)$/m.exec(output)?.[1];
    if (json === undefined) throw new Error('The load at a constant rate failed');
    const { notOk, ...latencies } = JSON.parse(json);
    if (notOk > 0) throw new Error(`${notOk} of ${latencies.answered} answers were not a 200`);
    return latencies;
  };
  return {
    /** When all of it has been sent and answered. */
    result,
    /** Ends it now. */
    async finish(): Promise<Latencies> {
      child.stdin?.end();
      return await result();
    },
  };
}

/** The same for the whole time. */
export const openLoad = async (load: OpenLoad): Promise<Latencies> => (await startOpenLoad(load)).result();
