/** What people should know about a task beyond its figures, in the order of importance. */
import type { TaskConfig } from '../config/model.ts';
import { scheduleNotice } from '../config/unsupported.ts';
import type { Coded, TaskRow } from '../core/model.ts';
import type { Notice } from '../protocol/panel.ts';
import type { FolderSession } from './folder-session.ts';
import type { KnownTask } from './known-tasks.ts';

/** Whether something differs that does not take effect at once (config.md, rules). */
function changeWaits(running: TaskConfig, now: TaskConfig): boolean {
  return running !== now && atNextStart(running) !== atNextStart(now);
}

function atNextStart(task: TaskConfig): string {
  const { concurrency, onError, description, resumeOnStart, settings, ...rest } = task;
  const { limits, retry, ...copying } = settings;
  return JSON.stringify([rest, copying], (_key, value) => (value instanceof Map ? Object.fromEntries(value) : value));
}

export function noticesOf(about: {
  readonly task: KnownTask;
  readonly row: Readonly<TaskRow> | undefined;
  /** The definition that the running task works with. */
  readonly running: TaskConfig | undefined;
  readonly startError: Coded | undefined;
  readonly folder: FolderSession;
}): Notice[] {
  const { task, row, folder } = about;
  const notices: Notice[] = [];
  if (about.startError) notices.push({ severity: 'error', text: about.startError, action: null });
  for (const text of folder.notices()) notices.push({ severity: 'warning', text, action: null });
  if (row?.reason) notices.push({ severity: 'info', text: row.reason, action: null });
  if (task.config === null) {
    notices.push({
      severity: 'warning',
      text: { code: 'task.removed', args: { task: task.name } },
      action: 'openConfig',
    });
  }
  const { problems } = folder.folder.definitions.current();
  if (problems > 0) {
    notices.push({
      severity: 'warning',
      text: { code: 'config.bad', args: { count: problems } },
      action: 'openConfig',
    });
  }
  if (about.running && task.config && changeWaits(about.running, task.config)) {
    notices.push({ severity: 'info', text: { code: 'task.changeWaiting', args: {} }, action: null });
  }
  const schedules = task.model && scheduleNotice(task.model);
  if (schedules) notices.push({ severity: 'info', text: schedules, action: null });
  return notices;
}
