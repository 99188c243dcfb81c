/** Puts the backup in the place of a store that could not be used; nothing starts by itself from what it says. */
import { dirname } from 'node:path';
import { setAside } from './aside.ts';
import { backupPath } from './backup.ts';
import { checkHeader, checkOwnership, checkTables } from './checks.ts';
import { damaged, damagedOr } from './damage.ts';
import { copyDurably, type Disk, syncFile } from './disk.ts';
import { refusedWrite, StoreError } from './errors.ts';
import { applyPragmas, firstValue, lockForThisProcess } from './pragmas.ts';
import type { Shim } from './shim.ts';

interface Restoring {
  readonly shim: Shim;
  readonly disk: Disk;
  readonly path: string;
  readonly steps: readonly string[];
  readonly now: () => number;
}

/**
 * The time of the backup (ISO), or undefined when there is none that can be used: such a one is set aside as well.
 * The place must be free. A crash on the way leaves the place free.
 */
export function restoreBackup(restoring: Restoring): string | undefined {
  const { disk, path } = restoring;
  const backup = backupPath(path);
  if (!disk.exists(backup)) return undefined;
  const draft = `${path}.new`;
  try {
    for (const suffix of ['', '-wal', '-journal']) if (disk.exists(draft + suffix)) disk.unlink(draft + suffix);
    copyDurably(disk, backup, draft);
    holdEverything(restoring, draft);
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'store.damaged')) throw error;
    setAside(restoring, backup);
    return undefined;
  }
  syncFile(disk, draft);
  disk.rename(draft, path);
  disk.syncFolder(dirname(path));
  return new Date(Number(disk.stat(backup).mtimeNs / 1_000_000n)).toISOString();
}

/** What ran when the backup was made has gone on since then: people decide what happens to it. */
const HOLD = `
UPDATE unit_attempts SET outcome = 'lost' WHERE outcome IS NULL
  AND unit_id IN (SELECT id FROM task_unit_progress WHERE status = 'running');
UPDATE task_unit_progress SET status = 'paused', reason_code = 'store.unitRestored', reason_args = NULL WHERE status = 'running';
UPDATE sync_tasks SET run_state = 'paused', reason_code = 'store.taskRestored', reason_args = NULL
  WHERE run_state <> 'idle';
UPDATE scheduled_tasks SET enabled = 0, status = 'INACTIVE';`;

function holdEverything({ shim, disk, path, steps }: Restoring, draft: string): void {
  checkHeader(disk, draft);
  const file = openDraft(shim, disk, draft, path);
  try {
    lockForThisProcess(file.sql);
    checkOwnership(file.sql, path);
    const version = Number(firstValue(file.sql, 'PRAGMA user_version'));
    if (version > steps.length) throw damaged(path, 'its backup was written by a newer version');
    applyPragmas(file.sql);
    checkTables(file.sql, path);
    file.sql.run(`PRAGMA synchronous=OFF; BEGIN; ${HOLD} COMMIT`); // one sync at the end
  } catch (error) {
    const cause = file.failure() ?? file.takeRefusal();
    throw cause === undefined ? damagedOr(error, path) : refusedWrite(path, cause); // no damage: not readable just now
  } finally {
    file.close();
  }
  if (file.failure() !== undefined) throw refusedWrite(path, file.failure());
  if (disk.exists(`${draft}-wal`)) throw refusedWrite(path, new Error('the backup could not be completed'));
}

function openDraft(shim: Shim, disk: Disk, draft: string, path: string): ReturnType<Shim['open']> {
  try {
    return shim.open(draft, disk);
  } catch (error) {
    throw damagedOr(error, path);
  }
}
