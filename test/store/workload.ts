/**
 * What the kill and power-cut harnesses write: numbered transitions through the real store, each of them a unit, an attempt
 * and the task's queue revision that must appear together or not at all. And the check of what is left afterwards.
 */
import type { Change } from '../../src/core/events.ts';
import {
  NO_PARENTS,
  type StoredState,
  type TaskRow,
  UNSTARTED,
  type UnitRow,
  type UnitStatus,
} from '../../src/core/model.ts';
import type { Disk } from '../../src/store/disk.ts';
import { firstValue, lockForThisProcess } from '../../src/store/pragmas.ts';
import { loadShim } from '../../src/store/shim.ts';
import { readWasm } from './wasm.ts';

const TASK = 'shop-to-copy';
const RUN = 'run-1';
const UNITS = 40;
const STATUSES: readonly UnitStatus[] = ['running', 'completed', 'failed', 'paused'];

export function sampleTask(id = TASK, key = 'k'): TaskRow {
  return {
    id,
    store: key,
    name: id,
    mode: 'auto',
    switchingTo: null,
    runState: 'running',
    reason: null,
    concurrency: 4,
    onError: 'skip',
    retry: { attempts: 3, delayMs: 1_000, factor: 2, maxDelayMs: 60_000, jitter: 0.2 },
    limits: { rowsPerSecond: 0, bytesPerSecond: 0 },
    config: '{}',
    configHash: 'h',
    overrides: null,
    queueRev: 0,
    fullRunAt: null,
    createdAt: 1,
    updatedAt: 1,
  };
}

export function sampleUnit(number: number, taskId = TASK, changes: Partial<UnitRow> = {}): UnitRow {
  return {
    id: `${taskId}/${number}`,
    taskId,
    name: `table_${number}`,
    type: 'table',
    planOrder: number * 1024,
    after: NO_PARENTS,
    status: 'pending',
    total: 15_000,
    resume: 'row',
    ...UNSTARTED,
    updatedAt: 1_795_266_581_000,
    ...changes,
  };
}

/** The task, its units and its run. */
export function firstChanges(): Change[] {
  return [
    { kind: 'putTask', task: sampleTask() },
    { kind: 'putUnits', taskId: TASK, units: Array.from({ length: UNITS }, (_, i) => sampleUnit(i)) },
    {
      kind: 'putRun',
      run: {
        id: RUN,
        taskId: TASK,
        startedAt: 1,
        endedAt: null,
        outcome: null,
        startedBy: 'person',
        mode: 'auto',
        concurrency: 4,
        units: null,
        rows: 0,
        bytes: 0,
        rejected: 0,
      },
    },
  ];
}

/** The n-th transition (n >= 1); the attempt carries the number. */
export function transition(n: number, units = UNITS, taskId = TASK): Change[] {
  const unitId = `${taskId}/${(n * 7919) % units}`;
  const status = STATUSES[n % STATUSES.length] as UnitStatus;
  return [
    {
      kind: 'unit',
      taskId,
      unitId,
      set: { status, attempt: n, checkpoint: 'y'.repeat(n % 300), startedAt: n, updatedAt: n },
    },
    {
      kind: 'putAttempt',
      taskId,
      attempt: {
        runId: RUN,
        unitId,
        attempt: n,
        startedAt: n,
        endedAt: null,
        outcome: null,
        rows: 0,
        bytes: 0,
        errorCode: null,
      },
    },
    { kind: 'task', taskId, set: { queueRev: n, updatedAt: n } },
  ];
}

/** Progress of the unit that the n-th transition touched. */
export function progress(n: number, units = UNITS, taskId = TASK): Change[] {
  return [
    {
      kind: 'unit',
      taskId,
      unitId: `${taskId}/${(n * 7919) % units}`,
      set: { processed: n, bytes: n * 100, updatedAt: n },
    },
  ];
}

/** The number of the last transition in a loaded state. */
export function lastTransition(state: StoredState): number {
  return state.tasks[0]?.queueRev ?? 0;
}

export interface Findings {
  /** Acknowledged transitions that are gone. */
  readonly lost: number;
  readonly problems: readonly string[];
}

/** Looks into a closed store's file with SQLite itself, not through the store. */
export async function inspect(disk: Disk, path: string, acknowledged: ReadonlySet<number>): Promise<Findings> {
  const shim = await loadShim(readWasm());
  const file = shim.open(path, disk);
  try {
    const { sql } = file;
    lockForThisProcess(sql);
    const problems: string[] = [];
    const integrity = firstValue(sql, 'PRAGMA integrity_check');
    if (integrity !== 'ok') problems.push(String(integrity));
    if (sql.exec('PRAGMA foreign_key_check').length > 0) problems.push('foreign keys are broken');
    const attempts = (sql.exec('SELECT attempt FROM unit_attempts')[0]?.values ?? []).map(([n]) => Number(n));
    const present = new Set(attempts);
    const last = Number(firstValue(sql, 'SELECT coalesce(max(attempt), 0) FROM unit_attempts'));
    if (present.size !== last) problems.push('a later transition survived an earlier one');
    const revision = firstValue(sql, 'SELECT queue_rev FROM sync_tasks');
    if (Number(revision ?? 0) !== last) problems.push(`the task is at ${String(revision)}, the attempts at ${last}`);
    const torn = firstValue(
      sql,
      `SELECT count(*) FROM task_unit_progress AS unit WHERE attempt <>
        (SELECT coalesce(max(attempt), 0) FROM unit_attempts WHERE unit_id = unit.id)`,
    );
    if (torn !== 0) problems.push(`${String(torn)} transitions are there in part`);
    return { lost: [...acknowledged].filter((n) => !present.has(n)).length, problems };
  } finally {
    file.close();
  }
}
