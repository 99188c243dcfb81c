/** How the fields of the core's records lie in columns. */
import type { SqlValue } from 'sql.js/dist/sql-wasm-debug.js';
import type { AttemptFields, RunFields, TaskFields, UnitFields } from '../core/events.ts';
import type { Coded, UnitError } from '../core/model.ts';

interface Field<T> {
  readonly columns: readonly string[];
  readonly values: (value: T) => SqlValue[];
}
export type FieldMap<T> = { readonly [K in keyof T]-?: Field<T[K]> };

function plain<T extends SqlValue>(column: string): Field<T> {
  return { columns: [column], values: (value) => [value] };
}

function flag(column: string): Field<boolean> {
  return { columns: [column], values: (value) => [value ? 1 : 0] };
}

const reason: Field<Coded | null> = {
  columns: ['reason_code', 'reason_args'],
  values: (value) => (value === null ? [null, null] : [value.code, JSON.stringify(value.args)]),
};

const unitError: Field<UnitError | null> = {
  columns: ['error_class', 'error_code', 'error_args', 'error_message'],
  values: (value) =>
    value === null ? [null, null, null, null] : [value.class, value.code, JSON.stringify(value.args), value.message],
};

export const UNIT_FIELDS: FieldMap<UnitFields> = {
  planOrder: plain('plan_order'),
  status: plain('status'),
  total: plain('total_records'),
  processed: plain('processed_records'),
  bytes: plain('bytes'),
  rejected: plain('rejected_records'),
  checkpoint: plain('last_processed_id'),
  resume: plain('resume'),
  prepared: plain('prepared'),
  verified: plain('verified'),
  attempt: plain('attempt'),
  retriesUsed: plain('retries_used'),
  nextRetryAt: plain('next_retry_at'),
  error: unitError,
  reason,
  removed: flag('removed'),
  startedAt: plain('started_at'),
  completedAt: plain('completed_at'),
  updatedAt: plain('updated_at'),
};

export const TASK_FIELDS: FieldMap<TaskFields> = {
  name: plain('name'),
  mode: plain('sync_mode'),
  switchingTo: plain('switching_to'),
  runState: plain('run_state'),
  concurrency: plain('concurrency'),
  onError: plain('on_error'),
  reason,
  config: plain('config'),
  configHash: plain('config_hash'),
  overrides: plain('overrides'),
  queueRev: plain('queue_rev'),
  updatedAt: plain('updated_at'),
};

export const RUN_FIELDS: FieldMap<RunFields> = {
  endedAt: plain('ended_at'),
  outcome: plain('outcome'),
  startedBy: plain('started_by'),
  mode: plain('mode'),
  concurrency: plain('concurrency'),
  units: { columns: ['units'], values: (names) => [names === null ? null : JSON.stringify(names)] },
  rows: plain('rows'),
  bytes: plain('bytes'),
  rejected: plain('rejected'),
};

export const ATTEMPT_FIELDS: FieldMap<AttemptFields> = {
  endedAt: plain('ended_at'),
  outcome: plain('outcome'),
  rows: plain('rows'),
  bytes: plain('bytes'),
  errorCode: plain('error_code'),
};

/** The columns and values of the fields that are set. */
export function columnsOf<T extends object>(
  fields: FieldMap<T>,
  set: Partial<T>,
): { readonly columns: string[]; readonly values: SqlValue[] } {
  const columns: string[] = [];
  const values: SqlValue[] = [];
  for (const key of Object.keys(set) as (keyof T)[]) {
    const field = fields[key];
    const value = set[key];
    if (field === undefined || value === undefined) continue;
    columns.push(...field.columns);
    values.push(...field.values(value as T[keyof T]));
  }
  return { columns, values };
}
