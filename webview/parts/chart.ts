import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { TaskHeader } from '../../src/protocol/panel.ts';
import type { PanelState } from '../state.ts';

/** Samples shown: one a second. */
export const CHART_SAMPLES = 120;
const HEIGHT = 40;
/** Room for half of the line's width above the highest sample. */
const HEADROOM = 2;

/** The time shown grows with the run, so that its beginning is more than a sliver. Seconds. */
const SPANS = [30, 60, CHART_SAMPLES] as const;

/** Rows per second of up to two minutes as one line; nothing before there is a line to draw. */
export function chart({ samples, words }: PanelState, header: TaskHeader): TemplateResult | typeof nothing {
  if (samples.length < 2) return nothing;
  const { strings, format } = words;
  const now = header.runState === 'running' || header.runState === 'pausing' ? header.rowsPerSecond : 0;
  const highest = Math.max(...samples);
  const line = pathOf(samples, highest);
  const seconds = spanOf(samples);
  const start = seconds - samples.length;
  const span = strings.chartSpan(seconds);
  const speed = strings.rowsPerSecond(format.short(now));
  return html`<div class="chart" data-testid="chart" role="img" aria-label=${strings.chartLabel(span, format.short(now), format.short(highest))}>
    <svg viewBox="0 0 ${seconds - 1} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
      <path class="chart-area" d="${line}V${HEIGHT}H${start}Z" />
      <path class="chart-line" d=${line} />
    </svg>
    <div class="chart-caption" aria-hidden="true">
      <span><bdi dir="ltr">${speed}</bdi>${header.bytesPerSecond > 0 && now > 0 ? html` · <bdi dir="ltr">${format.bytes(header.bytesPerSecond)}/s</bdi>` : nothing}</span>
      <span class="muted">${span}</span>
    </div>
  </div>`;
}

function spanOf(samples: readonly number[]): number {
  return SPANS.find((span) => samples.length <= span) ?? CHART_SAMPLES;
}

let drawn: { readonly samples: readonly number[]; readonly path: string } | undefined;

/** A new sample comes once a second, a frame ten times. */
function pathOf(samples: readonly number[], highest: number): string {
  if (drawn?.samples !== samples) drawn = { samples, path: linePath(samples, highest) };
  return drawn.path;
}

function linePath(samples: readonly number[], highest: number): string {
  const start = spanOf(samples) - samples.length;
  const scale = highest > 0 ? (HEIGHT - HEADROOM) / highest : 0;
  const points = samples.map((sample, at) => `${start + at} ${(HEIGHT - sample * scale).toFixed(1)}`);
  return `M${points.join('L')}`;
}
