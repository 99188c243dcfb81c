import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PlannedUnit } from '../../../src/core/model.ts';
import { dependentsOf, isDependent, whyWaiting } from '../../../src/core/select.ts';
import { counts, type Desk, desk, note, planned, refusal, unitsOfEffects } from './desk.ts';

/** "orders < customers items" = orders comes after customers and items. */
function plan(...lines: string[]): PlannedUnit[] {
  return lines.map((line) => {
    const [name = '', parents = ''] = line.split(' < ');
    return { ...planned([name])[0]!, after: parents === '' ? [] : parents.split(' ') };
  });
}

function started(units: readonly PlannedUnit[], definition = {}): Desk {
  const it = desk();
  it.define('shop', { concurrency: 9, ...definition });
  it.start('shop', [], { plan: units });
  return it;
}

const why = (it: Desk, unit: string) => whyWaiting(it.state, it.id('shop', unit), it.now);

describe('a unit that comes after others', () => {
  test('starts when all of them are completed', () => {
    const it = started(plan('orders < customers items', 'customers', 'items'));
    assert.deepEqual(it.running('shop'), ['customers', 'items']);
    assert.deepEqual(why(it, 'orders'), { code: 'waitingForUnit', args: { unit: 'customers' } });
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'items'), 'startUnit'), []);
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'customers'), 'startUnit'), ['orders']);
  });

  test('is released by a plan that gives it another place and no parents', () => {
    const it = desk();
    it.define('shop', { concurrency: 9 });
    it.plan('shop', plan('customers', 'orders < customers'));
    it.start('shop', [], { plan: plan('orders', 'customers') });
    assert.deepEqual(it.running('shop').sort(), ['customers', 'orders']);
  });

  test('is blocked, and those after it, when one of them fails: the run ends and says why', () => {
    const it = started(plan('customers', 'orders < customers', 'lines < orders', 'skus'));
    it.fail('shop', 'customers');
    assert.deepEqual(why(it, 'lines'), { code: 'blockedByFailed', args: { unit: 'customers' } });
    it.finish('shop', 'skus');
    assert.equal(it.run('shop').outcome, 'completed_with_errors');
    assert.equal(counts(it, 'shop'), '2 pending, 0 running, 1 completed, 1 failed, 0 paused');
    assert.equal(why(it, 'orders')?.code, 'blockedByFailed');
  });

  test('is released by a retry of the failed one, which takes it into its run', () => {
    const units = plan('customers', 'orders < customers', 'lines < orders', 'skus');
    const it = started(units);
    it.fail('shop', 'customers');
    it.finish('shop', 'skus');
    it.start('shop', [], { plan: units, only: ['customers'], enqueue: true });
    assert.deepEqual(it.run('shop').units, ['customers', 'orders', 'lines']);
    it.finish('shop', 'customers');
    it.finish('shop', 'orders');
    it.finish('shop', 'lines');
    assert.equal(it.run('shop').outcome, 'completed');
  });

  test('is blocked by a parent that is not part of the run', () => {
    const units = plan('customers', 'orders < customers');
    const it = desk();
    it.define('shop');
    it.start('shop', [], { plan: units, only: ['orders'] });
    assert.equal(it.run('shop').outcome, 'completed_with_errors');
    assert.deepEqual(why(it, 'orders'), { code: 'blockedByAbsent', args: { unit: 'customers' } });
  });

  test('keeps its place in the queue, and the next entry that can starts', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.start('shop', [], { plan: plan('customers', 'orders < customers', 'skus') });
    const added = it.queueAdd('shop', ['orders', 'skus', 'customers']);
    assert.deepEqual(unitsOfEffects(it, added, 'startUnit'), ['skus']);
    assert.deepEqual(it.queue('shop'), ['orders', 'customers']);
    it.finish('shop', 'skus');
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'customers'), 'startUnit'), ['orders']);
  });

  test('waits on when a parent is only ended by itself: the task pauses', () => {
    const it = started(plan('customers', 'orders < customers'));
    it.take({ type: 'abort', at: 1, taskId: 'shop', unitIds: [it.id('shop', 'customers')] });
    it.stopped('shop', 'customers');
    assert.equal(it.task('shop').runState, 'paused');
    assert.equal(why(it, 'orders')?.code, 'waitingForUnit');
  });

  test('does not begin when it names an unknown unit or itself, or when units wait for each other', () => {
    const it = desk();
    it.define('shop');
    assert.equal(refusal(it.start('shop', [], { plan: plan('a < nobody') })), 'unknownParent');
    const cycle = it.start('shop', [], { plan: plan('a < c', 'b < a', 'c < b', 'd') });
    assert.equal(refusal(cycle), 'unitCycle');
    assert.match(JSON.stringify(cycle.answer), /a -> c -> b -> a|b -> a -> c -> b|c -> b -> a -> c/);
    assert.equal(refusal(it.start('shop', [], { plan: plan('a < a', 'b', 'c', 'd') })), 'unitCycle');
  });
});

describe('a task that comes after others', () => {
  test('begins a full run only when they were completed since its last one', () => {
    const it = desk();
    it.define('first');
    it.define('second');
    assert.equal(refusal(it.start('second', ['x'], { after: ['first'] })), 'parentsNotDone');
    assert.equal(note(it.start('second', ['x'])), 'startedAuto', 'without the question');
    it.finish('second', 'x');
    it.start('first', ['y']);
    assert.equal(refusal(it.start('second', ['x'], { after: ['first'], again: true })), 'parentsNotDone');
    it.finish('first', 'y');
    assert.equal(note(it.start('second', ['x'], { after: ['first'], again: true })), 'startedAuto');
    it.finish('second', 'x');
    assert.equal(refusal(it.start('second', ['x'], { after: ['first'], again: true })), 'parentsNotDone');
  });

  test('is not asked again by a resume, a retry or a limited run', () => {
    const it = desk();
    it.define('second');
    it.start('second', ['x', 'y']);
    it.tell('stop', 'second');
    it.stopped('second', 'x');
    it.stopped('second', 'y');
    assert.equal(note(it.start('second', ['x', 'y'], { after: ['first'] })), 'startedAuto');
    it.fail('second', 'x');
    it.finish('second', 'y');
    assert.equal(note(it.start('second', ['x', 'y'], { after: ['first'], only: ['x'] })), 'startedAuto');
  });
});

test('a unit that comes after nobody any more, and stands elsewhere in the plan, can start', () => {
  const it = desk();
  it.define('shop');
  it.plan('shop', plan('a', 'b < a', 'c'));
  it.start('shop', [], { plan: plan('c', 'b', 'a'), only: ['b'] });
  assert.deepEqual(it.running('shop'), ['b']);
});

test('a parent that is named twice is one parent, also when it is named no more', () => {
  const it = started(plan('a', 'b < a a'));
  it.finish('shop', 'a');
  assert.deepEqual(it.running('shop'), ['b']);
  it.stopped('shop', 'b');
  it.tell('stop', 'shop');
  it.plan('shop', plan('a', 'b'));
  assert.equal(it.state.tasks.get('shop')?.children.size, 0);
  it.plan('shop', plan('b', 'a < b'));
  assert.deepEqual(
    ['a', 'b'].map((unit) => isDependent(it.state, it.id('shop', unit))),
    [true, false],
  );
});

test('units are looked at once, however many ways lead to them', () => {
  const layers = Array.from({ length: 40 }, (_, at) => {
    const before = at === 0 ? '' : ` < l${at - 1} r${at - 1}`;
    return [`l${at}${before}`, `r${at}${before}`];
  });
  // The last ones first: the ways from there are as many as there can be.
  const it = started(plan(...layers.flat().reverse()));
  assert.deepEqual(it.running('shop'), ['r0', 'l0']);
});

test('a unit that runs is waited for, whatever became of its parents since', () => {
  const it = started(plan('a', 'b < a', 'c < b'));
  it.finish('shop', 'a');
  it.take({ type: 'restart', at: it.now++, taskId: 'shop', unitIds: [it.id('shop', 'a')], again: true });
  it.fail('shop', 'a');
  assert.deepEqual(it.running('shop'), ['b']);
  assert.deepEqual(why(it, 'c'), { code: 'waitingForUnit', args: { unit: 'b' } });
});

test('a unit that was completed before the run blocks nobody in it, also through others', () => {
  const units = plan('a', 'x', 'b < a', 'c < b');
  const it = desk();
  it.define('shop', { concurrency: 1 });
  it.start('shop', [], { plan: units, only: ['a'] });
  it.finish('shop', 'a');
  it.start('shop', [], { plan: units, only: ['x', 'b', 'c'] });
  assert.deepEqual(it.running('shop'), ['x']);
  assert.deepEqual(why(it, 'c'), { code: 'waitingForUnit', args: { unit: 'b' } });
});

test('of units that a refused plan lets wait for each other none comes after itself', () => {
  const it = desk();
  it.define('shop');
  it.plan('shop', plan('a < b', 'b < a'));
  assert.deepEqual(dependentsOf(it.state, it.id('shop', 'a')), [it.id('shop', 'b')]);
});
