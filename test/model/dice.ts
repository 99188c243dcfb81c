/** Chance as a function of one number: a step of a history stays what it is when others are left out. */
export interface Dice {
  /** A whole number in [0, n). */
  below(n: number): number;
  /** True once in `of` throws. */
  once(of: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Some of them, in their order; each with the same chance. */
  some<T>(list: readonly T[]): T[];
  shuffled<T>(list: readonly T[]): T[];
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
  const below = (n: number) => next() % n;
  return {
    below,
    once: (of) => below(of) === 0,
    pick: (list) => list[below(list.length)]!,
    some(list) {
      const share = 1 + below(3);
      return list.filter(() => below(4) < share);
    },
    shuffled(list) {
      const copy = [...list];
      for (let last = copy.length - 1; last > 0; last--) {
        const other = below(last + 1);
        const kept = copy[last]!;
        copy[last] = copy[other]!;
        copy[other] = kept;
      }
      return copy;
    },
  };
}
