import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UnitRow } from '../../../src/core/model.ts';
import {
  childrenOf,
  percent,
  rowOf,
  type TreeNode,
  taskContext,
  taskLines,
  tooltipOf,
  treeAsText,
} from '../../../src/extension/tree/tree-model.ts';
import { sourceOf, taskSummary, unitRow, words } from './support.ts';

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
    const group: TreeNode = { kind: 'group', id: 'task/task/pending', taskId: 'task', status: 'pending' };
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
    assert.equal(taskContext(taskSummary(done, { definitionRemoved: true })), 'task.blocked');
  });

  test('says why a task cannot be touched, instead of a state that is not known', () => {
    const blocked = { code: 'folder.managed', args: { kind: 'VS Code', pid: 7, host: 'here' } };
    const text = treeAsText(sourceOf([{ summary: taskSummary([], { blocked }), units: [] }]), words);
    assert.equal(text, `shop-copy (${words.word(blocked)})`);
  });

  test('shows tooltips as plain text with the words of the system', () => {
    const unit = unitRow('<b>[x](command:evil)</b>', 'failed', { error: failure, processed: 5 });
    const source = sourceOf([{ summary: taskSummary([unit]), units: [unit] }]);
    const node: TreeNode = { kind: 'unit', id: 'u', taskId: 'task', status: 'failed', unit };
    assert.equal(
      tooltipOf(node, source, words),
      ['<b>[x](command:evil)</b>', 'Failed: 5 / 100', 'There is no task x.', 'duplicate key'].join('\n'),
    );
  });

  test('never shows 0 % of something or 100 % of less', () => {
    assert.deepEqual(
      [0, 0.04, 0.5, 1, 52.9, 99.3, 99.99, 100].map((value) => percent(value, 'en')),
      ['0%', '0.0%', '0.5%', '1%', '52%', '99.3%', '99.9%', '100%'],
    );
  });
});
