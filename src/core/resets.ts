/** What becomes of a unit that is to be executed again. */
import { NOTHING, type Outcome } from './decision.ts';
import type { Change, UnitFields } from './events.ts';
import type { TaskId, UnitRow } from './model.ts';

/** As if it had never run: fresh checkpoint, the target to be prepared again. Attempts go on counting. */
export function fresh(at: number): Partial<UnitFields> {
  return {
    ...retried(at),
    processed: 0,
    bytes: 0,
    rejected: 0,
    checkpoint: null,
    prepared: null,
    verified: null,
    startedAt: null,
    completedAt: null,
  };
}

/** A failed unit that runs again: what it has copied stays, its budget of retries is new. */
export function retried(at: number): Partial<UnitFields> {
  return { status: 'pending', error: null, reason: null, retriesUsed: 0, nextRetryAt: null, updatedAt: at };
}

/** Several failed units run again: in one statement when they are all the failed ones of the task. */
export function retryFailed(taskId: TaskId, failed: Iterable<UnitRow>, all: boolean, at: number): Outcome {
  if (all) return { ...NOTHING, changes: [{ kind: 'unitsWhere', taskId, statuses: ['failed'], set: retried(at) }] };
  const changes: Change[] = [];
  for (const { id } of failed) changes.push({ kind: 'unit', taskId, unitId: id, set: retried(at) });
  return { ...NOTHING, changes };
}

/** Units that were ended by themselves run again with the others. */
export function letGo(taskId: TaskId, held: Iterable<UnitRow>): Outcome {
  const changes: Change[] = [];
  for (const { id } of held) changes.push({ kind: 'unit', taskId, unitId: id, set: { reason: null } });
  return { ...NOTHING, changes };
}
