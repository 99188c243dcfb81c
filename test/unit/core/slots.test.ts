import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { whyWaiting } from '../../../src/core/select.ts';
import { dropStore } from '../../../src/core/state.ts';
import { desk, kinds, names, refusal, unitsOfEffects } from './desk.ts';

describe('live concurrency', () => {
  function running() {
    const it = desk();
    it.define('shop', { concurrency: 2 });
    it.start('shop', names(9));
    return it;
  }
  const set = (it: ReturnType<typeof desk>, concurrency: number) =>
    it.take({ type: 'adjust', at: 1, taskId: 'shop', set: { concurrency } });

  test('raised starts more at once', () => {
    const it = running();
    assert.deepEqual(unitsOfEffects(it, set(it, 5), 'startUnit'), ['u2', 'u3', 'u4']);
  });

  test('lowered kills nobody and starts none until fewer run', () => {
    const it = running();
    assert.deepEqual(kinds(set(it, 1)), []);
    assert.deepEqual(kinds(it.finish('shop', 'u0')), []);
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u1'), 'startUnit'), ['u2']);
  });

  test('refuses what is no whole number from 1 to 64', () => {
    const it = running();
    for (const bad of [0, -1, 1.5, Number.NaN, 65, 1e9]) assert.equal(refusal(set(it, bad)), 'badConcurrency');
  });

  test('holds until the file says something new', () => {
    const it = running();
    set(it, 5);
    it.define('shop', { concurrency: 2, configHash: '2' });
    assert.equal(it.task('shop').concurrency, 5);
    it.define('shop', { concurrency: 3, configHash: '3' });
    assert.equal(it.task('shop').concurrency, 3);
    assert.equal(it.task('shop').overrides, null);
    assert.equal(it.run('shop').concurrency, 3);
  });

  test('of the file takes effect at once', () => {
    const it = running();
    const decision = it.define('shop', { concurrency: 4, configHash: '2' });
    assert.deepEqual(unitsOfEffects(it, decision, 'startUnit'), ['u2', 'u3']);
  });
});

describe('the slots of the process', () => {
  test('are shared round robin by tasks of one store', () => {
    const it = desk(3);
    it.define('a', { concurrency: 9 });
    it.define('b', { concurrency: 9 });
    it.start('a', names(9));
    assert.deepEqual(kinds(it.start('b', names(9))), []);
    assert.deepEqual(it.running('a'), ['u0', 'u1', 'u2']);
    assert.deepEqual(kinds(it.finish('a', 'u0')), ['startUnit']);
    assert.deepEqual(it.running('b'), ['u0']); // b's turn, though a has more waiting
    it.finish('a', 'u1');
    assert.equal(it.running('a').length, 2); // then a's
    it.finish('b', 'u0');
    assert.deepEqual(it.running('b'), ['u1']);
  });

  test('a raised limit is dealt out one by one', () => {
    const it = desk(1);
    it.define('a', { concurrency: 9 });
    it.define('b', { concurrency: 9 });
    it.start('a', names(9));
    it.start('b', names(9));
    const raised = it.take({ type: 'setMaxRunning', at: 1, maxRunningUnits: 5 });
    assert.deepEqual(kinds(raised), ['offer']);
    it.tell('offer', 'a');
    assert.deepEqual([it.running('a').length, it.running('b').length], [3, 2]);
  });

  test('that fall to a task of another store are offered to it, and left to it', () => {
    const it = desk(1);
    it.define('here', { concurrency: 5 }, 'A');
    it.define('there', { concurrency: 5 }, 'B');
    it.start('here', names(3));
    it.start('there', names(3));
    const decision = it.finish('here', 'u0');
    assert.deepEqual(decision.effects, [{ kind: 'offer', taskId: 'there' }]);
    assert.deepEqual(unitsOfEffects(it, it.tell('offer', 'there'), 'startUnit'), ['u0']);
    assert.deepEqual(kinds(it.tell('offer', 'here')), []);
    assert.equal(it.running('here').length, 0);
  });

  test('of a store that was closed are free again', () => {
    const it = desk(1);
    it.define('here', {}, 'A');
    it.define('there', {}, 'B');
    it.start('here', names(3));
    it.start('there', names(3));
    dropStore(it.state, 'A');
    assert.equal(it.state.running, 0);
    assert.deepEqual(unitsOfEffects(it, it.tell('offer', 'there'), 'startUnit'), ['u0']);
  });

  test('lowered below what runs kill nobody', () => {
    const it = desk(4);
    it.define('a', { concurrency: 4 });
    it.start('a', names(8));
    it.take({ type: 'setMaxRunning', at: 1, maxRunningUnits: 2 });
    assert.deepEqual(kinds(it.finish('a', 'u0')), []);
    assert.deepEqual(kinds(it.finish('a', 'u1')), []);
    assert.deepEqual(kinds(it.finish('a', 'u2')), ['startUnit']);
    for (const bad of [0, 1.5, Number.NaN, 1e9])
      assert.equal(refusal(it.take({ type: 'setMaxRunning', at: 1, maxRunningUnits: bad })), 'badMaxRunning');
  });

  test('give a waiting unit its reason', () => {
    const it = desk(2);
    it.define('a', { concurrency: 4 });
    it.define('b', { concurrency: 1 });
    it.start('a', names(4));
    assert.deepEqual(whyWaiting(it.state, it.unit('a', 'u3').id, it.now), {
      code: 'waitingForSlots',
      args: { running: 2, most: 2 },
    });
    it.take({ type: 'setMaxRunning', at: 1, maxRunningUnits: 9 });
    it.start('b', names(2));
    assert.equal(whyWaiting(it.state, it.unit('b', 'u1').id, it.now)?.code, 'waitingForTurn');
  });
});

describe('a definition', () => {
  test('is taken in once; the mode is that of the first start', () => {
    const it = desk();
    assert.equal(it.define('shop', { mode: 'auto' }).changes.length, 1);
    assert.equal(it.define('shop', { mode: 'auto' }).changes.length, 0);
    it.define('shop', { mode: 'manual', configHash: '2', config: '{"x":1}' });
    assert.deepEqual([it.task('shop').mode, it.task('shop').config], ['auto', '{"x":1}']);
  });

  test('of a task that another folder holds is refused', () => {
    const it = desk();
    it.define('shop', {}, 'A');
    assert.equal(refusal(it.define('shop', {}, 'B')), 'taskElsewhere');
  });
});
