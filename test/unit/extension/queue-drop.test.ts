import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { draggable, queueDrop } from '../../../src/extension/tree/queue-drop.ts';
import { type TreeNode, unitNode } from '../../../src/extension/tree/tree-model.ts';
import { unitRow } from './support.ts';

const queued = unitNode('task', 'queue', unitRow('a', 'pending'));
const second = unitNode('task', 'queue', unitRow('b', 'pending'));
const available = unitNode('task', 'pending', unitRow('c', 'pending'));
const running = unitNode('task', 'running', unitRow('d', 'running'));
const done = unitNode('task', 'completed', unitRow('e', 'completed'));
const group = (name: 'queue' | 'pending' | 'failed'): TreeNode => {
  return { kind: 'group', id: name, taskId: 'task', group: name };
};

describe('a drag in the tree', () => {
  test('takes neither running nor completed units, nor anything else', () => {
    assert.deepEqual(draggable([queued, running, done, group('queue'), available]), [queued, available]);
  });

  test('onto an entry moves before it, onto the queue to its end', () => {
    const before = { kind: 'before', unitId: 'id-b' };
    assert.deepEqual(queueDrop([queued], second), { kind: 'move', taskId: 'task', unitIds: ['id-a'], to: before });
    const both = { kind: 'add', taskId: 'task', unitIds: ['id-a', 'id-c'] };
    assert.deepEqual(queueDrop([queued, available], second), { ...both, to: before });
    assert.deepEqual(queueDrop([queued, available], group('queue')), { ...both, to: { kind: 'bottom' } });
  });

  test('onto the available units takes entries out of the queue', () => {
    const out = { kind: 'remove', taskId: 'task', unitIds: ['id-a'] };
    assert.deepEqual(queueDrop([queued, available], group('pending')), out);
    assert.deepEqual(queueDrop([queued], available), out);
    assert.equal(queueDrop([available], group('pending')), undefined);
  });

  test('onto itself, another group, another task or nothing does nothing', () => {
    assert.equal(queueDrop([queued, second], second), undefined);
    assert.equal(queueDrop([queued], group('failed')), undefined);
    assert.equal(queueDrop([unitNode('other', 'queue', unitRow('x', 'pending'))], second), undefined);
    assert.equal(queueDrop([queued], undefined), undefined);
  });
});
