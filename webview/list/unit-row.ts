import type { UnitStatus } from '../../src/core/model.ts';
import { STATUS_DRAWINGS } from '../icons.ts';
import { statusOf, type Units } from '../units.ts';
import type { Words } from '../words.ts';
import { rowText } from './row-text.ts';

/** One recycled row: a node that shows whichever unit it was bound to last. */
export interface UnitRow {
  readonly element: HTMLElement;
  /** Plan index of the unit shown, -1 = none. */
  readonly index: number;
  readonly position: number;
  bind(units: Units, index: number, position: number, size: number, words: Words): void;
  /** Writes what changed. */
  update(units: Units, words: Words): void;
  place(top: number): void;
  select(selected: boolean): void;
  hide(): void;
}

const SVG = 'http://www.w3.org/2000/svg';

/** The id that aria-activedescendant refers to. */
export function rowId(index: number): string {
  return `unit-${index}`;
}

export function createUnitRow(): UnitRow {
  const element = document.createElement('div');
  element.className = 'unit';
  element.hidden = true;
  element.setAttribute('role', 'option');
  element.dataset.testid = 'unit-row';
  const shape = document.createElementNS(SVG, 'svg');
  shape.setAttribute('viewBox', '0 0 16 16');
  shape.setAttribute('class', 'icon');
  const path = shape.appendChild(document.createElementNS(SVG, 'path'));
  element.append(shape);
  const name = part(element, 'bdi', 'unit-name');
  // The icon in words, for those who hear the list: an option is named by its content.
  const spoken = part(element, 'span', 'spoken');
  const bar = element.appendChild(document.createElement('span'));
  bar.className = 'unit-bar';
  bar.dataset.testid = 'unit-bar';
  const fill = bar.appendChild(document.createElement('i'));
  const percent = part(element, 'bdi', 'unit-percent');
  const count = part(element, 'bdi', 'unit-count');
  const rate = part(element, 'bdi', 'unit-rate');
  const reason = part(element, 'span', 'unit-reason');
  for (const figure of [percent, count, rate]) figure.element.setAttribute('dir', 'ltr');

  let status: UnitStatus | null = null;
  let filled = -1;
  let shownTop = -1;
  let hint = '';
  let selectedNow: boolean | null = null;

  function showStatus(next: UnitStatus): void {
    if (next === status) return;
    status = next;
    element.dataset.status = next;
    path.setAttribute('d', STATUS_DRAWINGS[next].path);
  }

  function showBar(value: number): void {
    const share = Number.isNaN(value) ? 0 : Math.min(1, value / 100);
    if (share === filled) return;
    filled = share;
    fill.style.transform = `scaleX(${share})`;
    bar.dataset.percent = String(Math.floor(share * 1000) / 10);
  }

  const row = {
    element,
    index: -1,
    position: -1,
    bind(units: Units, index: number, position: number, size: number, words: Words) {
      row.index = index;
      row.position = position;
      element.hidden = false;
      element.id = rowId(index);
      element.dataset.unit = units.name(index);
      element.setAttribute('aria-posinset', String(position + 1));
      element.setAttribute('aria-setsize', String(size));
      name.write(units.name(index));
      row.update(units, words);
    },
    update(units: Units, words: Words) {
      const text = rowText(units, row.index, words);
      const next = statusOf(units, row.index);
      showStatus(next);
      spoken.write(words.strings.status[next]);
      showBar(units.percent[row.index] ?? Number.NaN);
      percent.write(text.percent);
      count.write(text.count);
      rate.write(text.rate);
      reason.write(text.reason);
      const longer = units.reasons.has(row.index) ? text.reason : '';
      if (longer !== hint) {
        hint = longer;
        reason.element.title = longer;
      }
    },
    place(top: number) {
      if (top === shownTop) return;
      shownTop = top;
      element.style.transform = `translateY(${top}px)`;
    },
    select(selected: boolean) {
      if (selected === selectedNow) return;
      selectedNow = selected;
      element.setAttribute('aria-selected', String(selected));
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

/** An element with one text node, written only when the text changed. */
function part(parent: HTMLElement, tag: string, className: string) {
  const element = parent.appendChild(document.createElement(tag));
  element.className = className;
  const text = element.appendChild(document.createTextNode(''));
  let shown = '';
  return {
    element,
    write(next: string) {
      if (next === shown) return;
      shown = next;
      text.data = next;
    },
  };
}
