import type { Coded, ErrorClass } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html). */
const BUSY = 5;
const LOCKED = 6;
const NOMEM = 7;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const PROTOCOL = 15;
const TOOBIG = 18;
const CONSTRAINT = 19;
const MISMATCH = 20;
const NOTADB = 26;
/** Extended codes of a constraint on the primary key, a unique index, and the rowid. */
const UNIQUE_CONFLICTS: ReadonlySet<number> = new Set([1555, 2067, 2579]);

/**
 * Codes and whether they may go away by themselves; what is not here is permanent. A full disk is: it does not empty
 * itself within the seconds of a retry. PROTOCOL = too many wanted the lock of a WAL file at the same moment.
 */
const KNOWN: ReadonlyMap<number, readonly [code: string, cls: ErrorClass]> = new Map([
  [BUSY, ['sqlite.locked', 'retryable']],
  [LOCKED, ['sqlite.locked', 'retryable']],
  [PROTOCOL, ['sqlite.locked', 'retryable']],
  [NOMEM, ['sqlite.failed', 'retryable']],
  [IOERR, ['sqlite.diskError', 'retryable']],
  [READONLY, ['sqlite.readOnly', 'permanent']],
  [CORRUPT, ['sqlite.corrupt', 'permanent']],
  [FULL, ['sqlite.diskFull', 'permanent']],
  [CANTOPEN, ['sqlite.cannotOpen', 'permanent']],
  [NOTADB, ['sqlite.notADatabase', 'permanent']],
]);

const ROW_CODES: ReadonlySet<string> = new Set([
  'sqlite.constraint',
  'sqlite.uniqueConflict',
  'sqlite.valueDoesNotFit',
  'sqlite.textNotConvertible',
  'sqlite.rowNotWritten',
]);

/** Whether the error is about what a row holds, so that the others of its batch may be written without it. */
export function isRowError({ error, cause }: DataError): boolean {
  const primary = (resultCode(cause) ?? 0) & 0xff;
  return ROW_CODES.has(error.code) || primary === TOOBIG || primary === MISMATCH;
}

/** What a failing statement was about: enough for a person to find the place. */
export interface Place {
  readonly connection: string;
  readonly file: string;
  readonly unit?: string;
}

/** A permanent failure of our own making. */
export function refuse(code: string, args: Coded['args'], message: string): DataError {
  return new DataError({ code, args, class: 'permanent', message });
}

/** SQLite's extended result code of an error of node:sqlite, null for any other error. */
export function resultCode(error: unknown): number | null {
  const errcode = (error as { errcode?: unknown } | null)?.errcode;
  return typeof errcode === 'number' ? errcode : null;
}

/** The primary part of the result code says that somebody else holds a lock. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code !== null && ((code & 0xff) === BUSY || (code & 0xff) === LOCKED);
}

/** Turns what node:sqlite throws into a coded failure; a DataError stays as it is. */
export function sqliteError(error: unknown, place: Place): DataError {
  if (error instanceof DataError) return error;
  const args = { connection: place.connection, file: place.file, unit: place.unit ?? '' };
  const message = error instanceof Error ? error.message : String(error);
  const code = resultCode(error);
  const make = (name: string, cls: ErrorClass) =>
    new DataError({ code: name, args: { ...args, detail: message }, class: cls, message }, { cause: error });
  if (code === null) return make('sqlite.failed', 'permanent');
  if (UNIQUE_CONFLICTS.has(code)) return make('sqlite.uniqueConflict', 'permanent');
  const primary = code & 0xff;
  if (primary === CONSTRAINT) return make('sqlite.constraint', 'permanent');
  const [name, cls] = KNOWN.get(primary) ?? (['sqlite.failed', 'permanent'] as const);
  return make(name, cls);
}
