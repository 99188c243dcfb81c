/** Which units start, and that nobody who could is forgotten: I1, I3, I4, I10, I14, fairness. */
import type { UnitId, UnitRow } from '../../../src/core/model.ts';
import type { TaskRows } from '../fake-store.ts';
import { rowsOf } from '../world.ts';
import {
  type Check,
  isReady,
  modeOf,
  parentsCompleted,
  runningIn,
  type Start,
  unfinishedRunOf,
  unitsOf,
} from './context.ts';

export function checkStarts(check: Check): void {
  const { before, world, premise, fail, event } = check;
  const { starts } = before;
  if (starts.length === 0) return;
  premise('I1 start');
  const running = runningEverywhere(check);
  const most = world.state.maxRunningUnits;
  if (running > most) fail('I1', `${running} of ${most} units run`);
  if (running === most) premise('I1 all slots of the process in use');
  const byTask = new Map<TaskRows, Start[]>();
  for (const start of starts) {
    const list = byTask.get(start.own);
    if (list) list.push(start);
    else byTask.set(start.own, [start]);
  }
  for (const [own, list] of byTask) checkStartsOf(check, own, list);
  for (const { own, row } of starts) {
    if (row.nextRetryAt !== null && row.nextRetryAt > event.at && !endsWaits(check, own, row))
      fail('I11', `${row.id} starts before its retry is due`);
    if (check.ledger.held.has(row.id)) fail('abort', `${row.id} was ended by itself and starts by ${event.type}`);
    if (row.after.length > 0) {
      premise('I14 start of a child');
      if (!parentsCompleted(own, row)) fail('I14', `${row.id} starts before its parents are completed`);
    }
  }
}

/** A person, a switch, or a clock that was set back so far that nobody can wait for it. */
function endsWaits({ event, before }: Check, own: TaskRows, row: UnitRow): boolean {
  if (event.type === 'retry' || event.type === 'restart' || event.type === 'queueAdd') return true;
  if (event.type === 'start') return event.again || event.only !== null || before.task?.runState === 'idle';
  if (event.type === 'due') return event.at < row.updatedAt - 1000;
  return event.type === 'setMode' || before.switching.has(own.task.id);
}

function checkStartsOf(check: Check, own: TaskRows, starts: readonly Start[]): void {
  const { premise, fail } = check;
  const { id, runState, switchingTo } = own.task;
  const run = unfinishedRunOf(own);
  premise('I10 start');
  if (runState !== 'running' || !run) fail('I10', `a unit of ${id} starts: ${runState}`);
  if (switchingTo !== null) fail('I3', `a unit of ${id} starts while it drains`);
  const running = runningIn(own);
  if (running > run!.concurrency) fail('I1', `${running} of ${run!.concurrency} units of ${id} run`);
  if (running === run!.concurrency) premise('I1 all slots of the task in use');
  checkOrder(check, own, starts);
}

/** The queue, then (auto mode) paused units, then the others, each in plan order. */
function checkOrder(check: Check, own: TaskRows, starts: readonly Start[]): void {
  const { premise, fail } = check;
  const run = unfinishedRunOf(own)!;
  const manual = modeOf(own) === 'manual';
  let last: Rank = [-1, 0];
  // "Run again" and a switch make paused units pending before they start.
  const { event, before } = check;
  const isOwn = before.task?.id === own.task.id;
  const switched =
    isOwn && event.type !== 'start' && modeOf({ task: before.task!, newestRun: before.run }) !== modeOf(own);
  const again =
    isOwn && event.type === 'start' && event.again ? (event.only ?? unitsOf(own).map(({ name }) => name)) : [];
  for (const { row, queueOrder } of starts) {
    if (run.units !== null && !run.units.includes(row.name)) fail('run', `${row.id} starts and is no part of the run`);
    if (manual && queueOrder === null) fail('I4', `${row.id} starts in manual mode and nobody queued it`);
    if (queueOrder !== null) premise(manual ? 'I4 start from the queue, manual' : 'I4 start from the queue, auto');
    const rank = rankOf(row, queueOrder, switched || again.includes(row.name));
    if (isBefore(rank, last)) fail('I4', `${row.id} starts too late`);
    last = rank;
  }
  for (const row of unitsOf(own)) {
    if (!isReady(check, own, row, run)) continue;
    const order = own.queue.get(row.id)?.order ?? null;
    if (manual && order === null) continue;
    premise('I4 somebody waits');
    if (isBefore(rankOf(row, order, false), last)) fail('I4', `${row.id} is passed over by ${starts.at(-1)!.row.id}`);
  }
}

type Rank = readonly [group: number, place: number];

function rankOf(row: UnitRow, queueOrder: number | null, anew: boolean): Rank {
  if (queueOrder !== null) return [0, queueOrder];
  return row.status === 'paused' && !anew ? [1, row.planOrder] : [2, row.planOrder];
}

function isBefore(a: Rank, b: Rank): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

/** Slots are never left unused while somebody could use them; a task that waits is not passed over twice. */
export function checkSlots(check: Check): void {
  const { world, premise, fail } = check;
  const waiting: string[] = [];
  const all = runningEverywhere(check);
  const free = all < world.state.maxRunningUnits;
  for (const { id, store } of world.tasks) {
    if (!world.open.has(store)) continue;
    const own = rowsOf(world, id);
    const run = own && unfinishedRunOf(own);
    if (own?.task.runState !== 'running' || !run || own.task.switchingTo !== null) continue;
    const next = firstReady(check, own);
    const hasSlot = runningIn(own) < run.concurrency;
    if (hasSlot && free) premise('I17 a slot is free');
    if (!hasSlot || next === null) continue;
    if (free) fail('I17', `${next} waits while a slot is free`);
    waiting.push(id);
  }
  checkTurns(check, waiting);
}

function checkTurns({ event, before, ledger, premise, fail }: Check, waiting: readonly string[]): void {
  // A task that begins to run gets the next slot, however often it did before.
  if (event.type === 'start' || event.type === 'resume')
    for (const key of [...ledger.passedOver.keys()])
      if (key.endsWith(` ${event.taskId}`)) ledger.passedOver.delete(key);
  for (const key of [...ledger.passedOver.keys()])
    if (!waiting.includes(key.slice(0, key.indexOf(' ')))) ledger.passedOver.delete(key);
  if (waiting.length === 0) return;
  const served = new Set(before.starts.map(({ own }) => own.task.id));
  for (const task of waiting) {
    if (served.has(task)) {
      for (const key of [...ledger.passedOver.keys()]) if (key.startsWith(`${task} `)) ledger.passedOver.delete(key);
      continue;
    }
    for (const { own } of before.starts) {
      const key = `${task} ${own.task.id}`;
      const times = (ledger.passedOver.get(key) ?? 0) + 1;
      ledger.passedOver.set(key, times);
      premise('I1 a task waits for its turn');
      if (times > 1) fail('I1', `${own.task.id} is served twice while ${task} waits`);
    }
  }
}

function firstReady(check: Check, own: TaskRows): UnitId | null {
  const run = unfinishedRunOf(own)!;
  const manual = modeOf(own) === 'manual';
  for (const row of own.units.values()) {
    if (manual && !own.queue.has(row.id)) continue;
    if (isReady(check, own, row, run)) return row.id;
  }
  return null;
}

export function runningEverywhere({ world }: Check): number {
  let running = 0;
  for (const { id, store } of world.tasks) {
    const own = world.open.has(store) ? rowsOf(world, id) : undefined;
    if (own) running += runningIn(own);
  }
  return running;
}
