/**
 * The owner of a store as another host of the folder sees it: a replica of its state that every local question works on,
 * kept up by its durable changes, and its commands. Reconnects while the owner is there; holds no timer and no socket
 * when it is closed.
 */
import { apply } from '../core/apply.ts';
import type { Change } from '../core/events.ts';
import type { Coded, TaskId } from '../core/model.ts';
import type { Clock, Disposable } from '../core/ports.ts';
import { type CoreState, createState } from '../core/state.ts';
import {
  OWNER_HEARTBEAT_MS,
  type OwnerFacts,
  type OwnerLink,
  type OwnerMethod,
  type OwnerPush,
} from '../protocol/owner.ts';
import { errorOf, failureOf } from './failures.ts';
import type { ProgressMonitor } from './progress-monitor.ts';
import { createRemoteMonitor, type RemoteMonitor } from './remote-monitor.ts';
import { within } from './running-units.ts';

/** Pauses between attempts to reach an owner that is there and does not answer, ms. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** An owner that was not heard for this long does not answer, ms; it may only be busy, and be heard again. */
const SILENCE_MS = 3 * OWNER_HEARTBEAT_MS;
/** For this long what it was asked is waited for, ms. */
const PATIENCE_MS = 10 * OWNER_HEARTBEAT_MS;
const SILENT: Coded = { code: 'folder.ownerSilent', args: {} };

/** The owner's state, of this folder's tasks. Decisions are the owner's: this one is only read. */
export interface Replica {
  readonly state: CoreState;
  /** Rates as they are measured here. */
  readonly monitor: ProgressMonitor;
  facts(): OwnerFacts;
}

export interface RemotePorts {
  readonly clock: Clock;
  connect(): Promise<OwnerLink>;
  /** A complete replica takes the place of what was shown before. */
  replaced(replica: Replica): void;
  /** The replica shown has changed; `facts`: also those. */
  changed(changes: readonly Change[], facts: boolean): void;
  /** Seconds have passed while units ran: rates are others. */
  sampled(taskIds: readonly TaskId[]): void;
  /** `problem` is another one. */
  reachable(): void;
  /** Nobody answers any more or yet: the owner may have ended without a word. */
  left(): void;
}

export interface Remote {
  /** Why the owner cannot be reached; null = it can, or is being connected to for the first time. */
  problem(): Coded | null;
  /** Resolves when the first replica is complete, or the owner cannot be reached. */
  shown(): Promise<void>;
  /** Connects at once when it is not; false = the owner cannot be reached. */
  reached(): Promise<boolean>;
  /** Rejects with a DataError when the owner cannot be asked, or is lost before it answered. */
  call(method: OwnerMethod, taskId: TaskId, args: readonly unknown[]): Promise<unknown>;
  /** Asks it to let go of the store, once it is connected to. Rejects when it does not answer in time. */
  release(timeoutMs: number): Promise<void>;
  close(): void;
}

const NO_FACTS: OwnerFacts = {
  planning: [],
  startErrors: [],
  slowSides: [],
  notices: [],
  blocked: null,
  maxRunningUnits: 0,
};

export function createRemote(ports: RemotePorts): Remote {
  const { clock } = ports;
  let link: OwnerLink | undefined;
  let connecting: Promise<OwnerLink> | undefined;
  let problem: Coded | null = null;
  let pause = FIRST_PAUSE_MS;
  let retry: Disposable | undefined;
  let watchdog: Disposable | undefined;
  let heardAt = 0;
  let closed = false;
  /** Complete, or on the way to be. */
  let current: { readonly replica: Replica; readonly monitor: RemoteMonitor } | undefined;
  let facts = NO_FACTS;
  let complete = false;
  let firstShown: () => void = () => undefined;
  const shown = new Promise<void>((resolve) => {
    firstShown = resolve;
  });

  function connect(): Promise<OwnerLink> {
    connecting ??= reach().finally(() => {
      connecting = undefined;
    });
    return connecting;
  }

  async function reach(): Promise<OwnerLink> {
    retry?.dispose();
    retry = undefined;
    let reached: OwnerLink | undefined;
    try {
      reached = await ports.connect();
      if (closed) throw failureOf({ code: 'folder.closed', args: { folder: '' } });
      const mine = reached;
      begin();
      link = mine;
      heard();
      watch();
      await mine.subscribe({
        push: (message) => link === mine && take(message),
        closed: (reason) => link === mine && lost(reason),
      });
      return mine;
    } catch (error) {
      const { code, args } = errorOf(error);
      reached?.close();
      if (reached === undefined || link === reached) lost({ code, args });
      throw failureOf({ code, args });
    }
  }

  function begin(): void {
    complete = false;
    facts = NO_FACTS;
    const state = createState(Number.MAX_SAFE_INTEGER);
    const monitor = createRemoteMonitor(clock, state, () => facts, ports.sampled);
    current = { monitor, replica: { state, monitor: monitor.monitor, facts: () => facts } };
  }

  function take(message: OwnerPush): void {
    heard();
    const state = current?.replica.state;
    if (!current || !state) return;
    switch (message.type) {
      case 'page':
        apply(state, message.changes);
        break;
      case 'changes':
        apply(state, message.changes);
        if (message.facts) {
          facts = message.facts;
          state.maxRunningUnits = facts.maxRunningUnits;
        }
        if (!complete) break;
        current.monitor.follow(message.changes);
        ports.changed(message.changes, message.facts !== null);
        break;
      case 'loaded':
        complete = true;
        current.monitor.loaded(message.samples);
        pause = FIRST_PAUSE_MS;
        ports.replaced(current.replica);
        firstShown();
        say(null);
        break;
      case 'heartbeat':
        break;
    }
  }

  function heard(): void {
    heardAt = clock.monotonic();
    if (problem === SILENT && complete) say(null);
  }

  function say(now: Coded | null): void {
    if (problem === now) return;
    problem = now;
    ports.reachable();
  }

  /** Looked at twice: this process may be the one that slept. */
  function watch(suspect = false): void {
    watchdog?.dispose();
    watchdog = clock.timer(OWNER_HEARTBEAT_MS, () => {
      const silence = clock.monotonic() - heardAt;
      if (silence > PATIENCE_MS && suspect) {
        lost(SILENT);
        return;
      }
      if (silence > SILENCE_MS && suspect) {
        firstShown();
        say(SILENT);
      }
      watch(silence > SILENCE_MS);
    });
  }

  function lost(reason: Coded): void {
    watchdog?.dispose();
    const before = link;
    link = undefined;
    before?.close();
    current?.monitor.dispose();
    if (closed) return;
    firstShown();
    say(reason.code === 'host.timeout' ? SILENT : reason);
    retry?.dispose();
    retry = clock.timer(pause, () => {
      retry = undefined;
      connect().catch(() => undefined);
    });
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    ports.left();
  }

  connect().catch(() => undefined);
  return {
    problem: () => problem,
    shown: () => shown,
    async reached() {
      if (problem === SILENT) return false;
      return (
        (link !== undefined && !connecting) ||
        connect().then(
          () => true,
          () => false,
        )
      );
    },
    async call(method, taskId, args) {
      const to = link && !connecting ? link : await connect();
      try {
        return await to.request('call', { method, taskId, args }, null);
      } catch (error) {
        const { code, args: told } = errorOf(error);
        throw failureOf({ code, args: told });
      }
    },
    async release(timeoutMs) {
      if (link && problem === SILENT) throw failureOf(SILENT);
      const until = clock.monotonic() + timeoutMs;
      if (!link) await within(clock, timeoutMs, connect());
      if (!link) throw failureOf(problem ?? SILENT);
      await link.request('release', null, Math.max(1, until - clock.monotonic()));
    },
    close() {
      closed = true;
      firstShown();
      retry?.dispose();
      watchdog?.dispose();
      link?.close();
      link = undefined;
      current?.monitor.dispose();
    },
  };
}
