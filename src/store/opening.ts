/**
 * From a path to an open database that can be trusted: made complete or not at all, checked, brought to the newest schema.
 * A file that cannot be used is set aside under another name; it is never deleted and never silently replaced.
 */
import { dirname } from 'node:path';
import type { SqlDatabase } from 'sql.js/dist/sql-wasm-debug.js';
import { errnoOf } from '../core/coded-error.ts';
import type { Coded } from '../core/model.ts';
import { setAside } from './aside.ts';
import { backupPath } from './backup.ts';
import { checkHeader, checkOwnership, checkTables, checkWhole } from './checks.ts';
import { damagedOr } from './damage.ts';
import { copyDurably, type Disk, readOnly, syncFile } from './disk.ts';
import { refusedWrite, StoreError } from './errors.ts';
import { clearSuspicion, isWalMissing, suspicion } from './marks.ts';
import { applyPragmas, firstValue, lockForThisProcess } from './pragmas.ts';
import { restoreBackup } from './restoring.ts';
import { APPLICATION_ID } from './schema.ts';
import type { BoundFile, Shim } from './shim.ts';

export interface Opened {
  readonly file: BoundFile;
  readonly disk: Disk;
  readonly readOnly: boolean;
  /** What people have to hear of: a file set aside, a newer schema. */
  readonly notices: readonly Coded[];
}

export interface Opening {
  readonly shim: Shim;
  readonly disk: Disk;
  readonly path: string;
  readonly steps: readonly string[];
  /** Names files that are set aside, ms since the epoch. */
  readonly now: () => number;
  /** Reads what the caller needs from the open file; the damage that it meets counts as damage at opening. */
  readonly accept?: (file: BoundFile) => void;
}

/** Opens, creates, checks and migrates. Throws a `StoreError` when the disk refuses; a damaged file is set aside instead. */
export function openFile(opening: Opening): Opened {
  try {
    return openOrCreate(opening);
  } catch (error) {
    if (error instanceof StoreError || errnoOf(error) === undefined) throw error;
    throw refusedWrite(opening.path, error);
  }
}

function openOrCreate(opening: Opening): Opened {
  const { disk, path } = opening;
  const notices: Coded[] = [];
  for (;;) {
    if (!disk.exists(path)) beginAnew(opening, notices);
    try {
      return openExisting(opening, notices);
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'store.damaged')) throw error;
      replace(opening, String(error.args.reason), notices);
    }
  }
}

/** A WAL without its database is what a crash in the middle of setting both aside leaves, or somebody's deletion. */
function beginAnew(opening: Opening, notices: Coded[]): void {
  const { disk, path } = opening;
  const reason = 'its database file is missing';
  if (disk.exists(`${path}-wal`)) {
    replace(opening, reason, notices);
    return;
  }
  const at = restoreBackup(opening);
  if (at === undefined) createFile(opening);
  else notices.push({ code: 'store.foundBackup', args: { path, at } });
}

/** Keeps the damaged file under another name and puts the backup, or a new store, in its place. */
function replace(opening: Opening, reason: string, notices: Coded[]): void {
  const { path } = opening;
  // The backup itself may be what was found damaged: then it is out of the question the second time.
  const isBackup = notices.some(({ code }) => code === 'store.restored' || code === 'store.foundBackup');
  const kept = setAside(opening, path);
  clearSuspicion(opening.disk, path);
  if (isBackup) setAside(opening, backupPath(path));
  const at = restoreBackup(opening);
  if (at === undefined) createFile(opening);
  const args = { path, ...kept, reason };
  notices.push(at === undefined ? { code: 'store.setAside', args } : { code: 'store.restored', args: { ...args, at } });
}

/** Builds the new file under another name and renames it, so that a crash never leaves half a database at the path. */
function createFile(opening: Opening): void {
  const { shim, disk, path } = opening;
  const draft = `${path}.new`;
  for (const suffix of ['', '-wal', '-journal']) if (disk.exists(draft + suffix)) disk.unlink(draft + suffix);
  const file = shim.open(draft, disk);
  try {
    lockForThisProcess(file.sql);
    applyPragmas(file.sql);
    // Nobody knows the draft yet: one sync at its end instead of one for each step.
    file.sql.run('PRAGMA synchronous=OFF');
    file.sql.run(`PRAGMA application_id=${APPLICATION_ID}`);
    runSteps(file.sql, opening.steps, 0);
  } catch (error) {
    throw explained(file, path, error);
  } finally {
    file.close();
  }
  if (file.failure() !== undefined) throw refusedWrite(path, file.failure());
  if (disk.exists(`${draft}-wal`)) throw refusedWrite(path, new Error('the new file could not be completed'));
  syncFile(disk, draft);
  disk.rename(draft, path);
  disk.syncFolder(dirname(path));
}

function openExisting(opening: Opening, notices: readonly Coded[]): Opened {
  const { shim, disk, path, steps } = opening;
  checkHeader(disk, path);
  const unclean = disk.exists(`${path}-wal`) && disk.stat(`${path}-wal`).size > 0n;
  const walMissing = isWalMissing(disk, path);
  const file = openBound(shim, disk, path);
  try {
    lockForThisProcess(file.sql);
    const version = Number(firstValue(file.sql, 'PRAGMA user_version'));
    if (version > steps.length) {
      file.abandon(new Error('a newer schema is left alone'));
      file.close();
      return openNewer(opening, version, notices);
    }
    checkOwnership(file.sql, path);
    applyPragmas(file.sql);
    if (suspicion(disk, path) !== undefined) checkWhole(file.sql, path);
    else if (unclean) checkTables(file.sql, path);
    if (version < steps.length) migrate(opening, file, version);
    opening.accept?.(file);
    clearSuspicion(disk, path);
    const missing: Coded[] = walMissing ? [{ code: 'store.walMissing', args: { path } }] : [];
    return { file, disk, readOnly: false, notices: [...notices, ...missing] };
  } catch (error) {
    const reason = explained(file, path, error) as Error;
    file.abandon(reason); // no checkpoint on the way out: the files stay as they were found
    file.close();
    throw reason;
  }
}

function openNewer(opening: Opening, version: number, notices: readonly Coded[]): Opened {
  const disk = readOnly(opening.disk);
  const file = openBound(opening.shim, disk, opening.path);
  lockForThisProcess(file.sql);
  const args = { path: opening.path, version, supported: opening.steps.length };
  return { file, disk, readOnly: true, notices: [...notices, { code: 'store.newer', args }] };
}

function openBound(shim: Shim, disk: Disk, path: string): BoundFile {
  try {
    return shim.open(path, disk);
  } catch (error) {
    throw damagedOr(error, path);
  }
}

function migrate(opening: Opening, file: BoundFile, from: number): void {
  const { disk, path, steps } = opening;
  if (firstValue(file.sql, 'PRAGMA wal_checkpoint(TRUNCATE)') !== 0) {
    throw new StoreError('store.io', `${path}: the checkpoint before the migration was blocked`, { path });
  }
  copyDurably(disk, path, `${path}.pre-v${steps.length}.bak`);
  runSteps(file.sql, steps, from);
}

/** All steps and the new version in one transaction: there is no half-migrated file. */
function runSteps(sql: SqlDatabase, steps: readonly string[], from: number): void {
  sql.run('BEGIN IMMEDIATE');
  try {
    for (const step of steps.slice(from)) sql.run(step);
    sql.run(`PRAGMA user_version=${steps.length}`);
    sql.run('COMMIT');
  } catch (error) {
    try {
      sql.run('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself
    }
    throw error;
  }
}

/** What the disk said comes before what SQLite makes of it: a page that cannot be read just now is no damage. */
function explained(file: BoundFile, path: string, error: unknown): unknown {
  const cause = file.failure() ?? file.takeRefusal();
  if (error instanceof StoreError && !(cause !== undefined && error.code === 'store.damaged')) return error;
  return cause === undefined ? damagedOr(error, path) : refusedWrite(path, cause);
}
