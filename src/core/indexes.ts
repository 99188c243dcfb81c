/** What is counted and listed of a task's units, so that no question has to walk through them. */
import type { UnitId, UnitRow, UnitStatus } from './model.ts';
import { createPositionSet, type PositionSet } from './position-set.ts';
import type { CoreState, TaskState, UnitEntry } from './state.ts';

/** All figures are of units that are not removed. */
export interface Indexes {
  /** In plan order. */
  order: UnitEntry[];
  byStatus: Readonly<Record<UnitStatus, PositionSet>>;
  runLists: Readonly<Record<RunList, PositionSet>>;
  sums: Sums;
  /** Failed units by the code of their error. */
  failures: Map<string, Set<UnitId>>;
}

/**
 * Where a unit of the run stands that neither runs nor is completed. `pending` and `paused` are dispatched; `held`
 * were ended by themselves and wait for a person; `failed` wait for a start or a retry.
 */
export type RunList = 'pending' | 'paused' | 'held' | 'failed';

export interface Sums {
  /** Rows. */
  processed: number;
  bytes: number;
  /** Rows. */
  rejected: number;
  /** Rows of the units whose total is known. */
  total: number;
  /** Units whose total is unknown. */
  unknownTotals: number;
}

export function emptyIndexes(size: number): Indexes {
  const set = () => createPositionSet(size);
  return {
    order: [],
    byStatus: { pending: set(), running: set(), completed: set(), failed: set(), paused: set() },
    runLists: { pending: set(), paused: set(), held: set(), failed: set() },
    sums: { processed: 0, bytes: 0, rejected: 0, total: 0, unknownTotals: 0 },
    failures: new Map(),
  };
}

/** Builds the indexes anew: for a changed plan or a changed set of the run's units. O(units). */
export function indexTask(state: CoreState, task: TaskState): void {
  const order: UnitEntry[] = [];
  for (const entry of task.units.values()) {
    entry.position = -1;
    if (!entry.row.removed) order.push(entry);
  }
  order.sort((a, b) => a.row.planOrder - b.row.planOrder);
  Object.assign(task, emptyIndexes(order.length), { order });
  for (const [position, entry] of order.entries()) {
    entry.position = position;
    enter(state, task, entry);
  }
}

/** Takes a task's units out of the process-wide figures. */
export function unindexTask(state: CoreState, task: TaskState): void {
  state.running -= task.byStatus.running.count;
}

/** Counts a unit in. */
export function enter(state: CoreState, task: TaskState, entry: UnitEntry): void {
  const { row, position } = entry;
  if (position < 0) return;
  task.byStatus[row.status].add(position);
  const list = runListOf(task, row);
  if (list) task.runLists[list].add(position);
  if (row.status === 'running') state.running++;
  addToSums(task.sums, row, 1);
  if (row.status === 'failed') failuresOf(task, row).add(row.id);
}

/** Counts a unit out; its row must be as it was when it was counted in. */
export function leave(state: CoreState, task: TaskState, entry: UnitEntry): void {
  const { row, position } = entry;
  if (position < 0) return;
  task.byStatus[row.status].remove(position);
  const list = runListOf(task, row);
  if (list) task.runLists[list].remove(position);
  if (row.status === 'running') state.running--;
  addToSums(task.sums, row, -1);
  if (row.status === 'failed') {
    const group = failuresOf(task, row);
    group.delete(row.id);
    if (group.size === 0) task.failures.delete(failureCode(row));
  }
}

function runListOf(task: TaskState, row: UnitRow): RunList | null {
  if (row.status === 'running' || row.status === 'completed') return null;
  if (task.runNames !== null && !task.runNames.has(row.name)) return null;
  return row.status === 'paused' && isHeld(row) ? 'held' : row.status;
}

/** Whether a paused unit waits for a person while its task goes on. */
export function isHeld(row: UnitRow): boolean {
  return row.reason?.code === 'unitAborted';
}

function addToSums(sums: Sums, row: UnitRow, sign: 1 | -1): void {
  sums.processed += sign * row.processed;
  sums.bytes += sign * row.bytes;
  sums.rejected += sign * row.rejected;
  if (row.total === null) sums.unknownTotals += sign;
  else sums.total += sign * row.total;
}

function failureCode(row: UnitRow): string {
  return row.error?.code ?? 'unknown';
}

function failuresOf(task: TaskState, row: UnitRow): Set<UnitId> {
  const code = failureCode(row);
  let group = task.failures.get(code);
  if (!group) {
    group = new Set();
    task.failures.set(code, group);
  }
  return group;
}
