/** Takes the changes of a decision into memory, in place. The store takes the same list; this one cannot fail. */
import type { Change, QueueEntry, UnitFields } from './events.ts';
import {
  appendToOrder,
  enter,
  indexTask,
  isDone,
  leave,
  linkParents,
  listRun,
  openParentsOf,
  shiftParents,
  standInQueue,
  unindexTask,
} from './indexes.ts';
import { assertNever, type TaskId, type UnitId, type UnitRow } from './model.ts';
import { type CoreState, forgetTask, putTask, putUnit, setRun, type TaskState, type UnitEntry } from './state.ts';

/** Call it in the same tick in which the store committed the changes, before any other event is decided. */
export function apply(state: CoreState, changes: readonly Change[]): void {
  /** Tasks whose indexes are built anew at the end: until then their units are only written. */
  const stale = new Set<TaskState>();
  for (const change of changes) applyChange(state, stale, change);
  for (const task of stale) indexTask(state, task);
}

export function applyChange(state: CoreState, stale: Set<TaskState>, change: Change): void {
  if (change.kind === 'maxRunning') {
    state.maxRunningUnits = change.maxRunningUnits;
    return;
  }
  if (change.kind === 'putTask') {
    putTask(state, { ...change.task });
    return;
  }
  const taskId = change.kind === 'putRun' ? change.run.taskId : change.taskId;
  const task = state.tasks.get(taskId);
  if (!task) return; // its store was closed meanwhile
  switch (change.kind) {
    case 'task':
      Object.assign(task.row, change.set);
      if (change.set.runState === undefined) return;
      if (change.set.runState === 'running') joinRing(state, taskId);
      else state.ring.delete(taskId);
      return;
    case 'putUnits':
      putUnits(state, stale, task, change.units);
      return;
    case 'unit':
      changeUnit(state, stale, task, change.unitId, change.set);
      return;
    case 'unitsWhere': {
      const matching = unitsMatching(task, change, stale.has(task));
      if (matching.length > FEW) reindexLater(state, stale, task);
      for (const { row } of matching) changeUnit(state, stale, task, row.id, change.set);
      return;
    }
    case 'putRun':
      if (setRun(task, { ...change.run }) && !stale.has(task)) listRun(task);
      return;
    case 'run': {
      if (task.run?.id !== change.runId) return; // an older one: history
      if (change.set.units === undefined) Object.assign(task.run, change.set);
      else if (setRun(task, { ...task.run, ...change.set }) && !stale.has(task)) listRun(task);
      return;
    }
    case 'enqueue':
      enqueue(stale, task, change.entries);
      return;
    case 'dequeue':
      dequeue(stale, task, change.unitIds);
      return;
    case 'clearQueue':
      for (const unit of [...task.queue]) placeInQueue(stale, task, unit, null, 0);
      return;
    case 'dropTask':
      if (stale.delete(task)) indexTask(state, task); // counted in, to be counted out
      forgetTask(state, task);
      return;
    case 'putAttempt':
    case 'attempt':
    case 'forgetRuns':
      return; // history: no decision depends on it
    default:
      assertNever(change);
  }
}

/** So many units are counted in and out one by one; for more the task is indexed anew. */
export const FEW = 256;

/** @param stale the task's indexes cannot be asked now */
export function unitsMatching(
  task: TaskState,
  { statuses }: Extract<Change, { kind: 'unitsWhere' }>,
  stale = false,
): readonly UnitEntry[] {
  const matching: UnitEntry[] = [];
  if (stale) {
    for (const entry of task.units.values())
      if (!entry.row.removed && statuses.includes(entry.row.status)) matching.push(entry);
    return matching;
  }
  for (const status of statuses) {
    const set = task.byStatus[status];
    for (let at = set.next(0); at >= 0; at = set.next(at + 1)) matching.push(task.order[at]!);
  }
  return matching;
}

function putUnits(state: CoreState, stale: Set<TaskState>, task: TaskState, units: readonly UnitRow[]): void {
  for (const unit of units) {
    if (task.units.has(unit.id)) reindexLater(state, stale, task);
    const entry = putUnit(state, task, { ...unit });
    if (!stale.has(task) && !appendToOrder(state, task, entry)) reindexLater(state, stale, task);
  }
}

function changeUnit(
  state: CoreState,
  stale: Set<TaskState>,
  task: TaskState,
  unitId: UnitId,
  set: Partial<UnitFields>,
): void {
  const entry = task.units.get(unitId);
  if (!entry) return;
  const { row } = entry;
  if (set.after !== undefined) linkParents(task, entry, row.after, set.after);
  if (set.planOrder !== undefined || set.removed !== undefined) reindexLater(state, stale, task);
  // Also of a unit that was ended and starts anew by the same event.
  const starts = set.status === 'running';
  if (stale.has(task)) Object.assign(row, set);
  else {
    const done = isDone(row);
    leave(state, task, entry);
    Object.assign(row, set);
    if (set.after !== undefined) entry.openParents = openParentsOf(task, row);
    enter(state, task, entry);
    if (isDone(row) !== done)
      for (const child of task.children.get(row.name) ?? []) shiftParents(state, task, child, done ? 1 : -1);
  }
  // A target that is prepared begins anew: what an older checkpoint had copied is copied again.
  if (starts || (set.prepared && row.status === 'running')) {
    entry.startProcessed = row.processed;
    entry.startBytes = row.bytes;
  }
  if (starts) noteServed(state, task);
}

function noteServed(state: CoreState, task: TaskState): void {
  if (state.ring.delete(task.row.id)) state.ring.add(task.row.id); // served: the others' turn comes first
}

/** While several move, two may stand at one place for a moment: plan order tells them apart. */
function enqueue(stale: Set<TaskState>, task: TaskState, entries: readonly QueueEntry[]): void {
  for (const { unitId, order, addedAt } of entries) {
    const unit = task.units.get(unitId);
    if (unit) placeInQueue(stale, task, unit, order, addedAt);
  }
}

function dequeue(stale: Set<TaskState>, task: TaskState, unitIds: readonly UnitId[]): void {
  for (const unitId of unitIds) {
    const unit = task.units.get(unitId);
    if (unit) placeInQueue(stale, task, unit, null, 0);
  }
}

export function placeInQueue(
  stale: Set<TaskState>,
  task: TaskState,
  unit: UnitEntry,
  order: number | null,
  addedAt: number,
): void {
  unit.queuedAt = addedAt;
  if (stale.has(task)) unit.queueOrder = order;
  else if (unit.queueOrder !== order) standInQueue(task, unit, order);
}

/** A task that was not served yet gets the next slot. O(tasks). */
function joinRing(state: CoreState, taskId: TaskId): void {
  if (state.ring.has(taskId)) return;
  const others = [...state.ring];
  state.ring.clear();
  for (const id of [taskId, ...others]) state.ring.add(id);
}

export function reindexLater(state: CoreState, stale: Set<TaskState>, task: TaskState): void {
  if (stale.has(task)) return;
  stale.add(task);
  unindexTask(state, task);
}
