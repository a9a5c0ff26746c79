import { startSegmentStub } from '../../helpers/segment-stub.ts';
import { identify, setPlan, sign } from '../generator/events.ts';
import { random } from '../generator/random.ts';
import { type Population, userAt } from '../generator/user.ts';
import { until } from '../harness/children.ts';
import { api, SECRET, SETTINGS, type ServerProcess, startService, WEBHOOK } from '../harness/processes.ts';
import { ROUNDS } from '../harness/rounds.ts';
import type { BenchContext, Measure, Scenario } from '../harness/scenario.ts';
import { quantile, summary } from '../harness/stats.ts';

const RATE = 1000;
/** How long it may take until every membership has been told once, milliseconds. */
const DRAIN_MS = 120_000;
/** How long to wait for the last traits, milliseconds; a healthy service needs none of it. */
const PATIENCE_MS = 20_000;

/** Every event moves its user, each a different one, into or out of a segment, so every one has to come out again. */
export const loopLatency: Scenario = {
  name: 'loop-latency',
  title: `From identify to trait at Segment's stand-in, at ${RATE} a second, each of which flips a membership`,
  async run({ size, workspace, executable, profileDir, progress }: BenchContext): Promise<Measure[]> {
    const users = size === 'quick' ? 10_000 : 100_000;
    const seconds = size === 'quick' ? 3 : 20;
    const writeKey = 'bench-write-key';
    const arrived = new Map<string, number>();
    const stub = startSegmentStub({ writeKey });
    stub.failWith((events) => {
      const now = performance.now();
      for (const { userId } of events) if (!arrived.has(userId)) arrived.set(userId, now);
      return null;
    });
    const dataDir = await workspace.dataDir(users, 'segments');
    const service = await startService({ dataDir, segmentUrl: stub.url, executable, profileDir });
    try {
      progress('connecting: every membership is told once');
      const outbound = { enabled: true, writeKey, eventsPerSecond: null };
      await api(service, 'PATCH', SETTINGS, { outbound });
      await drained(service);
      arrived.clear();

      const windows: Window[] = Array.from({ length: ROUNDS }, () => ({ due: new Map(), acknowledged: [] }));
      const warmUp = RATE * 2;
      const moves = movesOf(workspace.population(users), warmUp + RATE * seconds);
      progress(`2 s to warm up and ${seconds} s that count`);
      const start = performance.now();
      const answers: Promise<void>[] = [];
      for (let next = 0; next < moves.length; await Bun.sleep(1)) {
        for (; next < moves.length && start + (next * 1000) / RATE <= performance.now(); next++) {
          const { email, body } = moves[next] as (typeof moves)[number];
          // Measured from when it was due, so that a sender that is held up hides nothing.
          const at = start + (next * 1000) / RATE;
          const window = windows[Math.floor(((next - warmUp) * ROUNDS) / (RATE * seconds))];
          window?.due.set(email, at);
          const answered = send(service, body).then(() => performance.now() - at);
          answers.push(answered.then((ms) => void window?.acknowledged.push(ms)));
        }
      }
      await Promise.all(answers);
      const missing = () => moves.filter(({ email }) => !arrived.has(email)).length;
      await until(`all of ${moves.length} traits received`, () => missing() === 0, PATIENCE_MS, 5);
      const loops = windows.map(({ due }) =>
        [...due].map(([email, at]) => (arrived.get(email) as number) - at),
      );
      return [
        ...quantiles(
          'acknowledgement',
          windows.map(({ acknowledged }) => acknowledged),
        ),
        ...quantiles('trait received', loops, { p50: 50, p99: 250 }),
      ];
    } finally {
      await service.stop();
      await stub.stop();
    }
  },
};

/** One of the stretches of time that count as repetitions. */
interface Window {
  /** When the event of each user was due. */
  due: Map<string, number>;
  acknowledged: number[];
}

function movesOf(population: Population, count: number): { email: string; body: string }[] {
  if (count > population.size) throw new Error('There are not enough users to move each of them once');
  const draw = random(population.seed, 0, 5);
  return Array.from({ length: count }, (_, n) => {
    const user = userAt(population, n);
    const { plan, seats } = user.attributes;
    setPlan(user, plan === 'enterprise' ? 'free' : 'enterprise', seats);
    return { email: user.email, body: JSON.stringify(identify(user, population.now, draw)) };
  });
}

async function send(service: ServerProcess, body: string) {
  const headers = { 'content-type': 'application/json', 'x-signature': sign(body, SECRET) };
  const answer = await fetch(`${service.url}${WEBHOOK}`, { method: 'POST', headers, body });
  const { reason } = (await answer.json()) as { reason: string };
  if (reason !== 'applied') throw new Error(`The service answered ${answer.status} ${reason} to ${body}`);
}

function drained(service: ServerProcess): Promise<void> {
  // A moment without anything pending may lie between two chunks of the same work: several in a row are the end of it.
  let quiet = 0;
  const isDrained = async () => {
    const { data } = await api(service, 'GET', SETTINGS);
    quiet = data.outbound.pending === 0 && data.outbound.lastSuccessAt !== null ? quiet + 1 : 0;
    return quiet === 5;
  };
  return until('nothing pending', isDrained, DRAIN_MS, 200);
}

function quantiles(what: string, windows: number[][], most?: { p50: number; p99: number }): Measure[] {
  const of = (q: number) => summary(windows.map((window) => quantile(window, q)));
  const panel = 'From identify to trait';
  const judged = (limit: number) => ({ expected: { most: limit }, panel });
  return [
    { what: `${what}, p50`, value: of(0.5), unit: 'ms', ...(most === undefined ? {} : judged(most.p50)) },
    { what: `${what}, p99`, value: of(0.99), unit: 'ms', ...(most === undefined ? {} : judged(most.p99)) },
    { what: `${what}, longest`, value: of(1), unit: 'ms' },
  ];
}
