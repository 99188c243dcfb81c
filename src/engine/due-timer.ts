/** One timer for the nearest retry of all tasks that run; none while nobody waits for one. */
import type { Change, Event } from '../core/events.ts';
import type { TaskId } from '../core/model.ts';
import type { Clock, Disposable } from '../core/ports.ts';
import { nextDueAt, tasksOf } from '../core/select.ts';
import type { CoreState } from '../core/state.ts';

/** A machine that sleeps, or a clock that is set, is noticed within this time, ms. */
const LONGEST_MS = 30_000;
/** A retry that was told and is still there (a clock that jumped) is told again after this time, ms. */
const AGAIN_MS = 250;

export interface DueTimer {
  /** Call after each change of the state. */
  changed(changes: readonly Change[]): void;
  /** Call when a store takes reports again. */
  mayReportAgain(): void;
  dispose(): void;
}

type Due = NonNullable<ReturnType<typeof nextDueAt>>;

export interface DueTimerPorts {
  readonly state: CoreState;
  readonly clock: Clock;
  /** false = the task's store takes nothing now; what waits for it is decided later. */
  mayReport(taskId: TaskId): boolean;
  report(event: Event): void;
}

export function createDueTimer({ state, clock, mayReport, report }: DueTimerPorts): DueTimer {
  let timer: Disposable | undefined;

  function arm(least: number): void {
    timer?.dispose();
    timer = undefined;
    const next = nearest();
    if (!next) return;
    const wait = Math.min(LONGEST_MS, Math.max(least, next.at - clock.now()));
    timer = clock.timer(wait, () => {
      timer = undefined;
      const due = nearest();
      if (due) report({ type: 'due', at: clock.now(), taskId: due.taskId });
      arm(AGAIN_MS);
    });
  }

  /** Of the stores that take reports: what one of them cannot take does not hold up the others. */
  function nearest(): Due | null {
    let next: Due | null = null;
    for (const store of new Set(tasksOf(state, null).map((row) => row.store))) {
      const due = nextDueAt(state, store);
      if (due && (!next || due.at < next.at) && mayReport(due.taskId)) next = due;
    }
    return next;
  }

  return {
    changed(changes) {
      if (changes.some(concerns)) arm(0);
    },
    mayReportAgain: () => arm(0),
    dispose: () => timer?.dispose(),
  };
}

function concerns(change: Change): boolean {
  switch (change.kind) {
    case 'unit':
    case 'unitsWhere':
      return change.set.nextRetryAt !== undefined;
    case 'task':
      return change.set.runState !== undefined || change.set.switchingTo !== undefined;
    default:
      return change.kind === 'dropTask';
  }
}
