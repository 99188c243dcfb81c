/** Beginning a task's run, or going on with one that is unfinished. The plan was taken in before. */
import { coded } from './codes.ts';
import { accepted, type Draft, put, refused, setRunRow, setTask, setUnit, type Verdict } from './draft.ts';
import type { Event } from './events.ts';
import { badConcurrency } from './live-settings.ts';
import { type Coded, type RunRow, UNIT_STATUSES } from './model.ts';
import { dependents, impossibleParents } from './parents.ts';
import { makeReady, putAtHead } from './queue.ts';
import { fresh, waitEnds } from './resets.ts';
import { modeInForce, unfinishedRun } from './select.ts';
import { endRun, entriesIn, giveUpRun, outcomeNow, replayRows, retryAll, settle } from './settle.ts';
import type { CoreState, TaskState, UnitEntry } from './state.ts';

type Start = Extract<Event, { type: 'start' }>;

/** Runs that a task's history keeps. */
const RUNS_KEPT = 50;

export function decideStart(draft: Draft, event: Start): Verdict {
  const { state } = draft;
  const task = state.tasks.get(event.taskId);
  if (!task) return refused('unknownTask', { task: event.taskId });
  const refusal = whyNot(task) ?? whyNotSo(state, task, event);
  if (refusal) return { ok: false, refusal };

  const { at, again, only, replay = false } = event;
  // Some units that run again belong to the run that is under way; all of them give it up.
  const goesOn = again && only === null ? null : unfinishedRun(task);
  const mode = event.mode ?? goesOn?.mode ?? task.row.mode;
  const { runState } = task.row;
  // A paused task goes on as it was, and in manual mode people choose: what failed stays failed unless it is named.
  const failedToo = again || only !== null || (runState !== 'paused' && mode === 'auto');
  const scope = only === null ? null : scopeOf(task, only);
  const rejected = replay ? withRejectedRows(named(task, only ?? [])) : [];
  if (replay && rejected.length === 0) return refused('nothingRejected', { task: task.row.name });
  if (!replay && !hasWork(task, { scope, again, failedToo: failedToo || mode === 'manual' }))
    return nothingToDo(draft, task, event);

  if (goesOn) runGoesOn(draft, task, event, mode, scope);
  else newRun(draft, task, event, mode, scope);
  setTask(draft, task, { runState: 'running', reason: null, updatedAt: at });
  if (replay) replayRows(draft, task, rejected, at);
  else if (again) beginAnew(draft, task, only, at);
  else if (failedToo) retryAll(draft, task, [...entriesIn(task, task.runLists.failed)], at);
  if (runState === 'idle')
    for (const { row } of [...entriesIn(task, task.spent)]) setUnit(draft, task, row.id, waitEnds(at));
  if (only !== null && event.enqueue) {
    const chosen = unfinished(named(task, only));
    makeReady(draft, task, chosen, at);
    if (mode === 'manual') putAtHead(draft, task, chosen, at);
  }
  takeUpPaused(draft, task, at);
  const note = modeNote(task);
  settle(draft, task, at, mode === 'auto');
  return accepted(note);
}

/** A start that did not get as far as a plan. An unfinished run stays the task's run: it can still be resumed. */
export function decideStartFailed(draft: Draft, event: Extract<Event, { type: 'startFailed' }>): Verdict {
  const task = draft.state.tasks.get(event.taskId);
  if (!task) return refused('unknownTask', { task: event.taskId });
  const refusal = whyNot(task);
  if (refusal) return { ok: false, refusal };
  const { taskId, runId, at } = event;
  const release = { kind: 'release', taskId } as const;
  if (unfinishedRun(task)) draft.effects.push(release);
  else {
    const run: RunRow = { ...emptyRun(task, event), endedAt: at, outcome: 'failed' };
    put(draft, { kind: 'putRun', run });
    put(draft, { kind: 'forgetRuns', taskId, keep: RUNS_KEPT });
    draft.effects.push({ kind: 'runEnded', taskId, runId, outcome: 'failed' }, release);
  }
  return accepted();
}

/** Which mode is in force is said with every start. */
export function modeNote(task: TaskState): Coded {
  const { pending, paused, waiting, dependent } = task.runLists;
  const units = pending.count + paused.count + waiting.count + dependent.count;
  if (modeInForce(task) === 'auto') return coded('startedAuto', { units });
  return coded('startedManual', { queued: task.queue.count });
}

/** Paused units go on with the task: in manual mode at the head of the queue, as they were last started. */
export function takeUpPaused(draft: Draft, task: TaskState, at: number): void {
  for (const { row } of [...entriesIn(task, task.runLists.held)]) setUnit(draft, task, row.id, { reason: null });
  if (modeInForce(task) === 'auto') return;
  const paused = [...entriesIn(task, task.runLists.paused), ...entriesIn(task, task.runLists.dependent)].filter(
    ({ row, queueOrder }) => row.status === 'paused' && queueOrder === null,
  );
  putAtHead(draft, task, inOrderOfStart(paused), at);
}

export function inOrderOfStart(entries: readonly UnitEntry[]): UnitEntry[] {
  return [...entries].sort((a, b) => (a.row.startedAt ?? 0) - (b.row.startedAt ?? 0) || a.position - b.position);
}

/** Why the task cannot be started in its present state; also refuses the second start of a running task. */
function whyNot(task: TaskState): Coded | null {
  const { name, runState } = task.row;
  const units = task.byStatus.running.count;
  if (runState === 'running') return coded('alreadyRunning', { task: name });
  if (runState === 'pausing') return coded('stillPausing', { task: name, units });
  if (runState === 'stopping') return coded('stillStopping', { task: name, units });
  return null;
}

function whyNotSo(state: CoreState, task: TaskState, event: Start): Coded | null {
  const { only, again, after } = event;
  const concurrency = event.concurrency === null ? null : badConcurrency(event.concurrency);
  if (concurrency) return concurrency;
  const impossible = impossibleParents(task);
  if (impossible) return impossible;
  if (only === null) return again || !unfinishedRun(task) ? missingTasks(state, task, after) : null;
  const unknown = only.filter((name) => !entryNamed(task, name));
  if (unknown.length === 0) return null;
  return coded('unknownUnits', { units: unknown.slice(0, 10).join(', '), count: unknown.length });
}

/** A parent task counts when its last run was completed after this task's previous full run began. */
function missingTasks(state: CoreState, task: TaskState, after: readonly string[]): Coded | null {
  if (after.length === 0) return null;
  const since = task.row.fullRunAt ?? 0;
  const counts = new Set<string>();
  for (const { row, run } of state.tasks.values())
    if (row.store === task.row.store && run?.outcome === 'completed' && (run.endedAt ?? 0) > since)
      counts.add(row.name);
  const missing = after.filter((name) => !counts.has(name));
  return missing.length === 0 ? null : coded('parentsNotDone', { task: task.row.name, tasks: missing.join(', ') });
}

interface Work {
  readonly scope: ReadonlySet<string> | null;
  readonly again: boolean;
  readonly failedToo: boolean;
}

function hasWork(task: TaskState, { scope, again, failedToo }: Work): boolean {
  const { pending, paused, running, failed } = task.byStatus;
  if (scope === null) {
    if (again) return task.order.length > 0;
    return pending.count + paused.count + running.count + (failedToo ? failed.count : 0) > 0;
  }
  if (again) return scope.size > 0;
  for (const name of scope) if (entryNamed(task, name)?.row.status !== 'completed') return true;
  return false;
}

/** A run whose last waiting units have left the plan ends. */
function nothingToDo(draft: Draft, task: TaskState, { at, only }: Start): Verdict {
  const run = unfinishedRun(task);
  const over = only === null || (only.length === 0 && run?.units !== null);
  if (run && over) endRun(draft, task, outcomeNow(task), at);
  else draft.effects.push({ kind: 'release', taskId: task.row.id });
  return accepted(coded('nothingToDo'));
}

/** A unit that failed takes those along that it blocked. */
function scopeOf(task: TaskState, only: readonly string[]): Set<string> {
  const scope = new Set(only);
  for (const name of only)
    if (entryNamed(task, name)?.row.status === 'failed') for (const child of dependents(task, name)) scope.add(child);
  return scope;
}

function newRun(draft: Draft, task: TaskState, event: Start, mode: RunRow['mode'], scope: Set<string> | null): void {
  giveUpRun(draft, task, event.at);
  const concurrency = event.concurrency ?? task.row.concurrency;
  const units = scope === null ? null : [...scope];
  put(draft, { kind: 'putRun', run: { ...emptyRun(task, event), mode, concurrency, units } });
  put(draft, { kind: 'forgetRuns', taskId: event.taskId, keep: RUNS_KEPT });
  if (scope === null) setTask(draft, task, { fullRunAt: event.at });
}

function runGoesOn(draft: Draft, task: TaskState, event: Start, mode: RunRow['mode'], scope: Set<string> | null): void {
  const units = scope === null ? null : [...scope];
  const widthChanges = units !== null || task.run?.units !== null;
  const concurrency = event.concurrency ?? task.row.concurrency;
  setRunRow(draft, task, { ...(widthChanges && { units }), mode, concurrency });
}

function beginAnew(draft: Draft, task: TaskState, only: readonly string[] | null, at: number): void {
  if (only === null) put(draft, { kind: 'unitsWhere', taskId: task.row.id, statuses: UNIT_STATUSES, set: fresh(at) });
  else for (const { row } of named(task, only)) setUnit(draft, task, row.id, fresh(at));
}

function named(task: TaskState, names: readonly string[]): UnitEntry[] {
  const entries: UnitEntry[] = [];
  for (const name of new Set(names)) {
    const entry = entryNamed(task, name);
    if (entry) entries.push(entry);
  }
  return entries;
}

/** Of those, which can be written again. */
export function withRejectedRows(entries: Iterable<UnitEntry>): UnitEntry[] {
  return [...entries].filter(({ row }) => row.status === 'completed' && row.rejected > 0);
}

function unfinished(entries: readonly UnitEntry[]): UnitEntry[] {
  return entries.filter(({ row }) => row.status !== 'completed');
}

/** Not of a removed unit. */
function entryNamed(task: TaskState, name: string): UnitEntry | undefined {
  const entry = task.units.get(task.idByName.get(name) ?? '');
  return entry?.row.removed ? undefined : entry;
}

function emptyRun(task: TaskState, event: Extract<Event, { type: 'start' | 'startFailed' }>): RunRow {
  return {
    id: event.runId,
    taskId: event.taskId,
    startedAt: event.at,
    endedAt: null,
    outcome: null,
    startedBy: event.by,
    mode: task.row.mode,
    concurrency: task.row.concurrency,
    units: null,
    rows: 0,
    bytes: 0,
    rejected: 0,
  };
}
