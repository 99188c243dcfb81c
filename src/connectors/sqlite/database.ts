import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { SqliteConnection } from '../../core/settings.ts';
import { isBusy, refuse, sqliteError } from './errors.ts';

/** How long the thread may stand still for a lock before it lets others go on, ms. */
const BLOCKING_WAIT_MS = 20;
/** How long a unit waits for somebody else's lock before it fails (retryable), ms. */
const LOCK_PATIENCE_MS = 15_000;
const LOCK_POLL_MS = 25;

const OPTIONS = {
  enableForeignKeyConstraints: false,
  enableDoubleQuotedStringLiterals: false,
  timeout: BLOCKING_WAIT_MS,
} as const;

/** Lets messages and the other units of this worker have their turn: node:sqlite itself never yields. */
export function yieldTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits `ms`. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Runs `call`, again and again while somebody else holds a lock, without standing in the way of other units. An aborted
 * signal ends the waiting.
 */
export async function patiently<T>(call: () => T, signal?: AbortSignal): Promise<T> {
  const deadline = performance.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      signal?.throwIfAborted();
      await pause(LOCK_POLL_MS);
    }
  }
}

/**
 * Opens an existing database for reading only and makes sure that it is one.
 * @throws DataError naming what is wrong with the file
 */
export async function openForReading(connection: SqliteConnection, signal?: AbortSignal): Promise<DatabaseSync> {
  checkFile(connection);
  try {
    return await patiently(() => {
      const db = new DatabaseSync(connection.file, { ...OPTIONS, readOnly: true });
      try {
        db.prepare('SELECT count(*) FROM sqlite_schema').get();
        return db;
      } catch (error) {
        db.close();
        throw error;
      }
    }, signal);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw explainOpen(error, connection);
  }
}

/** A database that is open for writing. */
export interface OpenFile {
  readonly db: DatabaseSync;
  /** The file was made by opening it. */
  readonly created: boolean;
  /** `fileIdentity` when it was opened. */
  readonly identity: string | null;
}

/**
 * Opens a database for writing. A file that is not there is made only when `create` is set; a new file is loaded in
 * WAL mode (one sync for a batch) and goes back to a rollback journal when it is closed in order.
 */
export async function openForWriting(connection: SqliteConnection, create: boolean): Promise<OpenFile> {
  if (!create) checkFile(connection);
  else checkPlace(connection);
  const created = (lookAt(connection)?.size ?? 0) === 0;
  try {
    return await patiently(() => {
      const db = new DatabaseSync(connection.file, OPTIONS);
      try {
        db.exec('PRAGMA synchronous=FULL; PRAGMA cache_size=-8000; PRAGMA recursive_triggers=OFF');
        db.prepare('SELECT count(*) FROM sqlite_schema').get();
        return { db, created, identity: fileIdentity(connection.file) };
      } catch (error) {
        db.close();
        throw error;
      }
    });
  } catch (error) {
    throw explainOpen(error, connection);
  }
}

function checkPlace(connection: SqliteConnection): void {
  if (lookAt(connection) !== undefined) {
    checkFile(connection);
    return;
  }
  const folder = path.dirname(connection.file);
  if (fs.existsSync(folder)) return;
  throw refuse('sqlite.folderMissing', { connection: connection.name, folder }, `folder not found: ${folder}`);
}

function checkFile(connection: SqliteConnection): void {
  const args = { connection: connection.name, file: connection.file };
  const stat = lookAt(connection);
  if (stat === undefined) throw refuse('sqlite.fileMissing', args, `file not found: ${connection.file}`);
  if (!stat.isFile()) throw refuse('sqlite.notAFile', args, `not a file: ${connection.file}`);
}

/** undefined: nothing is there. A path that cannot be followed (links in a circle, a folder closed to us) is named. */
function lookAt(connection: SqliteConnection): fs.Stats | undefined {
  try {
    return fs.statSync(connection.file, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const args = { connection: connection.name, file: connection.file, detail: code ?? String(error), unit: '' };
    throw refuse(code === 'EACCES' ? 'sqlite.accessDenied' : 'sqlite.cannotOpen', args, String(error));
  }
}

/** SQLite says "unable to open" for many things; the common ones get their own sentence. */
function explainOpen(error: unknown, connection: SqliteConnection): Error {
  const coded = sqliteError(error, { connection: connection.name, file: connection.file });
  if (coded.error.code !== 'sqlite.cannotOpen' && coded.error.code !== 'sqlite.readOnly') return coded;
  const args = { connection: connection.name, file: connection.file };
  if (!readable(connection.file)) return refuse('sqlite.accessDenied', args, coded.message);
  // A database in WAL mode, or one whose writer crashed, needs files beside it even for reading.
  if (fs.existsSync(connection.file) && !writable(path.dirname(connection.file)))
    return refuse('sqlite.folderReadOnly', { ...args, folder: path.dirname(connection.file) }, coded.message);
  return coded;
}

function readable(file: string): boolean {
  return may(file, fs.constants.R_OK);
}

/** Whether this process may write there; true for a path that does not exist. */
export function writable(file: string): boolean {
  return may(file, fs.constants.W_OK);
}

function may(file: string, mode: number): boolean {
  try {
    fs.accessSync(file, mode);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/**
 * One name for a file, whatever links lead to it: device and inode, of which the system gives one to each file.
 * @returns null when there is no file that could be reached
 */
export function fileIdentity(file: string): string | null {
  try {
    const { dev, ino } = fs.statSync(file, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

/** Rows of a catalog query as plain objects; only for names and small numbers, never for user data. */
export function catalog<Row>(db: DatabaseSync, sql: string, ...params: SQLInputValue[]): Row[] {
  return db.prepare(sql).all(...params) as Row[];
}

/** A statement whose rows are arrays with 64-bit integers. */
export function exactStatement(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  return statement;
}

/** Changes with every change of the schema and with VACUUM. */
export function schemaVersion(db: DatabaseSync): number {
  return catalog<{ schema_version: number }>(db, 'PRAGMA schema_version')[0]?.schema_version ?? 0;
}
