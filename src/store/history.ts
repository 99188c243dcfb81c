/** What happened: runs and executions. No decision depends on it, so it is read when people look and not at opening. */
import type { SqlValue } from 'sql.js/dist/sql-wasm-debug.js';
import type { AttemptRow, RunId, RunRow, TaskId, UnitId } from '../core/model.ts';
import { RUN_COLUMNS, runRow } from './loading.ts';
import type { Statements } from './statements.ts';

/** Newest first: written last, for a clock may have been set back. */
export function readRuns(statements: Statements, taskId: TaskId, limit: number): RunRow[] {
  const text = `SELECT ${RUN_COLUMNS} FROM task_runs WHERE task_id = ? ORDER BY rowid DESC LIMIT ?`;
  return statements.all(text, [taskId, limit]).map(runRow);
}

const ATTEMPT_COLUMNS = 'run_id, unit_id, attempt, started_at, ended_at, outcome, rows, bytes, error_code';

/** The newest run's are the last ones written: a look at the end of the table mostly finds them. */
const OF_RUN_AT_END = `SELECT ${ATTEMPT_COLUMNS} FROM unit_attempts NOT INDEXED
  WHERE rowid > (SELECT max(rowid) FROM unit_attempts) - ?3 AND run_id = ?1 ORDER BY rowid DESC LIMIT ?2`;
const END_ROWS = 2_000;

/** Found in the key alone, in some ten milliseconds for 100,000 of them. */
const OF_RUN = `SELECT ${ATTEMPT_COLUMNS} FROM unit_attempts WHERE rowid IN
  (SELECT rowid FROM unit_attempts WHERE run_id = ? ORDER BY rowid DESC LIMIT ?) ORDER BY rowid DESC`;

/** By way of the task's runs, which are few: an index by unit would cost every start of a unit a write. */
const OF_UNIT = `SELECT ${ATTEMPT_COLUMNS} FROM unit_attempts WHERE unit_id = ?1 AND run_id IN
  (SELECT id FROM task_runs WHERE task_id = (SELECT task_id FROM task_unit_progress WHERE id = ?1))
  ORDER BY attempt DESC LIMIT ?2`;

export function readAttempts(
  statements: Statements,
  of: { readonly runId: RunId } | { readonly unitId: UnitId },
  limit: number,
): AttemptRow[] {
  const rows = 'runId' in of ? rowsOfRun(statements, of.runId, limit) : statements.all(OF_UNIT, [of.unitId, limit]);
  return rows.map(attemptRow);
}

function rowsOfRun(statements: Statements, runId: RunId, limit: number): SqlValue[][] {
  if (limit < END_ROWS) {
    const rows = statements.all(OF_RUN_AT_END, [runId, limit, END_ROWS]);
    if (rows.length === limit) return rows;
  }
  return statements.all(OF_RUN, [runId, limit]);
}

function attemptRow(row: readonly SqlValue[]): AttemptRow {
  return {
    runId: String(row[0]),
    unitId: String(row[1]),
    attempt: Number(row[2]),
    startedAt: Number(row[3]),
    endedAt: row[4] === null ? null : Number(row[4]),
    outcome: row[5] as AttemptRow['outcome'],
    rows: Number(row[6] ?? 0),
    bytes: Number(row[7] ?? 0),
    errorCode: row[8] === null ? null : String(row[8]),
  };
}
