/**
 * What the host that owns a store and the other hosts of the same folder (windows, commands) say to each other over the
 * owner's local socket. Requests are answered; a viewer that subscribed is pushed the owner's state and then its changes.
 */
import type { Change } from '../core/events.ts';
import type { Coded, LiveSettings, Mode, StartedBy, TaskId } from '../core/model.ts';
import type { Disposable } from '../core/ports.ts';

/** Told by `ping`. Hosts of another version see that the store is managed and who does; they are asked to update. */
export const OWNER_VERSION = 3;

/** The owner says this often that it lives, ms. */
export const OWNER_HEARTBEAT_MS = 2_000;

/** What an owner's commands work on is known to both sides by the same ids. The first argument is the task. */
export const OWNER_COMMANDS = [
  'start',
  'pause',
  'resume',
  'stop',
  'reset',
  'retryFailed',
  'retryRejected',
  'adjust',
  'setMode',
  'addToQueue',
  'removeFromQueue',
  'clearQueue',
  'moveInQueue',
  'abortUnits',
  'restartUnits',
  'syncNow',
  'deleteTask',
] as const;

/** What is kept in the store only: the owner reads it for the others. */
export const OWNER_QUESTIONS = ['runs', 'attempts', 'report'] as const;

export type OwnerCommand = (typeof OWNER_COMMANDS)[number];
export type OwnerQuestion = (typeof OWNER_QUESTIONS)[number];
export type OwnerMethod = OwnerCommand | OwnerQuestion;

/** A call of one of the methods, its arguments checked by {@link asOwnerCall}. */
export interface OwnerCall {
  readonly method: OwnerMethod;
  readonly taskId: TaskId;
  /** The arguments after the task. */
  readonly args: readonly unknown[];
}

/** Beyond the rows: what the owner knows and decisions do not depend on. */
export interface OwnerFacts {
  /** Tasks whose start is being planned. */
  readonly planning: readonly TaskId[];
  /** Why the last start of a task did not begin. */
  readonly startErrors: readonly (readonly [TaskId, Coded])[];
  /** Which side a running task mostly waits for. */
  readonly slowSides: readonly (readonly [TaskId, 'source' | 'target' | 'limits'])[];
  /** What opening the store found. */
  readonly notices: readonly Coded[];
  /** Why nothing can be done now (the disk is full); null = it can. */
  readonly blocked: Coded | null;
  readonly maxRunningUnits: number;
}

/** What a subscribed viewer is told, in this order: pages and changes until `loaded`, then changes. */
export type OwnerPush =
  /** Rows as changes: taken in order with the changes pushed between them they give the owner's state. */
  | { readonly type: 'page'; readonly changes: readonly Change[] }
  | {
      readonly type: 'loaded';
      /** Rows per second of the last two minutes, one sample a second, of the tasks that run. */
      readonly samples: readonly (readonly [TaskId, readonly number[]])[];
    }
  /** Durable changes of about 100 ms; those of a unit are merged. `facts` when they differ from what was told last. */
  | { readonly type: 'changes'; readonly changes: readonly Change[]; readonly facts: OwnerFacts | null }
  | { readonly type: 'heartbeat' };

/** A viewer that subscribed, as the owner sees it. */
export interface ViewerLine {
  /** @param push an {@link OwnerPush} as JSON text. @returns false when the viewer is gone, or dropped as it does not read */
  send(push: string): boolean;
  /** Resolves when what was sent is on its way; false when the viewer is gone. */
  drained(): Promise<boolean>;
  onClosed(listener: () => void): void;
}

/** What an owner answers others; the host that owns the store implements it, its socket asks it. */
export interface OwnerDesk {
  /** A {@link OwnerCall} as it arrived. Refusals of commands are answers; rejects for what cannot be answered at all. */
  call(request: unknown): Promise<unknown>;
  /** "Take over": lets go of the store as soon as nothing of it runs any more. */
  release(): Promise<void>;
  subscribe(viewer: ViewerLine): Disposable;
}

/** The owner, as another host reaches it. */
export interface OwnerLink {
  /** `call` or `release`. @param timeoutMs null = as long as the connection holds */
  request(type: string, params: unknown, timeoutMs: number | null): Promise<unknown>;
  /** Pushes arrive in order from now on; `closed` is called once, with the reason. */
  subscribe(listener: { push(message: OwnerPush): void; closed(reason: Coded): void }): Promise<void>;
  close(): void;
}

const MOST_UNITS = 1_000_000;
const LONGEST_TEXT = 4_096;

/** An argument's check: the value, made of known fields only, or {@link BAD}. */
type Check = (value: unknown) => unknown;

const BAD = Symbol('not what was expected');

const text: Check = (value) => (typeof value === 'string' && value.length <= LONGEST_TEXT ? value : BAD);
const flag: Check = (value) => (typeof value === 'boolean' ? value : BAD);
/** Whether it is in range is said by who acts on it. */
const number: Check = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : BAD);
const ids: Check = (value) =>
  Array.isArray(value) && value.length <= MOST_UNITS && value.every((each) => text(each) !== BAD) ? value : BAD;
const names: Check = (value) => (ids(value) !== BAD && (value as unknown[]).length <= 10_000 ? value : BAD);
const mode = oneOf<Mode>('auto', 'manual');
const startedBy = oneOf<StartedBy>('person', 'command', 'schedule', 'resumeOnStart');

function oneOf<T extends string>(...known: readonly T[]): Check {
  return (value) => (known.some((each) => each === value) ? value : BAD);
}

function orNull(check: Check): Check {
  return (value) => (value === null || value === undefined ? null : check(value));
}

/** null (JSON's undefined) and absent are the same. */
function optional(check: Check): Check {
  return (value) => (value === null || value === undefined ? undefined : check(value));
}

function record(fields: Readonly<Record<string, Check>>): Check {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return BAD;
    const given = new Map(Object.entries(value));
    const known: [string, unknown][] = [];
    for (const [name, check] of Object.entries(fields)) {
      const field = check(given.get(name));
      if (field === BAD) return BAD;
      given.delete(name);
      if (field !== undefined) known.push([name, field]);
    }
    return given.size === 0 ? Object.fromEntries(known) : BAD;
  };
}

const startFields = {
  by: startedBy,
  again: optional(flag),
  units: optional(names),
  mode: optional(mode),
  concurrency: optional(number),
  confirmProduction: optional(text),
  ignoreAfter: optional(flag),
  confirmOutside: optional(flag),
};
const start = record(startFields);
const some = optional(number);
const settings = record({
  concurrency: optional(number),
  onError: optional(oneOf('skip', 'pause')),
  retry: optional(record({ attempts: some, delayMs: some, factor: some, maxDelayMs: some, jitter: some })),
  limits: optional(record({ rowsPerSecond: some, bytesPerSecond: some })),
} satisfies Record<keyof LiveSettings, Check>);
const edge = record({ kind: oneOf('top', 'bottom', 'up', 'down') });
const before = record({ kind: oneOf('before'), unitId: text });
const place: Check = (value) => {
  const known = edge(value);
  return known === BAD ? before(value) : known;
};
const revision = orNull(number);

/** The arguments after the task; missing ones at the end are null. */
const ARGUMENTS: Readonly<Record<OwnerMethod, readonly Check[]>> = {
  start: [start],
  pause: [],
  resume: [optional(start)],
  stop: [],
  reset: [],
  retryFailed: [optional(start), orNull(ids)],
  retryRejected: [optional(start), orNull(ids)],
  adjust: [settings],
  setMode: [mode],
  addToQueue: [ids, record({ to: place, again: optional(flag), baseRev: revision })],
  removeFromQueue: [ids, revision],
  clearQueue: [revision],
  moveInQueue: [ids, place, revision],
  abortUnits: [ids],
  restartUnits: [ids, record({ ...startFields, again: flag })],
  syncNow: [ids, start],
  deleteTask: [],
  runs: [number],
  attempts: [text, number],
  report: [orNull(text)],
};

/** @returns the call, or undefined when it is none: an unknown method, missing, unknown or wrong arguments. */
export function asOwnerCall(value: unknown): OwnerCall | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { method, taskId, args } = value as Partial<Record<string, unknown>>;
  if (typeof method !== 'string' || !Object.hasOwn(ARGUMENTS, method)) return undefined;
  if (text(taskId) === BAD || !Array.isArray(args)) return undefined;
  const checks = ARGUMENTS[method as OwnerMethod];
  if (args.length > checks.length) return undefined;
  const checked = checks.map((check, index) => check(args[index]));
  if (checked.includes(BAD)) return undefined;
  return { method: method as OwnerMethod, taskId: taskId as TaskId, args: checked };
}
