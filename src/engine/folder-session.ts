/**
 * One workspace folder in this process: whether its store is ours, another host's, or unusable.
 * A host owns a store only while it has something to do there (architecture.md, idle cost): it takes the lock, works,
 * and gives it back some seconds after the last task came to rest. In between, views show what was loaded last.
 */
import type { Coded } from '../core/model.ts';
import type { Clock, Disposable, Store } from '../core/ports.ts';
import type { Folder, StoreGrant } from './api.ts';

/** How long a store is kept after the last task came to rest. */
const RELEASE_AFTER_MS = 30_000;

export type Ownership =
  | { readonly kind: 'owned'; readonly store: Store }
  | { readonly kind: 'refused'; readonly reason: Coded };

export interface FolderSession {
  readonly folder: Folder;
  /** Takes the store, or says why not. Calls made meanwhile share one answer. */
  own(): Promise<Ownership>;
  /** The store while it is ours and healthy. */
  store(): Store | undefined;
  /** Why nothing can be done with this folder's tasks now; null = it can (the store is ours, or free to take). */
  blocked(): Coded | null;
  /** What opening the store found and people should know. */
  notices(): readonly Coded[];
  /** Call when a task came to rest or began: arms or disarms giving the store back. */
  restChanged(atRest: boolean): void;
  close(): Promise<void>;
}

export interface FolderSessionEvents {
  /** The store is ours and was read: take its content in. */
  opened(store: Store): Promise<void>;
  /** `blocked` or ownership changed. */
  changed(): void;
  /** The store cannot be trusted any more: abort what runs. */
  failed(reason: Coded): void;
}

export function createFolderSession(folder: Folder, clock: Clock, events: FolderSessionEvents): FolderSession {
  let grant: StoreGrant | undefined;
  let failure: Coded | null = null;
  let acquiring: Promise<Ownership> | undefined;
  let releasing: Promise<void> | undefined;
  let releaseTimer: Disposable | undefined;
  let watching: Disposable | undefined;
  let atRest = true;
  let closed = false;

  async function acquire(): Promise<Ownership> {
    await releasing;
    if (closed) return { kind: 'refused', reason: { code: 'folder.closed', args: { folder: folder.name } } };
    if (grant?.kind === 'owned' && failure === null) return { kind: 'owned', store: grant.store };
    if (grant?.kind === 'owned') await release();
    grant = await folder.access.acquire();
    failure = null;
    if (grant.kind === 'owned') {
      const { store } = grant;
      store.onFailure((reason) => {
        failure = reason;
        events.failed(reason);
        events.changed();
      });
      await events.opened(store);
      armRelease();
    } else {
      watching ??= folder.access.onOwnerChange(() => void reload());
    }
    events.changed();
    const reason = blocked();
    return grant.kind === 'owned' && reason === null
      ? { kind: 'owned', store: grant.store }
      : { kind: 'refused', reason: reason ?? { code: 'store.unusable', args: { folder: folder.name, detail: '' } } };
  }

  /** The other host went away or changed something: read again, once nobody else holds the store. */
  async function reload(): Promise<void> {
    if (closed || grant?.kind === 'owned') return;
    await own();
  }

  function own(): Promise<Ownership> {
    acquiring ??= acquire().finally(() => {
      acquiring = undefined;
    });
    return acquiring;
  }

  function blocked(): Coded | null {
    if (failure) return failure;
    if (grant?.kind === 'managed') {
      return {
        code: 'folder.managed',
        args: { kind: grant.owner.kind, pid: grant.owner.pid, host: grant.owner.hostName },
      };
    }
    return grant?.kind === 'unusable' ? grant.problem : null;
  }

  function armRelease(): void {
    releaseTimer?.dispose();
    releaseTimer = undefined;
    if (atRest && grant?.kind === 'owned') {
      releaseTimer = clock.timer(RELEASE_AFTER_MS, () => {
        releaseTimer = undefined;
        releasing = release();
      });
    }
  }

  async function release(): Promise<void> {
    const held = grant;
    grant = undefined;
    if (held?.kind !== 'owned') return;
    await held.release();
    // From now on another host may change the store: watch, and read again when that host is done.
    watching ??= folder.access.onOwnerChange(() => void reload());
  }

  return {
    folder,
    own,
    store: () => (grant?.kind === 'owned' && failure === null ? grant.store : undefined),
    blocked,
    notices: () => (grant?.kind === 'owned' ? grant.notices : []),
    restChanged(rest) {
      atRest = rest;
      armRelease();
    },
    async close() {
      closed = true;
      releaseTimer?.dispose();
      watching?.dispose();
      await acquiring;
      await releasing;
      await release();
      watching?.dispose();
    },
  };
}
