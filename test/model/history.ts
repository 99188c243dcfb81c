/** A random history: what the numbers of a generated list make happen, and how it must end. */
import fc from 'fast-check';
import type { Event } from '../../src/core/events.ts';
import { createChecker, type Tally } from './invariants.ts';
import { checkWhole } from './whole.ts';
import {
  crash,
  createWorld,
  define,
  type Execution,
  happen,
  planOf,
  reopen,
  type SimTask,
  type SourceUnit,
  sync,
  targetOf,
  type Whim,
  type World,
  work,
} from './world.ts';

export interface History {
  readonly maxRunning: number;
  /** Per task: units in its plan at first, units at a time. */
  readonly tasks: readonly (readonly [number, number])[];
  readonly steps: readonly number[];
}

/** Short names of the stores of the tasks: two in one store, one in another. */
const STORES = ['A', 'A', 'B'];
/** Units a task's source has at most. */
const POOL = 20;
const STEP = 0x7fffffff;

/** Lengths are spread evenly: small histories find nothing that a unit test does not find. */
export const histories: fc.Arbitrary<History> = fc.record({
  maxRunning: fc.integer({ min: 1, max: 12 }),
  tasks: fc.array(fc.tuple(fc.integer({ min: 9, max: POOL }), fc.integer({ min: 1, max: 6 })), {
    minLength: STORES.length,
    maxLength: STORES.length,
  }),
  steps: fc.array(fc.noBias(fc.nat(STEP)), { minLength: 100, maxLength: 170, size: 'max' }),
});

/** @throws InvariantBroken; `onWorld` sees the world before anything happens. */
export function play(history: History, tally: Tally, onWorld?: (world: World) => void): void {
  const world = createWorld(tasksOf(history), history.maxRunning, createChecker(tally));
  onWorld?.(world);
  for (const task of world.tasks) define(world, task);
  for (const task of world.tasks.slice(0, 2)) start(world, task, 0);
  for (const number of history.steps) {
    world.at += number % 7 === 3 ? -500 : 250; // clocks are set back, too
    step(world, number);
  }
  conclude(world);
}

function tasksOf({ tasks }: History): SimTask[] {
  return tasks.map(([units, concurrency], index) => {
    const pool = Array.from({ length: POOL }, (_, unit): SourceUnit => sourceUnit(index, unit));
    const plan = pool.slice(0, units).map(({ name }) => name);
    return { id: `t${index}`, store: STORES[index]!, pool, plan, fileConcurrency: concurrency, definitions: 0 };
  });
}

function sourceUnit(task: number, unit: number): SourceUnit {
  const rows = (unit * 5 + task * 3) % 11;
  const estimate = unit % 4 === 1 ? null : rows + (unit % 3);
  return { name: `u${unit}`, rows, resume: (unit + task) % 2 ? 'row' : 'unit', estimate };
}

/** What can happen, and how often out of {@link TOTAL}. */
const KINDS: readonly (readonly [weight: number, act: (world: World, n: number) => void])[] = [
  [560, workOn],
  [110, (world, n) => sync(world, storeName(world, n))],
  [10, (world, n) => world.stores.get(storeName(world, n))!.flush()],
  [70, (world, n) => start(world, pick(world.tasks, n), n >>> 2)],
  [40, (world, n) => command(world, 'resume', n)],
  [25, (world, n) => happen(world, { ...about(world, n), type: 'pause', reason: null })],
  [16, (world, n) => command(world, 'stop', n)],
  [10, (world, n) => command(world, 'reset', n)],
  [25, retry],
  [20, (world, n) => happen(world, { ...about(world, n), type: 'setConcurrency', concurrency: (n >>> 3) % 9 })],
  [12, (world, n) => happen(world, { ...about(world, n), type: 'setOnError', onError: n & 8 ? 'skip' : 'pause' })],
  [12, (world, n) => happen(world, { type: 'setMaxRunning', at: world.at, maxRunningUnits: n % 14 })],
  [14, (world, n) => command(world, 'offer', n)],
  [10, redefine],
  [
    10,
    (world, n) => happen(world, { ...about(world, n), ...beginning(world), type: 'startFailed', error: NO_CONNECTION }),
  ],
  [40, lateReport],
  [3, (world, n) => crash(world, n & 1 ? 'kill' : 'powerCut')],
  [3, (world, n) => reopen(world, storeName(world, n))],
];
const TOTAL = KINDS.reduce((sum, [weight]) => sum + weight, 0);

const NO_CONNECTION = { class: 'retryable', code: 'noConnection', args: {}, message: '' } as const;

function step(world: World, number: number): void {
  let rest = number % TOTAL;
  const parameter = Math.floor(number / TOTAL);
  for (const [weight, act] of KINDS) {
    if (rest < weight) {
      act(world, parameter);
      return;
    }
    rest -= weight;
  }
}

function workOn(world: World, n: number): void {
  const executions = [...world.executions.values()];
  if (executions.length === 0) {
    for (const name of world.stores.keys()) sync(world, name);
    return;
  }
  const luck = (n >>> 5) % 64;
  if (luck === 62) {
    overtaken(world, pick(executions, n));
    return;
  }
  const whim: Whim = luck === 0 ? 'fail' : luck === 1 ? 'die' : luck < 20 ? 'quiet' : 'goOn';
  work(world, pick(executions, n), whim);
  // Ended by itself, though nobody asked: an execution may stop at any batch border.
  if (luck === 63) for (const execution of world.executions.values()) execution.stop ||= n % 3 === 0;
}

/** A report of an earlier batch that comes after a later one. */
function overtaken(world: World, { unitId, attempt, position }: Execution): void {
  const report = { at: world.at, unitId, attempt, processed: Math.max(0, position - 2), bytes: 0, total: null };
  happen(world, { ...report, type: 'progress' });
}

function start(world: World, task: SimTask, n: number): void {
  changePlan(task, n >>> 4);
  const plan = planOf(task);
  const only = n % 8 === 1 ? plan.filter((_, index) => (n >>> index) & 1).map(({ name }) => name) : null;
  if (n % 61 === 3) only?.push('nobody');
  happen(world, {
    type: 'start',
    at: world.at,
    taskId: task.id,
    ...beginning(world),
    plan,
    again: n % 8 === 2,
    only,
    mode: n % 97 === 5 ? 'manual' : null,
    concurrency: n % 16 === 7 ? 1 + ((n >>> 5) % 5) : null,
  });
}

/** Now and then a unit comes, goes, or changes its place. */
function changePlan(task: SimTask, n: number): void {
  const { name } = pick(task.pool, n >>> 2);
  if (n % 4 === 0) task.plan = task.plan.filter((one) => one !== name);
  if (n % 4 === 1 && !task.plan.includes(name)) task.plan.splice((n >>> 3) % (task.plan.length + 1), 0, name);
  if (n % 32 === 2) task.plan.push(...task.plan.splice(0, 1));
}

function retry(world: World, n: number): void {
  const task = pick(world.tasks, n);
  const ids = [...(world.state.tasks.get(task.id)?.units.keys() ?? [])];
  const unitIds = n & 8 ? null : ids.filter((_, index) => (n >>> index) & 1);
  happen(world, { ...about(world, n), type: 'retry', unitIds });
}

function redefine(world: World, n: number): void {
  const task = pick(world.tasks, n);
  task.definitions++;
  task.fileConcurrency = 1 + ((n >>> 3) % 6);
  define(world, task);
}

function lateReport(world: World, n: number): void {
  if (world.past.length === 0) return;
  const { unitId, attempt } = pick(world.past, n);
  const report = { at: world.at, unitId, attempt };
  const outcome = { kind: 'failed', error: NO_CONNECTION, processed: 5, bytes: 50 } as const;
  const late: Event[] = [
    { ...report, type: 'prepared', prepared: 'created', total: 4 },
    { ...report, type: 'checkpoint', checkpoint: '5', processed: 5, bytes: 50 },
    { ...report, type: 'progress', processed: 500, bytes: 5000, total: 3 },
    { ...report, type: 'finished', outcome },
  ];
  happen(world, pick(late, n >>> 8));
}

function command(world: World, type: 'resume' | 'stop' | 'reset' | 'offer', n: number): void {
  happen(world, { ...about(world, n), type });
}

function about(world: World, n: number) {
  return { at: world.at, taskId: n % 199 === 0 ? 'nobody' : pick(world.tasks, n).id };
}

function beginning(world: World) {
  world.runs++;
  return { runId: `r${world.runs}`, by: 'person' } as const;
}

function storeName(world: World, n: number): string {
  return pick([...world.stores.keys()], n);
}

function pick<T>(list: readonly T[], n: number): T {
  return list[n % list.length]!;
}

/** Faults stop: everything must come to its end within a bound, and the targets must be what the sources are. */
function conclude(world: World): void {
  const { checker } = world;
  happen(world, { type: 'setMaxRunning', at: world.at, maxRunningUnits: 8 });
  settle(world);
  for (let round = 0; round < 3; round++) {
    for (const task of world.tasks) {
      const state = world.state.tasks.get(task.id)!.row.runState;
      if (state === 'paused' && round % 2 === 0) happen(world, { type: 'resume', at: world.at, taskId: task.id });
      else start(world, task, NOTHING_SPECIAL);
    }
    settle(world);
  }
  for (const task of world.tasks) {
    const { row, run, units } = world.state.tasks.get(task.id)!;
    if (row.runState !== 'idle' || (run && run.outcome === null)) checker.fail('I17', `${task.id} is ${row.runState}`);
    for (const { row: unit } of units.values()) {
      if (unit.removed) continue;
      const { rows } = task.pool.find(({ name }) => name === unit.name)!;
      if (unit.status !== 'completed') checker.fail('I17', `${unit.id} ended ${unit.status}`);
      if (unit.processed !== rows) checker.fail('I7', `${unit.id} says ${unit.processed} of ${rows} rows`);
      if (targetOf(world, unit.id).size !== rows) checker.fail('I7', `the target of ${unit.id} misses rows`);
    }
  }
  checkWhole(world, checker.fail);
}

const NOTHING_SPECIAL = 3 << 4;

function settle(world: World): void {
  for (let turns = 0; ; turns++) {
    for (const name of world.stores.keys()) sync(world, name);
    if (world.executions.size === 0) return;
    if (turns > 500) world.checker.fail('I17', 'units run for ever');
    for (const execution of [...world.executions.values()]) work(world, execution, 'goOn');
  }
}
