/** The machine's clock and chance as ports. */
import type { Clock, Random } from '../core/ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(ms, call) {
    const timer = setTimeout(call, ms);
    timer.unref();
    return { dispose: () => clearTimeout(timer) };
  },
};

export const systemRandom: Random = { next: () => Math.random() };
