import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { TaskHeader } from '../../src/protocol/panel.ts';
import { STATUS_ORDER } from '../../src/protocol/panel.ts';
import { type Standing, standingOf } from '../../src/wording/standing.ts';
import { cssValues } from '../css-values.ts';
import { rough } from '../format.ts';
import { DRAWINGS, type Drawing, icon, STATUS_DRAWINGS } from '../icons.ts';
import { type Actions, canAct, type PanelState } from '../state.ts';
import { chart } from './chart.ts';

/** Is it fine, how far, when done: the first thing to see. */
export function overview(state: PanelState, actions: Actions): TemplateResult | typeof nothing {
  const { header, words } = state;
  if (header === null || header.units === 0) return nothing;
  const { strings, format } = words;
  return html`<section class="overview">
    <div class="progress">
      <div class="big">
        <span class="percent"><bdi dir="ltr">${format.percent(header.percent)}</bdi></span>
        <span class="by muted">${header.percentBy === 'rows' ? strings.byRows : strings.byUnits}</span>
        ${taskState(state)}
        <span class="units">${strings.unitsOf(format.count(header.counts.completed), format.count(header.units))}</span>
        <span class="time muted" data-testid="time">${time(state, header)}</span>
      </div>
      ${overallBar(state, header)}
      <div class="note muted">
        <span class="note-part">${rows(state, header)}</span>
        ${slowSide(state, header)} ${queued(state, header)}
        <span class="note-part">${stepper(state, header, actions)}</span>
        ${stale(state)}
      </div>
    </div>
    ${chart(state, header)}
  </section>`;
}

/** The state in words with its shape; tests and styles read `data-state`. */
export function taskState(state: PanelState): TemplateResult | typeof nothing {
  const { header } = state;
  if (header === null) return nothing;
  const standing = standingOf(header);
  const [drawing, tone] = LOOKS[standing];
  return html`<span class="state" data-testid="task-state" data-state=${header.runState} data-outcome=${header.outcome ?? ''}
    >${icon(drawing, tone)}<span>${state.words.standing(standing)}</span></span
  >`;
}

const LOOKS: Readonly<Record<Standing, readonly [Drawing, string]>> = {
  planning: [STATUS_DRAWINGS.running, 'run spin'],
  running: [STATUS_DRAWINGS.running, 'run spin'],
  waitsForUnits: [STATUS_DRAWINGS.paused, 'warn'],
  pausing: [STATUS_DRAWINGS.running, 'warn spin'],
  stopping: [STATUS_DRAWINGS.running, 'warn spin'],
  paused: [STATUS_DRAWINGS.paused, 'warn'],
  interrupted: [DRAWINGS.warning, 'warn'],
  ready: [STATUS_DRAWINGS.pending, 'muted'],
  stopped: [DRAWINGS.stop, 'muted'],
  completed: [STATUS_DRAWINGS.completed, 'ok'],
  completedWithErrors: [DRAWINGS.warning, 'warn'],
  couldNotStart: [STATUS_DRAWINGS.failed, 'bad'],
};

/** Time left while units run; how long the last run took while what it did is there. */
function time({ words: { strings, format } }: PanelState, header: TaskHeader): string {
  const { runState, startedAt, endedAt } = header;
  if (runState === 'running') {
    if (header.waitsForAdditions) return '';
    if (header.timeLeftMs !== null) return strings.timeLeft(rough(header.timeLeftMs));
    return header.estimating && header.counts.running > 0 ? strings.estimating : '';
  }
  const standing = standingOf(header);
  if (standing !== 'completed' && standing !== 'completedWithErrors') return '';
  return startedAt !== null && endedAt !== null && endedAt > startedAt
    ? strings.took(format.duration(endedAt - startedAt))
    : '';
}

function slowSide({ words: { strings } }: PanelState, header: TaskHeader): TemplateResult | typeof nothing {
  const { slowSide: side, runState, counts } = header;
  // Nothing is slow while nothing runs.
  if (side === null || runState !== 'running' || counts.running === 0) return nothing;
  return html`<span class="note-part" data-testid="slow-side">${strings.slowSide[side]}</span>`;
}

function rows({ words: { strings, format } }: PanelState, header: TaskHeader): string {
  const done = format.count(header.rowsProcessed);
  const moved = header.bytesProcessed > 0 ? ` (${format.bytes(header.bytesProcessed)})` : '';
  return (
    (header.rowsTotal === null
      ? strings.rows(header.rowsProcessed, done)
      : strings.rowsOf(done, format.count(header.rowsTotal))) + moved
  );
}

/** Stacked by status. Its value is told to assistive technology once a second only. */
function overallBar(state: PanelState, header: TaskHeader): TemplateResult {
  const shares = sharesOf(state, header);
  return html`<div
    class="overall"
    role="progressbar"
    data-testid="overall-bar"
    data-percent=${Math.floor(header.percent)}
    aria-label=${state.words.strings.progressLabel}
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${state.spoken.percent}
    aria-valuetext=${state.spoken.text}
  >
    ${shares.map(
      ([status, share]) =>
        html`<i data-status=${status} ?hidden=${share <= 0} ${cssValues({ width: `${(share * 100).toFixed(2)}%` })}></i>`,
    )}
  </div>`;
}

/** By rows where all totals are known, so that the filled part is the percentage above it. */
function sharesOf(state: PanelState, header: TaskHeader): readonly (readonly [string, number])[] {
  const rowsBy = state.units?.rowsByStatus;
  const byRows = header.percentBy === 'rows' && header.rowsTotal !== null && header.rowsTotal > 0;
  return (['completed', 'running', 'paused', 'failed', 'pending'] as const).map((status) => {
    if (byRows) return [status, (rowsBy?.[STATUS_ORDER.indexOf(status)] ?? 0) / (header.rowsTotal ?? 1)];
    return [status, status === 'pending' ? 0 : header.counts[status] / header.units];
  });
}

function stepper(state: PanelState, header: TaskHeader, actions: Actions): TemplateResult {
  const { strings, format } = state.words;
  const value = state.wantedConcurrency ?? header.concurrency;
  const able = canAct(state);
  const set = (next: number) => () => actions.setConcurrency(next);
  return html`<span class="stepper" role="group" aria-label=${strings.atMost}
    >${header.runState === 'running' ? strings.running(format.count(header.counts.running)) : strings.atMost}
    <button class="step" data-testid="concurrency-less" aria-label=${strings.fewer} title=${strings.fewer} ?disabled=${!able || value <= 1} @click=${set(value - 1)}>
      ${icon(DRAWINGS.minus)}</button
    ><bdi dir="ltr" class="step-value" data-testid="concurrency">${format.count(value)}</bdi
    ><button class="step" data-testid="concurrency-more" aria-label=${strings.moreUnits} title=${strings.moreUnits} ?disabled=${!able || value >= MAX_CONCURRENCY} @click=${set(value + 1)}>
      ${icon(DRAWINGS.plus)}
    </button></span
  >`;
}

function queued(
  { words: { strings, format }, places }: PanelState,
  header: TaskHeader,
): TemplateResult | typeof nothing {
  if (header.mode !== 'manual' || places === null) return nothing;
  return html`<span class="note-part" data-testid="queued">${strings.queued(format.count(places.queue.length))}</span>`;
}

/** As the configuration's schema allows. */
const MAX_CONCURRENCY = 64;
const STALE_AFTER_S = 5;

function stale(state: PanelState): TemplateResult | typeof nothing {
  const { header, silentForS, link, words } = state;
  if (header?.runState !== 'running' || link.kind !== 'live' || silentForS < STALE_AFTER_S) return nothing;
  return html`<span class="note-part stale" data-testid="stale"
    >${icon(DRAWINGS.warning, 'warn')}${words.strings.stale(words.format.count(silentForS))}</span
  >`;
}
