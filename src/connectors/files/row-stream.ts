/** Rows of a file one after the other, with where they stand. */
import type { FileCompression, FileFormat } from '../../core/settings.ts';
import type { Cell } from '../contract.ts';
import { FormatError } from '../format-error.ts';
import { refuse } from './errors.ts';
import { parserOf } from './format.ts';
import type { ParserOptions } from './rows.ts';
import { openWindow, type Window } from './window.ts';

/** Longest row that is held in memory, bytes. */
const MOST_ROW_BYTES = 128 * 1024 * 1024;

export interface Position {
  /** Bytes of the unpacked file before the next row. */
  readonly offset: number;
  /** Rows before it. */
  readonly rows: number;
  /** Lines before it. */
  readonly lines: number;
}

export const BEGINNING: Position = { offset: 0, rows: 0, lines: 0 };

export interface RowStream {
  readonly names: readonly string[];
  /** Reads the next row into `row`, by column; false = there is none. Synchronous as long as what was read lasts. */
  next(row: (Cell | undefined)[]): boolean | Promise<boolean>;
  position(): Position;
  close(): Promise<void>;
}

export interface FileKind {
  readonly file: string;
  readonly format: FileFormat;
  readonly compress: FileCompression;
}

/** @throws DataError `files.badRow` with file, line and column */
export async function openRows(kind: FileKind, from: Position, options: ParserOptions): Promise<RowStream> {
  const window = await openWindow(kind.file, kind.compress, from.offset);
  const parser = parserOf(kind.format, options);
  let { rows, lines } = from;

  const parse = (row: (Cell | undefined)[]): boolean => {
    const before = window.at;
    try {
      const found = parser.next(window, row);
      if (found) rows++;
      lines += feeds(window.bytes, before, window.at);
      return found;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw badRow(kind.file, window, before, lines, error);
    }
  };
  const refill = async (row: (Cell | undefined)[]): Promise<boolean> => {
    for (;;) {
      if (window.ended) return false;
      if (window.bytes.length - window.at >= MOST_ROW_BYTES) {
        const args = { file: kind.file, line: lines + 1, most: MOST_ROW_BYTES };
        throw refuse('files.rowTooLong', args, `the row at line ${lines + 1} is too long`);
      }
      await window.fill();
      if (parse(row)) return true;
    }
  };

  return {
    names: parser.names,
    next: (row) => parse(row) || refill(row),
    position: () => ({ offset: window.offset(), rows, lines }),
    close: () => window.close(),
  };
}

/** Rows are looked at for this long before others have their turn, ms. */
const TURN_MS = 20;

/**
 * Looks at every row to the end, without making values of them.
 * @returns how many there are and which columns they have
 */
export async function lookThrough(
  kind: FileKind,
  columns: ParserOptions['columns'],
  signal: AbortSignal | null,
): Promise<{ readonly rows: number; readonly names: readonly string[] }> {
  const stream = await openRows(kind, BEGINNING, { columns, names: null, blind: true });
  try {
    const row: Cell[] = [];
    let turn = performance.now();
    for (;;) {
      const more = stream.next(row);
      if (!(typeof more === 'boolean' ? more : await more)) break;
      if (performance.now() - turn < TURN_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      turn = performance.now();
    }
    return { rows: stream.position().rows, names: stream.names };
  } finally {
    await stream.close();
  }
}

/** Line feeds between two positions. */
function feeds(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a, from); at >= 0 && at < to; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}

function badRow(file: string, window: Window, before: number, lines: number, { at, message }: FormatError): Error {
  const line = lines + feeds(window.bytes, before, at) + 1;
  const begin = at === 0 ? 0 : Math.max(before, window.bytes.lastIndexOf(0x0a, at - 1) + 1);
  const column = window.bytes.toString('utf8', begin, at).length + 1;
  return refuse('files.badRow', { file, line, column, detail: message }, `${file}:${line}:${column}: ${message}`);
}
