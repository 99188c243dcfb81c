/** Pause, resume, stop and reset of a task, the units that people name, and what a crash makes of it all. */
import { coded } from './codes.ts';
import { accepted, type Draft, put, refused, setTask, setUnit, type Verdict } from './draft.ts';
import type { Event } from './events.ts';
import type { Coded } from './model.ts';
import { makeReady, putAtEnd, putAtHead, unitsOf } from './queue.ts';
import { fresh } from './resets.ts';
import { modeInForce, unfinishedRun } from './select.ts';
import {
  allFresh,
  endRun,
  entriesIn,
  giveUpRun,
  outcomeNow,
  replayRows,
  restsSoon,
  retryAll,
  settle,
  switchMode,
  widenRun,
} from './settle.ts';
import { inOrderOfStart, modeNote, takeUpPaused, withRejectedRows } from './start.ts';
import type { TaskState, UnitEntry } from './state.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

export function decidePause(draft: Draft, event: Of<'pause'>): Verdict {
  const task = draft.state.tasks.get(event.taskId);
  if (!task) return refused('unknownTask', { task: event.taskId });
  switch (task.row.runState) {
    case 'running':
      restsSoon(draft, task, 'pausing', event.at, event.reason);
      settle(draft, task, event.at);
      return accepted();
    case 'pausing':
      return accepted(coded('alreadyPausing'));
    case 'paused':
      return accepted(coded('alreadyPaused'));
    case 'stopping':
      return stillEnding(task);
    default:
      return refused('notRunning', { task: task.row.name });
  }
}

export function decideStop(draft: Draft, event: Of<'stop'>): Verdict {
  const task = draft.state.tasks.get(event.taskId);
  if (!task) return refused('unknownTask', { task: event.taskId });
  const { at } = event;
  switch (task.row.runState) {
    case 'running':
      restsSoon(draft, task, 'stopping', at, null);
      settle(draft, task, at);
      return accepted();
    case 'pausing': // its units have been told already
    case 'paused':
    case 'interrupted':
      setTask(draft, task, { runState: 'stopping', reason: null, updatedAt: at });
      settle(draft, task, at);
      return accepted();
    case 'stopping':
      return accepted(coded('alreadyStopping'));
    default:
      return refused('notRunning', { task: task.row.name });
  }
}

/** Waits for retries go on; the failed units of an interrupted task in auto mode are executed again. */
export function decideResume(draft: Draft, event: Of<'resume'>): Verdict {
  const task = draft.state.tasks.get(event.taskId);
  if (!task) return refused('unknownTask', { task: event.taskId });
  const { at } = event;
  const { runState } = task.row;
  if (runState === 'running') return refused('alreadyRunning', { task: task.row.name });
  if (runState === 'pausing' || runState === 'stopping') return stillEnding(task);
  const run = unfinishedRun(task);
  if (runState === 'idle' || !run) return refused('notPaused', { task: task.row.name });

  const { paused, held, pending, waiting, dependent, failed } = task.runLists;
  const failedToo = runState === 'interrupted' && modeInForce(task) === 'auto';
  const failedCount = failedToo || modeInForce(task) === 'manual' ? failed.count : 0;
  if (paused.count + held.count + pending.count + waiting.count + dependent.count + failedCount === 0) {
    endRun(draft, task, outcomeNow(task), at);
    return accepted(coded('nothingToDo'));
  }
  setTask(draft, task, { runState: 'running', reason: null, updatedAt: at });
  if (failedToo) retryAll(draft, task, [...entriesIn(task, failed)], at);
  takeUpPaused(draft, task, at);
  const note = modeNote(task);
  settle(draft, task, at, modeInForce(task) === 'auto');
  return accepted(note);
}

export function decideReset(draft: Draft, event: Of<'reset'>): Verdict {
  const task = draft.state.tasks.get(event.taskId);
  if (!task) return refused('unknownTask', { task: event.taskId });
  const refusal = notAtRest(task);
  if (refusal) return { ok: false, refusal };
  giveUpRun(draft, task, event.at);
  allFresh(draft, task, event.at);
  setTask(draft, task, { runState: 'idle', reason: null, updatedAt: event.at });
  draft.effects.push({ kind: 'release', taskId: task.row.id });
  return accepted();
}

/** By ids also units that wait for a retry or were ended by themselves; in manual mode they are queued. */
export function decideRetry(draft: Draft, event: Of<'retry'>): Verdict {
  const task = draft.state.tasks.get(event.taskId);
  if (!task) return refused('unknownTask', { task: event.taskId });
  const { name, runState, switchingTo } = task.row;
  const asked = event.unitIds === null ? [...entriesIn(task, task.byStatus.failed)] : unitsOf(task, event.unitIds);
  if ('code' in asked) return { ok: false, refusal: asked };
  const { at, first = false } = event;
  const units = asked.filter(({ row }) => {
    if (first && row.status === 'pending') return true;
    return row.status === 'failed' || row.status === 'paused' || row.nextRetryAt !== null;
  });
  if (units.length === 0) return refused(first ? 'unitsNotWaiting' : 'nothingFailed', { task: name });
  if (event.unitIds === null) {
    widenRun(
      draft,
      task,
      units.map(({ row }) => row.id),
    );
    retryAll(draft, task, units, at);
  } else makeReady(draft, task, units, at);
  if (switchingTo === null) {
    if (first) putAtHead(draft, task, units, at);
    else if (modeInForce(task) === 'manual') putAtEnd(draft, task, units, at);
  }
  settle(draft, task, at);
  const started = runState === 'running' && switchingTo === null;
  return accepted(coded(started ? 'retryStarted' : 'retryAtStart', { units: units.length }));
}

/** Only running units can be ended; the others of the request are left as they are. */
export function decideAbort(draft: Draft, event: Of<'abort'>): Verdict {
  const task = draft.state.tasks.get(event.taskId);
  if (!task) return refused('unknownTask', { task: event.taskId });
  const units = unitsOf(task, event.unitIds);
  if ('code' in units) return { ok: false, refusal: units };
  const running = units.filter(({ row }) => row.status === 'running');
  if (running.length === 0) return refused('unitsNotRunning', { task: task.row.name });
  for (const entry of running) endUnit(draft, task, entry, coded('unitAborting'), event.at);
  return accepted(coded('aborting', { units: running.length }));
}

/** From the beginning and before all others. */
export function decideRestart(draft: Draft, event: Of<'restart'>): Verdict {
  const task = draft.state.tasks.get(event.taskId);
  if (!task) return refused('unknownTask', { task: event.taskId });
  const refusal = refusedNow(task);
  if (refusal) return refusal;
  const units = unitsOf(task, event.unitIds);
  if ('code' in units) return { ok: false, refusal: units };
  const completed = units.filter(({ row }) => row.status === 'completed');
  if (completed.length > 0 && !event.again)
    return refused('completedUnits', { units: completed[0]!.row.name, count: completed.length });
  const { at } = event;
  const waiting = units.filter(({ row }) => row.status !== 'running');
  for (const entry of units) {
    if (entry.row.status === 'running') endUnit(draft, task, entry, coded('unitRestarting'), at);
    else setUnit(draft, task, entry.row.id, fresh(at));
  }
  widenRun(
    draft,
    task,
    units.map(({ row }) => row.id),
  );
  putAtHead(draft, task, waiting, at);
  settle(draft, task, at);
  return accepted(coded('restarting', { units: units.length }));
}

/** Of a task that is not idle: what it does next, or when it goes on. */
export function decideReplay(draft: Draft, event: Of<'replay'>): Verdict {
  const task = draft.state.tasks.get(event.taskId);
  if (!task) return refused('unknownTask', { task: event.taskId });
  const refusal = refusedNow(task);
  if (refusal) return refusal;
  const asked = event.unitIds === null ? [...entriesIn(task, task.byStatus.completed)] : unitsOf(task, event.unitIds);
  if ('code' in asked) return { ok: false, refusal: asked };
  const units = withRejectedRows(asked);
  if (units.length === 0) return refused('nothingRejected', { task: task.row.name });
  const { at } = event;
  replayRows(draft, task, units, at);
  widenRun(
    draft,
    task,
    units.map(({ row }) => row.id),
  );
  putAtHead(draft, task, units, at);
  settle(draft, task, at);
  return accepted(coded('replayStarted', { units: units.length }));
}

function endUnit(draft: Draft, task: TaskState, { row }: UnitEntry, reason: Coded, at: number): void {
  setUnit(draft, task, row.id, { reason, updatedAt: at });
  draft.effects.push({ kind: 'stopUnit', taskId: task.row.id, unitId: row.id, attempt: row.attempt });
}

/** Retries whose time has come. In manual mode they enter the queue at its head, which is no person's edit. */
export function decideDue(draft: Draft, event: Of<'due'>): Verdict {
  const task = draft.state.tasks.get(event.taskId);
  if (task?.row.runState !== 'running' || task.row.switchingTo !== null) return accepted();
  const { at } = event;
  const setBack = (entry: UnitEntry | undefined) => entry !== undefined && at < entry.row.updatedAt - CLOCK_SLACK_MS;
  const anySetBack = setBack(task.retries.first());
  const due: UnitEntry[] = [];
  for (const entry of task.retries) {
    if ((entry.row.nextRetryAt ?? 0) <= at || setBack(entry)) due.push(entry);
    else if (!anySetBack) break;
  }
  if (due.length === 0) return accepted();
  for (const { row } of due) setUnit(draft, task, row.id, { nextRetryAt: null, reason: null, updatedAt: at });
  if (modeInForce(task) === 'manual') putAtHead(draft, task, due, at);
  settle(draft, task, at);
  return accepted();
}

/** A clock that was set back by more than this is not waited for. */
const CLOCK_SLACK_MS = 1000;

/** After a store was opened. Nothing starts by it. */
export function decideRecover(draft: Draft, event: Of<'recover'>): Verdict {
  for (const task of draft.state.tasks.values()) if (task.row.store === event.store) recover(draft, task, event.at);
  return accepted();
}

function recover(draft: Draft, task: TaskState, at: number): void {
  const { id: taskId, runState, switchingTo } = task.row;
  const lost = [...entriesIn(task, task.byStatus.running)];
  const restarting = lost.filter(({ row }) => row.reason?.code === 'unitRestarting');
  for (const { row } of lost) {
    const again = row.reason?.code === 'unitRestarting' ? fresh(at) : { reason: null };
    setUnit(draft, task, row.id, { ...again, status: 'pending', updatedAt: at });
    if (!task.run) continue;
    const attempt = { runId: task.run.id, unitId: row.id, attempt: row.attempt };
    put(draft, { kind: 'attempt', taskId, ...attempt, set: { endedAt: at, outcome: 'lost' } });
  }
  if (switchingTo !== null) switchMode(draft, task, switchingTo, at);
  else if (lost.length > 0 && modeInForce(task) === 'manual') {
    const paused = [...entriesIn(task, task.runLists.paused)].filter(({ queueOrder }) => queueOrder === null);
    putAtHead(draft, task, inOrderOfStart([...lost, ...paused]), at);
  } else putAtHead(draft, task, restarting, at);
  if (runState === 'running')
    setTask(draft, task, { runState: 'interrupted', reason: coded('taskInterrupted'), updatedAt: at });
  if (runState === 'pausing') setTask(draft, task, { runState: 'paused', updatedAt: at });
  if (runState === 'stopping') setTask(draft, task, { runState: 'idle', reason: null, updatedAt: at });
}

/** Why a task that is on its way cannot be changed as a whole. */
export function notAtRest(task: TaskState): Coded | null {
  const { runState, name } = task.row;
  const moves = runState === 'running' || runState === 'pausing' || runState === 'stopping';
  return moves ? coded('stopFirst', { task: name }) : null;
}

/** Why nothing can be put before all others now: the task is idle, on its way to a rest, or switches its mode. */
function refusedNow(task: TaskState): Verdict | null {
  const { runState, name, switchingTo } = task.row;
  if (runState === 'pausing' || runState === 'stopping') return stillEnding(task);
  if (runState === 'idle') return refused('notRunning', { task: name });
  if (switchingTo === null) return null;
  return refused('queueSwitching', { task: name, units: task.byStatus.running.count, mode: switchingTo });
}

function stillEnding(task: TaskState): Verdict {
  const args = { task: task.row.name, units: task.byStatus.running.count };
  return refused(task.row.runState === 'pausing' ? 'stillPausing' : 'stillStopping', args);
}
