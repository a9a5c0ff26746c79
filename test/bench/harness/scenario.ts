import type { Summary } from './stats.ts';
import type { Workspace } from './workspace.ts';

/** One line of the results. */
export interface Measure {
  what: string;
  value: number | Summary;
  unit: string;
}

/** How much to do: `quick` to see that it works, `full` with a million users. */
export type Size = 'quick' | 'normal' | 'full';

export interface BenchContext {
  size: Size;
  workspace: Workspace;
  /** A built executable to measure in place of the sources. */
  executable: string | undefined;
  /** Folder for CPU profiles of the service, where they are wanted. */
  profileDir: string | undefined;
  /** Says what is going on. */
  progress(text: string): void;
}

export interface Scenario {
  name: string;
  title: string;
  run(context: BenchContext): Promise<Measure[]>;
}
