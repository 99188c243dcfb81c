/** Reads everything that decisions need. */
import type { SqlValue } from 'sql.js/dist/sql-wasm-debug.js';
import type {
  Coded,
  ErrorClass,
  Mode,
  Prepared,
  Resume,
  RunOutcome,
  RunRow,
  RunState,
  StartedBy,
  StoredState,
  TaskRow,
  UnitError,
  UnitRow,
  UnitStatus,
  UnitType,
  Verify,
} from '../core/model.ts';
import type { ColumnCalls } from './contract.ts';
import { type RowReader, readRows } from './row-reader.ts';
import type { Statements } from './statements.ts';

/** @param store key of the store, which every task carries */
export function loadState(statements: Statements, calls: ColumnCalls, store: string): StoredState {
  return { tasks: loadTasks(statements, store), units: loadUnits(statements, calls), runs: loadNewestRuns(statements) };
}

function loadTasks(statements: Statements, store: string): TaskRow[] {
  const rows = statements.all(
    `SELECT id, name, sync_mode, switching_to, run_state, concurrency, on_error, config, config_hash, overrides, queue_rev,
       created_at, updated_at, reason_code, reason_args FROM sync_tasks ORDER BY rowid`,
  );
  return rows.map((row) => ({
    id: String(row[0]),
    store,
    name: String(row[1]),
    mode: row[2] as Mode,
    switchingTo: row[3] as Mode | null,
    runState: row[4] as RunState,
    concurrency: Number(row[5]),
    onError: row[6] as TaskRow['onError'],
    reason: row[13] === null ? null : { code: String(row[13]), args: readArgs(optionalText(row[14])) },
    config: String(row[7]),
    configHash: String(row[8] ?? ''),
    overrides: optionalText(row[9]),
    queueRev: Number(row[10]),
    createdAt: Number(row[11]),
    updatedAt: Number(row[12]),
  }));
}

function loadNewestRuns(statements: Statements): RunRow[] {
  const rows = statements.all(
    `SELECT id, task_id, started_at, ended_at, outcome, started_by, mode, concurrency, units, rows, bytes, rejected
     FROM task_runs AS run WHERE rowid = (SELECT rowid FROM task_runs WHERE task_id = run.task_id
       ORDER BY started_at DESC, rowid DESC LIMIT 1)`,
  );
  return rows.map((row) => ({
    id: String(row[0]),
    taskId: String(row[1]),
    startedAt: Number(row[2]),
    endedAt: optionalNumber(row[3]),
    outcome: row[4] as RunOutcome | null,
    startedBy: (row[5] ?? 'person') as StartedBy,
    mode: (row[6] ?? 'auto') as Mode,
    concurrency: Number(row[7] ?? 1),
    units: row[8] === null ? null : (JSON.parse(String(row[8])) as string[]),
    rows: Number(row[9] ?? 0),
    bytes: Number(row[10] ?? 0),
    rejected: Number(row[11] ?? 0),
  }));
}

/**
 * Columns 0..6 are read of every row. `touched` (7) is 0 for a unit whose other fields all have their first values, which
 * saves fifteen reads for each unit of a fresh plan; `said` (8) does the same for reasons and errors.
 */
const UNITS = `SELECT id, task_id, unit_name, unit_type, status, plan_order, updated_at,
  processed_records | bytes | rejected_records | attempt | retries_used | removed
    OR coalesce(last_processed_id, prepared, verified, next_retry_at, started_at, completed_at) IS NOT NULL
    OR processed_records < 0,
  coalesce(reason_code, error_code) IS NOT NULL,
  total_records, resume, processed_records, bytes, rejected_records, attempt, retries_used, removed,
  last_processed_id, prepared, verified, next_retry_at, started_at, completed_at,
  reason_code, reason_args, error_class, error_code, error_args, error_message
  FROM task_unit_progress`;

function loadUnits(statements: Statements, calls: ColumnCalls): UnitRow[] {
  const units: UnitRow[] = [];
  readRows(calls, statements.get(UNITS), (row) => {
    const touched = row.count(7) !== 0;
    const said = row.count(8) !== 0;
    units.push({
      id: row.text(0) as string,
      taskId: row.word(1) as string,
      name: row.text(2) as string,
      type: row.word(3) as UnitType,
      planOrder: row.count(5),
      status: row.word(4) as UnitStatus,
      total: row.number(9),
      processed: touched ? row.count(11) : 0,
      bytes: touched ? row.count(12) : 0,
      rejected: touched ? row.count(13) : 0,
      checkpoint: touched ? row.text(17) : null,
      resume: row.word(10) as Resume,
      prepared: touched ? (row.word(18) as Prepared | null) : null,
      verified: touched ? (row.word(19) as Verify | null) : null,
      attempt: touched ? row.count(14) : 0,
      retriesUsed: touched ? row.count(15) : 0,
      nextRetryAt: touched ? row.number(20) : null,
      error: said ? readError(row) : null,
      reason: said ? readReason(row) : null,
      removed: touched ? row.count(16) !== 0 : false,
      startedAt: touched ? row.number(21) : null,
      completedAt: touched ? row.number(22) : null,
      updatedAt: row.count(6),
    });
  });
  return units;
}

function readReason(row: RowReader): Coded | null {
  const code = row.text(23);
  return code === null ? null : { code, args: readArgs(row.text(24)) };
}

function readError(row: RowReader): UnitError | null {
  const code = row.text(26);
  if (code === null) return null;
  return {
    code,
    class: (row.text(25) ?? 'permanent') as ErrorClass,
    args: readArgs(row.text(27)),
    message: row.text(28) ?? '',
  };
}

function readArgs(json: string | null): Coded['args'] {
  return json === null ? {} : (JSON.parse(json) as Coded['args']);
}

function optionalText(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function optionalNumber(value: SqlValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
