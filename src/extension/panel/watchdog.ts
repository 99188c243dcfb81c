/** Loads a page again that stays blank. Knows nothing of the editor, so that a test can drive it. */
import type { Clock, Disposable } from '../../core/ports.ts';

/** A page that did not say `ready` within this time, ms, is loaded again, at most {@link MAX_RELOADS} times. */
const READY_MS = 8_000;
const MAX_RELOADS = 3;

export interface Watchdog extends Disposable {
  /** The page was loaded, or can be seen (again). A page that is alive is left alone: focus comes and goes. */
  awaitPage(): void;
  /** The editor has thrown the page away: it is made anew when it can be seen. */
  hidden(): void;
  /** The page is alive. */
  ready(): void;
}

/** @param reload called with the number of this reload and the most there will be */
export function createWatchdog(clock: Clock, reload: (count: number, most: number) => void): Watchdog {
  let timer: Disposable | undefined;
  let reloads = 0;
  let alive = false;
  const stop = (): void => {
    timer?.dispose();
    timer = undefined;
  };
  return {
    awaitPage() {
      if (alive || timer) return;
      timer = clock.timer(READY_MS, () => {
        timer = undefined;
        if (reloads >= MAX_RELOADS) return;
        reloads++;
        reload(reloads, MAX_RELOADS);
      });
    },
    hidden() {
      alive = false;
      stop();
    },
    ready() {
      alive = true;
      reloads = 0;
      stop();
    },
    dispose: stop,
  };
}
