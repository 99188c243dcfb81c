/**
 * What the product is about: tasks, their units, their runs. Plain data without behaviour.
 * All instants are milliseconds since the epoch; they arrive inside events, nothing here reads a clock.
 * Names and meanings are those of docs/semantics.md.
 */

export type TaskId = string;
export type UnitId = string;
export type RunId = string;

/** A task's scheduling mode: `auto` dispatches every unfinished unit, `manual` only what people queue. */
export type Mode = 'auto' | 'manual';

export type UnitStatus = 'pending' | 'running' | 'completed' | 'failed' | 'paused';
export const UNIT_STATUSES: readonly UnitStatus[] = ['pending', 'running', 'completed', 'failed', 'paused'];

export type RunState = 'idle' | 'running' | 'pausing' | 'paused' | 'stopping' | 'interrupted';

/** How a run ended. `stopped` = given up, `failed` = it could not begin and no unit was executed. */
export type RunOutcome = 'completed' | 'completed_with_errors' | 'stopped' | 'failed';

export type UnitType = 'table' | 'index' | 'file';

/** A sentence that is worded, and translated, only where people see it. */
export interface Coded {
  readonly code: string;
  readonly args: Readonly<Record<string, string | number>>;
  /** What it is due to; worded in the place of `{cause}`. */
  readonly cause?: Coded;
}

/** Whether a failure may go away by itself (connection lost, deadlock) or not (unknown table, access denied). */
export type ErrorClass = 'retryable' | 'permanent';

export interface UnitError extends Coded {
  readonly class: ErrorClass;
  /** The system's own words, already redacted: shown as detail, never interpreted. */
  readonly message: string;
}

/**
 * How the target of a unit was found when it was prepared for a fresh checkpoint:
 * `created` = we made it, `emptied` = we emptied it, `empty` = it held no rows, `rows` = it held rows and kept them.
 */
export type Prepared = 'created' | 'emptied' | 'empty' | 'rows';

export type Verify = 'none' | 'count' | 'checksum';

/** How an interrupted unit goes on: from its beginning, or after its last committed checkpoint. */
export type Resume = 'unit' | 'row';

export interface UnitRow {
  readonly id: UnitId;
  readonly taskId: TaskId;
  readonly name: string;
  readonly type: UnitType;
  /** Position in the plan; ascending, gaps allowed. */
  planOrder: number;
  /** Names of the units that must be completed before this one starts. */
  after: readonly string[];
  status: UnitStatus;
  /** Rows the source holds; null while unknown. */
  total: number | null;
  processed: number;
  bytes: number;
  /** Rows that the target refused and that were set aside; some of `processed`. */
  rejected: number;
  /** The run whose file has them: the one in which this copy of the unit began. null = it has not begun. */
  rejectedRun: RunId | null;
  /** Its copy is complete, and its executions write nothing but the rejected rows again. */
  replay: boolean;
  /** Opaque text of the pipeline; null = from the beginning. */
  checkpoint: string | null;
  /** What this unit can do when interrupted; taken from the plan. */
  resume: Resume;
  /** null until the target was prepared for the current checkpoint. */
  prepared: Prepared | null;
  /** What the completed copy was verified by. */
  verified: Verify | null;
  /** Counts executions; reports of an older attempt are dropped. Only rises. */
  attempt: number;
  /** Retryable failures since the last start or retry by a person. */
  retriesUsed: number;
  /** When the next retry is due; the unit is pending and holds no slot until then. null = none is waited for. */
  nextRetryAt: number | null;
  error: UnitError | null;
  /** Why the unit is as it is, beyond its status: a wait, a note of a completed unit. */
  reason: Coded | null;
  /** No longer in the plan: keeps its history, counts neither as finished nor as unfinished. */
  removed: boolean;
  startedAt: number | null;
  completedAt: number | null;
  updatedAt: number;
}

/** Of units that wait for no other one: one list for all of them. */
export const NO_PARENTS: readonly string[] = [];

/** What a unit has before its first start; the other fields come from the plan. */
export const UNSTARTED = {
  processed: 0,
  bytes: 0,
  rejected: 0,
  rejectedRun: null,
  replay: false,
  checkpoint: null,
  prepared: null,
  verified: null,
  attempt: 0,
  retriesUsed: 0,
  nextRetryAt: null,
  error: null,
  reason: null,
  removed: false,
  startedAt: null,
  completedAt: null,
} as const satisfies Partial<UnitRow>;

export interface TaskRow {
  readonly id: TaskId;
  /** Key of the store (one per workspace folder) that holds this task. */
  readonly store: string;
  name: string;
  mode: Mode;
  switchingTo: Mode | null;
  runState: RunState;
  /** Why the task is as it is, beyond its state: paused by a failure, interrupted by the end of its host. */
  reason: Coded | null;
  /** Units at a time now in force: the file's, or a live change "until changed in the file". */
  concurrency: number;
  onError: ErrorPolicy;
  retry: RetryPolicy;
  limits: Limits;
  /** The definition as last taken in (JSON text, holds no secret) and its hash. */
  config: string;
  configHash: string;
  /** Live changes (JSON text of {concurrency?, onError?, limits?, retry?}), null when there are none. */
  overrides: string | null;
  /** Changes with every edit of the queue by a person, not by starts. */
  queueRev: number;
  /** Start of the newest run that was not limited to some units: what a parent task's run is measured by. */
  fullRunAt: number | null;
  createdAt: number;
  updatedAt: number;
}

export interface RunRow {
  readonly id: RunId;
  readonly taskId: TaskId;
  readonly startedAt: number;
  endedAt: number | null;
  /** Null while the run is unfinished. */
  outcome: RunOutcome | null;
  startedBy: StartedBy;
  mode: Mode;
  concurrency: number;
  /** Names of the units of a limited run; null = all of the task. */
  units: readonly string[] | null;
  rows: number;
  bytes: number;
  /** Rows of its units that the target refused and that are set aside. */
  rejected: number;
}

export type StartedBy = 'person' | 'command' | 'schedule' | 'resumeOnStart';

export interface AttemptRow {
  readonly runId: RunId;
  readonly unitId: UnitId;
  readonly attempt: number;
  readonly startedAt: number;
  endedAt: number | null;
  outcome: 'completed' | 'failed' | 'stopped' | 'lost' | null;
  rows: number;
  bytes: number;
  errorCode: string | null;
}

/** An entry of a task's queue. The smallest `order` is the head; gaps are left so that a move writes one row. */
export interface QueueRow {
  readonly taskId: TaskId;
  readonly unitId: UnitId;
  readonly order: number;
  readonly addedAt: number;
}

/** What a failed unit does to the others: nothing, or the task pauses. */
export type ErrorPolicy = 'skip' | 'pause';

/** When a retryable failure is executed again: delays of `delayMs` x `factor`^(n - 1), at most `maxDelayMs`. */
export interface RetryPolicy {
  /** Executions after the first; 0 = no retry. */
  readonly attempts: number;
  /** ms before the first retry. */
  readonly delayMs: number;
  readonly factor: number;
  /** ms */
  readonly maxDelayMs: number;
  /** Share of the delay that is random, 0..1. */
  readonly jitter: number;
}

/** Rows and bytes per second of one task together; 0 = no limit. */
export interface Limits {
  readonly rowsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** What people change while a task runs, "until changed in the file". */
export interface LiveSettings {
  readonly concurrency: number;
  readonly onError: ErrorPolicy;
  readonly retry: RetryPolicy;
  readonly limits: Limits;
}

/** What of them becomes another one. Members of `retry` and `limits` that are not named stay as they are in force. */
export interface SettingsChange {
  readonly concurrency?: number;
  readonly onError?: ErrorPolicy;
  readonly retry?: Partial<RetryPolicy>;
  readonly limits?: Partial<Limits>;
}

/** The part of a task's definition that decisions depend on. */
export interface TaskDefinition {
  readonly name: string;
  /** Mode of the first start; afterwards the stored one is in force. */
  readonly mode: Mode;
  readonly concurrency: number;
  readonly onError: ErrorPolicy;
  readonly retry: RetryPolicy;
  readonly limits: Limits;
  readonly resumeOnStart: boolean;
  readonly config: string;
  readonly configHash: string;
}

/** One unit of a plan, in plan order. */
export interface PlannedUnit {
  readonly name: string;
  readonly type: UnitType;
  readonly total: number | null;
  readonly resume: Resume;
  /** Names of units of the same plan. */
  readonly after: readonly string[];
}

/** Everything a store holds that decisions need; what `load` answers. */
export interface StoredState {
  readonly tasks: readonly TaskRow[];
  readonly units: readonly UnitRow[];
  /** The newest run of each task. */
  readonly runs: readonly RunRow[];
  /** In any order. */
  readonly queue: readonly QueueRow[];
}

/** Narrowing helper for closed unions: a new member is a compile error at every switch. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
