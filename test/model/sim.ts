/**
 * `npm run sim -- [--histories N] [--seed S] [--path P] [--json]`: random histories of the core in a simulated world,
 * invariants checked after every event. A failure prints the seed and the path that replay it, and the last events of a
 * smaller form of it.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import type { Event } from '../../src/core/events.ts';
import { histories, play } from './history.ts';
import type { Tally } from './invariants.ts';

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
}

export interface Simulation {
  readonly result: SimResult;
  readonly tally: Tally;
  /** What broke, and the last events before it. */
  readonly report: string | null;
}

/** Time for making a failing history smaller, ms. */
const SHRINK_MS = 5_000;
const TRACE = 40;

export function simulate(count: number, seed: number, path: string | null): Simulation {
  const tally = newTally();
  const began = performance.now();
  let units = 0;
  let played = 0;
  const property = fc.property(histories, (history) => {
    played++;
    for (const [planned] of history.tasks) units += planned;
    play(history, tally);
  });
  const details = fc.check(property, { numRuns: count, seed, endOnFailure: true, ...(path !== null && { path }) });
  const seconds = Math.round((performance.now() - began) / 10) / 100;
  const result: SimResult = {
    histories: played,
    events: tally.events,
    units: Math.round(units / Math.max(1, played)),
    seconds,
    broken: details.failed ? 1 : 0,
    seed: details.seed,
    path: details.counterexamplePath,
  };
  return { result, tally, report: details.failed ? reportOf(result) : null };
}

/** The failure of the smallest history that is found in a few seconds. */
function reportOf({ seed, path }: SimResult): string {
  const property = fc.property(histories, (history) => play(history, newTally()));
  const details = fc.check(property, { numRuns: 1, seed, path: path!, interruptAfterTimeLimit: SHRINK_MS });
  const smallest = details.counterexample?.[0];
  if (!smallest) return 'the failure did not come back: something is not deterministic';
  let events: readonly Event[] = [];
  let broken = '';
  try {
    play(smallest, newTally(), (world) => {
      events = world.events;
    });
  } catch (error) {
    broken = String((error as Error).stack);
  }
  const trace = events.slice(-TRACE).map((event) => JSON.stringify(event).slice(0, 200));
  return [`after ${events.length} events:`, ...trace, broken].join('\n');
}

function newTally(): Tally {
  return { events: 0, premises: new Map(), pairs: new Map() };
}

function main(): void {
  const { values } = parseArgs({
    options: {
      histories: { type: 'string', default: '2000' },
      seed: { type: 'string' },
      path: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const seed = values.seed === undefined ? Date.now() % 0x7fffffff : Number(values.seed);
  const { result, tally, report } = simulate(Number(values.histories), seed, values.path ?? null);
  if (!values.json) {
    printTable('(state, event) pairs', tally.pairs);
    printTable('premises of invariants', tally.premises);
    console.log(`events per history: ${Math.round(result.events / Math.max(1, result.histories))}`);
    if (report !== null) {
      console.log(`\nBROKEN ${report}`);
      console.log(`\nreplay: npm run sim -- --seed ${result.seed} --path ${result.path}`);
    }
  }
  console.log(JSON.stringify(result));
  if (result.broken > 0) process.exitCode = 1;
}

function printTable(title: string, counts: ReadonlyMap<string, number>): void {
  console.log(`${title}:`);
  for (const [name, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${String(count).padStart(9)}  ${name}`);
}

if (import.meta.main) main();
