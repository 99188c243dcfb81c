/**
 * What hosts (the extension, the command line, later a server) see of the engine.
 * One TaskManager serves all workspace folders of a process; each folder brings its own store.
 */
import type { ConfigModel } from '../config/model.ts';
import type { Answer, Place } from '../core/events.ts';
import type {
  AttemptRow,
  Coded,
  Mode,
  RunId,
  RunOutcome,
  RunRow,
  RunState,
  SettingsChange,
  StartedBy,
  TaskId,
  UnitId,
  UnitRow,
  UnitStatus,
} from '../core/model.ts';
import type { Disposable, PlanResult, Secrets, Store, VerifyResult } from '../core/ports.ts';
import type { OwnerDesk, OwnerLink } from '../protocol/owner.ts';
import type { EndView, TaskHeader, UnitReason, UnitsSnapshot } from '../protocol/panel.ts';

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
  /**
   * @param desk answers other hosts of the folder from now on until the store is released
   * @param force a person's Take Over: also from an owner that lives, once that one cannot commit any more
   */
  acquire(desk?: OwnerDesk, force?: boolean): Promise<StoreGrant>;
  /** Talks to the host that holds the store. Rejects when it does not answer. Without it others are only known to be there. */
  connect?(): Promise<OwnerLink>;
  /** Who holds the store by its own word, without asking for it; it may have ended without a word. */
  owner(): OwnerInfo | undefined;
  /** Differs when the stored content may differ. */
  stamp(): string;
  /** Called when the owner of a store that is not ours changed or went away. */
  onOwnerChange(listener: () => void): Disposable;
  /** Without it there is no place for rejected rows. */
  readonly deadLetters?: DeadLetterFiles;
}

/** Files of rejected rows, beside the store: one for each run of a task. */
export interface DeadLetterFiles {
  /** Absolute path; nothing is made by asking. */
  path(taskId: TaskId, runId: RunId): string;
  /** Deletes those of a task but of these runs. Never throws: what stays is tried again after the next run. */
  keepOnly(taskId: TaskId, runIds: ReadonlySet<RunId>): void;
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
  /** false = this host ends when its own work is done, so it begins no runs for others. Without it: it stays. */
  stays?(): boolean;
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
  /** Rows of its units that the target rejected and that are set aside. */
  readonly rejected: number;
  readonly mode: Mode;
  readonly switchingTo: Mode | null;
  /** Units that wait in the queue. */
  readonly queued: number;
  /** Manual mode: it runs, and nothing happens until somebody adds units. */
  readonly waitsForAdditions: boolean;
  /** Why nothing can be done with it now; null = it can. */
  readonly blocked: Coded | null;
  /** Another window or command manages it; commands go through it. */
  readonly managedBy: Coded | null;
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
  readonly mode?: Mode;
  readonly concurrency?: number;
  /** Name of the production target, typed by a person. */
  readonly confirmProduction?: string;
  /** A person agreed that tasks which should have completed before are not waited for. */
  readonly ignoreAfter?: boolean;
  /** A person agreed that the task uses files outside of the configuration's folder. */
  readonly confirmOutside?: boolean;
}

export interface RunSummary {
  readonly outcome: RunOutcome | null;
  /** Of all units of the task. */
  readonly counts: Readonly<Record<UnitStatus, number>>;
  /** Units of this run that are pending or paused; a limited run is of some units only. */
  readonly left: number;
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
  | {
      readonly kind: 'task';
      readonly taskId: TaskId;
      readonly units: ReadonlySet<string>;
      /** The queue has changed. */
      readonly queue: boolean;
    }
  /** Units were added, removed or reset: a new snapshot is needed. */
  | { readonly kind: 'plan'; readonly taskId: TaskId }
  | { readonly kind: 'ended'; readonly taskId: TaskId; readonly summary: RunSummary };

export interface UnitPage {
  readonly units: readonly Readonly<UnitRow>[];
  readonly more: boolean;
}

export interface QueueView {
  readonly rev: number;
  readonly unitIds: readonly UnitId[];
}

/** A run as a report tells it; instants in ms since the epoch. */
export interface RunReport {
  readonly task: string;
  readonly source: EndView;
  readonly target: EndView;
  readonly run: Readonly<RunRow>;
  /** Units of the newest run as they are now; of an older run those it executed, as it left them. */
  readonly counts: Readonly<Record<UnitStatus, number>>;
  /** Executions of the run, oldest first, with the names of their units. */
  readonly attempts: readonly (AttemptRow & { readonly unit: string })[];
  /** Failed units with their causes, units with notes, blocked ones with their reasons; in plan order. */
  readonly remarks: readonly { readonly unit: string; readonly status: UnitStatus; readonly reason: UnitReason }[];
}

export interface UnitsDelta {
  /** DELTA_STRIDE numbers per unit, see protocol/panel.ts. */
  readonly numbers: readonly number[];
  readonly reasons: readonly (readonly [number, UnitReason | null])[];
  /** Indexes in the order of the queue; null = not asked for or as before. */
  readonly queue: readonly number[] | null;
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
  /** @param queue whether the queue is asked for too */
  delta(taskId: TaskId, units: ReadonlySet<string>, queue: boolean): UnitsDelta;
  /** Ids of the waiting units in the order of the queue, and the revision that an edit of it is based on. */
  queue(taskId: TaskId): QueueView;
  /** Name of the unit at an index of the last snapshot. */
  unitAt(taskId: TaskId, index: number): Readonly<UnitRow> | undefined;
  /** Why a unit does not run now, beyond its own reason; null = nothing to add. */
  whyWaiting(unitId: string): Coded | null;
  lastRun(taskId: TaskId): Readonly<RunRow> | undefined;
  /** Absolute path of the file with the rejected rows of a unit (null = of the task, the newest); null = there is none. */
  rejectedFile(taskId: TaskId, unitId: UnitId | null): string | null;
  /** Runs newest first, from the store. Rejects with a DataError when it cannot be read. */
  runs(taskId: TaskId, limit: number): Promise<readonly RunRow[]>;
  /** Executions of a unit under any run, newest first. */
  attempts(taskId: TaskId, unitId: UnitId, limit: number): Promise<readonly AttemptRow[]>;
  /** What happened in a run (null = the newest): for people and for machines. */
  report(taskId: TaskId, runId: string | null): Promise<RunReport>;

  /** The answer is given when the change is durable. Refusals are answers, not exceptions. */
  start(taskId: TaskId, options: StartOptions): Promise<Answer>;
  pause(taskId: TaskId): Promise<Answer>;
  /** Goes on as it was; when the definition changed meanwhile, by the checks and the plan of a start. */
  resume(taskId: TaskId, options?: StartOptions): Promise<Answer>;
  stop(taskId: TaskId): Promise<Answer>;
  reset(taskId: TaskId): Promise<Answer>;
  /** @param unitIds only these failed units; null (default) = all of them */
  retryFailed(taskId: TaskId, options?: StartOptions, unitIds?: readonly UnitId[] | null): Promise<Answer>;
  /** Writes rejected rows again, and nothing else. @param unitIds null (default) = of all units that have some */
  retryRejected(taskId: TaskId, options?: StartOptions, unitIds?: readonly UnitId[] | null): Promise<Answer>;
  /** Live settings, "until changed in the file". */
  adjust(taskId: TaskId, set: SettingsChange): Promise<Answer>;
  /** Switch by draining; the mode in force cancels a pending switch. */
  setMode(taskId: TaskId, mode: Mode): Promise<Answer>;
  addToQueue(
    taskId: TaskId,
    unitIds: readonly UnitId[],
    options: { readonly to: Place; readonly again?: boolean; readonly baseRev?: number | null },
  ): Promise<Answer>;
  removeFromQueue(taskId: TaskId, unitIds: readonly UnitId[], baseRev?: number | null): Promise<Answer>;
  clearQueue(taskId: TaskId, baseRev?: number | null): Promise<Answer>;
  moveInQueue(taskId: TaskId, unitIds: readonly UnitId[], to: Place, baseRev?: number | null): Promise<Answer>;
  abortUnits(taskId: TaskId, unitIds: readonly UnitId[]): Promise<Answer>;
  /** From the beginning and before all others; of a task at rest: as a run limited to these. */
  restartUnits(
    taskId: TaskId,
    unitIds: readonly UnitId[],
    options: StartOptions & { readonly again: boolean },
  ): Promise<Answer>;
  /** "Sync this unit now": next in a running task, else a run limited to these units. */
  syncNow(taskId: TaskId, unitIds: readonly UnitId[], options: StartOptions): Promise<Answer>;
  /** Everything that is stored of a task at rest; its definition and its target stay as they are. */
  deleteTask(taskId: TaskId): Promise<Answer>;
  /** A person takes a folder from the host that manages it. */
  takeOver(folder: string): Promise<Answer>;
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
