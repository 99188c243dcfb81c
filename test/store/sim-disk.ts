/**
 * A disk in memory with a cache that a power cut empties. Reads see every write; a cut keeps what was synced plus whatever
 * part of the rest chance lets through, torn at sector borders. Names are cached too: a file has no durable name before
 * its folder was synced.
 */
import { constants as O } from 'node:fs';
import { dirname } from 'node:path';
import type { Disk, FileStat } from '../../src/store/disk.ts';
import type { Random } from './random.ts';

const SECTOR_BYTES = 512;

type Change = { readonly at: number; readonly bytes: Uint8Array } | { readonly size: number };

/** The bytes of a file, growing by doubling. */
export interface Content {
  bytes: Uint8Array;
  size: number;
  /** Counts the changes, as the time of the last write does. */
  version: number;
  /** The bytes belong to a copy as well: whoever changes them first takes bytes of their own. */
  shared?: boolean;
}

/** File contents by path. */
export type Image = ReadonlyMap<string, Content>;

interface Inode {
  readonly id: number;
  cached: Content;
  durable: Content;
  unsynced: Change[];
  links: number;
}

/** One step in a folder; a rename is one step, as journalling file systems make it. */
type NameChange = readonly { readonly path: string; readonly inode: Inode | undefined }[];

export interface SimOptions {
  readonly image: Image;
  readonly random: Random;
  /** File operations until the power goes; default: it stays. */
  readonly callsUntilCut?: number;
  /** Negative control: the store's fdatasync does nothing. */
  readonly ignoreDatasync?: boolean;
  /** Negative control: SQLite's own syncs do nothing, as with synchronous=OFF. */
  readonly ignoreSync?: boolean;
  /** A sync takes as long as it has to for commits to fall into it, and no longer. */
  readonly prompt?: boolean;
}

/** A write that is under way. */
export interface TornWrite {
  readonly path: string;
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface SimDisk extends Disk {
  /** What a cut left; undefined while the power is on. */
  readonly remains: Image | undefined;
  /** File operations so far. */
  readonly calls: number;
  /** What another program reads now, and what a kill leaves; of a write under way half of the sectors are there. */
  snapshot(torn?: TornWrite): Image;
  /** What a power cut would leave now. */
  peek(torn?: TornWrite): Image;
  /** Another program moves the WAL into the main file and deletes it; SQLite syncs a WAL before it touches the main file. */
  foldByOther(path: string, folded: Content): void;
  cutAfter(calls: number): void;
  /** Pulls the plug: every later call fails. */
  cut(): Image;
}

let devices = 0;

export function createSimDisk(options: SimOptions): SimDisk {
  const { random } = options;
  const device = BigInt(++devices); // SQLite knows a file by device and inode, across all open databases
  const names = new Map<string, Inode>();
  const durableNames = new Map<string, Inode>();
  let unsyncedNames: NameChange[] = [];
  const handles = new Map<number, Inode>();
  let nextId = 3;
  let calls = 0;
  let callsLeft = options.callsUntilCut ?? Number.POSITIVE_INFINITY;
  let remains: Image | undefined;

  for (const [path, content] of options.image) {
    const inode = newInode(content);
    names.set(path, inode);
    durableNames.set(path, inode);
  }

  function newInode(content: Content = emptyContent()): Inode {
    return { id: nextId++, cached: copyOf(content), durable: copyOf(content), unsynced: [], links: 1 };
  }

  function count(): void {
    calls++;
    callsLeft--;
    if (remains === undefined && callsLeft < 0) cut();
    if (remains !== undefined) throw Object.assign(new Error('the power is off'), { code: 'EIO' });
  }

  function byFd(fd: number): Inode {
    const inode = handles.get(fd);
    if (inode === undefined) throw Object.assign(new Error(`bad descriptor ${fd}`), { code: 'EBADF' });
    return inode;
  }

  function byPath(path: string): Inode {
    const inode = names.get(path);
    if (inode === undefined) throw missing(path);
    return inode;
  }

  function changeNames(change: NameChange): void {
    setNames(names, change);
    unsyncedNames.push(change);
  }

  function change(inode: Inode, what: Change): void {
    apply(inode.cached, what);
    inode.unsynced.push(what);
  }

  function harden(inode: Inode, howMany: number): void {
    for (const what of inode.unsynced.splice(0, howMany)) apply(inode.durable, what);
  }

  function cut(): Image {
    remains ??= peek();
    return remains;
  }

  function peek(torn?: TornWrite): Image {
    const left = new Map(durableNames);
    for (const step of unsyncedNames.slice(0, pick(unsyncedNames.length + 1))) setNames(left, step);
    const written = torn && names.get(torn.path);
    return new Map([...left].map(([path, inode]) => [path, survivor(inode, inode === written ? torn : undefined)]));
  }

  function survivor({ durable, unsynced: before }: Inode, underWay?: Change): Content {
    const unsynced = underWay === undefined ? before : [...before, underWay];
    const left = copyOf(durable);
    const luck = random();
    if (luck < 0.15) return left; // nothing made it
    if (luck < 0.3) {
      for (const what of unsynced) apply(left, what); // all of it did
    } else if (luck < 0.6) {
      const kept = pick(unsynced.length + 1); // in order, the last one torn
      for (const what of unsynced.slice(0, kept)) apply(left, what);
      const torn = unsynced[kept];
      if (torn !== undefined) tear(left, torn, pick(SECTOR_BYTES * 16));
    } else {
      for (const what of unsynced) {
        const fate = random(); // any subset, single ones torn sector by sector
        if (fate < 0.45) apply(left, what);
        else if (fate < 0.65) tear(left, what, undefined);
      }
    }
    return left;
  }

  /** Applies the sectors before `border`, or each one by chance. Sectors are the disk's, not the write's. */
  function tear(left: Content, what: Change, border: number | undefined): void {
    if ('size' in what) return;
    for (let from = 0; from < what.bytes.length; ) {
      const to = Math.min(what.bytes.length, from + SECTOR_BYTES - ((what.at + from) % SECTOR_BYTES));
      const kept = border === undefined ? random() < 0.5 : to <= border;
      if (kept) apply(left, { at: what.at + from, bytes: what.bytes.subarray(from, to) });
      from = to;
    }
  }

  function pick(below: number): number {
    return Math.floor(random() * below);
  }

  return {
    get remains() {
      return remains;
    },
    get calls() {
      return calls;
    },
    open(path, flags) {
      count();
      let inode = names.get(path);
      if (inode === undefined) {
        if ((flags & O.O_CREAT) === 0) throw missing(path);
        inode = newInode();
        changeNames([{ path, inode }]);
      } else if ((flags & O.O_EXCL) !== 0) {
        throw Object.assign(new Error(`${path} exists`), { code: 'EEXIST' });
      }
      const fd = nextId++;
      handles.set(fd, inode);
      if ((flags & O.O_TRUNC) !== 0) change(inode, { size: 0 });
      return fd;
    },
    read(fd, into, at) {
      count();
      const { cached } = byFd(fd);
      const part = cached.bytes.subarray(at, Math.min(cached.size, at + into.length));
      into.set(part);
      return part.length;
    },
    write(fd, from, at) {
      count();
      change(byFd(fd), { at, bytes: from.slice() });
      return from.length;
    },
    truncate(fd, size) {
      count();
      change(byFd(fd), { size });
    },
    sync(fd) {
      count();
      if (!options.ignoreSync) harden(byFd(fd), Number.POSITIVE_INFINITY);
    },
    async datasync(fd) {
      count();
      const inode = byFd(fd);
      const last = inode.unsynced.at(-1); // later writes are not promised by this call
      await new Promise<void>((resolve) => {
        if (options.prompt || random() < 0.5) setImmediate(resolve);
        else setTimeout(resolve, 1);
      });
      count();
      if (options.ignoreDatasync) return;
      harden(inode, last === undefined ? 0 : inode.unsynced.indexOf(last) + 1); // a blocking sync may have been here meanwhile
    },
    close(fd) {
      handles.delete(fd);
    },
    stat(target): FileStat {
      count();
      const inode = typeof target === 'number' ? byFd(target) : byPath(target);
      const size = BigInt(inode.cached.size);
      return {
        size,
        nlink: BigInt(inode.links),
        mode: 0o100600n,
        ino: BigInt(inode.id),
        dev: device,
        mtimeNs: BigInt(inode.cached.version),
      };
    },
    unlink(path) {
      count();
      byPath(path).links--;
      changeNames([{ path, inode: undefined }]);
    },
    rename(from, to) {
      count();
      const inode = byPath(from);
      const replaced = names.get(to);
      if (replaced !== undefined) replaced.links--;
      changeNames([
        { path: from, inode: undefined },
        { path: to, inode },
      ]);
    },
    exists: (path) => names.has(path),
    syncFolder(path) {
      count();
      for (const step of unsyncedNames) setNames(durableNames, step);
      unsyncedNames = [];
      if ([...names.keys()].some((name) => dirname(name) !== path)) throw new Error('one folder only');
    },
    snapshot(torn) {
      const image = new Map([...names].map(([path, inode]) => [path, copyOf(inode.cached)]));
      const written = torn && image.get(torn.path);
      if (torn && written) tear(written, torn, Math.floor(torn.bytes.length / 2));
      return image;
    },
    peek,
    foldByOther(path, folded) {
      const main = byPath(path);
      const wal = byPath(`${path}-wal`);
      harden(wal, Number.POSITIVE_INFINITY);
      Object.assign(main, { cached: copyOf(folded), durable: copyOf(folded), unsynced: [] });
      wal.links--;
      changeNames([{ path: `${path}-wal`, inode: undefined }]);
    },
    cutAfter(howMany) {
      callsLeft = howMany;
    },
    cut,
  };
}

function setNames(names: Map<string, Inode>, change: NameChange): void {
  for (const { path, inode } of change) {
    if (inode === undefined) names.delete(path);
    else names.set(path, inode);
  }
}

function missing(path: string): Error {
  return Object.assign(new Error(`${path} does not exist`), { code: 'ENOENT' });
}

function emptyContent(): Content {
  return { bytes: new Uint8Array(0), size: 0, version: 0 };
}

function copyOf(content: Content): Content {
  content.shared = true;
  return { ...content };
}

function apply(content: Content, change: Change): void {
  content.version++;
  if (content.shared) {
    content.bytes = content.bytes.slice();
    content.shared = false;
  }
  if ('size' in change) {
    if (change.size < content.size) content.bytes.fill(0, change.size, content.size);
    reserve(content, change.size);
    content.size = change.size;
  } else {
    const end = change.at + change.bytes.length;
    reserve(content, end);
    content.bytes.set(change.bytes, change.at);
    content.size = Math.max(content.size, end);
  }
}

function reserve(content: Content, size: number): void {
  if (size <= content.bytes.length) return;
  const grown = new Uint8Array(Math.max(size, content.bytes.length * 2));
  grown.set(content.bytes);
  content.bytes = grown;
}
