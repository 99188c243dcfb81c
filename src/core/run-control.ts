/** Pause, resume, stop, reset and retry of a task, and what a crash makes of it. */
import { coded } from './codes.ts';
import { accept, type Outcome, refuse, unchanged } from './decision.ts';
import { dispatch, type Startable, unitsIn } from './dispatch.ts';
import type { Change, Decision, Effect, Event, TaskFields } from './events.ts';
import { type RunRow, type TaskId, UNIT_STATUSES, type UnitId, type UnitRow } from './model.ts';
import { createPositionSet, type PositionSet } from './position-set.ts';
import { fresh, letGo, retryFailed } from './resets.ts';
import { runEnds, runGivenUp } from './run-end.ts';
import { concurrencyInForce, unfinishedRun } from './select.ts';
import type { CoreState, TaskState } from './state.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

export function decidePause(state: CoreState, event: Of<'pause'>): Decision {
  const task = state.tasks.get(event.taskId);
  if (!task) return refuse('unknownTask', { task: event.taskId });
  switch (task.row.runState) {
    case 'running':
      return accept([restsSoon(task, 'pausing', event.at, { reason: event.reason })]);
    case 'pausing':
      return unchanged(coded('alreadyPausing'));
    case 'paused':
      return unchanged(coded('alreadyPaused'));
    case 'stopping':
      return stillEnding(task);
    default:
      return refuse('notRunning', { task: task.row.name });
  }
}

export function decideStop(state: CoreState, event: Of<'stop'>): Decision {
  const task = state.tasks.get(event.taskId);
  if (!task) return refuse('unknownTask', { task: event.taskId });
  switch (task.row.runState) {
    case 'running':
      return accept([restsSoon(task, 'stopping', event.at, { reason: null })]);
    case 'pausing': // its units have been told already
      return accept([taskBecomes(event.taskId, { runState: 'stopping', reason: null, updatedAt: event.at })]);
    case 'paused':
    case 'interrupted':
      return accept([rests(task, 'stopping', event.at, { reason: null })]);
    case 'stopping':
      return unchanged(coded('alreadyStopping'));
    default:
      return refuse('notRunning', { task: task.row.name });
  }
}

export function decideResume(state: CoreState, event: Of<'resume'>): Decision {
  const task = state.tasks.get(event.taskId);
  if (!task) return refuse('unknownTask', { task: event.taskId });
  const { runState, store, id: taskId } = task.row;
  if (runState === 'running') return refuse('alreadyRunning', { task: task.row.name });
  if (runState === 'pausing' || runState === 'stopping') return stillEnding(task);
  const run = unfinishedRun(task);
  if (runState === 'idle' || !run) return refuse('notPaused', { task: task.row.name });

  const { paused, held, pending, failed } = task.runLists;
  const failedToo = runState === 'interrupted' && failed.count > 0;
  const units = paused.count + held.count + pending.count + (failedToo ? failed.count : 0);
  if (units === 0) return accept([runEnds(task, run, 'completed_with_errors', event.at, {})], coded('nothingToDo'));
  const released = letGo(taskId, unitsIn(task, [held]));
  const again = failedToo ? retryFailed(taskId, unitsIn(task, [failed]), run.units === null, event.at) : null;
  const ready = inTurn(task, [paused, held], failedToo ? [pending, failed] : [pending]);
  const own = { taskId, store, runId: run.id, running: 0, concurrency: run.concurrency, ready };
  return accept(
    [
      released,
      ...(again ? [again] : []),
      taskBecomes(taskId, { runState: 'running', reason: null, updatedAt: event.at }),
      dispatch(state, { at: event.at, store, own, freed: 0 }),
    ],
    coded('startedAuto', { units }),
  );
}

export function decideReset(state: CoreState, event: Of<'reset'>): Decision {
  const task = state.tasks.get(event.taskId);
  if (!task) return refuse('unknownTask', { task: event.taskId });
  const { runState, id: taskId } = task.row;
  if (runState === 'running' || runState === 'pausing' || runState === 'stopping')
    return refuse('stopFirst', { task: task.row.name });
  const run = unfinishedRun(task);
  const units: Outcome = {
    changes: [{ kind: 'unitsWhere', taskId, statuses: UNIT_STATUSES, set: fresh(event.at) }],
    effects: [],
  };
  const set = { runState: 'idle', reason: null, updatedAt: event.at } as const;
  const parts = [units, ...(run ? [runGivenUp(task, run, event.at)] : []), taskBecomes(taskId, set)];
  return accept([...parts, { changes: [], effects: [{ kind: 'release', taskId }] }]);
}

export function decideRetry(state: CoreState, event: Of<'retry'>): Decision {
  const task = state.tasks.get(event.taskId);
  if (!task) return refuse('unknownTask', { task: event.taskId });
  const { id: taskId, runState, store } = task.row;
  const failed = event.unitIds === null ? task.byStatus.failed : failedAmong(task, event.unitIds);
  if (typeof failed === 'string') return refuse('unknownUnits', { units: failed, count: 1 });
  if (failed.count === 0) return refuse('nothingFailed', { task: task.row.name });

  const again = retryFailed(taskId, unitsIn(task, [failed]), event.unitIds === null, event.at);
  const run = unfinishedRun(task);
  const wider = run ? widened(task, run, unitsIn(task, [failed])) : { changes: [], effects: [] };
  if (runState !== 'running' || !run) return accept([again, wider], coded('retryAtStart', { units: failed.count }));
  const own = {
    taskId,
    store,
    runId: run.id,
    running: task.byStatus.running.count,
    concurrency: concurrencyInForce(task),
    ready: inTurn(task, [task.runLists.paused], [task.runLists.pending, failed]),
  };
  const starts = dispatch(state, { at: event.at, store, own, freed: 0 });
  return accept([again, wider, starts], coded('retryStarted', { units: failed.count }));
}

/** After a store was opened. Nothing starts by it. */
export function decideRecover(state: CoreState, event: Of<'recover'>): Decision {
  const parts: Outcome[] = [];
  for (const task of state.tasks.values()) if (task.row.store === event.store) parts.push(recovered(task, event.at));
  return accept(parts);
}

function recovered(task: TaskState, at: number): Outcome {
  const { id: taskId, runState } = task.row;
  const changes: Change[] = [];
  for (const unit of unitsIn(task, [task.byStatus.running])) changes.push(...lost(task, unit, at));
  const becomes = (set: Partial<TaskFields>) => changes.push({ kind: 'task', taskId, set: { ...set, updatedAt: at } });
  if (runState === 'running') becomes({ runState: 'interrupted', reason: coded('taskInterrupted') });
  if (runState === 'pausing') becomes({ runState: 'paused' });
  if (runState === 'stopping') becomes({ runState: 'idle', reason: null });
  return { changes, effects: [] };
}

/** An execution whose host died; its checkpoint stays. */
function lost(task: TaskState, unit: UnitRow, at: number): Change[] {
  const { id: taskId } = task.row;
  const pending: Change = { kind: 'unit', taskId, unitId: unit.id, set: { status: 'pending', updatedAt: at } };
  if (!task.run) return [pending];
  const attempt = { runId: task.run.id, unitId: unit.id, attempt: unit.attempt };
  return [pending, { kind: 'attempt', taskId, ...attempt, set: { endedAt: at, outcome: 'lost' } }];
}

type Ending = 'pausing' | 'stopping';

/** Dispatching stops and the running units are told to stop; at once at rest when none runs. */
export function restsSoon(
  task: TaskState,
  runState: Ending,
  at: number,
  set: Pick<TaskFields, 'reason'>,
  except: UnitId | null = null,
): Outcome {
  const { id: taskId } = task.row;
  const effects: Effect[] = [];
  for (const { id: unitId, attempt } of unitsIn(task, [task.byStatus.running]))
    if (unitId !== except) effects.push({ kind: 'stopUnit', taskId, unitId, attempt });
  if (effects.length === 0) return rests(task, runState, at, set);
  return { changes: taskBecomes(taskId, { runState, ...set, updatedAt: at }).changes, effects };
}

/** Nothing of the task runs any more. */
export function rests(task: TaskState, from: Ending, at: number, set: Partial<Pick<TaskFields, 'reason'>>): Outcome {
  const { id: taskId } = task.row;
  const runState = from === 'pausing' ? 'paused' : 'idle';
  const { changes } = taskBecomes(taskId, { runState, ...set, updatedAt: at });
  return { changes, effects: [{ kind: 'release', taskId }] };
}

function taskBecomes(taskId: TaskId, set: Partial<TaskFields>): Outcome {
  return { changes: [{ kind: 'task', taskId, set }], effects: [] };
}

function stillEnding(task: TaskState): Decision {
  const args = { task: task.row.name, units: task.byStatus.running.count };
  return refuse(task.row.runState === 'pausing' ? 'stillPausing' : 'stillStopping', args);
}

function* inTurn(
  task: TaskState,
  first: readonly PositionSet[],
  then: readonly PositionSet[],
): Generator<Startable, undefined> {
  yield* unitsIn(task, first);
  yield* unitsIn(task, then);
}

/** The failed ones of these units; an id that the task does not have is answered as it is. */
function failedAmong(task: TaskState, unitIds: readonly UnitId[]): PositionSet | UnitId {
  const failed = createPositionSet(task.order.length);
  for (const unitId of unitIds) {
    const entry = task.units.get(unitId);
    if (!entry || entry.row.removed) return unitId;
    if (entry.row.status === 'failed') failed.add(entry.position);
  }
  return failed;
}

/** A limited run takes in what runs again under it. */
function widened(task: TaskState, run: RunRow, units: Iterable<UnitRow>): Outcome {
  if (run.units === null) return { changes: [], effects: [] };
  const names = new Set(run.units);
  for (const { name } of units) names.add(name);
  if (names.size === run.units.length) return { changes: [], effects: [] };
  const set = { units: [...names] };
  return { changes: [{ kind: 'run', taskId: task.row.id, runId: run.id, set }], effects: [] };
}
