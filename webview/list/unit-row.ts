import type { HostClock } from '../host-clock.ts';
import { DRAWINGS, STATUS_DRAWINGS } from '../icons.ts';
import { hasRejectedRows, statusOf, type Units } from '../units.ts';
import type { Words } from '../words.ts';
import { barPart, drawing, figurePart, flagPart, hintPart, statusPart, textPart } from './row-parts.ts';
import { availableNote, hintOf, pinnedNote, queueNote, rowText } from './row-text.ts';

/** Which list a row is made for: all units, or one of the three of manual mode. */
export type ListKind = 'units' | 'available' | 'pinned' | 'queue';

/** What rows are written from. */
export interface Look {
  readonly units: Units;
  readonly words: Words;
  readonly clock: HostClock;
}

/** One recycled row: a node that shows whichever unit it was bound to last. */
export interface UnitRow {
  readonly element: HTMLElement;
  /** Plan index of the unit shown, -1 = none. */
  readonly index: number;
  readonly position: number;
  bind(look: Look, index: number, position: number, size: number): void;
  /** Writes what changed. */
  update(look: Look): void;
  place(top: number): void;
  /** @param active the keyboard stands on it */
  mark(selected: boolean, active: boolean): void;
  hide(): void;
}

/** The id that aria-activedescendant refers to. */
export function rowId(kind: ListKind, index: number): string {
  return `${kind}-${index}`;
}

type Write = (look: Look, index: number, position: number) => void;

const FILLINGS: Readonly<Record<ListKind, (row: HTMLElement) => Write>> = {
  units: unitsFilling,
  available: availableFilling,
  pinned: pinnedFilling,
  queue: queueFilling,
};

export function createUnitRow(kind: ListKind): UnitRow {
  const element = document.createElement('div');
  element.className = 'unit';
  element.hidden = true;
  element.setAttribute('role', 'option');
  element.dataset.testid = kind === 'units' ? 'unit-row' : `${kind}-row`;
  const write = FILLINGS[kind](element);
  let shownTop = -1;
  let selectedNow: boolean | null = null;
  let activeNow = false;
  const row = {
    element,
    index: -1,
    position: -1,
    bind(look: Look, index: number, position: number, size: number) {
      row.index = index;
      row.position = position;
      element.hidden = false;
      element.id = rowId(kind, index);
      element.dataset.unit = look.units.name(index);
      element.setAttribute('aria-posinset', String(position + 1));
      element.setAttribute('aria-setsize', String(size));
      write(look, index, position);
    },
    update(look: Look) {
      write(look, row.index, row.position);
    },
    place(top: number) {
      if (top === shownTop) return;
      shownTop = top;
      element.style.transform = `translateY(${top}px)`;
    },
    mark(selected: boolean, active: boolean) {
      if (selected !== selectedNow) {
        selectedNow = selected;
        element.setAttribute('aria-selected', String(selected));
      }
      if (active !== activeNow) {
        activeNow = active;
        element.toggleAttribute('data-active', active);
      }
    },
    hide() {
      row.index = -1;
      row.position = -1;
      element.hidden = true;
      element.removeAttribute('id');
    },
  };
  return row;
}

function unitsFilling(row: HTMLElement): Write {
  const status = statusPart(row);
  const name = textPart(row, 'bdi', 'unit-name');
  // The icon in words, for those who hear the list: an option is named by its content.
  const spoken = textPart(row, 'span', 'spoken');
  const bar = barPart(row);
  const percent = figurePart(row, 'unit-percent');
  const count = figurePart(row, 'unit-count');
  const rate = figurePart(row, 'unit-rate');
  const reason = textPart(row, 'span', 'unit-reason');
  const hint = hintPart(reason.element);
  const begun = flagPart(row, 'data-begun');
  const rejected = flagPart(row, 'data-rejected');
  return (look, index) => {
    const text = rowText(look, index);
    const now = statusOf(look.units, index);
    const lacksRows = hasRejectedRows(look.units, index);
    status(now, lacksRows ? DRAWINGS.warning : STATUS_DRAWINGS[now]);
    rejected(lacksRows);
    name.write(look.units.name(index));
    spoken.write(look.words.strings.status[now]);
    begun((look.units.processed[index] ?? 0) > 0);
    bar(look.units.percent[index] ?? Number.NaN);
    percent.write(text.percent);
    count.write(text.count);
    rate.write(text.rate);
    reason.write(text.reason);
    hint(hintOf(look, index));
  };
}

function availableFilling(row: HTMLElement): Write {
  drawing(row, 'check', DRAWINGS.check);
  const name = textPart(row, 'bdi', 'unit-name');
  const spoken = textPart(row, 'span', 'spoken');
  const note = textPart(row, 'span', 'unit-reason');
  const status = statusPart(row);
  const hint = hintPart(note.element);
  return (look, index) => {
    const now = statusOf(look.units, index);
    status(now);
    name.write(look.units.name(index));
    spoken.write(look.words.strings.status[now]);
    note.write(availableNote(look, index));
    hint(hintOf(look, index));
  };
}

function pinnedFilling(row: HTMLElement): Write {
  const status = statusPart(row);
  const name = textPart(row, 'bdi', 'unit-name');
  const spoken = textPart(row, 'span', 'spoken');
  const bar = barPart(row);
  const note = textPart(row, 'span', 'unit-reason');
  const percent = figurePart(row, 'unit-percent');
  const hint = hintPart(note.element);
  return (look, index) => {
    const now = statusOf(look.units, index);
    status(now);
    name.write(look.units.name(index));
    spoken.write(look.words.strings.status[now]);
    bar(look.units.percent[index] ?? Number.NaN);
    note.write(pinnedNote(look, index));
    percent.write(now === 'running' ? rowText(look, index).percent : '');
    hint(hintOf(look, index));
  };
}

function queueFilling(row: HTMLElement): Write {
  // Room for the grip of dragging.
  const grip = row.appendChild(document.createElement('span'));
  grip.className = 'grip';
  const number = figurePart(row, 'unit-number');
  const name = textPart(row, 'bdi', 'unit-name');
  const note = textPart(row, 'span', 'unit-reason');
  const hint = hintPart(note.element);
  return (look, index, position) => {
    row.dataset.status = statusOf(look.units, index);
    number.write(look.words.format.count(position + 1));
    name.write(look.units.name(index));
    note.write(queueNote(look, index));
    hint(hintOf(look, index));
  };
}
