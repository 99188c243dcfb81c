/** What views show of a task: its header, all its units as buffers, and what changed as flat numbers. Reads only. */

import type { Coded, TaskId, UnitError, UnitRow, UnitStatus } from '../core/model.ts';
import type { Blockers } from '../core/parents.ts';
import { percentOf, timeLeft } from '../core/progress.ts';
import {
  concurrencyOf,
  countsOf,
  failuresOf,
  indexOf,
  isDependent,
  modeOf,
  noteOf,
  queueOf,
  runCountsOf,
  runningUnitsOf,
  runOf,
  runSumsOf,
  sumsOf,
  taskOf,
  unitCount,
  unitOf,
  unitsOf,
  waitsForAdditions,
  whyWaiting,
} from '../core/select.ts';
import type { CoreState } from '../core/state.ts';
import {
  DELTA_STRIDE,
  type EndView,
  type Notice,
  STATUS_ORDER,
  type TaskHeader,
  type UnitReason,
  type UnitsSnapshot,
} from '../protocol/panel.ts';
import type { RunSummary, UnitsDelta } from './api.ts';
import type { ProgressMonitor } from './progress-monitor.ts';

/** What a header says beyond the core's state. */
export interface HeaderContext {
  readonly name: string;
  readonly description: string;
  readonly source: EndView;
  readonly target: EndView;
  readonly connections: TaskHeader['connections'];
  /** Mode and concurrency of a task that was never started: the file's. */
  readonly mode: 'auto' | 'manual';
  readonly concurrency: number;
  readonly planning: boolean;
  readonly notices: readonly Notice[];
  readonly blocked: Coded | null;
  readonly managedBy: Coded | null;
  readonly now: number;
}

export function headerOf(
  state: CoreState,
  monitor: ProgressMonitor,
  taskId: TaskId,
  context: HeaderContext,
): TaskHeader {
  const row = taskOf(state, taskId);
  const run = runOf(state, taskId);
  const counts = countsOf(state, taskId);
  const sums = sumsOf(state, taskId);
  // What is left of a limited run is its own units; the other figures are of the whole task.
  const work = row?.runState === 'running' ? runSumsOf(state, taskId) : sums;
  const rates = monitor.taskRates(taskId);
  const rowsTotal = sums.unknownTotals === 0 && unitCount(state, taskId) > 0 ? sums.total : null;
  const progress = overallPercent(counts, sums.processed, rowsTotal);
  const left =
    row?.runState === 'running'
      ? timeLeft({
          done: work.processed,
          total: work.unknownTotals === 0 && unitCount(state, taskId) > 0 ? work.total : null,
          perSecond: rates.rows,
          elapsedMs: run === null ? 0 : context.now - run.startedAt,
        })
      : { ms: null, estimating: false };
  return {
    taskId,
    name: context.name,
    description: context.description,
    source: context.source,
    target: context.target,
    connections: context.connections,
    mode: modeOf(state, taskId) ?? context.mode,
    switchingTo: row?.switchingTo ?? null,
    queueRev: row?.queueRev ?? 0,
    waitsForAdditions: waitsForAdditions(state, taskId),
    runState: row?.runState ?? 'idle',
    outcome: run?.outcome ?? null,
    planning: context.planning,
    concurrency: row === undefined ? context.concurrency : concurrencyOf(state, taskId),
    counts,
    rowsProcessed: sums.processed,
    rowsTotal,
    bytesProcessed: sums.bytes,
    rejected: sums.rejected,
    percent: progress.percent,
    percentBy: progress.by,
    rowsPerSecond: rates.rows,
    bytesPerSecond: rates.bytes,
    timeLeftMs: left.ms,
    estimating: left.estimating,
    startedAt: run?.startedAt ?? null,
    endedAt: run?.endedAt ?? null,
    slowSide: row?.runState === 'running' ? monitor.slowSide(taskId) : null,
    failures: failuresOf(state, taskId),
    notices: context.notices,
    blocked: context.blocked,
    managedBy: context.managedBy,
    units: unitCount(state, taskId),
    now: context.now,
  };
}

/** Percent by rows when all totals are known and there are rows at all, else by units. */
export function overallPercent(
  counts: Readonly<Record<UnitStatus, number>>,
  processed: number,
  rowsTotal: number | null,
): { percent: number; by: 'rows' | 'units' } {
  const units = STATUS_ORDER.reduce((sum, status) => sum + counts[status], 0);
  const complete = units > 0 && counts.completed === units;
  if (complete) return { percent: 100, by: rowsTotal === null ? 'units' : 'rows' };
  if (rowsTotal !== null && rowsTotal > 0) {
    return { percent: percentOf({ status: 'running', processed, total: rowsTotal }) ?? 0, by: 'rows' };
  }
  return { percent: units === 0 ? 0 : (counts.completed / units) * 100, by: 'units' };
}

export function snapshotOf(state: CoreState, monitor: ProgressMonitor, taskId: TaskId, now: number): UnitsSnapshot {
  const units = unitsOf(state, taskId, null, -1, Number.MAX_SAFE_INTEGER);
  const encoder = new TextEncoder();
  let bytes = new Uint8Array(Math.max(64, units.length * 24));
  const nameEnds = new Uint32Array(units.length);
  const status = new Uint8Array(units.length);
  const processed = new Float64Array(units.length);
  const total = new Float64Array(units.length);
  const duration = new Float64Array(units.length);
  const reasons: [number, UnitReason][] = [];
  const blockers: Blockers = new Map();
  let end = 0;
  for (const [index, unit] of units.entries()) {
    if (bytes.length - end < unit.name.length * 3) {
      const grown = new Uint8Array(bytes.length * 2 + unit.name.length * 3);
      grown.set(bytes);
      bytes = grown;
    }
    end += encoder.encodeInto(unit.name, bytes.subarray(end)).written;
    nameEnds[index] = end;
    status[index] = STATUS_ORDER.indexOf(unit.status);
    processed[index] = unit.processed;
    total[index] = unit.total ?? Number.NaN;
    duration[index] = durationOf(unit, monitor);
    const reason = reasonOf(state, unit, now, blockers);
    if (reason) reasons.push([index, reason]);
  }
  return {
    count: units.length,
    names: bytes.slice(0, end).buffer,
    nameEnds: nameEnds.buffer,
    status: status.buffer,
    processed: processed.buffer,
    total: total.buffer,
    duration: duration.buffer,
    reasons,
    queue: Uint32Array.from(queueIndexes(state, taskId)).buffer,
  };
}

/** Indexes of the waiting units in the order of the queue. */
function queueIndexes(state: CoreState, taskId: TaskId): number[] {
  return queueOf(state, taskId).map((unitId) => indexOf(state, unitId));
}

/** @param unitIds units of one task @param ofQueue the task whose queue is told, too */
export function deltaOf(
  state: CoreState,
  monitor: ProgressMonitor,
  unitIds: Iterable<string>,
  now: number,
  ofQueue: TaskId | null = null,
): UnitsDelta {
  const numbers: number[] = [];
  const reasons: [number, UnitReason | null][] = [];
  const blockers: Blockers = new Map();
  for (const unitId of unitIds) {
    const unit = unitOf(state, unitId);
    const index = indexOf(state, unitId);
    if (!unit || index < 0) continue;
    pushUnit(numbers, index, unit, monitor);
    reasons.push([index, reasonOf(state, unit, now, blockers)]);
  }
  return { numbers, reasons, queue: ofQueue === null ? null : queueIndexes(state, ofQueue) };
}

export function runningOf(state: CoreState, monitor: ProgressMonitor, taskId: TaskId, now: number): UnitsDelta {
  return deltaOf(
    state,
    monitor,
    runningUnitsOf(state, taskId).map((unit) => unit.id),
    now,
  );
}

function pushUnit(numbers: number[], index: number, unit: Readonly<UnitRow>, monitor: ProgressMonitor): void {
  const running = unit.status === 'running';
  const rate = running ? monitor.unitRate(unit.id) : 0;
  const left = running
    ? timeLeft({
        done: unit.processed,
        total: unit.total,
        perSecond: rate,
        elapsedMs: monitor.runningMs(unit.id),
      }).ms
    : null;
  const values = [
    index,
    STATUS_ORDER.indexOf(unit.status),
    unit.processed,
    unit.total ?? Number.NaN,
    rate,
    left ?? Number.NaN,
    durationOf(unit, monitor),
    percentOf(unit) ?? Number.NaN,
  ];
  if (values.length !== DELTA_STRIDE) throw new Error('a delta has a fixed number of figures for each unit');
  numbers.push(...values);
}

/** Time of the current or last execution, ms; NaN = never ran. */
function durationOf(unit: Readonly<UnitRow>, monitor: ProgressMonitor): number {
  if (unit.status === 'running') return monitor.runningMs(unit.id);
  if (unit.startedAt === null) return Number.NaN;
  return unit.completedAt === null ? Number.NaN : Math.max(0, unit.completedAt - unit.startedAt);
}

/**
 * The sentence a unit shows: its error, else what it waits for, else its note. A turn or a slot is not worth one.
 * @param blockers pass one for many units of a task
 */
export function reasonOf(
  state: CoreState,
  unit: Readonly<UnitRow>,
  now: number,
  blockers: Blockers = new Map(),
): UnitReason | null {
  const { status, error, reason, nextRetryAt } = unit;
  if (status === 'failed' && error) {
    return { text: textOf(error), detail: error.message || null, dueAt: null, severity: 'error' };
  }
  if (status === 'pending' || status === 'paused') {
    if (nextRetryAt === null && reason === null && !isDependent(state, unit.id)) return null;
    const text = whyWaiting(state, unit.id, now, blockers);
    if (!text) return null;
    const counts = text.code === 'retryWaits';
    const waits = counts || text.code === 'retryWaitsForTask';
    const blocked = text.code === 'blockedByFailed' || text.code === 'blockedByAbsent';
    return {
      text,
      detail: (waits && error?.message) || null,
      dueAt: counts ? nextRetryAt : null,
      severity: waits || blocked ? 'warning' : 'info',
    };
  }
  const note = status === 'completed' ? noteOf(unit) : reason;
  if (!note) return null;
  return { text: note, detail: null, dueAt: null, severity: status === 'completed' ? 'warning' : 'info' };
}

function textOf({ code, args, cause }: UnitError): Coded {
  return { code, args, ...(cause && { cause }) };
}

export function summaryOf(state: CoreState, taskId: TaskId, now: number): RunSummary {
  const run = runOf(state, taskId);
  const unfinished = run !== null && run.outcome === null;
  const sums = unfinished ? runSumsOf(state, taskId) : null;
  const own = runCountsOf(state, taskId);
  return {
    outcome: run?.outcome ?? null,
    counts: countsOf(state, taskId),
    left: own.pending + own.paused,
    // An unfinished run counts what its units have copied so far, not only the completed ones.
    rows: sums?.processed ?? run?.rows ?? 0,
    bytes: sums?.bytes ?? run?.bytes ?? 0,
    rejected: run?.rejected ?? 0,
    durationMs: run === null ? 0 : Math.max(0, (run.endedAt ?? now) - run.startedAt),
    runState: taskOf(state, taskId)?.runState ?? 'idle',
  };
}
