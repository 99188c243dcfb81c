/** How the fields of the core's records lie in columns. */
import type { AttemptFields, RunFields, TaskFields, UnitFields } from '../core/events.ts';
import { type Coded, NO_PARENTS, UNSTARTED, type UnitError } from '../core/model.ts';
import type { Scalar } from './statements.ts';

interface Field<T> {
  readonly columns: readonly string[];
  /** Puts the values of the columns into `row`, the first one at `at`. */
  readonly write: (row: Scalar[], at: number, value: T) => void;
}
export type FieldMap<T> = { readonly [K in keyof T]-?: Field<T[K]> };

function plain<T extends Scalar>(column: string): Field<T> {
  return {
    columns: [column],
    write(row, at, value) {
      row[at] = value;
    },
  };
}

function flag(column: string): Field<boolean> {
  return {
    columns: [column],
    write(row, at, value) {
      row[at] = value ? 1 : 0;
    },
  };
}

function json<T extends object>(column: string): Field<T> {
  return {
    columns: [column],
    write(row, at, value) {
      row[at] = JSON.stringify(value);
    },
  };
}

/** NULL for none. */
const parents: Field<readonly string[]> = {
  columns: ['after_units'],
  write(row, at, names) {
    row[at] = names.length === 0 ? null : JSON.stringify(names);
  },
};

/** A cause stands among the arguments, as it does in the sentence. */
function argsText({ args, cause }: Coded): string {
  return JSON.stringify(cause === undefined ? args : { ...args, cause });
}

const reason: Field<Coded | null> = {
  columns: ['reason_code', 'reason_args'],
  write(row, at, value) {
    row[at] = value?.code ?? null;
    row[at + 1] = value === null ? null : argsText(value);
  },
};

const unitError: Field<UnitError | null> = {
  columns: ['error_class', 'error_code', 'error_args', 'error_message'],
  write(row, at, value) {
    row[at] = value?.class ?? null;
    row[at + 1] = value?.code ?? null;
    row[at + 2] = value === null ? null : argsText(value);
    row[at + 3] = value?.message ?? null;
  },
};

export const UNIT_FIELDS: FieldMap<UnitFields> = {
  planOrder: plain('plan_order'),
  after: parents,
  status: plain('status'),
  total: plain('total_records'),
  processed: plain('processed_records'),
  bytes: plain('bytes'),
  rejected: plain('rejected_records'),
  rejectedRun: plain('rejected_run'),
  replay: flag('replay'),
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

/** The columns' defaults say the same. */
const FIRST_KEYS = Object.keys(UNSTARTED) as (keyof typeof UNSTARTED)[];

/** The fields that a plan gives a unit. */
export const PLANNED_UNIT_FIELDS = {
  planOrder: UNIT_FIELDS.planOrder,
  after: UNIT_FIELDS.after,
  status: UNIT_FIELDS.status,
  total: UNIT_FIELDS.total,
  resume: UNIT_FIELDS.resume,
  updatedAt: UNIT_FIELDS.updatedAt,
} satisfies Partial<FieldMap<UnitFields>>;

/** Whether the plan's fields say everything about the unit. */
export function isAsPlanned(unit: UnitFields): boolean {
  for (const key of FIRST_KEYS) if (unit[key] !== UNSTARTED[key]) return false;
  return true;
}

export const TASK_FIELDS: FieldMap<TaskFields> = {
  name: plain('name'),
  mode: plain('sync_mode'),
  switchingTo: plain('switching_to'),
  runState: plain('run_state'),
  concurrency: plain('concurrency'),
  onError: plain('on_error'),
  retry: json('retry'),
  limits: json('limits'),
  reason,
  config: plain('config'),
  configHash: plain('config_hash'),
  overrides: plain('overrides'),
  queueRev: plain('queue_rev'),
  fullRunAt: plain('full_run_at'),
  updatedAt: plain('updated_at'),
};

export const RUN_FIELDS: FieldMap<RunFields> = {
  endedAt: plain('ended_at'),
  outcome: plain('outcome'),
  startedBy: plain('started_by'),
  mode: plain('mode'),
  concurrency: plain('concurrency'),
  units: {
    columns: ['units'],
    write(row, at, names) {
      row[at] = names === null ? null : JSON.stringify(names);
    },
  },
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

/** The arguments and the cause that {@link argsText} put together. */
export function readArgs(text: string | null): Pick<Coded, 'args' | 'cause'> {
  if (text === null) return { args: {} };
  const { cause, ...args } = JSON.parse(text) as Coded['args'] & { cause?: Coded | string | number };
  if (cause === undefined) return { args };
  return typeof cause === 'object' ? { args, cause } : { args: { ...args, cause } };
}

export function readParents(text: string | null): readonly string[] {
  return text === null ? NO_PARENTS : (JSON.parse(text) as string[]);
}

/** The columns and values of the fields that are set. */
export function columnsOf<T extends object>(
  fields: FieldMap<T>,
  set: Partial<T>,
): { readonly columns: string[]; readonly values: Scalar[] } {
  const columns: string[] = [];
  const values: Scalar[] = [];
  for (const key of Object.keys(set) as (keyof T)[]) {
    const field = fields[key];
    const value = set[key];
    if (field === undefined || value === undefined) continue;
    columns.push(...field.columns);
    field.write(values, values.length, value as T[keyof T]);
  }
  return { columns, values };
}

/** Every column of the map, and a writer of a whole record into a row: for many records of one kind. */
export function wholeRow<T extends object>(
  fields: FieldMap<T>,
): { readonly columns: readonly string[]; readonly write: (row: Scalar[], at: number, record: T) => void } {
  const keys = Object.keys(fields) as (keyof T)[];
  return {
    columns: keys.flatMap((key) => fields[key].columns),
    write(row, at, record) {
      let column = at;
      for (const key of keys) {
        const field = fields[key];
        field.write(row, column, record[key]);
        column += field.columns.length;
      }
    },
  };
}
