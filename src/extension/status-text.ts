/** What the status bar says of the tasks that move; undefined = nothing. */
import type { Coded } from '../core/model.ts';
import type { TaskSummary } from '../engine/api.ts';
import type { Translate } from './translate.ts';
import { percent, stateWord } from './tree/looks.ts';

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  /** The task a click opens. */
  readonly taskId: string;
}

interface Words {
  readonly t: Translate;
  readonly word: (coded: Coded) => string;
  readonly locale: string;
}

export function statusText(tasks: readonly TaskSummary[], words: Words): StatusText | undefined {
  const { t, locale } = words;
  const moving = tasks.filter(({ runState, planning, blocked }) => {
    return !blocked && (planning || runState === 'running' || runState === 'pausing' || runState === 'stopping');
  });
  const [first] = moving;
  if (!first) return undefined;
  const waits = moving.every(({ waitsForAdditions }) => waitsForAdditions);
  return {
    text: `$(${waits ? 'list-ordered' : 'sync~spin'}) DataTrace ${parts(moving, t, locale).join(' · ')}`,
    tooltip: moving.map((task) => tooltipLine(task, words)).join('\n'),
    taskId: first.id,
  };
}

function parts(moving: readonly TaskSummary[], t: Translate, locale: string): string[] {
  const units = moving.reduce((sum, task) => sum + task.units, 0);
  if (units === 0) return [t('planning')];
  // Weighted by units: a task of three tables does not outshout one of a thousand.
  const weighted = moving.reduce((sum, task) => sum + task.percent * task.units, 0);
  const running = moving.reduce((sum, task) => sum + task.counts.running, 0);
  const overall = percent(weighted / units, locale);
  const switching = moving.find(({ switchingTo, counts }) => switchingTo !== null && counts.running > 0);
  if (switching) return [overall, stateWord(switching, t)];
  if (moving.every(({ waitsForAdditions }) => waitsForAdditions)) return [overall, t('waiting for units in the queue')];
  return [overall, t('{count} running', { count: running })];
}

function tooltipLine(task: TaskSummary, { t, word, locale }: Words): string {
  const line = `${task.name}: ${percent(task.percent, locale)} · ${stateWord(task, t)}`;
  return task.managedBy ? `${line}\n${word(task.managedBy)}` : line;
}
