/** The lists in sight: all units in auto mode; what can be added, what runs and the queue in manual mode. */
import { NOTHING, type Shown, sameShown, shownBy } from './filter.ts';
import type { HostClock } from './host-clock.ts';
import { createUnitList, type UnitList, type UnitListHost } from './list/unit-list.ts';
import type { ListKind } from './list/unit-row.ts';
import { placesOf } from './places.ts';
import type { PanelState } from './state.ts';
import type { Units } from './units.ts';

/** Rows leave and come by themselves at this pace, and not while a hand moves over them. */
const REFILTER_MS = 1_000;
const HAND_RESTS_MS = 2_000;
/** Arranging 100,000 units takes some ms: unasked, it may take this share of the time and no more. */
const ARRANGING_SHARE = 0.05;
/** .. but is never put off for longer. */
const MOST_WAIT_MS = 500;
/** px; panel.css uses the same figures. */
const ROW_HEIGHT = { wide: 30, narrow: 48 } as const;

export interface Lists {
  readonly of: Readonly<Record<ListKind, UnitList>>;
  /** The one that a person turned to last. */
  current(): UnitList;
  turnTo(kind: ListKind): void;
  /** Another snapshot: what is selected is found again by name. */
  replan(before: Units | null, units: Units): void;
  /** Takes over which unit stands where. @param asked by a person: at once, even under a hand */
  arrange(asked: boolean): void;
  /** Once a second: what was not moved under a hand. */
  tick(now: number): void;
  touch(index: number): void;
  flush(): void;
  /** When the rows in sight that count down are due. */
  dues(): readonly number[];
  /** What the filter lets be added at this moment, also where the list was not moved under a hand. */
  available(): Shown;
  /** Selected units that can be added still, as far as the last arrangement knows. */
  addable(): readonly number[];
  setNarrow(narrow: boolean): void;
}

export function createLists(state: PanelState, clock: HostClock, hostOf: (kind: ListKind) => UnitListHost): Lists {
  const make = (kind: ListKind): UnitList => createUnitList(kind, hostOf(kind));
  const of = { units: make('units'), available: make('available'), pinned: make('pinned'), queue: make('queue') };
  const all = Object.values(of);
  const manual: readonly UnitList[] = [of.available, of.pinned, of.queue];
  let turnedTo: ListKind = 'units';
  /** What the lists were arranged by: the same again needs no work. */
  let arranged = { units: state.units, moves: -1, filter: state.filter, manual: false, rev: -1 };
  let available: Shown = NOTHING;
  /** 100,000 selected ones are looked at when they, or what can be added, are others than before. */
  let checked = { units: [] as readonly number[], places: state.places, found: [] as readonly number[] };
  let behind = false;
  let arrangedAt = 0;
  let placedAt = 0;
  let placingMs = 0;

  const inSight = (): readonly UnitList[] => (isManual() ? manual : [of.units]);
  const isManual = (): boolean => state.header?.mode === 'manual';
  const rests = (list: UnitList, now: number): boolean => now - list.touchedAt() > HAND_RESTS_MS;

  function show(list: UnitList, shown: Shown, units: Units, anew: boolean): void {
    if (!anew && sameShown(shown, list.shown())) return;
    list.show({ units, words: state.words, clock }, shown, state.words.strings.listLabel[list.kind]);
  }

  function arrange(asked: boolean): void {
    const { units, header, filter } = state;
    if (units === null || header === null) return;
    const now = performance.now();
    const anew = units !== arranged.units || isManual() !== arranged.manual;
    const edited = anew || asked || filter !== arranged.filter || header.queueRev !== arranged.rev;
    const moved = edited || units.moves !== arranged.moves;
    if (isManual()) {
      if (!moved && !behind) return;
      if (!edited && now - placedAt < Math.min(MOST_WAIT_MS, placingMs / ARRANGING_SHARE)) {
        behind = true;
        return;
      }
      const places = placesOf(units, filter);
      state.places = places;
      if (edited || rests(of.available, now)) {
        available = places.available;
        arrangedAt = now;
        behind = false;
        show(of.available, available, units, anew);
      } else behind = true;
      state.shownCount = available.length;
      show(of.pinned, places.pinned, units, anew);
      show(of.queue, places.queue, units, anew);
      placedAt = performance.now();
      placingMs = placedAt - now;
    } else {
      // A row stays where it is while its unit changes; under a filter it goes, when nobody is at it.
      const due = filter.status !== null && now - arrangedAt >= REFILTER_MS && rests(of.units, now);
      if (!edited && !(due && (moved || behind))) {
        behind ||= moved;
        return;
      }
      const shown = shownBy(units, filter);
      arrangedAt = now;
      behind = false;
      state.places = null;
      state.shownCount = shown.length;
      show(of.units, shown, units, anew);
    }
    arranged = { units, moves: units.moves, filter, manual: isManual(), rev: header.queueRev };
  }

  return {
    of,
    current: () => of[isManual() ? (turnedTo === 'units' ? 'available' : turnedTo) : 'units'],
    turnTo(kind) {
      turnedTo = kind;
    },
    replan(before, units) {
      const names = (list: UnitList): Set<string> =>
        new Set(list.selection.units().map((index) => before?.name(index) ?? ''));
      const kept = all.map((list) => {
        const { active, size } = list.selection;
        return {
          list,
          names: before && size > 0 ? names(list) : null,
          active: active === -1 ? null : before?.name(active),
        };
      });
      for (const { list, names, active } of kept) {
        const found: number[] = [];
        let standsOn = -1;
        if (names !== null || active != null) {
          for (let index = 0; index < units.count; index += 1) {
            const name = units.name(index);
            if (names?.has(name)) found.push(index);
            if (name === active) standsOn = index;
          }
        }
        list.selection.restart(units.count, found, standsOn);
      }
    },
    arrange,
    tick(now) {
      if (behind || (state.filter.status !== null && now - arrangedAt >= REFILTER_MS)) arrange(false);
    },
    touch(index) {
      for (const list of all) list.touch(index);
    },
    flush() {
      const { units } = state;
      for (const list of inSight()) {
        // A drawing for another cause must not leave the seconds of a countdown behind.
        if (units !== null && units.due.size > 0)
          for (const index of list.visible()) if (units.due.has(index)) list.touch(index);
        list.flush();
      }
    },
    dues() {
      const { units } = state;
      if (units === null || units.due.size === 0) return [];
      return inSight()
        .flatMap((list) => list.visible())
        .flatMap((index) => units.reasons.get(index)?.dueAt ?? []);
    },
    available() {
      const { units, filter } = state;
      return units === null || !isManual() ? NOTHING : placesOf(units, filter).available;
    },
    addable() {
      const units = of.available.selection.units();
      const { places } = state;
      if (units !== checked.units || places !== checked.places) {
        const found = units.filter((index) => places?.available.positionOf(index) !== -1);
        checked = { units, places, found };
      }
      return checked.found;
    },
    setNarrow(narrow) {
      of.units.setRowHeight(narrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide);
    },
  };
}
