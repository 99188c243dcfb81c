/** What is counted and listed of a task's units, so that no question has to walk through them. */
import type { UnitId, UnitRow, UnitStatus } from './model.ts';
import { createOrderedSet, type OrderedSet } from './ordered-set.ts';
import { createPositionSet, type PositionSet } from './position-set.ts';
import type { CoreState, TaskState, UnitEntry } from './state.ts';

/** All figures are of units that are not removed. */
export interface Indexes {
  /** In plan order. */
  order: UnitEntry[];
  byStatus: Readonly<Record<UnitStatus, PositionSet>>;
  runLists: Readonly<Record<RunList, PositionSet>>;
  /** Units that wait for a retry, the nearest first. */
  retries: OrderedSet<UnitEntry>;
  /** Pending and paused units that have used retries. */
  spent: PositionSet;
  /** Entries of the queue, the head first. */
  queue: OrderedSet<UnitEntry>;
  /** Those that could start now. */
  queueReady: OrderedSet<UnitEntry>;
  sums: Sums;
  /** Failed units by the code of their error. */
  failures: Map<string, Set<UnitId>>;
}

/**
 * Where a unit of the run stands that neither runs nor is completed. `pending` and `paused` can start; `waiting` have a
 * retry ahead; `dependent` have parents that are not completed; `held` were ended by themselves and wait for a person;
 * `failed` wait for a start or a retry.
 */
export type RunList = 'pending' | 'paused' | 'waiting' | 'dependent' | 'held' | 'failed';

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
    runLists: emptyRunLists(size),
    retries: createOrderedSet(byRetry),
    spent: set(),
    queue: createOrderedSet(byQueueOrder),
    queueReady: createOrderedSet(byQueueOrder),
    sums: { processed: 0, bytes: 0, rejected: 0, total: 0, unknownTotals: 0 },
    failures: new Map(),
  };
}

function emptyRunLists(size: number): Record<RunList, PositionSet> {
  const set = () => createPositionSet(size);
  return { pending: set(), paused: set(), waiting: set(), dependent: set(), held: set(), failed: set() };
}

function byRetry(a: UnitEntry, b: UnitEntry): number {
  return (a.row.nextRetryAt ?? 0) - (b.row.nextRetryAt ?? 0) || a.position - b.position;
}

function byQueueOrder(a: UnitEntry, b: UnitEntry): number {
  return (a.queueOrder ?? 0) - (b.queueOrder ?? 0) || a.position - b.position;
}

/** Builds the indexes anew: for a changed order of the plan. O(units). */
export function indexTask(state: CoreState, task: TaskState): void {
  const order: UnitEntry[] = [];
  for (const entry of task.units.values()) {
    entry.position = -1;
    if (!entry.row.removed) order.push(entry);
  }
  order.sort((a, b) => a.row.planOrder - b.row.planOrder);
  Object.assign(task, emptyIndexes(order.length), { order });
  for (const [position, entry] of order.entries()) entry.position = position;
  for (const entry of order) {
    entry.openParents = entry.row.after.length > 0 ? openParentsOf(task, entry.row) : 0;
    enter(state, task, entry);
  }
}

/** Takes a unit in that comes last in plan order: a growing plan needs no rebuilding. @returns false = it does not. */
export function appendToOrder(state: CoreState, task: TaskState, entry: UnitEntry): boolean {
  const last = task.order.at(-1);
  if (entry.row.removed || (last && last.row.planOrder >= entry.row.planOrder)) return false;
  entry.position = task.order.length;
  task.order.push(entry);
  entry.openParents = openParentsOf(task, entry.row);
  enter(state, task, entry);
  if (isDone(entry.row))
    for (const child of task.children.get(entry.row.name) ?? []) shiftParents(state, task, child, -1);
  return true;
}

/** The lists of the run, for a changed set of its units. O(units). */
export function listRun(task: TaskState): void {
  task.runLists = emptyRunLists(task.order.length);
  task.retries = createOrderedSet(byRetry);
  task.queueReady = createOrderedSet(byQueueOrder);
  for (const entry of task.order) enterRun(task, entry);
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
  enterRun(task, entry);
  if (entry.queueOrder !== null) task.queue.add(entry);
  if (hasSpent(row)) task.spent.add(position);
  if (row.status === 'running') state.running++;
  addToSums(task.sums, row, 1);
  if (row.status === 'failed') failuresOf(task, row).add(row.id);
}

/** Counts a unit out; its row must be as it was when it was counted in. */
export function leave(state: CoreState, task: TaskState, entry: UnitEntry): void {
  const { row, position } = entry;
  if (position < 0) return;
  task.byStatus[row.status].remove(position);
  const list = runListOf(task, entry);
  if (list) {
    task.runLists[list].remove(position);
    if (list === 'waiting') task.retries.remove(entry);
  }
  leaveQueue(task, entry, list);
  if (hasSpent(row)) task.spent.remove(position);
  if (row.status === 'running') state.running--;
  addToSums(task.sums, row, -1);
  if (row.status === 'failed') {
    const group = failuresOf(task, row);
    group.delete(row.id);
    if (group.size === 0) task.failures.delete(failureCode(row));
  }
}

function enterRun(task: TaskState, entry: UnitEntry): void {
  const list = runListOf(task, entry);
  if (!list) return;
  task.runLists[list].add(entry.position);
  if (list === 'waiting') task.retries.add(entry);
  if (entry.queueOrder !== null && canStart(list)) task.queueReady.add(entry);
}

/** Where a unit waits in the queue, or (null) that it does not. Nothing else about it changes. */
export function standInQueue(task: TaskState, entry: UnitEntry, order: number | null): void {
  const list = entry.position < 0 ? null : runListOf(task, entry);
  if (entry.position >= 0) leaveQueue(task, entry, list);
  entry.queueOrder = order;
  if (order === null || entry.position < 0) return;
  task.queue.add(entry);
  if (canStart(list)) task.queueReady.add(entry);
}

function leaveQueue(task: TaskState, entry: UnitEntry, list: RunList | null): void {
  if (entry.queueOrder === null) return;
  task.queue.remove(entry);
  if (canStart(list)) task.queueReady.remove(entry);
}

function canStart(list: RunList | null): boolean {
  return list === 'pending' || list === 'paused';
}

export function runListOf(task: TaskState, entry: UnitEntry): RunList | null {
  const { row } = entry;
  if (row.status === 'running' || row.status === 'completed') return null;
  if (task.runNames !== null && !task.runNames.has(row.name)) return null;
  if (row.status === 'failed') return 'failed';
  if (row.status === 'paused' && isHeld(row)) return 'held';
  if (row.nextRetryAt !== null) return 'waiting';
  return entry.openParents > 0 ? 'dependent' : row.status;
}

/** Whether a paused unit waits for a person while its task goes on. */
export function isHeld(row: UnitRow): boolean {
  return row.reason?.code === 'unitAborted';
}

// Parents

/** Whether units that come after this one may start. */
export function isDone(row: UnitRow): boolean {
  return row.status === 'completed' && !row.removed;
}

/** Tells a unit's parents about it, or that it waits for them no longer. */
export function linkParents(
  task: TaskState,
  entry: UnitEntry,
  before: readonly string[],
  after: readonly string[],
): void {
  for (const name of before) {
    const children = task.children.get(name);
    children?.delete(entry);
    if (children?.size === 0) task.children.delete(name);
  }
  for (const name of after) {
    let children = task.children.get(name);
    if (!children) {
      children = new Set();
      task.children.set(name, children);
    }
    children.add(entry);
  }
}

export function openParentsOf(task: TaskState, row: UnitRow): number {
  let open = 0;
  for (const name of new Set(row.after)) {
    const parent = task.units.get(task.idByName.get(name) ?? '');
    if (!parent || !isDone(parent.row)) open++;
  }
  return open;
}

/** A parent was completed (-1), or is no longer (+1). */
export function shiftParents(state: CoreState, task: TaskState, child: UnitEntry, by: 1 | -1): void {
  leave(state, task, child);
  child.openParents += by;
  enter(state, task, child);
}

// Figures

function hasSpent(row: UnitRow): boolean {
  return row.retriesUsed > 0 && (row.status === 'pending' || row.status === 'paused');
}

/** @param sign -1 takes the unit out */
export function addToSums(sums: Sums, row: Readonly<UnitRow>, sign: 1 | -1): void {
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
