/**
 * One workspace folder's store for any host: takes the owner lock, opens the file, listens for other hosts, and gives all
 * of it back. The only place that joins the rooms host and store.
 */
import { statSync } from 'node:fs';
import { codedOf, errnoOf } from '../core/coded-error.ts';
import type { Coded } from '../core/model.ts';
import type { Disposable, Store } from '../core/ports.ts';
import type { OwnerInfo, StoreAccess, StoreGrant } from '../engine/api.ts';
import { type DataFolder, dataFolder, prepareDataFolder } from '../host/data-folder.ts';
import { deadLetterFiles } from '../host/dead-letter-files.ts';
import { acquireOwner, type Owner, type OwnerLock, readOwner, watchOwner } from '../host/owner-lock.ts';
import { listenForViewers, type OwnerServer } from '../host/owner-server.ts';
import { connectToOwner, sameVersion, socketAddress } from '../host/socket.ts';
import { refusedWrite } from '../store/errors.ts';
import { openStore } from '../store/store.ts';

export interface StoreAccessOptions {
  readonly workspaceFolder: string;
  /** Parent of the keyed data folders; undefined = DATATRACE_STORE or the user's data folder. */
  readonly storeFolder?: string | undefined;
  /** What people call this host, for example "VS Code". */
  readonly app: string;
  /** Path of sql.js's `sql-wasm-debug.wasm`. */
  readonly wasmFile: string;
  /** Answers `datatrace status` and other windows while this host owns the store. */
  readonly status: () => unknown;
  readonly log: (line: Coded) => void;
}

type Desk = Parameters<StoreAccess['acquire']>[0];

/** Throws when the workspace folder does not exist. */
export function createStoreAccess(options: StoreAccessOptions): StoreAccess & { readonly place: DataFolder } {
  const place = dataFolder({ workspaceFolder: options.workspaceFolder, storeFolder: options.storeFolder });

  async function acquire(desk: Desk, force = false): Promise<StoreGrant> {
    try {
      prepareDataFolder(place);
      const address = socketAddress(place.folder);
      const acquired = await acquireOwner({ folder: place.folder, app: options.app, socket: address, force });
      if (acquired.lock === null) {
        return { kind: 'managed', owner: infoOf(acquired.owner) };
      }
      return await open(acquired.lock, address, desk);
    } catch (error) {
      return { kind: 'unusable', problem: problemOf(error, place.folder) };
    }
  }

  async function open(lock: OwnerLock, address: string, desk: Desk): Promise<StoreGrant> {
    try {
      const opened = await openStore({
        path: place.database,
        key: place.key,
        wasm: options.wasmFile,
        mayWrite: () => lock.assertOwner(),
        onNotice: options.log,
      });
      const server = await listen(lock, address, desk);
      return {
        kind: 'owned',
        store: endingWithLock(opened.store, lock),
        notices: opened.notices,
        async release() {
          await server?.close();
          try {
            await opened.store.close();
          } finally {
            lock.release();
          }
        },
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Without a socket the tasks run all the same; other hosts then only see that somebody manages them. */
  async function listen(lock: OwnerLock, address: string, desk: Desk): Promise<OwnerServer | undefined> {
    const commands = desk && { call: desk.call, release: desk.release };
    const handlers = { status: () => options.status(), ...commands };
    try {
      return await listenForViewers({ address, owner: lock.owner, handlers, subscribe: desk?.subscribe });
    } catch (error) {
      options.log(problemOf(error, place.folder));
      return undefined;
    }
  }

  return {
    place,
    acquire,
    async connect() {
      const client = await connectToOwner(readOwner(place.folder)?.socket || socketAddress(place.folder));
      try {
        await sameVersion(client);
        return client;
      } catch (error) {
        client.close();
        throw error;
      }
    },
    owner() {
      const owner = readOwner(place.folder);
      return owner && infoOf(owner);
    },
    deadLetters: deadLetterFiles(place.folder),
    stamp: () => [place.database, `${place.database}-wal`].map(stampOf).join(' '),
    onOwnerChange(listener): Disposable {
      try {
        prepareDataFolder(place);
        return watchOwner(place.folder, listener);
      } catch (error) {
        options.log(problemOf(error, place.folder));
        return { dispose: () => undefined };
      }
    },
  };
}

/** On Linux the lock's host carries the process namespace as well, which tells people nothing. */
function infoOf({ pid, host, app }: Owner): OwnerInfo {
  return { pid, hostName: host.split(' ')[0] ?? host, kind: app };
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.size}@${stat.mtimeMs}` : '-';
}

/** A lost lock is a store that cannot be trusted any more. */
function endingWithLock(store: Store, lock: OwnerLock): Store {
  return {
    ...store,
    // What was committed before another host took over is that one's to act on: nobody here hears of it.
    transact: (changes) => store.transact(changes).then(() => lock.assertOwner()),
    onFailure(listener) {
      const ofStore = store.onFailure(listener);
      const ofLock = lock.onLost(() => listener({ code: 'folder.takenOver', args: {} }));
      return {
        dispose() {
          ofStore.dispose();
          ofLock.dispose();
        },
      };
    },
  };
}

function problemOf(error: unknown, folder: string): Coded {
  const known = codedOf(error);
  if (known) return known;
  if (errnoOf(error) !== undefined) {
    const { code, args } = refusedWrite(folder, error);
    if (code !== 'store.io') return { code, args };
  }
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'store.unusable', args: { folder, detail } };
}
