import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { counts, desk, kinds, names, note, planned, refusal, unitsOfEffects } from './desk.ts';

describe('a start in auto mode', () => {
  test('runs as many units as the concurrency says, in plan order, and says which mode is in force', () => {
    const it = desk();
    it.define('shop', { concurrency: 10 });
    const decision = it.start('shop', names(100));
    assert.equal(note(decision), 'startedAuto');
    assert.deepEqual(unitsOfEffects(it, decision, 'startUnit'), names(10));
    assert.equal(decision.durability, 'durable');
    assert.equal(counts(it, 'shop'), '90 pending, 10 running, 0 completed, 0 failed, 0 paused');
  });

  test('starts the next unit whenever one ends, and each one once', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', names(4));
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u1'), 'startUnit'), ['u2']);
    assert.deepEqual(unitsOfEffects(it, it.fail('shop', 'u0'), 'startUnit'), ['u3']);
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u2'), 'startUnit'), []);
  });

  test('ends the run when no unit is unfinished, frees what the task holds and is idle; rejected rows are errors', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', names(2));
    it.finish('shop', 'u0');
    const last = it.finish('shop', 'u1', { kind: 'completed', rejected: 3 });
    assert.deepEqual(kinds(last), ['runEnded', 'release']);
    assert.equal(it.task('shop').runState, 'idle');
    const { outcome, rows, bytes, rejected, endedAt } = it.run('shop');
    assert.deepEqual([outcome, rows, bytes, rejected], ['completed_with_errors', 200, 2000, 3]);
    assert.notEqual(endedAt, null);
  });

  test('ends completed_with_errors when only failed units are left', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', names(2));
    it.fail('shop', 'u0');
    it.finish('shop', 'u1');
    assert.equal(it.run('shop').outcome, 'completed_with_errors');
    assert.equal(it.unit('shop', 'u0').error?.code, 'noSuchTable');
  });

  test('of a running task changes nothing and answers alreadyRunning', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', names(3));
    assert.equal(refusal(it.start('shop', names(3), { again: true })), 'alreadyRunning');
  });

  test('is refused while the task is on its way to a rest', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', names(3));
    it.tell('pause', 'shop');
    assert.equal(refusal(it.start('shop', names(3))), 'stillPausing');
    it.tell('stop', 'shop');
    assert.equal(refusal(it.start('shop', names(3))), 'stillStopping');
  });

  test('is refused for unknown tasks, bad figures, repeated and unknown names', () => {
    const it = desk();
    it.define('shop');
    assert.equal(refusal(it.start('nobody', [])), 'unknownTask');
    for (const concurrency of [0, -1, 1.5, Number.NaN, 1e9])
      assert.equal(refusal(it.start('shop', names(2), { concurrency })), 'badConcurrency');
    assert.equal(refusal(it.start('shop', ['a', 'b', 'a'])), 'planRepeatsUnit');
    assert.equal(refusal(it.start('shop', ['a'], { only: ['a', 'zz'] })), 'unknownUnits');
  });

  test('runs a task of manual mode in auto mode when asked for this run', () => {
    const it = desk();
    it.define('byHand', { mode: 'manual' });
    assert.equal(note(it.start('byHand', names(2), { mode: 'auto' })), 'startedAuto');
    assert.equal(it.run('byHand').mode, 'auto');
    assert.equal(it.task('byHand').mode, 'manual');
  });

  test('takes a concurrency for this run only', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(5), { concurrency: 4 });
    assert.equal(it.running('shop').length, 4);
    assert.equal(it.task('shop').concurrency, 1);
  });
});

describe('a start of a task that has run', () => {
  function ended() {
    const it = desk();
    it.define('shop');
    it.start('shop', names(2));
    it.finish('shop', 'u0');
    it.finish('shop', 'u1');
    return it;
  }

  test('has nothing to do and changes nothing when all units are completed', () => {
    const it = ended();
    const decision = it.start('shop', names(2));
    assert.equal(note(decision), 'nothingToDo');
    assert.deepEqual(decision.changes, []);
    assert.deepEqual(kinds(decision), ['release']);
  });

  test('again begins a new run with every unit fresh, to be prepared again', () => {
    const it = ended();
    const first = it.run('shop').id;
    it.start('shop', names(2), { again: true });
    assert.notEqual(it.run('shop').id, first);
    const unit = it.unit('shop', 'u0');
    assert.deepEqual(
      [unit.status, unit.attempt, unit.processed, unit.checkpoint, unit.prepared],
      ['running', 2, 0, null, null],
    );
  });

  test('executes failed units again in a new run, and keeps what is completed', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', names(2));
    it.fail('shop', 'u0');
    it.finish('shop', 'u1');
    const decision = it.start('shop', names(2));
    assert.deepEqual(unitsOfEffects(it, decision, 'startUnit'), ['u0']);
    assert.equal(it.unit('shop', 'u0').error, null);
    it.finish('shop', 'u0');
    assert.equal(it.run('shop').outcome, 'completed');
  });

  test('takes in new units; units that are gone keep their history and do not count', () => {
    const it = ended();
    const decision = it.start('shop', ['new', 'u1']);
    assert.deepEqual(unitsOfEffects(it, decision, 'startUnit'), ['new']);
    assert.equal(it.unit('shop', 'u0').removed, true);
    assert.equal(it.unit('shop', 'u0').status, 'completed');
    assert.equal(counts(it, 'shop'), '0 pending, 1 running, 1 completed, 0 failed, 0 paused');
    it.finish('shop', 'new');
    assert.equal(note(it.start('shop', names(2))), 'nothingToDo');
    assert.equal(it.unit('shop', 'u0').removed, false);
  });

  test('keeps a counted total against the estimate of a new plan', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', ['u0', 'u1'], { plan: planned(['u0', 'u1'], 'row', null) });
    const { id, attempt } = it.unit('shop', 'u0');
    it.take({ type: 'prepared', at: 1, unitId: id, attempt, prepared: 'empty', total: 97 });
    it.take({ type: 'checkpoint', at: 1, unitId: id, attempt, checkpoint: 'k', processed: 5, bytes: 5 });
    it.tell('stop', 'shop');
    it.stopped('shop', 'u0', 'k');
    it.stopped('shop', 'u1');
    it.start('shop', ['u0', 'u1']);
    assert.equal(it.unit('shop', 'u0').total, 97);
    assert.equal(it.unit('shop', 'u1').total, 100);
  });
});

describe('a run limited to some units', () => {
  test('ends when none of these is left', () => {
    const it = desk();
    it.define('shop', { concurrency: 5 });
    const decision = it.start('shop', names(5), { only: ['u3', 'u1'] });
    assert.deepEqual(unitsOfEffects(it, decision, 'startUnit'), ['u1', 'u3']);
    it.finish('shop', 'u1');
    it.finish('shop', 'u3');
    assert.equal(it.run('shop').outcome, 'completed');
    assert.equal(counts(it, 'shop'), '3 pending, 0 running, 2 completed, 0 failed, 0 paused');
  });

  test('is widened by a start of the whole task before its end', () => {
    const it = desk();
    it.define('shop', { concurrency: 5 });
    it.start('shop', names(5), { only: ['u3'] });
    it.tell('stop', 'shop');
    it.stopped('shop', 'u3');
    const { id } = it.run('shop');
    const decision = it.start('shop', names(5));
    assert.deepEqual(unitsOfEffects(it, decision, 'startUnit'), ['u3', 'u0', 'u1', 'u2', 'u4']);
    assert.equal(it.run('shop').id, id);
    assert.equal(it.run('shop').units, null);
  });

  test('with again resets only these', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', names(2));
    it.finish('shop', 'u0');
    it.finish('shop', 'u1');
    const decision = it.start('shop', names(2), { again: true, only: ['u1'] });
    assert.deepEqual(unitsOfEffects(it, decision, 'startUnit'), ['u1']);
    assert.equal(it.unit('shop', 'u0').status, 'completed');
  });

  test('leaves an unfinished run as it is when the units asked for are completed', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(2));
    it.finish('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    assert.equal(note(it.start('shop', names(2), { only: ['u0'] })), 'nothingToDo');
    assert.equal(it.task('shop').runState, 'paused');
    assert.equal(it.run('shop').outcome, null);
  });
});

describe('a start of units that are completed, or of none, leaves as it is', () => {
  test('a run of some units that has others left', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(3), { only: ['u0', 'u1'] });
    it.finish('shop', 'u0');
    it.tell('stop', 'shop');
    it.stopped('shop', 'u1');
    assert.equal(note(it.start('shop', names(3), { only: ['u0'] })), 'nothingToDo');
    assert.equal(it.run('shop').outcome, null);
  });

  test('a run of all units', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(2));
    it.tell('stop', 'shop');
    it.stopped('shop', 'u0');
    assert.equal(note(it.start('shop', names(2), { only: [] })), 'nothingToDo');
    assert.equal(it.run('shop').outcome, null);
  });
});

describe('a start that fails before a plan', () => {
  const error = { class: 'retryable', code: 'noConnection', args: {}, message: '' } as const;

  test('is recorded as a failed run', () => {
    const it = desk();
    it.define('shop');
    const decision = it.take({ type: 'startFailed', at: 5, taskId: 'shop', runId: 'r', by: 'schedule', error });
    assert.deepEqual(kinds(decision), ['runEnded', 'release']);
    assert.equal(it.run('shop').outcome, 'failed');
    assert.equal(it.task('shop').runState, 'idle');
  });

  test('leaves an unfinished run resumable', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', names(2));
    const { id } = it.run('shop');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u0');
    it.stopped('shop', 'u1');
    const decision = it.take({ type: 'startFailed', at: 5, taskId: 'shop', runId: 'r', by: 'person', error });
    assert.deepEqual(decision.changes, []);
    assert.equal(it.run('shop').id, id);
    assert.equal(note(it.tell('resume', 'shop')), 'startedAuto');
  });
});
