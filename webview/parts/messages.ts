import { html, nothing, type TemplateResult } from 'lit/html.js';
import { icon, STATUS_DRAWINGS } from '../icons.ts';
import type { Actions, PanelState } from '../state.ts';
import { taskState } from './overview.ts';

/** What stands in place of the list when there is nothing to list. */
export function message(state: PanelState, actions: Actions): TemplateResult | typeof nothing {
  const { header, shownCount, words } = state;
  const { strings, format } = words;
  if (header === null) {
    return html`<div class="message" data-testid="waiting">
      ${icon(STATUS_DRAWINGS.running, 'run spin')}
    </div>`;
  }
  // Somebody else manages the task, or nobody may: what is not known here is not said to be empty.
  if (header.units === 0 && header.blocked !== null) return nothing;
  if (header.units === 0) {
    return html`<div class="message" data-testid="empty">
      ${taskState(state)}
      <h2>${strings.emptyTitle}</h2>
      ${header.description === '' ? nothing : html`<p>${header.description}</p>`}
      <p class="muted">${
        header.mode === 'manual'
          ? strings.emptyDetailManual(header.source.name)
          : strings.emptyDetail(header.source.name, header.target.name, format.count(header.concurrency))
      }</p>
    </div>`;
  }
  if (shownCount > 0) return nothing;
  return noMatch(state, actions);
}

/** The filter lets nothing through, and the way back. */
export function noMatch({ filter, places, words: { strings, format } }: PanelState, actions: Actions): TemplateResult {
  const text = filter.text.trim();
  const elsewhere = places?.elsewhere ?? 0;
  const whyNone = (): unknown => html`${text === '' ? nothing : strings.noMatchText(text)}
  ${filter.status === null ? nothing : strings.noMatchStatus(strings.status[filter.status])}`;
  return html`<div class="message" data-testid="no-match">
    <h2>${elsewhere > 0 ? strings.noAvailable : strings.noMatch}</h2>
    <p class="muted">${elsewhere > 0 ? strings.matchElsewhere(elsewhere, format.count(elsewhere)) : whyNone()}</p>
    <dt-button appearance="secondary" data-testid="clear-filter" @click=${() => actions.clearFilter()}
      >${strings.clearFilter}</dt-button
    >
  </div>`;
}
