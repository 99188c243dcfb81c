/** What the status bar says of the tasks that move; undefined = nothing. */
import type { TaskSummary } from '../engine/api.ts';
import type { Translate } from './translate.ts';
import { percent } from './tree/tree-model.ts';

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  /** The task a click opens. */
  readonly taskId: string;
}

export function statusText(tasks: readonly TaskSummary[], t: Translate, locale: string): StatusText | undefined {
  const moving = tasks.filter(({ runState, planning, blocked }) => {
    return !blocked && (planning || runState === 'running' || runState === 'pausing' || runState === 'stopping');
  });
  const [first] = moving;
  if (!first) return undefined;
  const units = moving.reduce((sum, task) => sum + task.units, 0);
  // Weighted by units: a task of three tables does not outshout one of a thousand.
  const weighted = moving.reduce((sum, task) => sum + task.percent * task.units, 0);
  const running = moving.reduce((sum, task) => sum + task.counts.running, 0);
  const overall = percent(units === 0 ? 0 : weighted / units, locale);
  const parts = units === 0 ? [t('planning')] : [overall, t('{count} running', { count: running })];
  return {
    text: `$(sync~spin) DataTrace ${parts.join(' · ')}`,
    tooltip: moving.map((task) => `${task.name}: ${percent(task.percent, locale)}`).join('\n'),
    taskId: first.id,
  };
}
