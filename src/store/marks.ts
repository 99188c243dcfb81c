/**
 * Small files beside the database that tell the next opening what the database itself cannot: that its WAL held
 * acknowledged changes, and that a part of it which is not checked at every opening was found damaged.
 * They are hints: losing one costs a sentence, never a change, so a disk that refuses them is not asked again.
 */
import { constants as O } from 'node:fs';
import { type Disk, readStart } from './disk.ts';

const MOST_BYTES = 4_096;

const unfolded = (path: string): string => `${path}.unfolded`;
const suspect = (path: string): string => `${path}.suspect`;

/** From now on the WAL holds changes that the main file does not. */
export function markUnfolded(disk: Disk, path: string): void {
  quietly(() => writeMark(disk, unfolded(path), stampOf(disk, path)));
}

/** The main file holds everything; call it while the WAL's file is still there. */
export function markFolded(disk: Disk, path: string): void {
  quietly(() => remove(disk, unfolded(path)));
}

/** A WAL with acknowledged changes is gone, and no other program has moved it into the main file. */
export function isWalMissing(disk: Disk, path: string): boolean {
  if (disk.exists(`${path}-wal`)) return false;
  return quietly(() => readMark(disk, unfolded(path)) === stampOf(disk, path)) ?? false;
}

export function markSuspect(disk: Disk, path: string, reason: string): void {
  quietly(() => writeMark(disk, suspect(path), reason));
}

/** Why the whole file has to be checked; undefined when it has not. */
export function suspicion(disk: Disk, path: string): string | undefined {
  return quietly(() => readMark(disk, suspect(path)));
}

export function clearSuspicion(disk: Disk, path: string): void {
  quietly(() => remove(disk, suspect(path)));
}

/** Changes whenever somebody writes the main file. */
function stampOf(disk: Disk, path: string): string {
  const { size, mtimeNs } = disk.stat(path);
  return `${size} ${mtimeNs}`;
}

function writeMark(disk: Disk, path: string, text: string): void {
  remove(disk, path);
  const fd = disk.open(path, O.O_RDWR | O.O_CREAT | O.O_EXCL);
  try {
    disk.write(fd, Buffer.from(text.slice(0, MOST_BYTES / 4)), 0);
  } finally {
    disk.close(fd);
  }
}

function readMark(disk: Disk, path: string): string | undefined {
  return disk.exists(path) ? Buffer.from(readStart(disk, path, MOST_BYTES)).toString('utf8') : undefined;
}

function remove(disk: Disk, path: string): void {
  if (disk.exists(path)) disk.unlink(path);
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
