import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { CommandType } from '../../src/protocol/panel.ts';
import { DRAWINGS, icon } from '../icons.ts';
import { type Actions, canAct, type PanelState } from '../state.ts';

interface Item {
  readonly command: CommandType;
  readonly testId: string;
  readonly enabled: boolean;
}

/** The rarely used actions behind "...". */
export function menu(state: PanelState, actions: Actions): TemplateResult {
  const { strings } = state.words;
  return html`<div class="menu-anchor" @focusout=${(event: FocusEvent) => closeWhenLeft(event, actions)}>
    <dt-button
      appearance="icon"
      class="menu-button"
      data-testid="action-more"
      aria-label=${strings.more}
      title=${strings.more}
      aria-haspopup="menu"
      aria-expanded=${String(state.menuOpen)}
      @click=${() => actions.toggleMenu()}
      @keydown=${(event: KeyboardEvent) => openByKey(event, state, actions)}
      >${icon(DRAWINGS.more, '', '')}</dt-button
    >
    ${state.menuOpen ? items(state, actions) : nothing}
  </div>`;
}

function items(state: PanelState, actions: Actions): TemplateResult {
  const { strings } = state.words;
  return html`<div class="menu" role="menu" aria-label=${strings.more} @keydown=${(event: KeyboardEvent) => onKey(event, actions)}>
    ${itemsOf(state).map(
      (item) =>
        html`<button
          role="menuitem"
          tabindex="-1"
          data-testid=${item.testId}
          aria-disabled=${String(!item.enabled)}
          @click=${() => {
            if (!item.enabled) return;
            actions.closeMenu();
            actions.send(item.command);
          }}
        >
          ${strings.command[item.command]}
        </button>`,
    )}
  </div>`;
}

function itemsOf(state: PanelState): readonly Item[] {
  const live = state.link.kind === 'live';
  const able = canAct(state);
  const runState = state.header?.runState ?? 'idle';
  const resting = ['idle', 'paused', 'interrupted'].includes(runState) && state.header?.planning === false;
  return [
    { command: 'openConfig', testId: 'menu-open-config', enabled: live },
    { command: 'openLog', testId: 'menu-show-log', enabled: live },
    { command: 'copyReport', testId: 'menu-copy-report', enabled: live && state.header?.startedAt != null },
    { command: 'plan', testId: 'menu-plan', enabled: able && resting },
    { command: 'reset', testId: 'menu-reset', enabled: able && resting },
  ];
}

function openByKey(event: KeyboardEvent, state: PanelState, actions: Actions): void {
  if (event.key !== 'ArrowDown' || state.menuOpen) return;
  take(event);
  actions.toggleMenu();
}

function onKey(event: KeyboardEvent, actions: Actions): void {
  const list = event.currentTarget as HTMLElement;
  const buttons = [...list.querySelectorAll('button')];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const wanted: Record<string, number> = {
    ArrowDown: (at + 1) % buttons.length,
    ArrowUp: (at - 1 + buttons.length) % buttons.length,
    Home: 0,
    End: buttons.length - 1,
  };
  const next = wanted[event.key];
  if (next !== undefined) {
    take(event);
    buttons[next]?.focus();
  } else if (event.key === 'Escape') {
    take(event);
    actions.closeMenu();
  }
}

function closeWhenLeft(event: FocusEvent, actions: Actions): void {
  const anchor = event.currentTarget as HTMLElement;
  if (event.relatedTarget instanceof Node && anchor.contains(event.relatedTarget)) return;
  if (anchor.querySelector('.menu')) actions.closeMenu();
}

/** VS Code acts on handled keys as well. */
function take(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
