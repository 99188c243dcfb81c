/** How tasks, groups and units are worded and drawn, and what menus read of them. */
import { assertNever, type Coded, type RunState, type UnitRow, type UnitStatus } from '../../core/model.ts';
import type { TaskSummary } from '../../engine/api.ts';
import { standingOf, standingWord } from '../../wording/standing.ts';
import type { Translate } from '../translate.ts';

/** What stands in one place under a task: units of a status, or those that wait in the queue. */
export type GroupName = UnitStatus | 'queue';

export interface Icon {
  readonly name: string;
  readonly color: string | null;
}

export interface StateWords {
  readonly t: Translate;
  readonly word: (coded: Coded) => string;
}

export function isDone(task: TaskSummary): boolean {
  return task.units > 0 && task.counts.completed === task.units;
}

/** Values that the manifest's `when` clauses read. */
export function taskContext(task: TaskSummary): string {
  const flags = [
    flag('failed', task.counts.failed > 0),
    flag('rejected', task.rejected > 0),
    flag('manual', task.mode === 'manual'),
    flag('queued', task.queued > 0),
    flag('managed', task.managedBy !== null),
  ];
  return `task.${contextState(task)}${flags.join('')}`;
}

export function flag(name: string, isSet: boolean): string {
  return isSet ? `+${name}` : '';
}

function contextState(task: TaskSummary): RunState | 'blocked' | 'removed' | 'planning' | 'done' {
  if (task.blocked) return 'blocked';
  if (task.definitionRemoved && task.runState === 'idle') return 'removed';
  if (task.planning) return 'planning';
  if (task.runState === 'idle' && isDone(task)) return 'done';
  return task.runState;
}

/** Whether something can be done with its units. */
export function usable(task: TaskSummary | undefined): boolean {
  return task !== undefined && !task.blocked && !task.definitionRemoved;
}

export function stateWord(task: TaskSummary, { t, word }: StateWords): string {
  const { running: count } = task.counts;
  if (task.planning || task.switchingTo === null || count === 0) return word(standingWord(standingOf(task)));
  return task.switchingTo === 'manual'
    ? t('switching to manual: {count} still running', { count })
    : t('switching to auto: {count} still running', { count });
}

/** In manual mode what is not in the queue is there to be added. */
export function groupWord(group: GroupName, task: TaskSummary | undefined, t: Translate): string {
  if (group === 'queue') return task?.mode === 'manual' ? t('Queue') : t('Next');
  return group === 'pending' && task?.mode === 'manual' ? t('Available') : statusWord(group, t);
}

export function groupIcon(group: GroupName): Icon {
  return group === 'queue' ? { name: 'list-ordered', color: 'charts.blue' } : statusIcon(group);
}

export function statusWord(status: UnitStatus, t: Translate): string {
  switch (status) {
    case 'pending':
      return t('Pending');
    case 'running':
      return t('Running');
    case 'completed':
      return t('Completed');
    case 'failed':
      return t('Failed');
    case 'paused':
      return t('Paused');
    default:
      return assertNever(status);
  }
}

/** Completed, though the target lacks rows that it refused. */
const REJECTED: Icon = { name: 'warning', color: 'charts.yellow' };

export function unitIcon({ nextRetryAt, rejected }: Readonly<UnitRow>, group: GroupName): Icon {
  if (nextRetryAt !== null) return { name: 'watch', color: 'charts.yellow' };
  return group === 'completed' && rejected > 0 ? REJECTED : groupIcon(group);
}

/** Shapes differ, not only colours. */
export function statusIcon(status: UnitStatus): Icon {
  switch (status) {
    case 'pending':
      return { name: 'circle-outline', color: null };
    case 'running':
      return { name: 'sync', color: 'charts.blue' };
    case 'completed':
      return { name: 'pass', color: 'charts.green' };
    case 'failed':
      return { name: 'error', color: 'charts.red' };
    case 'paused':
      return { name: 'debug-pause', color: 'charts.yellow' };
    default:
      return assertNever(status);
  }
}

export function taskIcon(task: TaskSummary): Icon {
  if (task.blocked) return { name: 'lock', color: null };
  if (task.planning) return { name: 'loading~spin', color: null };
  switch (task.runState) {
    case 'running':
      return { name: task.waitsForAdditions ? 'list-ordered' : 'sync~spin', color: 'charts.blue' };
    case 'pausing':
    case 'stopping':
      return { name: 'loading~spin', color: null };
    case 'paused':
      return { name: 'debug-pause', color: 'charts.yellow' };
    case 'interrupted':
      return { name: 'warning', color: 'charts.yellow' };
    case 'idle':
      if (task.counts.failed > 0 || task.outcome === 'failed') return { name: 'error', color: 'charts.red' };
      if (!isDone(task)) return { name: 'database', color: null };
      return task.rejected > 0 ? REJECTED : statusIcon('completed');
    default:
      return assertNever(task.runState);
  }
}
