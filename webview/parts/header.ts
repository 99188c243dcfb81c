import { live } from 'lit/directives/live.js';
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { EndView } from '../../src/protocol/panel.ts';
import { DRAWINGS, icon } from '../icons.ts';
import type { Actions, PanelState } from '../state.ts';
import { actionButtons } from './actions.ts';
import { menu } from './menu.ts';

/** Name of the task, where it copies from and to, mode, and the buttons. */
export function header(state: PanelState, actions: Actions): TemplateResult {
  const { header, words } = state;
  if (header === null) return html`<header class="header"><h1>${words.strings.waiting}</h1></header>`;
  const { source, target } = header;
  return html`<header class="header">
    <div class="title">
      <h1 title=${header.description || nothing}><bdi>${header.name}</bdi></h1>
      <span class="path">${end(source)} ${icon(DRAWINGS.arrow, 'muted')}${end(target)}</span>
      ${environment(state, target.environment)}
    </div>
    <div class="controls">${mode(state)} ${actionButtons(state, actions)} ${menu(state, actions)}</div>
  </header>`;
}

function end(view: EndView): TemplateResult {
  return html`<span class="end"><bdi class="end-name">${view.name}</bdi> <span class="muted">${view.system}</span></span>`;
}

/** Of the target: that is where something can be damaged. */
function environment(state: PanelState, name: EndView['environment']): TemplateResult | typeof nothing {
  if (name === null) return nothing;
  return html`<span class="environment" data-environment=${name}>${state.words.strings.environment[name]}</span>`;
}

function mode({ header, words }: PanelState): TemplateResult {
  const { strings } = words;
  return html`<div class="mode" role="radiogroup" aria-label=${strings.modeLabel}>
    <label>
      <input type="radio" name="mode" data-testid="mode-auto" .checked=${live(header?.mode !== 'manual')} />
      <span>${strings.mode.auto}</span>
    </label>
    <label title=${strings.manualLaterReason}>
      <input type="radio" name="mode" data-testid="mode-manual" disabled .checked=${live(header?.mode === 'manual')} />
      <span class="muted">${strings.mode.manual} ${strings.manualLater}</span>
    </label>
  </div>`;
}
