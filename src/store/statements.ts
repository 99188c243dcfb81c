import type { SqlDatabase, SqlStatement, SqlValue } from 'sql.js/dist/sql-wasm-debug.js';
import { readText, SQLITE_DONE, SQLITE_OK, SQLITE_ROW, SQLITE_TRANSIENT, type StatementCalls } from './contract.ts';

/** What the store writes; numbers are integers up to 2^53. */
export type Scalar = number | string | null;

/** Prepared statements by their text: preparing costs more than running. */
export interface Statements {
  /** Throws SQLite's sentence. */
  run(text: string, values?: readonly Scalar[]): void;
  /**
   * Runs the statement once for each row, all of the same length. Of each row only what differs from the one before is
   * handed to SQLite, so that columns which are alike in all rows cost next to nothing. Rows may share one array.
   */
  runEach(text: string, rows: Iterable<readonly Scalar[]>): void;
  all(text: string, values?: SqlValue[]): SqlValue[][];
  /** The statement itself, reset and unbound, for readers of many rows. */
  get(text: string): SqlStatement;
  free(): void;
}

/** Texts come from code, never from data, so their number is bounded. */
export function createStatements(sql: SqlDatabase, calls: StatementCalls): Statements {
  const prepared = new Map<string, SqlStatement>();
  const scratch = createScratch(calls);

  function get(text: string): SqlStatement {
    let statement = prepared.get(text);
    if (statement === undefined) {
      statement = sql.prepare(text);
      prepared.set(text, statement);
    }
    return statement;
  }

  function bind(pointer: number, parameter: number, value: Scalar): void {
    let answer: number;
    if (value === null) answer = calls.bindBlob(pointer, parameter, 0, 0, SQLITE_TRANSIENT);
    else if (typeof value === 'string') {
      const bytes = scratch.write(value);
      answer = calls.bindText(pointer, parameter, scratch.address(), bytes, SQLITE_TRANSIENT);
    } else if (value === (value | 0)) answer = calls.bindInteger(pointer, parameter, value);
    else answer = calls.bindDouble(pointer, parameter, value);
    if (answer !== SQLITE_OK) throw lastError();
  }

  function step(pointer: number): void {
    const answer = calls.step(pointer);
    if (answer !== SQLITE_DONE && answer !== SQLITE_ROW) throw lastError();
    calls.reset(pointer);
  }

  function lastError(): Error {
    return new Error(readText(new DataView(calls.memory.buffer), calls.errorMessage(sql.db)));
  }

  return {
    get,
    run(text, values = []) {
      const { stmt } = get(text);
      try {
        for (let i = 0; i < values.length; i++) bind(stmt, i + 1, values[i] as Scalar);
        step(stmt);
      } finally {
        unload(calls, stmt);
      }
    },
    runEach(text, rows) {
      const { stmt } = get(text);
      const bound: Scalar[] = []; // nothing is bound, so the first row is bound whole
      try {
        for (const row of rows) {
          for (let i = 0; i < row.length; i++) {
            const value = row[i] as Scalar;
            if (value === bound[i]) continue;
            bind(stmt, i + 1, value);
            bound[i] = value;
          }
          step(stmt);
        }
      } finally {
        unload(calls, stmt);
      }
    },
    all(text, values = []) {
      const statement = get(text);
      const rows: SqlValue[][] = [];
      try {
        statement.bind(values);
        while (statement.step()) rows.push(statement.get());
      } finally {
        resetQuietly(statement);
      }
      return rows;
    },
    free() {
      for (const statement of prepared.values()) statement.free();
      prepared.clear();
      scratch.free();
    },
  };
}

/** Ends a step that failed, whose error it would repeat, and lets go of the values. */
function unload(calls: StatementCalls, pointer: number): void {
  calls.reset(pointer);
  calls.clearBindings(pointer);
}

/** Reset repeats the error of the last step, which has been thrown already. */
function resetQuietly(statement: SqlStatement): void {
  try {
    statement.reset();
  } catch {
    // reported by the step itself
  }
}

interface Scratch {
  /** Puts the text at the address; answers its length in bytes. */
  write(text: string): number;
  address(): number;
  free(): void;
}

const SCRATCH_BYTES = 16 << 10;

/** A place in the module's memory for one text at a time. */
function createScratch(calls: StatementCalls): Scratch {
  let address = 0;
  let size = 0;
  let memory = Buffer.from(calls.memory.buffer);

  function reserve(bytes: number): void {
    if (bytes <= size) return;
    free();
    const wanted = Math.max(bytes, SCRATCH_BYTES);
    address = calls.allocate(wanted);
    if (address === 0) throw new Error('out of memory');
    size = wanted;
  }

  function free(): void {
    if (address !== 0) calls.release(address);
    address = 0;
    size = 0;
  }

  return {
    write(text) {
      const most = text.length * 3;
      reserve(most > size ? Buffer.byteLength(text) : most);
      if (memory.length === 0) memory = Buffer.from(calls.memory.buffer); // it has grown, which empties the old view
      return memory.write(text, address);
    },
    address: () => address,
    free,
  };
}
