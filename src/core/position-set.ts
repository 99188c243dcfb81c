/**
 * A set of positions in a list (whole numbers from 0) that answers "the next one from here" quickly: words of 32 bits
 * with summary levels above them. A change or a question costs one step per level (four for a million). It grows with
 * its largest member. This is what keeps the cost of an event independent of the number of units.
 */
export interface PositionSet {
  readonly count: number;
  has(position: number): boolean;
  add(position: number): void;
  remove(position: number): void;
  /** The smallest member >= `from`, or -1. */
  next(from: number): number;
}

/** @param size expected number of positions */
export function createPositionSet(size: number): PositionSet {
  let levels = emptyLevels(Math.max(1, Math.ceil(size / 32)));
  let count = 0;

  const has = (position: number) => ((levels[0]![position >>> 5] ?? 0) & (1 << (position & 31))) !== 0;

  function grow(words: number): void {
    const before = levels[0]!;
    levels = emptyLevels(words);
    levels[0]!.set(before);
    for (let level = 1; level < levels.length; level++) {
      const below = levels[level - 1]!;
      const summary = levels[level]!;
      for (let word = 0; word < below.length; word++)
        if (below[word] !== 0) summary[word >>> 5] = summary[word >>> 5]! | (1 << (word & 31));
    }
  }

  function add(position: number): void {
    if (has(position)) return;
    if (position >>> 5 >= levels[0]!.length) grow(Math.max((position >>> 5) + 1, levels[0]!.length * 2));
    count++;
    let index = position;
    for (const level of levels) {
      const word = index >>> 5;
      const before = level[word]!;
      level[word] = before | (1 << (index & 31));
      if (before !== 0) return; // the levels above know already
      index = word;
    }
  }

  function remove(position: number): void {
    if (!has(position)) return;
    count--;
    let index = position;
    for (const level of levels) {
      const word = index >>> 5;
      const left = level[word]! & ~(1 << (index & 31));
      level[word] = left;
      if (left !== 0) return;
      index = word;
    }
  }

  function next(from: number): number {
    if (count === 0) return -1;
    let index = Math.max(0, from);
    for (let height = 0; height < levels.length; height++) {
      const word = index >>> 5;
      const rest = ((levels[height]![word] ?? 0) >>> (index & 31)) << (index & 31);
      if (rest !== 0) return descend(height, word * 32 + lowestBit(rest));
      index = word + 1; // nothing more in this word: look for the next word that is not empty
    }
    return -1;
  }

  function descend(height: number, index: number): number {
    let position = index;
    for (let level = height - 1; level >= 0; level--) position = position * 32 + lowestBit(levels[level]![position]!);
    return position;
  }

  return {
    get count() {
      return count;
    },
    has,
    add,
    remove,
    next,
  };
}

function emptyLevels(bottomWords: number): Uint32Array[] {
  const levels: Uint32Array[] = [];
  for (let words = bottomWords; ; words = Math.ceil(words / 32)) {
    levels.push(new Uint32Array(words));
    if (words === 1) return levels;
  }
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
