import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { about, counts, crash, type Desk, desk, names, note, refusal, started, unitsOfEffects } from './desk.ts';

/** Two units are completed, `u0` with three rejected rows; the run has ended. */
function withRejected(definition = {}): Desk {
  const it = started(2, 2, definition);
  it.finish('shop', 'u0', { kind: 'completed', rejected: 3 });
  it.finish('shop', 'u1');
  return it;
}

const replay = (it: Desk, only = ['u0']) => it.start('shop', names(2), { only, enqueue: true, replay: true });

describe('rejected rows', () => {
  test('make a run end with errors, and say in which file they are', () => {
    const it = withRejected();
    assert.equal(it.run('shop').outcome, 'completed_with_errors');
    assert.equal(it.run('shop').rejected, 3);
    assert.equal(it.unit('shop', 'u0').rejectedRun, it.run('shop').id);
  });

  test('stay in the file of the run in which the copy began, until it begins anew', () => {
    const it = started(1);
    const { id } = it.run('shop');
    it.fail('shop', 'u0');
    it.start('shop', names(1));
    assert.notEqual(it.run('shop').id, id);
    assert.equal(it.unit('shop', 'u0').rejectedRun, id);
    it.finish('shop', 'u0');
    it.start('shop', names(1), { again: true });
    assert.equal(it.unit('shop', 'u0').rejectedRun, it.run('shop').id);
  });

  test('are written again by a run of these units, which keeps what was copied', () => {
    const it = withRejected();
    const first = it.run('shop').id;
    const decision = replay(it);
    assert.deepEqual(unitsOfEffects(it, decision, 'startUnit'), ['u0']);
    const { replay: replays, processed, rejected, prepared, verified, rejectedRun, reason } = it.unit('shop', 'u0');
    assert.deepEqual([replays, processed, rejected, verified, rejectedRun], [true, 100, 3, 'count', first]);
    assert.equal(prepared, null);
    assert.deepEqual(reason, { code: 'replaying', args: { rows: 3 } });
    assert.deepEqual(it.run('shop').units, ['u0']);
    const end = it.finish('shop', 'u0', { kind: 'completed', processed: 100, rejected: 1 });
    const after = it.unit('shop', 'u0');
    assert.deepEqual([after.status, after.replay, after.processed, after.rejected], ['completed', false, 100, 1]);
    const { outcome, rows, bytes, rejected: left } = it.run('shop');
    assert.deepEqual([outcome, rows, bytes, left], ['completed_with_errors', 2, 0, 1]);
    const attempt = end.changes.find((change) => change.kind === 'attempt');
    assert.equal(attempt?.kind === 'attempt' && attempt.set.rows, 2);
    replay(it);
    it.finish('shop', 'u0', { kind: 'completed', processed: 100, rejected: 0 });
    assert.equal(it.run('shop').outcome, 'completed');
    assert.equal(counts(it, 'shop'), '0 pending, 0 running, 2 completed, 0 failed, 0 paused');
  });

  for (const resume of ['row', 'unit'] as const)
    test(`an interrupted replay goes on as a replay and never copies the unit (resume ${resume})`, () => {
      const it = desk();
      it.define('shop', {});
      const plan = [{ name: 'u0', type: 'table', total: 100, resume, after: [] } as const];
      it.start('shop', [], { plan });
      it.finish('shop', 'u0', { kind: 'completed', rejected: 3 });
      it.start('shop', [], { plan, only: ['u0'], enqueue: true, replay: true });
      crash(it);
      assert.equal(it.unit('shop', 'u0').status, 'pending');
      it.tell('resume', 'shop');
      assert.deepEqual(it.running('shop'), ['u0']);
      assert.deepEqual([it.unit('shop', 'u0').replay, it.unit('shop', 'u0').processed], [true, 100]);
      it.tell('pause', 'shop');
      it.stopped('shop', 'u0');
      it.tell('resume', 'shop');
      it.lose('shop', 'u0');
      it.now += 2_000;
      it.tell('due', 'shop');
      assert.equal(it.unit('shop', 'u0').rejected, 3);
      it.fail('shop', 'u0');
      it.start('shop', [], { plan });
      const { replay: replays, processed, rejected } = it.unit('shop', 'u0');
      assert.deepEqual([it.running('shop'), replays, processed, rejected], [['u0'], true, 100, 3]);
    });

  test('a restart gives the replay up: the unit is copied from its beginning', () => {
    const it = withRejected();
    replay(it);
    it.take({ type: 'restart', again: false, ...about(it, 'u0') });
    it.stopped('shop', 'u0');
    const { replay: replays, processed, rejected, status } = it.unit('shop', 'u0');
    assert.deepEqual([replays, processed, rejected, status], [false, 0, 0, 'running']);
  });

  test('of a running task are written again before all others, and counted once', () => {
    const it = started(4, 1);
    it.finish('shop', 'u0', { kind: 'completed', rejected: 3 });
    const decision = it.take({ type: 'replay', ...about(it), unitIds: null });
    assert.equal(note(decision), 'replayStarted');
    assert.equal(it.run('shop').rejected, 0);
    it.finish('shop', 'u1');
    assert.deepEqual(it.running('shop'), ['u0']);
    it.finish('shop', 'u0', { kind: 'completed', rejected: 1 });
    assert.deepEqual([it.run('shop').rejected, it.run('shop').rows], [1, 202]);
  });

  test('that are not there are no reason to run', () => {
    const it = withRejected();
    assert.equal(refusal(replay(it, ['u1'])), 'nothingRejected');
    assert.equal(refusal(it.take({ type: 'replay', ...about(it, 'u0') })), 'notRunning');
    const other = started(2);
    assert.equal(refusal(other.take({ type: 'replay', ...about(other), unitIds: null })), 'nothingRejected');
  });

  test('in manual mode go to the head of the queue', () => {
    const it = started(3, 1, { mode: 'manual' });
    it.queueAdd('shop', ['u0', 'u1', 'u2']);
    it.finish('shop', 'u0', { kind: 'completed', rejected: 3 });
    it.take({ type: 'replay', ...about(it, 'u0') });
    assert.deepEqual(it.queue('shop'), ['u0', 'u2']);
  });
});
