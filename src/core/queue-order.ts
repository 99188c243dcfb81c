/**
 * Numbers for entries that go to one place of a queue. Gaps are left, so that a move writes one row; where there is no
 * gap left, the neighbourhood is spread out: as few entries as are needed to make room.
 */
import type { UnitEntry } from './state.ts';

/** Distance between two entries that are added one after the other. */
const STEP = 1024;
/** Free numbers for each entry that a neighbourhood is given when it is spread out. */
const SPREAD = 16;

export interface Orders {
  /** For the entries that go there, in their order. */
  readonly own: readonly number[];
  /** Neighbours that get another number. */
  readonly neighbours: readonly { readonly entry: UnitEntry; readonly order: number }[];
}

/** The waiting entries around the place, nearest first, without those that move. */
export interface Surroundings {
  readonly before: Iterator<UnitEntry>;
  readonly after: Iterator<UnitEntry>;
}

/** @param count entries that go to the place */
export function ordersBetween({ before, after }: Surroundings, count: number): Orders {
  /** Nearest first. */
  const left: UnitEntry[] = [];
  const right: UnitEntry[] = [];
  let low = take(before);
  let high = take(after);
  for (let reach = 1; ; reach *= 2) {
    const total = left.length + count + right.length;
    const room = roomFor(low, high, total, left.length + right.length === 0);
    if (room) {
      const orders = Array.from({ length: total }, (_, index) => room(index));
      const entries = [...left.reverse(), ...Array<null>(count).fill(null), ...right];
      const neighbours = entries.flatMap((entry, index) => (entry ? [{ entry, order: orders[index]! }] : []));
      return { own: orders.slice(left.length, left.length + count), neighbours };
    }
    for (let n = 0; n < reach && low; n++) {
      left.push(low);
      low = take(before);
    }
    for (let n = 0; n < reach && high; n++) {
      right.push(high);
      high = take(after);
    }
  }
}

/** The number of each of `total` entries between two others; null = there is not room enough. */
function roomFor(
  low: UnitEntry | undefined,
  high: UnitEntry | undefined,
  total: number,
  anyGap: boolean,
): ((index: number) => number) | null {
  const from = low?.queueOrder ?? null;
  const to = high?.queueOrder ?? null;
  if (from === null && to === null) return (index) => index * STEP;
  if (from === null) return (index) => to! - (total - index) * STEP;
  if (to === null) return (index) => from + (index + 1) * STEP;
  const gap = to - from;
  if (gap <= total * (anyGap ? 1 : SPREAD)) return null;
  return (index) => from + Math.floor((gap * (index + 1)) / (total + 1));
}

function take(entries: Iterator<UnitEntry>): UnitEntry | undefined {
  const { value, done } = entries.next();
  return done === true ? undefined : value;
}
