import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { RunState } from '../../src/core/model.ts';
import type { CommandType, TaskHeader } from '../../src/protocol/panel.ts';
import { DRAWINGS, type Drawing, icon, STATUS_DRAWINGS } from '../icons.ts';
import { type Actions, canAct, isComplete, type PanelState } from '../state.ts';

export interface Primary {
  readonly command: CommandType;
  /** The task is on its way to another state: nothing can be asked now. */
  readonly busy: boolean;
}

/** The one filled button: what a person most likely wants next. */
export function primaryOf(header: TaskHeader): Primary {
  if (header.planning) return { command: 'start', busy: true };
  switch (header.runState) {
    case 'running':
      return { command: 'pause', busy: false };
    case 'pausing':
      return { command: 'pause', busy: true };
    case 'stopping':
      return { command: 'stop', busy: true };
    case 'paused':
    case 'interrupted':
      return { command: 'resume', busy: false };
    case 'idle':
      return { command: isComplete(header) ? 'runAgain' : 'start', busy: false };
  }
}

const STOPPABLE: readonly RunState[] = ['running', 'pausing', 'paused', 'interrupted'];

const LOOKS: Partial<Record<CommandType, { readonly testId: string; readonly drawing: Drawing }>> = {
  start: { testId: 'action-start', drawing: DRAWINGS.play },
  pause: { testId: 'action-pause', drawing: DRAWINGS.pause },
  resume: { testId: 'action-resume', drawing: DRAWINGS.play },
  runAgain: { testId: 'action-run-again', drawing: DRAWINGS.again },
  stop: { testId: 'action-stop', drawing: DRAWINGS.stop },
};

export function actionButtons(state: PanelState, actions: Actions): TemplateResult | typeof nothing {
  const { header } = state;
  if (header === null) return nothing;
  const primary = primaryOf(header);
  const stop = STOPPABLE.includes(header.runState) && !header.planning;
  return html`<div class="buttons">
    ${button(state, actions, primary.command, 'primary', primary.busy)}
    ${stop ? button(state, actions, 'stop', 'secondary', false) : nothing}
  </div>`;
}

function button(
  state: PanelState,
  actions: Actions,
  command: CommandType,
  appearance: 'primary' | 'secondary',
  busy: boolean,
): TemplateResult {
  const look = LOOKS[command];
  return html`<dt-button
    appearance=${appearance}
    data-testid=${look?.testId ?? nothing}
    ?disabled=${busy || !canAct(state) || actions.pending(command)}
    @click=${() => actions.send(command)}
    >${busy ? icon(STATUS_DRAWINGS.running, 'spin') : look ? icon(look.drawing) : nothing}
    ${state.words.strings.command[command]}</dt-button
  >`;
}
