/** The one sentence said at the end of a run. */
import type { RunSummary } from '../engine/api.ts';
import type { Translate } from './translate.ts';

/** Names of units that did not end well, in plan order; only the first ones are said. */
export interface Unwell {
  readonly failed: readonly string[];
  /** They wait for a unit that failed or that is not part of the run. */
  readonly blocked: readonly string[];
}

/** As many names as fit into a notification. */
export const MOST_NAMES = 3;

export function runSentence(
  task: string,
  { counts, left, rejected, outcome }: RunSummary,
  unwell: Unwell,
  t: Translate,
): string {
  if (outcome === 'failed') return t('{task} could not start.', { task });
  const parts = [t('{count} completed', { count: counts.completed })];
  if (counts.failed > 0) {
    parts.push(withNames(t('{count} failed', { count: counts.failed }), unwell.failed, counts.failed));
  }
  const blocked = Math.min(left, unwell.blocked.length);
  if (blocked > 0) parts.push(withNames(t('{count} blocked', { count: blocked }), unwell.blocked, blocked));
  if (left > blocked) parts.push(t('{count} not executed', { count: left - blocked }));
  if (rejected === 1) parts.push(t('1 row rejected'));
  else if (rejected > 0) parts.push(t('{count} rows rejected', { count: rejected }));
  return `${task}: ${parts.join(', ')}`;
}

function withNames(words: string, names: readonly string[], count: number): string {
  if (names.length === 0) return words;
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return `${words} (${count > MOST_NAMES ? `${shown} ..` : shown})`;
}
