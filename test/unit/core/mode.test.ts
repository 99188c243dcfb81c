import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { counts, desk, names, note, refusal, unitsOfEffects } from './desk.ts';

describe('a switch from auto to manual', () => {
  test('dispatches nothing from the flag on, drains, and empties the queue', () => {
    const it = desk();
    it.define('shop', { concurrency: 2 });
    it.start('shop', names(5));
    const asked = it.setMode('shop', 'manual');
    assert.equal(note(asked), 'switching');
    assert.equal(asked.durability, 'durable');
    assert.equal(it.task('shop').switchingTo, 'manual');
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u0'), 'startUnit'), []);
    it.finish('shop', 'u1');
    assert.deepEqual([it.task('shop').mode, it.task('shop').switchingTo], ['manual', null]);
    assert.equal(it.task('shop').runState, 'running');
    assert.equal(counts(it, 'shop'), '3 pending, 0 running, 2 completed, 0 failed, 0 paused');
    assert.deepEqual(it.queue('shop'), []);
  });

  test('leaves failed units failed: they are available', () => {
    const it = desk();
    it.define('shop', { concurrency: 2 });
    it.start('shop', names(3));
    it.setMode('shop', 'manual');
    it.fail('shop', 'u0');
    it.finish('shop', 'u1');
    assert.equal(counts(it, 'shop'), '1 pending, 0 running, 1 completed, 1 failed, 0 paused');
  });

  test('ends waits for retries; what waited is available', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(2));
    it.lose('shop', 'u0'); // u1 runs
    it.setMode('shop', 'manual');
    it.finish('shop', 'u1');
    const { nextRetryAt, retriesUsed, status, error } = it.unit('shop', 'u0');
    assert.deepEqual([nextRetryAt, retriesUsed, status, error], [null, 0, 'pending', null]);
    assert.equal(it.task('shop').runState, 'running');
  });
});

describe('a switch from manual to auto', () => {
  test('loads every unfinished unit, failed ones too, in plan order', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 2 });
    it.start('shop', names(6));
    it.queueAdd('shop', ['u5', 'u2', 'u4', 'u3']);
    it.fail('shop', 'u5'); // u4 starts
    it.finish('shop', 'u2'); // u3 starts
    it.setMode('shop', 'auto');
    it.finish('shop', 'u4');
    const last = it.finish('shop', 'u3');
    assert.deepEqual(unitsOfEffects(it, last, 'startUnit'), ['u0', 'u1']);
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u0'), 'startUnit'), ['u5']);
    assert.equal(it.run('shop').mode, 'auto');
  });

  test('is at once when nothing runs', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 2 });
    it.start('shop', names(3));
    assert.equal(note(it.setMode('shop', 'auto')), 'switched');
    assert.deepEqual(it.running('shop'), ['u0', 'u1']);
  });
});

describe('a switch', () => {
  test('is cancelled by asking for the mode in force: queue and dispatching go on', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 2 });
    it.start('shop', names(5));
    it.queueAdd('shop', names(5));
    it.setMode('shop', 'auto');
    it.finish('shop', 'u0');
    const cancelled = it.setMode('shop', 'manual');
    assert.equal(note(cancelled), 'switchCancelled');
    assert.deepEqual(unitsOfEffects(it, cancelled, 'startUnit'), ['u2']);
    assert.deepEqual(it.queue('shop'), ['u3', 'u4']);
  });

  test('asked for twice is one switch; of the mode in force is none', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', names(3));
    it.setMode('shop', 'manual');
    assert.equal(note(it.setMode('shop', 'manual')), 'alreadySwitching');
    it.setMode('shop', 'auto');
    assert.equal(note(it.setMode('shop', 'auto')), 'alreadyInMode');
    assert.equal(refusal(it.setMode('shop', 'other' as 'auto')), 'badMode');
  });

  test('gives way to a pause: the mode changes at rest, dispatching waits for Resume', () => {
    const it = desk();
    it.define('shop', { concurrency: 2 });
    it.start('shop', names(4));
    it.setMode('shop', 'manual');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u0');
    it.stopped('shop', 'u1');
    assert.deepEqual([it.task('shop').mode, it.task('shop').runState], ['manual', 'paused']);
    assert.equal(counts(it, 'shop'), '4 pending, 0 running, 0 completed, 0 failed, 0 paused');
    assert.deepEqual(unitsOfEffects(it, it.tell('resume', 'shop'), 'startUnit'), []);
    assert.deepEqual(it.queue('shop'), [], 'nothing goes to the head of the queue');
  });

  test('is completed when the store is opened after a crash, and nothing starts by that', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 2 });
    it.start('shop', names(4));
    it.queueAdd('shop', names(4));
    it.setMode('shop', 'auto');
    const recovered = it.take({ type: 'recover', at: 9_999, store: 'A' });
    assert.deepEqual([it.task('shop').mode, it.task('shop').runState], ['auto', 'interrupted']);
    assert.deepEqual(recovered.effects, []);
    assert.deepEqual(it.queue('shop'), []);
    assert.deepEqual(unitsOfEffects(it, it.tell('resume', 'shop'), 'startUnit'), ['u0', 'u1']);
  });

  test('refuses edits of a queue that it is going to empty', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.start('shop', names(3));
    it.queueAdd('shop', ['u0', 'u1']);
    it.setMode('shop', 'auto');
    assert.equal(refusal(it.queueAdd('shop', ['u2'])), 'queueSwitching');
  });

  test('of an idle task is at once; its failed units keep their errors until the start', () => {
    const it = desk();
    it.define('shop', { concurrency: 2 });
    it.start('shop', names(2));
    it.fail('shop', 'u0');
    it.finish('shop', 'u1');
    assert.equal(note(it.setMode('shop', 'manual')), 'switched');
    assert.equal(it.unit('shop', 'u0').status, 'failed');
    assert.equal(note(it.start('shop', names(2))), 'startedManual');
    assert.deepEqual(it.running('shop'), []);
    assert.equal(it.task('shop').runState, 'running', 'it waits for the failed unit to be added');
  });
});

test('a stopped task keeps its failed units as they are when it switches to auto', () => {
  const it = desk();
  it.define('shop', { mode: 'manual', concurrency: 1 });
  it.start('shop', names(3));
  it.queueAdd('shop', names(2));
  it.fail('shop', 'u0');
  it.tell('stop', 'shop');
  it.stopped('shop', 'u1');
  assert.equal(it.run('shop').outcome, null);
  it.setMode('shop', 'auto');
  assert.deepEqual([it.unit('shop', 'u0').status, it.unit('shop', 'u0').error?.code], ['failed', 'noSuchTable']);
});
