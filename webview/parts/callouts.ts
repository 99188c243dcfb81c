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
    ${link(state, actions)} ${refusal(state, actions)} ${blocked(state)} ${switching(state)}
  </div>`;
}

/** Below the progress: what went wrong, and what else to know. */
export function callouts(state: PanelState, actions: Actions): TemplateResult {
  return html`<div class="callouts">${failures(state, actions)} ${notices(state, actions)}</div>`;
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
): TemplateResult {
  const [drawing, tone] = LOOKS[severity];
  return html`<div class="callout" data-severity=${severity} data-testid=${testId}>
    ${icon(drawing, tone)}
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

function blocked({ header, words }: PanelState): TemplateResult | typeof nothing {
  if (header === null || header.blocked === null) return nothing;
  return callout('blocked', 'warning', words.word(header.blocked));
}

function switching({ header, words: { strings, format } }: PanelState): TemplateResult | typeof nothing {
  if (header === null || header.switchingTo === null) return nothing;
  const { running } = header.counts;
  const title = strings.switching(strings.mode[header.switchingTo]);
  return callout('switching', 'warning', title, strings.switchingDetail(running, format.count(running)));
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
  return ['openConfig', 'openLog', 'showUnitDetails'].includes(command);
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
