/** The host's clock as the page knows it: told with each header, and going on by the page's own clock in between. */
export interface HostClock {
  /** ms since the epoch. */
  now(): number;
  /** @param hostNow what a message says that the time is */
  set(hostNow: number): void;
}

export function createHostClock(): HostClock {
  let ahead = 0;
  return {
    now: () => performance.now() + ahead,
    set(hostNow) {
      ahead = hostNow - performance.now();
    },
  };
}

/** Whole seconds until an instant, as a countdown shows them: the last one is 1, then it is due. */
export function secondsUntil(dueAt: number, now: number): number {
  return Math.max(0, Math.ceil((dueAt - now) / 1000));
}
