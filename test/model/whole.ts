/** Memory as a whole against the stored rows. */
import { deepStrictEqual } from 'node:assert/strict';
import { type CoreState, createState, loadStore, type TaskState } from '../../src/core/state.ts';
import { attemptKey, storedOf } from './fake-store.ts';
import type { Fail } from './invariants.ts';
import type { World } from './world.ts';

/** Memory, indexes included, is what a rebuild from the stored rows gives; attempts are open where units run. */
export function checkWhole(world: World, fail: Fail): void {
  const rebuilt = createState(world.state.maxRunningUnits);
  for (const [name, store] of world.stores) {
    if (!world.open.has(name)) continue;
    loadStore(rebuilt, name, storedOf(store.seen));
    for (const attempt of store.seen.attempts.values()) {
      const unit = store.seen.units.get(attempt.unitId)!;
      const current = unit.status === 'running' && unit.attempt === attempt.attempt;
      if (current === (attempt.endedAt !== null))
        fail('I6', `attempt ${attemptKey(attempt)} is open or closed wrongly`);
    }
  }
  const memory = pictureOf(world.state);
  const stored = pictureOf(rebuilt);
  if (JSON.stringify(memory) === JSON.stringify(stored)) return;
  try {
    deepStrictEqual(memory, stored); // the order of keys may differ
  } catch (error) {
    fail('memory', `memory is not what the store holds: ${(error as Error).message}`);
  }
}

function pictureOf(state: CoreState): unknown {
  const tasks = [...state.tasks.values()].sort((a, b) => (a.row.id < b.row.id ? -1 : 1));
  return { running: state.running, ring: [...state.ring].sort(), tasks: tasks.map(pictureOfTask) };
}

function pictureOfTask(task: TaskState): unknown {
  const members = (sets: Readonly<Record<string, { count: number; next(from: number): number }>>) =>
    Object.entries(sets).map(([name, set]) => {
      const list: number[] = [];
      for (let at = set.next(0); at >= 0; at = set.next(at + 1)) list.push(at);
      return [name, set.count, list.join()];
    });
  return {
    row: task.row,
    run: task.run,
    units: [...task.units.values()].map(({ row, position }) => ({ ...row, position })),
    nextUnit: task.nextUnit,
    byStatus: members(task.byStatus),
    runLists: members(task.runLists),
    sums: task.sums,
    failures: [...task.failures].map(([code, ids]) => `${code} ${[...ids].sort()}`).sort(),
  };
}
