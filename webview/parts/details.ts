import { html, nothing, type TemplateResult } from 'lit/html.js';
import { DRAWINGS, icon, STATUS_DRAWINGS } from '../icons.ts';
import { rowText } from '../list/row-text.ts';
import type { Actions, PanelState } from '../state.ts';
import { hasRejectedRows, statusOf, type Units } from '../units.ts';
import { unitActions } from './unit-actions.ts';

/** The foot of the panel: one line about what is selected, what can be done with it, and details on demand above it. */
export function details(state: PanelState, actions: Actions): TemplateResult | typeof nothing {
  const { units, chosen, words } = state;
  if (units === null || units.count === 0) return nothing;
  const { strings, format } = words;
  const [selected] = chosen;
  if (selected === undefined) {
    const remark =
      state.remark === null ? nothing : html`<span data-testid="remark">${words.word(state.remark)}</span>`;
    return html`<footer class="foot">
      <div class="foot-line muted">${remark === nothing ? html`<span>${strings.detailsHint[state.header?.mode ?? 'auto']}</span>` : remark}</div>
    </footer>`;
  }
  if (chosen.length > 1) {
    return html`<footer class="foot">
      <div class="foot-line">
        <span class="foot-text" data-testid="selection">${strings.unitsSelected(chosen.length, format.count(chosen.length))}</span>
        <div class="buttons">${unitActions(state, actions)}</div>
      </div>
    </footer>`;
  }
  return one(state, actions, units, selected);
}

function one(state: PanelState, actions: Actions, units: Units, selected: number): TemplateResult {
  const { strings } = state.words;
  const { detailsOpen } = state;
  const status = statusOf(units, selected);
  return html`<footer class="foot">
    ${detailsOpen ? pane(state, units, selected) : nothing}
    <div class="foot-line">
      ${hasRejectedRows(units, selected) ? icon(DRAWINGS.warning, 'warn') : icon(STATUS_DRAWINGS[status], `status-${status}`)}
      <bdi class="foot-name">${units.name(selected)}</bdi>
      <span class="foot-text muted">${line(state, units, selected)}</span>
      <div class="buttons">
        ${unitActions(state, actions)}
        <dt-button
          appearance="secondary"
          data-testid="toggle-details"
          aria-expanded=${String(detailsOpen)}
          @click=${() => actions.toggleDetails()}
          >${icon(detailsOpen ? DRAWINGS.down : DRAWINGS.up)}${detailsOpen ? strings.hideDetails : strings.details}</dt-button
        >
      </div>
    </div>
  </footer>`;
}

function line({ words, clock }: PanelState, units: Units, selected: number): string {
  const text = rowText({ units, words, clock }, selected);
  const status = words.strings.status[statusOf(units, selected)];
  const parts = [status, text.count, text.rate, text.reason].filter(
    (part, at) => part !== '' && (at === 0 || part !== status),
  );
  return parts.join(' · ');
}

function pane({ words, clock }: PanelState, units: Units, selected: number): TemplateResult {
  const { strings } = words;
  const text = rowText({ units, words, clock }, selected);
  const status = statusOf(units, selected);
  const said = units.reasons.get(selected);
  const { field } = strings;
  const fields: readonly (readonly [string, string])[] = [
    [field.status, strings.status[status]],
    [field.percent, text.percent],
    [field.processed, text.count],
    [status === 'running' ? field.rate : field.duration, text.rate],
    [field.left, status === 'running' && said === undefined ? text.reason : ''],
    [field.reason, said === undefined ? '' : text.reason],
  ];
  return html`<section class="details" data-testid="unit-details" aria-label=${strings.detailsOf(units.name(selected))}>
    <dl>
      ${fields.map(([name, value]) => (value === '' ? nothing : html`<div><dt>${name}</dt><dd>${value}</dd></div>`))}
    </dl>
    ${
      said?.detail
        ? html`<h2>${strings.field.detail}</h2>
            <pre tabindex="0" aria-label=${strings.field.detail}>${said.detail}</pre>`
        : nothing
    }
  </section>`;
}
