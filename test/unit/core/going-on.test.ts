import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { whyWaiting } from '../../../src/core/select.ts';
import {
  about,
  afterOf,
  crash,
  type Desk,
  desk,
  kinds,
  names,
  note,
  planned,
  refusal,
  started,
  unitsOfEffects,
} from './desk.ts';

function byHand(units = 5, concurrency = 1): Desk {
  return started(units, concurrency, { mode: 'manual' });
}

const policy = (delayMs: number) => ({ retry: { attempts: 5, delayMs, factor: 1, maxDelayMs: 99_000, jitter: 0 } });

describe('a task goes on', () => {
  test('in manual mode though only failed units are left, which people may add', () => {
    const it = byHand(2, 2);
    it.queueAdd('shop', names(2));
    it.fail('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    it.plan('shop', planned(['u0']));
    assert.equal(note(it.tell('resume', 'shop')), 'startedManual');
    assert.deepEqual([it.task('shop').runState, it.run('shop').outcome], ['running', null]);
  });

  test('not in auto mode when only failed units are left: its run is over', () => {
    const it = started(2, 2);
    it.fail('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    it.plan('shop', planned(['u0']));
    assert.equal(note(it.tell('resume', 'shop')), 'nothingToDo');
    assert.equal(it.run('shop').outcome, 'completed_with_errors');
  });

  test('whatever kinds of units are left', () => {
    const held = started(2, 2);
    held.take({ type: 'abort', ...about(held, 'u0') });
    held.tell('pause', 'shop');
    for (const unit of names(2)) held.stopped('shop', unit);
    assert.deepEqual(unitsOfEffects(held, held.tell('resume', 'shop'), 'startUnit'), ['u0', 'u1']);
    const parents = desk();
    parents.define('shop');
    parents.start('shop', [], { plan: [afterOf('a'), afterOf('b', 'a')] });
    parents.tell('pause', 'shop');
    parents.stopped('shop', 'a');
    assert.deepEqual(unitsOfEffects(parents, parents.tell('resume', 'shop'), 'startUnit'), ['a']);
  });

  test('in manual mode with its paused units at the head, those that were queued where they stand', () => {
    const it = byHand(6, 2);
    it.queueAdd('shop', ['u0', 'u1', 'u2', 'u3']);
    it.tell('pause', 'shop');
    it.stopped('shop', 'u0');
    it.stopped('shop', 'u1');
    it.queueAdd('shop', ['u0']);
    it.take({ type: 'adjust', at: 1, taskId: 'shop', set: { concurrency: 1 } });
    it.tell('resume', 'shop');
    assert.deepEqual([it.running('shop'), it.queue('shop')], [['u1'], ['u2', 'u3', 'u0']]);
  });

  test('in manual mode without queueing what has only waited for a parent', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.start('shop', [], { plan: [afterOf('a'), afterOf('b', 'a'), afterOf('c')] });
    it.tell('pause', 'shop');
    it.tell('resume', 'shop');
    assert.deepEqual(it.queue('shop'), []);
    it.queueAdd('shop', ['a']);
    it.tell('pause', 'shop');
    it.stopped('shop', 'a');
    it.tell('resume', 'shop');
    assert.deepEqual([it.running('shop'), it.queue('shop')], [['a'], []]);
  });

  test('with the waits for retries that it had, also by a start of the paused task', () => {
    const it = started(2, 1);
    it.lose('shop', 'u0');
    const { nextRetryAt } = it.unit('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    it.start('shop', names(2));
    assert.deepEqual([it.unit('shop', 'u0').nextRetryAt, it.unit('shop', 'u0').retriesUsed], [nextRetryAt, 1]);
  });
});

describe('a start of some units', () => {
  test('executes failed ones that it names, also in a task that is paused', () => {
    const it = started(3, 1);
    it.fail('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    assert.deepEqual(unitsOfEffects(it, it.start('shop', names(3), { only: ['u0'] }), 'startUnit'), ['u0']);
  });

  test('that a person chose ends their waits, and queues nothing in auto mode', () => {
    const it = started(3, 1);
    it.lose('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    const decision = it.start('shop', names(3), { only: ['u0'], enqueue: true });
    assert.deepEqual(unitsOfEffects(it, decision, 'startUnit'), ['u0']);
    assert.equal(it.unit('shop', 'u0').retriesUsed, 0);
    assert.deepEqual(
      decision.changes.filter(({ kind }) => kind === 'enqueue'),
      [],
    );
  });

  test('that fails before its plan lets go of what the task holds, and leaves its run as it is', () => {
    const it = started(2, 1);
    it.tell('stop', 'shop');
    it.stopped('shop', 'u0');
    const error = { class: 'retryable', code: 'noConnection', args: {}, message: '' } as const;
    const failed = it.take({ type: 'startFailed', at: 5, taskId: 'shop', runId: 'r', by: 'person', error });
    assert.deepEqual(failed.effects, [{ kind: 'release', taskId: 'shop' }]);
  });
});

describe('a run with a mode of its own', () => {
  test('keeps it, and the mode that is asked for becomes that of the task, too', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.start('shop', names(3), { mode: 'auto' });
    const { answer } = it.setMode('shop', 'auto');
    assert.deepEqual(answer, { ok: true, note: { code: 'alreadyInMode', args: { mode: 'auto' } } });
    assert.deepEqual([it.task('shop').mode, it.task('shop').switchingTo], ['auto', null]);
    assert.deepEqual(it.running('shop'), ['u0']);
    assert.deepEqual(it.setMode('shop', 'auto').changes, []);
  });
});

test('a stop tells the running units, as a pause does', () => {
  const it = started(4, 2);
  assert.deepEqual(unitsOfEffects(it, it.tell('stop', 'shop'), 'stopUnit'), ['u0', 'u1']);
});

test('a retry of all failed units takes those in that the run does not have', () => {
  const it = started(3, 2);
  it.fail('shop', 'u0');
  it.fail('shop', 'u1');
  it.finish('shop', 'u2');
  it.plan('shop', planned(names(4)));
  it.start('shop', names(4), { only: ['u3'] });
  it.take({ type: 'retry', at: it.now++, taskId: 'shop', unitIds: null });
  assert.deepEqual(it.run('shop').units, ['u3', 'u0', 'u1']);
});

describe('a request about units', () => {
  test('is refused as a whole when one is unknown', () => {
    const it = started(3, 1);
    for (const type of ['abort', 'retry'] as const)
      assert.equal(refusal(it.take({ type, ...about(it, 'u0', 'nobody') })), 'unknownUnits');
    assert.equal(refusal(it.take({ type: 'restart', again: true, ...about(it, 'u0', 'nobody') })), 'unknownUnits');
    assert.equal(it.unit('shop', 'u0').reason, null);
  });

  test('to restart them starts what can start at once, and queues no running one', () => {
    const it = byHand(5, 2);
    it.queueAdd('shop', ['u0']);
    const restarted = it.take({ type: 'restart', again: false, ...about(it, 'u0', 'u3', 'u4') });
    assert.deepEqual(unitsOfEffects(it, restarted, 'startUnit'), ['u3']);
    assert.deepEqual(it.queue('shop'), ['u4']);
  });
});

describe('when a retry may be due', () => {
  test('nothing happens to a task without one', () => {
    assert.deepEqual(started(2, 1).tell('due', 'shop').changes, []);
    const waits = byHand(1);
    waits.queueAdd('shop', ['u0']);
    waits.fail('shop', 'u0');
    waits.start('shop', names(1));
    assert.deepEqual(waits.tell('due', 'shop').changes, []);
    assert.equal(waits.task('shop').runState, 'running', 'it waits for its failed unit to be added');
  });

  test('in auto mode the unit takes its turn in plan order', () => {
    const it = started(4, 1);
    it.take({ type: 'retry', first: true, ...about(it, 'u3') });
    it.finish('shop', 'u0');
    it.lose('shop', 'u3'); // u1 runs
    it.now += 60_000;
    it.tell('due', 'shop');
    assert.deepEqual(it.queue('shop'), []);
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u1'), 'startUnit'), ['u2']);
  });

  test('every unit whose wait began after the present is started, whatever else waits between them', () => {
    const it = started(3, 3);
    const lose = (unit: string, at: number, delayMs: number) => {
      it.take({ type: 'adjust', at: 1, taskId: 'shop', set: policy(delayMs) });
      it.now = at;
      it.lose('shop', unit);
    };
    lose('u0', 100_000, 1);
    lose('u2', 100_000, 60_000);
    lose('u1', 20_000, 90_000);
    it.now = 20_100;
    assert.deepEqual(unitsOfEffects(it, it.tell('due', 'shop'), 'startUnit'), ['u0', 'u2']);
  });
});

describe('a crash', () => {
  test('ends the attempts of the units that ran, each by its own number', () => {
    const it = started(2, 2);
    const lost = crash(it).changes.flatMap((change) =>
      change.kind === 'attempt' ? [[change.runId, change.unitId, change.attempt]] : [],
    );
    assert.deepEqual(lost, [
      ['run1000', it.id('shop', 'u0'), 1],
      ['run1000', it.id('shop', 'u1'), 1],
    ]);
  });

  test('makes nothing of an abort that was under way, and a fresh unit of a restart', () => {
    const it = started(2, 2);
    for (const unit of names(2)) {
      const { id, attempt } = it.unit('shop', unit);
      it.take({ type: 'checkpoint', at: 1, unitId: id, attempt, checkpoint: 'k', processed: 40, bytes: 400 });
    }
    it.take({ type: 'abort', ...about(it, 'u0') });
    it.take({ type: 'restart', again: false, ...about(it, 'u1') });
    crash(it);
    const [aborted, restarted] = [it.unit('shop', 'u0'), it.unit('shop', 'u1')];
    assert.deepEqual([aborted.status, aborted.reason, aborted.checkpoint], ['pending', null, 'k']);
    assert.deepEqual([restarted.status, restarted.reason, restarted.checkpoint], ['pending', null, null]);
  });

  test('of a task at rest in manual mode leaves its queue as it was', () => {
    const it = byHand(4, 1);
    it.queueAdd('shop', ['u0', 'u1']);
    it.tell('pause', 'shop');
    it.stopped('shop', 'u0');
    assert.deepEqual(crash(it).changes, []);
    assert.deepEqual(it.queue('shop'), ['u1']);
  });

  test('in manual mode leaves a paused unit where people have queued it', () => {
    const it = byHand(5, 2);
    it.queueAdd('shop', ['u0', 'u1', 'u2']);
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    it.queueAdd('shop', ['u1']);
    crash(it);
    assert.deepEqual(it.queue('shop'), ['u0', 'u2', 'u1']);
    assert.deepEqual(kinds(it.tell('resume', 'shop')), ['startUnit', 'startUnit']);
  });
});

describe('a start', () => {
  test('counts parent tasks of its own folder only, completed after its previous full run began', () => {
    const it = desk();
    it.define('first', {}, 'B');
    it.define('shop', {}, 'A');
    it.start('first', ['x']);
    it.finish('first', 'x');
    assert.equal(refusal(it.start('shop', ['y'], { after: ['first'] })), 'parentsNotDone');
    const near = desk();
    near.define('first');
    near.define('shop');
    near.start('first', ['x']);
    near.now = 5_000;
    near.finish('first', 'x');
    near.now = 5_000;
    near.start('shop', ['y']);
    near.finish('shop', 'y');
    assert.equal(refusal(near.start('shop', ['y'], { after: ['first'], again: true })), 'parentsNotDone');
  });

  test('of no units has nothing to do, "Run again" or not', () => {
    const it = desk();
    it.define('shop');
    assert.equal(note(it.start('shop', [], { again: true })), 'nothingToDo');
    assert.equal(note(it.start('shop', names(2), { again: true, only: [] })), 'nothingToDo');
    assert.equal(note(it.start('shop', names(2), { only: [] })), 'nothingToDo');
  });

  test('of no units ends a run of some units whose last one has left the plan', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(2), { only: ['u1'] });
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    assert.deepEqual(kinds(it.start('shop', ['u0'], { only: [] })), ['runEnded', 'release']);
    assert.equal(it.run('shop').outcome, 'completed');
  });

  test('"Run again" of some units goes on with the run that is unfinished', () => {
    const it = started(3, 1);
    it.finish('shop', 'u0');
    const { id } = it.run('shop');
    it.tell('stop', 'shop');
    it.stopped('shop', 'u1');
    it.start('shop', names(3), { again: true, only: ['u0'] });
    assert.deepEqual([it.run('shop').id, it.run('shop').units, it.running('shop')], [id, ['u0'], ['u0']]);
  });

  test('of some units narrows the run that goes on', () => {
    const it = started(3, 1);
    it.tell('stop', 'shop');
    it.stopped('shop', 'u0');
    it.start('shop', names(3), { only: ['u2'] });
    assert.deepEqual(it.run('shop').units, ['u2']);
  });

  test('of chosen units leaves completed ones alone', () => {
    const it = byHand(3, 1);
    it.queueAdd('shop', ['u0']);
    it.finish('shop', 'u0');
    it.tell('stop', 'shop');
    it.start('shop', names(3), { only: ['u0', 'u1', 'u2'], enqueue: true });
    assert.deepEqual(
      [it.unit('shop', 'u0').status, it.running('shop'), it.queue('shop')],
      ['completed', ['u1'], ['u2']],
    );
  });
});

describe('an end', () => {
  test('by completion of a unit that was to be restarted queues nothing', () => {
    const it = started(3, 1);
    it.take({ type: 'restart', again: false, ...about(it, 'u0') });
    it.finish('shop', 'u0');
    assert.deepEqual([it.queue('shop'), it.running('shop')], [[], ['u1']]);
  });

  test('by failure counts no rows for the run', () => {
    const it = started(2, 1);
    it.fail('shop', 'u0');
    const { rows, bytes, rejected } = it.run('shop');
    assert.deepEqual([rows, bytes, rejected], [0, 0, 0]);
  });

  test('pauses the task only when it is a failure, and the task is not on its way already', () => {
    const it = started(5, 2, { onError: 'pause' });
    it.finish('shop', 'u0');
    it.lose('shop', 'u1');
    assert.equal(it.task('shop').runState, 'running');
    it.tell('pause', 'shop');
    assert.deepEqual(it.fail('shop', 'u2').effects, []);
    assert.equal(it.task('shop').reason, null);
    it.tell('stop', 'shop');
    it.fail('shop', 'u3');
    assert.equal(it.task('shop').runState, 'idle');
  });

  test('that is retried says on the unit what was granted', () => {
    const it = started(2, 1, policy(2_500));
    it.lose('shop', 'u0');
    assert.deepEqual(it.unit('shop', 'u0').reason, { code: 'retryWaits', args: { retry: 1, of: 5, seconds: 3 } });
  });
});

describe('parents', () => {
  const plan = (...lines: string[]) =>
    lines.map((line) => {
      const [name = '', ...after] = line.split(' ');
      return afterOf(name, ...after);
    });
  const why = (it: Desk, unit: string) => whyWaiting(it.state, it.id('shop', unit), it.now);
  const begun = (lines: string[], given = {}) => {
    const it = desk();
    it.define('shop', { concurrency: 9 });
    const decision = it.start('shop', [], { plan: plan(...lines), ...given });
    return { it, decision };
  };

  test('that several units share are no cycle; a cycle is found wherever it stands, and told without what leads to it', () => {
    assert.equal(note(begun(['a', 'b a', 'c a', 'd b c', 'e d a']).decision), 'startedAuto');
    assert.equal(note(begun(['d b c', 'b a', 'c a', 'a']).decision), 'startedAuto');
    assert.equal(refusal(begun(['a', 'b a', 'c d', 'd c']).decision), 'unitCycle');
    const { answer } = begun(['x a', 'a b', 'b a']).decision;
    assert.match(String(!answer.ok && answer.refusal.args.path), /^(a -> b -> a|b -> a -> b)$/);
  });

  test('of a removed unit may be unknown, and may wait for each other', () => {
    const { it } = begun(['a', 'b a', 'c']);
    it.tell('stop', 'shop');
    for (const unit of it.running('shop')) it.stopped('shop', unit);
    assert.equal(note(it.start('shop', [], { plan: plan('c') })), 'startedAuto');
  });

  test('that are completed are not waited for', () => {
    const { it } = begun(['a', 'b', 'c a b']);
    it.finish('shop', 'a');
    assert.deepEqual(why(it, 'c'), { code: 'waitingForUnit', args: { unit: 'b' } });
  });

  test('that left the plan are not part of the run', () => {
    const { it } = begun(['a', 'b a']);
    it.tell('stop', 'shop');
    it.stopped('shop', 'a');
    it.plan('shop', plan('b a'));
    assert.deepEqual(why(it, 'b'), { code: 'blockedByAbsent', args: { unit: 'a' } });
  });

  test('that were completed before the run do not keep others from being completed in it', () => {
    const { it } = begun(['a', 'b a', 'c b'], { only: ['a'] });
    it.finish('shop', 'a');
    it.start('shop', [], { plan: plan('a', 'b a', 'c b'), only: ['b', 'c'] });
    assert.deepEqual(why(it, 'c'), { code: 'waitingForUnit', args: { unit: 'b' } });
  });

  test('are looked through to the one that failed', () => {
    const { it } = begun(['a', 'b', 'c a b', 'd c']);
    it.fail('shop', 'b');
    assert.deepEqual(why(it, 'd'), { code: 'blockedByFailed', args: { unit: 'b' } });
  });
});
