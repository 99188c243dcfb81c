/** What the store must hold, as text: memory after a commit, and memory loaded from what a crash left, side by side. */
import type { QueueRow, StoredState, UnitRow } from '../../src/core/model.ts';
import { type CoreState, createState, loadStore } from '../../src/core/state.ts';

/** Memory in the form in which a store gives it. */
export function storedOf(state: CoreState): StoredState {
  const tasks = [...state.tasks.values()];
  return {
    tasks: tasks.map(({ row }) => ({ ...row })),
    units: tasks.flatMap(({ units }) => [...units.values()].map(({ row }) => ({ ...row }))),
    runs: tasks.flatMap(({ run }) => (run ? [{ ...run }] : [])),
    queue: tasks.flatMap(({ row, units }) =>
      [...units.values()].flatMap((entry): QueueRow[] =>
        entry.queueOrder === null
          ? []
          : [{ taskId: row.id, unitId: entry.row.id, order: entry.queueOrder, addedAt: entry.queuedAt }],
      ),
    ),
  };
}

export function copyOf(state: CoreState): CoreState {
  const copy = createState(state.maxRunningUnits);
  const stored = storedOf(state);
  for (const store of new Set(stored.tasks.map((task) => task.store))) {
    const ofStore = new Set(stored.tasks.filter((task) => task.store === store).map(({ id }) => id));
    loadStore(copy, store, {
      tasks: stored.tasks.filter(({ id }) => ofStore.has(id)),
      units: stored.units.filter(({ taskId }) => ofStore.has(taskId)),
      runs: stored.runs.filter(({ taskId }) => ofStore.has(taskId)),
      queue: stored.queue.filter(({ taskId }) => ofStore.has(taskId)),
    });
  }
  return copy;
}

/** Equal texts are equal states. The progress of running units is left out: a crash may take the last half second of it. */
export function pictureOf(stored: StoredState): string {
  return JSON.stringify([
    byId(stored.tasks),
    byId(stored.units.map(withoutProgress)),
    byId(stored.runs),
    [...stored.queue].sort((a, b) => (a.unitId < b.unitId ? -1 : 1)).map(Object.entries),
  ]);
}

function withoutProgress(unit: UnitRow): object {
  if (unit.status !== 'running') return unit;
  const { processed: _p, bytes: _b, total: _t, updatedAt: _u, ...rest } = unit;
  return rest;
}

function byId(rows: readonly object[]): unknown[] {
  const id = (row: object): string => String((row as { readonly id: string }).id);
  return [...rows].sort((a, b) => (id(a) < id(b) ? -1 : 1)).map((row) => Object.entries(row).sort(byName));
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
