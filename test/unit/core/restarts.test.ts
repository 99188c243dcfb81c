import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desk, unitsOfEffects } from './desk.ts';

test('a unit that is restarted while it runs counts the rows of its new execution from the beginning', () => {
  const it = desk();
  it.define('shop', { concurrency: 1 });
  it.start('shop', ['orders']);
  const { id } = it.unit('shop', 'orders');
  const copied = { checkpoint: '40', processed: 40, bytes: 400 };
  it.take({ type: 'checkpoint', at: it.now++, unitId: id, attempt: 1, ...copied });
  it.tell('pause', 'shop');
  it.stopped('shop', 'orders', '40');
  it.tell('resume', 'shop');

  it.take({ type: 'restart', at: it.now++, taskId: 'shop', unitIds: [id], again: false });
  const ended = it.stopped('shop', 'orders', '40');
  assert.deepEqual(unitsOfEffects(it, ended, 'startUnit'), ['orders'], 'starts in the event that ended it');
  assert.equal(it.unit('shop', 'orders').processed, 0);

  const done = it.finish('shop', 'orders');
  const attempt = done.changes.find(({ kind }) => kind === 'attempt');
  assert.ok(attempt?.kind === 'attempt');
  assert.deepEqual([attempt.attempt, attempt.set.rows, attempt.set.bytes], [3, 100, 1000]);
});

test('a unit that is restarted while it runs has had its turn: the next slot is that of another task', () => {
  const it = desk(2);
  for (const task of ['first', 'second']) it.define(task, { concurrency: 2 });
  it.start('first', ['a', 'b', 'c']);
  it.start('second', ['x', 'y', 'z']);
  assert.deepEqual(it.running('first'), ['a', 'b']);
  const ids = ['a', 'b'].map((name) => it.unit('first', name).id);
  it.take({ type: 'restart', at: it.now++, taskId: 'first', unitIds: ids, again: false });
  const started = ['a', 'b'].map((name) => unitsOfEffects(it, it.stopped('first', name), 'startUnit').join());
  assert.equal(started.filter((name) => ['x', 'y'].includes(name)).length >= 1, true, `started ${started}`);
});
