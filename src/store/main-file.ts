/** Whether the main file is still the one that was opened: people and programs delete, replace and cut files. */
import { errnoOf } from '../core/coded-error.ts';
import type { Disk, FileStat } from './disk.ts';
import { refusedWrite, StoreError } from './errors.ts';

export interface MainFile {
  /** Throws `store.gone` {path, reason} when the file was deleted, replaced or became shorter. */
  check(): void;
  /** SQLite has just written it: its size is what it should be from now on. */
  note(): void;
}

export function watchMainFile(disk: Disk, path: string): MainFile {
  let opened: FileStat;
  try {
    opened = disk.stat(path);
  } catch (error) {
    throw refusedWrite(path, error);
  }
  let { size } = opened;

  function look(): FileStat {
    try {
      return disk.stat(path);
    } catch (error) {
      throw errnoOf(error) === 'ENOENT' ? gone(path, 'it was deleted') : error;
    }
  }

  return {
    check() {
      const found = look();
      if (found.ino !== opened.ino || found.dev !== opened.dev) throw gone(path, 'it was replaced by another file');
      if (found.size < size) throw gone(path, `it was cut from ${size} to ${found.size} bytes`);
    },
    note() {
      ({ size } = look());
    },
  };
}

function gone(path: string, reason: string): StoreError {
  return new StoreError('store.gone', `${path} is not the file that was opened: ${reason}`, { path, reason });
}
