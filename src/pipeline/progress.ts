import type { Phase, UnitReport } from '../core/ports.ts';

/** At most one progress report in this time, ms. */
const INTERVAL_MS = 100;

/** Running figures of one execution. */
export interface Progress {
  rows: number;
  bytes: number;
  total: number | null;
  /** Reports the figures unless that was done a moment ago. */
  tick(phase: Phase): void;
  /** Reports the figures now: the last ones must never be missing. */
  flush(phase: Phase): void;
  /** Somebody else has just reported the same figures. */
  reported(): void;
}

export function createProgress(report: (report: UnitReport) => void, now: () => number): Progress {
  let last = Number.NEGATIVE_INFINITY;
  const progress: Progress = {
    rows: 0,
    bytes: 0,
    total: null,
    tick: (phase) => {
      if (now() - last >= INTERVAL_MS) progress.flush(phase);
    },
    flush: (phase) => {
      last = now();
      const { rows, bytes, total } = progress;
      report({ type: 'progress', processed: rows, bytes, total, phase });
    },
    reported: () => {
      last = now();
    },
  };
  return progress;
}
