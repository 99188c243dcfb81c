/**
 * `npm run sim -- [--histories N] [--seed S] [--path P] [--json]`: random histories of the core in a simulated world,
 * invariants checked after every event. A failure prints the seed and the path that replay it, and the last events of a
 * smaller form of it.
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Event } from '../../src/core/events.ts';
import { addTally, createTally, PAIRS, rarest, type Tally } from './coverage.ts';
import { type History, play } from './history.ts';
import { historyAt, LANES, type LaneResult, type LaneWork, runLane } from './lane.ts';
import { failureOf, isOfMemory, shrunk } from './shrink.ts';

export interface SimResult {
  readonly histories: number;
  readonly events: number;
  /** Mean number of units of a history. */
  readonly units: number;
  readonly seconds: number;
  readonly broken: number;
  readonly seed: number;
  /** Replays the failing history; null = none. */
  readonly path: string | null;
  /** Times that the rarest (state, event) pair was met. */
  readonly leastPair: number;
}

export interface Simulation {
  readonly result: SimResult;
  readonly tally: Tally;
  /** What broke, and the last events before it. */
  readonly report: string | null;
}

/** Time for making a failing history smaller, ms. */
const SHRINK_MS = 6_000;
const TRACE = 300;
/** Below it a second thread costs more than it brings. */
const WORTH_THREADS = 200;

export interface SimOptions {
  /** 1 = all lanes on this one. */
  readonly threads?: number;
  /** Look for a smaller form of a history that fails. */
  readonly shrink?: boolean;
}

export async function simulate(
  count: number,
  seed: number,
  path: string | null,
  { threads = LANES, shrink = true }: SimOptions = {},
): Promise<Simulation> {
  const began = performance.now();
  const lanes = path === null ? await runLanes(count, seed, threads) : [replay(seed, path)];
  const tally = createTally();
  let [units, played] = [0, 0];
  for (const lane of lanes) {
    addTally(tally, lane.tally);
    units += lane.units;
    played += lane.played;
  }
  const lane = lanes.findIndex(({ broken }) => broken !== null); // lanes stand in their order
  const broken = lanes[lane]?.broken ?? null;
  const failing = broken === null ? null : (path ?? String(Number.parseInt(broken, 10) * LANES + lane));
  const result: SimResult = {
    histories: played,
    events: tally.events,
    units: Math.round((units / Math.max(1, played)) * 10) / 10,
    seconds: Math.round((performance.now() - began) / 10) / 100,
    broken: failing === null ? 0 : 1,
    seed,
    path: failing,
    leastPair: rarest(tally).times,
  };
  return { result, tally, report: failing === null ? null : reportOf(historyAt(seed, failing), shrink) };
}

async function runLanes(count: number, seed: number, threads: number): Promise<readonly LaneResult[]> {
  const works = Array.from({ length: LANES }, (_, lane): LaneWork => {
    return { lane, seed, count: Math.floor((count + LANES - 1 - lane) / LANES) };
  });
  const wanted = works.filter((work) => work.count > 0);
  return count < WORTH_THREADS || threads === 1 ? inTurn(wanted) : Promise.all(wanted.map(onThread));
}

/** No lane runs longer than needed to know that one is broken. */
function inTurn(works: readonly LaneWork[]): LaneResult[] {
  const results: LaneResult[] = [];
  for (const work of works) {
    const result = runLane(work);
    results.push(result);
    if (result.broken !== null) break;
  }
  return results;
}

/** Nearly everything a history makes is garbage at its end. */
const YOUNG = { maxYoungGenerationSizeMb: 96 };

function onThread(workerData: LaneWork): Promise<LaneResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./lane.ts', import.meta.url), { workerData, resourceLimits: YOUNG });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function replay(seed: number, path: string): LaneResult {
  const history = historyAt(seed, path);
  const tally = createTally();
  let broken: string | null = null;
  try {
    play(history, tally);
  } catch {
    broken = path;
  }
  return { tally, played: 1, units: history.tasks.reduce((sum, wish) => sum + wish.units, 0), broken };
}

/** The failure of a small form of the history. */
function reportOf(history: History, shrink: boolean): string {
  if (!shrink) return failureOf(history)?.error.message ?? 'the failure did not come back';
  const smallest = shrunk(history, SHRINK_MS);
  let events: readonly Event[] = [];
  const thorough = isOfMemory(failureOf(history)?.invariant ?? '');
  let broken =
    failureOf(smallest, thorough)?.error.stack ?? 'the failure did not come back: something is not deterministic';
  try {
    play(smallest, createTally(), {
      thorough,
      onWorld(world) {
        events = world.events;
      },
    });
  } catch (error) {
    broken = String((error as Error).stack);
  }
  const { steps, ...rest } = smallest;
  const trace = events.slice(-TRACE).map(brief);
  const head = `${steps.length} steps of ${JSON.stringify(rest)}, ${events.length} events:`;
  return [head, ...trace, broken].join('\n');
}

function brief(event: Event): string {
  const { type, at, ...rest } = event;
  if (type === 'define' && 'definition' in rest) {
    const { mode, concurrency, onError, retry } = rest.definition;
    return `${at} define ${rest.taskId} ${mode} ${concurrency} ${onError} ${retry.attempts} moved ${rest.moved}`;
  }
  if (type === 'takePlan' && 'units' in rest) {
    const units = rest.units.map(({ name, after, resume }) => `${name} ${resume} after ${after.join(',') || 'none'}`);
    return `${at} takePlan ${rest.taskId} from ${rest.from}: ${units.join('; ')}; gone ${rest.gone}`;
  }
  return `${at} ${type} ${JSON.stringify(rest).slice(0, 240)}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      histories: { type: 'string', default: '2000' },
      seed: { type: 'string' },
      path: { type: 'string' },
      json: { type: 'boolean', default: false },
      threads: { type: 'string', default: String(LANES) },
      shrink: { type: 'boolean', default: true },
    },
    allowNegative: true,
  });
  const seed = values.seed === undefined ? Date.now() % 0x3fffffff : Number(values.seed);
  const { result, tally, report } = await simulate(Number(values.histories), seed, values.path ?? null, {
    threads: Number(values.threads),
    shrink: values.shrink,
  });
  if (!values.json) {
    printTable('(state, event) and (unit status, report) pairs', tally.pairs);
    for (const pair of PAIRS) if (!tally.pairs.has(pair)) console.log(`        -  ${pair}`);
    printTable('premises of invariants', tally.premises);
    const { pair, times } = rarest(tally);
    console.log(`rarest pair: ${pair}, ${times} times`);
    console.log(`events per history: ${Math.round(result.events / Math.max(1, result.histories))}`);
  }
  if (report !== null) {
    console.log(`\nBROKEN ${report}`);
    console.log(`\nreplay: npm run sim -- --seed ${result.seed} --path ${result.path}`);
  }
  console.log(JSON.stringify(result));
  if (result.broken > 0) process.exitCode = 1;
}

function printTable(title: string, counts: ReadonlyMap<string, number>): void {
  console.log(`${title}:`);
  for (const [name, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${String(count).padStart(9)}  ${name}`);
}

if (import.meta.main) await main();
