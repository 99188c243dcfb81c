/** What is selected in a list: any number of units, and the one that the keyboard stands on. All by plan index. */
import { NOTHING, type Shown } from '../filter.ts';

export interface Selection {
  readonly size: number;
  /** Where the keyboard stands, selected or not; -1 = nowhere yet. */
  readonly active: number;
  has(index: number): boolean;
  /** Selected units in the order of the list. */
  units(): readonly number[];
  only(index: number): void;
  toggle(index: number): void;
  /** From where the last single step was made to this one. */
  extendTo(index: number): void;
  /** Moves the keyboard without selecting. */
  stepTo(index: number): void;
  all(): void;
  clear(): void;
  /**
   * Takes another content of the list in: what is not there any more is not selected any more.
   * @param keepLone a single selected unit stays selected out of sight: what is shown of it names it
   */
  show(shown: Shown, keepLone: boolean): void;
  /** Another plan of `count` units: these are selected in it. `show` follows. */
  restart(count: number, indexes: readonly number[], active: number): void;
}

export function createSelection(): Selection {
  let marks = new Uint8Array(0);
  let size = 0;
  let active = -1;
  let anchor = -1;
  let shown: Shown = NOTHING;
  /** Kept until something changes. */
  let listed: readonly number[] | null = [];

  function mark(index: number, on: boolean): void {
    if (index < 0 || index >= marks.length || marks[index] === Number(on)) return;
    marks[index] = Number(on);
    size += on ? 1 : -1;
    listed = null;
  }

  function clear(): void {
    if (size === 0) return;
    marks.fill(0);
    size = 0;
    listed = [];
  }

  function units(): readonly number[] {
    if (listed !== null) return listed;
    const found: number[] = [];
    for (let position = 0; position < shown.length && found.length < size; position += 1) {
      const index = shown.at(position);
      if (marks[index] === 1) found.push(index);
    }
    // A lone one may be out of sight.
    if (found.length === 0 && size === 1) found.push(marks.indexOf(1));
    listed = found;
    return found;
  }

  return {
    get size() {
      return size;
    },
    get active() {
      return active;
    },
    has: (index) => marks[index] === 1,
    units,
    only(index) {
      clear();
      mark(index, true);
      active = index;
      anchor = index;
    },
    toggle(index) {
      mark(index, marks[index] !== 1);
      active = index;
      anchor = index;
    },
    extendTo(index) {
      const from = Math.max(0, shown.positionOf(anchor === -1 ? index : anchor));
      const to = shown.positionOf(index);
      clear();
      for (let at = Math.min(from, to); at <= Math.max(from, to); at += 1) mark(shown.at(at), true);
      active = index;
      if (anchor === -1) anchor = index;
    },
    stepTo(index) {
      active = index;
      anchor = index;
    },
    all() {
      for (let position = 0; position < shown.length; position += 1) mark(shown.at(position), true);
      if (active === -1) active = shown.at(0);
    },
    clear,
    show(next, keepLone) {
      const position = shown.positionOf(active);
      shown = next;
      listed = null;
      if (size > 0 && !(keepLone && size === 1)) {
        const before = marks;
        marks = new Uint8Array(before.length);
        size = 0;
        for (let at = 0; at < next.length; at += 1) {
          const index = next.at(at);
          if (before[index] === 1) mark(index, true);
        }
      }
      if (next.positionOf(anchor) === -1) anchor = -1;
      if (active === -1 || next.positionOf(active) !== -1 || (keepLone && size === 1)) return;
      // The keyboard goes on from the same place.
      active = position === -1 ? -1 : next.at(Math.min(position, next.length - 1));
    },
    restart(count, indexes, standsOn) {
      shown = NOTHING;
      marks = new Uint8Array(count);
      size = 0;
      listed = null;
      for (const index of indexes) mark(index, true);
      active = standsOn;
      anchor = standsOn;
    },
  };
}
