/** Tasks and units as the engine shows them, with only what a test cares about. */
import { type Coded, UNSTARTED, type UnitRow, type UnitStatus } from '../../../src/core/model.ts';
import type { TaskSummary } from '../../../src/engine/api.ts';
import { english } from '../../../src/extension/translate.ts';
import type { TreeSource } from '../../../src/extension/tree/tree-model.ts';
import { word } from '../../../src/wording/word.ts';

export const words = { t: english, word: (coded: Coded) => word(coded, 'en'), locale: 'en' };

export function unitRow(name: string, status: UnitStatus, set: Partial<UnitRow> = {}): UnitRow {
  return {
    id: `id-${name}`,
    taskId: 'task',
    name,
    type: 'table',
    planOrder: 0,
    status,
    total: 100,
    resume: 'row',
    ...UNSTARTED,
    updatedAt: 0,
    ...set,
  };
}

export function taskSummary(units: readonly UnitRow[], set: Partial<TaskSummary> = {}): TaskSummary {
  const count = (status: UnitStatus): number => units.filter((unit) => unit.status === status).length;
  return {
    id: 'task',
    folder: 'folder',
    name: 'shop-copy',
    description: '',
    runState: 'idle',
    outcome: null,
    planning: false,
    counts: {
      pending: count('pending'),
      running: count('running'),
      completed: count('completed'),
      failed: count('failed'),
      paused: count('paused'),
    },
    units: units.length,
    percent: 0,
    blocked: null,
    definitionRemoved: false,
    ...set,
  };
}

export function sourceOf(
  tasks: readonly { readonly summary: TaskSummary; readonly units: readonly UnitRow[] }[],
  folders = [{ key: 'folder', name: 'Shop' }],
): TreeSource {
  return {
    folders: () => folders,
    list: () => tasks.map(({ summary }) => summary),
    units(taskId, status, _after, limit) {
      const units = tasks.find(({ summary }) => summary.id === taskId)?.units ?? [];
      const fitting = units.filter((unit) => status === null || unit.status === status);
      return { units: fitting.slice(0, limit), more: fitting.length > limit };
    },
  };
}
