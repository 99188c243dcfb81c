/** One lane of a simulation: every LANES-th history, by a seed of its own; on a thread of its own when there are several. */
import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import { createTally, type Tally } from './coverage.ts';
import { type History, histories, play } from './history.ts';

/** Does not depend on the machine: seed and path mean the same everywhere. */
export const LANES = 2;

export interface LaneResult {
  readonly tally: Tally;
  readonly played: number;
  /** Of all histories together. */
  readonly units: number;
  /** Number of the failing history in its lane, null = none. */
  readonly broken: string | null;
}

export interface LaneWork {
  readonly lane: number;
  readonly seed: number;
  readonly count: number;
}

export function seedOf(seed: number, lane: number): number {
  return (Math.imul(seed, LANES) + lane) | 0;
}

export function runLane({ lane, seed, count }: LaneWork): LaneResult {
  const tally = createTally();
  let units = 0;
  let played = 0;
  const property = fc.property(histories, (history) => {
    played++;
    for (const wish of history.tasks) units += wish.units;
    play(history, tally);
  });
  const details = fc.check(property, { numRuns: count, seed: seedOf(seed, lane), endOnFailure: true });
  return { tally, played, units, broken: details.failed ? (details.counterexamplePath ?? '0') : null };
}

/** The history that a path names: its number among all. */
export function historyAt(seed: number, path: string): History {
  const number = Number.parseInt(path, 10);
  let found: History | undefined;
  const property = fc.property(histories, (history) => {
    found = history;
  });
  const lane = number % LANES;
  fc.check(property, { numRuns: 1, seed: seedOf(seed, lane), path: String(Math.floor(number / LANES)) });
  if (!found) throw new Error(`no history has the path ${path}`);
  return found;
}

if (workerData && parentPort) parentPort.postMessage(runLane(workerData as LaneWork));
