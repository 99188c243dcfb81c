/**
 * How many bulk requests are on their way to one cluster at a time: one more while all of them are taken, half as many when
 * the cluster turns one away. Shared by everybody who writes there from this thread.
 */
export interface Gate {
  /** Runs a request when it has a turn. */
  pass<T>(request: () => Promise<T>): Promise<T>;
  /** A request was taken. */
  taken(): void;
  /** One, or a part of it, was turned away. */
  turnedAway(): void;
  /** At a time, as it is now. */
  width(): number;
}

const FIRST = 4;
const MOST = 8;

export function createGate(): Gate {
  let width = FIRST;
  let passing = 0;
  /** Taken since the width was changed. */
  let taken = 0;
  /** Requests that were on their way when it was made narrower: what they say is known. */
  let known = 0;
  const waiting: (() => void)[] = [];

  const open = (): void => {
    while (passing < width) {
      const next = waiting.shift();
      if (next === undefined) return;
      passing += 1;
      next();
    }
  };
  return {
    pass: async (request) => {
      const turn = Promise.withResolvers<void>();
      waiting.push(turn.resolve);
      open();
      await turn.promise;
      try {
        return await request();
      } finally {
        passing -= 1;
        known = Math.max(0, known - 1);
        open();
      }
    },
    taken: () => {
      taken += 1;
      if (taken < width || width === MOST) return;
      width += 1;
      taken = 0;
      open();
    },
    turnedAway: () => {
      taken = 0;
      if (known > 0) return;
      width = Math.max(1, Math.floor(width / 2));
      // The others of now, too, may have found it full.
      known = passing;
    },
    width: () => width,
  };
}
