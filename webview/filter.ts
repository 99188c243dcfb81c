/** Which units a list shows, and in which order. */
import type { UnitStatus } from '../src/core/model.ts';
import { STATUS_ORDER } from '../src/protocol/panel.ts';
import type { Units } from './units.ts';

export interface Filter {
  /** null = all. */
  readonly status: UnitStatus | null;
  /** A substring of the name in any case; empty = all. */
  readonly text: string;
}

/** Plan indexes by position in the list. */
export interface Shown {
  readonly length: number;
  at(position: number): number;
  /** Position of a plan index, -1 = not shown. */
  positionOf(index: number): number;
}

export const NOTHING: Shown = { length: 0, at: () => -1, positionOf: () => -1 };

/** Units of the whole plan that the filter lets through, in plan order. */
export function shownBy(units: Units, filter: Filter): Shown {
  if (filter.status === null && filter.text.trim() === '') return everyOf(units.count);
  const wanted = filter.status === null ? -1 : STATUS_ORDER.indexOf(filter.status);
  return shownWhere(units, filter.text, (index) => wanted === -1 || units.status[index] === wanted);
}

/** Units with this text in their name and of which `wanted` is true, in plan order. */
export function shownWhere(units: Units, text: string, wanted: (index: number) => boolean): Shown {
  const part = text.trim().toLowerCase();
  const indexes = new Uint32Array(units.count);
  let length = 0;
  for (let index = 0; index < units.count; index += 1) {
    if (!wanted(index) || (part !== '' && !units.name(index).toLowerCase().includes(part))) continue;
    indexes[length] = index;
    length += 1;
  }
  return someOf(indexes.subarray(0, length));
}

/** Whether both show the same units in the same order. */
export function sameShown(a: Shown, b: Shown): boolean {
  if (a.length !== b.length) return false;
  for (let position = 0; position < a.length; position += 1) if (a.at(position) !== b.at(position)) return false;
  return true;
}

/** Any order, as a queue has it. @param count of all units */
export function inOrder(indexes: readonly number[] | Uint32Array, count: number): Shown {
  let positions: Int32Array | undefined;
  return {
    length: indexes.length,
    at: (position) => indexes[position] ?? -1,
    positionOf(index) {
      if (index < 0) return -1;
      if (positions === undefined) {
        positions = new Int32Array(count).fill(-1);
        for (let position = 0; position < indexes.length; position += 1) positions[indexes[position] ?? 0] = position;
      }
      return positions[index] ?? -1;
    },
  };
}

function everyOf(count: number): Shown {
  return {
    length: count,
    at: (position) => position,
    positionOf: (index) => (index >= 0 && index < count ? index : -1),
  };
}

/** Rising indexes. */
function someOf(indexes: Uint32Array): Shown {
  return {
    length: indexes.length,
    at: (position) => indexes[position] ?? -1,
    positionOf(index) {
      let low = 0;
      let high = indexes.length - 1;
      while (low <= high) {
        const middle = (low + high) >> 1;
        const found = indexes[middle] ?? 0;
        if (found === index) return middle;
        if (found < index) low = middle + 1;
        else high = middle - 1;
      }
      return -1;
    },
  };
}
