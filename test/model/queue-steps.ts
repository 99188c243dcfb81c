/** Steps that people take with some units: the queue's edits, retry, abort, restart, "Sync this unit now". */
import type { Place } from '../../src/core/events.ts';
import type { UnitId, UnitRow } from '../../src/core/model.ts';
import type { Dice } from './dice.ts';
import { about, start } from './steps.ts';
import { happen, rowsOf, type World } from './world.ts';

/** Ids that no task has; the second one is a trap of JavaScript's objects. */
const UNKNOWN: readonly UnitId[] = ['t0#999', '__proto__', 'constructor', 't9#1'];

export function queueAdd(world: World, dice: Dice): void {
  const { taskId, at } = about(world, dice);
  const rows = rowsIn(world, taskId);
  const again = dice.once(8);
  const anyone = again || dice.once(10);
  const fitting = rows.filter(({ status }) => anyone || status !== 'completed');
  const all = dice.shuffled(fitting).map(({ id }) => id);
  const ids = dice.once(5) ? all : all.slice(0, 1 + dice.below(4));
  const unitIds = spoilt(world, taskId, ids, dice);
  happen(world, {
    type: 'queueAdd',
    at,
    taskId,
    unitIds,
    to: place(world, taskId, dice),
    again,
    ...base(world, taskId, dice),
  });
}

export function queueMove(world: World, dice: Dice): void {
  const { taskId, at } = about(world, dice);
  const queued = [...(rowsOf(world, taskId)?.queue.keys() ?? [])];
  const some = dice.shuffled(queued).slice(0, 1 + dice.below(3));
  // Sometimes from an older view: units that run by now, or wait in no queue.
  const ids = dice.once(5) ? [...some, ...dice.some(rowsIn(world, taskId)).map(({ id }) => id)] : some;
  const unitIds = spoilt(world, taskId, [...new Set(ids)], dice);
  happen(world, {
    type: 'queueMove',
    at,
    taskId,
    unitIds,
    to: place(world, taskId, dice),
    ...base(world, taskId, dice),
  });
}

export function queueRemove(world: World, dice: Dice): void {
  const { taskId, at } = about(world, dice);
  const queued = [...(rowsOf(world, taskId)?.queue.keys() ?? [])];
  const ids = queued.length > 0 && !dice.once(5) ? dice.some(queued) : dice.some(idsIn(world, taskId));
  const unitIds = spoilt(world, taskId, ids, dice);
  happen(world, { type: 'queueRemove', at, taskId, unitIds, ...base(world, taskId, dice) });
}

export function queueClear(world: World, dice: Dice): void {
  const { taskId, at } = about(world, dice);
  happen(world, { type: 'queueClear', at, taskId, ...base(world, taskId, dice) });
}

export function retry(world: World, dice: Dice): void {
  const { taskId, at } = about(world, dice);
  const wanted = rowsIn(world, taskId).filter(
    (row) => row.status === 'failed' || row.nextRetryAt !== null || row.status === 'paused',
  );
  const ids = dice.once(4) ? dice.some(idsIn(world, taskId)) : dice.some(wanted).map(({ id }) => id);
  const unitIds = dice.once(4) ? null : spoilt(world, taskId, ids, dice);
  happen(world, { type: 'retry', at, taskId, unitIds, first: dice.once(4) });
}

export function abort(world: World, dice: Dice): void {
  const { taskId, at } = about(world, dice);
  const running = rowsIn(world, taskId).filter(({ status }) => status === 'running');
  const some = dice.once(4) ? dice.some(rowsIn(world, taskId)) : running.slice(0, 1 + dice.below(3));
  happen(world, {
    type: 'abort',
    at,
    taskId,
    unitIds: spoilt(
      world,
      taskId,
      some.map(({ id }) => id),
      dice,
    ),
  });
}

export function restart(world: World, dice: Dice): void {
  const { taskId, at } = about(world, dice);
  const ids = dice.shuffled(idsIn(world, taskId)).slice(0, 1 + dice.below(3));
  const unitIds = spoilt(world, taskId, ids, dice);
  happen(world, { type: 'restart', at, taskId, unitIds, again: dice.once(2) });
}

/** As the engine does it: in a task that is not idle its next executions, else a run limited to these units. */
export function replay(world: World, dice: Dice): void {
  const { taskId: any, at } = about(world, dice);
  const having = world.tasks.filter(({ id }) => rowsIn(world, id).some(({ rejected }) => rejected > 0));
  const taskId = having.length > 0 && !dice.once(4) ? dice.pick(having).id : any;
  const task = world.tasks.find(({ id }) => id === taskId);
  const rejected = rowsIn(world, taskId).filter((row) => row.status === 'completed' && row.rejected > 0);
  const rows = dice.once(8) ? rowsIn(world, taskId) : rejected;
  const some = dice.shuffled(rows).slice(0, 1 + dice.below(3));
  if (task && !dice.once(6) && rowsOf(world, taskId)?.task.runState === 'idle') {
    const only = some.map(({ name }) => name).filter((name) => task.plan.includes(name));
    if (only.length > 0) start(world, task, { only, replay: true, enqueue: true }, dice);
    return;
  }
  const ids = some.map(({ id }) => id);
  const unitIds = dice.once(4) ? null : spoilt(world, taskId, ids, dice);
  happen(world, { type: 'replay', at, taskId, unitIds });
}

/** As the engine does it: next in a running task, else a run limited to these units. */
export function syncNow(world: World, dice: Dice): void {
  const { taskId, at } = about(world, dice);
  const task = world.tasks.find(({ id }) => id === taskId);
  const own = rowsOf(world, taskId);
  if (!task || !own) return;
  const rows = dice.shuffled(rowsIn(world, taskId)).slice(0, 1 + dice.below(2));
  const again = dice.once(3);
  const unitIds = rows.map(({ id }) => id);
  if (own.task.runState === 'running') happen(world, { type: 'retry', at, taskId, unitIds, first: true });
  else {
    const only = rows.map(({ name }) => name).filter((name) => task.plan.includes(name));
    if (only.length > 0) start(world, task, { only, again, enqueue: true }, dice);
  }
}

/** Now and then a list of ids that must be refused. */
function spoilt(world: World, taskId: string, ids: readonly UnitId[], dice: Dice): readonly UnitId[] {
  const luck = dice.below(40);
  if (luck === 0) return [...ids, dice.pick(UNKNOWN)];
  if (luck === 1 && ids[0] !== undefined) return [...ids, ids[0]];
  if (luck === 2) {
    const foreign = world.tasks.filter(({ id }) => id !== taskId).flatMap(({ id }) => idsIn(world, id));
    return foreign.length === 0 ? ids : [dice.pick(foreign), ...ids];
  }
  if (luck >= 3 && luck < 6) {
    const gone = [...(rowsOf(world, taskId)?.units.values() ?? [])].filter(({ removed }) => removed);
    return gone.length === 0 ? ids : [...ids, dice.pick(gone).id];
  }
  return ids;
}

function place(world: World, taskId: string, dice: Dice): Place {
  const kind = dice.pick(['top', 'bottom', 'bottom', 'up', 'down', 'before', 'before'] as const);
  if (kind !== 'before') return { kind };
  if (dice.once(20)) return { kind, unitId: dice.pick(UNKNOWN) };
  const queued = [...(rowsOf(world, taskId)?.queue.keys() ?? [])];
  const others = queued.length > 0 && !dice.once(6) ? queued : idsIn(world, taskId);
  return others.length === 0 ? { kind: 'top' } : { kind, unitId: dice.pick(others) };
}

function base(world: World, taskId: string, dice: Dice): { readonly baseRev: number | null } {
  const rev = rowsOf(world, taskId)?.task.queueRev ?? 0;
  const luck = dice.below(8);
  return { baseRev: luck < 3 ? null : luck === 7 ? rev - 1 - dice.below(2) : rev };
}

function rowsIn(world: World, taskId: string): UnitRow[] {
  return [...(rowsOf(world, taskId)?.units.values() ?? [])].filter(({ removed }) => !removed);
}

function idsIn(world: World, taskId: string): UnitId[] {
  return rowsIn(world, taskId).map(({ id }) => id);
}
