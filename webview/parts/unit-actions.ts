/** What can be done with the selected units: only what makes sense for some of them. */
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { CommandType } from '../../src/protocol/panel.ts';
import { type Actions, canAct, type PanelState } from '../state.ts';
import { hasRejectedRows, statusOf, type Units, waitsForRetry } from '../units.ts';

interface UnitAction {
  readonly command: CommandType;
  readonly testId: string;
  /** Whether it makes sense for this unit. */
  fits(units: Units, index: number, runs: boolean): boolean;
}

const ACTIONS: readonly UnitAction[] = [
  {
    command: 'retryFailed',
    testId: 'retry-unit',
    fits: (units, index, runs) => {
      const status = statusOf(units, index);
      // Paused while the task runs: it was aborted by itself.
      return status === 'failed' || (status === 'paused' && runs) || waitsForRetry(units, index);
    },
  },
  {
    command: 'retryRejected',
    testId: 'retry-rejected-rows',
    fits: (units, index) => hasRejectedRows(units, index),
  },
  { command: 'runAgain', testId: 'run-unit-again', fits: (units, index) => statusOf(units, index) === 'completed' },
  {
    command: 'restart',
    testId: 'restart-unit',
    fits: (units, index) => ['running', 'paused', 'failed'].includes(statusOf(units, index)),
  },
  { command: 'abort', testId: 'abort-unit', fits: (units, index) => statusOf(units, index) === 'running' },
  {
    command: 'syncNow',
    testId: 'sync-unit-now',
    fits: (units, index) => statusOf(units, index) === 'pending' && !waitsForRetry(units, index),
  },
];

export function unitActions(state: PanelState, actions: Actions): unknown {
  const { units, chosen, header, words } = state;
  if (units === null || header === null) return nothing;
  const { strings, format } = words;
  const runs = header.runState === 'running';
  return ACTIONS.map(({ command, testId, fits }): TemplateResult | typeof nothing => {
    const some = chosen.filter((index) => fits(units, index, runs));
    if (some.length === 0) return nothing;
    const verb = command === 'retryFailed' ? strings.retryOne : strings.command[command];
    const label = some.length === chosen.length ? verb : strings.some(verb, format.count(some.length));
    return html`<dt-button
      appearance="secondary"
      data-testid=${testId}
      ?disabled=${!canAct(state) || header.planning || actions.pending(command)}
      @click=${() => actions.send(command, { units: some })}
      >${label}</dt-button
    >`;
  });
}
