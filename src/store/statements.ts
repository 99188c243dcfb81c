import type { SqlDatabase, SqlStatement, SqlValue } from 'sql.js/dist/sql-wasm-debug.js';

/** Prepared statements by their text: preparing costs more than running. */
export interface Statements {
  run(text: string, values?: SqlValue[]): void;
  all(text: string, values?: SqlValue[]): SqlValue[][];
  /** The statement itself, reset and unbound, for readers of many rows. */
  get(text: string): SqlStatement;
  free(): void;
}

/** Texts come from code, never from data, so their number is bounded. */
export function createStatements(sql: SqlDatabase): Statements {
  const prepared = new Map<string, SqlStatement>();

  function get(text: string): SqlStatement {
    let statement = prepared.get(text);
    if (statement === undefined) {
      statement = sql.prepare(text);
      prepared.set(text, statement);
    }
    return statement;
  }

  return {
    get,
    run(text, values) {
      const statement = get(text);
      try {
        statement.run(values);
      } catch (error) {
        resetQuietly(statement);
        throw error;
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
    },
  };
}

/** Reset repeats the error of the last step, which has been thrown already. */
function resetQuietly(statement: SqlStatement): void {
  try {
    statement.reset();
  } catch {
    // reported by the step itself
  }
}
