/**
 * Folders that several hosts look at: what is ours is told to the others and done for them; what another host manages is
 * shown as it tells it, and asked of it. Local questions and commands do not know the difference.
 */
import type { Answer, Change } from '../core/events.ts';
import type { Coded, TaskId } from '../core/model.ts';
import type { Clock } from '../core/ports.ts';
import { tasksOf } from '../core/select.ts';
import type { CoreState } from '../core/state.ts';
import {
  OWNER_COMMANDS,
  OWNER_QUESTIONS,
  type OwnerCall,
  type OwnerFacts,
  type OwnerMethod,
} from '../protocol/owner.ts';
import type { TaskManager } from './api.ts';
import { errorOf, failureOf, refusal } from './failures.ts';
import type { FolderSession, Sharing } from './folder-session.ts';
import { createOwnerService, type OwnerService } from './owner-service.ts';
import type { TaskRuntime } from './planning.ts';
import type { ProgressMonitor } from './progress-monitor.ts';

/** Refuses what is certainly not done here: the next owner is asked. */
const LEAVING: Coded = { code: 'host.leaving', args: {} };
/** Commands after which units run. */
const BEGINNINGS: ReadonlySet<OwnerMethod> = new Set([
  'start',
  'resume',
  'retryFailed',
  'retryRejected',
  'restartUnits',
  'syncNow',
]);
/** How long a host that is about to leave is waited for, and between two looks at it, ms. */
const PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 50;

/** What views read of a folder's tasks: ours, or the replica of another host's. */
export interface FolderView {
  readonly state: CoreState;
  readonly monitor: ProgressMonitor;
  /** Tasks whose start is being planned. */
  readonly planning: ReadonlySet<TaskId>;
  /** Why the last start of a task did not begin. */
  readonly startErrors: ReadonlyMap<TaskId, Coded>;
  /** What running tasks work with; unknown of another host's. */
  readonly runtimes: ReadonlyMap<TaskId, TaskRuntime>;
}

/** What the owner does for others. */
export type SharedMethods = Pick<TaskManager, OwnerMethod>;

export interface SharingPorts {
  readonly clock: Clock;
  /** Of this process. */
  readonly own: FolderView;
  /** Whether every commit so far is durable. */
  quiet(): boolean;
  /** Why reports of a folder's store wait. */
  stalled(key: string): Coded | null;
  sessionOf(taskId: TaskId): FolderSession | undefined;
  /** Nothing is done any more. */
  ended(): boolean;
  /** Where this process has the store. */
  local(): SharedMethods;
  /** Another replica of the folder is shown. */
  replaced(key: string): void;
  /** The replica of the folder has changed. */
  replicaChanged(key: string, changes: readonly Change[], facts: boolean): void;
  sampled(taskIds: readonly TaskId[]): void;
}

export interface SharedFolders {
  /** For a new session of the folder. */
  sharing(key: string, session: () => FolderSession): Sharing;
  /** The session's store was taken in. */
  opened(key: string): void;
  /** Ownership of the session's store may have changed. */
  ownershipChanged(session: FolderSession): void;
  forget(key: string): void;
  /** Changes of this process' state, of one store. */
  changed(key: string | undefined, changes: readonly Change[]): void;
  factsChanged(): void;
  allDurable(): void;
  overdueMs(): number;
  view(session: FolderSession | undefined): FolderView;
  /** Commands and questions, asked where the store is. */
  readonly methods: SharedMethods;
}

export function createSharing(ports: SharingPorts): SharedFolders {
  const { own, clock } = ports;
  const services = new Map<string, OwnerService>();
  const views = new WeakMap<CoreState, FolderView>();

  function factsOf(session: FolderSession): OwnerFacts {
    const { key } = session.folder;
    const here = (taskId: TaskId): boolean => ports.sessionOf(taskId) === session;
    return {
      planning: [...own.planning].filter(here),
      startErrors: [...own.startErrors].filter(([taskId]) => here(taskId)),
      slowSides: tasksOf(own.state, key).flatMap(({ id }) => {
        const side = own.monitor.slowSide(id);
        return side === null ? [] : [[id, side] as const];
      }),
      notices: session.notices(),
      blocked: ports.stalled(key),
      maxRunningUnits: own.state.maxRunningUnits,
    };
  }

  async function perform(session: FolderSession, { method, taskId, args }: OwnerCall): Promise<unknown> {
    // A run that begins here would end with this process.
    const ends = BEGINNINGS.has(method) && session.folder.stays?.() === false;
    if (ends || ports.ended()) throw failureOf(LEAVING);
    // A socket belongs to one folder: tasks of the others are asked for at theirs.
    if (ports.sessionOf(taskId) !== session) throw failureOf({ code: 'unknownTask', args: { task: taskId } });
    const local = ports.local()[method] as (taskId: TaskId, ...args: readonly unknown[]) => Promise<unknown>;
    const answer = await local(taskId, ...args);
    // What is refused because this process ends is for the next one to decide.
    if (ports.ended() && (answer as Partial<Answer> | null)?.ok === false) throw failureOf(LEAVING);
    return answer;
  }

  function view(session: FolderSession | undefined): FolderView {
    const replica = session?.replica();
    if (!replica) return own;
    const known = views.get(replica.state);
    if (known) return known;
    const { state, monitor, facts } = replica;
    const made: FolderView = {
      state,
      monitor,
      get planning() {
        return new Set(facts().planning);
      },
      get startErrors() {
        return new Map(facts().startErrors);
      },
      runtimes: new Map(),
    };
    views.set(state, made);
    return made;
  }

  // Asked where the store is

  /**
   * @returns undefined = the owner did nothing about it: it cannot be reached, is about to leave, or there is none.
   * What it was asked and did not answer is not asked again: it may have been done.
   */
  async function askOwner(
    taskId: TaskId,
    method: OwnerMethod,
    args: readonly unknown[],
  ): Promise<{ readonly value: unknown } | undefined> {
    const session = ports.sessionOf(taskId);
    const remote = session?.folder.trusted() ? session.remote() : undefined;
    if (!remote || !(await remote.reached())) return undefined;
    try {
      const value = await remote.call(method, taskId, args);
      await remote.shown();
      return { value };
    } catch (error) {
      if (errorOf(error).code !== LEAVING.code) throw error;
      await new Promise<void>((resolve) => clock.timer(LOOK_AGAIN_MS, resolve));
      return undefined;
    }
  }

  /** Another host took the store since we looked last. @returns false = asking it again is of no use */
  async function metOwner(taskId: TaskId, until: number): Promise<boolean> {
    const session = ports.sessionOf(taskId);
    const ownership = await session?.met();
    if (ownership?.kind === 'owned') return true;
    return session?.remote()?.problem() === null && clock.monotonic() < until;
  }

  function command(method: (typeof OWNER_COMMANDS)[number]) {
    return async (taskId: TaskId, ...args: readonly unknown[]): Promise<Answer> => {
      const local = ports.local()[method] as (taskId: TaskId, ...args: readonly unknown[]) => Promise<Answer>;
      const until = clock.monotonic() + PATIENCE_MS;
      try {
        for (;;) {
          const asked = await askOwner(taskId, method, args);
          if (asked) return asked.value as Answer;
          const answer = await local(taskId, ...args);
          if (answer.ok || answer.refusal.code !== 'folder.managed') return answer;
          if (!(await metOwner(taskId, until))) return refusal(ports.sessionOf(taskId)?.blocked() ?? answer.refusal);
        }
      } catch (error) {
        return refusal(errorOf(error));
      }
    };
  }

  function question(method: (typeof OWNER_QUESTIONS)[number]) {
    return async (taskId: TaskId, ...args: readonly unknown[]): Promise<unknown> => {
      const local = ports.local()[method] as (taskId: TaskId, ...args: readonly unknown[]) => Promise<unknown>;
      const until = clock.monotonic() + PATIENCE_MS;
      for (;;) {
        const asked = await askOwner(taskId, method, args);
        if (asked) return asked.value;
        try {
          return await local(taskId, ...args);
        } catch (error) {
          if (errorOf(error).code !== 'folder.managed') throw error;
          if (await metOwner(taskId, until)) continue;
          throw failureOf(ports.sessionOf(taskId)?.blocked() ?? errorOf(error));
        }
      }
    };
  }

  const methods = Object.fromEntries([
    ...OWNER_COMMANDS.map((method) => [method, command(method)] as const),
    ...OWNER_QUESTIONS.map((method) => [method, question(method)] as const),
  ]) as unknown as SharedMethods;

  return {
    sharing(key, sessionOf) {
      const service = createOwnerService({
        key,
        state: own.state,
        clock,
        quiet: ports.quiet,
        facts: () => factsOf(sessionOf()),
        samples: (taskId) => own.monitor.samples(taskId),
        perform: (call) => perform(sessionOf(), call),
        leave: () => sessionOf().leave(),
      });
      services.set(key, service);
      return {
        desk: service,
        replaced: () => ports.replaced(key),
        changed: (changes, facts) => ports.replicaChanged(key, changes, facts),
        sampled: ports.sampled,
      };
    },
    opened: (key) => services.get(key)?.opened(),
    ownershipChanged(session) {
      if (session.store() === undefined) services.get(session.folder.key)?.closed();
    },
    forget(key) {
      services.get(key)?.closed();
      services.delete(key);
    },
    changed(key, changes) {
      if (key !== undefined) services.get(key)?.changed(changes);
    },
    factsChanged() {
      for (const service of services.values()) service.factsChanged();
    },
    allDurable() {
      for (const service of services.values()) service.allDurable();
    },
    overdueMs: () => Math.max(0, ...[...services.values()].map((service) => service.overdueMs())),
    view,
    methods,
  };
}
