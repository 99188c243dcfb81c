import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { SqliteConnection } from '../../core/settings.ts';
import { conditionFlaw, conditionPart, SQLITE_CONDITION } from '../condition.ts';
import type { Cursor, ListedUnit, Page, Reader, ReadOptions, Source, SqliteCell, UnitSchema } from '../contract.ts';
import { decodeRow, selectList } from './cells.ts';
import { compareKey, cursorParams, encodeCursor } from './cursor.ts';
import { catalog, exactStatement, openForReading, patiently, schemaVersion, yieldTurn } from './database.ts';
import { type Place, refuse, resultCode, sqliteError } from './errors.ts';
import { quoteName } from './names.ts';
import { toUtf8 } from './neutral-text.ts';
import { describeUnit, findTable, nameChange, type SqliteNative } from './schema.ts';
import { isCheckpointTable } from './target-checkpoint.ts';

/** SQLITE_ERROR: what a statement gets whose table or column went away. */
const GENERIC_ERROR = 1;

/** Opens a SQLite file as a source; it is never written to. */
export async function openSqliteSource(connection: SqliteConnection, signal?: AbortSignal): Promise<Source> {
  return sourceOver(await openForReading(connection, signal), connection, signal);
}

function sourceOver(db: DatabaseSync, connection: SqliteConnection, signal: AbortSignal | undefined): Source {
  const place: Place = { connection: connection.name, file: connection.file };
  /** One look at the database without anybody changing it meanwhile; all failures leave as DataErrors. */
  const look: Look = async (call, unit) => {
    await yieldTurn();
    signal?.throwIfAborted();
    try {
      return await patiently(() => inReadTransaction(db, call), signal);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw sqliteError(error, unit === undefined ? place : { ...place, unit });
    }
  };
  return {
    formats: ['sqlite', 'neutral'],
    listUnits: () => look(() => listUnits(db)),
    describe: (unit, settings) => look(() => withCondition(describeUnit(db, unit, settings), settings.where), unit),
    upperBound: (schema, where) => look(() => upperBound(db, schema, where), schema.unit),
    count: (schema, where, upTo) => look(() => countRows(db, schema.unit, keyNames(schema), where, upTo), schema.unit),
    read: async (schema, options) => openReader(db, schema, options, look),
    within: (scope) => sourceOver(db, connection, scope.signal),
    close: async () => {
      if (db.isOpen) db.close();
    },
  };
}

function inReadTransaction<T>(db: DatabaseSync, call: () => T): T {
  db.exec('BEGIN');
  try {
    return call();
  } finally {
    // Not ROLLBACK: that would end the statement of an atomic unit, too.
    if (db.isTransaction) db.exec('COMMIT');
  }
}

function listUnits(db: DatabaseSync): ListedUnit[] {
  type Row = { name: string; type: SqliteNative['kind'] };
  const sql = "SELECT name, type FROM pragma_table_list WHERE schema='main' ORDER BY name";
  return catalog<Row>(db, sql)
    .filter((row) => !/^sqlite_/i.test(row.name) && row.type !== 'shadow')
    .map((row) => ({
      name: row.name,
      type: 'table' as const,
      view: row.type === 'view',
      rows: null,
      ...leftOut(row),
    }));
}

function leftOut({ name, type }: { name: string; type: SqliteNative['kind'] }): Pick<ListedUnit, 'leftOut'> {
  const args = { unit: name };
  if (isCheckpointTable(name)) return { leftOut: { code: 'sqlite.checkpointTable', args } };
  return type === 'virtual' ? { leftOut: { code: 'sqlite.virtualTable', args } } : {};
}

function withCondition(schema: UnitSchema, where: string | null): UnitSchema {
  const flaw = conditionFlaw(where ?? '', SQLITE_CONDITION, schema.unit);
  return flaw === null ? schema : { ...schema, refusals: [...schema.refusals, flaw] };
}

/** Quoted key columns; empty for an atomic unit. */
export function keyNames(schema: UnitSchema): string[] {
  return schema.key.map(quoteName);
}

function upperBound(db: DatabaseSync, schema: UnitSchema, where: string | null): Cursor | null {
  if (schema.key.length === 0) return null;
  const key = keyNames(schema);
  const order = key.map((name) => `${name} DESC`).join(',');
  const sql = `SELECT ${selectList(key)} FROM ${quoteName(schema.unit)} ${whereClause([filter(where, schema.unit)])} ORDER BY ${order} LIMIT 1`;
  const row = exactStatement(db, sql).get() as unknown as Parameters<typeof decodeRow>[0] | undefined;
  if (row === undefined) return null;
  const cells: SqliteCell[] = [];
  decodeRow(row, key.length, cells);
  return encodeCursor(cells);
}

/** Rows of a table up to and including a border, compared by the database itself. */
export function countRows(
  db: DatabaseSync,
  table: string,
  key: readonly string[],
  where: string | null,
  upTo: Cursor | null,
): number {
  const border = upTo === null ? null : compareKey(key, '<=', 1);
  const sql = `SELECT count(*) FROM ${quoteName(table)} ${whereClause([filter(where, table), border])}`;
  const row = exactStatement(db, sql).get(...(upTo === null ? [] : cursorParams(upTo))) as unknown as [bigint];
  return Number(row[0]);
}

/** A person's own condition. @throws DataError where it does not keep to itself */
function filter(where: string | null, unit: string): string | null {
  return conditionPart(where, SQLITE_CONDITION, unit) || null;
}

function whereClause(conditions: readonly (string | null)[]): string {
  const given = conditions.filter((condition) => condition !== null);
  return given.length === 0 ? '' : `WHERE ${given.join(' AND ')}`;
}

/** The columns of a page: the bare rowid, where it is the key, goes first. */
export function pageColumns(schema: UnitSchema): string[] {
  const { rowid } = schema.native as SqliteNative;
  const names = schema.columns.map((column) => column.name);
  return rowid === null ? names : [rowid, ...names];
}

type Look = <T>(call: () => T, unit?: string) => Promise<T>;

function openReader(db: DatabaseSync, schema: UnitSchema, options: ReadOptions, look: Look): Reader {
  const columns = pageColumns(schema);
  const key = keyNames(schema);
  const keyAt = schema.key.map((name) => columns.indexOf(name));
  const check = schemaCheck(db, schema);
  let after = options.after;
  let ended = false;
  // Without a key the pages are one statement that stays open: the file cannot change under it.
  let whole: Iterator<unknown> | null = null;

  const statement = (from: Cursor | null): { sql: StatementSync; params: SQLInputValue[] } => {
    const params = [
      ...(from === null ? [] : cursorParams(from)),
      ...(options.upTo === null ? [] : cursorParams(options.upTo)),
    ];
    const conditions = [
      filter(options.where, schema.unit),
      from === null ? null : compareKey(key, '>', 1),
      options.upTo === null ? null : compareKey(key, '<=', from === null ? 1 : 1 + 2 * key.length),
    ];
    const order = key.length === 0 ? '' : `ORDER BY ${key.join(',')} LIMIT ${options.pageRows}`;
    const sql = `SELECT ${selectList(columns.map(quoteName))} FROM ${quoteName(schema.unit)} ${whereClause(conditions)} ${order}`;
    return { sql: exactStatement(db, sql), params };
  };

  /** Rows until the page is full; `more` = the statement had not ended. */
  const collect = (rows: Iterator<unknown>): Page & { readonly more: boolean } => {
    const cells: SqliteCell[] = [];
    let count = 0;
    let bytes = 0;
    let more = true;
    while (count < options.pageRows && bytes < options.pageBytes) {
      const next = rows.next();
      if (next.done) {
        more = false;
        break;
      }
      bytes += decodeRow(next.value as Parameters<typeof decodeRow>[0], columns.length, cells);
      count++;
    }
    const lastRow = (count - 1) * columns.length;
    const last =
      key.length === 0 || count === 0 ? null : encodeCursor(keyAt.map((at) => cells[lastRow + at] as SqliteCell));
    const { format } = options;
    if (format === 'neutral') toUtf8(cells, (schema.native as SqliteNative).encoding, schema.unit);
    return { rows: count, bytes, last, data: { format: format === 'neutral' ? format : 'sqlite', cells }, more };
  };

  const readPage = () => {
    check();
    if (key.length === 0) {
      if (whole === null) {
        const { sql, params } = statement(null);
        whole = sql.iterate(...params);
      }
      return collect(whole);
    }
    // The statement of a first page and that of the later ones; preparing is cheap beside reading a page.
    const { sql, params } = statement(after);
    const rows = sql.iterate(...params);
    const page = collect(rows);
    rows.return?.();
    return page;
  };

  return {
    next: async () => {
      if (ended) return null;
      const page = await look(() => failWithChange(readPage, check), schema.unit);
      after = page.last;
      const { more, ...rest } = page;
      if (!more && page.rows < options.pageRows) ended = true;
      return page.rows === 0 ? null : rest;
    },
    close: async () => {
      ended = true;
      whole?.return?.();
      whole = null;
    },
  };
}

/** Makes a check that throws when the unit is not any more what it was when its copy began. */
function schemaCheck(db: DatabaseSync, schema: UnitSchema): (always?: boolean) => void {
  let checked: number | null = null;
  return (always = false) => {
    const version = schemaVersion(db);
    if (version === checked && !always) return;
    if (findTable(db, schema.unit) === null)
      throw refuse('sqlite.unitRemoved', { unit: schema.unit }, `table ${schema.unit} was removed while it was copied`);
    const now = describeUnit(db, schema.unit, (schema.native as SqliteNative).asked);
    if (now.fingerprint !== schema.fingerprint) {
      const change = nameChange(schema, now);
      throw refuse('sqlite.schemaChanged', { unit: schema.unit, change }, `table ${schema.unit} changed: ${change}`);
    }
    checked = version;
  };
}

/** A statement that fails because of a changed schema says what changed. */
function failWithChange<T>(call: () => T, check: (always?: boolean) => void): T {
  try {
    return call();
  } catch (error) {
    if (resultCode(error) === GENERIC_ERROR) check(true);
    throw error;
  }
}
