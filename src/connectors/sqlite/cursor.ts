/** A position in key order as JSON text, and the comparison with it, which SQLite alone makes. */
import type { SQLInputValue } from 'node:sqlite';
import type { Cursor, SqliteCell } from '../contract.ts';
import { isText } from './cells.ts';

/** Storage class and value: `i` decimal digits, `r` the 8 bytes of the double in hex, `t` and `b` base64. */
type CursorCell = readonly ['i' | 'r' | 't' | 'b', string];

/**
 * @throws RangeError for NULL: key columns never hold it
 */
export function encodeCursor(key: readonly SqliteCell[]): Cursor {
  return JSON.stringify(key.map(encodeCell));
}

function encodeCell(cell: SqliteCell): CursorCell {
  if (cell === null) throw new RangeError('a key value is NULL');
  if (typeof cell === 'bigint') return ['i', cell.toString()];
  if (typeof cell === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(cell);
    return ['r', bytes.toString('hex')];
  }
  if (isText(cell)) return ['t', base64(cell.text)];
  return ['b', base64(cell)];
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Parameters of `compareKey`: per key column a text flag and the value. */
export function cursorParams(cursor: Cursor): SQLInputValue[] {
  const cells = JSON.parse(cursor) as readonly CursorCell[];
  return cells.flatMap((cell) => cellParams(decodeCell(cell)));
}

function decodeCell([kind, value]: CursorCell): SqliteCell {
  switch (kind) {
    case 'i':
      return BigInt(value);
    case 'r':
      return Buffer.from(value, 'hex').readDoubleBE();
    case 't':
      return { text: new Uint8Array(Buffer.from(value, 'base64')) };
    case 'b':
      return new Uint8Array(Buffer.from(value, 'base64'));
  }
}

/** The same parameters for a value at hand. */
export function cellParams(cell: SqliteCell): SQLInputValue[] {
  return isText(cell) ? [1n, cell.text] : [0n, cell];
}

/**
 * `(a, b) > (x, y)` over quoted key columns, with parameters numbered from `first` on (two for each column). The value
 * side has no affinity and no collation of its own, so that the column's rules decide, as they do in its index.
 */
export function compareKey(key: readonly string[], operator: '>' | '<=' | '=', first: number): string {
  const values = key.map((_, at) => {
    const flag = first + 2 * at;
    return `iif(?${flag},CAST(?${flag + 1} AS TEXT),?${flag + 1})`;
  });
  return key.length === 1 ? `${key[0]}${operator}${values[0]}` : `(${key.join(',')})${operator}(${values.join(',')})`;
}
