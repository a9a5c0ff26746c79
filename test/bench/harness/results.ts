import type { Measure, Size } from './scenario.ts';

/** What a run has measured, as `results.json` holds it. */
export interface Results {
  startedAt: string;
  /** The whole run, seconds. */
  seconds: number;
  command: string;
  size: Size;
  machine: Machine;
  /** Share of the processors that other work took meanwhile, 0 to 1. */
  otherWork: number;
  /** By the name of the scenario. */
  results: Record<string, ScenarioResult>;
}

export interface ScenarioResult {
  title: string;
  measures: Measure[];
  /** Why there are no measures. */
  failure?: string;
}

export interface Machine {
  cpu: string;
  cores: number;
  memoryBytes: number;
  kernel: string;
  bun: string;
  sqlite: string;
  /** Which sources were measured; null outside a git checkout. */
  commit: string | null;
  /** How busy the machine was before: the mean number of processes that ran in the last minute. */
  loadBefore: number;
}

const NUMBERS = new Set(['value', 'median', 'min', 'max']);

/** The results in JSON, which has no NaN for what could not be measured. */
export const readResults = (json: string): Results =>
  JSON.parse(json, (key, value) => (value === null && NUMBERS.has(key) ? Number.NaN : value));
