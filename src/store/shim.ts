/**
 * Lets sql.js work on a real file instead of a copy in memory.
 *
 * sql.js keeps its files in Emscripten's memory file system. Its debug build has readable import names, so the system
 * calls that SQLite makes for its own database can be answered from a real disk: the pager, the WAL and crash recovery
 * stay SQLite's, only "read these bytes, write those, sync" is ours. All other files (temporary ones) stay in memory.
 */
import { readFile } from 'node:fs/promises';
import initSqlJs, { type SqlDatabase, type SqlJs } from 'sql.js/dist/sql-wasm-debug.js';
import { checkContract, type StatementCalls, statementCalls } from './contract.ts';
import { type Disk, realDisk, writeWalBack } from './disk.ts';
import { StoreError } from './errors.ts';
import { type Binding, type Bindings, createBindings, fileCalls, type ImportedCall } from './file-calls.ts';

/** One real database file, open in SQLite. */
export interface BoundFile {
  readonly sql: SqlDatabase;
  /** SQLite's own functions of a statement: sql.js's wrappers take three to ten times as long. */
  readonly calls: StatementCalls;
  /** The descriptor that SQLite itself holds on the WAL; undefined until the first write opens it. */
  walFd(): number | undefined;
  /** Puts a WAL that somebody deleted back on the disk and lets SQLite go on in it unawares. */
  renewWal(): void;
  /** Set once a sync failed. SQLite ignores some folder syncs and hides the rest behind "disk I/O error". */
  failure(): Error | undefined;
  /** What the disk said when it last refused something, taken once; SQLite itself only says "disk I/O error". */
  takeRefusal(): Error | undefined;
  /**
   * After this, only closing works. A failed sync may have dropped written pages from the cache: a checkpoint at close
   * would copy what is left into the main file, while recovery at the next open goes by checksums alone.
   */
  abandon(error: Error): void;
  close(): void;
}

export interface Shim {
  /** Opens or creates the database at `path`. Throws what the disk says, or else what SQLite does. */
  open(path: string, disk?: Disk): BoundFile;
}

let loading: Promise<Shim> | undefined;

/** Where sql.js's `sql-wasm-debug.wasm` lies, or its bytes. */
export type WasmSource = string | Uint8Array;

/**
 * Compiles sql.js once per process: `initSqlJs` keeps its first configuration, so later calls get the first shim and
 * their source is not looked at.
 */
export function loadShim(wasm: WasmSource): Promise<Shim> {
  loading ??= instantiate(wasm).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function instantiate(wasm: WasmSource): Promise<Shim> {
  const bytes = typeof wasm === 'string' ? await readFile(wasm) : wasm;
  const module = await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
  checkContract(WebAssembly.Module.imports(module).map((entry) => entry.name));
  const bindings = createBindings();
  let memory: WebAssembly.Memory | undefined;
  const currentMemory = (): WebAssembly.Memory => {
    if (memory === undefined) throw new Error('sql.js called the file system before it was ready');
    return memory;
  };
  let calls: StatementCalls | undefined;
  const sqljs = await initSqlJs({
    print: () => undefined,
    printErr: () => undefined, // the debug build reports each growth of its memory
    instantiateWasm(imports, done) {
      const env = imports.env as Record<string, ImportedCall> | undefined;
      const wasi = imports.wasi_snapshot_preview1 as Record<string, ImportedCall> | undefined;
      if (env === undefined || wasi === undefined) {
        throw new StoreError('store.contract', 'sql.js does not fit the file shim: its import modules are renamed');
      }
      const original = { ...env, ...wasi }; // a copy: both names stand for one object, and a call must not wrap itself
      for (const [name, call] of Object.entries(fileCalls(bindings, original, currentMemory))) {
        const home = name in env ? env : wasi;
        home[name] = call;
        if (name in wasi) wasi[name] = call;
      }
      const instance = new WebAssembly.Instance(module, imports);
      memory = instance.exports.memory as WebAssembly.Memory;
      calls = statementCalls(instance.exports);
      done(instance);
      return {};
    },
  });
  const ready = calls;
  if (ready === undefined) throw new StoreError('store.contract', 'sql.js did not use the file shim');
  return { open: (path, disk = realDisk) => bind(sqljs, ready, bindings, path, disk) };
}

function bind(sqljs: SqlJs, calls: StatementCalls, bindings: Bindings, path: string, disk: Disk): BoundFile {
  const binding: Binding = { path, disk, wal: undefined, failure: undefined, refusal: undefined, retired: [] };
  bindings.armed = binding;
  let sql: SqlDatabase;
  try {
    // The empty content makes a placeholder in memory: sql.js unlinks it when it closes.
    sql = new sqljs.Database(new Uint8Array(0));
  } catch (error) {
    forget(bindings, binding);
    throw binding.failure ?? binding.refusal ?? error; // SQLite makes "out of memory" of a file that cannot be opened
  } finally {
    bindings.armed = undefined;
  }
  return {
    sql,
    calls,
    walFd: () => binding.wal?.fd,
    renewWal: () => renewWal(binding),
    failure: () => binding.failure,
    takeRefusal() {
      const refusal = binding.refusal;
      binding.refusal = undefined;
      return refusal;
    },
    abandon(error) {
      binding.failure ??= error;
    },
    close() {
      try {
        sql.close();
      } finally {
        forget(bindings, binding);
      }
    },
  };
}

function renewWal(binding: Binding): void {
  if (binding.wal === undefined) return;
  try {
    const fd = writeWalBack(binding.disk, binding.wal.fd, `${binding.path}-wal`);
    binding.retired.push(binding.wal.fd); // closed at the end: an asynchronous sync may be running on it
    binding.wal.fd = fd;
  } catch (error) {
    binding.failure ??= error as Error;
    throw error;
  }
}

function forget(bindings: Bindings, binding: Binding): void {
  for (const [name, known] of bindings.byName) if (known === binding) bindings.byName.delete(name);
  for (const [fd, file] of bindings.openFiles) {
    if (file.binding !== binding) continue;
    bindings.openFiles.delete(fd);
    binding.disk.close(file.fd);
  }
  for (const fd of binding.retired.splice(0)) binding.disk.close(fd);
}
