/**
 * What can happen to tasks (events), what an event changes (changes, as data that memory and store apply alike)
 * and what the world has to do because of it (effects).
 * Order, always: commit -> memory -> durable -> acknowledgement, views, effects.
 */
import type {
  AttemptRow,
  Coded,
  Limits,
  Mode,
  PlannedUnit,
  Prepared,
  QueueRow,
  RetryPolicy,
  RunId,
  RunOutcome,
  RunRow,
  SettingsChange,
  StartedBy,
  TaskDefinition,
  TaskId,
  TaskRow,
  UnitError,
  UnitId,
  UnitRow,
  UnitStatus,
  Verify,
} from './model.ts';

/** How the execution of a unit ended, as its worker reports it. */
export type UnitOutcome =
  | {
      readonly kind: 'completed';
      readonly processed: number;
      readonly bytes: number;
      readonly rejected: number;
      readonly verified: Verify;
      /** For example "source changed during copy". */
      readonly note: Coded | null;
    }
  | {
      readonly kind: 'failed';
      readonly error: UnitError;
      readonly processed: number;
      readonly bytes: number;
      /**
       * There is proof that what was copied cannot be trusted: the next execution starts from the beginning. The
       * checkpoint that was reported last says so, too.
       */
      readonly forget?: boolean;
    }
  /** Ended at a batch border because it was asked to. */
  | {
      readonly kind: 'stopped';
      readonly processed: number;
      readonly bytes: number;
      readonly checkpoint: string | null;
    };

export type Event =
  /** The file defines a task for the first time, or anew. */
  | {
      readonly type: 'define';
      readonly at: number;
      readonly taskId: TaskId;
      readonly store: string;
      readonly definition: TaskDefinition;
      /**
       * Units (names; `all`) whose source or target is another one than before: what was done for them was done
       * elsewhere, so they begin anew.
       */
      readonly moved?: 'all' | readonly string[];
    }
  /**
   * A slice of a plan, in plan order; a task at rest takes it in. Nothing is started by it. `from` = plan order of the
   * slice's first unit; `gone` = units (names) that the plan does not have any more, told with one of the slices.
   */
  | {
      readonly type: 'takePlan';
      readonly at: number;
      readonly taskId: TaskId;
      readonly from: number;
      readonly units: readonly PlannedUnit[];
      readonly gone: readonly string[];
    }
  /** Begin, or go on with, the task, whose plan was taken in. `only` limits the run to some units (names). */
  | {
      readonly type: 'start';
      readonly at: number;
      readonly taskId: TaskId;
      readonly runId: RunId;
      readonly by: StartedBy;
      readonly again: boolean;
      readonly only: readonly string[] | null;
      /** In manual mode the units of `only` go to the head of the queue: a person chose them. */
      readonly enqueue: boolean;
      /** The units of `only` are completed: their rejected rows are written again, and nothing else. */
      readonly replay?: boolean;
      /** For this run only. */
      readonly mode: Mode | null;
      readonly concurrency: number | null;
      /** Tasks (names, same store) that must have completed before a full new run begins; empty = ignore them. */
      readonly after: readonly string[];
    }
  /** The start did not get as far as a plan (plan refused, no connection): a run that failed before it began. */
  | {
      readonly type: 'startFailed';
      readonly at: number;
      readonly taskId: TaskId;
      readonly runId: RunId;
      readonly by: StartedBy;
      readonly error: UnitError;
    }
  /** Go on after a pause; no new plan. */
  | { readonly type: 'resume'; readonly at: number; readonly taskId: TaskId }
  | { readonly type: 'pause'; readonly at: number; readonly taskId: TaskId; readonly reason: Coded | null }
  | { readonly type: 'stop'; readonly at: number; readonly taskId: TaskId }
  | { readonly type: 'reset'; readonly at: number; readonly taskId: TaskId }
  /**
   * Units that failed, wait for a retry or were ended by themselves (by id; null = all failed ones) run again: in a
   * running task at once. `first` = before all others, and pending ones too ("Sync this unit now").
   */
  | {
      readonly type: 'retry';
      readonly at: number;
      readonly taskId: TaskId;
      readonly unitIds: readonly UnitId[] | null;
      readonly first?: boolean;
    }
  /** Ends running units by themselves; they stay paused until a person or the next start takes them up. */
  | { readonly type: 'abort'; readonly at: number; readonly taskId: TaskId; readonly unitIds: readonly UnitId[] }
  /** From the beginning, and before all others; running ones are ended first. Completed ones only with `again`. */
  | {
      readonly type: 'restart';
      readonly at: number;
      readonly taskId: TaskId;
      readonly unitIds: readonly UnitId[];
      readonly again: boolean;
    }
  /** In a running task: the rejected rows of completed units (null = of all) are written again, before all others. */
  | {
      readonly type: 'replay';
      readonly at: number;
      readonly taskId: TaskId;
      readonly unitIds: readonly UnitId[] | null;
    }
  /** Units to the queue, in this order; one that stands there already stays there. Completed ones only with `again`. */
  | {
      readonly type: 'queueAdd';
      readonly at: number;
      readonly taskId: TaskId;
      readonly unitIds: readonly UnitId[];
      readonly to: Place;
      readonly again: boolean;
      readonly baseRev: number | null;
    }
  | {
      readonly type: 'queueRemove';
      readonly at: number;
      readonly taskId: TaskId;
      readonly unitIds: readonly UnitId[];
      readonly baseRev: number | null;
    }
  | { readonly type: 'queueClear'; readonly at: number; readonly taskId: TaskId; readonly baseRev: number | null }
  /** Waiting entries as one block, in this order. */
  | {
      readonly type: 'queueMove';
      readonly at: number;
      readonly taskId: TaskId;
      readonly unitIds: readonly UnitId[];
      readonly to: Place;
      readonly baseRev: number | null;
    }
  /** Switch by draining; the mode in force cancels a pending switch. */
  | { readonly type: 'setMode'; readonly at: number; readonly taskId: TaskId; readonly mode: Mode }
  /** Live settings, "until changed in the file". */
  | {
      readonly type: 'adjust';
      readonly at: number;
      readonly taskId: TaskId;
      readonly set: SettingsChange;
    }
  /** The time of a retry may have come. */
  | { readonly type: 'due'; readonly at: number; readonly taskId: TaskId }
  /** All that is stored of a task that is at rest. */
  | { readonly type: 'deleteTask'; readonly at: number; readonly taskId: TaskId }
  | { readonly type: 'setMaxRunning'; readonly at: number; readonly maxRunningUnits: number }
  /** A slot freed by a task of another store is offered to this one (changes of one event touch one store). */
  | { readonly type: 'offer'; readonly at: number; readonly taskId: TaskId }
  | {
      readonly type: 'prepared';
      readonly at: number;
      readonly unitId: UnitId;
      readonly attempt: number;
      readonly prepared: Prepared;
      readonly total: number | null;
      /** What is kept until the first checkpoint. Absent: nothing. */
      readonly place?: string;
    }
  /** Rows up to this checkpoint are committed in the target. */
  | {
      readonly type: 'checkpoint';
      readonly at: number;
      readonly unitId: UnitId;
      readonly attempt: number;
      readonly checkpoint: string;
      readonly processed: number;
      readonly bytes: number;
    }
  | {
      readonly type: 'progress';
      readonly at: number;
      readonly unitId: UnitId;
      readonly attempt: number;
      readonly processed: number;
      readonly bytes: number;
      /** New knowledge of the total, null = as before. */
      readonly total: number | null;
    }
  | {
      readonly type: 'finished';
      readonly at: number;
      readonly unitId: UnitId;
      readonly attempt: number;
      readonly outcome: UnitOutcome;
      /** In [0, 1): the share of a retry's delay that chance decides. */
      readonly random: number;
      /** The unit's own policy; left out = the task's. */
      readonly retry?: RetryPolicy;
    }
  /** A store was opened: what a crash left becomes interrupted, paused or idle. Nothing starts by it. */
  | { readonly type: 'recover'; readonly at: number; readonly store: string };

/** Where entries go in a queue. `up` and `down` pass one waiting entry that is not moved along. */
export type Place =
  | { readonly kind: 'top' | 'bottom' | 'up' | 'down' }
  /** Before this entry; before the head when it has started since. */
  | { readonly kind: 'before'; readonly unitId: UnitId };

export type TaskFields = Omit<TaskRow, 'id' | 'store' | 'createdAt'>;
export type UnitFields = Omit<UnitRow, 'id' | 'taskId' | 'name' | 'type'>;
export type RunFields = Omit<RunRow, 'id' | 'taskId' | 'startedAt'>;
export type AttemptFields = Omit<AttemptRow, 'runId' | 'unitId' | 'attempt' | 'startedAt'>;

/** One change of the stored state. Memory and store apply the same list; all changes of an event touch one store. */
export type Change =
  | { readonly kind: 'putTask'; readonly task: TaskRow }
  | { readonly kind: 'task'; readonly taskId: TaskId; readonly set: Partial<TaskFields> }
  | { readonly kind: 'putUnits'; readonly taskId: TaskId; readonly units: readonly UnitRow[] }
  | { readonly kind: 'unit'; readonly taskId: TaskId; readonly unitId: UnitId; readonly set: Partial<UnitFields> }
  /** Every unit of the task in one of these statuses (and not removed), in one statement. */
  | {
      readonly kind: 'unitsWhere';
      readonly taskId: TaskId;
      readonly statuses: readonly UnitStatus[];
      readonly set: Partial<UnitFields>;
    }
  | { readonly kind: 'putRun'; readonly run: RunRow }
  | { readonly kind: 'run'; readonly taskId: TaskId; readonly runId: RunId; readonly set: Partial<RunFields> }
  | { readonly kind: 'putAttempt'; readonly taskId: TaskId; readonly attempt: AttemptRow }
  | {
      readonly kind: 'attempt';
      readonly taskId: TaskId;
      readonly runId: RunId;
      readonly unitId: UnitId;
      readonly attempt: number;
      readonly set: Partial<AttemptFields>;
    }
  /** Entries that are new in the queue or have moved there. */
  | { readonly kind: 'enqueue'; readonly taskId: TaskId; readonly entries: readonly QueueEntry[] }
  | { readonly kind: 'dequeue'; readonly taskId: TaskId; readonly unitIds: readonly UnitId[] }
  | { readonly kind: 'clearQueue'; readonly taskId: TaskId }
  /** Stored only: all but the newest `keep` runs of the task go, with their attempts. */
  | { readonly kind: 'forgetRuns'; readonly taskId: TaskId; readonly keep: number }
  /** Everything that is stored of the task. */
  | { readonly kind: 'dropTask'; readonly taskId: TaskId }
  /** Process-wide, never stored. */
  | { readonly kind: 'maxRunning'; readonly maxRunningUnits: number };

export type QueueEntry = Omit<QueueRow, 'taskId'>;

export type Effect =
  | { readonly kind: 'startUnit'; readonly taskId: TaskId; readonly unitId: UnitId; readonly attempt: number }
  /** End at the next batch border; the worker answers with `finished`. */
  | { readonly kind: 'stopUnit'; readonly taskId: TaskId; readonly unitId: UnitId; readonly attempt: number }
  /** The worker waits for this before it goes on (its preparation or checkpoint is recorded). */
  | { readonly kind: 'proceed'; readonly taskId: TaskId; readonly unitId: UnitId; readonly attempt: number }
  | { readonly kind: 'offer'; readonly taskId: TaskId }
  /** What the task's units may use together from now on. */
  | { readonly kind: 'limits'; readonly taskId: TaskId; readonly limits: Limits }
  | { readonly kind: 'runEnded'; readonly taskId: TaskId; readonly runId: RunId; readonly outcome: RunOutcome }
  /** Nothing of the task runs any more: its workers' connections may be closed. */
  | { readonly kind: 'release'; readonly taskId: TaskId };

/** `durable` = synced before anybody hears of it; `committed` = survives a kill; `buffered` = at most every 500 ms. */
export type Durability = 'durable' | 'committed' | 'buffered';

export type Answer =
  | { readonly ok: true; readonly note: Coded | null }
  | { readonly ok: false; readonly refusal: Coded };

export interface Decision {
  readonly changes: readonly Change[];
  readonly effects: readonly Effect[];
  readonly durability: Durability;
  readonly answer: Answer;
}
