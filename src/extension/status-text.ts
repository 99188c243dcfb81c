/** What the status bar says of the tasks that move; undefined = nothing. */
import type { Coded } from '../core/model.ts';
import type { TaskSummary } from '../engine/api.ts';
import { percentText } from '../wording/percent.ts';
import { standingWord } from '../wording/standing.ts';
import type { Translate } from './translate.ts';
import { stateWord } from './tree/looks.ts';

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
  const moving = tasks.filter(({ runState, planning, blocked }) => {
    return !blocked && (planning || runState === 'running' || runState === 'pausing' || runState === 'stopping');
  });
  const [first] = moving;
  if (!first) return undefined;
  const waits = moving.every(({ waitsForAdditions }) => waitsForAdditions);
  return {
    text: `$(${waits ? 'list-ordered' : 'sync~spin'}) DataTrace ${parts(moving, words).join(' · ')}`,
    tooltip: moving.map((task) => tooltipLine(task, words)).join('\n'),
    taskId: first.id,
  };
}

function parts(moving: readonly TaskSummary[], words: Words): string[] {
  const { t, word, locale } = words;
  const units = moving.reduce((sum, task) => sum + task.units, 0);
  if (units === 0) return [word(standingWord('planning'))];
  // Weighted by units: a task of three tables does not outshout one of a thousand.
  const weighted = moving.reduce((sum, task) => sum + task.percent * task.units, 0);
  const running = moving.reduce((sum, task) => sum + task.counts.running, 0);
  const overall = percentText(weighted / units, locale);
  const switching = moving.find(({ switchingTo, counts }) => switchingTo !== null && counts.running > 0);
  if (switching) return [overall, stateWord(switching, words)];
  if (moving.every(({ waitsForAdditions }) => waitsForAdditions)) return [overall, word(standingWord('waitsForUnits'))];
  return [overall, t('{count} running', { count: running })];
}

function tooltipLine(task: TaskSummary, words: Words): string {
  const line = `${task.name}: ${percentText(task.percent, words.locale)} · ${stateWord(task, words)}`;
  return task.managedBy ? `${line}\n${words.word(task.managedBy)}` : line;
}
