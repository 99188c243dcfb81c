import { live } from 'lit/directives/live.js';
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { Mode } from '../../src/core/model.ts';
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
      <span class="path"
        >${end(state, source, header.connections.source)} ${icon(DRAWINGS.arrow, 'muted')}${end(state, target, header.connections.target)}</span
      >
      ${environment(state, target.environment)}
    </div>
    <div class="controls">${mode(state, actions)} ${actionButtons(state, actions)} ${menu(state, actions)}</div>
  </header>`;
}

function end({ words }: PanelState, view: EndView, connections: number): TemplateResult {
  const open = connections === 0 ? nothing : words.strings.connections(connections, words.format.count(connections));
  return html`<span class="end" title=${open}
    ><bdi class="end-name">${view.name}</bdi> <span class="muted">${view.system}</span></span
  >`;
}

/** Of the target: that is where something can be damaged. */
function environment(state: PanelState, name: EndView['environment']): TemplateResult | typeof nothing {
  if (name === null) return nothing;
  return html`<span class="environment" data-environment=${name}>${state.words.strings.environment[name]}</span>`;
}

/** A change says itself by the callout below; why none is possible is said beside the switch, and on hovering. */
function mode(state: PanelState, actions: Actions): TemplateResult {
  const { header, words } = state;
  const { strings } = words;
  const wanted = state.wantedMode ?? header?.mode ?? 'auto';
  const reason = whyNoMode(state);
  const radio = (value: Mode): TemplateResult => html`<label>
    <input
      type="radio"
      name="mode"
      data-testid="mode-${value}"
      ?disabled=${reason !== null}
      aria-describedby=${reason === null ? nothing : 'no-mode'}
      .checked=${live(wanted === value)}
      @change=${() => actions.setMode(value)}
    />
    <span>${strings.mode[value]}</span>
  </label>`;
  return html`<div class="mode" role="radiogroup" aria-label=${strings.modeLabel} title=${reason ?? nothing}>
    ${radio('auto')}${radio('manual')}
    ${reason === null ? nothing : html`<span class="spoken" id="no-mode" data-testid="no-mode">${reason}</span>`}
  </div>`;
}

/** @returns null when the mode can be changed */
function whyNoMode({ header, link, words }: PanelState): string | null {
  const { strings } = words;
  if (header?.blocked) return strings.noModeNow(words.word(header.blocked));
  if (link.kind !== 'live') return strings.noModeNow(strings.lost);
  return null;
}
