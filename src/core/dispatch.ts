/**
 * Which units start now. Tasks share the slots of the process round robin; the changes of one event touch one store,
 * so a slot that falls to a task of another store is set aside and offered to it by an effect.
 */
import { coded } from './codes.ts';
import { type Draft, put, setUnit } from './draft.ts';
import type { UnitFields } from './events.ts';
import type { TaskId, UnitRow } from './model.ts';
import { FROM_BEGINNING } from './resets.ts';
import { concurrencyInForce, modeInForce } from './select.ts';
import type { TaskState, UnitEntry } from './state.ts';

/**
 * Starts what can start. O(slots given + tasks).
 * @param store only tasks of this store may start units now; null = of none
 */
export function dispatch(draft: Draft, at: number, store: string | null): void {
  const { state } = draft;
  const offered = new Set<string>();
  const setAside = new Map<TaskId, number>();
  let free = state.maxRunningUnits - state.running;
  // A task that is served goes to the end of the ring, where this walk meets it again: round robin.
  for (const taskId of state.ring) {
    if (free <= 0) return;
    const task = state.tasks.get(taskId)!;
    const aside = setAside.get(taskId) ?? 0;
    if (!mayStart(task, aside)) continue;
    if (task.row.store === store) {
      const next = nextReady(task);
      if (!next) continue;
      startUnit(draft, task, next, at);
    } else {
      if (readyCount(task) <= aside) continue;
      setAside.set(taskId, aside + 1);
      state.ring.delete(taskId);
      state.ring.add(taskId);
      if (!offered.has(task.row.store)) draft.effects.push({ kind: 'offer', taskId });
      offered.add(task.row.store); // an offer to one task is decided for all tasks of its store
    }
    free--;
  }
}

function mayStart(task: TaskState, aside: number): boolean {
  if (task.row.runState !== 'running' || task.row.switchingTo !== null || task.run?.outcome !== null) return false;
  return task.byStatus.running.count + aside < concurrencyInForce(task);
}

/** The queue first; in auto mode then the paused units and the pending ones, each group in plan order. */
function nextReady(task: TaskState): UnitEntry | undefined {
  const queued = task.queueReady.first();
  if (queued || modeInForce(task) === 'manual') return queued;
  const { paused, pending } = task.runLists;
  const position = paused.count > 0 ? paused.next(0) : pending.next(0);
  return position < 0 ? undefined : task.order[position];
}

function readyCount(task: TaskState): number {
  if (modeInForce(task) === 'manual') return task.queueReady.count;
  return task.runLists.paused.count + task.runLists.pending.count;
}

function startUnit(draft: Draft, task: TaskState, { row, queueOrder }: UnitEntry, at: number): void {
  const { id: taskId } = task.row;
  const unitId = row.id;
  const attempt = row.attempt + 1;
  if (queueOrder !== null) put(draft, { kind: 'dequeue', taskId, unitIds: [unitId] });
  const anew = row.resume === 'unit' && !row.replay;
  const rejectedRun = row.rejectedRun ?? task.run?.id ?? null;
  setUnit(draft, task, unitId, { ...starting(row, at), ...(anew && FROM_BEGINNING), rejectedRun, attempt });
  put(draft, {
    kind: 'putAttempt',
    taskId,
    attempt: {
      runId: task.run?.id ?? '',
      unitId,
      attempt,
      startedAt: at,
      endedAt: null,
      outcome: null,
      rows: 0,
      bytes: 0,
      errorCode: null,
    },
  });
  draft.effects.push({ kind: 'startUnit', taskId, unitId, attempt });
}

function starting({ replay, rejected }: UnitRow, at: number): Partial<UnitFields> {
  return {
    status: 'running',
    startedAt: at,
    completedAt: null,
    nextRetryAt: null,
    error: null,
    reason: replay ? coded('replaying', { rows: rejected }) : null,
    ...(!replay && { verified: null }),
    updatedAt: at,
  };
}
