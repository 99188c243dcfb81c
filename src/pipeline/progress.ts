import type { Phase, UnitReport } from '../core/ports.ts';

/** At most one progress report in this time, ms. */
const INTERVAL_MS = 100;

/** One statement of the server may take long there: nothing else is going on meanwhile. */
const SILENT: ReadonlySet<Phase> = new Set<Phase>(['preparing', 'verifying']);

/** Running figures of one execution. */
export interface Progress {
  rows: number;
  bytes: number;
  total: number | null;
  /** From now on time is spent on this; reports the figures unless that was done a moment ago. */
  enter(phase: Phase): void;
  /** Reports the figures now: the last ones must never be missing. */
  flush(): void;
  /** What is done now, or what most time was spent on lately; the caller reports the same figures itself. */
  reported(): Phase;
}

export function createProgress(report: (report: UnitReport) => void, now: () => number): Progress {
  let last = Number.NEGATIVE_INFINITY;
  let phase: Phase = 'preparing';
  let since = now();
  const spent = new Map<Phase, number>();

  const account = () => {
    const at = now();
    spent.set(phase, (spent.get(phase) ?? 0) + at - since);
    since = at;
  };
  const progress: Progress = {
    rows: 0,
    bytes: 0,
    total: null,
    enter: (next) => {
      account();
      const silent = SILENT.has(phase) || SILENT.has(next);
      const changed = phase !== next;
      phase = next;
      // How long a unit may be silent depends on these phases: whoever watches has to hear when one begins and ends.
      if ((changed && silent) || since - last >= INTERVAL_MS) progress.flush();
    },
    flush: () => {
      const { rows, bytes, total } = progress;
      report({ type: 'progress', processed: rows, bytes, total, phase: progress.reported() });
    },
    reported: () => {
      account();
      last = since;
      if (SILENT.has(phase)) return phase;
      let most = phase;
      for (const [candidate, ms] of spent) if (ms > (spent.get(most) ?? 0)) most = candidate;
      // The past counts half as much each time: a short write after a long wait is not what holds a unit up.
      for (const [each, ms] of spent) spent.set(each, ms / 2);
      return most;
    },
  };
  return progress;
}
