/** Rows of a page as documents, in the form in which a search answers them: written like those of another index. */

import { isUtf8 } from 'node:buffer';
import type { DataError } from '../../core/ports.ts';
import type { Cell, NeutralType, Page, RefusedRow } from '../contract.ts';
import { putJsonText, realText } from '../json-write.ts';
import { createOutput, type Output, putAscii, putByte, putBytes } from '../output.ts';
import { printable } from '../printable.ts';
import { PLACES } from './documents.ts';
import { searchError } from './errors.ts';
import type { WrittenColumn } from './mapping-from-types.ts';

/** How the rows of a unit become documents. */
export interface RowsToDocuments {
  readonly unit: string;
  readonly columns: readonly WrittenColumn[];
  /** Numbers of the columns that make the id; empty: rows begin with their position, which is it. */
  readonly key: readonly number[];
}

export interface MadeDocuments {
  /** Of the form `search-hits`: the rows that could be made, in their order. */
  readonly page: Page;
  /** Their numbers in the page of rows. */
  readonly rows: readonly number[];
  /** The others, with why. */
  readonly refused: readonly RefusedRow[];
}

/** Longest id of a document, bytes. */
export const MOST_ID_BYTES = 512;

/**
 * @param page of the form `neutral`
 * @param out the memory of the documents
 */
export function documentsFromRows(
  page: Page,
  { unit, columns, key }: RowsToDocuments,
  out: Output = createOutput(),
): MadeDocuments {
  if (page.data.format !== 'neutral') throw new Error(`rows of the form ${page.data.format}`);
  const { cells } = page.data;
  const before = key.length === 0 ? 1 : 0;
  const width = columns.length + before;
  const prefixes = columns.map(({ name }, at) => Buffer.from(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  const places = new Uint32Array(page.rows * PLACES);
  const rows: number[] = [];
  const refused: RefusedRow[] = [];
  let sources = 0;
  for (let row = 0; row < page.rows; row++) {
    const start = out.length;
    const first = row * width;
    const id = idOf(cells, first, columns, key);
    const found =
      id === null || Buffer.byteLength(id) > MOST_ID_BYTES
        ? idRefused(unit, id)
        : putDocument(out, Buffer.from(id), prefixes, { unit, columns, key: id }, cells, first + before);
    if (typeof found === 'number') {
      const at = rows.length * PLACES;
      places[at] = start;
      places[at + 1] = found;
      places[at + 6] = found;
      places[at + 7] = out.length;
      sources += out.length - found;
      rows.push(row);
    } else {
      out.length = start;
      refused.push({ row, error: found });
    }
  }
  const bytes = out.bytes.subarray(0, out.length);
  const data = { format: 'search-hits', bytes, places: places.subarray(0, rows.length * PLACES) } as const;
  return { page: { rows: rows.length, bytes: sources, last: page.last, data }, rows, refused };
}

interface About {
  readonly unit: string;
  readonly columns: readonly WrittenColumn[];
  readonly key: string;
}

/** @returns where the source begins, or why there is none */
function putDocument(
  out: Output,
  id: Buffer,
  prefixes: readonly Buffer[],
  { unit, columns, key }: About,
  cells: readonly Cell[],
  first: number,
): number | DataError {
  putJsonText(out, id);
  const begin = out.length;
  for (let at = 0; at < columns.length; at++) {
    putBytes(out, prefixes[at] as Buffer);
    const cell = cells[first + at] as Cell;
    const column = columns[at] as WrittenColumn;
    if (cell === null) putAscii(out, 'null');
    else if (!column.encode(out, cell)) return valueRefused(unit, key, column, cell);
  }
  putByte(out, 0x7d);
  return begin;
}

function valueRefused(unit: string, id: string, { name, field }: WrittenColumn, cell: Exclude<Cell, null>): DataError {
  const type = typeof field.type === 'string' ? field.type : 'object';
  const args = { unit, column: name, key: shownKey(id), field: type, found: className(cell) };
  return searchError('elasticsearch.valueElsewhere', args, `a value of ${name} does not fit a field of ${type}`);
}

function shownKey(id: string): string {
  return printable(id.slice(0, 200));
}

function idRefused(unit: string, id: string | null): DataError {
  const key = id === null ? '?' : shownKey(id);
  const detail = id === null ? 'UTF-8' : `> ${MOST_ID_BYTES}`;
  return searchError('elasticsearch.keyNoId', { unit, key, detail }, `the key of a row makes no id: ${detail}`);
}

/** What a value is, as a person would say it; of short text itself. */
function className(cell: Exclude<Cell, null>): string {
  if (typeof cell === 'bigint' || typeof cell === 'number') return String(cell);
  if (cell instanceof Uint8Array) return `${cell.length} bytes`;
  const text = Buffer.from(cell.text.subarray(0, 60)).toString();
  return `"${printable(text)}${cell.text.length > 60 ? '…' : ''}"`;
}

/** null = the key holds no text. */
function idOf(
  cells: readonly Cell[],
  first: number,
  columns: readonly WrittenColumn[],
  key: readonly number[],
): string | null {
  if (key.length === 0) return String(cells[first]);
  const parts: string[] = [];
  for (const at of key) {
    const part = partOf(cells[first + at] as Cell, (columns[at] as WrittenColumn).type);
    if (part === null) return null;
    parts.push(part);
  }
  return joinId(parts);
}

/** One value of a key as text: another value of the column has another text. */
function partOf(cell: Cell, { kind }: NeutralType): string | null {
  if (cell === null) return null;
  if (typeof cell === 'bigint') return cell.toString();
  if (typeof cell === 'number') return realText(cell);
  const mixed = kind === 'any';
  if (cell instanceof Uint8Array) return `${mixed ? 'base64:' : ''}${Buffer.from(cell).toString('base64')}`;
  if (!isUtf8(cell.text)) return null;
  // Where a column holds anything, the text 1 is not the number 1.
  return `${mixed ? '"' : ''}${Buffer.from(cell.text).toString()}`;
}

/**
 * The id of a row: the text of its key. Of several columns the parts are joined by `|`, where one in a part is written
 * `\|` and a backslash `\\`. Alone, a text is itself; only one that is empty or begins with a backslash gets one before it,
 * as no id may be empty.
 */
export function joinId(parts: readonly string[]): string {
  const [only = ''] = parts;
  if (parts.length === 1) return only === '' || only.startsWith('\\') ? `\\${only}` : only;
  return parts.map((part) => part.replace(/[\\|]/g, '\\$&')).join('|');
}
