/** A simulated disk on which each file operation is a place where the process may die or the disk may refuse. */
import { constants as O } from 'node:fs';
import type { Disk } from '../../src/store/disk.ts';
import type { Image, SimDisk, TornWrite } from './sim-disk.ts';

export type Operation =
  | 'open'
  | 'create'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'datasync'
  | 'stat'
  | 'unlink'
  | 'rename'
  | 'syncFolder';

const ERRNOS = ['EIO', 'ENOSPC', 'EPERM'] as const;
export type Errno = (typeof ERRNOS)[number];

/** Where the process dies: the power goes, or only the process does and what it wrote stays. */
const DEATHS = ['cut before', 'cut torn', 'cut after', 'kill torn', 'kill after'] as const;
export type Death = (typeof DEATHS)[number];

/** `once` = the operation after it works again; `ever` = none of its kind does until the process ends. */
export interface Refusal {
  readonly errno: Errno;
  readonly lasts: 'once' | 'ever';
}
export type Outcome = Death | Refusal;

const REFUSED_BY: Readonly<Record<Operation, readonly Errno[]>> = {
  open: ['EIO', 'EPERM'],
  create: ERRNOS,
  read: ['EIO'],
  write: ERRNOS,
  truncate: ERRNOS,
  sync: ['EIO', 'ENOSPC'],
  datasync: ['EIO', 'ENOSPC'],
  stat: ['EIO'],
  unlink: ['EIO', 'EPERM'],
  rename: ERRNOS,
  syncFolder: ['EIO', 'EPERM'],
};

const LOOKS: readonly Operation[] = ['open', 'read', 'stat'];

/** Everything that can happen at an operation of this kind. What only looks leaves the disk as it was before. */
export function outcomesOf(operation: Operation): readonly Outcome[] {
  const deaths = LOOKS.includes(operation)
    ? []
    : DEATHS.filter((death) => operation === 'write' || !death.endsWith('torn'));
  const refusals = REFUSED_BY[operation].flatMap((errno): Refusal[] => [
    { errno, lasts: 'once' },
    { errno, lasts: 'ever' },
  ]);
  return [...deaths, ...refusals];
}

export interface CrashDiskOptions {
  readonly disk: SimDisk;
  /** Whether, and how, the process dies at this operation; the life goes on all the same, as if it had not. */
  readonly deathAt?: (place: number, operation: Operation) => Death | undefined;
  /** Receives what the death at the place leaves. */
  readonly onDeath?: (place: number, operation: Operation, path: string, image: Image) => void;
  /** The disk refuses from this place on. */
  readonly refuse?: Refusal & { readonly place: number };
}

export interface CrashDisk extends Disk {
  /** Operations so far: the next one has this place. */
  readonly places: number;
  /** Whether the planned refusal has come. */
  readonly refused: boolean;
}

export function createCrashDisk({ disk, deathAt, onDeath, refuse }: CrashDiskOptions): CrashDisk {
  const paths = new Map<number, string>();
  let places = 0;
  let refusedKind: 'looks' | 'changes' | undefined;

  function at<T>(operation: Operation, path: string, work: () => T, torn?: TornWrite): T {
    const place = places++;
    if (isRefused(place, operation))
      throw Object.assign(new Error(`${refuse?.errno}: simulated`), { code: refuse?.errno });
    const death = deathAt?.(place, operation);
    const dead = (image: Image): void => onDeath?.(place, operation, path, image);
    if (death === 'cut before') dead(disk.peek());
    if (death === 'cut torn') dead(disk.peek(torn));
    if (death === 'kill torn') dead(disk.snapshot(torn));
    const result = work();
    if (death === 'cut after') dead(disk.peek());
    if (death === 'kill after') dead(disk.snapshot());
    return result;
  }

  function isRefused(place: number, operation: Operation): boolean {
    if (refuse === undefined || place < refuse.place) return false;
    const kind = LOOKS.includes(operation) ? 'looks' : 'changes';
    if (place === refuse.place) refusedKind = kind;
    return place === refuse.place || (refuse.lasts === 'ever' && kind === refusedKind);
  }

  const pathOf = (fd: number): string => paths.get(fd) ?? '';
  return {
    get places() {
      return places;
    },
    get refused() {
      return refusedKind !== undefined;
    },
    open(path, flags) {
      const creates = (flags & O.O_CREAT) !== 0 && !disk.exists(path);
      return at(creates ? 'create' : 'open', path, () => {
        const fd = disk.open(path, flags);
        paths.set(fd, path);
        return fd;
      });
    },
    read: (fd, into, offset) => at('read', pathOf(fd), () => disk.read(fd, into, offset)),
    write: (fd, from, offset) => {
      const torn = { path: pathOf(fd), at: offset, bytes: from.slice() };
      return at('write', torn.path, () => disk.write(fd, from, offset), torn);
    },
    truncate: (fd, size) => at('truncate', pathOf(fd), () => disk.truncate(fd, size)),
    sync: (fd) => at('sync', pathOf(fd), () => disk.sync(fd)),
    async datasync(fd) {
      await at('datasync', pathOf(fd), () => disk.datasync(fd));
    },
    close: (fd) => disk.close(fd),
    stat: (target) => at('stat', typeof target === 'string' ? target : pathOf(target), () => disk.stat(target)),
    unlink: (path) => at('unlink', path, () => disk.unlink(path)),
    rename: (from, to) => at('rename', from, () => disk.rename(from, to)),
    exists: (path) => disk.exists(path),
    syncFolder: (path) => at('syncFolder', path, () => disk.syncFolder(path)),
  };
}
