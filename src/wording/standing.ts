/** How a task stands: one decision and one set of words for the panel, the tree, the status bar and the command line. */
import type { Coded, RunOutcome, RunState, UnitStatus } from '../core/model.ts';

/** A task at rest is told apart by what became of its units; the state of its last run alone would say too much. */
export type Standing =
  | Exclude<RunState, 'idle'>
  | 'planning'
  | 'waitsForUnits'
  | 'ready'
  | 'stopped'
  | 'completed'
  | 'completedWithErrors'
  | 'couldNotStart';

export interface StandingFacts {
  readonly runState: RunState;
  readonly planning: boolean;
  readonly waitsForAdditions: boolean;
  /** Of the last run. */
  readonly outcome: RunOutcome | null;
  readonly counts: Readonly<Record<UnitStatus, number>>;
  readonly units: number;
  /** 0..100 */
  readonly percent: number;
  /** Rows that the target rejected. */
  readonly rejected: number;
}

export function standingOf(task: StandingFacts): Standing {
  if (task.planning) return 'planning';
  if (task.runState === 'running' && task.waitsForAdditions) return 'waitsForUnits';
  return task.runState === 'idle' ? atRest(task) : task.runState;
}

/** A reset leaves the outcome of its last run behind, and a run of some units completes while others are left. */
function atRest({ outcome, counts, units, percent, rejected }: StandingFacts): Standing {
  if (outcome === 'failed') return 'couldNotStart';
  if (units > 0 && counts.completed === units) return rejected > 0 ? 'completedWithErrors' : 'completed';
  const untouched = counts.pending === units && percent === 0;
  if (untouched || outcome === 'completed') return 'ready';
  return outcome === 'completed_with_errors' ? 'completedWithErrors' : 'stopped';
}

/** In lower case, as it stands within a line. */
export function standingWord(standing: Standing): Coded {
  return { code: `standing.${standing}`, args: {} };
}
