import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nextDueAt, whyWaiting } from '../../../src/core/select.ts';
import { type Desk, desk, names, note, refusal, unitsOfEffects } from './desk.ts';

function running(units: number, definition = {}): Desk {
  const it = desk();
  it.define('shop', { concurrency: 1, ...definition });
  it.start('shop', names(units));
  return it;
}

/** Moves the clock to the nearest retry and says so. */
function due(it: Desk) {
  it.now = nextDueAt(it.state, null)?.at ?? it.now;
  return it.tell('due', 'shop');
}

describe('a retryable failure', () => {
  test('becomes a wait that holds no slot and says what it waits for', () => {
    const it = running(2);
    const failed = it.lose('shop', 'u0');
    assert.deepEqual(unitsOfEffects(it, failed, 'startUnit'), ['u1']);
    const { id, status, retriesUsed, nextRetryAt, updatedAt } = it.unit('shop', 'u0');
    assert.deepEqual([status, retriesUsed, (nextRetryAt ?? 0) - updatedAt], ['pending', 1, 1_000]);
    assert.deepEqual(whyWaiting(it.state, id, updatedAt + 1), {
      code: 'retryWaits',
      args: { retry: 1, of: 3, seconds: 1 },
      cause: { code: 'connectionLost', args: {} },
    });
  });

  test('is executed again when its time has come, not before', () => {
    const it = running(1);
    it.lose('shop', 'u0');
    assert.deepEqual(it.tell('due', 'shop').changes, []);
    assert.deepEqual(unitsOfEffects(it, due(it), 'startUnit'), ['u0']);
    assert.equal(it.unit('shop', 'u0').attempt, 2);
  });

  test('is granted as often as the policy says, with growing delays', () => {
    const it = running(1);
    const delays: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      it.lose('shop', 'u0');
      const { nextRetryAt, updatedAt } = it.unit('shop', 'u0');
      delays.push((nextRetryAt ?? 0) - updatedAt);
      due(it);
    }
    assert.deepEqual(delays, [1_000, 2_000, 4_000]);
    it.lose('shop', 'u0');
    assert.equal(it.unit('shop', 'u0').status, 'failed');
    assert.equal(it.run('shop').outcome, 'completed_with_errors');
  });

  test('waits by chance a share of the jitter more or less, never longer than the longest delay', () => {
    const delay = (random: number, retry = {}) => {
      const it = running(1, {
        retry: { attempts: 3, delayMs: 1000, factor: 2, maxDelayMs: 1_100, jitter: 0.2, ...retry },
      });
      it.lose('shop', 'u0', random);
      const { nextRetryAt, updatedAt } = it.unit('shop', 'u0');
      return (nextRetryAt ?? 0) - updatedAt;
    };
    assert.deepEqual([delay(0), delay(0.5), delay(0.999)], [800, 1_000, 1_100]);
    assert.equal(delay(0.999, { jitter: 0 }), 1_000);
  });

  test('keeps its budget and its wait over a crash; pauses and crashes use up nothing', () => {
    const it = running(2);
    it.lose('shop', 'u0');
    it.take({ type: 'recover', at: it.now, store: 'A' });
    assert.deepEqual([it.unit('shop', 'u0').retriesUsed, it.unit('shop', 'u1').retriesUsed], [1, 0]);
    assert.equal(nextDueAt(it.state, null), null, 'nothing is due while the task is interrupted');
    it.tell('resume', 'shop');
    it.finish('shop', 'u1');
    assert.deepEqual(unitsOfEffects(it, due(it), 'startUnit'), ['u0']);
    assert.equal(it.unit('shop', 'u0').retriesUsed, 1);
  });

  test('does not start while the task is paused, and goes on waiting after Resume', () => {
    const it = running(1);
    it.lose('shop', 'u0');
    it.tell('pause', 'shop');
    it.now += 60_000;
    assert.deepEqual(it.tell('due', 'shop').changes, []);
    it.tell('resume', 'shop');
    assert.deepEqual(unitsOfEffects(it, it.tell('due', 'shop'), 'startUnit'), ['u0']);
  });

  test('is not waited for by a clock that was set back', () => {
    const it = running(1);
    it.now = 10_000_000;
    it.lose('shop', 'u0');
    it.now = 5_000_000;
    assert.deepEqual(unitsOfEffects(it, it.tell('due', 'shop'), 'startUnit'), ['u0']);
  });

  test('gets a new budget by a person, by a switch, and by the start of an idle task', () => {
    const it = running(1);
    it.lose('shop', 'u0');
    const retry = { type: 'retry', at: it.now++, taskId: 'shop', unitIds: [it.id('shop', 'u0')] } as const;
    assert.deepEqual(unitsOfEffects(it, it.take(retry), 'startUnit'), ['u0']);
    assert.equal(it.unit('shop', 'u0').retriesUsed, 0);
    it.lose('shop', 'u0');
    it.tell('stop', 'shop');
    it.start('shop', names(1));
    assert.deepEqual([it.unit('shop', 'u0').retriesUsed, it.running('shop')], [0, ['u0']]);
  });

  test('enters the head of the queue in manual mode, which is no edit of it', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.start('shop', names(3));
    it.queueAdd('shop', names(3));
    it.lose('shop', 'u0');
    assert.deepEqual(it.queue('shop'), ['u2']);
    const { queueRev } = it.task('shop');
    due(it);
    assert.deepEqual(it.queue('shop'), ['u0', 'u2']);
    assert.equal(it.task('shop').queueRev, queueRev);
  });

  test('of a unit that proved its copy wrong starts from the beginning', () => {
    const it = running(1);
    const { id, attempt } = it.unit('shop', 'u0');
    it.take({ type: 'checkpoint', at: 1, unitId: id, attempt, checkpoint: 'k', processed: 7, bytes: 7 });
    const error = { class: 'permanent', code: 'verificationFailed', args: {}, message: '' } as const;
    const outcome = { kind: 'failed', error, processed: 100, bytes: 1, forget: true } as const;
    it.take({ type: 'finished', at: 2, unitId: id, attempt, outcome, random: 0 });
    assert.deepEqual([it.unit('shop', 'u0').processed, it.unit('shop', 'u0').bytes], [0, 0]);
  });
});

describe('ending and restarting one unit', () => {
  const about = (it: Desk, unit: string) => ({ at: it.now++, taskId: 'shop', unitIds: [it.id('shop', unit)] });

  test('an aborted unit stays paused until a person takes it up; the others go on', () => {
    const it = running(3, { concurrency: 2 });
    const aborted = it.take({ type: 'abort', ...about(it, 'u0') });
    assert.deepEqual(unitsOfEffects(it, aborted, 'stopUnit'), ['u0']);
    it.stopped('shop', 'u0', 'k');
    it.finish('shop', 'u1');
    it.finish('shop', 'u2');
    assert.deepEqual([it.task('shop').runState, it.task('shop').reason?.code], ['paused', 'pausedByAborts']);
    assert.deepEqual(unitsOfEffects(it, it.tell('resume', 'shop'), 'startUnit'), ['u0']);
  });

  test('a failure that comes before the abort is seen waits for nothing', () => {
    const it = running(2, { concurrency: 2 });
    it.take({ type: 'abort', ...about(it, 'u0') });
    it.lose('shop', 'u0');
    assert.deepEqual([it.unit('shop', 'u0').status, it.unit('shop', 'u0').nextRetryAt], ['failed', null]);
  });

  test('a restarted unit runs next, from its beginning', () => {
    const it = running(4);
    it.take({ type: 'restart', again: false, ...about(it, 'u0') });
    const { id, attempt } = it.unit('shop', 'u0');
    assert.equal(it.unit('shop', 'u0').reason?.code, 'unitRestarting');
    const stopped = it.stopped('shop', 'u0', 'k');
    assert.deepEqual(unitsOfEffects(it, stopped, 'startUnit'), ['u0']);
    assert.deepEqual([it.unit('shop', 'u0').checkpoint, it.unit('shop', 'u0').attempt], [null, attempt + 1]);
    it.take({ type: 'restart', again: false, ...about(it, 'u3') });
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u0'), 'startUnit'), ['u3']);
    assert.equal(it.id('shop', 'u0'), id);
  });

  test('a unit that completes before it sees the restart is completed', () => {
    const it = running(2);
    it.take({ type: 'restart', again: false, ...about(it, 'u0') });
    it.finish('shop', 'u0');
    assert.equal(it.unit('shop', 'u0').status, 'completed');
    assert.equal(refusal(it.take({ type: 'restart', again: false, ...about(it, 'u0') })), 'completedUnits');
  });

  test('a restart survives a crash', () => {
    const it = running(3);
    it.finish('shop', 'u0');
    it.take({ type: 'restart', again: false, ...about(it, 'u1') });
    it.take({ type: 'recover', at: it.now, store: 'A' });
    assert.deepEqual([it.unit('shop', 'u1').prepared, it.queue('shop')], [null, ['u1']]);
  });

  test('"Sync this unit now" goes before all others, in both modes', () => {
    const it = running(4);
    it.take({ type: 'retry', first: true, ...about(it, 'u3') });
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u0'), 'startUnit'), ['u3']);
    const manual = desk();
    manual.define('shop', { mode: 'manual', concurrency: 1 });
    manual.start('shop', names(3));
    manual.queueAdd('shop', ['u0', 'u1']);
    manual.take({ type: 'retry', first: true, ...about(manual, 'u2') });
    assert.deepEqual(manual.queue('shop'), ['u2', 'u1']);
  });

  test('only running units can be aborted', () => {
    const it = running(2);
    assert.equal(refusal(it.take({ type: 'abort', ...about(it, 'u1') })), 'unitsNotRunning');
    assert.equal(note(it.take({ type: 'abort', ...about(it, 'u0') })), 'aborting');
  });
});
