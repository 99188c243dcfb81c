/** The store of one workspace folder: the core's changes, durable in a SQLite file. */
import type { Change } from '../core/events.ts';
import type { Coded, StoredState } from '../core/model.ts';
import type { Store } from '../core/ports.ts';
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
}

export interface OpenedStore {
  readonly store: Store;
  /** A newer DataTrace wrote the file: it can be loaded, every write throws `store.newer`. */
  readonly readOnly: boolean;
  /** What people have to be told: `store.setAside` {path, aside, file, reason}, `store.newer` {path, version, supported}. */
  readonly notices: readonly Coded[];
  /** Folds the WAL into the main file; blocks for milliseconds per megabyte. Not needed in normal work. */
  checkpoint(): void;
}

/**
 * Opens the store, or makes a new one. The caller holds the owner lock.
 * Rejects with a `StoreError` when the disk refuses; a damaged file does not reject: it is set aside and reported.
 */
export async function openStore(options: StoreOptions): Promise<OpenedStore> {
  const { path, key } = options;
  const shim = await loadShim(options.wasm);
  const now = options.now ?? Date.now;
  const opened = openFile({ shim, disk: options.disk ?? realDisk, path, steps: SCHEMA_STEPS, now });
  const { notices } = opened;
  if (opened.readOnly) {
    const { file } = opened;
    const statements = createStatements(file.sql, file.calls);
    const load = (): StoredState => loadState(statements, file.calls, key);
    const close = async (): Promise<void> => {
      statements.free();
      file.close();
    };
    const store = refusingStore(path, statements, load, close);
    return { store, readOnly: true, notices, checkpoint: () => undefined };
  }

  const listeners = new Set<(failure: Coded) => void>();
  const database = openDatabase(opened.file, path, opened.disk, {
    walLimitBytes: options.walLimitBytes ?? DEFAULT_OPTIONS.walLimitBytes,
    idleCheckpointMs: options.idleCheckpointMs ?? DEFAULT_OPTIONS.idleCheckpointMs,
    unsyncedLimitMs: options.unsyncedLimitMs ?? DEFAULT_OPTIONS.unsyncedLimitMs,
    mayWrite: options.mayWrite ?? DEFAULT_OPTIONS.mayWrite,
    onFailure(failure) {
      for (const listener of [...listeners]) listener({ code: failure.code, args: failure.args });
      listeners.clear();
    },
  });
  const load = (): StoredState => loadState(database.statements, opened.file.calls, key);
  const store = writingStore(database, load, listeners, options.tickIntervalMs ?? TICK_INTERVAL_MS);
  return { store, readOnly: false, notices, checkpoint: () => database.checkpoint() };
}

const TICK_INTERVAL_MS = 500;

function writingStore(
  database: Database,
  load: () => StoredState,
  listeners: Set<(failure: Coded) => void>,
  tickIntervalMs: number,
): Store {
  const { statements: reader } = database;
  const buffer = createTickBuffer();
  const housekeeping = createHousekeeping(database);
  housekeeping.arm(); // what an earlier process did not get to
  let timer: NodeJS.Timeout | undefined;
  let closing: Promise<void> | undefined;

  /** Progress of the units concerned goes first, in the same transaction. */
  function write<T>(changes: readonly Change[], how: (work: Parameters<Database['commit']>[0]) => T): T {
    const earlier = buffer.before(changes);
    const result = how((statements) => {
      writeChanges(statements, earlier);
      writeChanges(statements, changes);
    });
    buffer.written(earlier);
    if (changes.some(({ kind }) => kind === 'forgetRuns' || kind === 'dropTask')) housekeeping.arm();
    return result;
  }

  function flush(): void {
    const progress = buffer.all();
    if (progress.length === 0) return;
    database.commit((statements) => writeChanges(statements, progress));
    buffer.written(progress);
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
    runs: (taskId, limit) => readRuns(reader, taskId, limit),
    attempts: (of, limit) => readAttempts(reader, of, limit),
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
