/**
 * From a path to an open database that can be trusted: made complete or not at all, checked, brought to the newest schema.
 * A file that cannot be used is set aside under another name; it is never deleted and never silently replaced.
 */
import { constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SqlDatabase } from 'sql.js/dist/sql-wasm-debug.js';
import { errnoOf } from '../core/coded-error.ts';
import type { Coded } from '../core/model.ts';
import { copyDurably, type Disk, readOnly, readStart } from './disk.ts';
import { refusedWrite, StoreError } from './errors.ts';
import { applyPragmas, firstValue, lockForThisProcess } from './pragmas.ts';
import { APPLICATION_ID, CHECKED_TABLES } from './schema.ts';
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
    if (!disk.exists(path)) {
      // A WAL without its database is what a crash in the middle of setting both aside leaves.
      if (disk.exists(`${path}-wal`)) notices.push(setAside(opening, 'its database file is missing'));
      createFile(opening);
    }
    try {
      return openExisting(opening, notices);
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'store.damaged')) throw error;
      notices.push(setAside(opening, String(error.args.reason)));
    }
  }
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

function syncFile(disk: Disk, path: string): void {
  const fd = disk.open(path, constants.O_RDWR);
  try {
    disk.sync(fd);
  } finally {
    disk.close(fd);
  }
}

function openExisting(opening: Opening, notices: readonly Coded[]): Opened {
  const { shim, disk, path, steps } = opening;
  checkHeader(disk, path);
  const unclean = disk.exists(`${path}-wal`) && disk.stat(`${path}-wal`).size > 0n;
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
    if (unclean) checkTables(file.sql, path);
    if (version < steps.length) migrate(opening, file, version);
    return { file, disk, readOnly: false, notices };
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

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';

/** SQLite takes a file of 0 bytes, and sql.js one of 1 byte, for an empty database without a word. */
function checkHeader(disk: Disk, path: string): void {
  let start: Uint8Array;
  try {
    start = readStart(disk, path, HEADER_BYTES);
  } catch (error) {
    throw refusedWrite(path, error);
  }
  if (start.length < HEADER_BYTES) throw damaged(path, `it has only ${start.length} bytes`);
  if (Buffer.from(start.subarray(0, MAGIC.length)).toString('latin1') !== MAGIC)
    throw damaged(path, 'it is not a database');
}

function checkOwnership(sql: SqlDatabase, path: string): void {
  if (firstValue(sql, 'PRAGMA application_id') === APPLICATION_ID) return;
  throw damaged(path, 'it is a database of another program');
}

function checkTables(sql: SqlDatabase, path: string): void {
  for (const table of CHECKED_TABLES) {
    const verdict = firstValue(sql, `PRAGMA quick_check(${table})`);
    if (verdict !== 'ok') throw damaged(path, `${table}: ${String(verdict)}`);
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

/** Renames the file, and then its WAL, and says so. */
function setAside({ disk, path, now }: Opening, reason: string): Coded {
  const folder = dirname(path);
  const stamp = new Date(now()).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  let aside = join(folder, `store.corrupt-${stamp}`);
  for (let n = 2; disk.exists(aside) || disk.exists(`${aside}-wal`); n++)
    aside = join(folder, `store.corrupt-${stamp}-${n}`);
  for (const suffix of ['', '-wal', '-journal']) {
    if (disk.exists(path + suffix)) disk.rename(path + suffix, aside + suffix);
  }
  disk.syncFolder(folder);
  return { code: 'store.setAside', args: { path, aside, file: basename(aside), reason } };
}

function damaged(path: string, reason: string): StoreError {
  return new StoreError('store.damaged', `${path} cannot be used: ${reason}`, { path, reason });
}

/** What the disk said comes before what SQLite makes of it; damage is only what SQLite found in readable bytes. */
function explained(file: BoundFile, path: string, error: unknown): unknown {
  if (error instanceof StoreError) return error;
  const cause = file.failure() ?? file.takeRefusal();
  return cause === undefined ? damagedOr(error, path) : refusedWrite(path, cause);
}

function damagedOr(error: unknown, path: string): unknown {
  const reason = error instanceof Error ? error.message : String(error);
  return /malformed|not a database|unsupported file format/i.test(reason) ? damaged(path, reason) : error;
}
