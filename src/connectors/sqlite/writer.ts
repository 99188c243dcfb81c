import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Page, Scope, SqliteCell, UnitSchema, WriteOptions, Writer } from '../contract.ts';
import type { Adopted } from './adopt.ts';
import { affinity } from './affinity.ts';
import { bindRow, paramsFor, valuesList } from './cells.ts';
import { cellParams, compareKey } from './cursor.ts';
import { patiently, yieldTurn } from './database.ts';
import { isRowError, type Place, refuse, sqliteError } from './errors.ts';
import { quoteName } from './names.ts';
import { fromUtf8 } from './neutral-text.ts';
import { className, fits } from './neutral-types.ts';
import type { SqliteNative } from './schema.ts';
import { pageColumns } from './source.ts';
import { keepCheckpoint } from './target-checkpoint.ts';
import { takeTurn } from './turns.ts';

/** Begins rows that are added for themselves. */
const ROWS_SAVEPOINT = 'datatrace_rows';

export interface WriterTarget {
  readonly db: DatabaseSync;
  /** Real path. */
  readonly file: string;
  readonly place: Place;
  readonly scope: Scope | undefined;
}

/** Writes pages of one unit; every page is a transaction, or all of them are one (`atomic`). */
export function openWriter(to: WriterTarget, { schema, types }: Adopted, options: WriteOptions): Writer {
  const { db, file, place, scope } = to;
  const columns = pageColumns(schema);
  const putRow = prepareRow(db, schema, options, columns);
  const { settings } = options;
  const form: Form = (page) => ownCells(page, schema, types);
  let release: (() => void) | null = null;

  const begin = async () => {
    release = await takeTurn(file, scope);
    await patiently(() => db.exec('BEGIN IMMEDIATE'), scope?.signal);
  };
  const end = async () => {
    await patiently(() => db.exec('COMMIT'), scope?.signal);
    release?.();
    release = null;
  };
  const abandon = () => {
    if (release === null) return;
    try {
      if (db.isOpen && db.isTransaction) db.exec('ROLLBACK');
    } finally {
      release();
      release = null;
    }
  };
  const coded = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      abandon();
      if (scope?.signal.aborted) throw scope.signal.reason;
      throw sqliteError(error, place);
    }
  };

  const put = (page: Page) => putRows(page, form, columns.length, putRow, schema.unit);
  const add: NonNullable<Writer['add']> = async (page) => {
    try {
      await yieldTurn();
      scope?.signal.throwIfAborted();
      if (release === null) await begin();
      db.exec(`SAVEPOINT ${ROWS_SAVEPOINT}`);
      const written = put(page);
      db.exec(`RELEASE ${ROWS_SAVEPOINT}`);
      return written;
    } catch (thrown) {
      const error = sqliteError(thrown, place);
      const ofRows = isRowError(error) && !scope?.signal.aborted;
      if (ofRows && db.isTransaction) {
        db.exec(`ROLLBACK TO ${ROWS_SAVEPOINT}; RELEASE ${ROWS_SAVEPOINT}`);
        throw error;
      }
      abandon();
      if (scope?.signal.aborted) throw scope.signal.reason;
      // A trigger has ended the whole transaction: RAISE(ROLLBACK).
      throw ofRows ? refuse('sqlite.rolledBack', { unit: schema.unit, detail: error.message }, error.message) : error;
    }
  };

  return {
    ...(options.atomic ? {} : { add }),
    write: (page, checkpoint) =>
      coded(async () => {
        await yieldTurn();
        scope?.signal.throwIfAborted();
        if (release === null) await begin();
        const written = put(page);
        if (checkpoint !== null) keepCheckpoint(db, settings.targetName, checkpoint);
        if (!options.atomic) await end();
        return written;
      }),
    commit: () =>
      coded(async () => {
        if (options.atomic && release !== null) await end();
      }),
    close: async () => abandon(),
  };
}

function putRows(page: Page, form: Form, columns: number, putRow: PutRow, unit: string): number {
  const cells = form(page);
  for (let row = 0; row < page.rows; row++) {
    if (putRow(cells, row * columns) !== 1)
      throw refuse('sqlite.rowNotWritten', { unit }, 'the target did not acknowledge a row');
  }
  return page.rows;
}

type Form = (page: Page) => readonly SqliteCell[];

/**
 * The values of a page in the form and encoding of this database.
 * @throws DataError `sqlite.valueDoesNotFit` for one that its column's type would change
 */
function ownCells(page: Page, schema: UnitSchema, types: Adopted['types']): readonly SqliteCell[] {
  const { data } = page;
  if (data.format === 'sqlite') return data.cells;
  const { unit } = schema;
  if (data.format !== 'neutral') throw refuse('sqlite.pairNotSupported', { unit }, `cannot write ${data.format}`);
  const native = schema.native as SqliteNative;
  if (types !== null) {
    const before = native.rowid === null ? 0 : 1;
    const width = types.length + before;
    for (let at = 0; at < data.cells.length; at++) {
      const column = (at % width) - before;
      const type = types[column];
      const cell = data.cells[at] as SqliteCell;
      if (type === undefined || fits(cell, type)) continue;
      const { name = '', type: declared = '' } = schema.columns[column] ?? {};
      const args = { unit, column: name, type: declared, found: className(cell) };
      throw refuse('sqlite.valueDoesNotFit', args, `a value of ${name} does not fit`);
    }
  }
  return fromUtf8(data.cells, native.encoding, unit);
}

/** Writes the row that begins at `from` and answers how many rows the target says it wrote. */
type PutRow = (cells: readonly SqliteCell[], from: number) => number;

/**
 * `OR ABORT` wins over ON CONFLICT clauses of the table's own definition, which could drop or replace rows silently.
 * A conflict on the key updates that row; a conflict on any other unique index is an error.
 */
function prepareRow(db: DatabaseSync, schema: UnitSchema, options: WriteOptions, columns: readonly string[]): PutRow {
  const { targetName, write } = options.settings;
  const table = quoteName(targetName);
  const insert = `INSERT OR ABORT INTO ${table}(${columns.map(quoteName).join(',')}) VALUES(${valuesList(columns.length)})`;
  const key = schema.key.map(quoteName);
  if (write === 'insert' || write === 'truncate' || key.length === 0) return rowRunner(db.prepare(insert), columns);
  if (write === 'upsert')
    return rowRunner(
      db.prepare(`${insert} ON CONFLICT(${key.join(',')}) DO UPDATE SET ${assignments(schema)}`),
      columns,
    );
  const remove = db.prepare(`DELETE FROM ${table} WHERE ${compareKey(key, '=', 1)}`);
  const put = rowRunner(db.prepare(insert), columns);
  const keyAt = schema.key.map((name) => columns.indexOf(name));
  return (cells, from) => {
    remove.run(...keyAt.flatMap((at) => cellParams(cells[from + at] as SqliteCell)));
    return put(cells, from);
  };
}

function rowRunner(statement: StatementSync, columns: readonly string[]): PutRow {
  const params = paramsFor(columns.length);
  return (cells, from) => {
    bindRow(cells, from, columns.length, params);
    return Number(statement.run(...params).changes);
  };
}

/**
 * Equal keys need not be the same value ('a' and 'A' without regard to case, 1 and 1.0 without a type), so they are
 * set, too; not where a key is an integer: that would move the row.
 */
function assignments(schema: UnitSchema): string {
  const integerKey = schema.columns.find((column) => schema.key.length === 1 && column.name === schema.key[0]);
  const same = integerKey !== undefined && schema.columns.length > 1 && affinity(integerKey.type) === 'INTEGER';
  return schema.columns
    .filter((column) => !same || column !== integerKey)
    .map((column) => `${quoteName(column.name)}=excluded.${quoteName(column.name)}`)
    .join(',');
}
