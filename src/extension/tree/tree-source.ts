import type { TaskId, UnitId } from '../../core/model.ts';
import type { TaskSummary } from '../../engine/api.ts';
import type { EngineSlot } from '../engine-slot.ts';
import type { Folders } from '../folders.ts';
import type { TreeSource } from './tree-model.ts';

const NOTHING: ReadonlySet<string> = new Set();

/** Rows of one drawing ask for the same list again and again; ms. */
const KEPT_MS = 50;

/** The engine and the folders of the window as the tree reads them. */
export function treeSource(slot: EngineSlot, folders: Folders): TreeSource {
  let kept: { readonly at: number; readonly tasks: readonly TaskSummary[] } | undefined;
  const queued = new Map<TaskId, ReadonlySet<UnitId>>();
  slot.onChange(() => {
    kept = undefined;
    queued.clear();
  });
  return {
    folders: () => folders.all(),
    list() {
      const now = performance.now();
      if (kept === undefined || now - kept.at > KEPT_MS) {
        kept = { at: now, tasks: slot.current()?.list() ?? [] };
        queued.clear();
      }
      return kept.tasks;
    },
    units: (taskId, status, afterPlanOrder, limit) =>
      slot.current()?.units(taskId, status, afterPlanOrder, limit) ?? { units: [], more: false },
    queue(taskId, limit) {
      const manager = slot.current();
      const indexes = manager?.delta(taskId, NOTHING, true).queue ?? [];
      const units = indexes.slice(0, limit).flatMap((index) => manager?.unitAt(taskId, index) ?? []);
      return { units, more: indexes.length > limit };
    },
    queuedIds(taskId) {
      const ids = queued.get(taskId) ?? new Set(slot.current()?.queue(taskId).unitIds ?? []);
      queued.set(taskId, ids);
      return ids;
    },
    whyWaiting: (unitId) => slot.current()?.whyWaiting(unitId) ?? null,
  };
}
