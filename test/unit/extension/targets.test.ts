import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UnitRow, UnitStatus } from '../../../src/core/model.ts';
import type { TaskManager, TaskSummary } from '../../../src/engine/api.ts';
import { givenUnits } from '../../../src/extension/commands/targets.ts';
import { tasksOf } from '../../../src/extension/tasks.ts';
import { unitNode } from '../../../src/extension/tree/tree-model.ts';
import { taskSummary, unitRow } from './support.ts';

const units = [
  unitRow('orders', 'pending'),
  unitRow('items', 'pending'),
  unitRow('stock', 'failed'),
  unitRow('logs', 'pending'),
].map((unit, planOrder) => ({ ...unit, planOrder }));
const [orders, items, stock] = units as [UnitRow, UnitRow, UnitRow];
const queue = [2, 0];

const manager = {
  units(_task: string, status: UnitStatus | null, after: number) {
    const left = units.filter((unit) => unit.planOrder > after && (status === null || unit.status === status));
    return { units: left.slice(0, 1), more: left.length > 1 };
  },
  queue: () => ({ rev: 1, unitIds: queue.map((index) => units[index]?.id) }),
  delta: () => ({ numbers: [], reasons: [], queue }),
  unitAt: (_task: string, index: number) => units[index],
} as unknown as TaskManager;

const given = (target: unknown, selected?: unknown, selection: readonly unknown[] = []) =>
  givenUnits(target, selected, () => selection, manager)?.map(({ taskId, units: chosen }) => [
    taskId,
    chosen.map(({ name }) => name),
  ]);

describe('the units a command is about', () => {
  const row = unitNode('task', 'pending', orders);
  const other = unitNode('task', 'pending', items);
  const elsewhere = unitNode('another', 'failed', stock);

  test('are those of the clicked row alone, when it is not one of the selected', () => {
    assert.deepEqual(given(row), [['task', ['orders']]]);
    assert.deepEqual(given(row, [other, elsewhere]), [['task', ['orders']]]);
  });

  test('are all selected ones when the clicked row is one of them, task by task', () => {
    assert.deepEqual(given(row, [other, row, elsewhere]), [
      ['task', ['items', 'orders']],
      ['another', ['stock']],
    ]);
  });

  test('are what is selected in the tree when a key of the tree was pressed', () => {
    assert.deepEqual(given({ from: 'tree' }, undefined, [other]), [['task', ['items']]]);
    assert.equal(given({ from: 'tree' }, undefined, [{ kind: 'task', taskId: 'task' }]), undefined);
  });

  test('are those of a group: the queue in its order, the available ones without it, each unit once', () => {
    const group = (name: string) => ({ kind: 'group', id: 'g', taskId: 'task', group: name });
    assert.deepEqual(given(group('queue')), [['task', ['stock', 'orders']]]);
    assert.deepEqual(given(group('pending')), [['task', ['items', 'logs']]]);
    const both = [group('pending'), other];
    assert.deepEqual(given(both[0], both), [['task', ['items', 'logs']]]);
  });

  test('may be named by other code, and are asked for when nothing names them', () => {
    assert.deepEqual(given({ taskId: 'task', units: ['logs', 'orders', 'nowhere'] }), [['task', ['logs', 'orders']]]);
    for (const nothing of [undefined, null, 7, { taskId: 'task' }, { kind: 'task', taskId: 'task' }]) {
      assert.equal(given(nothing), undefined);
    }
  });
});

describe('the title of a task', () => {
  const titles = (tasks: readonly TaskSummary[]) => {
    const slot = { current: () => ({ list: () => tasks }) as unknown as TaskManager };
    const named = tasksOf(slot, (key) => (key === 'gone' ? undefined : `Folder ${key}`));
    return tasks.map(({ id }) => named.title(id));
  };
  const task = (id: string, folder: string, name: string) => taskSummary([], { id, folder, name });

  test('names the folder where two folders have a task of this name', () => {
    const tasks = [task('1', 'a', 'copy'), task('2', 'b', 'copy'), task('3', 'b', 'other'), task('4', 'gone', 'copy')];
    assert.deepEqual(titles(tasks), ['copy (Folder a)', 'copy (Folder b)', 'other', 'copy (gone)']);
  });
});
