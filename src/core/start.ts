/** Beginning a task's run, or going on with one that is unfinished, by a complete plan. */
import { coded } from './codes.ts';
import { accept, type Outcome, refuse } from './decision.ts';
import { dispatch } from './dispatch.ts';
import type { Change, Decision, Event } from './events.ts';
import { type Intake, repeatedName, takeIn } from './intake.ts';
import { badConcurrency } from './live-settings.ts';
import type { RunOutcome, RunRow } from './model.ts';
import { runEnds, runGivenUp } from './run-end.ts';
import { unfinishedRun } from './select.ts';
import type { CoreState, TaskState } from './state.ts';

type Start = Extract<Event, { type: 'start' }>;

export function decideStart(state: CoreState, event: Start): Decision {
  const task = state.tasks.get(event.taskId);
  if (!task) return refuse('unknownTask', { task: event.taskId });
  const refusal = whyNot(task) ?? whyNotSo(task, event);
  if (refusal) return refusal;

  const scope = event.only === null ? null : new Set(event.only);
  const goesOn = event.again ? null : unfinishedRun(task);
  const intake = takeIn(task, event.plan, {
    at: event.at,
    scope,
    again: event.again,
    // A paused task goes on as it was: what failed stays failed, unless it is asked for by name.
    failedToo: task.row.runState !== 'paused' || scope !== null,
    newBudget: task.row.runState === 'idle',
  });
  if (intake.ready.length === 0) return nothingToDo(task, event, intake);

  const concurrency = event.concurrency ?? task.row.concurrency;
  const runId = goesOn?.id ?? event.runId;
  const own = {
    taskId: event.taskId,
    store: task.row.store,
    runId,
    running: 0,
    concurrency,
    ready: intake.ready.values(),
  };
  const starts = dispatch(state, { at: event.at, store: task.row.store, own, freed: 0 });
  return accept(
    [
      { changes: [...intake.planChanges, ...intake.startChanges], effects: [] },
      goesOn ? runGoesOn(task, goesOn, event, concurrency) : newRun(task, event, concurrency),
      { changes: [taskRuns(event)], effects: [] },
      starts,
    ],
    coded('startedAuto', { units: intake.ready.length }),
  );
}

/** A start that did not get as far as a plan. An unfinished run stays the task's run: it can still be resumed. */
export function decideStartFailed(state: CoreState, event: Extract<Event, { type: 'startFailed' }>): Decision {
  const task = state.tasks.get(event.taskId);
  if (!task) return refuse('unknownTask', { task: event.taskId });
  const refusal = whyNot(task);
  if (refusal) return refusal;
  const release = { kind: 'release', taskId: event.taskId } as const;
  if (unfinishedRun(task)) return accept([{ changes: [], effects: [release] }]);
  const { taskId, runId, at } = event;
  const run: RunRow = {
    ...emptyRun(task, event),
    endedAt: at,
    outcome: 'failed',
  };
  const ended = { kind: 'runEnded', taskId, runId, outcome: 'failed' } as const;
  return accept([{ changes: [{ kind: 'putRun', run }], effects: [ended, release] }]);
}

/** Why the task cannot be started in its present state; also refuses the second start of a running task. */
function whyNot(task: TaskState): Decision | null {
  const { name, runState } = task.row;
  const units = task.byStatus.running.count;
  if (runState === 'running') return refuse('alreadyRunning', { task: name });
  if (runState === 'pausing') return refuse('stillPausing', { task: name, units });
  if (runState === 'stopping') return refuse('stillStopping', { task: name, units });
  return null;
}

function whyNotSo(task: TaskState, event: Start): Decision | null {
  if ((event.mode ?? task.row.mode) === 'manual') return refuse('manualNotAvailable', { task: task.row.name });
  const concurrency = event.concurrency === null ? null : badConcurrency(event.concurrency);
  if (concurrency) return concurrency;
  const repeated = repeatedName(event.plan);
  if (repeated !== undefined) return refuse('planRepeatsUnit', { unit: repeated });
  if (event.only === null) return null;
  const planned = new Set(event.plan.map(({ name }) => name));
  const unknown = event.only.filter((name) => !planned.has(name));
  return unknown.length === 0
    ? null
    : refuse('unknownUnits', { units: unknown.slice(0, 10).join(', '), count: unknown.length });
}

/** The plan is taken in all the same; a run whose last waiting units have left the plan ends. */
function nothingToDo(task: TaskState, { at, only }: Start, intake: Intake): Decision {
  const plan: Outcome = { changes: [...intake.planChanges, ...intake.startChanges], effects: [] };
  const outcome: RunOutcome = intake.failed > 0 ? 'completed_with_errors' : 'completed';
  const run = only === null ? unfinishedRun(task) : null;
  const end: Outcome = run
    ? runEnds(task, run, outcome, at, {})
    : { changes: [], effects: [{ kind: 'release', taskId: task.row.id }] };
  return accept([plan, end], coded('nothingToDo'));
}

function newRun(task: TaskState, event: Start, concurrency: number): Outcome {
  const units = event.only === null ? null : [...new Set(event.only)];
  const run: RunRow = { ...emptyRun(task, event), mode: event.mode ?? task.row.mode, concurrency, units };
  const before = unfinishedRun(task);
  const given = before ? runGivenUp(task, before, event.at) : { changes: [], effects: [] };
  return { changes: [...given.changes, { kind: 'putRun', run }], effects: given.effects };
}

function runGoesOn(task: TaskState, run: RunRow, event: Start, concurrency: number): Outcome {
  const units = event.only === null ? null : [...new Set(event.only)];
  const widthChanges = units !== null || run.units !== null;
  const mode = event.mode ?? task.row.mode;
  const set = { ...(widthChanges && { units }), mode, concurrency };
  return { changes: [{ kind: 'run', taskId: task.row.id, runId: run.id, set }], effects: [] };
}

function taskRuns(event: Start): Change {
  const set = { runState: 'running', reason: null, updatedAt: event.at } as const;
  return { kind: 'task', taskId: event.taskId, set };
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
