import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { end, spawn } from './children.ts';
import type { Stores } from './least-store.ts';

/** A server in a process of its own. */
export interface ServerProcess {
  url: string;
  /** Resident memory now and at its highest so far, bytes. */
  memory(): { now: number; peak: number };
  /** Processor time used since the start, all threads, seconds: unlike the wall clock, hardly moved by a busy machine. */
  cpuSeconds(): number;
  /** Asks it to stop and waits until it has. */
  stop(): Promise<void>;
}

export const API_KEY = 'qb_bench-key-0123456789-0123456789-0123456789';
export const SECRET = 'a-shared-secret-for-the-benchmark';
export const WEBHOOK = '/api/integrations/segment/webhook';
export const SETTINGS = '/api/v1/settings/integrations/segment';

const ROOT = join(import.meta.dir, '../../..');

export interface ServiceOptions {
  dataDir: string;
  /** Stand-in for Segment; without one nothing is sent. */
  segmentUrl?: string;
  /** A built executable in place of the sources. */
  executable?: string | undefined;
  /** Folder for a CPU profile, written at the stop. */
  profileDir?: string | undefined;
  /** Most changes in one transaction, of the sources and without a profile. */
  maxCommit?: number;
}

/** Starts the service as its users do, waits until it listens, and sets the shared secret. */
export async function startService(options: ServiceOptions): Promise<ServerProcess> {
  const server = await spawnService(options);
  await api(server, 'PATCH', SETTINGS, { inbound: { sharedSecret: SECRET } });
  return server;
}

/** The same without the shared secret: what a cold start is. */
export const spawnService = (options: ServiceOptions): Promise<ServerProcess> =>
  start(commandOf(options), {
    PORT: '0',
    DATA_DIR: options.dataDir,
    ADMIN_API_KEY: API_KEY,
    SECRET_KEY: 'a-key-for-sealing-that-is-long-enough',
    LOG_LEVEL: 'warn',
    ...(options.segmentUrl === undefined ? {} : { SEGMENT_API_URL: options.segmentUrl }),
  });

function commandOf({ executable, profileDir, maxCommit }: ServiceOptions): string[] {
  if (maxCommit !== undefined) {
    return [process.execPath, join(import.meta.dir, 'service-process.ts'), String(maxCommit)];
  }
  if (executable !== undefined) return [executable, 'serve'];
  const profile = ['--cpu-prof', '--cpu-prof-md', `--cpu-prof-dir=${profileDir}`];
  return [process.execPath, ...(profileDir === undefined ? [] : profile), join(ROOT, 'src/main.ts'), 'serve'];
}

/** With `least`, it stores so much in a database. */
export const startBareServer = (least?: { stores: Stores; database: string }): Promise<ServerProcess> =>
  start([process.execPath, join(import.meta.dir, 'bare-server.ts')], {
    SHARED_SECRET: SECRET,
    ...(least === undefined ? {} : { STORES: least.stores, DATABASE: least.database }),
  });

/** Starts a server that prints where it "listens on". */
export async function start(command: string[], env: Record<string, string> = {}): Promise<ServerProcess> {
  const child = spawn(command, env);
  const url = await addressIn(child.stdout);
  if (url === null) throw new Error(`${command.join(' ')} ended before it listened`);
  return {
    url,
    memory: () => residentBytes(child.pid),
    cpuSeconds: () => processorSeconds(child.pid),
    stop: () => end(child),
  };
}

/** The address a server prints when it listens; the rest of its output is read and dropped. */
async function addressIn(output: ReadableStream<Uint8Array>): Promise<string | null> {
  const reader = output.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return null;
    text += decoder.decode(value, { stream: true });
    const url = /listens on (http:\/\/\S+)/.exec(text)?.[1];
    if (url === undefined) continue;
    void (async () => {
      while (!(await reader.read()).done);
    })();
    return url;
  }
}

/** Highest resident memory of a process so far, bytes; null when it has ended, or is about to. */
export function peakMemory(pid: number): number | null {
  try {
    const { peak } = residentBytes(pid);
    return Number.isNaN(peak) ? null : peak;
  } catch {
    return null;
  }
}

function residentBytes(pid: number) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

function processorSeconds(pid: number): number {
  // After the name in brackets: utime and stime are the 12th and 13th field, in hundredths of a second (proc(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Calls the service's API; anything but success is an error. */
export async function api(server: ServerProcess, method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  // biome-ignore lint/suspicious/noExplicitAny: read field by field
  return JSON.parse(text) as any;
}
