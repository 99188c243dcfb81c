/**
 * A list of units: fixed row height, only the visible rows exist, and they are recycled while scrolling.
 * It draws nothing by itself: the panel calls `flush` once per animation frame.
 */
import { NOTHING, type Shown } from '../filter.ts';
import { createSelection, type Selection } from './selection.ts';
import { createUnitRow, type ListKind, type Look, rowId, type UnitRow } from './unit-row.ts';

/** Rows kept above and below the visible ones, so that a small scroll shows no gap. */
const OVERSCAN = 6;

export interface UnitListHost {
  /** A person turned to this list, or selected something else in it. */
  selected(): void;
  /** Enter or a double click on a unit. */
  opened(index: number): void;
  /** Escape. */
  dismissed(): void;
  /** Keys of this list's own; true = handled. */
  key(event: KeyboardEvent): boolean;
  /** The visible part changed: flush in the next frame. */
  needsFlush(): void;
}

export interface UnitList {
  readonly kind: ListKind;
  readonly element: HTMLElement;
  readonly selection: Selection;
  /** Takes other units or another order in; the scroll position stays where it is. */
  show(look: Look, shown: Shown, label: string): void;
  shown(): Shown;
  /** Figures of a unit changed. */
  touch(index: number): void;
  scrollTo(index: number): void;
  /** px, fixed by the style sheet; changes with the layout. */
  setRowHeight(height: number): void;
  /** Writes everything that changed since the last frame. */
  flush(): void;
  /** Units in sight. */
  visible(): readonly number[];
  /** Instant (performance.now) of a person's last move over the rows: rows must not jump under a hand. */
  touchedAt(): number;
}

export function createUnitList(kind: ListKind, host: UnitListHost): UnitList {
  const element = document.createElement('div');
  element.className = 'list';
  element.tabIndex = 0;
  element.dataset.list = kind;
  element.setAttribute('role', 'listbox');
  element.setAttribute('aria-multiselectable', 'true');
  const space = element.appendChild(document.createElement('div'));
  space.className = 'list-space';
  space.setAttribute('role', 'presentation');

  const selection = createSelection();
  const rows: UnitRow[] = [];
  const touched = new Set<number>();
  let look: Look | null = null;
  let shown: Shown = NOTHING;
  let rowHeight = 30;
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
    if (row === undefined) return;
    const onCheck = event.target instanceof Element && event.target.closest('.check') !== null;
    if (event.shiftKey) selection.extendTo(row.index);
    else if (event.ctrlKey || event.metaKey || onCheck) selection.toggle(row.index);
    else selection.only(row.index);
    host.selected();
  });
  element.addEventListener('dblclick', (event) => {
    const row = rowAt(event.target);
    if (row) host.opened(row.index);
  });
  element.addEventListener('focus', () => host.selected());
  element.addEventListener('keydown', (event) => {
    if (!host.key(event) && !onKey(event)) return;
    // VS Code acts on handled keys as well.
    event.preventDefault();
    event.stopPropagation();
  });
  new ResizeObserver(() => host.needsFlush()).observe(element);

  function onKey(event: KeyboardEvent): boolean {
    if (event.altKey) return false;
    const jump = event.ctrlKey || event.metaKey;
    if (jump && event.key.toLowerCase() === 'a') {
      selection.all();
      host.selected();
      return true;
    }
    const wanted = steppedTo(event.key);
    if (wanted !== undefined) {
      stepTo(wanted, event.shiftKey, jump);
      return true;
    }
    const { active } = selection;
    if (event.key === ' ' && active !== -1) {
      if (event.shiftKey) selection.extendTo(active);
      else selection.toggle(active);
      host.selected();
      return true;
    }
    if (jump) return false;
    if (event.key === 'Enter' && active !== -1) {
      host.opened(active);
      return true;
    }
    if (event.key === 'Escape') {
      host.dismissed();
      return true;
    }
    return false;
  }

  /** The position that a key leads to; undefined = it does not move. */
  function steppedTo(key: string): number | undefined {
    const position = shown.positionOf(selection.active);
    const page = Math.max(1, Math.floor(element.clientHeight / rowHeight) - 1);
    const from = position === -1 ? firstVisible() - 1 : position;
    const steps: Record<string, number> = {
      ArrowDown: from + 1,
      ArrowUp: position === -1 ? firstVisible() : position - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: shown.length - 1,
    };
    return steps[key];
  }

  function stepTo(wanted: number, extend: boolean, only: boolean): void {
    if (shown.length === 0) return;
    const position = Math.min(shown.length - 1, Math.max(0, wanted));
    reveal(position);
    const index = shown.at(position);
    if (extend) selection.extendTo(index);
    else if (only) selection.stepTo(index);
    else selection.only(index);
    host.selected();
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
    if (look === null) return;
    const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - OVERSCAN);
    const wanted = Math.ceil(element.clientHeight / rowHeight) + 1 + 2 * OVERSCAN;
    const end = Math.min(shown.length, first + wanted);
    while (rows.length < wanted) {
      const row = createUnitRow(kind);
      rows.push(row);
      element.append(row.element);
      rebind = true;
    }
    const { active } = selection;
    let found = false;
    for (let offset = 0; offset < rows.length; offset += 1) {
      const position = first + offset;
      const row = rows[position % rows.length];
      if (row === undefined) continue;
      if (position >= end) {
        if (row.index !== -1) row.hide();
        continue;
      }
      const index = shown.at(position);
      if (rebind || row.index !== index || row.position !== position) row.bind(look, index, position, shown.length);
      else if (touched.has(index)) row.update(look);
      row.place(position * rowHeight);
      row.mark(selection.has(index), index === active);
      found ||= index === active;
    }
    touched.clear();
    rebind = false;
    if (found) element.setAttribute('aria-activedescendant', rowId(kind, active));
    else element.removeAttribute('aria-activedescendant');
  }

  function resize(): void {
    space.style.height = `${shown.length * rowHeight}px`;
  }

  return {
    kind,
    element,
    selection,
    show(newLook, newShown, label) {
      look = newLook;
      shown = newShown;
      rebind = true;
      element.setAttribute('aria-label', label);
      selection.show(shown, kind === 'units');
      resize();
      host.needsFlush();
    },
    shown: () => shown,
    touch: (index) => touched.add(index),
    scrollTo(index) {
      const position = shown.positionOf(index);
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
    visible() {
      const last = Math.ceil((element.scrollTop + element.clientHeight) / rowHeight);
      const found: number[] = [];
      for (const row of rows)
        if (row.index !== -1 && row.position >= Math.floor(element.scrollTop / rowHeight) && row.position < last)
          found.push(row.index);
      return found;
    },
    touchedAt: () => movedAt,
  };
}
