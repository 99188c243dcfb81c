import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decision } from '../../../src/core/events.ts';
import type { PlannedUnit } from '../../../src/core/model.ts';
import { about, type Desk, desk, kinds, names, note, planned, refusal, unitsOfEffects } from './desk.ts';

function byHand(units = 6, concurrency = 1): Desk {
  const it = desk();
  it.define('shop', { mode: 'manual', concurrency });
  it.start('shop', names(units));
  return it;
}

function entriesOf({ changes }: Decision) {
  return changes.flatMap((change) => (change.kind === 'enqueue' ? change.entries : []));
}

const remove = (it: Desk, ...units: string[]) =>
  it.take({ type: 'queueRemove', baseRev: null, ...about(it, ...units) });
const clear = (it: Desk) => it.take({ type: 'queueClear', at: it.now++, taskId: 'shop', baseRev: null });
const TOP = { kind: 'top' } as const;

describe('an edit of the queue', () => {
  test('raises its revision: adding, moving, removing and clearing', () => {
    const it = byHand();
    const rev = () => it.task('shop').queueRev;
    it.queueAdd('shop', names(5));
    assert.equal(rev(), 1);
    it.queueMove('shop', ['u4'], TOP);
    assert.equal(rev(), 2);
    remove(it, 'u4');
    assert.equal(rev(), 3);
    clear(it);
    assert.deepEqual([rev(), it.task('shop').updatedAt], [4, it.now - 1]);
    clear(it);
    remove(it, 'u4');
    assert.equal(rev(), 4, 'nothing was left to be edited');
  });

  test('is also what a switch does to it', () => {
    const it = byHand();
    it.queueAdd('shop', names(3));
    it.setMode('shop', 'auto');
    it.finish('shop', 'u0');
    assert.equal(it.task('shop').queueRev, 2);
  });

  test('is refused for units that nobody knows, whatever it does', () => {
    const it = byHand();
    it.queueAdd('shop', names(3));
    assert.equal(refusal(remove(it, 'u1', 'nobody')), 'unknownUnits');
    assert.equal(refusal(it.queueMove('shop', ['u1', 'nobody'], TOP)), 'unknownUnits');
    assert.deepEqual(it.queue('shop'), ['u1', 'u2']);
    const to = { kind: 'before', unitId: 'y'.repeat(300) } as const;
    const { answer } = it.queueMove('shop', ['u1'], to);
    assert.deepEqual(!answer.ok && answer.refusal.args, { units: 'y'.repeat(200), count: 1 });
  });
});

describe('slots that are free, and offered already, are given away by an edit that comes before the offer', () => {
  function offered(): Desk {
    const it = desk(1);
    it.define('shop', { mode: 'manual', concurrency: 3 });
    it.define('toys', { concurrency: 3 });
    it.start('shop', names(4));
    it.queueAdd('shop', names(4)); // u0 runs
    it.start('toys', ['doll']);
    assert.deepEqual(kinds(it.take({ type: 'setMaxRunning', at: it.now++, maxRunningUnits: 3 })), ['offer']);
    return it;
  }

  test('to other tasks, and to the entry that is the head by then', () => {
    const moved = offered();
    assert.deepEqual(unitsOfEffects(moved, moved.queueMove('shop', ['u3'], TOP), 'startUnit'), ['doll', 'u3']);
    const removed = offered();
    assert.deepEqual(unitsOfEffects(removed, remove(removed, 'u1', 'u2'), 'startUnit'), ['doll', 'u3']);
    const cleared = offered();
    assert.deepEqual(unitsOfEffects(cleared, clear(cleared), 'startUnit'), ['doll']);
  });
});

describe('an addition', () => {
  test('of a unit that waits there already takes it into a run of some units', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.plan('shop', planned(names(3)));
    it.queueAdd('shop', ['u1']);
    it.start('shop', names(3), { only: ['u0'] });
    assert.deepEqual(it.running('shop'), []);
    const added = it.queueAdd('shop', ['u1']);
    assert.equal(note(added), 'queuedAlready');
    assert.deepEqual(unitsOfEffects(it, added, 'startUnit'), ['u1']);
    assert.deepEqual(it.run('shop').units, ['u0', 'u1']);
    assert.equal(it.task('shop').queueRev, 1);
  });

  test('of units of the run leaves the run as it is', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.start('shop', names(3), { only: ['u0', 'u1'] });
    assert.equal(it.queueAdd('shop', ['u1']).changes.filter(({ kind }) => kind === 'run').length, 0);
  });

  test('of a failed unit keeps what it has copied; of a paused one its status, too', () => {
    const it = byHand(4, 2);
    it.queueAdd('shop', ['u0', 'u1']);
    for (const unit of ['u0', 'u1']) {
      const { id, attempt } = it.unit('shop', unit);
      it.take({ type: 'prepared', at: 1, unitId: id, attempt, prepared: 'created', total: 90 });
      it.take({ type: 'checkpoint', at: 1, unitId: id, attempt, checkpoint: 'k', processed: 40, bytes: 400 });
    }
    it.fail('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1', 'k');
    it.queueAdd('shop', ['u0', 'u1']);
    const failed = it.unit('shop', 'u0');
    assert.deepEqual(
      [failed.status, failed.checkpoint, failed.processed, failed.prepared],
      ['pending', 'k', 40, 'created'],
    );
    assert.deepEqual([it.unit('shop', 'u1').status, it.unit('shop', 'u1').checkpoint], ['paused', 'k']);
    assert.equal(it.unit('shop', 'u1').updatedAt, it.now - 2, 'nothing about it has changed');
  });

  test('of a unit that waits for a retry ends the wait, and gives it a new budget', () => {
    const it = byHand(4, 1);
    it.queueAdd('shop', ['u0', 'u1']);
    it.lose('shop', 'u0'); // u1 runs
    it.queueAdd('shop', ['u0']);
    const { nextRetryAt, retriesUsed, error, reason, status } = it.unit('shop', 'u0');
    assert.deepEqual([nextRetryAt, retriesUsed, error, reason, status], [null, 0, null, null, 'pending']);
    assert.deepEqual(it.queue('shop'), ['u0']);
  });

  test('of a unit that has used a retry gives it a new budget', () => {
    const it = byHand(4, 1);
    it.queueAdd('shop', ['u0']);
    it.lose('shop', 'u0');
    it.queueAdd('shop', ['u1']); // runs
    it.now += 60_000;
    it.tell('due', 'shop');
    it.take({ type: 'queueRemove', baseRev: null, ...about(it, 'u0') });
    assert.deepEqual([it.unit('shop', 'u0').retriesUsed, it.unit('shop', 'u0').nextRetryAt], [1, null]);
    it.queueAdd('shop', ['u0']);
    assert.equal(it.unit('shop', 'u0').retriesUsed, 0);
  });

  test('of a unit that was ended by itself ends its wait for a person', () => {
    const it = byHand(4, 1);
    it.queueAdd('shop', ['u0', 'u1']);
    it.take({ type: 'abort', ...about(it, 'u0') });
    it.stopped('shop', 'u0', 'k'); // u1 runs
    it.queueAdd('shop', ['u0']);
    const { status, reason, checkpoint, updatedAt } = it.unit('shop', 'u0');
    assert.deepEqual([status, reason, checkpoint, updatedAt], ['paused', null, 'k', it.now - 1]);
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u1'), 'startUnit'), ['u0']);
  });

  test('remembers when it was made, also when the entry is moved', () => {
    const it = byHand();
    it.now = 5_000;
    const added = it.queueAdd('shop', ['u0', 'u1', 'u2', 'u3']);
    assert.deepEqual(
      entriesOf(added).map(({ addedAt }) => addedAt),
      Array(4).fill(5_000),
    );
    const [moved] = entriesOf(it.queueMove('shop', ['u3'], TOP));
    assert.deepEqual([moved?.unitId, moved?.addedAt], [it.id('shop', 'u3'), 5_000]);
  });
});

describe('what is left when nothing runs', () => {
  function afterOf(name: string, ...after: string[]): PlannedUnit {
    return { ...planned([name])[0]!, after };
  }

  test('keeps a task of manual mode running: units that nobody has queued, and ended ones', () => {
    const it = byHand(2);
    it.queueAdd('shop', ['u0']);
    it.take({ type: 'abort', ...about(it, 'u0') });
    it.stopped('shop', 'u0');
    assert.deepEqual([it.task('shop').runState, it.run('shop').outcome], ['running', null]);
  });

  test('keeps the run of a task that is paused, whatever kinds of units it is', () => {
    const it = desk();
    it.define('shop', { concurrency: 3 });
    it.start('shop', [], { plan: [afterOf('a'), afterOf('b'), afterOf('c', 'b')] });
    it.lose('shop', 'a');
    it.tell('pause', 'shop');
    it.stopped('shop', 'b');
    assert.equal(it.task('shop').runState, 'paused', 'one is paused, one waits for its retry, one for its parent');
    const held = desk();
    held.define('shop', { concurrency: 2 });
    held.start('shop', names(2));
    held.take({ type: 'abort', ...about(held, 'u0') });
    held.tell('pause', 'shop');
    held.stopped('shop', 'u0');
    held.stopped('shop', 'u1');
    assert.equal(held.task('shop').runState, 'paused', 'one is paused, one was ended by itself');
    const parents = desk();
    parents.define('shop', { concurrency: 2 });
    parents.start('shop', [], { plan: [afterOf('b'), afterOf('c', 'b')] });
    parents.tell('pause', 'shop');
    parents.stopped('shop', 'b');
    assert.equal(parents.task('shop').runState, 'paused', 'one is paused, one waits for it');
    const waits = desk();
    waits.define('shop', { concurrency: 2 });
    waits.start('shop', names(2));
    waits.lose('shop', 'u0');
    waits.tell('pause', 'shop');
    waits.stopped('shop', 'u1');
    assert.equal(waits.task('shop').runState, 'paused', 'one is paused, one waits for its retry');
  });

  test('does not end the run of a paused task by a setting', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(2));
    it.fail('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    it.plan('shop', planned(['u0']));
    assert.deepEqual(kinds(it.take({ type: 'adjust', at: 1, taskId: 'shop', set: { concurrency: 2 } })), []);
    assert.deepEqual([it.task('shop').runState, it.run('shop').outcome], ['paused', null]);
  });
});

describe('a task of manual mode that waits for its failed units to be added', () => {
  test('goes on waiting whatever is done to its queue', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    const after = (name: string): PlannedUnit => ({ ...planned([name])[0]!, after: ['a'] });
    const plan = [...planned(['a']), after('b'), after('c')];
    it.start('shop', [], { plan });
    it.queueAdd('shop', ['a']);
    it.fail('shop', 'a');
    assert.equal(it.run('shop').outcome, 'completed_with_errors');
    it.start('shop', [], { plan });
    const goesOn = () => assert.deepEqual([it.task('shop').runState, it.run('shop').outcome], ['running', null]);
    it.queueAdd('shop', ['b', 'c']);
    goesOn();
    it.queueAdd('shop', ['b']);
    goesOn();
    it.queueMove('shop', ['c'], TOP);
    goesOn();
    remove(it, 'c');
    goesOn();
    clear(it);
    goesOn();
    assert.deepEqual(unitsOfEffects(it, it.queueAdd('shop', ['a']), 'startUnit'), ['a']);
  });
});

describe('failed units that run again', () => {
  test('are written in one statement when they are all of the task, else one by one', () => {
    const it = desk();
    it.define('shop', { concurrency: 4 });
    it.start('shop', names(4));
    for (const unit of names(3)) it.fail('shop', unit);
    const statuses = () => names(4).map((unit) => it.unit('shop', unit).status);
    const retry = (units: string[] | null) =>
      it.take({ type: 'retry', ...about(it, ...(units ?? [])), ...(units === null && { unitIds: null }) });
    const all = retry(null);
    const where = all.changes.filter(({ kind }) => kind === 'unitsWhere');
    assert.deepEqual(
      where.map((change) => 'statuses' in change && change.statuses),
      [['failed']],
    );
    for (const unit of names(4)) it.fail('shop', unit);
    it.start('shop', names(4), { only: ['u0', 'u2'] });
    assert.deepEqual(statuses(), ['running', 'failed', 'running', 'failed'], 'only those of the run');
    it.fail('shop', 'u0');
    it.finish('shop', 'u2');
    it.start('shop', names(4), { only: ['u1'] });
    it.finish('shop', 'u1');
    it.start('shop', names(4), { only: ['u3'] });
    it.finish('shop', 'u3');
    const one = it.start('shop', names(4));
    assert.equal(one.changes.filter(({ kind }) => kind === 'unitsWhere').length, 0);
    assert.deepEqual(statuses(), ['running', 'completed', 'completed', 'completed']);
  });

  test('leave the mode of a run that has ended to history when the task switches', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', names(1));
    it.finish('shop', 'u0');
    it.setMode('shop', 'manual');
    assert.deepEqual([it.run('shop').mode, it.task('shop').mode], ['auto', 'manual']);
  });
});
