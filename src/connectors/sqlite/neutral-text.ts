/** Text between a database's own encoding and the UTF-8 of the neutral form. */
import { isUtf8 } from 'node:buffer';
import type { SqliteCell } from '../contract.ts';
import { isText } from './cells.ts';
import { refuse } from './errors.ts';

/** Changes the text among `cells` to UTF-8. @throws DataError `sqlite.textNotConvertible` for half of a pair */
export function toUtf8(cells: SqliteCell[], encoding: string, unit: string): void {
  if (encoding === 'UTF-8') return;
  for (const [at, cell] of cells.entries()) {
    if (!isText(cell)) continue;
    const bytes = Buffer.from(cell.text);
    if (bytes.length % 2 === 1) throw notConvertible(unit, encoding);
    const text = (encoding === 'UTF-16be' ? bytes.swap16() : bytes).toString('utf16le');
    if (!text.isWellFormed()) throw notConvertible(unit, encoding);
    cells[at] = { text: Buffer.from(text) };
  }
}

/** The cells with their text in the database's encoding. @throws DataError `sqlite.textNotConvertible` */
export function fromUtf8(cells: readonly SqliteCell[], encoding: string, unit: string): readonly SqliteCell[] {
  if (encoding === 'UTF-8') return cells;
  return cells.map((cell) => {
    if (!isText(cell)) return cell;
    if (!isUtf8(cell.text)) throw notConvertible(unit, encoding);
    const bytes = Buffer.from(Buffer.from(cell.text).toString('utf8'), 'utf16le');
    return { text: encoding === 'UTF-16be' ? bytes.swap16() : bytes };
  });
}

function notConvertible(unit: string, encoding: string): Error {
  return refuse('sqlite.textNotConvertible', { unit, encoding }, `text of ${unit} is not valid`);
}
