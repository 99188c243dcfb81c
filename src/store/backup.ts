/**
 * The daily backup: after a checkpoint and with none meanwhile the main file stands still, whatever is committed, so it is
 * copied in slices, checked, synced, and takes the place of the older backup only then.
 */
import { constants as O } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from './database.ts';
import type { Disk } from './disk.ts';
import { StoreError } from './errors.ts';
import { markSuspect } from './marks.ts';

export const backupPath = (path: string): string => `${path}.bak`;

export interface BackupOptions {
  readonly database: Database;
  readonly disk: Disk;
  /** The database file. */
  readonly path: string;
  /** Answers `ok`, or what is wrong with the copy. */
  readonly check: (path: string) => Promise<string>;
  /** Throws when this process does not own the store any more. */
  readonly mayWrite: () => void;
}

export interface Backup {
  /** One at a time. Rejects with `store.backup` {path, reason}; the backup before it is then still there. */
  make(): Promise<void>;
  /** Whether there is none, or one older than `ms`. `now` in ms since the epoch. */
  isOlderThan(ms: number, now: number): boolean;
}

const SLICE_BYTES = 1 << 20;

export function createBackup({ database, disk, path, check, mayWrite }: BackupOptions): Backup {
  const target = backupPath(path);
  const draft = `${target}.partial`;
  let making: Promise<void> | undefined;

  async function make(): Promise<void> {
    try {
      await database.whileMainFileRests(copy);
      const verdict = await check(draft);
      if (verdict !== 'ok') {
        markSuspect(disk, path, verdict);
        throw new Error(verdict);
      }
      await publish();
    } catch (error) {
      discard();
      const reason = error instanceof Error ? error.message : String(error);
      throw new StoreError('store.backup', `no backup of ${path} was made: ${reason}`, { path, reason }, error);
    }
  }

  async function copy(): Promise<void> {
    if (disk.exists(draft)) disk.unlink(draft);
    const from = disk.open(path, O.O_RDONLY);
    try {
      const to = disk.open(draft, O.O_RDWR | O.O_CREAT | O.O_EXCL);
      try {
        const slice = new Uint8Array(SLICE_BYTES);
        for (let at = 0; ; ) {
          const length = disk.read(from, slice, at);
          if (length === 0) break;
          for (let done = 0; done < length; ) done += disk.write(to, slice.subarray(done, length), at + done);
          at += length;
          await new Promise(setImmediate); // others have their turn
        }
      } finally {
        disk.close(to);
      }
    } finally {
      disk.close(from);
    }
  }

  async function publish(): Promise<void> {
    const fd = disk.open(draft, O.O_RDWR);
    try {
      await disk.datasync(fd);
    } finally {
      disk.close(fd);
    }
    mayWrite();
    disk.rename(draft, target);
    disk.syncFolder(dirname(path));
  }

  function discard(): void {
    try {
      if (disk.exists(draft)) disk.unlink(draft);
    } catch {
      // the next backup begins with the same
    }
  }

  return {
    make() {
      making ??= make().finally(() => {
        making = undefined;
      });
      return making;
    },
    isOlderThan(ms, now) {
      if (ms === Number.POSITIVE_INFINITY) return false;
      if (!disk.exists(target)) return true;
      return now - Number(disk.stat(target).mtimeNs / 1_000_000n) > ms;
    },
  };
}
