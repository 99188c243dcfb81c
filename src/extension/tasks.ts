/** The tasks of the window by their ids, and how people tell them apart. */
import type { TaskId } from '../core/model.ts';
import type { TaskSummary } from '../engine/api.ts';
import type { EngineSlot } from './engine-slot.ts';

export interface Tasks {
  all(): readonly TaskSummary[];
  find(taskId: TaskId): TaskSummary | undefined;
  /** As its file names it; the id of a task that is gone. */
  name(taskId: TaskId): string;
  /** As people tell it apart: with its folder when another folder has a task of this name. */
  title(taskId: TaskId): string;
}

/** @param folderName of a folder's key; undefined = not open */
export function tasksOf(
  slot: Pick<EngineSlot, 'current'>,
  folderName: (key: string) => string | undefined = () => undefined,
): Tasks {
  const all = (): readonly TaskSummary[] => slot.current()?.list() ?? [];
  const find = (taskId: TaskId): TaskSummary | undefined => all().find(({ id }) => id === taskId);
  return {
    all,
    find,
    name: (taskId) => find(taskId)?.name ?? taskId,
    title(taskId) {
      const task = find(taskId);
      if (!task) return taskId;
      const isAmbiguous = all().some(({ id, name }) => id !== taskId && name === task.name);
      return isAmbiguous ? `${task.name} (${folderName(task.folder) ?? task.folder})` : task.name;
    },
  };
}
