/** What becomes of a unit that is to be executed again. */
import type { UnitFields } from './events.ts';

/** As if it had never run: fresh checkpoint, the target to be prepared again. Attempts go on counting. */
export function fresh(at: number): Partial<UnitFields> {
  return {
    ...retried(at),
    processed: 0,
    bytes: 0,
    rejected: 0,
    rejectedRun: null,
    replay: false,
    checkpoint: null,
    prepared: null,
    verified: null,
    startedAt: null,
    completedAt: null,
  };
}

/** A failed unit that runs again: what it has copied stays, its budget of retries is new. */
export function retried(at: number): Partial<UnitFields> {
  return { ...waitEnds(at), status: 'pending' };
}

/** A wait for a retry ends, and the budget is new. */
export function waitEnds(at: number): Partial<UnitFields> {
  return { error: null, reason: null, retriesUsed: 0, nextRetryAt: null, updatedAt: at };
}

/**
 * An execution from the beginning. The checkpoint's text stays: beside a place to go on from, which is not used then, it
 * says which target was prepared, and whether its content can be trusted.
 */
export const FROM_BEGINNING: Partial<UnitFields> = { processed: 0, bytes: 0, rejected: 0 };
