/** Lets countdowns go on without the host: one timer for the rows in sight, and none while nothing counts. */
import type { HostClock } from './host-clock.ts';

export interface Countdown {
  /** After each drawing. @param dues when the counting rows in sight are due, by the host's clock */
  follow(dues: Iterable<number>): void;
}

/** @param draw called when some row's seconds have changed */
export function createCountdown(clock: HostClock, draw: () => void): Countdown {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    follow(dues) {
      clearTimeout(timer);
      timer = undefined;
      const now = clock.now();
      let next = Number.POSITIVE_INFINITY;
      for (const due of dues) {
        const left = due - now;
        if (left > 0) next = Math.min(next, left % 1000 || 1000);
      }
      // Timers fire a little early at times: a few ms late shows the right second.
      if (next !== Number.POSITIVE_INFINITY) timer = setTimeout(draw, next + 5);
    },
  };
}
