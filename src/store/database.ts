/**
 * An open database: commits that are acknowledged after one shared fdatasync, commits that are not synced, checkpoints,
 * and the end of all of it once a sync has failed.
 */
import type { SqlDatabase } from 'sql.js/dist/sql-wasm-debug.js';
import { errnoOf } from '../core/coded-error.ts';
import { damagedOr } from './damage.ts';
import type { Disk, FileStat } from './disk.ts';
import { refusedWrite, StoreError } from './errors.ts';
import { type MainFile, watchMainFile } from './main-file.ts';
import { markFolded, markSuspect, markUnfolded } from './marks.ts';
import { firstValue } from './pragmas.ts';
import type { BoundFile } from './shim.ts';
import { createStatements, type Statements } from './statements.ts';

export interface DatabaseOptions {
  /** Bytes of WAL after which it is folded into the main file. */
  readonly walLimitBytes: number;
  /** Time without a write after which the WAL is folded, ms. */
  readonly idleCheckpointMs: number;
  /** Bounds what a power cut takes of unsynced commits, ms. */
  readonly unsyncedLimitMs: number;
  /** Called before each commit; throws when this process may not write any more. */
  readonly mayWrite: () => void;
  /** Called once, when the store cannot be trusted any more. */
  readonly onFailure: (failure: StoreError) => void;
  /** Called after the WAL was folded because nothing was written for a while. */
  readonly onIdle: () => void;
}

export const DEFAULT_OPTIONS: DatabaseOptions = {
  walLimitBytes: 4 << 20,
  idleCheckpointMs: 30_000,
  unsyncedLimitMs: 5_000,
  mayWrite: () => undefined,
  onFailure: () => undefined,
  onIdle: () => undefined,
};

/** Work inside a transaction. Synchronous: a promise returned from it is refused and rolled back. */
export type Work = (statements: Statements) => void;

export interface Database {
  readonly sql: SqlDatabase;
  readonly statements: Statements;
  /** Reads; damage met on the way is final. */
  read<T>(work: (statements: Statements) => T): T;
  /**
   * Commits before it returns (so memory may follow in the same tick), or throws with nothing changed.
   * The promise resolves when the change survives a power cut: only then acknowledge, show or act.
   */
  transact(work: Work): Promise<void>;
  /** Commits without a sync: a killed process loses nothing, a power cut at most the last seconds. */
  commit(work: Work): void;
  /** Folds the WAL into the main file, unless that must rest. Blocks for milliseconds per megabyte. */
  checkpoint(): void;
  /** Folds the WAL, and then not again until the work is done: whatever is committed meanwhile, the main file stays. */
  whileMainFileRests(work: () => Promise<void>): Promise<void>;
  failure(): StoreError | undefined;
  /** Waits for the sync under way, folds the WAL and removes it. Calls after the first return the same promise. */
  close(): Promise<void>;
}

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/** Takes over a bound file whose pragmas are set. */
export function openDatabase(file: BoundFile, path: string, disk: Disk, options: DatabaseOptions): Database {
  const { sql, calls } = file;
  const statements = createStatements(sql, calls);
  const main = watchOrClose(file, disk, path);
  /** Pieces of work that need the main file as it is. */
  let resting = 0;
  let isMarkedUnfolded = false;
  let waiting: Waiter[] = [];
  let syncing: Promise<void> | undefined;
  let unsynced = false;
  let failed: StoreError | undefined;
  let closing: Promise<void> | undefined;
  let unsyncedTimer: NodeJS.Timeout | undefined;
  let idleTimer: NodeJS.Timeout | undefined;

  function transact(work: Work): Promise<void> {
    commitNow(work);
    const durable = new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
    syncing ??= syncUntilQuiet();
    return durable;
  }

  function commit(work: Work): void {
    commitNow(work);
    unsynced = true;
    unsyncedTimer ??= setTimeout(() => {
      unsyncedTimer = undefined;
      if (unsynced && failed === undefined) syncing ??= syncUntilQuiet();
    }, options.unsyncedLimitMs).unref();
  }

  function commitNow(work: Work): void {
    if (closing !== undefined) throw new StoreError('store.closed', 'The store is closed');
    stopAfterFailedSync();
    options.mayWrite();
    try {
      statements.run('BEGIN IMMEDIATE');
      refusePromise(work(statements));
      statements.run('COMMIT');
    } catch (error) {
      rollBack();
      stopAfterFailedSync();
      throw worded(error);
    }
    stopAfterFailedSync();
    armIdleCheckpoint();
  }

  function read<T>(work: (statements: Statements) => T): T {
    try {
      return work(statements);
    } catch (error) {
      throw worded(error);
    }
  }

  /** What the disk said comes before what SQLite makes of it; damage in readable bytes is the end. */
  function worded(error: unknown): unknown {
    const refusal = file.takeRefusal();
    if (refusal !== undefined) return refusedWrite(path, refusal);
    const known = damagedOr(error, path);
    if (!(known instanceof StoreError)) return errnoOf(error) === undefined ? error : refusedWrite(path, error);
    if (known.code === 'store.damaged') markSuspect(disk, path, String(known.args.reason));
    return known.code === 'store.damaged' || known.code === 'store.gone' ? fail(known) : known;
  }

  function rollBack(): void {
    try {
      sql.run('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full
    }
  }

  /** Single flight. A commit made while a sync runs is not covered by that sync: it waits for the next one. */
  async function syncUntilQuiet(): Promise<void> {
    let group: Waiter[] = [];
    try {
      do {
        await null; // every commit of this tick joins
        group = waiting;
        waiting = [];
        unsynced = false;
        const wal = file.walFd();
        if (wal !== undefined) await disk.datasync(wal);
        main.check();
        keepWalNamed();
        stopAfterFailedSync(); // a blocking sync of SQLite may have met the error, which the kernel reports only once
        for (const waiter of group.splice(0)) waiter.resolve();
        noteUnfolded();
        if (walBytes() > options.walLimitBytes) {
          await new Promise(setImmediate); // what has just been acknowledged goes first
          tryCheckpoint();
        }
      } while (waiting.length > 0);
    } catch (error) {
      const failure = fail(error);
      for (const waiter of [...group, ...waiting.splice(0)]) waiter.reject(failure);
    } finally {
      syncing = undefined; // here and not in a later callback: a commit in between would wait for nobody
    }
  }

  /** Never retried: after a failed sync the kernel may have dropped the pages it could not write. */
  function fail(error: unknown): StoreError {
    if (failed !== undefined) return failed;
    failed = error instanceof StoreError ? error : failedSync(path, error);
    file.abandon(failed);
    disarm();
    options.onFailure(failed);
    return failed;
  }

  function stopAfterFailedSync(): void {
    const cause = failed ?? file.failure();
    if (cause !== undefined) throw fail(cause);
  }

  /**
   * A program that opened and closed the live file has deleted our WAL, and we write into a file without a name. A
   * checkpoint from there is no rescue: cut half-way it leaves a torn main file and nothing to repair it from.
   */
  function keepWalNamed(): void {
    if (walStat()?.nlink !== 0n) return;
    options.mayWrite(); // a successor may have deleted it, whose file must not get our WAL
    file.renewWal();
  }

  /** Tells the next opening that a WAL belongs to the file. */
  function noteUnfolded(): void {
    if (!isMarkedUnfolded) markUnfolded(disk, path);
    isMarkedUnfolded = true;
  }

  function noteFolded(): void {
    markFolded(disk, path);
    isMarkedUnfolded = false;
    main.note();
  }

  async function whileMainFileRests(work: () => Promise<void>): Promise<void> {
    checkpoint();
    resting++;
    try {
      await work();
      main.check();
      if (walStat()?.nlink === 0n) throw new Error('another program has written the file meanwhile');
    } finally {
      resting--;
    }
  }

  function checkpoint(): void {
    stopAfterFailedSync();
    options.mayWrite();
    if (resting > 0) return;
    try {
      main.check();
      keepWalNamed();
      if (firstValue(sql, 'PRAGMA wal_checkpoint(TRUNCATE)') !== 0) {
        throw new StoreError('store.io', `${path}: the checkpoint was blocked by an unfinished statement`, { path });
      }
      noteFolded();
    } catch (error) {
      stopAfterFailedSync();
      throw worded(error);
    }
    stopAfterFailedSync();
  }

  function tryCheckpoint(): void {
    try {
      checkpoint();
    } catch {
      // a full disk, say: the WAL stays as it is and the next one is tried later; a failed sync has been reported
    }
  }

  function armIdleCheckpoint(): void {
    if (idleTimer !== undefined) {
      idleTimer.refresh();
      return;
    }
    idleTimer = setTimeout(() => {
      idleTimer = undefined;
      if (failed !== undefined || closing !== undefined) return;
      if (walBytes() > 0) tryCheckpoint();
      options.onIdle();
    }, options.idleCheckpointMs).unref();
  }

  function disarm(): void {
    clearTimeout(unsyncedTimer);
    clearTimeout(idleTimer);
    unsyncedTimer = undefined;
    idleTimer = undefined;
  }

  function walStat(): FileStat | undefined {
    const fd = file.walFd();
    return fd === undefined ? undefined : disk.stat(fd);
  }

  function walBytes(): number {
    return Number(walStat()?.size ?? 0n);
  }

  async function closeNow(): Promise<void> {
    disarm();
    await syncing; // a sync on the thread pool must not meet a closed, or reused, descriptor
    leaveToNewOwner();
    try {
      if (file.failure() === undefined) readyToFold();
    } finally {
      statements.free();
      file.close(); // SQLite folds the WAL and removes it, unless the file was abandoned
    }
  }

  function readyToFold(): void {
    try {
      main.check();
      keepWalNamed();
    } catch (error) {
      file.abandon(error as Error); // what is in the WAL stays there
      return;
    }
    markFolded(disk, path); // first: the WAL's file disappears with the close
  }

  /** Closing folds the WAL: not under the hands of a process that has taken over. */
  function leaveToNewOwner(): void {
    try {
      options.mayWrite();
    } catch (error) {
      file.abandon(error as Error);
    }
  }

  return {
    sql,
    statements,
    read,
    transact,
    commit,
    checkpoint,
    whileMainFileRests,
    failure: () => failed,
    close() {
      closing ??= closeNow();
      return closing;
    },
  };
}

function watchOrClose(file: BoundFile, disk: Disk, path: string): MainFile {
  try {
    return watchMainFile(disk, path);
  } catch (error) {
    file.abandon(error as Error);
    file.close();
    throw error;
  }
}

function failedSync(path: string, error: unknown): StoreError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError('store.failed', `${path} cannot be synced: ${reason}`, { path, reason }, error);
}

function refusePromise(result: unknown): void {
  if (typeof (result as { then?: unknown } | undefined)?.then !== 'function') return;
  throw new StoreError(
    'store.asyncWork',
    'Work inside a transaction returned a promise: it would go on after the commit',
  );
}
