/** Whether a file is a store of ours that can be trusted; each check throws `store.damaged` {path, reason}. */
import type { SqlDatabase } from 'sql.js/dist/sql-wasm-debug.js';
import { damaged } from './damage.ts';
import { type Disk, readStart } from './disk.ts';
import { refusedWrite } from './errors.ts';
import { firstValue } from './pragmas.ts';
import { APPLICATION_ID, CHECKED_TABLES } from './schema.ts';

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';

/** SQLite takes a file of 0 bytes, and sql.js one of 1 byte, for an empty database without a word. */
export function checkHeader(disk: Disk, path: string): void {
  let start: Uint8Array;
  try {
    mustBeFile(disk, path);
    start = readStart(disk, path, HEADER_BYTES);
  } catch (error) {
    throw refusedWrite(path, error);
  }
  if (start.length < HEADER_BYTES) throw damaged(path, `it has only ${start.length} bytes`);
  if (Buffer.from(start.subarray(0, MAGIC.length)).toString('latin1') !== MAGIC)
    throw damaged(path, 'it is not a database');
}

/** Opening a pipe would wait for its other end; a folder, a link or a device is somebody's intention, or mistake. */
function mustBeFile(disk: Disk, path: string): void {
  const { mode } = disk.stat(path);
  if ((mode & FILE_TYPE) !== REGULAR_FILE) throw new Error('it is a folder, a link or a device, and no file');
}

const FILE_TYPE = 0o170000n;
const REGULAR_FILE = 0o100000n;

export function checkOwnership(sql: SqlDatabase, path: string): void {
  if (firstValue(sql, 'PRAGMA application_id') === APPLICATION_ID) return;
  throw damaged(path, 'it is a database of another program');
}

/** What decisions rest on: milliseconds, however long the history is. */
export function checkTables(sql: SqlDatabase, path: string): void {
  for (const table of CHECKED_TABLES) {
    const verdict = firstValue(sql, `PRAGMA quick_check(${table})`);
    if (verdict !== 'ok') throw damaged(path, `${table}: ${String(verdict)}`);
  }
}

export function checkWhole(sql: SqlDatabase, path: string): void {
  const verdict = firstValue(sql, 'PRAGMA quick_check(1)');
  if (verdict !== 'ok') throw damaged(path, String(verdict));
}
