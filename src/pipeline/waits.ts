import type { Scope } from '../connectors/contract.ts';

/** Most and least time between two signs of life, ms. */
const SLOWEST_MS = 10_000;
const FASTEST_MS = 25;

/**
 * Waits that are no stall: for the limits, for the host's record, for a turn that another unit holds. While one lasts
 * its unit gives a sign of life several times in `stallMs`.
 * @param sign says that the unit lives
 * @param stallMs 0 = nobody watches
 */
export function createWait(sign: () => void, stallMs: number): Scope['wait'] {
  if (stallMs <= 0) return (turn) => turn;
  const everyMs = Math.min(SLOWEST_MS, Math.max(FASTEST_MS, stallMs / 4));
  return async (turn) => {
    const timer = setInterval(sign, everyMs);
    try {
      return await turn;
    } finally {
      clearInterval(timer);
    }
  };
}
