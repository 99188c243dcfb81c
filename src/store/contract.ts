/**
 * What the file shim relies on in sql.js's debug build: import names, error numbers and memory layouts of Emscripten.
 * A unit test holds the installed version against it, so that an update that does not fit fails the build.
 */
import type { FileStat } from './disk.ts';
import { StoreError } from './errors.ts';

/** WASI numbers, which is what Emscripten's libc speaks; they differ from Linux's. */
export const ERRNO: Readonly<Record<string, number>> = {
  EACCES: 2,
  EBADF: 8,
  EBUSY: 10,
  EDQUOT: 19,
  EEXIST: 20,
  EFBIG: 22,
  EINVAL: 28,
  EIO: 29,
  EISDIR: 31,
  ELOOP: 32,
  EMFILE: 33,
  ENAMETOOLONG: 37,
  ENFILE: 41,
  ENOENT: 44,
  ENOSPC: 51,
  ENOTDIR: 54,
  EPERM: 63,
  EROFS: 69,
};
export const EIO = 29;
export const ENOENT = 44;
export const EACCES = 2;

/** `fcntl` command and lock type of Emscripten's libc (F_GETLK64 of wasm32, F_UNLCK). */
export const F_GETLK = 12;
export const F_UNLCK = 2;

/** Bits of `open` in Emscripten's libc. */
export const EM_O = { accessMode: 3, create: 0o100, exclusive: 0o200, truncate: 0o1000 } as const;

/** The names sql.js gives its databases, and the files that SQLite keeps beside them. */
export const DATABASE_NAME = /^(dbfile_\d+)(-wal|-journal|-shm)?$/;

/** File calls that the shim answers itself. */
export const REPLACED = [
  '__syscall_openat',
  '__syscall_faccessat',
  '__syscall_fstat64',
  '__syscall_stat64',
  '__syscall_lstat64',
  '__syscall_newfstatat',
  '__syscall_ftruncate64',
  '__syscall_unlinkat',
  '__syscall_fcntl64',
  '__syscall_fchmod',
  '__syscall_fchown32',
  'fd_read',
  'fd_write',
  'fd_seek',
  'fd_sync',
  'fd_close',
] as const;
export type ReplacedCall = (typeof REPLACED)[number];

/** File calls known to be harmless: SQLite does not use them on the content of a database. */
const LEFT_ALONE = [
  '__syscall_chmod',
  '__syscall_getcwd',
  '__syscall_geteuid32',
  '__syscall_mkdirat',
  '__syscall_readlinkat',
  '__syscall_rmdir',
  '__syscall_utimensat',
  'fd_fdstat_get',
];

/**
 * Refuses a build whose imports are renamed (a minified one) and one with file calls we never saw: a new `fd_pwrite`
 * would silently write past us into memory.
 */
export function checkContract(importNames: readonly string[]): void {
  const known = new Set<string>([...REPLACED, ...LEFT_ALONE]);
  const missing = REPLACED.filter((name) => !importNames.includes(name));
  const unknown = importNames.filter((name) => /^(__syscall_|fd_)/.test(name) && !known.has(name));
  if (missing.length + unknown.length === 0) return;
  throw new StoreError(
    'store.contract',
    `sql.js does not fit the file shim: missing imports [${missing.join(', ')}], unknown imports [${unknown.join(', ')}]`,
    { missing: missing.join(', '), unknown: unknown.join(', ') },
  );
}

/** A NUL-terminated UTF-8 string in the module's memory. */
export function readText(memory: DataView, pointer: number): string {
  const bytes = new Uint8Array(memory.buffer);
  return Buffer.from(bytes.subarray(pointer, bytes.indexOf(0, pointer))).toString('utf8');
}

/** `struct stat` of Emscripten's wasm32 libc: 96 bytes, the 64-bit size at 24 and the inode at 88. SQLite reads no times. */
export function writeStat(memory: DataView, pointer: number, stat: FileStat): void {
  new Uint8Array(memory.buffer, pointer, 96).fill(0);
  memory.setUint32(pointer, Number(BigInt.asUintN(32, stat.dev)), true);
  memory.setUint32(pointer + 4, Number(BigInt.asUintN(32, stat.mode)), true);
  memory.setUint32(pointer + 8, Number(BigInt.asUintN(32, stat.nlink)), true);
  memory.setBigInt64(pointer + 24, stat.size, true);
  memory.setInt32(pointer + 32, 4096, true);
  memory.setBigUint64(pointer + 88, BigInt.asUintN(64, stat.ino), true);
}

/** SQLite's functions that fill, step through and read a statement, called without sql.js's wrappers. */
export interface StatementCalls {
  /** Answers a result code; the parameter is counted from 1, as in `double` and `text`. */
  bindInteger(statement: number, parameter: number, value: number): number;
  bindDouble(statement: number, parameter: number, value: number): number;
  /** The destructor {@link SQLITE_TRANSIENT} makes SQLite copy the bytes. */
  bindText(statement: number, parameter: number, address: number, bytes: number, destructor: number): number;
  /** With address 0 it binds NULL. */
  bindBlob(statement: number, parameter: number, address: number, bytes: number, destructor: number): number;
  clearBindings(statement: number): number;
  step(statement: number): number;
  reset(statement: number): number;
  type(statement: number, column: number): number;
  double(statement: number, column: number): number;
  /** Address of the UTF-8 text, 0 for NULL. */
  text(statement: number, column: number): number;
  /** Length of the text in bytes; call after `text`. */
  bytes(statement: number, column: number): number;
  /** Address of the last error's sentence. */
  errorMessage(database: number): number;
  allocate(bytes: number): number;
  release(address: number): void;
  readonly memory: WebAssembly.Memory;
}

export const SQLITE_OK = 0;
/** `sqlite3_step` has a row; `sqlite3_column_type` of NULL. */
export const SQLITE_ROW = 100;
export const SQLITE_DONE = 101;
export const SQLITE_NULL = 5;
export const SQLITE_TRANSIENT = -1;

/** Takes the functions from the module's exports, or refuses a build that names them otherwise. */
export function statementCalls(exports: WebAssembly.Exports): StatementCalls {
  const call = (name: string): never => {
    const found = exports[name];
    if (typeof found === 'function') return found as never;
    throw new StoreError('store.contract', `sql.js does not fit the statements: missing export ${name}`, {
      missing: name,
    });
  };
  return {
    bindInteger: call('sqlite3_bind_int'),
    bindDouble: call('sqlite3_bind_double'),
    bindText: call('sqlite3_bind_text'),
    bindBlob: call('sqlite3_bind_blob'),
    clearBindings: call('sqlite3_clear_bindings'),
    step: call('sqlite3_step'),
    reset: call('sqlite3_reset'),
    type: call('sqlite3_column_type'),
    double: call('sqlite3_column_double'),
    text: call('sqlite3_column_text'),
    bytes: call('sqlite3_column_bytes'),
    errorMessage: call('sqlite3_errmsg'),
    allocate: call('malloc'),
    release: call('free'),
    memory: exports.memory as WebAssembly.Memory,
  };
}
