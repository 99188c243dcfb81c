/** The store of one workspace folder: the core's changes, durable in a SQLite file. */
import type { Change } from '../core/events.ts';
import type { Coded, StoredState } from '../core/model.ts';
import type { Store } from '../core/ports.ts';
import { createBackup } from './backup.ts';
import { checkInThread } from './backup-check.ts';
import { writeChanges } from './changes.ts';
import { type Database, DEFAULT_OPTIONS, openDatabase } from './database.ts';
import { type Disk, realDisk } from './disk.ts';
import { StoreError } from './errors.ts';
import { readAttempts, readRuns } from './history.ts';
import { createHousekeeping } from './housekeeping.ts';
import { loadState } from './loading.ts';
import { openFile } from './opening.ts';
import { SCHEMA_STEPS } from './schema.ts';
import { loadShim, type WasmSource } from './shim.ts';
import { createStatements, type Statements } from './statements.ts';
import { createTickBuffer } from './tick-buffer.ts';

export interface StoreOptions {
  /** The database file, absolute. Its folder exists and belongs to this process (owner lock). */
  readonly path: string;
  /** Key of the store, which `load` writes into every task. */
  readonly key: string;
  /** sql.js's `sql-wasm-debug.wasm`: its absolute path, or its bytes; read once per process. */
  readonly wasm: WasmSource;
  /** Called before each commit; throws when this process has lost the owner lock. */
  readonly mayWrite?: () => void;
  readonly disk?: Disk;
  /** Names files that are set aside, ms since the epoch. */
  readonly now?: () => number;
  /** How long progress is kept back, ms. */
  readonly tickIntervalMs?: number;
  /** Bytes of WAL after which it is folded into the main file. */
  readonly walLimitBytes?: number;
  readonly idleCheckpointMs?: number;
  /** Bounds what a power cut takes of progress and of `commit`, ms. */
  readonly unsyncedLimitMs?: number;
  /** Age of the last backup at which the next one is made, when nothing is written and at close, ms; Infinity = never. */
  readonly backupIntervalMs?: number;
  /** Answers `ok` or what is wrong with the copy at a path; by default SQLite's own check in a thread. */
  readonly checkBackup?: (path: string) => Promise<string>;
  /** What people may want to hear of and no decision depends on: `store.backup` {path, reason}. */
  readonly onNotice?: (notice: Coded) => void;
}

export interface OpenedStore {
  readonly store: Store;
  /** A newer DataTrace wrote the file: it can be loaded, every write throws `store.newer`. */
  readonly readOnly: boolean;
  /**
   * What people have to be told: `store.setAside` {path, aside, file, reason}, `store.restored` {.., at},
   * `store.foundBackup` {path, at}, `store.walMissing` {path}, `store.newer` {path, version, supported}.
   */
  readonly notices: readonly Coded[];
  /** Folds the WAL into the main file; blocks for milliseconds per megabyte. Not needed in normal work. */
  checkpoint(): void;
  /** Makes a backup now, off the main thread for the most part. Rejects with `store.backup` {path, reason}. */
  backup(): Promise<void>;
}

/**
 * Opens the store, or makes a new one. The caller holds the owner lock.
 * Rejects with a `StoreError` when the disk refuses; a damaged file does not reject: it is set aside and reported.
 */
export async function openStore(options: StoreOptions): Promise<OpenedStore> {
  const { path, key } = options;
  const shim = await loadShim(options.wasm);
  const now = options.now ?? Date.now;
  let first: StoredState | undefined;
  const opened = openFile({
    shim,
    disk: options.disk ?? realDisk,
    path,
    steps: SCHEMA_STEPS,
    now,
    accept(file) {
      const statements = createStatements(file.sql, file.calls);
      try {
        first = loadState(statements, file.calls, key);
      } finally {
        statements.free();
      }
    },
  });
  const { disk, notices } = opened;
  if (opened.readOnly) {
    const { file } = opened;
    const statements = createStatements(file.sql, file.calls);
    const load = (): StoredState => loadState(statements, file.calls, key);
    const close = async (): Promise<void> => {
      statements.free();
      file.close();
    };
    const store = refusingStore(path, statements, load, close);
    return { store, readOnly: true, notices, checkpoint: () => undefined, backup: () => Promise.resolve() };
  }

  const listeners = new Set<(failure: Coded) => void>();
  const mayWrite = options.mayWrite ?? DEFAULT_OPTIONS.mayWrite;
  const database: Database = openDatabase(opened.file, path, disk, {
    walLimitBytes: options.walLimitBytes ?? DEFAULT_OPTIONS.walLimitBytes,
    idleCheckpointMs: options.idleCheckpointMs ?? DEFAULT_OPTIONS.idleCheckpointMs,
    unsyncedLimitMs: options.unsyncedLimitMs ?? DEFAULT_OPTIONS.unsyncedLimitMs,
    mayWrite,
    onIdle: () => void backupWhenDue(),
    onFailure(failure) {
      for (const listener of [...listeners]) listener({ code: failure.code, args: failure.args });
      listeners.clear();
    },
  });
  const backup = createBackup({ database, disk, path, check: options.checkBackup ?? checkInThread, mayWrite });

  async function backupWhenDue(): Promise<void> {
    try {
      mayWrite();
    } catch {
      return; // somebody else's store by now
    }
    try {
      if (backup.isOlderThan(options.backupIntervalMs ?? BACKUP_INTERVAL_MS, now())) await backup.make();
    } catch (error) {
      options.onNotice?.({ code: 'store.backup', args: { path, reason: reasonOf(error) } });
    }
  }

  /** What opening has read is given away once, if nothing was written since. */
  function load(): StoredState {
    const state = first ?? database.read((statements) => loadState(statements, opened.file.calls, key));
    first = undefined;
    return state;
  }

  const store = writingStore(database, {
    load,
    listeners,
    tickIntervalMs: options.tickIntervalMs ?? TICK_INTERVAL_MS,
    written() {
      first = undefined;
    },
    beforeClose: backupWhenDue,
  });
  return { store, readOnly: false, notices, checkpoint: () => database.checkpoint(), backup: () => backup.make() };
}

const TICK_INTERVAL_MS = 500;
const BACKUP_INTERVAL_MS = 24 * 3_600_000;

function reasonOf(error: unknown): string {
  if (error instanceof StoreError && typeof error.args.reason === 'string') return error.args.reason;
  return error instanceof Error ? error.message : String(error);
}

interface Writing {
  readonly load: () => StoredState;
  readonly listeners: Set<(failure: Coded) => void>;
  readonly tickIntervalMs: number;
  /** Called after each commit. */
  readonly written: () => void;
  readonly beforeClose: () => Promise<void>;
}

function writingStore(database: Database, { load, listeners, tickIntervalMs, written, beforeClose }: Writing): Store {
  const buffer = createTickBuffer();
  const housekeeping = createHousekeeping(database);
  housekeeping.arm(); // what an earlier process did not get to
  let timer: NodeJS.Timeout | undefined;
  let closing: Promise<void> | undefined;

  /** Progress of the units concerned goes first, in the same transaction. */
  function write<T>(changes: readonly Change[], how: (work: Parameters<Database['commit']>[0]) => T): T {
    if (closing !== undefined) throw new StoreError('store.closed', 'The store is closed');
    const earlier = buffer.before(changes);
    const result = how((statements) => {
      writeChanges(statements, earlier);
      writeChanges(statements, changes);
    });
    buffer.written(earlier);
    written();
    if (changes.some(({ kind }) => kind === 'forgetRuns' || kind === 'dropTask')) housekeeping.arm();
    return result;
  }

  function flush(): void {
    const progress = buffer.all();
    if (progress.length === 0) return;
    database.commit((statements) => writeChanges(statements, progress));
    buffer.written(progress);
    written();
  }

  function arm(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (database.failure() !== undefined) return;
      try {
        flush();
      } catch {
        arm(); // a full disk, say: transitions report it, progress waits for the next time
      }
    }, tickIntervalMs).unref();
  }

  async function closeNow(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    housekeeping.stop();
    try {
      if (database.failure() === undefined) flush();
    } catch {
      // a full disk, or another owner: what is lost is progress, which the next run reports anew
    }
    if (database.failure() === undefined) await beforeClose();
    listeners.clear();
    await database.close();
  }

  return {
    load() {
      flush();
      return load();
    },
    transact: (changes) => write(changes, (work) => database.transact(work)),
    commit: (changes) => write(changes, (work) => database.commit(work)),
    tick(changes) {
      if (closing !== undefined || database.failure() !== undefined) return;
      buffer.add(changes);
      if (buffer.size > 0) arm();
    },
    runs: (taskId, limit) => database.read((statements) => readRuns(statements, taskId, limit)),
    attempts: (of, limit) => database.read((statements) => readAttempts(statements, of, limit)),
    onFailure(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    close() {
      closing ??= closeNow();
      return closing;
    },
  };
}

function refusingStore(
  path: string,
  statements: Statements,
  load: () => StoredState,
  close: () => Promise<void>,
): Store {
  const refuse = (): never => {
    throw new StoreError('store.newer', `${path} was written by a newer version: update DataTrace`, { path });
  };
  let closing: Promise<void> | undefined;
  return {
    load,
    transact: refuse,
    commit: refuse,
    tick: () => undefined,
    runs: (taskId, limit) => readRuns(statements, taskId, limit),
    attempts: (of, limit) => readAttempts(statements, of, limit),
    onFailure: () => ({ dispose: () => undefined }),
    close() {
      closing ??= close();
      return closing;
    },
  };
}
