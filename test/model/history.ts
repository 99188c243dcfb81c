/** A random history: what the numbers of a generated list make happen, and how it must end. */
import fc from 'fast-check';
import type { UnitRow } from '../../src/core/model.ts';
import { inRun } from './checks/context.ts';
import type { Tally } from './coverage.ts';
import { createDice } from './dice.ts';
import type { TaskRows } from './fake-store.ts';
import { createChecker } from './invariants.ts';
import { createTask, POOL, TASKS, type TaskWish } from './sources.ts';
import { start, step } from './steps.ts';
import { checkWhole } from './whole.ts';
import { SPOILT, work } from './workers.ts';
import { createWorld, define, happen, rowsOf, sourceRows, sync, targetOf, type World } from './world.ts';

export interface History {
  readonly maxRunning: number;
  readonly tasks: readonly TaskWish[];
  /** How much goes wrong in workers, 0..3. */
  readonly trouble: number;
  readonly steps: readonly number[];
}

const STEP = 0x7fffffff;

/** Lengths are spread evenly: small histories find nothing that a unit test does not find. */
export const histories: fc.Arbitrary<History> = fc.record({
  maxRunning: fc.integer({ min: 1, max: 10 }),
  tasks: fc.array(
    fc.record({
      units: fc.integer({ min: 5, max: POOL - 2 }),
      concurrency: fc.integer({ min: 1, max: 5 }),
      manual: fc.boolean(),
      retries: fc.integer({ min: 0, max: 3 }),
      parents: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: TASKS, maxLength: TASKS },
  ),
  trouble: fc.integer({ min: 0, max: 3 }),
  steps: fc.array(fc.noBias(fc.nat(STEP)), { minLength: 66, maxLength: 104, size: 'max' }),
});

/** Memory is looked at as a whole once in so many events. */
const EVERY = 997;
/** Of so many histories one ends with it. */
const WHOLE_ENDS = 24;

export interface Play {
  /** Look at memory as a whole after every event. */
  readonly thorough?: boolean;
  /** Sees the world before anything happens. */
  readonly onWorld?: (world: World) => void;
}

/** @throws InvariantBroken */
export function play(history: History, tally: Tally, { thorough = false, onWorld }: Play = {}): void {
  const tasks = history.tasks.map((wish, index) => createTask(index, wish));
  const world = createWorld(tasks, history.maxRunning, createChecker(tally), {
    every: thorough ? 1 : EVERY,
    phase: (history.steps[0] ?? 0) % EVERY,
  });
  onWorld?.(world);
  for (const task of tasks) define(world, task);
  for (const task of tasks.slice(0, 3)) start(world, task, {}, null);
  for (const number of history.steps) step(world, createDice(number), history.trouble);
  conclude(world);
}

/** Faults stop: everything must come to its end within a bound, and the targets must be what the sources are. */
function conclude(world: World): void {
  const { checker } = world;
  world.at += 1_000;
  happen(world, { type: 'setMaxRunning', at: world.at, maxRunningUnits: 8 });
  settle(world);
  for (let round = 0; round < 4; round++) {
    for (const task of world.tasks) {
      const state = rowsOf(world, task.id)?.task.runState;
      if (state === 'paused' && round % 2 === 0) happen(world, { type: 'resume', at: world.at, taskId: task.id });
      else start(world, task, {}, null);
    }
    settle(world);
    if (world.tasks.every(({ id }) => isComplete(world, id))) break;
  }
  for (const task of world.tasks) {
    const own = rowsOf(world, task.id)!;
    const { runState } = own.task;
    if (runState !== 'idle' || own.newestRun?.outcome === null) checker.fail('I17', `${task.id} is ${runState}`);
    for (const unit of own.units.values()) {
      if (unit.removed) continue;
      const rows = sourceRows(task, unit.name);
      if (unit.status !== 'completed') checker.fail('I17', `${unit.id} ended ${unit.status}`);
      if (unit.processed !== rows) checker.fail('I20', `${unit.id} says ${unit.processed} of ${rows} rows`);
      const target = targetOf(world, unit.id);
      if (target.size !== rows || target.has(SPOILT)) checker.fail('I7', `the target of ${unit.id} is not the source`);
    }
  }
  checker.premise('I17 everything ends');
  if (world.phase % WHOLE_ENDS === 0) checkWhole(world, checker.fail);
}

function isComplete(world: World, taskId: string): boolean {
  const own = rowsOf(world, taskId)!;
  if (own.task.runState !== 'idle') return false;
  return [...own.units.values()].every(({ status, removed }) => removed || status === 'completed');
}

/** Until nothing can happen by itself; in manual mode people add what is left. */
function settle(world: World): void {
  for (let turns = 0; ; turns++) {
    if (turns > 400) world.checker.fail('I17', 'units run for ever');
    for (const name of world.stores.keys()) sync(world, name);
    if (world.executions.size > 0) {
      for (const execution of [...world.executions.values()]) work(world, execution, 'brief', 0);
    } else if (!retriesTaken(world) && !leftAdded(world)) return;
  }
}

function retriesTaken(world: World): boolean {
  let taken = false;
  for (const { id: taskId } of world.tasks) {
    const own = rowsOf(world, taskId);
    if (own?.task.runState !== 'running') continue;
    const units = [...own.units.values()].filter((row) => !row.removed && inRun(row, own.newestRun!));
    const waits = units.flatMap(({ nextRetryAt }) => nextRetryAt ?? []);
    if (waits.length === 0) continue;
    world.at = Math.max(world.at, ...waits);
    happen(world, { type: 'due', at: world.at, taskId });
    taken = true;
  }
  return taken;
}

function isUnderWay(own: TaskRows, row: UnitRow): boolean {
  return own.queue.has(row.id) && inRun(row, own.newestRun!);
}

function leftAdded(world: World): boolean {
  let added = false;
  for (const { id: taskId } of world.tasks) {
    const own = rowsOf(world, taskId);
    if (own?.task.runState !== 'running') continue;
    const left = [...own.units.values()].filter(
      (row) => !row.removed && row.status !== 'completed' && row.status !== 'running' && !isUnderWay(own, row),
    );
    if (left.length === 0) continue;
    const unitIds = left.map(({ id }) => id);
    const to = { kind: 'bottom' } as const;
    happen(world, { type: 'queueAdd', at: world.at, taskId, unitIds, to, again: false, baseRev: null });
    added = true;
  }
  return added;
}
