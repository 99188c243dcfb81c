import type { Limits } from '../core/model.ts';

/** Shares a task's limits among its units of this worker, first come, first served. */
export interface Throttle {
  /** Takes effect at once, also for those who wait. */
  setLimits(limits: Limits): void;
  limits(): Limits;
  /** Resolves when a batch of that size may be written; at once, with the wait ended, when `signal` is aborted. */
  take(rows: number, bytes: number, signal: AbortSignal): Promise<void>;
}

interface Waiter {
  readonly rows: number;
  readonly bytes: number;
  readonly resolve: () => void;
}

/** Pace that a late timer may catch up, ms: without it every wait would make the rate a little smaller. */
const CATCH_UP_MS = 50;

/**
 * A batch is let through when the debt of those before it is paid; then it becomes the debt of those after it.
 * @param now ms, monotonic
 */
export function createThrottle(first: Limits, now: () => number): Throttle {
  let limits = first;
  let settledAt = now();
  let rowDebt = 0;
  let byteDebt = 0;
  let timer: NodeJS.Timeout | null = null;
  const waiters: Waiter[] = [];

  const pay = (debt: number, rate: number, ms: number) =>
    rate === 0 ? 0 : Math.max(-rate * (CATCH_UP_MS / 1000), debt - (rate * ms) / 1000);
  const settle = () => {
    const at = now();
    rowDebt = pay(rowDebt, limits.rowsPerSecond, at - settledAt);
    byteDebt = pay(byteDebt, limits.bytesPerSecond, at - settledAt);
    settledAt = at;
  };
  const pump = () => {
    settle();
    while (waiters.length > 0 && rowDebt <= 0 && byteDebt <= 0) {
      const next = waiters.shift()!;
      if (limits.rowsPerSecond > 0) rowDebt += next.rows;
      if (limits.bytesPerSecond > 0) byteDebt += next.bytes;
      next.resolve();
    }
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (waiters.length === 0) return;
    const wait = (debt: number, rate: number) => (rate > 0 && debt > 0 ? (debt / rate) * 1000 : 0);
    timer = setTimeout(
      pump,
      Math.ceil(Math.max(wait(rowDebt, limits.rowsPerSecond), wait(byteDebt, limits.bytesPerSecond))),
    );
  };

  return {
    setLimits(changed) {
      settle();
      limits = changed;
      pump();
    },
    limits: () => limits,
    take(rows, bytes, signal) {
      if (limits.rowsPerSecond === 0 && limits.bytesPerSecond === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        };
        const waiter: Waiter = { rows, bytes, resolve: done };
        const giveUp = () => {
          const at = waiters.indexOf(waiter);
          if (at >= 0) waiters.splice(at, 1);
          done();
          pump();
        };
        if (signal.aborted) return resolve();
        signal.addEventListener('abort', giveUp);
        waiters.push(waiter);
        pump();
      });
    },
  };
}
