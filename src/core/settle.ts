/**
 * What follows once an event has changed a task: a switch that was waited for, a task that comes to rest, units that
 * start, a run that is over. The last step of most decisions.
 */
import { coded } from './codes.ts';
import { dispatch } from './dispatch.ts';
import { type Draft, put, setRunRow, setTask, setUnit } from './draft.ts';
import type { TaskFields } from './events.ts';
import { type Mode, type RunOutcome, UNIT_STATUSES, type UnitId } from './model.ts';
import type { PositionSet } from './position-set.ts';
import { fresh, retried, waitEnds } from './resets.ts';
import { modeInForce, unfinishedRun } from './select.ts';
import type { TaskState, UnitEntry } from './state.ts';

/** @param mayEnd false = in manual mode the task waits for additions, also when only failed and blocked units are left */
export function settle(draft: Draft, task: TaskState, at: number, mayEnd = true): void {
  if (task.byStatus.running.count === 0) {
    if (task.row.switchingTo !== null) switchMode(draft, task, task.row.switchingTo, at);
    const { runState } = task.row;
    if (runState === 'pausing' || runState === 'stopping') {
      if (isOver(task)) endRun(draft, task, outcomeNow(task), at);
      else rests(draft, task, at, {});
    }
  }
  dispatch(draft, at, task.row.store);
  if (task.row.runState === 'running' && task.byStatus.running.count === 0) conclude(draft, task, at, mayEnd);
}

/** Nothing runs: whether there is anything left to wait for. */
function conclude(draft: Draft, task: TaskState, at: number, mayEnd: boolean): void {
  const run = unfinishedRun(task);
  const { pending, paused, waiting, held } = task.runLists;
  if (!run || waiting.count > 0) return;
  const ready = pending.count + paused.count;
  if (modeInForce(task) === 'manual') {
    // Units that nobody has queued, or slots that others hold.
    if (ready + held.count > 0 || !mayEnd) return;
  } else {
    if (ready > 0) return;
    if (held.count > 0) {
      rests(draft, task, at, { reason: coded('pausedByAborts', { units: held.count }) });
      return;
    }
  }
  endRun(draft, task, outcomeNow(task), at);
}

/** Whether the last unfinished units have come to their end on the way to a rest. */
function isOver(task: TaskState): boolean {
  const { pending, paused, waiting, held, dependent } = task.runLists;
  if (!unfinishedRun(task)) return false;
  return pending.count + paused.count + waiting.count + held.count + dependent.count === 0;
}

/** How the run stands when nothing more can run. */
export function outcomeNow(task: TaskState): RunOutcome {
  const { failed, dependent } = task.runLists;
  const rejected = unfinishedRun(task)?.rejected ?? 0;
  return failed.count + dependent.count + rejected > 0 ? 'completed_with_errors' : 'completed';
}

/** Completed units become pending, for their rejected rows alone. What the run has counted of them is open again. */
export function replayRows(draft: Draft, task: TaskState, entries: readonly UnitEntry[], at: number): void {
  const run = unfinishedRun(task);
  let counted = 0;
  for (const { row } of entries) {
    if (run && (row.completedAt ?? 0) >= run.startedAt) counted += row.rejected;
    setUnit(draft, task, row.id, { ...retried(at), replay: true });
  }
  if (run && counted > 0) setRunRow(draft, task, { rejected: Math.max(0, run.rejected - counted) });
}

/** The run ends and its task is idle. */
export function endRun(draft: Draft, task: TaskState, outcome: RunOutcome, at: number): void {
  const { id: taskId } = task.row;
  const runId = task.run?.id ?? '';
  setRunRow(draft, task, { endedAt: at, outcome });
  setTask(draft, task, { runState: 'idle', reason: null, updatedAt: at });
  draft.effects.push({ kind: 'runEnded', taskId, runId, outcome }, { kind: 'release', taskId });
}

/** An unfinished run is given up: Reset progress, or "Run again" before its end. */
export function giveUpRun(draft: Draft, task: TaskState, at: number): void {
  const run = unfinishedRun(task);
  if (!run) return;
  setRunRow(draft, task, { endedAt: at, outcome: 'stopped' });
  draft.effects.push({ kind: 'runEnded', taskId: task.row.id, runId: run.id, outcome: 'stopped' });
}

/** Dispatching stops and the running units are told to stop; `settle` follows. */
export function restsSoon(
  draft: Draft,
  task: TaskState,
  runState: 'pausing' | 'stopping',
  at: number,
  reason: TaskFields['reason'],
): void {
  const { id: taskId } = task.row;
  for (const { row } of entriesIn(task, task.byStatus.running))
    draft.effects.push({ kind: 'stopUnit', taskId, unitId: row.id, attempt: row.attempt });
  setTask(draft, task, { runState, reason, updatedAt: at });
}

/** Nothing of the task runs any more. */
function rests(draft: Draft, task: TaskState, at: number, set: Partial<Pick<TaskFields, 'reason'>>): void {
  const runState = task.row.runState === 'stopping' ? 'idle' : 'paused';
  setTask(draft, task, { runState, ...set, updatedAt: at });
  draft.effects.push({ kind: 'release', taskId: task.row.id });
}

/**
 * The mode changes: as a new start of the task. The queue is emptied, nobody waits any more, and what was ended goes
 * on with the others; a change to auto loads the failed units of a run that is under way, too.
 */
export function switchMode(draft: Draft, task: TaskState, to: Mode, at: number): void {
  const { id: taskId } = task.row;
  if (task.queue.count > 0) put(draft, { kind: 'clearQueue', taskId });
  setTask(draft, task, { mode: to, switchingTo: null, queueRev: task.row.queueRev + 1, updatedAt: at });
  if (unfinishedRun(task)) setRunRow(draft, task, { mode: to });
  for (const { row } of [...entriesIn(task, task.byStatus.paused)])
    setUnit(draft, task, row.id, { ...waitEnds(at), status: 'pending', reason: null });
  for (const { row } of [...entriesIn(task, task.spent)]) setUnit(draft, task, row.id, waitEnds(at));
  if (to === 'auto' && unfinishedRun(task) && task.row.runState !== 'idle')
    retryAll(draft, task, [...entriesIn(task, task.runLists.failed)], at);
}

/** Failed units run again: in one statement when they are all the failed ones of the task. */
export function retryAll(draft: Draft, task: TaskState, failed: readonly UnitEntry[], at: number): void {
  if (failed.length > 1 && failed.length === task.byStatus.failed.count) {
    put(draft, { kind: 'unitsWhere', taskId: task.row.id, statuses: ['failed'], set: retried(at) });
  } else for (const { row } of failed) setUnit(draft, task, row.id, retried(at));
}

/** Every unit begins anew, those too that are gone: they may come back. */
export function allFresh(draft: Draft, task: TaskState, at: number): void {
  put(draft, { kind: 'unitsWhere', taskId: task.row.id, statuses: UNIT_STATUSES, set: fresh(at) });
  if (task.units.size === task.order.length) return;
  for (const { row } of [...task.units.values()]) if (row.removed) setUnit(draft, task, row.id, fresh(at));
}

/** The members of a set in plan order. */
export function* entriesIn(task: TaskState, set: PositionSet): Generator<UnitEntry, undefined> {
  for (let at = set.next(0); at >= 0; at = set.next(at + 1)) yield task.order[at]!;
}

/** A limited run takes in what runs under it, too. */
export function widenRun(draft: Draft, task: TaskState, unitIds: Iterable<UnitId>): void {
  const run = unfinishedRun(task);
  if (!run || run.units === null) return;
  const names = new Set(run.units);
  for (const unitId of unitIds) {
    const entry = task.units.get(unitId);
    if (entry) names.add(entry.row.name);
  }
  if (names.size > run.units.length) setRunRow(draft, task, { units: [...names] });
}
