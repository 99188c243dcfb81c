/** How a run comes to its end. */
import type { Outcome } from './decision.ts';
import type { RunFields } from './events.ts';
import type { RunOutcome, RunRow } from './model.ts';
import type { TaskState } from './state.ts';

/** The run ends and its task is idle. `figures` = what the event itself adds to the run's row. */
export function runEnds(
  task: TaskState,
  run: RunRow,
  outcome: RunOutcome,
  at: number,
  figures: Partial<RunFields>,
): Outcome {
  const taskId = task.row.id;
  return {
    changes: [
      { kind: 'run', taskId, runId: run.id, set: { ...figures, endedAt: at, outcome } },
      { kind: 'task', taskId, set: { runState: 'idle', reason: null, updatedAt: at } },
    ],
    effects: [
      { kind: 'runEnded', taskId, runId: run.id, outcome },
      { kind: 'release', taskId },
    ],
  };
}

/** An unfinished run is given up: Reset progress, or "Run again" before its end. */
export function runGivenUp(task: TaskState, run: RunRow, at: number): Outcome {
  const taskId = task.row.id;
  return {
    changes: [{ kind: 'run', taskId, runId: run.id, set: { endedAt: at, outcome: 'stopped' } }],
    effects: [{ kind: 'runEnded', taskId, runId: run.id, outcome: 'stopped' }],
  };
}
