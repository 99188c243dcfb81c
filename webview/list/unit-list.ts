/**
 * The list of units: fixed row height, only the visible rows exist, and they are recycled while scrolling.
 * It draws nothing by itself: the panel calls `flush` once per animation frame.
 */
import type { Shown } from '../filter.ts';
import type { Units } from '../units.ts';
import type { Words } from '../words.ts';
import { createUnitRow, rowId, type UnitRow } from './unit-row.ts';

/** Rows kept above and below the visible ones, so that a small scroll shows no gap. */
const OVERSCAN = 6;

export interface UnitListHost {
  /** A person selected a unit (plan index). */
  selected(index: number): void;
  /** A person wants its details: Enter or a double click. */
  opened(index: number): void;
  /** Escape. */
  dismissed(): void;
  /** The visible part changed: flush in the next frame. */
  needsFlush(): void;
}

export interface UnitList {
  readonly element: HTMLElement;
  /** Takes other units or another filter in; the scroll position stays where it is. */
  show(units: Units, shown: Shown, words: Words): void;
  /** Figures of a unit changed. */
  touch(index: number): void;
  select(index: number): void;
  selection(): number;
  scrollTo(index: number): void;
  /** px, fixed by the style sheet; changes with the layout. */
  setRowHeight(height: number): void;
  /** Writes everything that changed since the last frame. */
  flush(): void;
  /** Instant (performance.now) of a person's last move over the rows: rows must not jump under a hand. */
  touchedAt(): number;
}

export function createUnitList(host: UnitListHost): UnitList {
  const element = document.createElement('div');
  element.className = 'list';
  element.tabIndex = 0;
  element.setAttribute('role', 'listbox');
  const space = element.appendChild(document.createElement('div'));
  space.className = 'list-space';
  space.setAttribute('role', 'presentation');

  const rows: UnitRow[] = [];
  const touched = new Set<number>();
  let data: { units: Units; shown: Shown; words: Words } | null = null;
  let rowHeight = 30;
  let selectedIndex = -1;
  let rebind = false;
  let movedAt = Number.NEGATIVE_INFINITY;

  const rowAt = (target: EventTarget | null): UnitRow | undefined => {
    const hit = target instanceof Element ? target.closest('.unit') : null;
    return rows.find((row) => row.element === hit && row.index !== -1);
  };

  element.addEventListener('scroll', () => host.needsFlush(), { passive: true });
  element.addEventListener('pointermove', () => {
    movedAt = performance.now();
  });
  element.addEventListener('click', (event) => {
    const row = rowAt(event.target);
    if (row) host.selected(row.index);
  });
  element.addEventListener('dblclick', (event) => {
    const row = rowAt(event.target);
    if (row) host.opened(row.index);
  });
  element.addEventListener('keydown', (event) => {
    if (!onKey(event)) return;
    // VS Code acts on handled keys as well.
    event.preventDefault();
    event.stopPropagation();
  });
  new ResizeObserver(() => host.needsFlush()).observe(element);

  function onKey(event: KeyboardEvent): boolean {
    if (data === null || event.altKey || event.ctrlKey || event.metaKey) return false;
    const last = data.shown.length - 1;
    const position = data.shown.positionOf(selectedIndex);
    const page = Math.max(1, Math.floor(element.clientHeight / rowHeight) - 1);
    const from = position === -1 ? firstVisible() - 1 : position;
    const steps: Record<string, number> = {
      ArrowDown: from + 1,
      ArrowUp: position === -1 ? firstVisible() : position - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: last,
    };
    const wanted = steps[event.key];
    if (wanted !== undefined) {
      if (last >= 0) moveTo(Math.min(last, Math.max(0, wanted)));
      return true;
    }
    if (event.key === 'Enter' && position !== -1) {
      host.opened(selectedIndex);
      return true;
    }
    if (event.key === 'Escape') {
      host.dismissed();
      return true;
    }
    return false;
  }

  function moveTo(position: number): void {
    if (data === null) return;
    reveal(position);
    host.selected(data.shown.at(position));
  }

  function firstVisible(): number {
    return Math.ceil(element.scrollTop / rowHeight);
  }

  function reveal(position: number): void {
    const top = position * rowHeight;
    const bottom = top + rowHeight - element.clientHeight;
    if (element.scrollTop > top) element.scrollTop = top;
    else if (element.scrollTop < bottom) element.scrollTop = bottom;
  }

  /** Rows are reused by position modulo their number: scrolling by one row rebinds one row. */
  function flush(): void {
    if (data === null) return;
    const { units, shown, words } = data;
    const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - OVERSCAN);
    const wanted = Math.ceil(element.clientHeight / rowHeight) + 1 + 2 * OVERSCAN;
    const end = Math.min(shown.length, first + wanted);
    while (rows.length < wanted) {
      const row = createUnitRow();
      rows.push(row);
      element.append(row.element);
      rebind = true;
    }
    for (let offset = 0; offset < rows.length; offset += 1) {
      const position = first + offset;
      const row = rows[position % rows.length];
      if (row === undefined) continue;
      if (position >= end) {
        if (row.index !== -1) row.hide();
        continue;
      }
      const index = shown.at(position);
      if (rebind || row.index !== index || row.position !== position) {
        row.bind(units, index, position, shown.length, words);
      } else if (touched.has(index)) row.update(units, words);
      row.place(position * rowHeight);
      row.select(index === selectedIndex);
    }
    touched.clear();
    rebind = false;
    const active = rows.some((row) => row.index !== -1 && row.index === selectedIndex);
    if (active) element.setAttribute('aria-activedescendant', rowId(selectedIndex));
    else element.removeAttribute('aria-activedescendant');
  }

  function resize(): void {
    if (data !== null) space.style.height = `${data.shown.length * rowHeight}px`;
  }

  return {
    element,
    show(units, shown, words) {
      data = { units, shown, words };
      rebind = true;
      element.setAttribute('aria-label', words.strings.listLabel);
      resize();
      host.needsFlush();
    },
    touch: (index) => touched.add(index),
    select(index) {
      selectedIndex = index;
      host.needsFlush();
    },
    selection: () => selectedIndex,
    scrollTo(index) {
      const position = data?.shown.positionOf(index) ?? -1;
      if (position !== -1) reveal(position);
    },
    setRowHeight(height) {
      if (height === rowHeight) return;
      const position = element.scrollTop / rowHeight;
      rowHeight = height;
      resize();
      element.scrollTop = position * height;
      host.needsFlush();
    },
    flush,
    touchedAt: () => movedAt,
  };
}
