/** The tasks of the window by their ids. */
import type { TaskId } from '../core/model.ts';
import type { TaskSummary } from '../engine/api.ts';
import type { EngineSlot } from './engine-slot.ts';

export interface Tasks {
  all(): readonly TaskSummary[];
  find(taskId: TaskId): TaskSummary | undefined;
  /** For people; the id of a task that is gone. */
  name(taskId: TaskId): string;
}

export function tasksOf(slot: Pick<EngineSlot, 'current'>): Tasks {
  const all = (): readonly TaskSummary[] => slot.current()?.list() ?? [];
  const find = (taskId: TaskId): TaskSummary | undefined => all().find(({ id }) => id === taskId);
  return { all, find, name: (taskId) => find(taskId)?.name ?? taskId };
}
