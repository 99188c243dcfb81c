/** The system calls of SQLite, answered from a `Disk` for the databases that are bound to real files. */
import { constants as O } from 'node:fs';
import { basename, dirname } from 'node:path';
import { errnoOf } from '../core/coded-error.ts';
import {
  DATABASE_NAME,
  EACCES,
  EIO,
  EM_O,
  ENOENT,
  ERRNO,
  F_GETLK,
  F_UNLCK,
  type ReplacedCall,
  readText,
  writeStat,
} from './contract.ts';
import type { Disk, FileStat } from './disk.ts';

/** One database file and what SQLite has open of it. */
export interface Binding {
  readonly path: string;
  readonly disk: Disk;
  wal: OpenFile | undefined;
  failure: Error | undefined;
  refusal: Error | undefined;
  /** Descriptors replaced while they may have been in use; closed with the database. */
  readonly retired: number[];
}

/** A descriptor of SQLite: SQLite seeks and then reads, a `Disk` has no position of its own. */
export interface OpenFile {
  readonly binding: Binding;
  fd: number;
  position: number;
}

export interface Bindings {
  readonly byName: Map<string, Binding>;
  readonly openFiles: Map<number, OpenFile>;
  /** sql.js picks a random name: the next unknown `dbfile_*` is the one that is being opened. */
  armed: Binding | undefined;
  lastFd: number;
}

export type ImportedCall = (...args: never[]) => number;
/** The call on a real file, or undefined when it concerns a file in memory. */
type Work = (() => number) | undefined;

/** Stands for the folder, which SQLite opens only to sync it. Ours start far above what the memory file system hands out. */
const FOLDER_FD = 1 << 20;

export function createBindings(): Bindings {
  return { byName: new Map(), openFiles: new Map(), armed: undefined, lastFd: FOLDER_FD };
}

/** Our versions of the replaced calls; each hands what is not ours to `original`. */
export function fileCalls(
  bindings: Bindings,
  original: Readonly<Record<string, ImportedCall>>,
  memory: () => WebAssembly.Memory,
): Record<string, ImportedCall> {
  const view = (): DataView => new DataView(memory().buffer); // never kept: growing the memory detaches its buffer
  const calls = fileWork(bindings, view);
  const wrapped: Record<string, ImportedCall> = {};
  for (const name of Object.keys(calls) as ReplacedCall[]) {
    const own = calls[name];
    const sign = name.startsWith('fd_') ? 1 : -1; // WASI calls return the number, system calls its negative
    wrapped[name] = (...args) => {
      const work = own(...args);
      if (work === undefined) return (original[name] as ImportedCall)(...args);
      try {
        return work();
      } catch (error) {
        // Only a number may leave: an exception would unwind through SQLite's C code.
        return sign * (ERRNO[errnoOf(error) ?? ''] ?? EIO);
      }
    };
  }
  return wrapped;
}

function fileWork(bindings: Bindings, view: () => DataView): Record<ReplacedCall, (...args: never[]) => Work> {
  const withPath = (pointer: number, then: (binding: Binding, path: string, suffix: string) => number): Work => {
    const found = find(bindings, readText(view(), pointer));
    return found && (() => guarded(found.binding, () => then(found.binding, found.path, found.suffix)));
  };
  const withFd = (fd: number, then: (file: OpenFile, disk: Disk) => number): Work => {
    const file = bindings.openFiles.get(fd);
    return file && (() => guarded(file.binding, () => then(file, file.binding.disk)));
  };
  const answerStat = (pointer: number, stat: FileStat): number => {
    writeStat(view(), pointer, stat);
    return 0;
  };
  const statPath = (name: number, into: number): Work =>
    withPath(name, (binding, path) => answerStat(into, binding.disk.stat(path)));
  const transfer =
    (operation: 'read' | 'write') =>
    (fd: number, vectors: number, count: number, moved: number): Work =>
      withFd(fd, (file, disk) => {
        let total = 0;
        for (let at = vectors; at < vectors + 8 * count; at += 8) {
          const memory = view();
          const part = new Uint8Array(memory.buffer, memory.getUint32(at, true), memory.getUint32(at + 4, true));
          const bytes = disk[operation](file.fd, part, file.position);
          file.position += bytes;
          total += bytes;
          if (bytes < part.length) break; // short: SQLite asks again, or fills up with zeros past the end
        }
        view().setUint32(moved, total, true);
        return 0;
      });

  return {
    __syscall_openat: (_folder: number, name: number, flags: number) => {
      if (readText(view(), name) === '/' && bindings.byName.size > 0) return () => FOLDER_FD;
      return withPath(name, (binding, path, suffix) => {
        if (suffix === '-shm') return -EACCES; // there is no shared memory here; locking_mode=EXCLUSIVE does without
        // SQLite contents itself with a file that it can only read, and refuses the first write without a reason.
        if (binding.refusal !== undefined && isReading(flags) && !binding.disk.isForLooking) throw binding.refusal;
        const file: OpenFile = { binding, fd: binding.disk.open(path, openFlags(flags)), position: 0 };
        if (suffix === '-wal') binding.wal = file;
        bindings.lastFd += 1;
        bindings.openFiles.set(bindings.lastFd, file);
        return bindings.lastFd;
      });
    },
    __syscall_faccessat: (_folder: number, name: number) =>
      withPath(name, (binding, path) => (binding.disk.exists(path) ? 0 : -ENOENT)),
    __syscall_stat64: statPath,
    __syscall_lstat64: statPath,
    __syscall_newfstatat: (_folder: number, name: number, into: number) => statPath(name, into),
    __syscall_fstat64: (fd: number, into: number) => withFd(fd, (file, disk) => answerStat(into, disk.stat(file.fd))),
    __syscall_ftruncate64: (fd: number, size: bigint) =>
      withFd(fd, (file, disk) => {
        disk.truncate(file.fd, Number(size));
        return 0;
      }),
    __syscall_unlinkat: (_folder: number, name: number) =>
      withPath(name, (binding, path) => {
        binding.disk.unlink(path);
        return 0;
      }),
    __syscall_fcntl64: (fd: number, command: number, args: number) => {
      if (fd === FOLDER_FD) return () => 0;
      return withFd(fd, () => {
        // The owner lock stands outside; SQLite only has to hear that nobody else holds a lock.
        if (command === F_GETLK) view().setInt16(view().getUint32(args, true), F_UNLCK, true);
        return 0;
      });
    },
    __syscall_fchmod: (fd: number) => withFd(fd, () => 0),
    __syscall_fchown32: (fd: number) => withFd(fd, () => 0),
    fd_read: transfer('read'),
    fd_write: transfer('write'),
    fd_seek: (fd: number, offset: bigint, whence: number, into: number) =>
      withFd(fd, (file, disk) => {
        const base = whence === 0 ? 0n : whence === 1 ? BigInt(file.position) : disk.stat(file.fd).size;
        file.position = Number(base + offset);
        view().setBigInt64(into, base + offset, true);
        return 0;
      }),
    fd_sync: (fd: number) => {
      if (fd === FOLDER_FD) return () => syncFolders(bindings);
      return withFd(fd, (file, disk) => {
        failing(file.binding, () => disk.sync(file.fd));
        return 0;
      });
    },
    fd_close: (fd: number) => {
      const file = bindings.openFiles.get(fd);
      if (file === undefined) return fd === FOLDER_FD ? () => 0 : undefined;
      return () => {
        // Not guarded: closing is what still works after a failure.
        bindings.openFiles.delete(fd);
        if (file.binding.wal === file) file.binding.wal = undefined;
        file.binding.disk.close(file.fd);
        return 0;
      };
    },
  };
}

/** The real file behind one of SQLite's names, or undefined when it lives in memory. */
function find(bindings: Bindings, name: string): { binding: Binding; path: string; suffix: string } | undefined {
  const match = DATABASE_NAME.exec(basename(name));
  const base = match?.[1];
  if (base === undefined) return undefined;
  let binding = bindings.byName.get(base);
  if (binding === undefined) {
    if (bindings.armed === undefined) return undefined;
    binding = bindings.armed;
    bindings.armed = undefined;
    bindings.byName.set(base, binding);
  }
  const suffix = match?.[2] ?? '';
  return { binding, path: binding.path + suffix, suffix };
}

function isReading(flags: number): boolean {
  return (flags & EM_O.accessMode) === O.O_RDONLY;
}

function openFlags(flags: number): number {
  return (
    (flags & EM_O.accessMode) |
    (flags & EM_O.create ? O.O_CREAT : 0) |
    (flags & EM_O.exclusive ? O.O_EXCL : 0) |
    (flags & EM_O.truncate ? O.O_TRUNC : 0)
  );
}

/** Refuses everything after a failure, and remembers what the disk refused. */
function guarded(binding: Binding, work: () => number): number {
  if (binding.failure !== undefined) throw binding.failure;
  try {
    return work();
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') binding.refusal = error as Error;
    throw error;
  }
}

/** A sync that fails is final: the kernel reports it once and may have dropped the pages. */
function failing(binding: Binding, sync: () => void): void {
  try {
    sync();
  } catch (error) {
    binding.failure ??= error as Error;
    throw error;
  }
}

/** SQLite sees one folder "/" for all its databases: syncing it syncs the folder of every bound file. */
function syncFolders(bindings: Bindings): number {
  let first: unknown;
  for (const binding of new Set(bindings.byName.values())) {
    if (binding.failure !== undefined) continue;
    try {
      failing(binding, () => binding.disk.syncFolder(dirname(binding.path)));
    } catch (error) {
      first ??= error;
    }
  }
  if (first !== undefined) throw first;
  return 0;
}
