/** What a person should know before reading the list, most important first. */
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { Notice } from '../../src/protocol/panel.ts';
import { DRAWINGS, type Drawing, icon, STATUS_DRAWINGS } from '../icons.ts';
import { type Actions, canAct, type PanelState } from '../state.ts';
import { primaryOf } from './actions.ts';

/** Causes named one by one; the rest is counted. */
const CAUSES_SHOWN = 3;

/** Above the progress: what keeps the figures below, or the buttons, from being true. */
export function alerts(state: PanelState, actions: Actions): TemplateResult {
  return html`<div class="callouts">
    ${link(state, actions)} ${refusal(state, actions)} ${unanswered(state, actions)} ${managed(state, actions)}
    ${blocked(state)} ${switching(state, actions)}
  </div>`;
}

/** Below the progress: what went wrong, and what else to know. */
export function callouts(state: PanelState, actions: Actions): TemplateResult {
  return html`<div class="callouts">${failures(state, actions)} ${rejected(state, actions)} ${notices(state, actions)}</div>`;
}

type Severity = Notice['severity'];

const LOOKS: Readonly<Record<Severity, readonly [Drawing, string]>> = {
  info: [DRAWINGS.info, 'run'],
  warning: [DRAWINGS.warning, 'warn'],
  error: [DRAWINGS.error, 'bad'],
};

function callout(
  testId: string,
  severity: Severity,
  title: string,
  detail: unknown = nothing,
  buttons: unknown = nothing,
  shape?: Drawing,
): TemplateResult {
  const [drawing, tone] = LOOKS[severity];
  return html`<div class="callout" data-severity=${severity} data-testid=${testId}>
    ${icon(shape ?? drawing, tone)}
    <p class="callout-text"><strong>${title}</strong> <span>${detail}</span></p>
    ${buttons === nothing ? nothing : html`<div class="buttons">${buttons}</div>`}
  </div>`;
}

function secondary(testId: string, label: string, disabled: boolean, run: () => void): TemplateResult {
  return html`<dt-button appearance="secondary" data-testid=${testId} ?disabled=${disabled} @click=${run}>${label}</dt-button>`;
}

function link({ link, words: { strings, format } }: PanelState, actions: Actions): TemplateResult | typeof nothing {
  if (link.kind === 'mismatch') return callout('version-mismatch', 'error', strings.mismatch);
  if (link.kind !== 'lost') return nothing;
  const again = secondary('action-try-now', strings.tryNow, false, () => actions.tryNow());
  return callout('connection-lost', 'error', strings.lost, strings.lostDetail(format.count(link.retryInS)), again);
}

function refusal({ refusal, words }: PanelState, actions: Actions): TemplateResult | typeof nothing {
  if (refusal === null) return nothing;
  const { strings } = words;
  const title = strings.refused(strings.command[refusal.command]);
  const detail = refusal.message === null ? nothing : words.word(refusal.message);
  const dismiss = secondary('dismiss-refusal', strings.dismiss, false, () => actions.dismissRefusal());
  return callout('refusal', 'warning', title, detail, dismiss);
}

function unanswered({ unanswered, words: { strings } }: PanelState, actions: Actions): TemplateResult | typeof nothing {
  if (unanswered === null) return nothing;
  const title = strings.unanswered(strings.command[unanswered]);
  const dismiss = secondary('dismiss-unanswered', strings.dismiss, false, () => actions.dismissRefusal());
  return callout('unanswered', 'warning', title, strings.unansweredDetail, dismiss);
}

/** Who manages the task; commands go through it, or a person takes over. */
function managed(state: PanelState, actions: Actions): TemplateResult | typeof nothing {
  const { header, words, link } = state;
  if (header === null || header.managedBy === null) return nothing;
  const able = link.kind === 'live' && !actions.pending('takeOver');
  const take = secondary('action-take-over', words.strings.command.takeOver, !able, () => actions.send('takeOver'));
  return callout('managed', 'info', '', words.word(header.managedBy), take);
}

function blocked({ header, words }: PanelState): TemplateResult | typeof nothing {
  if (header === null || header.blocked === null) return nothing;
  return callout('blocked', 'warning', words.word(header.blocked));
}

function switching(state: PanelState, actions: Actions): TemplateResult | typeof nothing {
  const { header, words, filter } = state;
  if (header === null || header.switchingTo === null) return nothing;
  const { strings, format } = words;
  const { running } = header.counts;
  const title = strings.switching(strings.mode[header.switchingTo], running, format.count(running));
  // In manual mode they stand above the queue already.
  const show = header.mode === 'auto' && running > 0 && filter.status !== 'running';
  const able = canAct(state) && !actions.pending('setMode');
  const buttons = html`
    ${show ? secondary('action-show-running', strings.showRunning(format.count(running)), false, () => actions.filterStatus('running')) : nothing}
    ${secondary('action-cancel-switch', strings.cancelSwitch, !able, () => actions.setMode(header.mode))}
  `;
  return callout(
    'switching',
    'warning',
    title,
    strings.switchingDetail[header.switchingTo],
    buttons,
    DRAWINGS.switching,
  );
}

function notices(state: PanelState, actions: Actions): unknown {
  const { header, words } = state;
  if (header === null) return nothing;
  const primary = primaryOf(header);
  return header.notices.map((notice) => {
    const { action } = notice;
    // The same button already stands in the header.
    const offered = action === null || action === primary.command ? null : action;
    const button =
      offered === null
        ? nothing
        : secondary(`notice-${offered}`, words.strings.command[offered], !canAct(state) && !isLook(offered), () =>
            actions.send(offered),
          );
    return callout('notice', notice.severity, '', words.word(notice.text), button);
  });
}

/** Commands that only show something: possible even when the task cannot be acted on. */
function isLook(command: string): boolean {
  return ['openConfig', 'openLog', 'showUnitDetails', 'openRejected'].includes(command);
}

/** Rows that are missing in the target, though their units are completed. */
function rejected(state: PanelState, actions: Actions): TemplateResult | typeof nothing {
  const { header, words } = state;
  if (header === null || header.rejected === 0) return nothing;
  const { strings, format } = words;
  const able = canAct(state) && !actions.pending('retryRejected') && !header.planning;
  const buttons = html`
    ${secondary('action-open-rejected', strings.command.openRejected, false, () => actions.send('openRejected'))}
    ${secondary('action-retry-rejected', strings.command.retryRejected, !able, () => actions.send('retryRejected'))}
  `;
  return callout(
    'rejected',
    'warning',
    strings.rejected(header.rejected, format.count(header.rejected)),
    nothing,
    buttons,
  );
}

/** Failures grouped by cause. */
function failures(state: PanelState, actions: Actions): TemplateResult | typeof nothing {
  const { header, words } = state;
  const failed = header?.counts.failed ?? 0;
  if (header === null || failed === 0) return nothing;
  const { strings, format } = words;
  const named = header.failures.slice(0, CAUSES_SHOWN);
  const causes = named.map((group) => strings.cause(words.word(group.cause), format.count(group.count)));
  const more = header.failures.length - named.length;
  if (more > 0) causes.push(strings.moreCauses(more, format.count(more)));
  const showing = state.filter.status === 'failed';
  const able = canAct(state) && !actions.pending('retryFailed') && !header.planning;
  const buttons = html`
    ${showing ? nothing : secondary('action-show-failed', strings.show, false, () => actions.filterStatus('failed'))}
    ${secondary('action-retry-failed', strings.retryCount(format.count(failed)), !able, () => actions.send('retryFailed'))}
  `;
  return html`<div class="callout" data-severity="error" data-testid="failures">
    ${icon(STATUS_DRAWINGS.failed, 'bad')}
    <p class="callout-text"><strong>${strings.failed(failed, format.count(failed))}</strong> <span>${causes.join(' · ')}</span></p>
    <div class="buttons">${buttons}</div>
  </div>`;
}
