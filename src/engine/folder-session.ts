/**
 * One workspace folder in this process: whether its store is ours, another host's, or unusable.
 * A host owns a store only while it has something to do there (architecture.md, idle cost): it takes the lock, works,
 * and gives it back some seconds after the last task came to rest. In between, views show what was loaded last, and it
 * is read again only when another host has changed it.
 */
import type { Coded } from '../core/model.ts';
import type { Clock, Disposable, Store } from '../core/ports.ts';
import type { Folder, StoreGrant } from './api.ts';
import { errorOf } from './failures.ts';

/** How long a store is kept after the last task came to rest. */
const RELEASE_AFTER_MS = 30_000;
/** The same when it was only opened to be read. */
const RELEASE_AFTER_READING_MS = 1_000;

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
  /** The store cannot be trusted any more: abort what runs. */
  failed(reason: Coded): void;
  log(line: Coded): void;
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
  let releaseTimer: Disposable | undefined;
  let watching: Disposable | undefined;
  let stamp = '';
  let atRest = true;
  let closed = false;

  function own(): Promise<Ownership> {
    acquiring ??= acquire().finally(() => {
      acquiring = undefined;
    });
    return acquiring;
  }

  async function acquire(): Promise<Ownership> {
    await releasing;
    if (grant?.kind === 'owned' && failure === null) return { kind: 'owned', store: grant.store };
    await release();
    if (closed) return refused({ code: 'folder.closed', args: { folder: folder.name } });
    unwatch();
    const asked = await access.acquire();
    const taken = asked.kind === 'owned' ? await open(asked) : asked;
    if (closed && taken.kind === 'owned') await giveBack(taken);
    grant = taken;
    if (taken.kind !== 'owned') watch();
    else armRelease(RELEASE_AFTER_MS);
    events.changed();
    return taken.kind === 'owned' && !closed
      ? { kind: 'owned', store: taken.store }
      : refused(blocked() ?? { code: 'folder.closed', args: { folder: folder.name } });
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

  function failed(of: Owned, reason: Coded): void {
    if (grant !== of && opening !== of.store) return;
    failure = reason;
    events.failed(reason);
    events.changed();
    // A lost lock is no failure of the store: another host has it, and this one watches.
    if (reason.code === 'folder.takenOver') releasing = release().then(look);
  }

  /** Somebody took the store or gave it back. */
  function look(): void {
    if (closed || grant?.kind === 'owned' || acquiring) return;
    const owner = access.owner();
    const before = grant;
    grant = owner ? { kind: 'managed', owner } : undefined;
    if (before !== grant) events.changed();
    if (!owner && access.stamp() !== stamp) void read();
  }

  async function read(): Promise<void> {
    const ownership = await own();
    if (ownership.kind === 'owned' && atRest) armRelease(RELEASE_AFTER_READING_MS);
  }

  function blocked(): Coded | null {
    if (failure) return failure;
    if (grant?.kind === 'managed') {
      const { kind, pid, hostName } = grant.owner;
      return { code: 'folder.managed', args: { kind, pid, host: hostName } };
    }
    return grant?.kind === 'unusable' ? grant.problem : null;
  }

  function armRelease(ms: number): void {
    releaseTimer?.dispose();
    releaseTimer = undefined;
    if (!atRest || grant?.kind !== 'owned') return;
    releaseTimer = clock.timer(ms, () => {
      releaseTimer = undefined;
      releasing = release().then(() => {
        watch();
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

  return {
    folder,
    own,
    store: () => opening ?? (grant?.kind === 'owned' && failure === null ? grant.store : undefined),
    blocked,
    failure: () => failure,
    notices: () => (grant?.kind === 'owned' ? grant.notices : []),
    restChanged(rest) {
      if (rest === atRest) return; // an armed timer goes on
      atRest = rest;
      armRelease(RELEASE_AFTER_MS);
    },
    async close() {
      closed = true;
      unwatch();
      await acquiring;
      await releasing;
      await release();
    },
  };
}

function refused(reason: Coded): Ownership {
  return { kind: 'refused', reason };
}
