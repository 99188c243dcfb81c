/**
 * Statements that read a table in key order, one page after the other. Keys are compared by the server only, in the
 * text or bytes it sent: collations, decimals and dates never have a second implementation here.
 */
import { conditionPart, MYSQL_CONDITION } from '../condition.ts';
import { mysqlError } from './errors.ts';
import { quoteInCharset, quoteName } from './quoting.ts';
import type { RawCell } from './row-stream.ts';
import type { MysqlColumn } from './schema.ts';

/** What reading and counting need to know of a table. */
export type PageTable = {
  readonly name: string;
  readonly columns: readonly MysqlColumn[];
  /** Key columns in order, and the index they belong to; null = no usable key. */
  readonly key: { readonly index: string; readonly columns: readonly string[] } | null;
};

/** JSON text of one hexadecimal string for each key column: the value's bytes as the server sent them. */
export function makeCursor(table: PageTable, row: readonly RawCell[]): string | null {
  if (table.key === null) return null;
  return cursorOf(table.key.columns.map((name) => row[table.columns.findIndex((column) => column.name === name)]));
}

/** @param key the key columns of a row, in key order */
export function cursorOf(key: readonly (RawCell | undefined)[]): string {
  return JSON.stringify(
    key.map((cell) => {
      if (cell === null || cell === undefined) throw badCursor();
      return cell.toString('hex');
    }),
  );
}

/** The key that {@link cursorOf} was given. Throws `mysql.badCursor` for anything else. */
export function cursorValues(cursor: string): Buffer[] {
  return parseCursor(cursor).map((digits) => Buffer.from(digits, 'hex'));
}

/** SQL literals of a cursor, one for each key column. Throws `mysql.badCursor` for anything else. */
export function cursorLiterals(table: PageTable, cursor: string): string[] {
  const names = table.key?.columns ?? [];
  const parts = parseCursor(cursor);
  if (parts.length !== names.length) throw badCursor();
  return names.map((name, position) => {
    const column = table.columns.find((each) => each.name === name);
    if (column === undefined) throw badCursor();
    return literal(column, parts[position] ?? '');
  });
}

function parseCursor(cursor: string): string[] {
  try {
    const parts: unknown = JSON.parse(cursor);
    if (Array.isArray(parts) && parts.every((each) => typeof each === 'string' && /^([0-9a-f]{2})*$/.test(each)))
      return parts;
  } catch {
    // Falls through to the error below.
  }
  throw badCursor();
}

const WHOLE_OR_DECIMAL = /^-?\d+(\.\d+)?$/;
const PLAIN = /^[0-9A-Za-z:.+\- ]+$/;
const NUMBERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year']);

function literal(column: MysqlColumn, hexDigits: string): string {
  if (column.cell === 'chars') return quoteInCharset(column.charset ?? 'utf8mb4', hexDigits);
  if (column.cell === 'bytes') return `X'${hexDigits}'`;
  const text = Buffer.from(hexDigits, 'hex').toString('latin1');
  if (NUMBERS.has(column.dataType)) {
    if (!WHOLE_OR_DECIMAL.test(text)) throw badCursor();
    return text;
  }
  if (!PLAIN.test(text)) throw badCursor();
  return `'${text}'`;
}

function badCursor(): Error {
  return mysqlError('mysql.badCursor', {}, 'The checkpoint does not fit the key of the table.');
}

/** The values of a row, in the order of the columns. */
export function selectList(columns: readonly MysqlColumn[]): string {
  // Aliases by position: a column may be called `__proto__`.
  return columns.map((column, position) => `${selected(column)} AS c${position}`).join(', ');
}

/** Bytes: longer than the 255 characters of a member in every character set, and whole characters of each. */
const BEYOND_MEMBERS = 1100;

function selected(column: MysqlColumn): string {
  const name = quoteName(column.name);
  if (column.asDouble) return `CAST(${name} AS DOUBLE)`;
  // The text of several values is empty: the one that it does not mean is sent as what no target takes for a member.
  const { emptyText } = column;
  return emptyText === null ? name : `IF(${name} + 0 = ${emptyText}, REPEAT(X'61', ${BEYOND_MEMBERS}), ${name})`;
}

/**
 * The ranges that follow a key, in key order: for a key (a, b) first `a = x AND b > y`, then `a > x`. The server
 * reads each from the index, where `(a, b) > (x, y)` would scan the table.
 */
export function rangesAfter(table: PageTable, after: string | null): string[] {
  if (table.key === null || after === null) return [''];
  const names = table.key.columns.map(quoteName);
  const values = cursorLiterals(table, after);
  return names
    .map((name, depth) => {
      const equal = names.slice(0, depth).map((each, position) => `${each} = ${values[position]}`);
      return [...equal, `${name} > ${values[depth]}`].join(' AND ');
    })
    .reverse();
}

/** `key <= upTo`; empty when there is no bound. */
export function boundUpTo(table: PageTable, upTo: string | null): string {
  if (table.key === null || upTo === null) return '';
  const names = table.key.columns.map(quoteName);
  const values = cursorLiterals(table, upTo);
  const within = (depth: number): string => {
    const [name, value] = [names[depth], values[depth]];
    if (depth === names.length - 1) return `${name} <= ${value}`;
    return `(${name} < ${value} OR (${name} = ${value} AND ${within(depth + 1)}))`;
  };
  // The first condition alone lets the server stop at the bound.
  return names.length === 1 ? within(0) : `${names[0]} <= ${values[0]} AND ${within(0)}`;
}

function whereClause(conditions: readonly string[]): string {
  const present = conditions.filter((each) => each !== '');
  return present.length === 0 ? '' : ` WHERE ${present.join(' AND ')}`;
}

/** The user's own condition. @throws DataError where it does not keep to itself */
export function userCondition({ name }: PageTable, where: string | null): string {
  return conditionPart(where, MYSQL_CONDITION, name);
}

export type Range = {
  readonly range: string;
  readonly where: string | null;
  readonly upTo: string | null;
};

function fromClause(table: PageTable): string {
  const index = table.key === null ? '' : ` FORCE INDEX (${quoteName(table.key.index)})`;
  return ` FROM ${quoteName(table.name)}${index}`;
}

/** The key columns of some rows, in key order, from the key's own index. */
export function keysStatement(
  table: PageTable,
  condition: string,
  limit: number,
  order: 'ASC' | 'DESC' = 'ASC',
  more = '',
): string {
  const by = (table.key?.columns ?? []).map((name) => `${quoteName(name)} ${order}`).join(', ');
  return `SELECT ${keySelect(table)}${more}${fromClause(table)}${whereClause([condition])} ORDER BY ${by} LIMIT ${limit}`;
}

/** For EXPLAIN: all rows between two keys, the first of them left out. */
export function betweenStatement(table: PageTable, after: string, upTo: string): string {
  const ranges = rangesAfter(table, after).map((range) => `(${range})`);
  // Of an index that is forced MySQL estimates nothing.
  const index = table.key === null ? '' : ` USE INDEX (${quoteName(table.key.index)})`;
  const where = whereClause([`(${ranges.join(' OR ')})`, boundUpTo(table, upTo)]);
  return `SELECT 1 FROM ${quoteName(table.name)}${index}${where}`;
}

export function pageStatement(table: PageTable, at: Range, limit: number | null): string {
  const order = table.key === null ? '' : ` ORDER BY ${table.key.columns.map(quoteName).join(', ')}`;
  const where = whereClause([at.range, boundUpTo(table, at.upTo), userCondition(table, at.where)]);
  return `SELECT ${selectList(table.columns)}${fromClause(table)}${where}${order}${limit === null ? '' : ` LIMIT ${limit}`}`;
}

export function lastKeyStatement(table: PageTable, where: string | null): string {
  return keysStatement(table, userCondition(table, where), 1, 'DESC');
}

export function countStatement(table: PageTable, where: string | null, upTo: string | null): string {
  return `SELECT COUNT(*) FROM ${quoteName(table.name)}${whereClause([boundUpTo(table, upTo), userCondition(table, where)])}`;
}

/** The last key, and behind its columns how many rows there are, of one moment; of a table without a key the number alone. */
export function extentStatement(table: PageTable, where: string | null): string {
  const count = countStatement(table, where, null);
  return table.key === null
    ? count
    : keysStatement(table, userCondition(table, where), 1, 'DESC', `, (${count}) AS total`);
}

/** What {@link extentStatement} was answered with. */
export function extentOf(table: PageTable, [row]: readonly RawCell[][]): { upTo: string | null; rows: number } {
  const rows = Number(row?.at(-1)?.toString('latin1') ?? 0);
  return { upTo: row === undefined || table.key === null ? null : cursorOf(row.slice(0, -1)), rows };
}

/**
 * `FROM table WHERE` the key is one of rows `from` to `to - 1` of a page.
 * @param byte byte for byte, not only equal as this table compares
 */
export function keyCondition(
  table: PageTable,
  cells: readonly (Uint8Array | null)[],
  from: number,
  to: number,
  byte = false,
): string {
  const key = (table.key?.columns ?? []).map((name) => {
    const position = table.columns.findIndex((column) => column.name === name);
    return { name: quoteName(name), position, column: table.columns[position] as MysqlColumn };
  });
  const value = (row: number, each: (typeof key)[number]): string => {
    const cell = cells[row * table.columns.length + each.position];
    return literal(each.column, Buffer.from(cell ?? new Uint8Array()).toString('hex'));
  };
  const equals = (row: number, each: (typeof key)[number]): string => {
    const equal = `${each.name} = ${value(row, each)}`;
    return byte && each.column.cell === 'chars'
      ? `${equal} AND CAST(${each.name} AS BINARY) = CAST(${value(row, each)} AS BINARY)`
      : equal;
  };
  const rows = Array.from({ length: to - from }, (_, offset) => from + offset);
  const [only] = key;
  const condition =
    key.length === 1 && only !== undefined && !byte
      ? `${only.name} IN (${rows.map((row) => value(row, only)).join(', ')})`
      : rows.map((row) => `(${key.map((each) => equals(row, each)).join(' AND ')})`).join(' OR ');
  return `FROM ${quoteName(table.name)} WHERE ${condition}`;
}

/** The key columns, in key order. */
export function keySelect(table: PageTable): string {
  return (table.key?.columns ?? [])
    .map((name, position) => {
      const text = table.columns.find((column) => column.name === name)?.cell === 'chars';
      // Called bytes, because the driver fails on columns of character sets that it does not know.
      return `${text ? `CAST(${quoteName(name)} AS BINARY)` : quoteName(name)} AS k${position}`;
    })
    .join(', ');
}
