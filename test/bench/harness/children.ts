import type { Subprocess } from 'bun';

const running = new Set<Subprocess>();
/** How long a process may take to end after it was asked to, milliseconds; a CPU profile takes a while to write. */
const PATIENCE_MS = 60_000;

/** Starts a process that `endAll` knows of. Its environment is what is given and where programs are found. */
export function spawn(
  command: string[],
  env: Record<string, string> = {},
  input: 'pipe' | 'ignore' = 'ignore',
  cwd?: string,
) {
  const { PATH = '', HOME = '/' } = Bun.env;
  const child = Bun.spawn(command, {
    env: { PATH, HOME, ...env },
    stdin: input,
    stdout: 'pipe',
    stderr: 'inherit',
    ...(cwd === undefined ? {} : { cwd }),
  });
  running.add(child);
  void child.exited.then(() => running.delete(child));
  return child;
}

/** Asks a process to end, waits for it, and ends it for good when it does not. */
export async function end(child: Subprocess): Promise<void> {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await child.exited;
  clearTimeout(late);
}

/** Ends whatever still runs. */
export const endAll = () => Promise.all([...running].map(end));

/** The output of a process that ends by itself, within so many milliseconds; failing is an error. */
export async function outputOf(child: ReturnType<typeof spawn>, withinMs: number): Promise<string> {
  const late = setTimeout(() => child.kill('SIGKILL'), withinMs);
  const text = await new Response(child.stdout).text();
  const code = await child.exited;
  clearTimeout(late);
  if (code !== 0)
    throw new Error(`A process ended with ${child.signalCode ?? `exit code ${code}`}:\n${text}`);
  return text;
}

/** Asks again and again, every `everyMs`, until it holds; not within `withinMs` is an error. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs: number,
  everyMs = 20,
): Promise<void> {
  for (const deadline = performance.now() + withinMs; ; await Bun.sleep(everyMs)) {
    if (await holds()) return;
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs / 1000} s: ${what}`);
  }
}
