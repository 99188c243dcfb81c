/** How tasks, groups and units are worded and drawn, and what menus read of them. */
import { assertNever, type RunState, type UnitStatus } from '../../core/model.ts';
import type { TaskSummary } from '../../engine/api.ts';
import { formatNumber } from '../numbers.ts';
import type { Translate } from '../translate.ts';

/** What stands in one place under a task: units of a status, or those that wait in the queue. */
export type GroupName = UnitStatus | 'queue';

export interface Icon {
  readonly name: string;
  readonly color: string | null;
}

export function isDone(task: TaskSummary): boolean {
  return task.units > 0 && task.counts.completed === task.units;
}

/** Values that the manifest's `when` clauses read. */
export function taskContext(task: TaskSummary): string {
  const flags = [
    flag('failed', task.counts.failed > 0),
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

export function stateWord(task: TaskSummary, t: Translate): string {
  if (task.planning) return t('planning');
  if (task.switchingTo !== null && task.counts.running > 0) {
    const count = task.counts.running;
    return task.switchingTo === 'manual'
      ? t('switching to manual: {count} still running', { count })
      : t('switching to auto: {count} still running', { count });
  }
  switch (task.runState) {
    case 'running':
      return task.waitsForAdditions ? t('waiting for units in the queue') : t('running');
    case 'pausing':
      return t('pausing');
    case 'paused':
      return t('paused');
    case 'stopping':
      return t('stopping');
    case 'interrupted':
      return t('interrupted');
    case 'idle':
      return idleWord(task, t);
    default:
      return assertNever(task.runState);
  }
}

function idleWord(task: TaskSummary, t: Translate): string {
  if (task.outcome === 'failed') return t('could not start');
  if (isDone(task)) return t('completed');
  if (task.outcome === 'completed_with_errors') return t('completed with errors');
  if (task.units > 0 && task.percent > 0) return t('stopped');
  return t('ready');
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
      return isDone(task) ? { name: 'pass', color: 'charts.green' } : { name: 'database', color: null };
    default:
      return assertNever(task.runState);
  }
}

/** Whole numbers; below 1 and from 99 to 100 one decimal, so that it never shows 0 % of something or 100 % of less. */
export function percent(value: number, locale: string): string {
  const digits = (value > 0 && value < 1) || (value > 99 && value < 100) ? 1 : 0;
  const shown = digits === 1 ? Math.floor(value * 10) / 10 : Math.floor(value);
  return `${formatNumber(shown, locale, digits)}%`;
}
