/**
 * What the core knows: all tasks of a process, with the indexes that keep the cost of an event independent of the
 * number of units. Only `apply`, drafts, `loadStore` and `dropStore` write here; decisions and views read.
 */

import { emptyIndexes, type Indexes, indexTask, linkParents, unindexTask } from './indexes.ts';
import type { RunRow, StoredState, TaskId, TaskRow, UnitId, UnitRow } from './model.ts';

export interface UnitEntry {
  readonly row: UnitRow;
  /** Index in `order`; -1 for a removed unit. */
  position: number;
  /** Units of `row.after` that are not completed (or not there). */
  openParents: number;
  /** Where it waits in the task's queue; null = it does not. */
  queueOrder: number | null;
  /** When it was added to the queue. */
  queuedAt: number;
  /** Figures at the start of the current execution, rows and bytes; mean something while the unit runs. */
  startProcessed: number;
  startBytes: number;
}

export interface TaskState extends Indexes {
  readonly row: TaskRow;
  /** The newest run; unfinished while its outcome is null. */
  run: RunRow | null;
  /** Names of a limited run; null = all units. */
  runNames: ReadonlySet<string> | null;
  readonly units: Map<UnitId, UnitEntry>;
  readonly idByName: Map<string, UnitId>;
  /** Units that name this one in their `after`. */
  readonly children: Map<string, Set<UnitEntry>>;
  /** Number of the next new unit: makes unit ids. */
  nextUnit: number;
}

export interface CoreState {
  /** Units of all tasks that may run at a time. */
  maxRunningUnits: number;
  /** Units of all tasks that run. */
  running: number;
  readonly tasks: Map<TaskId, TaskState>;
  readonly taskOfUnit: Map<UnitId, TaskState>;
  /** Running tasks, least recently served first: the next slot goes to the first that can use it. */
  readonly ring: Set<TaskId>;
}

export function createState(maxRunningUnits: number): CoreState {
  return { maxRunningUnits, running: 0, tasks: new Map(), taskOfUnit: new Map(), ring: new Set() };
}

/** Takes in what a store holds; no decision is made (the event `recover` follows). The rows become the state's own. */
export function loadStore(state: CoreState, store: string, stored: StoredState): void {
  for (const row of stored.tasks) putTask(state, { ...row, store, reason: row.reason ?? null });
  for (const row of stored.units) {
    const task = state.tasks.get(row.taskId);
    if (task) putUnit(state, task, row);
  }
  for (const run of stored.runs) {
    const task = state.tasks.get(run.taskId);
    if (task) setRun(task, run);
  }
  for (const { taskId, unitId, order, addedAt } of stored.queue) {
    const entry = state.tasks.get(taskId)?.units.get(unitId);
    if (entry) Object.assign(entry, { queueOrder: order, queuedAt: addedAt });
  }
  for (const { id } of stored.tasks) indexTask(state, state.tasks.get(id)!);
}

/** Forgets the tasks of a store that was closed or failed; what runs there is somebody else's to end. */
export function dropStore(state: CoreState, store: string): void {
  for (const task of state.tasks.values()) if (task.row.store === store) forgetTask(state, task);
}

export function forgetTask(state: CoreState, task: TaskState): void {
  unindexTask(state, task);
  for (const unitId of task.units.keys()) state.taskOfUnit.delete(unitId);
  state.tasks.delete(task.row.id);
  state.ring.delete(task.row.id);
}

/** A new task, or a new row for a known one. */
export function putTask(state: CoreState, row: TaskRow): TaskState {
  const known = state.tasks.get(row.id);
  if (known) {
    Object.assign(known.row, row);
    return known;
  }
  const task: TaskState = {
    row,
    run: null,
    runNames: null,
    units: new Map(),
    idByName: new Map(),
    children: new Map(),
    nextUnit: 1,
    ...emptyIndexes(0),
  };
  state.tasks.set(row.id, task);
  if (row.runState === 'running') state.ring.add(row.id);
  return task;
}

/** Adds a unit or replaces its row; the caller brings it into the task's indexes. */
export function putUnit(state: CoreState, task: TaskState, row: UnitRow): UnitEntry {
  const known = task.units.get(row.id);
  const entry: UnitEntry = {
    row,
    position: -1,
    openParents: 0,
    queueOrder: known?.queueOrder ?? null,
    queuedAt: known?.queuedAt ?? 0,
    startProcessed: row.processed,
    startBytes: row.bytes,
  };
  if (known) linkParents(task, known, known.row.after, []);
  linkParents(task, entry, [], row.after);
  task.units.set(row.id, entry);
  task.idByName.set(row.name, row.id);
  task.nextUnit = Math.max(task.nextUnit, numberOf(row.id) + 1);
  state.taskOfUnit.set(row.id, task);
  return entry;
}

/** @returns whether the set of units that belong to the run may have changed. */
export function setRun(task: TaskState, run: RunRow | null): boolean {
  const before = task.run?.units ?? null;
  const units = run?.units ?? null;
  task.run = run;
  task.runNames = units === null ? null : new Set(units);
  return before !== units;
}

/** Ids of units are made from the task's id and a counter of the task, so that a replay makes the same ones. */
export function unitIdOf(taskId: TaskId, number: number): UnitId {
  return `${taskId}#${number}`;
}

function numberOf(unitId: UnitId): number {
  const number = Number(unitId.slice(unitId.lastIndexOf('#') + 1));
  return Number.isSafeInteger(number) ? number : 0;
}
