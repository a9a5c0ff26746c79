import type { Summary } from './stats.ts';
import type { Workspace } from './workspace.ts';

/** One line of the results. */
export interface Measure {
  what: string;
  value: number | Summary;
  unit: string;
  expected?: Expectation;
  /** Title of the panel of the chart that shows it, beside the others with the same title; all have the same unit. */
  panel?: string;
}

/** What a measure should be, in its unit. */
export interface Expectation {
  least?: number;
  most?: number;
  /** Where not even the worst repetition may miss it; otherwise the median counts. */
  always?: boolean;
}

/** How much to do: `quick` to see that it works, `full` with the sizes that take long to prepare. */
export type Size = 'quick' | 'normal' | 'full';

export interface BenchContext {
  size: Size;
  workspace: Workspace;
  /** A built executable to measure in place of the sources. */
  executable: string | undefined;
  /** The executable, built from the sources where none was given. */
  build(): Promise<string>;
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

/** "100,000 users", as measures name a population. */
export const usersText = (users: number): string => `${users.toLocaleString('en')} users`;
