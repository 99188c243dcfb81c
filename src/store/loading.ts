/** Reads everything that decisions need. */
import type { SqlValue } from 'sql.js/dist/sql-wasm-debug.js';
import {
  type Coded,
  type ErrorClass,
  type Mode,
  type Prepared,
  type QueueRow,
  type Resume,
  type RunOutcome,
  type RunRow,
  type RunState,
  type StartedBy,
  type StoredState,
  type TaskRow,
  UNIT_STATUSES,
  type UnitError,
  type UnitRow,
  type UnitType,
  type Verify,
} from '../core/model.ts';
import { readArgs, readParents } from './columns.ts';
import type { StatementCalls } from './contract.ts';
import { UnreadableRow } from './damage.ts';
import { type RowReader, readRows } from './row-reader.ts';
import type { Statements } from './statements.ts';

/** @param store key of the store, which every task carries */
export function loadState(statements: Statements, calls: StatementCalls, store: string): StoredState {
  return {
    tasks: loadTasks(statements, store),
    units: loadUnits(statements, calls),
    runs: loadNewestRuns(statements),
    queue: loadQueue(statements, calls),
  };
}

function loadTasks(statements: Statements, store: string): TaskRow[] {
  const rows = statements.all(
    `SELECT id, name, sync_mode, switching_to, run_state, concurrency, on_error, config, config_hash, overrides, queue_rev,
       created_at, updated_at, reason_code, reason_args, retry, limits, full_run_at FROM sync_tasks ORDER BY rowid`,
  );
  return rows.map((row) => ({
    id: String(row[0]),
    store,
    name: String(row[1]),
    mode: known(row[2], MODES, 'sync_mode'),
    switchingTo: row[3] === null ? null : known(row[3], MODES, 'switching_to'),
    runState: known(row[4], RUN_STATES, 'run_state'),
    concurrency: positive(row[5], 'concurrency'),
    onError: row[6] as TaskRow['onError'],
    reason: row[13] === null ? null : { code: String(row[13]), ...readArgs(optionalText(row[14])) },
    retry: JSON.parse(String(row[15])) as TaskRow['retry'],
    limits: JSON.parse(String(row[16])) as TaskRow['limits'],
    config: String(row[7]),
    configHash: String(row[8] ?? ''),
    overrides: optionalText(row[9]),
    queueRev: Number(row[10]),
    fullRunAt: optionalNumber(row[17]),
    createdAt: Number(row[11]),
    updatedAt: Number(row[12]),
  }));
}

/** The newest run is the one put last: a clock may have been set back between two starts. */
function loadNewestRuns(statements: Statements): RunRow[] {
  const newest = 'SELECT (SELECT max(rowid) FROM task_runs WHERE task_id = sync_tasks.id) FROM sync_tasks';
  return statements.all(`SELECT ${RUN_COLUMNS} FROM task_runs WHERE rowid IN (${newest})`).map(runRow);
}

/** Columns that {@link runRow} reads. */
export const RUN_COLUMNS =
  'id, task_id, started_at, ended_at, outcome, started_by, mode, concurrency, units, rows, bytes, rejected';

export function runRow(row: readonly SqlValue[]): RunRow {
  return {
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
  };
}

function loadQueue(statements: Statements, calls: StatementCalls): QueueRow[] {
  const queue: QueueRow[] = [];
  const text = 'SELECT task_id, unit_id, queue_order, added_at FROM task_execution_queue ORDER BY task_id, queue_order';
  readRows(calls, statements.get(text), [], (row) => {
    const [taskId, unitId] = [row.word(0) as string, row.text(1) as string];
    queue.push({ taskId, unitId, order: row.count(2), addedAt: row.count(3) });
    return true;
  });
  return queue;
}

/** The columns that a plan fills come first, so that both statements agree about them. */
const PLANNED =
  'rowid, touched, id, task_id, unit_name, unit_type, status, plan_order, updated_at, total_records, resume, after_units';
const DETAILS = `processed_records, bytes, rejected_records, attempt, retries_used, removed, last_processed_id, prepared,
  verified, next_retry_at, started_at, completed_at, reason_code, error_code, reason_args, error_class, error_args,
  error_message, rejected_run, replay`;
const PLANNED_UNITS = `SELECT ${PLANNED} FROM task_unit_progress ORDER BY rowid`;
const UNITS_FROM = `SELECT ${PLANNED}, ${DETAILS} FROM task_unit_progress WHERE rowid >= ? ORDER BY rowid`;

/** A fresh plan is read without the columns that still have their first values; the rest of the table with them. */
function loadUnits(statements: Statements, calls: StatementCalls): UnitRow[] {
  const units: UnitRow[] = [];
  let firstTouched: number | undefined;
  readRows(calls, statements.get(PLANNED_UNITS), [], (row) => {
    if (row.count(1) === 0) {
      units.push(plannedUnit(row));
      return true;
    }
    firstTouched = row.count(0);
    return false;
  });
  if (firstTouched === undefined) return units;
  readRows(calls, statements.get(UNITS_FROM), [firstTouched], (row) => {
    const unit = plannedUnit(row);
    if (row.count(1) !== 0) complete(unit, row);
    units.push(unit);
    return true;
  });
  return units;
}

function plannedUnit(row: RowReader): UnitRow {
  return {
    id: row.text(2) as string,
    taskId: row.word(3) as string,
    name: row.text(4) as string,
    type: row.word(5) as UnitType,
    planOrder: row.count(7),
    after: readParents(row.text(11)),
    status: known(row.word(6), UNIT_STATUSES, 'status'),
    total: row.number(9),
    processed: 0,
    bytes: 0,
    rejected: 0,
    rejectedRun: null,
    replay: false,
    checkpoint: null,
    resume: row.word(10) as Resume,
    prepared: null,
    verified: null,
    attempt: 0,
    retriesUsed: 0,
    nextRetryAt: null,
    error: null,
    reason: null,
    removed: false,
    startedAt: null,
    completedAt: null,
    updatedAt: row.count(8),
  };
}

function complete(unit: UnitRow, row: RowReader): void {
  unit.processed = row.count(12);
  unit.bytes = row.count(13);
  unit.rejected = row.count(14);
  unit.attempt = row.count(15);
  unit.retriesUsed = row.count(16);
  unit.removed = row.count(17) !== 0;
  unit.checkpoint = row.text(18);
  unit.prepared = row.word(19) as Prepared | null;
  unit.verified = row.word(20) as Verify | null;
  unit.nextRetryAt = row.number(21);
  unit.startedAt = row.number(22);
  unit.completedAt = row.number(23);
  unit.reason = readReason(row);
  unit.error = readError(row);
  unit.rejectedRun = row.text(30);
  unit.replay = row.count(31) !== 0;
}

const MODES: readonly Mode[] = ['auto', 'manual'];
const RUN_STATES: readonly RunState[] = ['idle', 'running', 'pausing', 'paused', 'stopping', 'interrupted'];

/** Decisions know these words only; the file may have been edited by hand. */
function known<T extends string>(value: SqlValue | undefined, words: readonly T[], column: string): T {
  const word = words.find((each) => each === value);
  if (word === undefined) throw unreadable(column, value);
  return word;
}

function positive(value: SqlValue | undefined, column: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw unreadable(column, value);
  return number;
}

function unreadable(column: string, value: SqlValue | undefined): UnreadableRow {
  return new UnreadableRow(`${column} is ${String(value).slice(0, 100)}`);
}

function readReason(row: RowReader): Coded | null {
  const code = row.word(24);
  return code === null ? null : { code, ...readArgs(row.text(26)) };
}

function readError(row: RowReader): UnitError | null {
  const code = row.word(25);
  if (code === null) return null;
  return {
    code,
    class: (row.word(27) ?? 'permanent') as ErrorClass,
    ...readArgs(row.text(28)),
    message: row.text(29) ?? '',
  };
}

function optionalText(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function optionalNumber(value: SqlValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
