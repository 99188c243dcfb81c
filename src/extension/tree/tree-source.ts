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
  slot.onChange(() => {
    kept = undefined;
  });
  return {
    folders: () => folders.all(),
    list() {
      const now = performance.now();
      if (kept === undefined || now - kept.at > KEPT_MS) kept = { at: now, tasks: slot.current()?.list() ?? [] };
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
    queuedIds: (taskId) => new Set(slot.current()?.queue(taskId).unitIds ?? []),
    whyWaiting: (unitId) => slot.current()?.whyWaiting(unitId) ?? null,
  };
}
