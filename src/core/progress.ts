/** Arithmetic of progress: percentages, rates, time left. Instants and spans are ms, rates are per second. */
import type { UnitRow } from './model.ts';

/** Shown at most while something is not completed, also when the source grew meanwhile. Round down for display. */
const MOST_UNFINISHED = 99.9;
/** An estimate is given once this much time has passed or this share is done. */
const ESTIMATE_AFTER_MS = 30_000;
const ESTIMATE_AFTER_SHARE = 0.01;

/** Processed / total in percent; null while the total is unknown, 100 only when completed. */
export function percentOf(unit: Pick<UnitRow, 'status' | 'processed' | 'total'>): number | null {
  if (unit.status === 'completed') return 100;
  if (unit.total === null) return null;
  if (unit.total <= 0) return 0;
  return Math.min(MOST_UNFINISHED, Math.max(0, (unit.processed / unit.total) * 100));
}

export interface Sample {
  /** Of a clock that never goes back. */
  readonly at: number;
  /** Rows (or bytes) so far. */
  readonly done: number;
}

/**
 * Rate over the newest `windowMs` of the samples (oldest first), per second; 0 when they span no time.
 * The sample just before the window counts too, so that a slow sequence still has a rate.
 */
export function rateOf(samples: readonly Sample[], windowMs: number): number {
  const last = samples.at(-1);
  if (!last) return 0;
  let first = last;
  for (let index = samples.length - 2; index >= 0; index--) {
    first = samples[index]!;
    if (last.at - first.at >= windowMs) break;
  }
  const span = last.at - first.at;
  return span <= 0 ? 0 : Math.max(0, ((last.done - first.done) * 1000) / span);
}

export interface TimeLeft {
  /** null = not known (yet). */
  readonly ms: number | null;
  /** It will be known soon. */
  readonly estimating: boolean;
}

/** `done` and `total` in rows, `perSecond` the windowed rate, `elapsedMs` since the start. */
export function timeLeft(work: {
  readonly done: number;
  readonly total: number | null;
  readonly perSecond: number;
  readonly elapsedMs: number;
}): TimeLeft {
  const { done, total, perSecond, elapsedMs } = work;
  if (total === null) return { ms: null, estimating: false };
  const left = Math.max(0, total - done);
  if (left === 0) return { ms: 0, estimating: false };
  const tooEarly = elapsedMs < ESTIMATE_AFTER_MS && done < total * ESTIMATE_AFTER_SHARE;
  if (tooEarly || !(perSecond > 0)) return { ms: null, estimating: true };
  return { ms: (left / perSecond) * 1000, estimating: false };
}

export interface RoundedTime {
  readonly value: number;
  readonly unit: 'seconds' | 'minutes' | 'hours' | 'days';
}

/** One unit of precision, rounded up: nobody is promised less time than is left. */
export function roundTime(ms: number): RoundedTime {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return { value: seconds, unit: 'seconds' };
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return { value: minutes, unit: 'minutes' };
  const hours = Math.ceil(minutes / 60);
  if (hours < 48) return { value: hours, unit: 'hours' };
  return { value: Math.ceil(hours / 24), unit: 'days' };
}
