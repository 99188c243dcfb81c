/** What happened in a run, from what the state and the store's history hold. Reads only. */
import type { AttemptRow, RunRow, TaskId } from '../core/model.ts';
import type { Store } from '../core/ports.ts';
import { countsOf, dependentUnits, runOf, unitOf, unitsOf } from '../core/select.ts';
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
  const attempts = [...store.attempts({ runId: run.id }, MOST_ATTEMPTS)].sort(
    (a, b) => a.startedAt - b.startedAt || a.attempt - b.attempt,
  );
  return {
    task: name,
    source,
    target,
    run,
    counts: countsOf(state, taskId),
    attempts: attempts.map((attempt: AttemptRow) => ({ ...attempt, unit: unitOf(state, attempt.unitId)?.name ?? '' })),
    remarks: run.id === runOf(state, taskId)?.id ? remarksOf(state, taskId, now) : [],
  };
}

function findRun(store: Store, state: CoreState, taskId: TaskId, runId: string | null): Readonly<RunRow> | null {
  const newest = runOf(state, taskId);
  if (runId === null || newest?.id === runId) return newest;
  return store.runs(taskId, Number.MAX_SAFE_INTEGER).find(({ id }) => id === runId) ?? null;
}

/** Units with something to say, of the state as it is now: it is that of the newest run. */
function remarksOf(state: CoreState, taskId: TaskId, now: number): RunReport['remarks'] {
  const blocked = new Set(dependentUnits(state, taskId).map(({ id }) => id));
  const remarks: RunReport['remarks'][number][] = [];
  for (const unit of unitsOf(state, taskId, null, -1, Number.MAX_SAFE_INTEGER)) {
    if (unit.status === 'pending' && unit.reason === null && unit.nextRetryAt === null && !blocked.has(unit.id))
      continue;
    const reason = reasonOf(state, unit, now);
    if (reason) remarks.push({ unit: unit.name, status: unit.status, reason });
  }
  return remarks;
}
