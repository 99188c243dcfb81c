/** How often what was met: an invariant whose premise never was true has not been tested. */
import type { Event } from '../../src/core/events.ts';
import type { RunState, UnitStatus } from '../../src/core/model.ts';

/** Sums over all histories of a simulation. */
export interface Tally {
  events: number;
  readonly premises: Map<string, number>;
  /** "state event" pairs. */
  readonly pairs: Map<string, number>;
}

export function createTally(): Tally {
  return { events: 0, premises: new Map(), pairs: new Map() };
}

export function count(counts: Map<string, number>, name: string, times = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + times);
}

export function addTally(sum: Tally, other: Tally): void {
  sum.events += other.events;
  for (const [name, times] of other.premises) count(sum.premises, name, times);
  for (const [name, times] of other.pairs) count(sum.pairs, name, times);
}

const STATES: readonly RunState[] = ['idle', 'running', 'pausing', 'paused', 'stopping', 'interrupted'];
const STATUSES: readonly UnitStatus[] = ['pending', 'running', 'completed', 'failed', 'paused'];
const REPORTS: readonly Event['type'][] = ['prepared', 'checkpoint', 'progress', 'finished'];

/** Events of a task. */
const OF_TASKS: readonly Event['type'][] = [
  'define',
  'takePlan',
  'start',
  'startFailed',
  'resume',
  'pause',
  'stop',
  'reset',
  'retry',
  'abort',
  'restart',
  'replay',
  'queueAdd',
  'queueRemove',
  'queueClear',
  'queueMove',
  'setMode',
  'adjust',
  'due',
  'deleteTask',
  'offer',
  'recover',
  ...REPORTS,
];

/** Every pair of a task's state and an event, and of a unit's status and a report. */
export const PAIRS: readonly string[] = [
  ...STATES.flatMap((state) => OF_TASKS.map((event) => `${state} ${event}`)),
  ...STATUSES.flatMap((status) => REPORTS.map((event) => `unit ${status} ${event}`)),
];

/** The pair that was met least. */
export function rarest({ pairs }: Tally): { readonly pair: string; readonly times: number } {
  let least = { pair: '', times: Number.POSITIVE_INFINITY };
  for (const pair of PAIRS) {
    const times = pairs.get(pair) ?? 0;
    if (times < least.times) least = { pair, times };
  }
  return least;
}
