import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UnitRow } from '../../../src/core/model.ts';
import type { TaskSummary } from '../../../src/engine/api.ts';
import { taskContext } from '../../../src/extension/tree/looks.ts';
import {
  childrenOf,
  rowOf,
  type TreeNode,
  taskLines,
  tooltipOf,
  treeAsText,
} from '../../../src/extension/tree/tree-model.ts';
import { sourceOf, taskSummary, unitRow, words } from './support.ts';

const taskOf = (source: ReturnType<typeof sourceOf>) =>
  childrenOf(undefined, source).find(({ kind }) => kind === 'task');

const failure = { code: 'unknownTask', args: { task: 'x' }, class: 'permanent', message: 'duplicate key' } as const;

describe('the Tasks tree', () => {
  test('shows a task, its groups by status with counts, and their units', () => {
    const units = [
      unitRow('orders', 'running', { processed: 52 }),
      unitRow('invoices', 'failed', { error: failure }),
      unitRow('payments', 'paused', { processed: 10, total: 40 }),
      unitRow('stock', 'pending', { total: 9_800 }),
      unitRow('logs', 'pending', { total: null }),
      unitRow('skus', 'completed', { processed: 1_111 }),
    ];
    const source = sourceOf([{ summary: taskSummary(units, { runState: 'running', percent: 41.7 }), units }]);
    assert.equal(
      treeAsText(source, words),
      [
        'shop-copy (running · 41% · 1 failed)',
        '  Running (1)',
        '    orders (52%)',
        '  Failed (1)',
        '    invoices (There is no task x.)',
        '  Paused (1)',
        '    payments (25%)',
        '  Pending (2)',
        '    stock (9,800 rows)',
        '    logs',
        '  Completed (1)',
        '    skus (1,111 rows)',
      ].join('\n'),
    );
  });

  test('shows in manual mode the queue in its order, and what else is available', () => {
    const units = [
      unitRow('orders', 'running', { processed: 52 }),
      unitRow('invoices', 'pending'),
      unitRow('items', 'pending', { total: 7 }),
      unitRow('stock', 'pending', { total: null }),
      unitRow('logs', 'failed', { error: failure }),
    ];
    const summary = taskSummary(units, { runState: 'running', percent: 12, mode: 'manual', queued: 2 });
    const waits = { items: { code: 'nothingToDo', args: {} } };
    assert.equal(
      treeAsText(sourceOf([{ summary, units, queue: ['items', 'invoices'], waits }]), words),
      [
        'shop-copy (running · manual · 12% · 1 failed)',
        '  Running (1)',
        '    orders (52%)',
        '  Queue (2)',
        '    items (Nothing to do: all units are completed.)',
        '    invoices (100 rows)',
        '  Failed (1)',
        '    logs (There is no task x.)',
        '  Available (1)',
        '    stock',
      ].join('\n'),
    );
  });

  test('shows a paused unit that was added again in the queue only', () => {
    const units = [unitRow('a', 'paused'), unitRow('b', 'paused'), unitRow('c', 'pending'), unitRow('d', 'pending')];
    const summary = taskSummary(units, { mode: 'manual', queued: 2 });
    assert.deepEqual(
      treeAsText(sourceOf([{ summary, units, queue: ['c', 'b'] }]), words)
        .split('\n')
        .slice(1),
      [
        '  Queue (2)',
        '    c (100 rows)',
        '    b (100 rows)',
        '  Paused (1)',
        '    a (0%)',
        '  Available (1)',
        '    d (100 rows)',
      ],
    );
  });

  test('calls no task completed that has units left, and a stopped one stopped', () => {
    const line = (done: number, set: Partial<TaskSummary>) => {
      const units = [
        unitRow('a', done > 0 ? 'completed' : 'pending'),
        unitRow('b', done > 1 ? 'completed' : 'pending'),
      ];
      return treeAsText(sourceOf([{ summary: taskSummary(units, set), units }]), words).split('\n')[0];
    };
    assert.equal(line(0, { outcome: 'completed' }), 'shop-copy (ready · 0%)', 'after a reset');
    assert.equal(line(1, { outcome: 'completed', percent: 3.4 }), 'shop-copy (ready · 3%)', 'one unit was synced');
    assert.equal(line(1, { percent: 73 }), 'shop-copy (stopped · 73%)');
    assert.equal(line(2, { outcome: 'completed', percent: 100 }), 'shop-copy (completed)');
  });

  test('says of an empty queue that it is empty, and what the task waits for', () => {
    const units = [unitRow('orders', 'pending'), unitRow('items', 'completed', { processed: 3 })];
    const waiting = { runState: 'running', percent: 50, mode: 'manual', waitsForAdditions: true } as const;
    const source = sourceOf([{ summary: taskSummary(units, waiting), units }]);
    assert.equal(
      treeAsText(source, words),
      [
        'shop-copy (waiting for units · 50%)',
        '  Queue (empty)',
        '  Available (1)',
        '    orders (100 rows)',
        '  Completed (1)',
        '    items (3 rows)',
      ].join('\n'),
    );
    const [queue] = childrenOf({ kind: 'task', id: 'task/task', taskId: 'task' }, source);
    assert.ok(queue);
    assert.equal(rowOf(queue, source, words).expands, 'no');
    assert.equal(queue.id, 'task/task/queue/empty');
  });

  test('shows in auto mode what a person asked to run next', () => {
    const units = [unitRow('orders', 'pending'), unitRow('items', 'pending')];
    const summary = taskSummary(units, { runState: 'running', queued: 1 });
    const text = treeAsText(sourceOf([{ summary, units, queue: ['items'] }]), words);
    assert.equal(
      text,
      ['shop-copy (running · 0%)', '  Next (1)', '    items (100 rows)', '  Pending (1)', '    orders (100 rows)'].join(
        '\n',
      ),
    );
  });

  test('says what a switch waits for', () => {
    const units = [unitRow('orders', 'running'), unitRow('items', 'running')];
    const state = (set: Partial<TaskSummary>) =>
      treeAsText(sourceOf([{ summary: taskSummary(units, set), units }]), words).split('\n')[0];
    assert.equal(
      state({ runState: 'running', switchingTo: 'manual' }),
      'shop-copy (switching to manual: 2 still running · 0%)',
    );
    assert.equal(
      state({ runState: 'pausing', mode: 'manual', switchingTo: 'auto' }),
      'shop-copy (switching to auto: 2 still running · 0%)',
    );
  });

  test('says once at the group what all units wait for, and at a unit what it alone waits for', () => {
    const dueAt = new Date(2026, 0, 2, 14, 5, 33).getTime();
    const units = [
      unitRow('a', 'pending', { total: 5 }),
      unitRow('b', 'pending', { total: 5 }),
      unitRow('c', 'pending', { nextRetryAt: dueAt, error: failure, retriesUsed: 1 }),
    ];
    const slots = { code: 'waitingForSlots', args: { running: 64, most: 64 } };
    const waits = { a: slots, b: slots };
    const text = treeAsText(sourceOf([{ summary: taskSummary(units, { runState: 'running' }), units, waits }]), words);
    assert.equal(
      text,
      [
        'shop-copy (running · 0%)',
        `  Pending (3 · ${words.word(slots)})`,
        '    a (5 rows)',
        '    b (5 rows)',
        `    c (retry at ${new Date(dueAt).toLocaleTimeString('en')}: There is no task x.)`,
      ].join('\n'),
    );
  });

  test('has a line for who else manages the tasks, which stay usable', () => {
    const managedBy = { code: 'folder.managed', args: { kind: 'VS Code', pid: 7, host: 'here' } };
    const units = [unitRow('orders', 'failed')];
    const source = sourceOf([{ summary: taskSummary(units, { managedBy }), units }]);
    const [line, task, group] = [...childrenOf(undefined, source), ...childrenOf(taskOf(source), source)];
    assert.ok(line && task && group);
    const row = rowOf(line, source, words);
    assert.deepEqual([row.label, row.description], ['Managed elsewhere', words.word(managedBy)]);
    assert.equal(row.contextValue, 'managed');
    assert.equal(rowOf(task, source, words).contextValue, 'task.idle+failed+managed');
    assert.equal(rowOf(group, source, words).contextValue, 'group.failed.ready');
  });

  test('tells menus what can be done with a unit', () => {
    const context = (unit: UnitRow, set: Partial<TaskSummary> = {}, queue: readonly string[] = []) => {
      const source = sourceOf([
        { summary: taskSummary([unit], { queued: queue.length, ...set }), units: [unit], queue },
      ]);
      const [group] = childrenOf(taskOf(source), source).filter((each) => rowOf(each, source, words).expands !== 'no');
      const [node] = childrenOf(group, source);
      assert.ok(node);
      return rowOf(node, source, words).contextValue;
    };
    assert.equal(context(unitRow('a', 'running')), 'unit.running');
    assert.equal(context(unitRow('a', 'pending'), { mode: 'manual' }), 'unit.pending+manual');
    assert.equal(context(unitRow('a', 'pending', { nextRetryAt: 5 })), 'unit.pending+retry');
    assert.equal(context(unitRow('a', 'pending'), { mode: 'manual' }, ['a']), 'unit.queued+manual');
    assert.equal(context(unitRow('a', 'failed'), { blocked: { code: 'x', args: {} } }), 'unit.failed+blocked');
    assert.equal(context(unitRow('a', 'failed'), { definitionRemoved: true }), 'unit.failed+blocked');
  });

  test('leaves queued units out of the available ones also beyond the first page', () => {
    const units = Array.from({ length: 450 }, (_, index) => unitRow(`t${index}`, 'pending'));
    const queue = units.slice(0, 220).map(({ name }) => name);
    const source = sourceOf([{ summary: taskSummary(units, { mode: 'manual', queued: 220 }), units, queue }]);
    const names = (group: 'pending' | 'queue') =>
      childrenOf({ kind: 'group', id: 'g', taskId: 'task', group }, source).map(
        (node) => rowOf(node, source, words).label,
      );
    assert.deepEqual(
      [names('pending').length, names('pending')[0], names('pending').at(-1)],
      [201, 't220', 'Show all in panel'],
    );
    assert.deepEqual([names('queue').length, names('queue')[0]], [201, 't0']);
  });

  test('has several folders as its top', () => {
    const folders = [
      { key: 'a', name: 'Shop' },
      { key: 'b', name: 'Archive' },
    ];
    const tasks = [
      { summary: taskSummary([], { id: 'a/one', folder: 'a', name: 'one' }), units: [] },
      { summary: taskSummary([], { id: 'b/two', folder: 'b', name: 'two' }), units: [] },
    ];
    const text = treeAsText(sourceOf(tasks, folders), words);
    assert.equal(text, ['Shop', '  one (ready)', 'Archive', '  two (ready)'].join('\n'));
  });

  test('ends a group after 200 units with the way to all of them', () => {
    const units = Array.from({ length: 250 }, (_, index) => unitRow(`t${index}`, 'pending'));
    const source = sourceOf([{ summary: taskSummary(units), units }]);
    const group: TreeNode = { kind: 'group', id: 'task/task/pending', taskId: 'task', group: 'pending' };
    const children = childrenOf(group, source);
    assert.equal(children.length, 201);
    const last = children.at(-1);
    assert.ok(last);
    assert.equal(rowOf(last, source, words).label, 'Show all in panel');
    assert.equal(rowOf(last, source, words).opensPanel, true);
  });

  test('keeps ids free of what changes by itself and never gives one twice', () => {
    const before = unitRow('orders', 'running', { processed: 1 });
    const after = { ...before, processed: 99 };
    const ids = [before, after].map((unit) => {
      const units = [unit, unitRow('customers', 'completed')];
      const source = sourceOf([{ summary: taskSummary(units, { percent: unit.processed }), units }]);
      const all: string[] = [];
      const collect = (node: TreeNode | undefined): void => {
        for (const child of childrenOf(node, source)) {
          all.push(child.id);
          collect(child);
        }
      };
      collect(undefined);
      return all;
    });
    assert.deepEqual(ids[0], ids[1]);
    assert.equal(new Set(ids[0]).size, ids[0]?.length);
  });

  test('finds out which lines of a task changed', () => {
    const lines = (processed: number, percentDone: number, more: readonly UnitRow[] = []) => {
      const units = [unitRow('orders', 'running', { processed }), ...more];
      return taskLines('task', sourceOf([{ summary: taskSummary(units, { percent: percentDone }), units }]), words);
    };
    assert.deepEqual(lines(10, 10.2), lines(20, 10.4));
    assert.notEqual(lines(10, 10.2).description, lines(20, 11).description);
    assert.equal(lines(10, 10.2).structure, lines(20, 11).structure);
    const second = [unitRow('stock', 'running')];
    assert.notDeepEqual(lines(10, 10).groups, lines(10, 10, second).groups);
    assert.equal(lines(10, 10).structure, lines(10, 10, second).structure);
    assert.notEqual(lines(10, 10).structure, lines(10, 10, [unitRow('stock', 'completed')]).structure);
  });

  test('tells menus what can be done with a task', () => {
    const done = [unitRow('orders', 'completed')];
    const half = [unitRow('orders', 'completed'), unitRow('stock', 'failed')];
    const blocked = { code: 'folder.untrusted', args: {} };
    assert.equal(taskContext(taskSummary([])), 'task.idle');
    assert.equal(taskContext(taskSummary(done)), 'task.done');
    assert.equal(taskContext(taskSummary(half)), 'task.idle+failed');
    assert.equal(taskContext(taskSummary(half, { runState: 'running' })), 'task.running+failed');
    assert.equal(taskContext(taskSummary([], { planning: true })), 'task.planning');
    assert.equal(taskContext(taskSummary(done, { blocked })), 'task.blocked');
    assert.equal(taskContext(taskSummary(done, { definitionRemoved: true })), 'task.removed');
    const managedBy = { code: 'folder.managed', args: {} };
    const manual = { mode: 'manual', queued: 2, managedBy } as const;
    assert.equal(taskContext(taskSummary(half, manual)), 'task.idle+failed+manual+queued+managed');
  });

  test('says why a task cannot be touched, instead of a state that is not known', () => {
    const blocked = { code: 'folder.untrusted', args: {} };
    const text = treeAsText(sourceOf([{ summary: taskSummary([], { blocked }), units: [] }]), words);
    assert.equal(text, `shop-copy (${words.word(blocked)})`);
  });

  test('marks units and tasks that are completed but for rejected rows', () => {
    const orders = unitRow('orders', 'completed', { processed: 100, rejected: 20 });
    const units = [orders, unitRow('stock', 'completed', { processed: 100 })];
    const source = sourceOf([{ summary: taskSummary(units, { percent: 100, rejected: 20 }), units }]);
    assert.equal(treeAsText(source, words).split('\n')[0], 'shop-copy (completed with errors)');
    const rows = units.map((unit): TreeNode => ({ kind: 'unit', id: 'u', taskId: 'task', group: 'completed', unit }));
    const [task] = childrenOf(undefined, source);
    const icons = [task, ...rows].map((node) => node && rowOf(node, source, words).icon.name);
    assert.deepEqual(icons, ['warning', 'warning', 'pass']);
    assert.equal(tooltipOf(rows[0] as TreeNode, source, words), 'orders\nCompleted: 100 / 100\n20 rejected');
  });

  test('shows tooltips as plain text with the words of the system', () => {
    const unit = unitRow('<b>[x](command:evil)</b>', 'failed', { error: failure, processed: 5 });
    const source = sourceOf([{ summary: taskSummary([unit]), units: [unit] }]);
    const node: TreeNode = { kind: 'unit', id: 'u', taskId: 'task', group: 'failed', unit };
    assert.equal(
      tooltipOf(node, source, words),
      ['<b>[x](command:evil)</b>', 'Failed: 5 / 100', 'There is no task x.', 'duplicate key'].join('\n'),
    );
  });
});
