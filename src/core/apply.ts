/** Takes the changes of a decision into memory, in place. The store takes the same list; this one cannot fail. */
import type { Change, UnitFields } from './events.ts';
import { enter, indexTask, leave, unindexTask } from './indexes.ts';
import { assertNever, type TaskId, type UnitId } from './model.ts';
import { type CoreState, putTask, putUnit, setRun, type TaskState, type UnitEntry } from './state.ts';

/** Call it in the same tick in which the store committed the changes, before any other event is decided. */
export function apply(state: CoreState, changes: readonly Change[]): void {
  /** Tasks whose indexes are built anew at the end: until then their units are only written. */
  const stale = new Set<TaskState>();
  for (const change of changes) applyChange(state, stale, change);
  for (const task of stale) indexTask(state, task);
}

function applyChange(state: CoreState, stale: Set<TaskState>, change: Change): void {
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
      reindexLater(state, stale, task);
      for (const unit of change.units) putUnit(state, task, { ...unit });
      return;
    case 'unit':
      changeUnit(state, stale, task, change.unitId, change.set);
      return;
    case 'unitsWhere':
      for (const [unitId, { row }] of task.units)
        if (!row.removed && change.statuses.includes(row.status)) changeUnit(state, stale, task, unitId, change.set);
      return;
    case 'putRun':
      if (setRun(task, { ...change.run })) reindexLater(state, stale, task);
      return;
    case 'run': {
      if (task.run?.id !== change.runId) return; // an older one: history
      const { units } = change.set;
      if (units !== undefined && units !== task.run.units) {
        reindexLater(state, stale, task);
        setRun(task, { ...task.run, ...change.set });
      } else Object.assign(task.run, change.set);
      return;
    }
    case 'putAttempt':
    case 'attempt':
      return; // history: no decision depends on it
    default:
      assertNever(change);
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
  if (set.planOrder !== undefined || set.removed !== undefined) reindexLater(state, stale, task);
  const starts = set.status === 'running' && entry.row.status !== 'running';
  if (stale.has(task)) Object.assign(entry.row, set);
  else {
    leave(state, task, entry);
    Object.assign(entry.row, set);
    enter(state, task, entry);
  }
  if (starts) noteStart(state, task, entry);
}

function noteStart(state: CoreState, task: TaskState, entry: UnitEntry): void {
  entry.startProcessed = entry.row.processed;
  entry.startBytes = entry.row.bytes;
  if (state.ring.delete(task.row.id)) state.ring.add(task.row.id); // served: the others' turn comes first
}

/** A task that was not served yet gets the next slot. O(tasks). */
function joinRing(state: CoreState, taskId: TaskId): void {
  if (state.ring.has(taskId)) return;
  const others = [...state.ring];
  state.ring.clear();
  for (const id of [taskId, ...others]) state.ring.add(id);
}

function reindexLater(state: CoreState, stale: Set<TaskState>, task: TaskState): void {
  if (stale.has(task)) return;
  stale.add(task);
  unindexTask(state, task);
}
