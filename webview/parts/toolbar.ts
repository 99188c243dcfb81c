import { live } from 'lit/directives/live.js';
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { UnitStatus } from '../../src/core/model.ts';
import { STATUS_ORDER } from '../../src/protocol/panel.ts';
import { icon, STATUS_DRAWINGS } from '../icons.ts';
import type { Actions, PanelState } from '../state.ts';

/** The filter field and the counts: every count is a filter. */
export function toolbar(state: PanelState, actions: Actions): TemplateResult | typeof nothing {
  const { header, words } = state;
  if (header === null || header.units === 0) return nothing;
  const { strings } = words;
  return html`<div class="toolbar">
    ${header.mode === 'manual' ? nothing : filterField(state, actions, strings.filterPlaceholder)}
    <div class="chips" role="group" aria-label=${strings.filtersLabel}>
      ${chip(state, actions, null)}${STATUS_ORDER.map((status) => chip(state, actions, status))}
    </div>
  </div>`;
}

/** In manual mode it stands in the head of the list that it filters. */
export function filterField(state: PanelState, actions: Actions, placeholder: string): TemplateResult {
  return html`<dt-text-field
    class="filter"
    data-testid="filter-text"
    aria-label=${state.words.strings.filterLabel}
    placeholder=${placeholder}
    .value=${live(state.filter.text)}
    @input=${(event: Event) => actions.filterText((event.target as HTMLInputElement).value)}
    @keydown=${(event: KeyboardEvent) => onKey(event, state, actions)}
  ></dt-text-field>`;
}

function chip(state: PanelState, actions: Actions, status: UnitStatus | null): TemplateResult {
  const { header, filter, words } = state;
  const count = words.format.count((status === null ? header?.units : header?.counts[status]) ?? 0);
  const label = status === null ? words.strings.total : words.strings.status[status];
  const on = filter.status === status;
  return html`<button
    class="chip"
    data-testid="filter-${status ?? 'total'}"
    data-status=${status ?? 'total'}
    aria-pressed=${String(on)}
    @click=${() => actions.filterStatus(on ? null : status)}
  >
    ${status === null ? nothing : icon(STATUS_DRAWINGS[status], TONES[status])}<span>${label} <bdi dir="ltr">${count}</bdi></span>
  </button>`;
}

const TONES: Readonly<Record<UnitStatus, string>> = {
  pending: 'muted',
  running: 'run',
  completed: 'ok',
  failed: 'bad',
  paused: 'warn',
};

function onKey(event: KeyboardEvent, state: PanelState, actions: Actions): void {
  if (event.key === 'Escape' && state.filter.text !== '') actions.filterText('');
  else if (event.key === 'ArrowDown') actions.focusList();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
