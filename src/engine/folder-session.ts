/**
 * One workspace folder in this process: whether its store is ours, another host's, or unusable.
 * A host owns a store only while it has something to do there (architecture.md, idle cost): it takes the lock, works,
 * and gives it back some seconds after the last task came to rest. In between, views show what was loaded last, and it
 * is read again only when another host has changed it. While another host has it, views show that host's state.
 */
import type { Change } from '../core/events.ts';
import type { Coded, TaskId } from '../core/model.ts';
import type { Clock, Disposable, Store } from '../core/ports.ts';
import type { OwnerDesk } from '../protocol/owner.ts';
import type { Folder, OwnerInfo, StoreGrant } from './api.ts';
import { errorOf } from './failures.ts';
import { createRemote, type Remote, type Replica } from './remote.ts';
import { within } from './running-units.ts';

/** How long a store is kept after the last task came to rest. */
const RELEASE_AFTER_MS = 30_000;
/** The same when it was only opened to be read. */
const RELEASE_AFTER_READING_MS = 1_000;
/** And how long after it would have been, had no commit been on its way to the disk. */
const RELEASE_AGAIN_MS = 1_000;
/** How long an owner may take to let go of its store before a person's Take Over does without it. */
const LET_GO_MS = 6_000;
/** Its socket ends before it gives the lock back: between two looks, and the longest. */
const LOOK_AGAIN_MS = 50;
const LOOK_FOR_MS = 3_000;
/** A host that begins or ends has the lock for a moment without answering: this long one, and all of them, are waited for. */
const COMING_OR_GOING_MS = 10_000;
const ALL_COMING_OR_GOING_MS = 60_000;
/** How long the units of a store that is given away may take to end. */
const LEAVE_MS = 5_000;

const TAKEN_OVER: Coded = { code: 'folder.takenOver', args: {} };

export type Ownership =
  | { readonly kind: 'owned'; readonly store: Store }
  | { readonly kind: 'refused'; readonly reason: Coded };

export interface FolderSession {
  readonly folder: Folder;
  /** Takes the store, or says why not. Calls made meanwhile share one answer. */
  own(): Promise<Ownership>;
  /** The store while it is ours and healthy. */
  store(): Store | undefined;
  /** Why nothing can be done with this folder's tasks as far as we know; asking for it may still succeed. */
  blocked(): Coded | null;
  /** Who has the store, when it is not us. */
  managedBy(): Coded | null;
  /** The host that has the store, when it can be talked to; it may not answer. */
  remote(): Remote | undefined;
  /** What that host told: shown in the place of what was loaded last. */
  replica(): Replica | undefined;
  /**
   * Takes the store, or resolves when the host that has it shows its state. One that does not answer is waited for a
   * while: it may be about to listen, or to give the store back.
   */
  met(): Promise<Ownership>;
  /** A person's will: asks the host that has the store to let go of it, and does without its answer. */
  takeOver(): Promise<Ownership>;
  /** The other side of that: nothing is committed from now on; resolves when the store was given back. */
  leave(): Promise<void>;
  /** The store was ours and cannot be trusted any more. */
  failure(): Coded | null;
  /** What opening the store found and people should know. */
  notices(): readonly Coded[];
  /** Call when a task came to rest or began: arms or disarms giving the store back. */
  restChanged(atRest: boolean): void;
  close(): Promise<void>;
}

export interface FolderSessionEvents {
  /** The store is ours: take its content in. What it throws makes the store unusable, not empty. */
  opened(store: Store): Promise<void>;
  /** `blocked` or ownership changed. */
  changed(): void;
  /** The store cannot be trusted any more: abort what runs. @returns when it has ended */
  failed(reason: Coded): Promise<void> | void;
  /** Whether commits of the store are on their way to the disk: what comes of them may keep it. */
  syncing(): boolean;
  /** Without it other hosts are only known to be there. */
  readonly sharing?: Sharing;
  log(line: Coded): void;
}

/** How a folder is shared with other hosts: what they are answered, and what becomes of what they tell. */
export interface Sharing {
  /** Answers other hosts while the store is ours. */
  readonly desk: OwnerDesk;
  /** Another replica is shown. */
  replaced(): void;
  /** The replica has changed; `facts`: also what is known beyond the rows. */
  changed(changes: readonly Change[], facts: boolean): void;
  /** Seconds have passed while units ran: rates are others. */
  sampled(taskIds: readonly TaskId[]): void;
}

type Owned = Extract<StoreGrant, { kind: 'owned' }>;

export function createFolderSession(folder: Folder, clock: Clock, events: FolderSessionEvents): FolderSession {
  const { access } = folder;
  /** What the last look said; undefined = free for all we know. */
  let grant: StoreGrant | undefined;
  /** Being read: nobody but the reader may use it yet. */
  let opening: Store | undefined;
  let failure: Coded | null = null;
  let acquiring: Promise<Ownership> | undefined;
  let releasing: Promise<void> | undefined;
  /** Resolves when nothing of a store that was lost runs any more: only then may the same units be started again. */
  let ended: Promise<unknown> | undefined;
  let releaseTimer: Disposable | undefined;
  let watching: Disposable | undefined;
  let remote: Remote | undefined;
  let replica: Replica | undefined;
  let stamp = '';
  /** Calls of `met` under way: what passes is not told meanwhile. */
  let meetings = 0;
  /** The process that was waited for in vain. */
  let mute: number | undefined;
  let atRest = true;
  /** Another host was promised the store: it is not taken back before that one had its turn. */
  let leaving = false;
  let closed = false;

  // Taking the store

  function own(force = false): Promise<Ownership> {
    if (leaving) return Promise.resolve(refused(TAKEN_OVER));
    acquiring ??= acquire(force).finally(() => {
      acquiring = undefined;
    });
    return acquiring;
  }

  async function acquire(force: boolean): Promise<Ownership> {
    await releasing;
    await ended;
    if (grant?.kind === 'owned' && failure === null) return { kind: 'owned', store: grant.store };
    await release();
    if (closed) return refused(closedReason());
    unwatch();
    const asked = await access.acquire(events.sharing?.desk, force);
    const taken = asked.kind === 'owned' ? await open(asked) : asked;
    if (closed && taken.kind === 'owned') await giveBack(taken);
    grant = taken;
    if (taken.kind !== 'managed') replica = undefined;
    if (taken.kind === 'owned') armRelease(RELEASE_AFTER_MS);
    else watch();
    follow();
    events.changed();
    if (taken.kind === 'owned' && !closed) return { kind: 'owned', store: taken.store };
    return refused(managedBy() ?? blocked() ?? closedReason());
  }

  async function met(): Promise<Ownership> {
    meetings++;
    try {
      return await meet();
    } finally {
      meetings--;
      events.changed();
    }
  }

  async function meet(): Promise<Ownership> {
    const latest = clock.monotonic() + ALL_COMING_OR_GOING_MS;
    let until = clock.monotonic() + COMING_OR_GOING_MS;
    let last: number | undefined;
    for (;;) {
      const ownership = await own();
      if (!isManaged(ownership) || !remote) return ownership;
      await remote.shown();
      const problem = remote?.problem()?.code;
      if (problem === undefined || !PASSING.has(problem)) return ownership;
      const who = grant?.kind === 'managed' ? grant.owner.pid : undefined;
      if (who === mute) return ownership;
      if (who !== last) until = Math.min(latest, clock.monotonic() + COMING_OR_GOING_MS);
      last = who;
      if (clock.monotonic() >= until) {
        mute = who;
        return ownership;
      }
      await new Promise<void>((resolve) => clock.timer(LOOK_AGAIN_MS, resolve));
      await remote?.reached();
    }
  }

  async function open(taken: Owned): Promise<StoreGrant> {
    failure = null;
    taken.store.onFailure((reason) => failed(taken, reason));
    opening = taken.store;
    try {
      await events.opened(taken.store);
      return taken;
    } catch (error) {
      const { code, args } = errorOf(error);
      await giveBack(taken);
      return { kind: 'unusable', problem: { code, args } };
    } finally {
      opening = undefined;
    }
  }

  async function takeOver(): Promise<Ownership> {
    let ownership = await own();
    if (!isManaged(ownership)) return ownership; // there was nobody to be asked
    const until = (await askedToLetGo()) ? clock.monotonic() + LOOK_FOR_MS : 0;
    ownership = await own();
    while (isManaged(ownership) && clock.monotonic() < until) {
      await new Promise<void>((resolve) => clock.timer(LOOK_AGAIN_MS, resolve));
      ownership = await own();
    }
    if (!isManaged(ownership)) return ownership;
    while (acquiring) await acquiring; // a look that takes nothing by force
    return own(true);
  }

  /** @returns false = nobody is there who answers */
  async function askedToLetGo(): Promise<boolean> {
    try {
      await remote?.release(LET_GO_MS);
      return remote !== undefined;
    } catch (thrown) {
      const error = errorOf(thrown);
      events.log(error); // also when it ended the conversation together with its ownership
      return error.code !== 'host.timeout' && error.code !== 'folder.ownerSilent';
    }
  }

  // Losing it

  function failed(of: Owned, reason: Coded): void {
    if (grant !== of && opening !== of.store) return;
    failure = reason;
    void stopped(reason);
    events.changed();
    // A lost lock is no failure of the store: another host has it, and this one watches.
    if (reason.code === TAKEN_OVER.code) releasing = release().then(watchAgain);
  }

  async function leave(): Promise<void> {
    await acquiring;
    if (grant?.kind !== 'owned' || failure !== null) return releasing;
    failure = TAKEN_OVER;
    leaving = true;
    // Two hosts must not write the same rows: the other one gets the store when ours have ended.
    releasing = within(clock, LEAVE_MS, stopped(TAKEN_OVER))
      .then(release)
      .then(() => {
        leaving = false;
        watchAgain();
        events.changed();
      });
    events.changed();
    return releasing;
  }

  function stopped(reason: Coded): Promise<unknown> {
    ended = Promise.all([ended, events.failed(reason)]).catch((error: unknown) => events.log(errorOf(error)));
    return ended;
  }

  function watchAgain(): void {
    watch();
    look();
  }

  // Watching who has it

  /** Somebody took the store or gave it back. */
  function look(): void {
    if (closed || grant?.kind === 'owned' || acquiring) return;
    const owner = access.owner();
    const before = grant;
    grant = owner ? { kind: 'managed', owner } : undefined;
    follow();
    const unchanged = !owner && access.stamp() === stamp;
    if (unchanged) replica = undefined; // what was loaded last is what there is
    if (before !== grant) events.changed();
    if (!owner && !unchanged) void read();
  }

  async function read(): Promise<void> {
    const ownership = await own();
    if (ownership.kind === 'owned' && atRest) armRelease(RELEASE_AFTER_READING_MS);
  }

  /** Shows what the host that has the store tells; nothing is kept for it when there is none. */
  function follow(): void {
    const { sharing } = events;
    const connect = access.connect?.bind(access);
    if (closed || grant?.kind !== 'managed' || !connect || !sharing) {
      remote?.close();
      remote = undefined;
      return;
    }
    remote ??= createRemote({
      clock,
      connect,
      replaced(now) {
        replica = now;
        sharing.replaced();
      },
      changed: sharing.changed,
      sampled: sharing.sampled,
      reachable: events.changed,
      left() {
        // Killed, it could not say that it goes: its lock tells whether it lives.
        if (!acquiring && grant?.kind === 'managed') void read();
      },
    });
  }

  function managedBy(): Coded | null {
    return grant?.kind === 'managed' ? managed(grant.owner) : null;
  }

  function blocked(): Coded | null {
    if (failure) return failure;
    if (grant?.kind === 'managed') {
      if (!remote) return managedBy();
      const problem = remote.problem();
      const passes = meetings > 0 && problem !== null && PASSING.has(problem.code);
      return (passes ? null : problem) ?? replica?.facts().blocked ?? null;
    }
    return grant?.kind === 'unusable' ? grant.problem : null;
  }

  // Giving it back

  function armRelease(ms: number): void {
    releaseTimer?.dispose();
    releaseTimer = undefined;
    if (!atRest || grant?.kind !== 'owned') return;
    releaseTimer = clock.timer(ms, () => {
      releaseTimer = undefined;
      if (events.syncing()) {
        armRelease(RELEASE_AGAIN_MS);
        return;
      }
      releasing = release().then(() => {
        watchAgain();
        events.changed();
      });
    });
  }

  async function release(): Promise<void> {
    const held = grant;
    releaseTimer?.dispose();
    releaseTimer = undefined;
    if (held?.kind !== 'owned') return;
    grant = undefined;
    failure = null;
    await giveBack(held);
  }

  async function giveBack(held: Owned): Promise<void> {
    try {
      await held.release();
    } catch (error) {
      events.log(errorOf(error));
    }
    stamp = access.stamp();
  }

  function watch(): void {
    if (!closed) watching ??= access.onOwnerChange(look);
  }

  function unwatch(): void {
    watching?.dispose();
    watching = undefined;
  }

  function closedReason(): Coded {
    return { code: 'folder.closed', args: { folder: folder.name } };
  }

  return {
    folder,
    own: () => own(),
    store: () => opening ?? (grant?.kind === 'owned' && failure === null ? grant.store : undefined),
    blocked,
    managedBy,
    remote: () => remote,
    replica: () => replica,
    met,
    takeOver,
    leave,
    failure: () => failure,
    notices: () => (grant?.kind === 'owned' ? grant.notices : (replica?.facts().notices ?? [])),
    restChanged(rest) {
      if (rest === atRest) return; // an armed timer goes on
      atRest = rest;
      armRelease(RELEASE_AFTER_MS);
    },
    async close() {
      closed = true;
      unwatch();
      follow();
      await acquiring;
      await releasing;
      await ended;
      await release();
    },
  };
}

function managed({ kind, pid, hostName }: OwnerInfo): Coded {
  return { code: 'folder.managed', args: { kind, pid, host: hostName } };
}

/** Of a host that begins or ends. */
const PASSING: ReadonlySet<string> = new Set(['host.unreachable', 'host.leaving']);

function isManaged(ownership: Ownership): boolean {
  return ownership.kind === 'refused' && ownership.reason.code === 'folder.managed';
}

function refused(reason: Coded): Ownership {
  return { kind: 'refused', reason };
}
