/** What the engine needs from the outside. Hosts supply these; tests and the simulation supply their own. */
import type { Change, UnitOutcome } from './events.ts';
import type {
  AttemptRow,
  Coded,
  Limits,
  Prepared,
  Resume,
  RunId,
  RunRow,
  StoredState,
  TaskId,
  UnitError,
  UnitId,
  UnitType,
} from './model.ts';
import type { ResolvedConnection, UnitSettings } from './settings.ts';

export interface Disposable {
  dispose(): void;
}

export interface Clock {
  /** Wall clock, ms since the epoch. */
  now(): number;
  /** Never goes back, ms; only differences mean something. */
  monotonic(): number;
  /** Calls once after `ms`; does not keep the process alive. */
  timer(ms: number, call: () => void): Disposable;
}

/** Durable state of one workspace folder. The three writes differ in what survives; all commit before they return. */
export interface Store {
  load(): StoredState;
  /**
   * Commits at once, or throws with nothing changed; the promise resolves when the change survives a power cut.
   * After a rejected promise the store is failed for good: nothing may be acknowledged or started any more.
   */
  transact(changes: readonly Change[]): Promise<void>;
  /** Commits at once: survives a kill of the process, a power cut may take it back. */
  commit(changes: readonly Change[]): void;
  /** Keeps the newest values per unit and commits them at most every 500 ms, and before any other write of that unit. */
  tick(changes: readonly Change[]): void;
  /** Runs of a task, newest first. */
  runs(taskId: TaskId, limit: number): readonly RunRow[];
  /** Executions under a run, or of one unit under any run; newest first. */
  attempts(of: { readonly runId: RunId } | { readonly unitId: UnitId }, limit: number): readonly AttemptRow[];
  /** Called once when the store cannot be trusted any more. */
  onFailure(listener: (failure: Coded) => void): Disposable;
  close(): Promise<void>;
}

export interface Random {
  /** In [0, 1). */
  next(): number;
}

export interface Secrets {
  /** The secret kept for a connection, or undefined when there is none. */
  get(connection: string): Promise<string | undefined>;
}

/** Everything a worker needs to execute one unit once. */
export interface UnitJob {
  readonly taskId: TaskId;
  readonly unitId: UnitId;
  readonly attempt: number;
  readonly unitName: string;
  readonly unitType: UnitType;
  readonly source: ResolvedConnection;
  readonly target: ResolvedConnection;
  readonly settings: UnitSettings;
  readonly limits: Limits;
  /** Where to go on; null = from the beginning. */
  readonly checkpoint: string | null;
  /** null = the target has to be prepared; else how it was found at its preparation. */
  readonly prepared: Prepared | null;
  /** Absolute path of the file that takes rejected rows. Absent: there is no place for one. */
  readonly deadLetters?: string;
  /** The unit is copied: only its rejected rows are written again. The figures are those of its copy. */
  readonly replay?: { readonly processed: number; readonly bytes: number; readonly rejected: number };
}

/** What a unit's execution reports. `prepared` and `checkpoint` are answered by `proceed` once they are recorded. */
export type UnitReport =
  | {
      readonly type: 'prepared';
      readonly prepared: Prepared;
      readonly total: number | null;
      /** Which target that was: kept in the place of a checkpoint until there is one. */
      readonly place: string;
    }
  | {
      readonly type: 'checkpoint';
      readonly checkpoint: string;
      readonly processed: number;
      readonly bytes: number;
      readonly phase: Phase;
    }
  | {
      readonly type: 'progress';
      readonly processed: number;
      readonly bytes: number;
      readonly total: number | null;
      readonly phase: Phase;
    }
  | { readonly type: 'finished'; readonly outcome: UnitOutcome };

/** What a unit spends its time on: lets people see the slow side (`waiting`: for its limits). */
export type Phase = 'reading' | 'writing' | 'waiting' | 'verifying' | 'preparing';

/** A pair of systems and the units to look at. */
export interface PlanRequest {
  readonly taskId: TaskId;
  readonly source: ResolvedConnection;
  readonly target: ResolvedConnection;
  /** Globs in order, `!` excludes; views only when named exactly. */
  readonly units: readonly string[];
  /** Settings by unit name; `fallback` computes target names as prefix + name + suffix. */
  readonly settings: PlanSettings;
}

export interface PlanSettings {
  readonly prefix: string;
  readonly suffix: string;
  /** For units without an entry of their own; its targetName is ignored. */
  readonly fallback: UnitSettings;
  /** By exact unit name. */
  readonly overrides: Readonly<Record<string, UnitSettings>>;
}

/** What the plan says of one unit. */
export interface UnitPlan {
  readonly name: string;
  readonly type: UnitType;
  readonly targetName: string;
  /** Estimated rows, null = unknown. */
  readonly rows: number | null;
  /** Key columns the pages are ordered by; empty = copied as one atomic piece. */
  readonly key: readonly string[];
  readonly resume: Resume;
  /** Most ranges of it that are copied at the same time: so many connections on each side. */
  readonly lanes: number;
  /** Units of the same plan that must be completed first. */
  readonly after: readonly string[];
  /** What will be created in the target (for example DDL); null = it is there. */
  readonly create: string | null;
  readonly warnings: readonly Coded[];
  /** Why it cannot be copied exactly; a unit with refusals is not executed. */
  readonly refusals: readonly Coded[];
}

export interface PlanResult {
  readonly units: readonly UnitPlan[];
  readonly warnings: readonly Coded[];
  /** How it will be done, where there are several ways. Absent: nothing to say. */
  readonly notes?: readonly Coded[];
}

export interface VerifyResult {
  readonly unit: string;
  readonly sourceRows: number;
  readonly targetRows: number;
  readonly equal: boolean;
  /** What was compared: how many rows there are, or their values, too. */
  readonly by: 'count' | 'checksum';
  /** The first row that is not the same; null where nobody looked for it (only counted), or there is none. */
  readonly difference: Coded | null;
  readonly error: UnitError | null;
}

/** Runs the data plane somewhere else (worker threads). Never throws for what a system answers: those are outcomes. */
export interface Executor {
  /** Starts at once. `report` is called in order; exactly one `finished`, also when the worker dies. */
  start(job: UnitJob, report: (report: UnitReport) => void): void;
  /** What the worker waits for after `prepared` and `checkpoint`. */
  proceed(unitId: UnitId, attempt: number): void;
  /** Sets a flag the worker sees before its next batch; it then reports `finished` / `stopped`. Synchronous. */
  stop(unitId: UnitId, attempt: number): void;
  /** Ends a unit that cannot or must not be waited for: it reports `failed` with this error, once, within seconds. */
  abort(unitId: UnitId, attempt: number, error: UnitError): void;
  setLimits(taskId: TaskId, limits: Limits): void;
  /** Rejects with a {@link DataError}; when `signal` is aborted at once with its reason, hung server or not. */
  plan(request: PlanRequest, signal?: AbortSignal): Promise<PlanResult>;
  verify(request: PlanRequest, unit: string, signal?: AbortSignal): Promise<VerifyResult>;
  testConnection(connection: ResolvedConnection, signal?: AbortSignal): Promise<{ readonly server: string }>;
  /** Network connections that all workers have open now to the system behind a connection's name. */
  connections(name: string): number;
  /** Closes what workers keep open for the task. */
  release(taskId: TaskId): Promise<void>;
  dispose(): Promise<void>;
}

/** A failure with a code people can act on; crosses thread borders as its `error`. */
export class DataError extends Error {
  override name = 'DataError';
  readonly error: UnitError;
  constructor(error: UnitError, options?: ErrorOptions) {
    super(error.message || error.code, options);
    this.error = error;
  }
}
