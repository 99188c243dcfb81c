/**
 * How long executions of units may take: `stallMs` without a sign of life is a retryable failure, `timeoutMs` of the
 * whole execution is one that is not retried. Pure bookkeeping: it says who is overdue, others end that unit. One timer
 * is armed for the nearest deadline, none while nothing runs; a sign of life arms nothing.
 */
import type { UnitError, UnitId } from '../core/model.ts';
import type { Clock, Disposable, Phase } from '../core/ports.ts';

/** In these phases one statement of the server may take long and gives no sign meanwhile: so many times stallMs. */
export const SILENT_PHASE_FACTOR = 10;

/**
 * A timer that fires later than this, ms, tells of a machine that slept or a process that stood still: nobody could be
 * heard meanwhile, so every unit gets a fresh interval and the time is not counted.
 */
export const LATE_MS = 2_000;

export interface Deadlines {
  /** An execution begins. ms; 0 = never. An older execution of the unit is not watched any more. */
  begin(unitId: UnitId, attempt: number, stallMs: number, timeoutMs: number): void;
  /** A report of the execution arrived, of whatever kind; `phase` where it has one. Cheap: for every report. */
  progress(unitId: UnitId, attempt: number, phase?: Phase): void;
  /** The execution is over. */
  end(unitId: UnitId, attempt: number): void;
  dispose(): void;
}

export interface DeadlinesPorts {
  readonly clock: Pick<Clock, 'monotonic' | 'timer'>;
  /** Called once for an execution, which is not watched any more: `Executor.abort` takes the same arguments. */
  overdue(unitId: UnitId, attempt: number, error: UnitError): void;
}

interface Watched {
  readonly unitId: UnitId;
  readonly attempt: number;
  readonly stallMs: number;
  readonly timeoutMs: number;
  phase: Phase;
  /** Instants of the monotonic clock, ms. */
  heardAt: number;
  endsAt: number;
}

export function createDeadlines({ clock, overdue }: DeadlinesPorts): Deadlines {
  const watched = new Map<UnitId, Watched>();
  let timer: Disposable | null = null;
  let armedFor = Number.POSITIVE_INFINITY;

  function arm(at: number): void {
    if (at >= armedFor) return;
    timer?.dispose();
    armedFor = at;
    timer = clock.timer(Math.max(0, Math.ceil(at - clock.monotonic())), fire);
  }

  function disarm(): void {
    timer?.dispose();
    timer = null;
    armedFor = Number.POSITIVE_INFINITY;
  }

  function fire(): void {
    const now = clock.monotonic();
    const late = now - armedFor;
    disarm();
    if (late > LATE_MS) forgive(now, late);
    const over = [...watched.values()].filter((each) => deadlineOf(each) <= now);
    for (const each of over) watched.delete(each.unitId);
    for (const each of watched.values()) arm(deadlineOf(each));
    for (const { unitId, attempt, ...each } of over) overdue(unitId, attempt, errorOf(each, now));
  }

  function forgive(now: number, late: number): void {
    for (const each of watched.values()) {
      each.heardAt = now;
      each.endsAt += late;
    }
  }

  return {
    begin(unitId, attempt, stallMs, timeoutMs) {
      if (stallMs <= 0 && timeoutMs <= 0) {
        watched.delete(unitId);
        return;
      }
      const now = clock.monotonic();
      const endsAt = timeoutMs > 0 ? now + timeoutMs : Number.POSITIVE_INFINITY;
      const begun: Watched = { unitId, attempt, stallMs, timeoutMs, phase: 'preparing', heardAt: now, endsAt };
      watched.set(unitId, begun);
      arm(deadlineOf(begun));
    },
    progress(unitId, attempt, phase) {
      const found = watched.get(unitId);
      if (found === undefined || found.attempt !== attempt) return;
      found.heardAt = clock.monotonic();
      if (phase === undefined || phase === found.phase) return;
      found.phase = phase;
      // Out of a silent phase the deadline comes nearer than the timer may be armed for.
      arm(deadlineOf(found));
    },
    end(unitId, attempt) {
      if (watched.get(unitId)?.attempt === attempt) watched.delete(unitId);
      if (watched.size === 0) disarm();
    },
    dispose() {
      watched.clear();
      disarm();
    },
  };
}

function deadlineOf(each: Watched): number {
  return Math.min(each.endsAt, each.heardAt + allowedMs(each));
}

function allowedMs({ stallMs, phase }: Pick<Watched, 'stallMs' | 'phase'>): number {
  if (stallMs <= 0) return Number.POSITIVE_INFINITY;
  return phase === 'verifying' || phase === 'preparing' ? SILENT_PHASE_FACTOR * stallMs : stallMs;
}

function errorOf(each: Pick<Watched, 'stallMs' | 'timeoutMs' | 'phase' | 'endsAt'>, now: number): UnitError {
  if (each.endsAt <= now) {
    const args = { seconds: seconds(each.timeoutMs) };
    return { code: 'unit.timedOut', args, class: 'permanent', message: `longer than ${each.timeoutMs} ms` };
  }
  const args = { seconds: seconds(allowedMs(each)) };
  return { code: 'unit.stalled', args, class: 'retryable', message: `no progress while ${each.phase}` };
}

/** With one decimal where it says more. */
function seconds(ms: number): number {
  return ms < 100 ? ms / 1000 : Math.round(ms / 100) / 10;
}
