/**
 * A sorted list whose members are found, added and removed in a few steps whatever its size: short sorted pieces in one
 * list. A member must not change what it is compared by while it is in.
 */
export interface OrderedSet<T> extends Iterable<T> {
  readonly count: number;
  add(member: T): void;
  /** Nothing happens when it is not in. */
  remove(member: T): void;
  first(): T | undefined;
  last(): T | undefined;
  /** The members after `member`, nearest first; it need not be in itself. */
  after(member: T): Generator<T, undefined>;
  /** The members before `member`, nearest first. */
  before(member: T): Generator<T, undefined>;
}

/** Members of one piece at most; half of it when it is split. */
const PIECE = 512;

/** @param compare a total order: 0 only for one and the same member */
export function createOrderedSet<T>(compare: (a: T, b: T) => number): OrderedSet<T> {
  const pieces: T[][] = [];
  let count = 0;

  /** The piece that holds the member, or would. */
  function pieceOf(member: T): number {
    let low = 0;
    let high = pieces.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(pieces[middle]!.at(-1)!, member) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function add(member: T): void {
    const at = pieceOf(member);
    const piece = pieces[at];
    count++;
    if (!piece) {
      pieces.push([member]);
      return;
    }
    const index = lowerBound(piece, member, compare);
    piece.splice(index, 0, member);
    if (piece.length > PIECE) pieces.splice(at + 1, 0, piece.splice(PIECE >>> 1));
  }

  function remove(member: T): void {
    const at = pieceOf(member);
    const piece = pieces[at];
    if (!piece) return;
    const index = lowerBound(piece, member, compare);
    if (index >= piece.length || compare(piece[index]!, member) !== 0) return;
    piece.splice(index, 1);
    count--;
    if (piece.length === 0) pieces.splice(at, 1);
  }

  function* after(member: T): Generator<T, undefined> {
    let at = pieceOf(member);
    const start = pieces[at];
    if (!start) return;
    let index = lowerBound(start, member, compare);
    if (index < start.length && compare(start[index]!, member) === 0) index++;
    for (let piece = pieces[at]; piece; piece = pieces[++at], index = 0)
      for (; index < piece.length; index++) yield piece[index]!;
  }

  function* before(member: T): Generator<T, undefined> {
    let at = pieceOf(member);
    const start = pieces[at];
    if (!start) return;
    let index = lowerBound(start, member, compare) - 1;
    for (;;) {
      const piece = pieces[at]!;
      for (; index >= 0; index--) yield piece[index]!;
      if (at === 0) return;
      at--;
      index = pieces[at]!.length - 1;
    }
  }

  return {
    get count() {
      return count;
    },
    add,
    remove,
    first: () => pieces[0]?.[0],
    last: () => pieces.at(-1)?.at(-1),
    after,
    before,
    *[Symbol.iterator]() {
      for (const piece of pieces) yield* piece;
    },
  };
}

function lowerBound<T>(piece: readonly T[], member: T, compare: (a: T, b: T) => number): number {
  let low = 0;
  let high = piece.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(piece[middle]!, member) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
