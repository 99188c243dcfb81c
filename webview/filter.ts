/** Which units the list shows: always in plan order. */
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

export function shownBy(units: Units, filter: Filter): Shown {
  const text = filter.text.trim().toLowerCase();
  if (filter.status === null && text === '') return everyOf(units.count);
  const wanted = filter.status === null ? -1 : STATUS_ORDER.indexOf(filter.status);
  const indexes = new Uint32Array(units.count);
  let length = 0;
  for (let index = 0; index < units.count; index += 1) {
    if (wanted !== -1 && units.status[index] !== wanted) continue;
    if (text !== '' && !units.name(index).toLowerCase().includes(text)) continue;
    indexes[length] = index;
    length += 1;
  }
  return someOf(indexes.subarray(0, length));
}

/** Whether both show the same units. */
export function sameShown(a: Shown, b: Shown): boolean {
  if (a.length !== b.length) return false;
  for (let position = 0; position < a.length; position += 1) if (a.at(position) !== b.at(position)) return false;
  return true;
}

function everyOf(count: number): Shown {
  return { length: count, at: (position) => position, positionOf: (index) => (index < count ? index : -1) };
}

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
