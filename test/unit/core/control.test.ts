import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  about,
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

describe('a retry by a person', () => {
  test('takes up what failed, waits for a retry or was ended, and leaves the rest of the request alone', () => {
    const it = started(6, 4);
    it.fail('shop', 'u0'); // u4 starts
    it.lose('shop', 'u1'); // u5 starts
    it.take({ type: 'abort', ...about(it, 'u2') });
    it.stopped('shop', 'u2');
    const retried = it.take({ type: 'retry', ...about(it, 'u0', 'u1', 'u2', 'u3') });
    assert.deepEqual(retried.answer, { ok: true, note: { code: 'retryStarted', args: { units: 3 } } });
    assert.deepEqual(unitsOfEffects(it, retried, 'startUnit'), ['u2'], 'paused units go before pending ones');
    assert.equal(it.unit('shop', 'u3').attempt, 1);
    assert.deepEqual([it.unit('shop', 'u0').status, it.unit('shop', 'u1').nextRetryAt], ['pending', null]);
    assert.deepEqual([it.unit('shop', 'u0').error, it.unit('shop', 'u1').error], [null, null]);
  });

  test('queues the units in manual mode: at the end, in plan order, those that stand there stay', () => {
    const it = byHand(6);
    it.queueAdd('shop', ['u3', 'u1', 'u5', 'u0']);
    it.fail('shop', 'u3'); // u1 runs
    it.fail('shop', 'u1'); // u5 runs
    it.take({ type: 'retry', at: it.now++, taskId: 'shop', unitIds: null });
    assert.deepEqual(it.queue('shop'), ['u0', 'u1', 'u3']);
    const rev = it.task('shop').queueRev;
    it.fail('shop', 'u5'); // u0 runs
    it.take({ type: 'retry', ...about(it, 'u5') });
    assert.deepEqual(it.queue('shop'), ['u1', 'u3', 'u5']);
    assert.equal(it.task('shop').queueRev, rev);
  });

  test('leaves a unit where it stands in the queue', () => {
    const it = byHand(4);
    it.queueAdd('shop', ['u0', 'u1', 'u2']);
    it.tell('pause', 'shop');
    it.stopped('shop', 'u0');
    it.queueAdd('shop', ['u0'], { to: { kind: 'top' } });
    it.take({ type: 'retry', ...about(it, 'u0') });
    assert.deepEqual(it.queue('shop'), ['u0', 'u1', 'u2']);
  });

  test('does not queue what a switch would throw out', () => {
    const it = byHand(3, 2);
    it.queueAdd('shop', ['u0', 'u1']);
    it.fail('shop', 'u0');
    it.setMode('shop', 'auto');
    assert.equal(note(it.take({ type: 'retry', ...about(it, 'u0') })), 'retryAtStart');
    assert.deepEqual(it.queue('shop'), []);
    assert.equal(it.unit('shop', 'u0').status, 'pending');
  });

  test('of units to be synced now goes before the queue and takes pending ones, but no running or completed one', () => {
    const it = byHand(5);
    it.queueAdd('shop', ['u0', 'u1', 'u2']);
    it.finish('shop', 'u0'); // u1 runs
    assert.equal(note(it.take({ type: 'retry', first: true, ...about(it, 'u4', 'u2', 'u1', 'u0') })), 'retryStarted');
    assert.deepEqual(it.queue('shop'), ['u4', 'u2']);
    assert.equal(refusal(it.take({ type: 'retry', first: true, ...about(it, 'u0', 'u1') })), 'unitsNotWaiting');
    assert.equal(refusal(it.take({ type: 'retry', ...about(it, 'u3') })), 'nothingFailed');
  });

  test('widens a run of some units to what it takes up', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(4), { only: ['u0'] });
    it.take({ type: 'retry', first: true, ...about(it, 'u3') });
    assert.deepEqual(it.run('shop').units, ['u0', 'u3']);
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u0'), 'startUnit'), ['u3']);
    it.finish('shop', 'u3');
    assert.equal(it.run('shop').outcome, 'completed');
  });
});

describe('an abort', () => {
  test('ends the running units of the request, and only these', () => {
    const it = started(4, 2);
    const decision = it.take({ type: 'abort', ...about(it, 'u1', 'u3') });
    assert.deepEqual(decision.effects, [{ kind: 'stopUnit', taskId: 'shop', unitId: it.id('shop', 'u1'), attempt: 1 }]);
    assert.equal(it.unit('shop', 'u3').reason, null);
    assert.equal(it.unit('shop', 'u1').updatedAt, it.now - 1);
    assert.equal(refusal(it.take({ type: 'abort', ...about(it) })), 'noUnits');
  });

  test('keeps its reason over a pause that ends the unit, until the task goes on', () => {
    const it = started(3, 2);
    it.take({ type: 'abort', ...about(it, 'u0') });
    it.tell('pause', 'shop');
    it.stopped('shop', 'u0', 'k');
    it.stopped('shop', 'u1', 'k');
    assert.deepEqual([it.unit('shop', 'u0').reason?.code, it.unit('shop', 'u1').reason], ['unitAborted', null]);
    assert.deepEqual(unitsOfEffects(it, it.tell('resume', 'shop'), 'startUnit'), ['u0', 'u1']);
    assert.equal(it.unit('shop', 'u0').reason, null);
  });

  test('leaves the others running, and says how many units are left when the task pauses', () => {
    const it = started(3, 3);
    it.take({ type: 'abort', ...about(it, 'u0', 'u1') });
    it.stopped('shop', 'u0');
    it.stopped('shop', 'u1');
    assert.equal(it.task('shop').runState, 'running');
    assert.deepEqual(kinds(it.finish('shop', 'u2')), ['release']);
    assert.deepEqual(it.task('shop').reason, { code: 'pausedByAborts', args: { units: 2 } });
    assert.equal(it.run('shop').outcome, null);
  });

  test('does not pause a task of manual mode: it waits for additions', () => {
    const it = byHand(1);
    it.queueAdd('shop', ['u0']);
    it.take({ type: 'abort', ...about(it, 'u0') });
    it.stopped('shop', 'u0');
    assert.equal(it.task('shop').runState, 'running');
    assert.deepEqual(unitsOfEffects(it, it.queueAdd('shop', ['u0']), 'startUnit'), ['u0']);
    assert.equal(it.unit('shop', 'u0').reason, null);
  });
});

describe('a restart', () => {
  test('of waiting units makes them fresh and puts them at the head, in the order of the request', () => {
    const it = started(5, 1);
    it.fail('shop', 'u0'); // u1 runs
    it.take({ type: 'restart', again: false, ...about(it, 'u4', 'u0') });
    assert.deepEqual(it.queue('shop'), ['u4', 'u0']);
    assert.deepEqual([it.unit('shop', 'u0').status, it.unit('shop', 'u0').processed], ['pending', 0]);
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u1'), 'startUnit'), ['u4']);
  });

  test('of a completed unit needs "Run again"', () => {
    const it = started(3, 1);
    it.finish('shop', 'u0');
    assert.equal(refusal(it.take({ type: 'restart', again: false, ...about(it, 'u0') })), 'completedUnits');
    it.take({ type: 'restart', again: true, ...about(it, 'u0') });
    assert.deepEqual([it.unit('shop', 'u0').status, it.unit('shop', 'u0').completedAt], ['pending', null]);
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u1'), 'startUnit'), ['u0']);
  });

  test('in a paused task waits for Resume, and runs first then', () => {
    const it = started(4, 1);
    it.tell('pause', 'shop');
    it.stopped('shop', 'u0', 'k');
    assert.deepEqual(
      unitsOfEffects(it, it.take({ type: 'restart', again: false, ...about(it, 'u3') }), 'startUnit'),
      [],
    );
    assert.deepEqual(unitsOfEffects(it, it.tell('resume', 'shop'), 'startUnit'), ['u3']);
  });

  test('takes the unit into a run of some units', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(3), { only: ['u0'] });
    it.take({ type: 'restart', again: false, ...about(it, 'u2', 'u0') });
    assert.deepEqual(it.run('shop').units, ['u0', 'u2']);
    assert.equal(it.unit('shop', 'u0').reason?.code, 'unitRestarting');
  });

  test('of a unit that fails before it sees it begins anew all the same', () => {
    const it = started(3, 1);
    it.take({ type: 'restart', again: false, ...about(it, 'u0') });
    const failed = it.fail('shop', 'u0');
    assert.deepEqual(unitsOfEffects(it, failed, 'startUnit'), ['u0']);
    assert.deepEqual([it.unit('shop', 'u0').error, it.unit('shop', 'u0').processed], [null, 0]);
  });

  test('goes on after a pause: the unit is fresh, and first', () => {
    const it = started(3, 1);
    it.take({ type: 'restart', again: false, ...about(it, 'u0') });
    it.tell('pause', 'shop');
    it.stopped('shop', 'u0', 'k');
    assert.deepEqual([it.unit('shop', 'u0').status, it.unit('shop', 'u0').checkpoint], ['pending', null]);
    assert.deepEqual(it.queue('shop'), ['u0']);
  });
});

describe('a retry that is due', () => {
  const policy = (delayMs: number) => ({ retry: { attempts: 5, delayMs, factor: 1, maxDelayMs: 99_000, jitter: 0 } });

  test('starts alone: those that are not due go on waiting', () => {
    const it = started(2, 2, policy(1_000));
    it.now = 10_000;
    it.lose('shop', 'u0');
    it.now = 10_500;
    it.lose('shop', 'u1');
    it.now = 11_000;
    assert.deepEqual(unitsOfEffects(it, it.tell('due', 'shop'), 'startUnit'), ['u0']);
    assert.equal(it.unit('shop', 'u1').nextRetryAt, 11_500);
  });

  test('waits on when the clock went back by a second or less', () => {
    const it = started(1, 1, policy(5_000));
    it.now = 10_000;
    it.lose('shop', 'u0');
    it.now = 9_000;
    assert.deepEqual(it.tell('due', 'shop').changes, []);
    it.now = 8_999;
    assert.deepEqual(unitsOfEffects(it, it.tell('due', 'shop'), 'startUnit'), ['u0']);
  });

  test('of several units starts all of them when the clock was set back', () => {
    const it = started(3, 3, policy(5_000));
    it.now = 1_000_000;
    it.lose('shop', 'u0');
    it.now = 1_002_000;
    it.lose('shop', 'u1');
    it.now = 20_000;
    assert.deepEqual(unitsOfEffects(it, it.tell('due', 'shop'), 'startUnit'), ['u0', 'u1']);
  });

  test('is put at the head in manual mode, the one that was due first before the others', () => {
    const it = byHand(4, 2);
    it.take({ type: 'adjust', at: 1, taskId: 'shop', set: policy(1_000) });
    it.queueAdd('shop', names(4));
    it.now = 10_000;
    it.lose('shop', 'u1'); // u2 runs
    it.lose('shop', 'u0'); // u3 runs
    it.now = 20_000;
    it.tell('due', 'shop');
    assert.deepEqual(it.queue('shop'), ['u1', 'u0']);
  });

  test('is left alone while a switch is under way', () => {
    const it = started(2, 2);
    it.lose('shop', 'u0');
    it.setMode('shop', 'manual');
    it.now += 60_000;
    assert.deepEqual(it.tell('due', 'shop').changes, []);
  });
});

describe('a rest', () => {
  test('is at once when only retries are waited for, and they go on waiting', () => {
    const it = started(1, 1);
    it.lose('shop', 'u0');
    assert.deepEqual(kinds(it.tell('pause', 'shop')), ['release']);
    assert.equal(it.task('shop').runState, 'paused');
    assert.notEqual(it.unit('shop', 'u0').nextRetryAt, null);
  });

  test('of an interrupted task is a stop at once; its run can still be taken up', () => {
    const it = started(2, 1);
    crash(it);
    assert.deepEqual(kinds(it.tell('stop', 'shop')), ['release']);
    assert.deepEqual([it.task('shop').runState, it.task('shop').reason, it.run('shop').outcome], ['idle', null, null]);
  });

  test('that is asked for by a stop after a pause ends idle', () => {
    const it = started(3, 2);
    it.tell('pause', 'shop');
    assert.deepEqual(it.tell('stop', 'shop').effects, [], 'its units have been told already');
    it.stopped('shop', 'u0');
    it.stopped('shop', 'u1');
    assert.deepEqual([it.task('shop').runState, it.task('shop').updatedAt], ['idle', it.now - 1]);
  });

  test('turns into the end of the run when nothing unfinished is left: failed units do not keep it', () => {
    for (const [told, failing] of [
      ['pause', false],
      ['stop', true],
    ] as const) {
      const it = started(2, 2);
      it.tell(told, 'shop');
      it.finish('shop', 'u0');
      assert.equal(it.run('shop').outcome, null);
      if (failing) it.fail('shop', 'u1');
      else it.finish('shop', 'u1');
      assert.deepEqual(
        [it.run('shop').outcome, it.task('shop').runState],
        [failing ? 'completed_with_errors' : 'completed', 'idle'],
      );
    }
  });

  test('of a task whose last waiting unit left the plan ends its run at Resume', () => {
    const it = started(2, 1);
    it.finish('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    it.plan('shop', planned(['u0']));
    assert.equal(note(it.tell('resume', 'shop')), 'nothingToDo');
    assert.deepEqual([it.run('shop').outcome, it.task('shop').runState], ['completed', 'idle']);
  });

  test('of a task whose last waiting unit left the plan ends its run at the start', () => {
    const it = started(2, 1);
    it.fail('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    const decision = it.start('shop', ['u0']);
    assert.equal(note(decision), 'nothingToDo');
    assert.deepEqual(kinds(decision), ['runEnded', 'release']);
    assert.equal(it.run('shop').outcome, 'completed_with_errors');
  });
});

describe('after a crash in manual mode', () => {
  test('what ran and what was paused stands at the head in the order of its starts, entries behind it', () => {
    const it = byHand(6, 3);
    it.queueAdd('shop', ['u5', 'u1']);
    it.queueAdd('shop', ['u3']);
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1', 'k');
    it.queueAdd('shop', ['u0']);
    crash(it);
    assert.deepEqual(it.queue('shop'), ['u1', 'u5', 'u3', 'u0']);
    assert.equal(it.task('shop').runState, 'paused');
  });

  test('a unit that was ended by itself waits for a person, or for Resume', () => {
    const it = byHand(4, 2);
    it.queueAdd('shop', ['u0', 'u1']);
    it.take({ type: 'abort', ...about(it, 'u0') });
    it.stopped('shop', 'u0');
    crash(it);
    assert.deepEqual(it.queue('shop'), ['u1']);
    it.tell('resume', 'shop');
    assert.deepEqual(it.running('shop').sort(), ['u0', 'u1']);
  });

  test('failed units are available, not queued', () => {
    const it = byHand(2);
    it.queueAdd('shop', ['u0']);
    it.fail('shop', 'u0');
    crash(it);
    it.tell('resume', 'shop');
    assert.deepEqual(
      [it.unit('shop', 'u0').status, it.queue('shop'), it.task('shop').runState],
      ['failed', [], 'running'],
    );
  });
});

describe('after a crash in auto mode', () => {
  test('only what was to be restarted stands in the queue, and it is fresh', () => {
    const it = started(4, 2);
    it.take({ type: 'restart', again: false, ...about(it, 'u1') });
    const lost = crash(it);
    assert.deepEqual(it.queue('shop'), ['u1']);
    assert.deepEqual([it.unit('shop', 'u0').status, it.unit('shop', 'u0').reason], ['pending', null]);
    assert.equal(it.unit('shop', 'u0').updatedAt, it.now - 1);
    assert.equal(lost.changes.filter(({ kind }) => kind === 'attempt').length, 2);
    assert.equal(it.task('shop').updatedAt, it.now - 1);
  });

  test('a pause keeps the reason that it was asked for', () => {
    const it = started(2, 1);
    it.take({ type: 'pause', at: it.now++, taskId: 'shop', reason: { code: 'closing', args: {} } });
    crash(it);
    assert.deepEqual([it.task('shop').runState, it.task('shop').reason?.code], ['paused', 'closing']);
  });
});

describe('a start in manual mode', () => {
  test('queues the units that a person chose, before all others, and ends their waits', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.plan('shop', planned(names(4)));
    it.queueAdd('shop', ['u0']);
    it.start('shop', names(4), { only: ['u2', 'u1'], enqueue: true });
    assert.deepEqual([it.running('shop'), it.queue('shop')], [['u2'], ['u1', 'u0']]);
    assert.deepEqual(it.run('shop').units, ['u2', 'u1']);
  });

  test('leaves them available when only the run was limited', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    assert.equal(note(it.start('shop', names(4), { only: ['u2'] })), 'startedManual');
    assert.deepEqual([it.running('shop'), it.queue('shop')], [[], []]);
  });

  test('leaves failed units failed, and waits for them', () => {
    const it = byHand(1);
    it.queueAdd('shop', ['u0']);
    it.fail('shop', 'u0');
    assert.equal(it.run('shop').outcome, 'completed_with_errors');
    assert.equal(note(it.start('shop', names(1))), 'startedManual');
    assert.deepEqual([it.unit('shop', 'u0').status, it.task('shop').runState], ['failed', 'running']);
    assert.deepEqual(unitsOfEffects(it, it.queueAdd('shop', ['u0']), 'startUnit'), ['u0']);
  });
});

describe('a reset', () => {
  test('makes units fresh, too, that have left the plan: they begin anew when they come back', () => {
    const it = started(3, 1);
    it.finish('shop', 'u0');
    it.fail('shop', 'u1');
    it.tell('stop', 'shop');
    it.stopped('shop', 'u2', 'k');
    it.plan('shop', planned(['u1', 'u2']));
    const written = it.tell('reset', 'shop').changes.flatMap((change) => ('unitId' in change ? [change.unitId] : []));
    assert.deepEqual(written, [it.id('shop', 'u0')], 'by itself, beside the statement for all others');
    it.plan('shop', planned(names(3)));
    for (const unit of names(3)) {
      const { status, processed, checkpoint, removed } = it.unit('shop', unit);
      assert.deepEqual([status, processed, checkpoint, removed], ['pending', 0, null, false], unit);
    }
  });

  test('is one statement for all units of a plan that nothing has left', () => {
    const it = started(3, 1);
    it.tell('stop', 'shop');
    it.stopped('shop', 'u0');
    const changes = it.tell('reset', 'shop').changes.map(({ kind }) => kind);
    assert.equal(changes.filter((kind) => kind === 'unitsWhere').length, 1);
    assert.equal(changes.filter((kind) => kind === 'unit').length, 0);
  });
});

test('a task that is deleted lets go of what it holds', () => {
  const it = started(2, 1);
  it.tell('stop', 'shop');
  it.stopped('shop', 'u0');
  assert.deepEqual(it.tell('deleteTask', 'shop').effects, [{ kind: 'release', taskId: 'shop' }]);
});
