/** All units of the task as columns: 100,000 units are a few typed arrays, and a tick touches only what changed. */
import type { UnitStatus } from '../src/core/model.ts';
import { DELTA_STRIDE, STATUS_ORDER, type UnitReason, type UnitsSnapshot } from '../src/protocol/panel.ts';

export interface Units {
  readonly count: number;
  /** Index into STATUS_ORDER. */
  readonly status: Uint8Array;
  readonly processed: Float64Array;
  /** NaN = unknown, here and below. */
  readonly total: Float64Array;
  readonly duration: Float64Array;
  readonly percent: Float64Array;
  /** Rows per second. */
  readonly rate: Float64Array;
  /** ms */
  readonly timeLeft: Float64Array;
  readonly reasons: Map<number, UnitReason>;
  /** Those of them that count down to something. */
  readonly due: Set<number>;
  /** Rows processed by units of each status, in STATUS_ORDER. */
  readonly rowsByStatus: Float64Array;
  /** Indexes of the waiting units in the order of the queue; those that started since may still be named. */
  queue: Uint32Array;
  /** Rises whenever a unit changes its place: its status, the queue, a wait for a retry. */
  moves: number;
  name(index: number): string;
}

export const PENDING = STATUS_ORDER.indexOf('pending');
export const RUNNING = STATUS_ORDER.indexOf('running');
export const COMPLETED = STATUS_ORDER.indexOf('completed');

export function statusOf(units: Units, index: number): UnitStatus {
  return STATUS_ORDER[units.status[index] ?? 0] ?? 'pending';
}

/** @param running numbers of the units that run now, laid out as in a delta */
export function unitsOf(snapshot: UnitsSnapshot, running: readonly number[]): Units {
  const { count } = snapshot;
  const units: Units = {
    count,
    status: new Uint8Array(snapshot.status),
    processed: new Float64Array(snapshot.processed),
    total: new Float64Array(snapshot.total),
    duration: new Float64Array(snapshot.duration),
    percent: new Float64Array(count),
    rate: new Float64Array(count),
    timeLeft: new Float64Array(count).fill(Number.NaN),
    reasons: new Map(snapshot.reasons),
    due: new Set(snapshot.reasons.flatMap(([index, { dueAt }]) => (dueAt === null ? [] : [index]))),
    rowsByStatus: new Float64Array(STATUS_ORDER.length),
    queue: queueOf(snapshot.queue, count),
    moves: 0,
    name: namesOf(new Uint8Array(snapshot.names), new Uint32Array(snapshot.nameEnds)),
  };
  for (let index = 0; index < count; index += 1) {
    const status = units.status[index] ?? 0;
    const processed = units.processed[index] ?? 0;
    units.percent[index] = percentOf(status, processed, units.total[index] ?? Number.NaN);
    units.rowsByStatus[status] = (units.rowsByStatus[status] ?? 0) + processed;
  }
  applyNumbers(units, running, () => {});
  return units;
}

/** Takes a delta's numbers in and names each unit that they are about. Indexes outside the plan are ignored. */
export function applyNumbers(units: Units, numbers: readonly number[], changed: (index: number) => void): void {
  const { rowsByStatus } = units;
  for (let at = 0; at < numbers.length; at += DELTA_STRIDE) {
    const index = numbers[at] ?? units.count;
    if (index >= units.count) continue;
    const status = numbers[at + 1] ?? 0;
    const processed = numbers[at + 2] ?? 0;
    const before = units.status[index] ?? 0;
    rowsByStatus[before] = (rowsByStatus[before] ?? 0) - (units.processed[index] ?? 0);
    rowsByStatus[status] = (rowsByStatus[status] ?? 0) + processed;
    if (before !== status) units.moves += 1;
    units.status[index] = status;
    units.processed[index] = processed;
    units.total[index] = numbers[at + 3] ?? Number.NaN;
    units.rate[index] = numbers[at + 4] ?? 0;
    units.timeLeft[index] = numbers[at + 5] ?? Number.NaN;
    units.duration[index] = numbers[at + 6] ?? Number.NaN;
    units.percent[index] = numbers[at + 7] ?? Number.NaN;
    changed(index);
  }
}

export function applyReason(units: Units, index: number, reason: UnitReason | null): void {
  const counts = reason !== null && reason.dueAt !== null;
  if (counts !== units.due.has(index)) units.moves += 1;
  if (counts) units.due.add(index);
  else units.due.delete(index);
  if (reason === null) units.reasons.delete(index);
  else units.reasons.set(index, reason);
}

export function applyQueue(units: Units, queue: ArrayBuffer): void {
  units.queue = queueOf(queue, units.count);
  units.moves += 1;
}

/** Indexes outside the plan are ignored. */
function queueOf(buffer: ArrayBuffer, count: number): Uint32Array {
  const queue = new Uint32Array(buffer);
  return queue.every((index) => index < count) ? queue : queue.filter((index) => index < count);
}

/** A unit that waits for a retry: not in the queue, it comes back by itself. */
export function waitsForRetry(units: Units, index: number): boolean {
  return units.status[index] === PENDING && units.due.has(index);
}

/** A completed unit of which the target lacks some rows. */
export function hasRejectedRows(units: Units, index: number): boolean {
  return units.status[index] === COMPLETED && REJECTED.has(units.reasons.get(index)?.text.code ?? '');
}

const REJECTED: ReadonlySet<string> = new Set(['rowsRejected', 'rowsRejectedAnd']);

/** 100 only when completed; NaN while the total is unknown. */
function percentOf(status: number, processed: number, total: number): number {
  if (status === COMPLETED) return 100;
  if (Number.isNaN(total)) return Number.NaN;
  return total === 0 ? 0 : Math.min(99.9, (processed / total) * 100);
}

/** Names are decoded when they are first needed; plain ASCII (the usual case) is decoded in one piece and sliced. */
function namesOf(bytes: Uint8Array, ends: Uint32Array): (index: number) => string {
  const decoder = new TextDecoder();
  let whole: string | null | undefined;
  const cache: string[] = [];
  return (index) => {
    const known = cache[index];
    if (known !== undefined) return known;
    if (whole === undefined) {
      const text = decoder.decode(bytes);
      whole = text.length === bytes.length ? text : null;
    }
    const start = index === 0 ? 0 : (ends[index - 1] ?? 0);
    const end = ends[index] ?? start;
    const name = whole === null ? decoder.decode(bytes.subarray(start, end)) : whole.slice(start, end);
    cache[index] = name;
    return name;
  };
}
