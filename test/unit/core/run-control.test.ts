import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { counts, desk, kinds, names, note, refusal, unitsOfEffects } from './desk.ts';

function running(units = 4, concurrency = 2) {
  const it = desk();
  it.define('shop', { concurrency });
  it.start('shop', names(units));
  return it;
}

describe('pause', () => {
  test('stops dispatching at once, tells the running units, and is complete when all have reported', () => {
    const it = running();
    const decision = it.tell('pause', 'shop');
    assert.deepEqual(unitsOfEffects(it, decision, 'stopUnit'), ['u0', 'u1']);
    assert.equal(it.task('shop').runState, 'pausing');
    assert.deepEqual(kinds(it.stopped('shop', 'u0', '40')), []);
    assert.equal(it.task('shop').runState, 'pausing');
    assert.deepEqual(kinds(it.stopped('shop', 'u1')), ['release']);
    assert.equal(it.task('shop').runState, 'paused');
    assert.equal(it.unit('shop', 'u0').checkpoint, '40');
    assert.equal(counts(it, 'shop'), '2 pending, 0 running, 0 completed, 0 failed, 2 paused');
  });

  test('counts a unit that completes while it is pausing', () => {
    const it = running();
    it.tell('pause', 'shop');
    it.finish('shop', 'u0');
    it.stopped('shop', 'u1');
    assert.equal(it.task('shop').runState, 'paused');
    assert.equal(counts(it, 'shop'), '2 pending, 0 running, 1 completed, 0 failed, 1 paused');
  });

  test('ends the run when the last unfinished units complete meanwhile', () => {
    const it = running(2);
    it.tell('pause', 'shop');
    it.finish('shop', 'u0');
    assert.deepEqual(kinds(it.finish('shop', 'u1')), ['runEnded', 'release']);
    assert.equal(it.task('shop').runState, 'idle');
  });

  test('twice is once, and needs a task that runs', () => {
    const it = running();
    it.tell('pause', 'shop');
    assert.equal(note(it.tell('pause', 'shop')), 'alreadyPausing');
    it.stopped('shop', 'u0');
    it.stopped('shop', 'u1');
    assert.equal(note(it.tell('pause', 'shop')), 'alreadyPaused');
    it.tell('stop', 'shop');
    assert.equal(refusal(it.tell('pause', 'shop')), 'notRunning');
    assert.equal(refusal(it.tell('pause', 'nobody')), 'unknownTask');
  });

  test('keeps the reason it was given', () => {
    const it = running();
    const reason = { code: 'closing', args: {} };
    it.take({ type: 'pause', at: 1, taskId: 'shop', reason });
    it.stopped('shop', 'u0');
    it.stopped('shop', 'u1');
    assert.deepEqual(it.task('shop').reason, reason);
    assert.deepEqual(it.unit('shop', 'u0').reason, reason);
    it.tell('resume', 'shop');
    assert.equal(it.task('shop').reason, null);
    assert.equal(it.unit('shop', 'u0').reason, null);
  });
});

describe('resume', () => {
  test('starts paused units first, then pending ones; failed ones stay failed', () => {
    const it = running(5, 3);
    it.fail('shop', 'u0'); // u3 starts
    it.tell('pause', 'shop');
    for (const unit of ['u1', 'u2', 'u3']) it.stopped('shop', unit);
    const { id } = it.run('shop');
    assert.deepEqual(unitsOfEffects(it, it.tell('resume', 'shop'), 'startUnit'), ['u1', 'u2', 'u3']);
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u1'), 'startUnit'), ['u4']);
    assert.equal(it.unit('shop', 'u0').status, 'failed');
    assert.equal(it.run('shop').id, id);
  });

  test('is what a start of a paused task does', () => {
    const it = running(3);
    it.fail('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    it.stopped('shop', 'u2');
    assert.deepEqual(unitsOfEffects(it, it.start('shop', names(3)), 'startUnit'), ['u1', 'u2']);
    assert.equal(it.unit('shop', 'u0').status, 'failed');
  });

  test('needs a task that is paused or interrupted', () => {
    const it = running();
    assert.equal(refusal(it.tell('resume', 'shop')), 'alreadyRunning');
    it.tell('pause', 'shop');
    assert.equal(refusal(it.tell('resume', 'shop')), 'stillPausing');
    it.tell('stop', 'shop');
    it.stopped('shop', 'u0');
    it.stopped('shop', 'u1');
    assert.equal(refusal(it.tell('resume', 'shop')), 'notPaused');
  });
});

describe('stop', () => {
  test('returns the task to idle; the run stays unfinished and the next start goes on with it', () => {
    const it = running();
    const { id } = it.run('shop');
    it.tell('stop', 'shop');
    assert.equal(it.task('shop').runState, 'stopping');
    it.stopped('shop', 'u1');
    it.stopped('shop', 'u0');
    assert.equal(it.task('shop').runState, 'idle');
    assert.equal(it.run('shop').outcome, null);
    it.start('shop', names(4));
    assert.equal(it.run('shop').id, id);
    assert.deepEqual(it.running('shop'), ['u0', 'u1']);
  });

  test('wins over a pause that is under way', () => {
    const it = running();
    it.tell('pause', 'shop');
    it.tell('stop', 'shop');
    assert.equal(refusal(it.tell('pause', 'shop')), 'stillStopping');
    it.stopped('shop', 'u0');
    it.stopped('shop', 'u1');
    assert.equal(it.task('shop').runState, 'idle');
  });

  test('of a paused task is at once', () => {
    const it = running(1);
    it.tell('pause', 'shop');
    it.stopped('shop', 'u0');
    assert.deepEqual(kinds(it.tell('stop', 'shop')), ['release']);
    assert.equal(it.task('shop').runState, 'idle');
  });
});

describe('the error policy', () => {
  test('pause stops dispatching and the running units after the first failure, and says which unit', () => {
    const it = desk();
    it.define('shop', { concurrency: 3, onError: 'pause' });
    it.start('shop', names(9));
    const decision = it.fail('shop', 'u1');
    assert.deepEqual(unitsOfEffects(it, decision, 'startUnit'), []);
    assert.deepEqual(unitsOfEffects(it, decision, 'stopUnit'), ['u0', 'u2']);
    it.stopped('shop', 'u0');
    it.stopped('shop', 'u2');
    assert.equal(it.task('shop').runState, 'paused');
    assert.deepEqual(it.task('shop').reason, { code: 'pausedByFailure', args: { unit: 'u1' } });
  });

  test('pause takes effect at once when nothing else runs', () => {
    const it = desk();
    it.define('shop', { concurrency: 1, onError: 'pause' });
    it.start('shop', names(2));
    assert.deepEqual(kinds(it.fail('shop', 'u0')), ['release']);
    assert.equal(it.task('shop').runState, 'paused');
  });

  test('skip stops nobody', () => {
    const it = running(4);
    assert.deepEqual(kinds(it.fail('shop', 'u0')), ['startUnit']);
    assert.equal(it.task('shop').runState, 'running');
  });

  test('can be changed while the task runs', () => {
    const it = running(4);
    it.take({ type: 'adjust', at: 1, taskId: 'shop', set: { onError: 'pause' } });
    it.fail('shop', 'u0');
    assert.equal(it.task('shop').runState, 'pausing');
  });
});

describe('retry', () => {
  const retry = (it: ReturnType<typeof running>, units: string[] | null) =>
    it.take({
      type: 'retry',
      at: 1,
      taskId: 'shop',
      unitIds: units?.map((unit) => it.unit('shop', unit).id) ?? null,
    });

  test('in a running task executes the failed units at once, in plan order', () => {
    const it = running(6, 1);
    it.fail('shop', 'u0');
    it.fail('shop', 'u1');
    assert.equal(note(retry(it, null)), 'retryStarted');
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u2'), 'startUnit'), ['u0']);
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u0'), 'startUnit'), ['u1']);
  });

  test('uses a free slot in the same decision', () => {
    const it = running(2, 2);
    it.fail('shop', 'u0');
    assert.deepEqual(unitsOfEffects(it, retry(it, ['u0']), 'startUnit'), ['u0']);
  });

  test('in a resting task waits for the next start', () => {
    const it = running(2, 2);
    it.fail('shop', 'u0');
    it.finish('shop', 'u1');
    assert.equal(note(retry(it, ['u0', 'u1'])), 'retryAtStart');
    assert.equal(counts(it, 'shop'), '1 pending, 0 running, 1 completed, 0 failed, 0 paused');
  });

  test('takes units into a limited run', () => {
    const it = running(2, 2);
    it.fail('shop', 'u0');
    it.fail('shop', 'u1');
    it.start('shop', names(3), { only: ['u2'] });
    retry(it, ['u1']);
    it.finish('shop', 'u2');
    assert.equal(it.task('shop').runState, 'running');
    it.finish('shop', 'u1');
    assert.deepEqual([...it.run('shop').units!], ['u2', 'u1']);
    assert.equal(it.run('shop').outcome, 'completed');
  });

  test('needs a failed unit', () => {
    const it = running();
    assert.equal(refusal(retry(it, null)), 'nothingFailed');
    assert.equal(refusal(it.take({ type: 'retry', at: 1, taskId: 'shop', unitIds: ['other#1'] })), 'unknownUnits');
  });
});

describe('reset', () => {
  test('makes every unit pending, forgets checkpoints and gives up an unfinished run', () => {
    const it = running(3, 1);
    it.finish('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1', '55');
    const decision = it.tell('reset', 'shop');
    assert.deepEqual(kinds(decision), ['runEnded', 'release']);
    assert.equal(it.run('shop').outcome, 'stopped');
    assert.equal(it.task('shop').runState, 'idle');
    assert.equal(counts(it, 'shop'), '3 pending, 0 running, 0 completed, 0 failed, 0 paused');
    const { checkpoint, prepared, processed, attempt } = it.unit('shop', 'u1');
    assert.deepEqual([checkpoint, prepared, processed, attempt], [null, null, 0, 1]);
  });

  test('is refused while units run', () => {
    assert.equal(refusal(running().tell('reset', 'shop')), 'stopFirst');
  });
});

describe('a unit that was ended though its task goes on', () => {
  test('waits for a person, and the task pauses when nothing else is left', () => {
    const it = running(2, 2);
    assert.deepEqual(unitsOfEffects(it, it.stopped('shop', 'u0'), 'startUnit'), []);
    it.finish('shop', 'u1');
    assert.equal(it.task('shop').runState, 'paused');
    assert.equal(it.task('shop').reason?.code, 'pausedByAborts');
    assert.deepEqual(unitsOfEffects(it, it.tell('resume', 'shop'), 'startUnit'), ['u0']);
  });
});
