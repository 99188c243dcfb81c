/**
 * What hosts (the extension, the command line, later a server) see of the engine.
 * One TaskManager serves all workspace folders of a process; each folder brings its own store.
 */
import type { ConfigModel } from '../config/model.ts';
import type { Answer } from '../core/events.ts';
import type {
  Coded,
  RunOutcome,
  RunRow,
  RunState,
  StartedBy,
  TaskId,
  UnitId,
  UnitRow,
  UnitStatus,
} from '../core/model.ts';
import type { Disposable, PlanResult, Secrets, Store, VerifyResult } from '../core/ports.ts';
import type { TaskHeader, UnitReason, UnitsSnapshot } from '../protocol/panel.ts';

/** The file's content now in force. A bad file keeps the last good model; `problems` counts the errors of the newest text. */
export interface DefinitionState {
  readonly model: ConfigModel | null;
  readonly problems: number;
}

export interface Definitions {
  current(): DefinitionState;
  /** Called after each change that is in force. */
  onChange(listener: () => void): Disposable;
}

/** Who holds a store that is not ours. */
export interface OwnerInfo {
  readonly pid: number;
  readonly hostName: string;
  /** "VS Code" or "command line". */
  readonly kind: string;
}

export type StoreGrant =
  /** Ours until `release`. `lost` resolves when another host took it over: nothing may be committed any more. */
  | { readonly kind: 'owned'; readonly store: Store; readonly notices: readonly Coded[]; release(): Promise<void> }
  | { readonly kind: 'managed'; readonly owner: OwnerInfo }
  /** The store cannot be used; says why and what to do. */
  | { readonly kind: 'unusable'; readonly problem: Coded };

/** Access to one folder's store: lock, file and socket, as src/workspace composes them. */
export interface StoreAccess {
  acquire(): Promise<StoreGrant>;
  /** Who holds the store by its own word, without asking for it; it may have ended without a word. */
  owner(): OwnerInfo | undefined;
  /** Differs when the stored content may differ. */
  stamp(): string;
  /** Called when the owner of a store that is not ours changed or went away. */
  onOwnerChange(listener: () => void): Disposable;
}

export interface Folder {
  /** First 16 hex digits of the SHA-256 of the folder's real path; the store's key. */
  readonly key: string;
  /** Absolute path of the folder that holds the configuration. */
  readonly path: string;
  /** Name for people. */
  readonly name: string;
  readonly definitions: Definitions;
  readonly secrets: Secrets;
  readonly access: StoreAccess;
  /** false = view only: an untrusted workspace. */
  trusted(): boolean;
}

export interface TaskSummary {
  readonly id: TaskId;
  readonly folder: string;
  readonly name: string;
  readonly description: string;
  readonly runState: RunState;
  readonly outcome: RunOutcome | null;
  readonly planning: boolean;
  readonly counts: Readonly<Record<UnitStatus, number>>;
  readonly units: number;
  readonly percent: number;
  /** Why nothing can be done with it now; null = it can. */
  readonly blocked: Coded | null;
  /** The file does not define it any more; its history is kept. */
  readonly definitionRemoved: boolean;
}

export interface StartOptions {
  readonly by: StartedBy;
  /** Units are all completed: begin a new run. */
  readonly again?: boolean;
  /** Globs of unit names: a run limited to these. */
  readonly units?: readonly string[];
  /** For this run only. */
  readonly mode?: 'auto' | 'manual';
  readonly concurrency?: number;
  /** Name of the production target, typed by a person. */
  readonly confirmProduction?: string;
  /** A person agreed that the task uses files outside of the configuration's folder. */
  readonly confirmOutside?: boolean;
}

export interface RunSummary {
  readonly outcome: RunOutcome | null;
  readonly counts: Readonly<Record<UnitStatus, number>>;
  readonly rows: number;
  readonly bytes: number;
  readonly rejected: number;
  /** From the start of the run to its end, or until now; pauses included. ms */
  readonly durationMs: number;
  readonly runState: RunState;
}

/** What changed since the last call: at most one per task and 100 ms; a terminal change is never left out. */
export type ViewChange =
  | { readonly kind: 'tasks' }
  /** Header only, or header and these units (row objects by reference: read, do not keep). */
  | { readonly kind: 'task'; readonly taskId: TaskId; readonly units: ReadonlySet<string> }
  /** Units were added, removed or reset: a new snapshot is needed. */
  | { readonly kind: 'plan'; readonly taskId: TaskId }
  | { readonly kind: 'ended'; readonly taskId: TaskId; readonly summary: RunSummary };

export interface UnitPage {
  readonly units: readonly Readonly<UnitRow>[];
  readonly more: boolean;
}

export interface UnitsDelta {
  /** DELTA_STRIDE numbers per unit, see protocol/panel.ts. */
  readonly numbers: readonly number[];
  readonly reasons: readonly (readonly [number, UnitReason | null])[];
}

export interface TaskManager {
  /** Takes a folder in: loads what its store holds, recovers what a crash left; starts nothing unless `resumeOnStart`. */
  addFolder(folder: Folder): Promise<void>;
  /** Stops what runs there at batch borders and closes its store. */
  removeFolder(key: string): Promise<void>;

  list(): readonly TaskSummary[];
  taskId(folder: string, name: string): TaskId | undefined;
  header(taskId: TaskId): TaskHeader | undefined;
  /** Units of a task in plan order, optionally of one status; pages by the plan order of the last unit seen. */
  units(taskId: TaskId, status: UnitStatus | null, afterPlanOrder: number, limit: number): UnitPage;
  snapshot(
    taskId: TaskId,
  ): { readonly units: UnitsSnapshot; readonly running: UnitsDelta; readonly samples: readonly number[] } | undefined;
  delta(taskId: TaskId, units: ReadonlySet<string>): UnitsDelta;
  /** Name of the unit at an index of the last snapshot. */
  unitAt(taskId: TaskId, index: number): Readonly<UnitRow> | undefined;
  /** Why a unit does not run now, beyond its own reason; null = nothing to add. */
  whyWaiting(unitId: string): Coded | null;
  lastRun(taskId: TaskId): Readonly<RunRow> | undefined;

  /** The answer is given when the change is durable. Refusals are answers, not exceptions. */
  start(taskId: TaskId, options: StartOptions): Promise<Answer>;
  pause(taskId: TaskId): Promise<Answer>;
  /** Goes on as it was; when the definition changed meanwhile, by the checks and the plan of a start. */
  resume(taskId: TaskId, options?: StartOptions): Promise<Answer>;
  stop(taskId: TaskId): Promise<Answer>;
  reset(taskId: TaskId): Promise<Answer>;
  /** @param unitIds only these failed units; null (default) = all of them */
  retryFailed(taskId: TaskId, options?: StartOptions, unitIds?: readonly UnitId[] | null): Promise<Answer>;
  setConcurrency(taskId: TaskId, concurrency: number): Promise<Answer>;
  setMaxRunningUnits(maxRunningUnits: number): void;

  /** A dry run: nothing is changed anywhere. Rejects with a DataError. */
  plan(taskId: TaskId): Promise<PlanResult>;
  verify(taskId: TaskId, onUnit: (result: VerifyResult) => void): Promise<readonly VerifyResult[]>;
  testConnection(folder: string, connection: string): Promise<{ readonly server: string }>;

  /**
   * Resolves when the task is neither running nor on the way to a rest, and its connections are closed; at once when it
   * is at rest. Rejects with a DataError when its store fails: how the task stands is known at the next opening.
   */
  settled(taskId: TaskId): Promise<RunSummary>;
  subscribe(listener: (change: ViewChange) => void): Disposable;
  /** Units stop as by a crash: nothing is lost, Resume is offered at the next opening. */
  dispose(): Promise<void>;
}
