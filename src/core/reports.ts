/** What executions report. Only the current execution of a running unit is heard; `attempt` is the fence. */
import { coded } from './codes.ts';
import { accept, type Outcome, refuse } from './decision.ts';
import { type Contender, contender, dispatch, standingAside } from './dispatch.ts';
import type { Change, Decision, Effect, Event, RunFields, UnitFields } from './events.ts';
import { type AttemptRow, assertNever, type UnitRow } from './model.ts';
import { rests, restsSoon } from './run-control.ts';
import { runEnds } from './run-end.ts';
import { unfinishedRun } from './select.ts';
import type { CoreState, TaskState, UnitEntry } from './state.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;
type Report = Of<'prepared' | 'checkpoint' | 'progress' | 'finished'>;

interface Execution {
  readonly task: TaskState;
  readonly entry: UnitEntry;
  readonly row: UnitRow;
}

export function decidePrepared(state: CoreState, event: Of<'prepared'>): Decision {
  const execution = executionOf(state, event);
  if (!execution) return stale(event);
  const { total, prepared, at } = event;
  // A target is prepared for a copy from the beginning: an older checkpoint speaks of rows that may be gone.
  const beginning = { checkpoint: null, processed: 0, bytes: 0 };
  const set = { prepared, ...beginning, ...(total !== null && { total }), updatedAt: at };
  return accept([{ changes: [unitChange(execution, set)], effects: [proceed(execution)] }]);
}

export function decideCheckpoint(state: CoreState, event: Of<'checkpoint'>): Decision {
  const execution = executionOf(state, event);
  if (!execution) return stale(event);
  const set = { checkpoint: event.checkpoint, ...figures(execution.row, event), updatedAt: event.at };
  return accept([{ changes: [unitChange(execution, set)], effects: [proceed(execution)] }], null, 'committed');
}

export function decideProgress(state: CoreState, event: Of<'progress'>): Decision {
  const execution = executionOf(state, event);
  if (!execution) return stale(event);
  const { total, at } = event;
  const set = { ...figures(execution.row, event), ...(total !== null && { total }), updatedAt: at };
  return accept([{ changes: [unitChange(execution, set)], effects: [] }], null, 'buffered');
}

export function decideFinished(state: CoreState, event: Of<'finished'>): Decision {
  const execution = executionOf(state, event);
  if (!execution) return stale(event);
  const set = ended(execution, event);
  const unit: Outcome = { changes: [unitChange(execution, set), attemptEnds(execution, event, set)], effects: [] };
  return accept([unit, ...afterwards(state, execution, event)]);
}

/** What the end of a unit means for its task, and for whoever waits for the slot. */
function afterwards(state: CoreState, { task, row }: Execution, event: Of<'finished'>): Outcome[] {
  const { at } = event;
  const { runState, store } = task.row;
  const run = unfinishedRun(task);
  const outcome = event.outcome.kind;
  const figures = runFigures(task, event);
  const counted: Outcome[] =
    run && figures
      ? [{ changes: [{ kind: 'run', taskId: task.row.id, runId: run.id, set: figures }], effects: [] }]
      : [];
  const others = task.byStatus.running.count - 1;
  const { pending, paused, held, failed } = task.runLists;
  const ready = pending.count + paused.count;
  const left = ready + held.count + (outcome === 'stopped' ? 1 : 0);
  const next = (own: Contender) => dispatch(state, { at, store, own, freed: 1 });
  const nobody = () => next(standingAside(task));

  if (run && others === 0 && left === 0) {
    const errors = failed.count + (outcome === 'failed' ? 1 : 0);
    return [runEnds(task, run, errors > 0 ? 'completed_with_errors' : 'completed', at, figures ?? {}), nobody()];
  }
  if (runState === 'running') {
    if (outcome === 'failed' && task.row.onError === 'pause') return [...counted, pausesFor(task, row, at), nobody()];
    if (others === 0 && ready === 0) {
      const reason = coded('pausedByAborts', { units: left });
      return [...counted, rests(task, 'pausing', at, { reason }), nobody()];
    }
    const own = contender(task);
    return [...counted, next({ ...own, running: others })];
  }
  const atRest = others === 0 && (runState === 'pausing' || runState === 'stopping');
  return [...counted, ...(atRest ? [rests(task, runState, at, {})] : []), nobody()];
}

function pausesFor(task: TaskState, failed: UnitRow, at: number): Outcome {
  const reason = coded('pausedByFailure', { unit: failed.name });
  return restsSoon(task, 'pausing', at, { reason }, failed.id);
}

function ended({ task, row }: Execution, { outcome, at }: Of<'finished'>): Partial<UnitFields> {
  switch (outcome.kind) {
    case 'completed': {
      const { processed, bytes, rejected, verified, note } = outcome;
      const done = { status: 'completed', completedAt: at, updatedAt: at, error: null, reason: note } as const;
      return { ...done, total: processed, processed, bytes, rejected, verified };
    }
    case 'failed':
      return { status: 'failed', error: outcome.error, reason: null, ...figures(row, outcome), updatedAt: at };
    case 'stopped': {
      // Told to stop with its task, it goes on with its task; ended by itself, it waits for a person.
      const reason = task.row.runState === 'running' ? coded('unitAborted') : task.row.reason;
      const { processed, bytes } = outcome;
      const checkpoint = outcome.checkpoint ?? row.checkpoint;
      return { status: 'paused', reason, processed, bytes, checkpoint, updatedAt: at };
    }
    default:
      return assertNever(outcome);
  }
}

/** Rows and bytes of the execution itself: what was there before it does not count. */
function attemptEnds({ task, entry, row }: Execution, event: Of<'finished'>, set: Partial<UnitFields>): Change {
  const { outcome, at } = event;
  const attempt: Partial<AttemptRow> = {
    endedAt: at,
    outcome: outcome.kind,
    rows: Math.max(0, (set.processed ?? row.processed) - entry.startProcessed),
    bytes: Math.max(0, (set.bytes ?? row.bytes) - entry.startBytes),
    errorCode: outcome.kind === 'failed' ? outcome.error.code : null,
  };
  const key = { taskId: task.row.id, runId: task.run?.id ?? '', unitId: row.id, attempt: row.attempt };
  return { kind: 'attempt', ...key, set: attempt };
}

/** A run counts the rows, bytes and rejected rows of the units that were completed under it. */
function runFigures(task: TaskState, { outcome }: Of<'finished'>): Partial<RunFields> | null {
  if (!task.run || outcome.kind !== 'completed') return null;
  const { rows, bytes, rejected } = task.run;
  return { rows: rows + outcome.processed, bytes: bytes + outcome.bytes, rejected: rejected + outcome.rejected };
}

/** Figures never fall inside an execution. */
function figures(row: UnitRow, report: { readonly processed: number; readonly bytes: number }) {
  return { processed: Math.max(row.processed, report.processed), bytes: Math.max(row.bytes, report.bytes) };
}

function executionOf(state: CoreState, event: Report): Execution | null {
  const task = state.taskOfUnit.get(event.unitId);
  const entry = task?.units.get(event.unitId);
  if (!task || !entry || entry.row.status !== 'running' || entry.row.attempt !== event.attempt) return null;
  return { task, entry, row: entry.row };
}

function stale(event: Report): Decision {
  return refuse('staleReport', { unit: event.unitId, attempt: event.attempt });
}

function unitChange({ task, row }: Execution, set: Partial<UnitFields>): Change {
  return { kind: 'unit', taskId: task.row.id, unitId: row.id, set };
}

function proceed({ task, row }: Execution): Effect {
  return { kind: 'proceed', taskId: task.row.id, unitId: row.id, attempt: row.attempt };
}
