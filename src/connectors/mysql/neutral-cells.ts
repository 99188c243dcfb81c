/** Values between the text protocol and the neutral form. */
import { isUtf8 } from 'node:buffer';
import { DataError } from '../../core/ports.ts';
import type { Cell, NeutralType } from '../contract.ts';
import { neutralType } from './neutral-types.ts';
import type { MysqlColumn } from './schema.ts';

type Raw = Uint8Array | null;

/** `latin1` of MySQL is Windows-1252, with the five bytes that it leaves out as control characters. */
const LATIN1 = new TextDecoder('windows-1252');
/** What stands for a value of ENUM or SET that its text does not tell: see `selectList`. */
const NO_TEXT = 1100;

/**
 * The cells of a page of `mysql-text` as neutral ones.
 * @throws DataError `mysql.valueElsewhere`
 */
export function toNeutral(cells: readonly Raw[], columns: readonly MysqlColumn[], unit: string): Cell[] {
  const decoders = columns.map((column) => decoder(column, unit));
  const neutral: Cell[] = [];
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] as Raw;
    neutral.push(cell === null ? null : (decoders[at % columns.length] as Decoder)(cell));
  }
  return neutral;
}

type Decoder = (bytes: Uint8Array) => Cell;

function decoder(column: MysqlColumn, unit: string): Decoder {
  const { kind } = neutralType(column);
  if (kind === 'integer') return (bytes) => BigInt(ascii(bytes));
  if (kind === 'real') return (bytes) => Number(ascii(bytes));
  if (kind === 'bytes') return (bytes) => bytes;
  if (column.charset === 'latin1')
    return (bytes) => ({ text: isAscii(bytes) ? bytes : Buffer.from(LATIN1.decode(bytes)) });
  if (column.emptyText === null) return (text) => ({ text });
  return (text) => {
    if (text.length >= NO_TEXT && text.every((byte) => byte === 0x61)) throw misfit(unit, column, 'ENUM, SET');
    return { text };
  };
}

function ascii(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if ((bytes[at] as number) > 0x7f) return false;
  return true;
}

/** How the values of a column are taken. */
export interface TakenColumn {
  readonly column: MysqlColumn;
  readonly type: NeutralType;
  /** MariaDB stores 0 for -0, without a word. */
  readonly keepsMinusZero: boolean;
}

/**
 * Neutral cells as those of `mysql-text`, where text is UTF-8.
 * @param before cells of each row that are left out: its position
 * @throws DataError `mysql.valueElsewhere` for a value that the column would change
 */
export function fromNeutral(
  cells: readonly Cell[],
  columns: readonly TakenColumn[],
  before: number,
  unit: string,
): Raw[] {
  const width = columns.length + before;
  const taken: Raw[] = [];
  for (let row = 0; row < cells.length; row += width) {
    for (let at = 0; at < columns.length; at++) {
      const cell = cells[row + before + at] as Cell;
      taken.push(cell === null ? null : encode(cell, columns[at] as TakenColumn, unit));
    }
  }
  return taken;
}

/** What the text of numbers, dates and times is made of. */
const PLAIN = /^[0-9A-Za-z:.+\- ]+$/;

function encode(cell: Exclude<Cell, null>, { column, type, keepsMinusZero }: TakenColumn, unit: string): Uint8Array {
  const found = typeof cell === 'bigint' ? 'INTEGER' : typeof cell === 'number' ? 'REAL' : null;
  switch (type.kind) {
    case 'integer':
      if (typeof cell === 'bigint') return Buffer.from(cell.toString());
      break;
    case 'real':
      if (typeof cell !== 'number' || !Number.isFinite(cell)) break;
      if (Object.is(cell, -0) && !keepsMinusZero) break;
      // The server would round it without a word.
      if (!type.single || Math.fround(cell) === cell) return Buffer.from(Object.is(cell, -0) ? '-0' : String(cell));
      break;
    case 'bytes':
      if (cell instanceof Uint8Array) return cell;
      break;
    default: {
      if (typeof cell !== 'object' || cell instanceof Uint8Array || !isUtf8(cell.text)) break;
      if (column.cell !== 'plain' || PLAIN.test(ascii(cell.text))) return cell.text;
    }
  }
  throw misfit(unit, column, found ?? (cell instanceof Uint8Array ? 'BLOB' : 'TEXT'));
}

function misfit(unit: string, { name, type }: MysqlColumn, found: string): DataError {
  const args = { unit, column: name, type, found };
  return new DataError({
    code: 'mysql.valueElsewhere',
    args,
    class: 'permanent',
    message: `a value of ${name} does not fit`,
  });
}
