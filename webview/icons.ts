/** Small drawings on a 16 px grid. Statuses differ by shape, not only by colour. */
import { html, type TemplateResult } from 'lit/html.js';
import type { UnitStatus } from '../src/core/model.ts';

export interface Drawing {
  readonly path: string;
  /** A filled shape instead of a line. */
  readonly solid?: boolean;
}

export const STATUS_DRAWINGS: Readonly<Record<UnitStatus, Drawing>> = {
  pending: {
    path: 'M8 3v.01M11.5 4.5v.01M13 8v.01M11.5 11.5v.01M8 13v.01M4.5 11.5v.01M3 8v.01M4.5 4.5v.01',
  },
  running: { path: 'M8 2.5A5.5 5.5 0 1 1 2.5 8' },
  completed: { path: 'm3.5 8.5 3 3 6-7' },
  failed: { path: 'm4 4 8 8m0-8-8 8' },
  paused: { path: 'M5.5 4v8m5-8v8' },
};

export const DRAWINGS = {
  play: { path: 'M4.5 3v10l8-5z', solid: true },
  pause: STATUS_DRAWINGS.paused,
  stop: { path: 'M4 4h8v8H4z', solid: true },
  again: { path: 'M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3' },
  retry: { path: 'M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3' },
  more: { path: 'M3.5 8v.01M8 8v.01M12.5 8v.01' },
  info: { path: 'M8 7.2v4M8 4.8v.01M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8' },
  warning: { path: 'M8 2.2 14.2 13H1.8zM8 6.6v3M8 11.3v.01' },
  error: STATUS_DRAWINGS.failed,
  switching: { path: 'M3 5.5h9m-2.5-2.5L12 5.5 9.5 8M13 10.5H4M6.5 8 4 10.5 6.5 13' },
  arrow: { path: 'M2.5 8h11m-4-4 4 4-4 4' },
  plus: { path: 'M8 4v8M4 8h8' },
  minus: { path: 'M4 8h8' },
  up: { path: 'm4 10 4-4 4 4' },
  down: { path: 'm4 6 4 4 4-4' },
  top: { path: 'M4 3.5h8M8 13V6.5M4.8 9.5 8 6.3l3.2 3.2' },
  bottom: { path: 'M4 12.5h8M8 3v6.5M4.8 6.5 8 9.7l3.2-3.2' },
  check: { path: 'm4 8.3 2.7 2.7L12 5.2' },
} as const satisfies Record<string, Drawing>;

/** A decorative icon: the words beside it carry the meaning. Goes to the start of a button when it stands in one. */
export function icon(drawing: Drawing, tone = '', slot = 'start'): TemplateResult {
  return html`<svg class="icon ${tone} ${drawing.solid ? 'solid' : ''}" slot=${slot} viewBox="0 0 16 16" aria-hidden="true">
    <path d=${drawing.path} />
  </svg>`;
}
