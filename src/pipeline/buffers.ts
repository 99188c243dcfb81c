/** Bounds what all units of a worker hold in memory. A unit always may hold one page; a second one only if there is room. */
export interface Buffers {
  /** Whether a page may be read ahead now. */
  roomy(): boolean;
  add(bytes: number): void;
  remove(bytes: number): void;
  /**
   * A place for one lane more than the first of a unit, to be given back by calling it; null = there is none.
   * @param most of them in this worker: each lane holds some pages of its own
   */
  lane(most: number): (() => void) | null;
}

/** @param most bytes of pages held at a time before nothing is read ahead any more */
export function createBuffers(most: number): Buffers {
  let held = 0;
  let lanes = 0;
  return {
    roomy: () => held < most,
    add: (bytes) => {
      held += bytes;
    },
    remove: (bytes) => {
      held -= bytes;
    },
    lane: (most) => {
      if (lanes >= most) return null;
      lanes += 1;
      return () => {
        lanes -= 1;
      };
    },
  };
}
