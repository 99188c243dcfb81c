/** The seam between the store and the file system. Tests put a failing disk, or one that forgets unsynced writes, behind it. */
import * as fs from 'node:fs';
import { dirname } from 'node:path';

/** What the store needs to know about a file. Bigints, for inode numbers on Windows pass 2^53. */
export interface FileStat {
  readonly size: bigint;
  readonly nlink: bigint;
  readonly mode: bigint;
  readonly ino: bigint;
  readonly dev: bigint;
  /** Last write, ns since the epoch. */
  readonly mtimeNs: bigint;
}

/** Every operation throws an error with an errno name as `code` (`ENOSPC`, `EIO`, ..). */
export interface Disk {
  /** Every change is refused on purpose: SQLite may open the file for reading only. */
  readonly isForLooking?: true;
  /** Opens with the flags of `fs.constants`; a new file gets mode 0600. Never follows a symbolic link at the end of the path. */
  open(path: string, flags: number): number;
  read(fd: number, into: Uint8Array, at: number): number;
  write(fd: number, from: Uint8Array, at: number): number;
  truncate(fd: number, size: number): void;
  sync(fd: number): void;
  /** Off the main thread. Promises durability of what was written before the call, no more. */
  datasync(fd: number): Promise<void>;
  close(fd: number): void;
  stat(target: number | string): FileStat;
  unlink(path: string): void;
  rename(from: string, to: string): void;
  exists(path: string): boolean;
  /** Makes creations, renames and deletions inside the folder durable. */
  syncFolder(path: string): void;
}

/** 0 on Windows, which has no such flag. */
const NO_FOLLOW = fs.constants.O_NOFOLLOW ?? 0;

/** The machine's own file system. */
export const realDisk: Disk = {
  open: (path, flags) => fs.openSync(path, flags | NO_FOLLOW, 0o600),
  read: (fd, into, at) => fs.readSync(fd, into, 0, into.length, at),
  write: (fd, from, at) => fs.writeSync(fd, from, 0, from.length, at),
  truncate: (fd, size) => fs.ftruncateSync(fd, size),
  sync: (fd) => fs.fsyncSync(fd),
  datasync: (fd) =>
    new Promise((resolve, reject) => fs.fdatasync(fd, (error) => (error === null ? resolve() : reject(error)))),
  close: (fd) => fs.closeSync(fd),
  stat: (target) =>
    typeof target === 'number' ? fs.fstatSync(target, { bigint: true }) : fs.lstatSync(target, { bigint: true }),
  unlink: (path) => fs.unlinkSync(path),
  rename: (from, to) => fs.renameSync(from, to),
  exists: (path) => fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined,
  syncFolder(path) {
    if (process.platform === 'win32') return; // a folder cannot be flushed there; NTFS journals its entries by itself
    const fd = fs.openSync(path, fs.constants.O_RDONLY);
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
};

/** The same disk for looking only: files open for reading, every change answers EROFS, syncs do nothing. */
export function readOnly(disk: Disk): Disk {
  const refuse = (): never => {
    throw Object.assign(new Error('the store was opened for reading only'), { code: 'EROFS' });
  };
  return {
    ...disk,
    isForLooking: true,
    open: (path, flags) => {
      if ((flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0) refuse();
      return disk.open(path, fs.constants.O_RDONLY);
    },
    write: refuse,
    truncate: refuse,
    unlink: refuse,
    rename: refuse,
    sync: () => undefined,
    datasync: () => Promise.resolve(),
    syncFolder: () => undefined,
  };
}

/** Reads up to `length` bytes from the start of a file; shorter when the file is. */
export function readStart(disk: Disk, path: string, length: number): Uint8Array {
  const fd = disk.open(path, fs.constants.O_RDONLY);
  try {
    return readAll(disk, fd, Math.min(length, Number(disk.stat(fd).size)));
  } finally {
    disk.close(fd);
  }
}

/** Waits until the file's bytes and size are on the disk. */
export function syncFile(disk: Disk, path: string): void {
  const fd = disk.open(path, fs.constants.O_RDWR);
  try {
    disk.sync(fd);
  } finally {
    disk.close(fd);
  }
}

/** Copies a file beside itself or elsewhere, durably: bytes, sync, folder sync. An existing target is replaced by rename. */
export function copyDurably(disk: Disk, from: string, to: string): void {
  const size = Number(disk.stat(from).size);
  const partial = `${to}.partial`;
  if (disk.exists(partial)) disk.unlink(partial);
  const target = disk.open(partial, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL);
  try {
    const source = disk.open(from, fs.constants.O_RDONLY);
    try {
      const chunk = new Uint8Array(1 << 20);
      for (let at = 0; at < size; ) {
        const moved = disk.read(source, chunk, at);
        if (moved === 0) break;
        writeAll(disk, target, chunk.subarray(0, moved), at);
        at += moved;
      }
    } finally {
      disk.close(source);
    }
    disk.sync(target);
  } finally {
    disk.close(target);
  }
  disk.rename(partial, to);
  disk.syncFolder(dirname(to));
}

const WAL_HEADER_BYTES = 32;

/**
 * Writes a WAL that lost its name back to its path, durably, and returns the new descriptor. The header goes last: cut
 * short, SQLite takes the file for an empty WAL. A WAL that is merely shorter would put old pages over the newer ones
 * which whoever deleted it has already moved into the main file.
 */
export function writeWalBack(disk: Disk, nameless: number, path: string): number {
  const bytes = readAll(disk, nameless, Number(disk.stat(nameless).size));
  if (disk.exists(path)) disk.unlink(path);
  const fd = disk.open(path, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL);
  try {
    writeAll(disk, fd, bytes.subarray(WAL_HEADER_BYTES), WAL_HEADER_BYTES);
    disk.sync(fd);
    writeAll(disk, fd, bytes.subarray(0, WAL_HEADER_BYTES), 0);
    disk.sync(fd);
    disk.syncFolder(dirname(path));
  } catch (error) {
    disk.close(fd);
    throw error;
  }
  return fd;
}

function readAll(disk: Disk, fd: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const moved = disk.read(fd, bytes.subarray(at), at);
    if (moved === 0) throw Object.assign(new Error('a file became shorter while it was read'), { code: 'EIO' });
    at += moved;
  }
  return bytes;
}

function writeAll(disk: Disk, fd: number, bytes: Uint8Array, offset: number): void {
  for (let at = 0; at < bytes.length; ) at += disk.write(fd, bytes.subarray(at), offset + at);
}
