/** What people should know about a task beyond its figures, in the order of importance. */
import { scheduleNotice } from '../config/unsupported.ts';
import type { Coded, TaskRow } from '../core/model.ts';
import type { Notice } from '../protocol/panel.ts';
import type { FolderSession } from './folder-session.ts';
import type { KnownTask } from './known-tasks.ts';
import { defined } from './known-tasks.ts';

export function noticesOf(about: {
  readonly task: KnownTask;
  readonly row: Readonly<TaskRow> | undefined;
  /** Hash of the definition that the running task works with. */
  readonly runtimeHash: string | undefined;
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
  const definition = defined(task);
  if (about.runtimeHash !== undefined && definition && definition.configHash !== about.runtimeHash) {
    notices.push({ severity: 'info', text: { code: 'task.changeWaiting', args: {} }, action: null });
  }
  const schedules = task.model && scheduleNotice(task.model);
  if (schedules) notices.push({ severity: 'info', text: schedules, action: null });
  return notices;
}
