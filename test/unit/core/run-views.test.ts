import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UnitId } from '../../../src/core/model.ts';
import {
  childrenOf,
  countsOf,
  dependentsOf,
  isInRun,
  mayBlock,
  retriesOf,
  runCountsOf,
  runSumsOf,
  sumsOf,
  unitOf,
} from '../../../src/core/select.ts';
import { afterOf, type Desk, desk, names, planned } from './desk.ts';

const NOTHING = { processed: 0, bytes: 0, rejected: 0, total: 0, unknownTotals: 0 };

const named = (it: Desk, unitIds: readonly UnitId[]) => unitIds.map((unitId) => unitOf(it.state, unitId)?.name);

describe('the figures of a run', () => {
  test('are those of the task when it is of all units, and none without a task', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', names(3));
    it.finish('shop', 'u0', { kind: 'completed', rejected: 2 });
    assert.deepEqual(runSumsOf(it.state, 'shop'), sumsOf(it.state, 'shop'));
    assert.deepEqual(runSumsOf(it.state, 'shop'), { ...NOTHING, processed: 100, bytes: 1000, rejected: 2, total: 300 });
    assert.deepEqual(runCountsOf(it.state, 'shop'), countsOf(it.state, 'shop'));
    assert.ok(isInRun(it.state, it.unit('shop', 'u2')));
    assert.deepEqual(runSumsOf(it.state, 'nobody'), NOTHING);
    assert.equal(runCountsOf(it.state, 'nobody').pending, 0);
    assert.ok(isInRun(it.state, { ...it.unit('shop', 'u2'), taskId: 'nobody' }));
  });

  test('are those of its units when it is of some, without those that left the plan', () => {
    const it = desk();
    it.define('shop', { concurrency: 2 });
    it.start('shop', names(6), { only: ['u0', 'u1', 'u2', 'u3'] });
    it.finish('shop', 'u0', { kind: 'completed', rejected: 2 });
    it.fail('shop', 'u1');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u2');
    it.finish('shop', 'u3');
    it.plan('shop', planned(['u0', 'u1', 'u2', 'u4', 'u5']));
    assert.deepEqual(runSumsOf(it.state, 'shop'), { ...NOTHING, processed: 110, bytes: 1100, rejected: 2, total: 300 });
    const counts = { pending: 0, running: 0, completed: 1, failed: 1, paused: 1 };
    assert.deepEqual(runCountsOf(it.state, 'shop'), counts);
    const inRun = names(5).map((unit) => isInRun(it.state, it.unit('shop', unit)));
    assert.deepEqual(inRun, [true, true, true, true, false]);
  });
});

describe('whose reasons to wait change with a unit', () => {
  const PLAN = [afterOf('a'), afterOf('b', 'a'), afterOf('c', 'b'), afterOf('d', 'a'), afterOf('e')];
  function started(given = {}): Desk {
    const it = desk();
    it.define('shop', { concurrency: 9 });
    it.start('shop', [], { plan: PLAN, ...given });
    return it;
  }

  test('are those that name it, unless they are completed', () => {
    const it = started();
    const children = (unit: string) => named(it, childrenOf(it.state, it.id('shop', unit)));
    assert.deepEqual([children('a'), children('b'), children('e')], [['b', 'd'], ['c'], []]);
    it.finish('shop', 'a');
    it.finish('shop', 'b');
    assert.deepEqual([children('a'), children('b')], [['d'], ['c']]);
    assert.deepEqual(childrenOf(it.state, 'nobody'), []);
  });

  test('are all that come after it, and no more of them are looked for than are of use', () => {
    const it = started();
    const all = dependentsOf(it.state, it.id('shop', 'a'));
    assert.deepEqual(named(it, all).sort(), ['b', 'c', 'd']);
    assert.equal(dependentsOf(it.state, it.id('shop', 'a'), 1).length, 2, 'it is more than one');
    assert.equal(dependentsOf(it.state, it.id('shop', 'a'), 3).length, 3);
  });

  test('are blocked by a unit that failed, waits for others, or is no part of the run', () => {
    const it = started();
    const blocks = (unit: string) => mayBlock(it.state, it.id('shop', unit));
    assert.deepEqual([blocks('a'), blocks('b'), blocks('e')], [false, true, false]);
    it.fail('shop', 'a');
    assert.equal(blocks('a'), true);
    it.finish('shop', 'e');
    assert.equal(blocks('e'), false);
    const limited = started({ only: ['b'] });
    assert.equal(mayBlock(limited.state, limited.id('shop', 'a')), true);
    assert.equal(mayBlock(limited.state, 'nobody'), false);
    const done = started();
    done.finish('shop', 'e');
    done.tell('stop', 'shop');
    done.stopped('shop', 'a');
    done.start('shop', [], { plan: PLAN, only: ['a'] });
    assert.equal(mayBlock(done.state, done.id('shop', 'e')), false, 'it is completed, whoever completed it');
  });

  test('are those that wait for a retry when their task rests or goes on, the nearest first', () => {
    const it = started();
    it.lose('shop', 'e', 0.9);
    it.lose('shop', 'a', 0.1);
    assert.deepEqual(named(it, retriesOf(it.state, 'shop')), ['a', 'e']);
    assert.deepEqual(retriesOf(it.state, 'nobody'), []);
  });
});
