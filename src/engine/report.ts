/** What happened in a run, from what the state and the store's history hold. Reads only. */

import type { AttemptRow, RunRow, TaskId, UnitId, UnitStatus } from '../core/model.ts';
import type { Blockers } from '../core/parents.ts';
import type { Store } from '../core/ports.ts';
import { type Counts, dependentUnits, isInRun, runCountsOf, runOf, unitOf, unitsOf } from '../core/select.ts';
import type { CoreState } from '../core/state.ts';
import type { EndView } from '../protocol/panel.ts';
import type { RunReport } from './api.ts';
import { failureOf } from './failures.ts';
import { reasonOf } from './task-view.ts';

/** Executions that a report lists: newest of the run. */
const MOST_ATTEMPTS = 10_000;

export interface ReportSubject {
  readonly taskId: TaskId;
  readonly name: string;
  readonly source: EndView;
  readonly target: EndView;
}

/** Throws a DataError: `runUnknown`. @param runId null = the newest run */
export function reportOf(
  state: CoreState,
  store: Store,
  { taskId, name, source, target }: ReportSubject,
  runId: string | null,
  now: number,
): RunReport {
  const run = findRun(store, state, taskId, runId);
  if (!run) throw failureOf({ code: 'runUnknown', args: { task: name, run: runId ?? '' } });
  const newest = run.id === runOf(state, taskId)?.id;
  // The state is that of the newest run. What became of the units of an older one, only its executions know.
  const executions = store.attempts({ runId: run.id }, newest ? MOST_ATTEMPTS : Number.MAX_SAFE_INTEGER);
  const attempts = executions
    .slice(0, MOST_ATTEMPTS)
    .sort((a, b) => a.startedAt - b.startedAt || a.attempt - b.attempt);
  return {
    task: name,
    source,
    target,
    run,
    counts: newest ? runCountsOf(state, taskId) : countsOfExecutions(executions),
    attempts: attempts.map((attempt: AttemptRow) => ({ ...attempt, unit: unitOf(state, attempt.unitId)?.name ?? '' })),
    remarks: newest ? remarksOf(state, taskId, now) : [],
  };
}

function findRun(store: Store, state: CoreState, taskId: TaskId, runId: string | null): Readonly<RunRow> | null {
  const newest = runOf(state, taskId);
  if (runId === null || newest?.id === runId) return newest;
  return store.runs(taskId, Number.MAX_SAFE_INTEGER).find(({ id }) => id === runId) ?? null;
}

const LEFT_AS: Readonly<Record<NonNullable<AttemptRow['outcome']>, UnitStatus>> = {
  completed: 'completed',
  failed: 'failed',
  stopped: 'paused',
  lost: 'pending',
};

/** How an older run left the units that it executed: what became of the last execution of each. */
function countsOfExecutions(executions: readonly AttemptRow[]): Counts {
  const last = new Map<UnitId, AttemptRow>();
  for (const execution of executions) {
    const known = last.get(execution.unitId);
    if (!known || known.attempt < execution.attempt) last.set(execution.unitId, execution);
  }
  const counts = { pending: 0, running: 0, completed: 0, failed: 0, paused: 0 };
  for (const { outcome } of last.values()) counts[LEFT_AS[outcome ?? 'lost']]++;
  return counts;
}

/** Units of the newest run with something to say. */
function remarksOf(state: CoreState, taskId: TaskId, now: number): RunReport['remarks'] {
  const blockers: Blockers = new Map();
  const blocked = new Set(dependentUnits(state, taskId).map(({ id }) => id));
  const remarks: RunReport['remarks'][number][] = [];
  for (const unit of unitsOf(state, taskId, null, -1, Number.MAX_SAFE_INTEGER)) {
    if (!isInRun(state, unit)) continue;
    if (unit.status === 'pending' && unit.reason === null && unit.nextRetryAt === null && !blocked.has(unit.id))
      continue;
    const reason = reasonOf(state, unit, now, blockers);
    if (reason) remarks.push({ unit: unit.name, status: unit.status, reason });
  }
  return remarks;
}
