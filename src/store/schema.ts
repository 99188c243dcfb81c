/**
 * The steps from an empty file to the newest schema. Step n leads to `user_version` n + 1. A published step is never
 * edited: a change is a new step. Table names are the product's vocabulary and stay.
 */
export const SCHEMA_STEPS: readonly string[] = [
  `
CREATE TABLE sync_tasks(
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  sync_mode TEXT NOT NULL DEFAULT 'auto',
  switching_to TEXT,
  run_state TEXT NOT NULL DEFAULT 'idle',
  concurrency INTEGER NOT NULL,
  on_error TEXT NOT NULL DEFAULT 'skip',
  reason_code TEXT,
  reason_args TEXT, -- JSON
  config TEXT NOT NULL,
  overrides TEXT,
  config_hash TEXT,
  queue_rev INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE TABLE task_runs(
  id TEXT PRIMARY KEY,
  task_id TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT, -- NULL while the run is unfinished
  started_by TEXT,
  mode TEXT,
  concurrency INTEGER,
  units TEXT, -- names as a JSON array when the run is limited to some units
  rows INTEGER,
  bytes INTEGER,
  rejected INTEGER
);
CREATE INDEX task_runs_by_task ON task_runs(task_id);
CREATE TABLE unit_attempts(
  run_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT,
  rows INTEGER,
  bytes INTEGER,
  error_code TEXT,
  PRIMARY KEY(run_id, unit_id, attempt)
);
CREATE TABLE task_unit_progress(
  id TEXT PRIMARY KEY,
  task_id TEXT NOT NULL REFERENCES sync_tasks(id) ON DELETE CASCADE,
  unit_name TEXT NOT NULL,
  unit_type TEXT NOT NULL,
  status TEXT NOT NULL,
  total_records INTEGER, -- NULL while unknown
  processed_records INTEGER DEFAULT 0,
  last_processed_id TEXT, -- checkpoint: opaque text of the pipeline
  error_message TEXT,
  started_at INTEGER,
  completed_at INTEGER,
  updated_at INTEGER NOT NULL,
  plan_order INTEGER NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  retries_used INTEGER NOT NULL DEFAULT 0,
  next_retry_at INTEGER,
  reason_code TEXT,
  reason_args TEXT, -- JSON
  error_class TEXT,
  error_code TEXT,
  error_args TEXT, -- JSON
  bytes INTEGER NOT NULL DEFAULT 0,
  rejected_records INTEGER NOT NULL DEFAULT 0,
  resume TEXT NOT NULL DEFAULT 'unit',
  prepared TEXT,
  verified TEXT,
  removed INTEGER NOT NULL DEFAULT 0,
  -- 0 while everything but the plan's fields has its first value: loading a fresh plan skips the rest of the columns
  touched INTEGER GENERATED ALWAYS AS (
    processed_records | bytes | rejected_records | attempt | retries_used | removed
    OR coalesce(last_processed_id, prepared, verified, next_retry_at, started_at, completed_at, reason_code, error_code)
      IS NOT NULL
  ) STORED,
  UNIQUE(task_id, unit_name)
);
CREATE TABLE task_execution_queue(
  id TEXT PRIMARY KEY,
  task_id TEXT NOT NULL REFERENCES sync_tasks(id) ON DELETE CASCADE,
  unit_id TEXT NOT NULL REFERENCES task_unit_progress(id) ON DELETE CASCADE,
  queue_order INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  UNIQUE(task_id, unit_id)
);
CREATE INDEX task_execution_queue_by_order ON task_execution_queue(task_id, queue_order);
CREATE TABLE scheduled_tasks(
  id TEXT PRIMARY KEY,
  task_name TEXT NOT NULL UNIQUE,
  description TEXT,
  status TEXT NOT NULL DEFAULT 'INACTIVE',
  enabled INTEGER NOT NULL DEFAULT 0,
  schedule_type TEXT NOT NULL,
  schedule_config TEXT NOT NULL,
  action_type TEXT NOT NULL,
  action_config TEXT,
  zone TEXT NOT NULL,
  misfire TEXT NOT NULL DEFAULT 'once',
  grace_seconds INTEGER NOT NULL DEFAULT 86400,
  overlap TEXT NOT NULL DEFAULT 'skip',
  max_runs INTEGER,
  start_at INTEGER,
  end_at INTEGER,
  jitter_seconds INTEGER,
  next_run_time INTEGER,
  last_run_time INTEGER,
  last_success_time INTEGER,
  last_failure_time INTEGER,
  total_runs INTEGER NOT NULL DEFAULT 0,
  success_runs INTEGER NOT NULL DEFAULT 0,
  failure_runs INTEGER NOT NULL DEFAULT 0,
  average_duration REAL, -- seconds
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE TABLE scheduled_task_logs(
  execution_id TEXT PRIMARY KEY,
  schedule_id TEXT NOT NULL REFERENCES scheduled_tasks(id) ON DELETE CASCADE,
  scheduled_for INTEGER,
  started_at INTEGER,
  completed_at INTEGER,
  duration REAL, -- seconds
  status TEXT NOT NULL,
  error_message TEXT,
  result TEXT,
  UNIQUE(schedule_id, scheduled_for)
);`,
  `
ALTER TABLE sync_tasks ADD COLUMN retry TEXT NOT NULL
  DEFAULT '{"attempts":3,"delayMs":1000,"factor":2,"maxDelayMs":60000,"jitter":0.2}'; -- JSON
ALTER TABLE sync_tasks ADD COLUMN limits TEXT NOT NULL DEFAULT '{"rowsPerSecond":0,"bytesPerSecond":0}'; -- JSON
ALTER TABLE sync_tasks ADD COLUMN full_run_at INTEGER; -- start of the newest run that was not limited to some units
UPDATE sync_tasks SET
  config_hash = '', -- what the file says of retries and limits was not kept before: it is taken in anew
  full_run_at = (SELECT max(started_at) FROM task_runs WHERE task_id = sync_tasks.id AND units IS NULL AND outcome IS NOT 'failed');
ALTER TABLE task_unit_progress ADD COLUMN after_units TEXT; -- names as a JSON array, NULL when there are none
DROP TABLE task_execution_queue; -- never written before
CREATE TABLE task_execution_queue(
  id TEXT GENERATED ALWAYS AS (unit_id) VIRTUAL,
  task_id TEXT NOT NULL REFERENCES sync_tasks(id) ON DELETE CASCADE,
  unit_id TEXT NOT NULL PRIMARY KEY REFERENCES task_unit_progress(id) ON DELETE CASCADE,
  queue_order INTEGER NOT NULL, -- the smallest is the head; steps of 1024, so that a move is one row
  added_at INTEGER NOT NULL
) WITHOUT ROWID;
-- runs whose attempts are being deleted, a few at a time
CREATE TABLE forgotten_runs(run_id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;`,
  `
ALTER TABLE task_unit_progress ADD COLUMN rejected_run TEXT; -- the run whose file has the unit's rejected rows
ALTER TABLE task_unit_progress ADD COLUMN replay INTEGER NOT NULL DEFAULT 0; -- 1: only they are written again`,
];

/** Tables whose damage must be noticed before decisions rest on them. */
export const CHECKED_TABLES: readonly string[] = ['sync_tasks', 'task_unit_progress', 'task_execution_queue'];

/** `application_id` of our files ("DTrc"): a database of another program is never taken for ours. */
export const APPLICATION_ID = 0x44547263;
