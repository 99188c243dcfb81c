/** Every default of the file, once: the schema documents these values and `parse` applies them. */
import type { CopySettings } from './model.ts';

export const CONNECTION_DEFAULTS = {
  port: 3306,
  user: '',
  database: '',
  connectTimeoutMs: 10_000,
  queryTimeoutMs: 0,
  requestTimeoutMs: 30_000,
  format: 'jsonl',
  compress: 'none',
} as const;

export const COPY_DEFAULTS: CopySettings = {
  lanes: 'auto',
  batchBytes: 'auto',
  batchRows: 5_000,
  resume: 'unit',
  write: 'upsert',
  verify: 'count',
  createTarget: 'missing',
  indexesAfter: false,
  onRowError: 'fail',
  deadLetterLimit: 1_000,
  retry: { attempts: 3, delayMs: 1_000, factor: 2, maxDelayMs: 60_000, jitter: 0.2 },
  stallMs: 120_000,
  timeoutMs: 0,
  snapshot: false,
  checkpoint: 'store',
  limits: { rowsPerSecond: 0, bytesPerSecond: 0 },
};

export const TASK_DEFAULTS = {
  description: '',
  units: ['*'],
  prefix: '',
  suffix: '',
  mode: 'auto',
  concurrency: 8,
  resumeOnStart: false,
  swapAlias: '',
  onError: 'skip',
} as const;

export const SCHEDULE_DEFAULTS = {
  description: '',
  enabled: true,
  misfire: 'once',
  graceSeconds: 86_400,
  overlap: 'skip',
  maxRuns: 0,
  startAt: '',
  endAt: '',
  jitterSeconds: 0,
} as const;
