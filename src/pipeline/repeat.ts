/** A batch that lost against others (deadlock, lock wait) is done again as a whole before its unit fails. */
import { setTimeout as delay } from 'node:timers/promises';

const MOST_REPEATS = 5;
/** A wait for a lock may take the server's own time limit: with such ones there is less patience. ms */
const PATIENCE_MS = 60_000;
/** First wait at the most, doubled each time; ms. */
const FIRST_WAIT_MS = 20;

export interface Again {
  /** Whether nothing of it was left behind. */
  mayRepeat(error: unknown): boolean;
  /** Ends the waits; `throwIfEnded` then says how. */
  readonly signal: AbortSignal;
  throwIfEnded(): void;
  /** ms, monotonic. */
  now(): number;
}

/** Waits of a random length keep those who met once from meeting again. */
export async function repeated<T>(
  write: () => Promise<T>,
  { mayRepeat, signal, throwIfEnded, now }: Again,
): Promise<T> {
  const until = now() + PATIENCE_MS;
  for (let repeats = 0; ; repeats += 1) {
    try {
      return await write();
    } catch (error) {
      if (repeats === MOST_REPEATS || now() >= until || !mayRepeat(error)) throw error;
      await delay(FIRST_WAIT_MS * 2 ** repeats * Math.random(), undefined, { signal }).catch(() => undefined);
      throwIfEnded();
    }
  }
}
