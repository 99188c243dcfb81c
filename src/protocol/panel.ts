/**
 * Messages between a host and a view of one task (the webview panel; later a second window over the local socket).
 * The host pushes complete snapshots and then deltas; the view never computes state of its own.
 *
 * Order: each message carries `epoch` (a new one for each snapshot) and `seq` (1, 2, 3 .. within the epoch).
 * A gap or an unknown epoch makes the view send one `resync` and ignore everything until the next snapshot.
 * 100,000 units is a design size, so units travel as buffers and are known by their index in plan order.
 */
import type { Coded, Mode, RunOutcome, RunState, UnitStatus } from '../core/model.ts';

export const PROTOCOL_VERSION = 1;

/** Order of the numbers used for a status in buffers and deltas. */
export const STATUS_ORDER: readonly UnitStatus[] = ['pending', 'running', 'completed', 'failed', 'paused'];

export interface EndView {
  /** Name of the connection. */
  readonly name: string;
  /** "SQLite", "MySQL" .. */
  readonly system: string;
  readonly environment: 'development' | 'staging' | 'production' | null;
}

/** What stands above the list. Rates are windowed, times in ms, instants ms since the epoch of the host's clock. */
export interface TaskHeader {
  readonly taskId: string;
  readonly name: string;
  readonly description: string;
  readonly source: EndView;
  readonly target: EndView;
  /** Network connections that are open to each side now, for all tasks of this host; 0 where another host has them. */
  readonly connections: { readonly source: number; readonly target: number };
  readonly mode: Mode;
  /** A switch is pending: nothing is dispatched until the running units (`counts.running`) have ended. */
  readonly switchingTo: Mode | null;
  /** Revision of the queue: goes back with every edit of it. */
  readonly queueRev: number;
  /** Manual mode: the task runs, and nothing happens until somebody adds units to the queue. */
  readonly waitsForAdditions: boolean;
  readonly runState: RunState;
  /** Of the last run; null while one is unfinished or before the first. */
  readonly outcome: RunOutcome | null;
  /** The start is being planned: the task is not running yet. */
  readonly planning: boolean;
  readonly concurrency: number;
  readonly counts: Readonly<Record<UnitStatus, number>>;
  readonly rowsProcessed: number;
  /** null = not all totals are known. */
  readonly rowsTotal: number | null;
  readonly bytesProcessed: number;
  /** Rows of its units that the target rejected and that are set aside. */
  readonly rejected: number;
  /** 0..100. By rows when all totals are known, else by units; `percentBy` says which. */
  readonly percent: number;
  readonly percentBy: 'rows' | 'units';
  readonly rowsPerSecond: number;
  readonly bytesPerSecond: number;
  /** null = unknown; `estimating` says that it will be known. */
  readonly timeLeftMs: number | null;
  readonly estimating: boolean;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Which side the pipelines mostly wait for. */
  readonly slowSide: 'source' | 'target' | 'limits' | null;
  /** Failures grouped by cause, most frequent first. */
  readonly failures: readonly { readonly cause: Coded; readonly count: number }[];
  /** Things to know about the task: mode in force, definition changed or removed, interrupted, managed elsewhere, store failed .. */
  readonly notices: readonly Notice[];
  /** Why actions are not possible now (untrusted, bad file, owner out of reach), null = they are. */
  readonly blocked: Coded | null;
  /** Another window or command manages the task; what is shown and asked for goes through it. */
  readonly managedBy: Coded | null;
  /** Total of all units that count. */
  readonly units: number;
  readonly now: number;
}

export interface Notice {
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: Coded;
  /** A button beside it. */
  readonly action: CommandType | null;
}

/** All units at once. Every buffer has one entry per unit, in plan order. */
export interface UnitsSnapshot {
  readonly count: number;
  /** UTF-8 of all names without separators; `nameEnds[i]` is the byte after name i (Uint32). */
  readonly names: ArrayBuffer;
  readonly nameEnds: ArrayBuffer;
  /** Uint8, index into STATUS_ORDER. */
  readonly status: ArrayBuffer;
  /** Float64. */
  readonly processed: ArrayBuffer;
  /** Float64, NaN = unknown. */
  readonly total: ArrayBuffer;
  /** Float64, ms spent in the last execution; NaN = none. */
  readonly duration: ArrayBuffer;
  /** Sparse: [index, sentence] of units that have something to say. */
  readonly reasons: readonly (readonly [number, UnitReason])[];
  /** Uint32, indexes of the waiting units in the order of the queue. */
  readonly queue: ArrayBuffer;
}

export interface UnitReason {
  readonly text: Coded;
  /** The system's own words, shown as detail. */
  readonly detail: string | null;
  /** When a retry is due, by the host's clock: the view counts down by itself. null = nothing is waited for. */
  readonly dueAt: number | null;
  readonly severity: 'info' | 'warning' | 'error';
}

/** Numbers per unit in a delta: index, status, processed, total (NaN), rows/s, time left ms (NaN), duration ms (NaN), percent (NaN). */
export const DELTA_STRIDE = 8;

export type HostMessage =
  | {
      readonly type: 'snapshot';
      readonly v: number;
      readonly epoch: string;
      readonly seq: number;
      readonly locale: string;
      readonly header: TaskHeader;
      readonly units: UnitsSnapshot;
      /** Rows per second, one sample a second, oldest first, at most 120. */
      readonly samples: readonly number[];
      /** Same layout as a delta: the units that run now, with their rates. */
      readonly running: readonly number[];
    }
  | {
      readonly type: 'delta';
      readonly v: number;
      readonly epoch: string;
      readonly seq: number;
      readonly header: TaskHeader;
      /** DELTA_STRIDE numbers for each changed unit. */
      readonly units: readonly number[];
      /** New sentence of a unit; null = none any more. */
      readonly reasons: readonly (readonly [number, UnitReason | null])[];
      /** Uint32, indexes of the waiting units in the order of the queue; null = as before but for those that started. */
      readonly queue: ArrayBuffer | null;
      /** A sample for the chart, when a second has passed. */
      readonly sample: number | null;
    }
  /** Every 5 s while the panel is visible: its absence means the host is gone. */
  | { readonly type: 'heartbeat'; readonly v: number; readonly epoch: string }
  | {
      readonly type: 'ack';
      readonly v: number;
      readonly id: number;
      readonly ok: boolean;
      readonly message: Coded | null;
    };

/**
 * `retryFailed`, `retryRejected`, `abort`, `restart`, `syncNow` and `runAgain` take units; without any the first two and the
 * last mean all.
 */
export const COMMAND_TYPES = [
  'start',
  'pause',
  'resume',
  'stop',
  'runAgain',
  'retryFailed',
  'retryRejected',
  'openRejected',
  'setConcurrency',
  'reset',
  'setMode',
  'queueAdd',
  'queueRemove',
  'queueClear',
  'queueMove',
  'abort',
  'restart',
  'syncNow',
  'takeOver',
  'copyReport',
  'openConfig',
  'openLog',
  'showUnitDetails',
  'plan',
] as const;

export type CommandType = (typeof COMMAND_TYPES)[number];

export const PLACES = ['top', 'bottom', 'up', 'down', 'before'] as const;

export interface CommandArgs {
  /** Unit indexes of the current epoch, in the order that is wanted. */
  readonly units?: readonly number[];
  readonly concurrency?: number;
  readonly mode?: Mode;
  /** Where units go in the queue; `before` needs the index of a waiting unit. */
  readonly place?: (typeof PLACES)[number];
  readonly before?: number;
  /** The queue's revision that the request was based on. */
  readonly queueRev?: number;
  /** Completed units run again. */
  readonly again?: boolean;
}

export type ViewMessage =
  | { readonly type: 'ready'; readonly v: number }
  | { readonly type: 'resync'; readonly v: number; readonly reason: string }
  | {
      readonly type: 'command';
      readonly v: number;
      /** Answered by an `ack` of the same id. */
      readonly id: number;
      /** The epoch its indexes belong to. */
      readonly epoch: string;
      readonly command: CommandType;
      readonly args: CommandArgs;
    };
