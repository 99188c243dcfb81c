import type { TaskSummary } from '../../engine/api.ts';
import type { EngineSlot } from '../engine-slot.ts';
import type { Folders } from '../folders.ts';
import type { TreeSource } from './tree-model.ts';

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
  };
}
