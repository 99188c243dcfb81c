/** Pages row by row, whatever their format: taken apart, kept as text and put together again. */
import { isUtf8 } from 'node:buffer';
import type { Cell, Page, PageData } from './contract.ts';
import { cellsOf, rowStart } from './mysql/raw-rows.ts';

type Format = PageData['format'];
type RawRows = Extract<PageData, { readonly format: 'mysql-rows' }>;
type Hits = Extract<PageData, { readonly format: 'search-hits' }>;

/** Id, routing, version and source. */
const PARTS_OF_A_HIT = 4;
/** Where each of them begins and ends. */
const PLACES_OF_A_HIT = 2 * PARTS_OF_A_HIT;

/** One row as text that gives exactly the same values again. */
export interface StoredRow {
  readonly format: Format;
  /** `mysql-rows`: the bytes of the row in base64; else a text for each cell (`search-hits`: part), null = NULL. */
  readonly values: string | readonly (string | null)[];
  readonly width: number;
}

/** A value as people read it: text, a number, or bytes in base64. Long ones are cut; for exact values see StoredRow. */
export type ReadableCell = string | number | null | { readonly base64: string; readonly bytes?: number };

/** Cells of each row, or parts of each document. */
export function widthOf({ rows, data }: Page): number {
  if (data.format === 'mysql-rows') return data.width;
  if (data.format === 'search-hits') return PARTS_OF_A_HIT;
  return rows === 0 ? 0 : data.cells.length / rows;
}

/** The rows from `first` to before `last` as a page of their own; views of the same memory. It leads nowhere. */
export function sliceOf(page: Page, first: number, last: number): Page {
  const data = sliceOfData(page, first, last);
  if (data.format === 'search-hits') return { rows: last - first, bytes: sourceBytes(data), last: null, data };
  const share = page.rows === 0 ? 0 : (last - first) / page.rows;
  return { rows: last - first, bytes: Math.round(page.bytes * share), last: null, data };
}

function sliceOfData(page: Page, first: number, last: number): PageData {
  const { data } = page;
  if (data.format === 'mysql-rows') {
    const start = first === last ? 0 : rowStart(data, first);
    const end = first === last ? 0 : rowStart(data, last);
    const ends = data.ends.slice(first, last).map((each) => each - start);
    return { ...data, bytes: data.bytes.subarray(start, end), ends };
  }
  if (data.format === 'search-hits') {
    const places = data.places.subarray(first * PLACES_OF_A_HIT, last * PLACES_OF_A_HIT);
    return { ...data, places };
  }
  const width = widthOf(page);
  return { ...data, cells: data.cells.slice(first * width, last * width) } as PageData;
}

/** The values of a row; bytes of the text protocol stay bytes. Of a document: id and routing without quotes, and source. */
export function rowOf(page: Page, row: number): readonly Cell[] {
  const { data } = page;
  if (data.format === 'mysql-rows') return cellsOf(data, row, row + 1);
  if (data.format === 'search-hits') {
    const [id = null, routing = null, , source = null] = partsOf(data, row);
    return [id, routing, source].map((part) => (part === null ? null : textOf(part)));
  }
  const width = widthOf(page);
  return data.cells.slice(row * width, (row + 1) * width);
}

export function storedRow(page: Page, row: number): StoredRow {
  const { data } = page;
  const { format } = data;
  const width = widthOf(page);
  if (format === 'search-hits') {
    const values = partsOf(data, row).map((text) => storedCell(text === null ? null : { text }));
    return { format, values, width };
  }
  if (format !== 'mysql-rows') return { format, values: rowOf(page, row).map(storedCell), width };
  return { format, values: base64(data.bytes.subarray(rowStart(data, row), data.ends[row])), width };
}

/**
 * Rows of one format as a page.
 * @throws Error for what `storedRow` did not make
 */
export function pageOf(stored: readonly StoredRow[]): Page {
  const [first] = stored;
  if (first === undefined) throw new Error('a page has rows');
  const { format, width } = first;
  if (stored.some((each) => each.format !== format || each.width !== width)) throw new Error('rows of several forms');
  const rows = stored.length;
  if (format === 'mysql-rows') {
    const data = rawRows(stored, width);
    return { rows, bytes: data.bytes.length, last: null, data };
  }
  const cells = stored.flatMap(({ values }) => {
    if (typeof values === 'string' || values.length !== width) throw new Error('a row of another form');
    return values.map(cellOf);
  });
  if (format === 'search-hits') {
    const data = hitsOf(cells);
    return { rows, bytes: sourceBytes(data), last: null, data };
  }
  const bytes = cells.reduce<number>((sum, cell) => sum + sizeOf(cell), 0);
  return { rows, bytes, last: null, data: { format, cells } as PageData };
}

function rawRows(stored: readonly StoredRow[], width: number): RawRows {
  const rows = stored.map(({ values }) => Buffer.from(String(values), 'base64'));
  let end = 0;
  const ends = Uint32Array.from(rows, (row) => {
    end += row.length;
    return end;
  });
  return { format: 'mysql-rows', width, bytes: Buffer.concat(rows), ends };
}

/** Id, routing, version and source of a document as they arrived; null = it has none. */
function partsOf({ bytes, places }: Hits, row: number): (Uint8Array | null)[] {
  return Array.from({ length: PARTS_OF_A_HIT }, (_, part) => {
    const at = row * PLACES_OF_A_HIT + 2 * part;
    const end = places[at + 1] ?? 0;
    return end === 0 ? null : bytes.subarray(places[at], end);
  });
}

function sourceBytes({ places }: Hits): number {
  let bytes = 0;
  for (let end = PLACES_OF_A_HIT - 1; end < places.length; end += PLACES_OF_A_HIT)
    bytes += (places[end] ?? 0) - (places[end - 1] ?? 0);
  return bytes;
}

function hitsOf(parts: readonly Cell[]): Hits {
  const pieces: Uint8Array[] = [];
  let end = 0;
  const places = parts.flatMap((part) => {
    if (part === null) return [0, 0];
    if (typeof part !== 'object' || part instanceof Uint8Array) throw new Error('a part of another form');
    pieces.push(part.text);
    end += part.text.length;
    return [end - part.text.length, end];
  });
  return { format: 'search-hits', bytes: Buffer.concat(pieces), places: Uint32Array.from(places) };
}

/** What a JSON text says, where it is a string: its characters. */
function textOf(json: Uint8Array): Cell {
  if (json[0] !== QUOTE) return { text: json };
  return { text: Buffer.from(JSON.parse(Buffer.from(json).toString()) as string) };
}

const QUOTE = 0x22;

/** A letter for what it is and its value. */
function storedCell(cell: Cell): string | null {
  if (cell === null) return null;
  if (typeof cell === 'bigint') return `i${cell}`;
  if (typeof cell === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(cell);
    return `r${bytes.toString('hex')}`;
  }
  return cell instanceof Uint8Array ? `b${base64(cell)}` : `t${base64(cell.text)}`;
}

function cellOf(stored: string | null): Cell {
  if (stored === null) return null;
  const value = stored.slice(1);
  switch (stored[0]) {
    case 'i':
      return BigInt(value);
    case 'r':
      return Buffer.from(value, 'hex').readDoubleBE();
    case 'b':
      return Buffer.from(value, 'base64');
    case 't':
      return { text: Buffer.from(value, 'base64') };
    default:
      throw new Error('a value of an unknown form');
  }
}

/** A key of any number of columns as people read it. */
export function readableKey(cells: readonly ReadableCell[]): string {
  return cells.map((cell) => (typeof cell === 'object' ? JSON.stringify(cell) : String(cell))).join(', ');
}

/** Most bytes of a value that people are shown. */
const SHOWN_BYTES = 4_096;

export function readableCell(cell: Cell): ReadableCell {
  if (cell === null) return null;
  if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : String(cell);
  const bytes = cell instanceof Uint8Array ? cell : cell.text;
  const shown = bytes.subarray(0, SHOWN_BYTES);
  const cut = shown.length < bytes.length;
  // A cut in the middle of a character must not make bytes of a text.
  const text = Buffer.from(shown)
    .toString('utf8')
    .replace(cut ? /\uFFFD$/ : /$^/, '');
  if (isUtf8(bytes) && !UNPRINTABLE.test(text)) return cut ? `${text}… (${bytes.length} bytes)` : text;
  return { base64: base64(shown), ...(cut ? { bytes: bytes.length } : {}) };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what holds them is shown as bytes.
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function sizeOf(cell: Cell): number {
  if (cell === null) return 1;
  if (typeof cell !== 'object') return 8;
  return cell instanceof Uint8Array ? cell.length : cell.text.length;
}
