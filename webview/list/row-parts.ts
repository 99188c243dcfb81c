/** Pieces that rows are made of: each writes to the page only what changed. */
import type { UnitStatus } from '../../src/core/model.ts';
import { type Drawing, STATUS_DRAWINGS } from '../icons.ts';

const SVG = 'http://www.w3.org/2000/svg';

interface TextPart {
  readonly element: HTMLElement;
  write(text: string): void;
}

/** An element with one text node. */
export function textPart(parent: HTMLElement, tag: string, className: string): TextPart {
  const element = parent.appendChild(document.createElement(tag));
  element.className = className;
  const text = element.appendChild(document.createTextNode(''));
  let shown = '';
  return {
    element,
    write(next) {
      if (next === shown) return;
      shown = next;
      text.data = next;
    },
  };
}

/** Figures stand from left to right in any language. */
export function figurePart(parent: HTMLElement, className: string): TextPart {
  const part = textPart(parent, 'bdi', className);
  part.element.setAttribute('dir', 'ltr');
  return part;
}

export function drawing(parent: HTMLElement, className: string, shape?: Drawing): SVGPathElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', className);
  const path = svg.appendChild(document.createElementNS(SVG, 'path'));
  if (shape) path.setAttribute('d', shape.path);
  parent.append(svg);
  return path;
}

/** The status as a shape, as a word for those who hear the list, and as `data-status` for the style. */
export function statusPart(row: HTMLElement): (status: UnitStatus, shape?: Drawing) => void {
  const path = drawing(row, 'icon');
  let shown: UnitStatus | null = null;
  let shownShape: Drawing | null = null;
  return (status, shape = STATUS_DRAWINGS[status]) => {
    if (status === shown && shape === shownShape) return;
    shown = status;
    shownShape = shape;
    row.dataset.status = status;
    path.setAttribute('d', shape.path);
  };
}

export function barPart(row: HTMLElement): (percent: number) => void {
  const bar = row.appendChild(document.createElement('span'));
  bar.className = 'unit-bar';
  bar.dataset.testid = 'unit-bar';
  const fill = bar.appendChild(document.createElement('i'));
  let shown = -1;
  return (percent) => {
    const share = Number.isNaN(percent) ? 0 : Math.min(1, percent / 100);
    if (share === shown) return;
    shown = share;
    fill.style.transform = `scaleX(${share})`;
    bar.dataset.percent = String(Math.floor(share * 1000) / 10);
  };
}

/** An attribute that is there or not. */
export function flagPart(row: HTMLElement, name: string): (isSet: boolean) => void {
  let shown = false;
  return (isSet) => {
    if (isSet === shown) return;
    shown = isSet;
    row.toggleAttribute(name, isSet);
  };
}

/** The longer form of a text that may be cut off. */
export function hintPart(element: HTMLElement): (hint: string) => void {
  let shown = '';
  return (hint) => {
    if (hint === shown) return;
    shown = hint;
    element.title = hint;
  };
}
