/** Writes the core's changes; the caller holds the transaction. */
import type { Change } from '../core/events.ts';
import { type AttemptRow, assertNever, type RunRow, type TaskRow, type UnitRow } from '../core/model.ts';
import { ATTEMPT_FIELDS, columnsOf, type FieldMap, RUN_FIELDS, TASK_FIELDS, UNIT_FIELDS, wholeRow } from './columns.ts';
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
      statements.runEach(PUT_UNIT, unitRows(change.units));
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
const UNIT_ROW = wholeRow(UNIT_FIELDS);
const PUT_UNIT = upsert('task_unit_progress', [...UNIT_IDENTITY, ...UNIT_ROW.columns], ['id']);

/** One array for all rows: a start may put 100,000 of them. */
function* unitRows(units: readonly UnitRow[]): Iterable<readonly Scalar[]> {
  const row: Scalar[] = [];
  for (const unit of units) {
    row[0] = unit.id;
    row[1] = unit.taskId;
    row[2] = unit.name;
    row[3] = unit.type;
    UNIT_ROW.write(row, UNIT_IDENTITY.length, unit);
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

/** Inserts, or updates in place: REPLACE would delete the row first and take its dependents along. */
function upsert(table: string, columns: readonly string[], key: readonly string[]): string {
  const marks = columns.map(() => '?').join(', ');
  const renewed = columns.filter((column) => !key.includes(column) && column !== 'task_id').map((column) => `${column} = excluded.${column}`);
  return `INSERT INTO ${table}(${columns.join(', ')}) VALUES(${marks})
    ON CONFLICT(${key.join(', ')}) DO UPDATE SET ${renewed.join(', ')}`;
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
