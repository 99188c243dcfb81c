/** The one sentence said at the end of a run. */
import type { RunSummary } from '../engine/api.ts';
import type { Translate } from './translate.ts';

export function runSentence(task: string, { counts, outcome }: RunSummary, t: Translate): string {
  if (outcome === 'failed') return t('{task} could not start.', { task });
  const parts = [t('{count} completed', { count: counts.completed })];
  if (counts.failed > 0) parts.push(t('{count} failed', { count: counts.failed }));
  if (counts.pending + counts.paused > 0) {
    parts.push(t('{count} not executed', { count: counts.pending + counts.paused }));
  }
  return `${task}: ${parts.join(', ')}`;
}
