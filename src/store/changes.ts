/** Writes the core's changes; the caller holds the transaction. */
import type { Change, QueueEntry } from '../core/events.ts';
import { type AttemptRow, assertNever, type RunRow, type TaskRow, type UnitRow } from '../core/model.ts';
import {
  ATTEMPT_FIELDS,
  columnsOf,
  type FieldMap,
  isAsPlanned,
  PLANNED_UNIT_FIELDS,
  RUN_FIELDS,
  TASK_FIELDS,
  UNIT_FIELDS,
  wholeRow,
} from './columns.ts';
import type { Scalar, Statements } from './statements.ts';

export function writeChanges(statements: Statements, changes: readonly Change[]): void {
  for (const change of changes) writeChange(statements, change);
}

function writeChange(statements: Statements, change: Change): void {
  switch (change.kind) {
    case 'putTask':
      putTask(statements, change.task);
      return;
    case 'task':
      update(statements, 'sync_tasks', TASK_FIELDS, change.set, 'id = ?', [change.taskId]);
      return;
    case 'putUnits':
      putUnits(statements, change.units);
      return;
    case 'unit':
      update(statements, 'task_unit_progress', UNIT_FIELDS, change.set, 'id = ?', [change.unitId]);
      return;
    case 'unitsWhere': {
      const marks = change.statuses.map(() => '?').join(', ');
      const where = `task_id = ? AND status IN (${marks}) AND removed = 0`;
      const values = [change.taskId, ...change.statuses];
      update(statements, 'task_unit_progress', UNIT_FIELDS, change.set, where, values);
      return;
    }
    case 'putRun':
      putRun(statements, change.run);
      return;
    case 'run':
      update(statements, 'task_runs', RUN_FIELDS, change.set, 'id = ?', [change.runId]);
      return;
    case 'putAttempt':
      putAttempt(statements, change.attempt);
      return;
    case 'attempt': {
      const key = [change.runId, change.unitId, change.attempt];
      const where = 'run_id = ? AND unit_id = ? AND attempt = ?';
      update(statements, 'unit_attempts', ATTEMPT_FIELDS, change.set, where, key);
      return;
    }
    case 'enqueue':
      statements.runEach(ENQUEUE, queueRows(change.taskId, change.entries));
      return;
    case 'dequeue':
      statements.runEach('DELETE FROM task_execution_queue WHERE unit_id = ?', oneByOne(change.unitIds));
      return;
    case 'clearQueue':
      statements.run('DELETE FROM task_execution_queue WHERE task_id = ?', [change.taskId]);
      return;
    case 'forgetRuns':
      forgetRuns(statements, change.taskId, change.keep);
      return;
    case 'dropTask':
      dropTask(statements, change.taskId);
      return;
    case 'maxRunning':
      return; // lives in the process only
    default:
      assertNever(change);
  }
}

function putTask(statements: Statements, task: TaskRow): void {
  const { id, store: _store, createdAt, ...fields } = task;
  put(statements, 'sync_tasks', { id, created_at: createdAt }, ['id'], columnsOf(TASK_FIELDS, fields));
}

const UNIT_IDENTITY = ['id', 'task_id', 'unit_name', 'unit_type'];
const WHOLE_UNIT = wholeRow(UNIT_FIELDS);
const PLANNED_UNIT = wholeRow(PLANNED_UNIT_FIELDS);
const PUT_WHOLE_UNIT = putUnitText(WHOLE_UNIT.columns);
const PUT_PLANNED_UNIT = putUnitText(PLANNED_UNIT.columns);

/** A start may put 100,000 units, all of them fresh: what the columns' defaults say is not said again. */
function putUnits(statements: Statements, units: readonly UnitRow[]): void {
  if (units.every(isAsPlanned)) statements.runEach(PUT_PLANNED_UNIT, rowsOf(units, PLANNED_UNIT.write));
  else statements.runEach(PUT_WHOLE_UNIT, rowsOf(units, WHOLE_UNIT.write));
}

function putUnitText(columns: readonly string[]): string {
  const identity = UNIT_IDENTITY;
  return upsert('task_unit_progress', [...identity, ...columns], ['id'], [...identity, ...WHOLE_UNIT.columns]);
}

/** One array for all rows. */
function* rowsOf(
  units: readonly UnitRow[],
  write: (row: Scalar[], at: number, unit: UnitRow) => void,
): Iterable<readonly Scalar[]> {
  const row: Scalar[] = [];
  for (const unit of units) {
    row[0] = unit.id;
    row[1] = unit.taskId;
    row[2] = unit.name;
    row[3] = unit.type;
    write(row, UNIT_IDENTITY.length, unit);
    yield row;
  }
}

function putRun(statements: Statements, run: RunRow): void {
  const { id, taskId, startedAt, ...fields } = run;
  put(statements, 'task_runs', { id, task_id: taskId, started_at: startedAt }, ['id'], columnsOf(RUN_FIELDS, fields));
}

function putAttempt(statements: Statements, row: AttemptRow): void {
  const { runId, unitId, attempt, startedAt, ...fields } = row;
  const identity = { run_id: runId, unit_id: unitId, attempt, started_at: startedAt };
  put(statements, 'unit_attempts', identity, ['run_id', 'unit_id', 'attempt'], columnsOf(ATTEMPT_FIELDS, fields));
}

const ENQUEUE = upsert('task_execution_queue', ['unit_id', 'task_id', 'queue_order', 'added_at'], ['unit_id']);

/** One array for all rows. */
function* queueRows(taskId: string, entries: readonly QueueEntry[]): Iterable<readonly Scalar[]> {
  const row: Scalar[] = ['', taskId, 0, 0];
  for (const { unitId, order, addedAt } of entries) {
    row[0] = unitId;
    row[2] = order;
    row[3] = addedAt;
    yield row;
  }
}

function* oneByOne(values: readonly Scalar[]): Iterable<readonly Scalar[]> {
  const row: Scalar[] = [];
  for (const value of values) {
    row[0] = value;
    yield row;
  }
}

/** The runs go at once; their attempts, of which there may be very many, later (see housekeeping.ts). */
function forgetRuns(statements: Statements, taskId: string, keep: number): void {
  const kept = 'SELECT rowid FROM task_runs WHERE task_id = ?1 ORDER BY rowid DESC LIMIT ?2';
  const forgotten = `FROM task_runs WHERE task_id = ?1 AND rowid NOT IN (${kept})`;
  statements.run(`INSERT OR IGNORE INTO forgotten_runs SELECT id ${forgotten}`, [taskId, keep]);
  statements.run(`DELETE ${forgotten}`, [taskId, keep]);
}

/** The queue first: each unit's deletion looks for its entry. */
function dropTask(statements: Statements, taskId: string): void {
  forgetRuns(statements, taskId, 0);
  for (const table of ['task_execution_queue', 'task_unit_progress']) {
    statements.run(`DELETE FROM ${table} WHERE task_id = ?`, [taskId]);
  }
  statements.run('DELETE FROM sync_tasks WHERE id = ?', [taskId]);
}

function put(
  statements: Statements,
  table: string,
  identity: Readonly<Record<string, Scalar>>,
  key: readonly string[],
  fields: { readonly columns: readonly string[]; readonly values: readonly Scalar[] },
): void {
  const columns = [...Object.keys(identity), ...fields.columns];
  statements.run(upsert(table, columns, key), [...Object.values(identity), ...fields.values]);
}

/**
 * Inserts, or updates in place: REPLACE would delete the row first and take its dependents along. A row stays with its
 * task: naming the foreign key in the update would make SQLite keep a journal of every single row.
 * @param all columns of an existing row that are renewed; those that are not given get their defaults
 */
function upsert(table: string, given: readonly string[], key: readonly string[], all = given): string {
  const marks = given.map(() => '?').join(', ');
  const renewed = all.filter((column) => !key.includes(column) && column !== 'task_id');
  return `INSERT INTO ${table}(${given.join(', ')}) VALUES(${marks})
    ON CONFLICT(${key.join(', ')}) DO UPDATE SET ${renewed.map((column) => `${column} = excluded.${column}`).join(', ')}`;
}

function update<T extends object>(
  statements: Statements,
  table: string,
  map: FieldMap<T>,
  set: Partial<T>,
  where: string,
  key: readonly Scalar[],
): void {
  const { columns, values } = columnsOf(map, set);
  if (columns.length === 0) return;
  const assignments = columns.map((column) => `${column} = ?`).join(', ');
  statements.run(`UPDATE ${table} SET ${assignments} WHERE ${where}`, [...values, ...key]);
}
