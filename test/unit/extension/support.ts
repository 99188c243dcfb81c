/** Tasks and units as the engine shows them, with only what a test cares about. */
import { type Coded, NO_PARENTS, UNSTARTED, type UnitRow, type UnitStatus } from '../../../src/core/model.ts';
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
    after: NO_PARENTS,
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
    rejected: 0,
    mode: 'auto',
    switchingTo: null,
    queued: 0,
    waitsForAdditions: false,
    blocked: null,
    managedBy: null,
    definitionRemoved: false,
    ...set,
  };
}

interface ShownTask {
  readonly summary: TaskSummary;
  readonly units: readonly UnitRow[];
  /** Names, in the order of the queue. */
  readonly queue?: readonly string[];
  /** Why units wait, by their names. */
  readonly waits?: Readonly<Record<string, Coded>>;
}

export function sourceOf(tasks: readonly ShownTask[], folders = [{ key: 'folder', name: 'Shop' }]): TreeSource {
  const find = (taskId: string) => tasks.find(({ summary }) => summary.id === taskId);
  const queueOf = (taskId: string) => {
    const task = find(taskId);
    return (task?.queue ?? []).flatMap((name) => task?.units.filter((unit) => unit.name === name) ?? []);
  };
  return {
    folders: () => folders,
    list: () => tasks.map(({ summary }) => summary),
    units(taskId, status, after, limit) {
      const units = (find(taskId)?.units ?? []).map((unit, planOrder) => Object.assign(unit, { planOrder }));
      const fitting = units.filter((unit) => unit.planOrder > after && (status === null || unit.status === status));
      return { units: fitting.slice(0, limit), more: fitting.length > limit };
    },
    queue(taskId, limit) {
      const units = queueOf(taskId);
      return { units: units.slice(0, limit), more: units.length > limit };
    },
    queuedIds: (taskId) => new Set(queueOf(taskId).map(({ id }) => id)),
    whyWaiting(unitId) {
      const task = tasks.find(({ units }) => units.some(({ id }) => id === unitId));
      return task?.waits?.[unitId.replace(/^id-/, '')] ?? null;
    },
  };
}
