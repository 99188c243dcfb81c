/**
 * Values of SQLite without loss. Text is carried as its bytes in the database's encoding: a JavaScript string would
 * replace what is not valid UTF-8 or UTF-16. One integer per GROUP columns says which of the byte values are text.
 */
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { SqliteCell } from '../contract.ts';

/** Columns per mask: bits of a JavaScript bitwise operation. */
const GROUP = 30;

function masks(columns: number): number {
  return Math.ceil(columns / GROUP);
}

/** What to select so that `decodeRow` gets the exact values of the columns (SQL expressions). */
export function selectList(columns: readonly string[]): string {
  const list: string[] = [];
  for (let from = 0; from < columns.length; from += GROUP) {
    const bits = columns.slice(from, from + GROUP).map((column, bit) => `(typeof(${column})='text')<<${bit}`);
    list.push(bits.map((bit) => `(${bit})`).join('|'));
  }
  for (const column of columns)
    list.push(`CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) ELSE ${column} END`);
  return list.join(',');
}

/**
 * Appends the values of a row of `selectList` to `cells`.
 * @returns their size in bytes
 */
export function decodeRow(row: readonly SQLOutputValue[], columns: number, cells: SqliteCell[]): number {
  const offset = masks(columns);
  let bytes = 0;
  let mask = 0;
  for (let at = 0; at < columns; at++) {
    if (at % GROUP === 0) mask = Number(row[at / GROUP]);
    const value = row[offset + at] as bigint | number | Uint8Array | null;
    if (value instanceof Uint8Array) {
      bytes += value.byteLength;
      cells.push(mask & (1 << (at % GROUP)) ? { text: value } : value);
    } else {
      bytes += value === null ? 1 : 8;
      cells.push(value);
    }
  }
  return bytes;
}

/** The VALUES list that takes what `bindRow` makes. */
export function valuesList(columns: number): string {
  const offset = masks(columns);
  const list: string[] = [];
  for (let at = 0; at < columns; at++) {
    const value = `?${offset + at + 1}`;
    list.push(`iif(?${Math.floor(at / GROUP) + 1}&${1 << (at % GROUP)},CAST(${value} AS TEXT),${value})`);
  }
  return list.join(',');
}

/** Fills `params` (made by `paramsFor`) with the row that begins at `from`. */
export function bindRow(cells: readonly SqliteCell[], from: number, columns: number, params: SQLInputValue[]): void {
  const offset = masks(columns);
  let mask = 0;
  for (let at = 0; at < columns; at++) {
    if (at % GROUP === 0) mask = 0;
    const cell = cells[from + at] as SqliteCell;
    if (isText(cell)) {
      mask |= 1 << (at % GROUP);
      params[offset + at] = cell.text;
    } else {
      params[offset + at] = cell;
    }
    if (at % GROUP === GROUP - 1 || at === columns - 1) params[Math.floor(at / GROUP)] = BigInt(mask);
  }
}

export function paramsFor(columns: number): SQLInputValue[] {
  return new Array<SQLInputValue>(masks(columns) + columns).fill(null);
}

export function isText(cell: SqliteCell): cell is { readonly text: Uint8Array } {
  return typeof cell === 'object' && cell !== null && !(cell instanceof Uint8Array);
}
