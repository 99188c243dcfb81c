/**
 * Reads large results with SQLite's own column functions. sql.js's `get()` goes through a generic wrapper for every
 * value: 100,000 units take a second that way, and about a seventh of it this way.
 */
import type { SqlStatement, SqlValue } from 'sql.js/dist/sql-wasm-debug.js';
import { SQLITE_DONE, SQLITE_NULL, SQLITE_ROW, type StatementCalls } from './contract.ts';

/** SQLite's sentences for what a damaged file answers. */
const FAILED: Readonly<Record<number, string>> = {
  11: 'database disk image is malformed',
  26: 'file is not a database',
};

/** The current row; columns are counted from 0. */
export interface RowReader {
  /** The text, null for NULL. */
  text(column: number): string | null;
  /** A text out of a small set, without NUL: each one is decoded once. */
  word(column: number): string | null;
  /** The number, null for NULL; integers past 2^53 come rounded, so ask for those as text. */
  number(column: number): number | null;
  /** The number of a column that is never NULL. */
  count(column: number): number;
}

/** Runs the statement with the values and calls `each` for every row until it answers false. */
export function readRows(
  calls: StatementCalls,
  statement: SqlStatement,
  values: SqlValue[],
  each: (row: RowReader) => boolean,
): void {
  const { step, type, double, text, bytes } = calls;
  const pointer = statement.stmt;
  let memory = Buffer.from(calls.memory.buffer);
  const current = (): Buffer => {
    if (memory.length === 0) memory = Buffer.from(calls.memory.buffer); // it has grown, which empties the old view
    return memory;
  };
  /** The last word of each column; SQLite ends every text with a NUL. */
  const words = new Map<number, { readonly terminated: Uint8Array; readonly text: string }>();
  const row: RowReader = {
    text(column) {
      const at = text(pointer, column);
      if (at === 0) return null;
      const length = bytes(pointer, column);
      return current().toString(undefined, at, at + length);
    },
    word(column) {
      const at = text(pointer, column);
      if (at === 0) return null;
      const from = current();
      const known = words.get(column);
      if (known !== undefined && startsWith(from, at, known.terminated)) return known.text;
      const end = at + bytes(pointer, column);
      const word = { terminated: Buffer.from(from.subarray(at, end + 1)), text: from.toString(undefined, at, end) };
      words.set(column, word);
      return word.text;
    },
    number(column) {
      const value = double(pointer, column); // 0 for NULL
      return value === 0 && type(pointer, column) === SQLITE_NULL ? null : value;
    },
    count: (column) => double(pointer, column),
  };
  try {
    if (values.length > 0) statement.bind(values);
    let answer = step(pointer);
    for (; answer === SQLITE_ROW; answer = step(pointer)) if (!each(row)) return;
    if (answer !== SQLITE_DONE)
      throw new Error(FAILED[answer] ?? `reading stopped with SQLite's result code ${answer}`);
  } finally {
    statement.reset();
  }
}

function startsWith(memory: Buffer, at: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (memory[at + i] !== bytes[i]) return false;
  return true;
}
