import type { Database } from 'bun:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createPlace, type Place } from '../../cli/process.ts';
import { openDatabase } from '../../helpers/database.ts';
import { API_KEY, startTestService, type TestService } from '../../helpers/service.ts';
import { type Examination, examine } from './examination.ts';
import { type ProxyHabits, startProxy } from './proxy.ts';

/** An installation to examine: a service that runs, its files, and what stands in front of it. */
export interface Patient {
  readonly t: TestService;
  readonly place: Place;
  /** Path of the database file. */
  database(): string;
  withDatabase(work: (database: Database) => void): void;
  stopService(): Promise<void>;
  /** Puts a proxy in front of the service; answers its address. */
  inFrontOf(habits: ProxyHabits): string;
  /** Has something stopped at the end of the test. */
  afterwards(stop: () => unknown): void;
  /** Runs the doctor on it. */
  look(env?: Record<string, string>): Promise<Examination>;
}

/** Gives each test of the file an installation of its own. */
export function eachPatient(): Patient {
  let place: Place;
  let t: TestService;
  let running: boolean;
  let ends: (() => unknown)[];
  beforeAll(async () => {
    place = await createPlace();
  });
  afterAll(() => place.remove());
  beforeEach(async () => {
    ends = [];
    running = true;
    t = await startTestService();
  });
  afterEach(async () => {
    for (const end of ends) await end();
    if (running) await t.service.stop();
    await t.stub.stop();
    await rm(t.dataDir, { recursive: true, force: true });
  });

  const patient: Patient = {
    get t() {
      return t;
    },
    get place() {
      return place;
    },
    database: () => join(t.dataDir, 'quackback-segment.db'),
    withDatabase(work) {
      const opened = openDatabase(t.dataDir, { write: true });
      work(opened);
      opened.close();
    },
    async stopService() {
      running = false;
      await t.service.stop();
    },
    inFrontOf(habits) {
      const proxy = startProxy(t.url, habits);
      patient.afterwards(proxy.stop);
      return proxy.url;
    },
    afterwards(stop) {
      ends.push(stop);
    },
    look: (env = {}) =>
      examine(place, {
        DATA_DIR: t.dataDir,
        PORT: new URL(t.url).port,
        ADMIN_API_KEY: API_KEY,
        SEGMENT_API_URL: t.stub.url,
        ...env,
      }),
  };
  return patient;
}

/** What was brought about, by which environment it is examined, and what the doctor says about one topic. */
export type Case = [
  what: string,
  given: () => Promise<Record<string, string>>,
  topic: string,
  level: 'ok' | 'warning' | 'error',
  text: RegExp,
];
export const nothing = async () => ({});

/** Registers a test for each case. */
export function examineEach(patient: Patient, cases: Case[]) {
  test.each(cases)('%s', async (_what, given, topic, level, text) => {
    const found = await patient.look(await given());
    expect(found.about(topic)).toMatchObject({ level, text: expect.stringMatching(text) });
    if (level === 'error') expect(found.code).toBe(1);
    // Whatever was wrong with one thing, the others were looked at, and no secret came out.
    expect(found.lines.length).toBeGreaterThanOrEqual(9);
    expect(found.stdout).not.toMatch(/a-shared-secret-for-tests|stub-write-key|qb_test/);
  });
}
