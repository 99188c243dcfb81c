/**
 * Rows of the text protocol as they arrived: each value with its length before it, NULL as one byte 251. They are
 * collected and cut into pages without looking into them.
 */
import type { PageData } from '../contract.ts';
import { mysqlError } from './errors.ts';
import type { RawCell } from './row-stream.ts';

export type RawRows = Extract<PageData, { readonly format: 'mysql-rows' }>;

export const NULL_VALUE = 0xfb;

/** Where the value at `at` begins behind its length. @throws DataError `mysql.badRow` for what is no length */
export function valueStart(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < NULL_VALUE) return at + 1;
  if (first === 0xfc) return at + 3;
  if (first === 0xfd) return at + 4;
  if (first === 0xfe) return at + 9;
  throw badRow();
}

/** Where the value at `at`, which is not NULL, ends. */
export function valueEnd(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < NULL_VALUE) return at + 1 + first;
  const start = valueStart(bytes, at);
  let length = 0;
  for (let from = start - 1; from > at; from -= 1) length = length * 256 + (bytes[from] ?? Number.NaN);
  return start + length;
}

export function badRow(): Error {
  return mysqlError('mysql.badRow', {}, 'The server sent a row that does not follow the protocol.');
}

export function rowStart(rows: RawRows, row: number): number {
  return row === 0 ? 0 : (rows.ends[row - 1] as number);
}

/** @param packed rows one behind the other */
export function packedRows(width: number, { bytes, ends }: { bytes: Uint8Array; ends: readonly number[] }): RawRows {
  return { format: 'mysql-rows', width, bytes, ends: Uint32Array.from(ends) };
}

/** The values of rows, row after row; views of the page's bytes. */
export function cellsOf(rows: RawRows, first = 0, last = rows.ends.length): RawCell[] {
  const cells: RawCell[] = [];
  const bytes = Buffer.from(rows.bytes.buffer, rows.bytes.byteOffset, rows.bytes.byteLength);
  let at = rowStart(rows, first);
  for (let row = first; row < last; row += 1) {
    for (let column = 0; column < rows.width; column += 1) {
      if (bytes[at] === NULL_VALUE) {
        cells.push(null);
        at += 1;
      } else {
        const end = valueEnd(bytes, at);
        cells.push(bytes.subarray(valueStart(bytes, at), end));
        at = end;
      }
    }
    if (at !== rows.ends[row]) throw badRow();
  }
  return cells;
}

/** Collects rows and cuts them into pages. */
export type RawPages = {
  append(bytes: Buffer, from: number, to: number): void;
  /** Rows that are in no page yet. */
  pending(): number;
  /** Whether a page can be cut that no further row would belong to. */
  full(): boolean;
  /**
   * The next page, null when there are no rows. Its bytes are overwritten after `append` was called for the second
   * page that follows.
   */
  take(): RawRows | null;
  /** The row that came last, in a page or not: good until the next one. */
  lastRow(): RawRows | null;
};

/** Buffers in turn: one page is being written, one waits for it, rows arrive in the third. */
const BUFFERS = 3;
/** Room for rows that arrive together with the last one of a page, bytes. */
const SPARE = 320 * 1024;
/** A buffer that a few large rows made larger than this many times the usual is not kept. */
const TOO_LARGE = 4;
/** Room a first buffer has: many tables are smaller than a page, and memory that is given back must be collected. */
const FIRST_BYTES = 32 * 1024;

export function rawPages(width: number, pageRows: number, pageBytes: number): RawPages {
  const usual = pageBytes + SPARE;
  const store: Buffer[] = [];
  let turn = 0;
  let bytes: Buffer = Buffer.allocUnsafeSlow(Math.min(usual, FIRST_BYTES));
  let ends = new Uint32Array(256);
  /** Rows and bytes in the buffer, and those of them that were cut off as pages. */
  let rows = 0;
  let used = 0;
  let takenRows = 0;
  let takenBytes = 0;

  /** Moves what is not cut yet to the beginning of the next buffer. */
  const turnOver = (): void => {
    store[turn] = bytes;
    turn = (turn + 1) % BUFFERS;
    const next = store[turn];
    const left = used - takenBytes;
    const reusable = next !== undefined && next.length >= Math.max(usual, left) && next.length <= TOO_LARGE * usual;
    const fresh = reusable ? next : Buffer.allocUnsafeSlow(Math.max(usual, left));
    bytes.copy(fresh, 0, takenBytes, used);
    bytes = fresh;
    for (let row = takenRows; row < rows; row += 1) ends[row - takenRows] = (ends[row] as number) - takenBytes;
    rows -= takenRows;
    used = left;
    takenRows = 0;
    takenBytes = 0;
  };
  return {
    append: (source, from, to) => {
      if (takenRows > 0) turnOver();
      const end = used + to - from;
      if (end > bytes.length) {
        const grown = bytes.length < usual ? Math.min(bytes.length * 4, usual) : bytes.length * 2;
        const larger = Buffer.allocUnsafeSlow(Math.max(end, grown));
        bytes.copy(larger, 0, 0, used);
        bytes = larger;
      }
      source.copy(bytes, used, from, to);
      used = end;
      if (rows === ends.length) {
        const longer = new Uint32Array(rows * 2);
        longer.set(ends);
        ends = longer;
      }
      ends[rows] = end;
      rows += 1;
    },
    pending: () => rows - takenRows,
    full: () => rows - takenRows >= pageRows || used - takenBytes >= pageBytes,
    take: () => {
      if (rows === takenRows) return null;
      let row = takenRows;
      const most = Math.min(rows, takenRows + pageRows);
      while (row < most && (ends[row] as number) - takenBytes < pageBytes) row += 1;
      const end = Math.min(row + 1, most);
      const until = ends[end - 1] as number;
      const count = end - takenRows;
      const cut = new Uint32Array(count);
      for (let at = 0; at < count; at += 1) cut[at] = (ends[takenRows + at] as number) - takenBytes;
      const page: RawRows = { format: 'mysql-rows', width, bytes: bytes.subarray(takenBytes, until), ends: cut };
      takenRows = end;
      takenBytes = until;
      return page;
    },
    lastRow: () => {
      if (rows === 0) return null;
      const from = rows === 1 ? 0 : (ends[rows - 2] as number);
      return { format: 'mysql-rows', width, bytes: bytes.subarray(from, used), ends: Uint32Array.of(used - from) };
    },
  };
}
