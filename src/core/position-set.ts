/**
 * A set of positions in a list (whole numbers 0 .. size - 1) that answers "the next one from here" quickly: words of
 * 32 bits with summary levels above them. A change or a question costs one step per level (four for a million).
 * This is what keeps the cost of an event independent of the number of units.
 */
export interface PositionSet {
  readonly count: number;
  has(position: number): boolean;
  add(position: number): void;
  remove(position: number): void;
  /** The smallest member >= `from`, or -1. */
  next(from: number): number;
}

export function createPositionSet(size: number): PositionSet {
  const levels: Uint32Array[] = [];
  for (let words = Math.max(1, Math.ceil(size / 32)); ; words = Math.ceil(words / 32)) {
    levels.push(new Uint32Array(words));
    if (words === 1) break;
  }
  const bottom = levels[0]!;
  let count = 0;

  const has = (position: number) => ((bottom[position >>> 5] ?? 0) & (1 << (position & 31))) !== 0;

  function add(position: number): void {
    if (has(position)) return;
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
    if (from >= size || count === 0) return -1;
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

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
