/** What executions report. Only the current execution of a running unit is heard; `attempt` is the fence. */
import { coded } from './codes.ts';
import { accept, refuse } from './decision.ts';
import { accepted, type Draft, put, refused, setRunRow, setUnit, type Verdict } from './draft.ts';
import type { Change, Decision, Effect, Event, UnitFields, UnitOutcome } from './events.ts';
import { type AttemptRow, assertNever, type UnitRow } from './model.ts';
import { putAtHead } from './queue.ts';
import { FROM_BEGINNING, fresh } from './resets.ts';
import { retryDelay } from './retry.ts';
import { unfinishedRun } from './select.ts';
import { restsSoon, settle } from './settle.ts';
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
  const beginning = { checkpoint: event.place ?? null, processed: 0, bytes: 0 };
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

export function decideFinished(draft: Draft, event: Of<'finished'>): Verdict {
  const execution = executionOf(draft.state, event);
  if (!execution) return refused('staleReport', { unit: event.unitId, attempt: event.attempt });
  const { task, entry, row } = execution;
  const { at, outcome } = event;
  const { runState } = task.row;
  const set = ended(execution, event);
  const attempt = attemptEnds(execution, event);
  const before = { ...row };
  const restarts = row.reason?.code === 'unitRestarting' && outcome.kind !== 'completed';
  setUnit(draft, task, row.id, set);
  put(draft, attempt);
  if (outcome.kind === 'completed') countRun(draft, task, before, outcome);
  if (restarts) putAtHead(draft, task, [entry], at);
  if (set.status === 'failed' && task.row.onError === 'pause' && runState === 'running')
    restsSoon(draft, task, 'pausing', at, coded('pausedByFailure', { unit: row.name }));
  settle(draft, task, at);
  return accepted();
}

function ended({ task, row }: Execution, event: Of<'finished'>): Partial<UnitFields> {
  const { outcome, at } = event;
  if (row.reason?.code === 'unitRestarting' && outcome.kind !== 'completed') return fresh(at);
  switch (outcome.kind) {
    case 'completed': {
      const { processed, bytes, rejected, verified, note } = outcome;
      const done = { status: 'completed', completedAt: at, updatedAt: at, error: null, reason: note } as const;
      // What was copied before is as it was.
      if (row.replay) return { ...done, rejected, replay: false };
      return { ...done, total: processed, processed, bytes, rejected, verified };
    }
    case 'failed':
      return {
        ...figures(row, outcome),
        ...(outcome.forget && FROM_BEGINNING),
        ...failure(task, row, event),
        updatedAt: at,
      };
    case 'stopped': {
      // Told to stop with its task, it goes on with its task; ended by itself, it waits for a person.
      const alone = task.row.runState === 'running' || row.reason?.code === 'unitAborting';
      const reason = alone ? coded('unitAborted') : task.row.reason;
      const { processed, bytes } = outcome;
      const checkpoint = outcome.checkpoint ?? row.checkpoint;
      return { status: 'paused', reason, processed, bytes, checkpoint, updatedAt: at };
    }
    default:
      return assertNever(outcome);
  }
}

/** A failure that may go away by itself becomes a wait, as long as the budget lasts; ending it by hand ends that too. */
function failure(task: TaskState, row: UnitRow, event: Of<'finished'>): Partial<UnitFields> {
  const { outcome, at, random } = event;
  if (outcome.kind !== 'failed') return {};
  const { error } = outcome;
  const policy = event.retry ?? task.row.retry;
  const delay = row.reason?.code === 'unitAborting' ? null : retryDelay(row, error, policy, random);
  if (delay === null) return { status: 'failed', error, reason: null };
  const retry = row.retriesUsed + 1;
  const reason = coded('retryWaits', { retry, of: policy.attempts, seconds: Math.ceil(delay / 1000) });
  return { status: 'pending', error, reason, retriesUsed: retry, nextRetryAt: at + delay };
}

/** Rows and bytes of the execution itself: what was there before it does not count, what is given up after it does. */
function attemptEnds({ task, entry, row }: Execution, event: Of<'finished'>): Change {
  const { outcome, at } = event;
  const { processed, bytes } = outcome.kind === 'failed' ? figures(row, outcome) : outcome;
  const replayed = row.replay && outcome.kind === 'completed';
  const attempt: Partial<AttemptRow> = {
    endedAt: at,
    outcome: outcome.kind,
    rows: replayed ? writtenAgain(row, outcome) : Math.max(0, processed - entry.startProcessed),
    bytes: Math.max(0, bytes - entry.startBytes),
    errorCode: outcome.kind === 'failed' ? outcome.error.code : null,
  };
  const key = { taskId: task.row.id, runId: task.run?.id ?? '', unitId: row.id, attempt: row.attempt };
  return { kind: 'attempt', ...key, set: attempt };
}

/** A run counts the rows, bytes and rejected rows of the units that were completed under it. */
function countRun(draft: Draft, task: TaskState, row: UnitRow, outcome: Completed): void {
  const run = unfinishedRun(task);
  if (!run) return;
  const { rows, bytes, rejected } = run;
  setRunRow(draft, task, {
    rows: rows + (row.replay ? writtenAgain(row, outcome) : outcome.processed),
    bytes: bytes + (row.replay ? 0 : outcome.bytes),
    rejected: rejected + outcome.rejected,
  });
}

type Completed = Extract<UnitOutcome, { kind: 'completed' }>;

/** Rejected rows that a replay has brought into the target. */
function writtenAgain({ rejected }: UnitRow, outcome: Completed): number {
  return Math.max(0, rejected - outcome.rejected);
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
