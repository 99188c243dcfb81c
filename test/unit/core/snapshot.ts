/** All that a core holds in memory, as plain data that can be compared. */
import type { PositionSet } from '../../../src/core/position-set.ts';
import { type CoreState, createState, loadStore, type TaskState, type UnitEntry } from '../../../src/core/state.ts';

export function snapshotOf(state: CoreState) {
  return {
    maxRunningUnits: state.maxRunningUnits,
    running: state.running,
    ring: [...state.ring],
    owners: [...state.taskOfUnit].map(([unitId, task]) => [unitId, task.row.id]),
    tasks: [...state.tasks.values()].map(taskSnapshot),
  };
}

function taskSnapshot(task: TaskState) {
  const ids = (entries: Iterable<UnitEntry>) => Array.from(entries, ({ row }) => row.id);
  const sets = (record: Readonly<Record<string, PositionSet>>) =>
    Object.fromEntries(Object.entries(record).map(([name, set]) => [name, members(set)]));
  return {
    row: { ...task.row },
    run: task.run && { ...task.run },
    runNames: task.runNames && [...task.runNames].sort(),
    units: Object.fromEntries([...task.units].map(([id, entry]) => [id, { ...entry, row: { ...entry.row } }])),
    idByName: Object.fromEntries(task.idByName),
    children: Object.fromEntries([...task.children].map(([name, entries]) => [name, ids(entries).sort()])),
    nextUnit: task.nextUnit,
    order: ids(task.order),
    byStatus: sets(task.byStatus),
    runLists: sets(task.runLists),
    retries: [task.retries.count, ...ids(task.retries)],
    spent: members(task.spent),
    queue: [task.queue.count, ...ids(task.queue)],
    queueReady: [task.queueReady.count, ...ids(task.queueReady)],
    sums: { ...task.sums },
    failures: Object.fromEntries([...task.failures].map(([code, unitIds]) => [code, [...unitIds].sort()])),
  };
}

function members(set: PositionSet): { count: number; members: number[] } {
  const found: number[] = [];
  for (let at = set.next(0); at >= 0; at = set.next(at + 1)) found.push(at);
  return { count: set.count, members: found };
}

/** The same, of a core that has loaded the rows anew. What is no part of a store is taken over. */
export function reloadedSnapshotOf(state: CoreState) {
  const fresh = createState(state.maxRunningUnits);
  const tasks = [...state.tasks.values()];
  for (const store of new Set(tasks.map(({ row }) => row.store))) {
    const own = tasks.filter(({ row }) => row.store === store);
    const entries = own.flatMap(({ units }) => [...units.values()]);
    loadStore(fresh, store, {
      tasks: own.map(({ row }) => ({ ...row })),
      units: entries.map(({ row }) => ({ ...row })),
      runs: own.flatMap(({ run }) => (run ? [{ ...run }] : [])),
      queue: entries.flatMap(({ row, queueOrder, queuedAt }) =>
        queueOrder === null ? [] : [{ taskId: row.taskId, unitId: row.id, order: queueOrder, addedAt: queuedAt }],
      ),
    });
  }
  return snapshotOf(fresh);
}

/** Without what only the process knows, and without orders that mean nothing. */
export function stored(snapshot: ReturnType<typeof snapshotOf>) {
  const tasks = snapshot.tasks.map((task) => {
    const units = Object.entries(task.units).map(([id, { startProcessed, startBytes, queuedAt, ...rest }]) => {
      const { queueOrder, row } = rest;
      // Of a removed unit nobody asks for its parents, and of one that does not wait not since when.
      const openParents = row.removed ? 0 : rest.openParents;
      return [id, { ...rest, openParents, queuedAt: queueOrder === null ? 0 : queuedAt }];
    });
    return { ...task, units: Object.fromEntries(units) };
  });
  return { ...snapshot, ring: [...snapshot.ring].sort(), owners: [...snapshot.owners].sort(), tasks };
}
