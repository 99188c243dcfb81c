import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Change, Decision } from '../../../src/core/events.ts';
import { type Desk, desk, kinds, names, planned, unitsOfEffects } from './desk.ts';

function changes<K extends Change['kind']>(decision: Decision, kind: K): Extract<Change, { kind: K }>[] {
  return decision.changes.filter((change): change is Extract<Change, { kind: K }> => change.kind === kind);
}

describe('an execution', () => {
  test('is recorded with its run, its number and its start, and is told to the executor', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    const at = it.now;
    const started = it.start('shop', names(2), { runId: 'r1' });
    const unitId = it.id('shop', 'u0');
    assert.deepEqual(changes(started, 'putAttempt'), [
      {
        kind: 'putAttempt',
        taskId: 'shop',
        attempt: {
          runId: 'r1',
          unitId,
          attempt: 1,
          startedAt: at,
          endedAt: null,
          outcome: null,
          rows: 0,
          bytes: 0,
          errorCode: null,
        },
      },
    ]);
    assert.deepEqual(started.effects, [{ kind: 'startUnit', taskId: 'shop', unitId, attempt: 1 }]);
    const { startedAt, updatedAt, status } = it.unit('shop', 'u0');
    assert.deepEqual([startedAt, updatedAt, status], [at, at, 'running']);
  });

  test('that follows a failed one forgets its error when it starts', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(1));
    it.lose('shop', 'u0');
    it.now += 5_000;
    it.tell('due', 'shop');
    const { status, error, nextRetryAt, retriesUsed } = it.unit('shop', 'u0');
    assert.deepEqual([status, error, nextRetryAt, retriesUsed], ['running', null, null, 1]);
  });

  test('leaves the queue by the same decision', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.start('shop', names(3));
    const added = it.queueAdd('shop', ['u1', 'u0']);
    assert.deepEqual(changes(added, 'dequeue'), [{ kind: 'dequeue', taskId: 'shop', unitIds: [it.id('shop', 'u1')] }]);
    assert.deepEqual(changes(it.start('shop', names(3)), 'dequeue'), []);
  });

  test('that ends is recorded under its run with what it did, whichever way it ends', () => {
    const it = desk();
    it.define('shop', { concurrency: 3 });
    it.start('shop', names(3), { runId: 'r1' });
    const at = it.now;
    const key = (unit: string) => ({
      kind: 'attempt',
      taskId: 'shop',
      runId: 'r1',
      unitId: it.id('shop', unit),
      attempt: 1,
    });
    assert.deepEqual(changes(it.lose('shop', 'u0'), 'attempt'), [
      { ...key('u0'), set: { endedAt: at, outcome: 'failed', rows: 10, bytes: 100, errorCode: 'connectionLost' } },
    ]);
    assert.deepEqual(changes(it.finish('shop', 'u1'), 'attempt'), [
      { ...key('u1'), set: { endedAt: at + 1, outcome: 'completed', rows: 100, bytes: 1000, errorCode: null } },
    ]);
    it.tell('pause', 'shop');
    assert.deepEqual(changes(it.stopped('shop', 'u2'), 'attempt'), [
      { ...key('u2'), set: { endedAt: at + 3, outcome: 'stopped', rows: 0, bytes: 0, errorCode: null } },
    ]);
  });

  test('that ends stopped keeps its last checkpoint when it brings no newer one', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(1));
    const { id, attempt } = it.unit('shop', 'u0');
    it.take({ type: 'checkpoint', at: 1, unitId: id, attempt, checkpoint: 'k1', processed: 5, bytes: 50 });
    it.tell('pause', 'shop');
    const outcome = { kind: 'stopped', processed: 7, bytes: 70, checkpoint: null } as const;
    it.take({ type: 'finished', at: 2, unitId: id, attempt, outcome, random: 0 });
    const { checkpoint, processed, bytes, status } = it.unit('shop', 'u0');
    assert.deepEqual([checkpoint, processed, bytes, status], ['k1', 7, 70, 'paused']);
  });

  test('never counts fewer rows than none, though the target had to be prepared again', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(1));
    const { id } = it.unit('shop', 'u0');
    it.take({ type: 'checkpoint', at: 1, unitId: id, attempt: 1, checkpoint: 'k1', processed: 50, bytes: 500 });
    it.tell('pause', 'shop');
    it.stopped('shop', 'u0', 'k1');
    it.tell('resume', 'shop');
    it.take({ type: 'prepared', at: 2, unitId: id, attempt: 2, prepared: 'created', total: null });
    const { checkpoint, processed, bytes, total } = it.unit('shop', 'u0');
    assert.deepEqual([checkpoint, processed, bytes, total], [null, 0, 0, 100]);
    const [ended] = changes(it.fail('shop', 'u0'), 'attempt');
    assert.ok(ended!.set.rows! >= 0 && ended!.set.bytes! >= 0);
  });

  test('says what it knows of the total while it copies', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', [], { plan: planned(names(1), 'row', null) });
    const { id, attempt } = it.unit('shop', 'u0');
    const progress = (total: number | null) =>
      it.take({ type: 'progress', at: it.now++, unitId: id, attempt, processed: 1, bytes: 10, total });
    const { durability, effects } = progress(70);
    assert.deepEqual([durability, effects], ['buffered', []]);
    assert.equal(it.unit('shop', 'u0').total, 70);
    progress(null);
    assert.deepEqual([it.unit('shop', 'u0').total, it.unit('shop', 'u0').updatedAt], [70, it.now - 1]);
  });

  test('that fails may bring a retry policy of its own', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(1));
    const error = { class: 'retryable', code: 'gone', args: {}, message: '' } as const;
    const outcome = { kind: 'failed', error, processed: 1, bytes: 1 } as const;
    const retry = { attempts: 1, delayMs: 77, factor: 1, maxDelayMs: 100, jitter: 0 };
    const report = { at: 5_000, unitId: it.id('shop', 'u0'), attempt: 1, random: 0, retry };
    it.take({ type: 'finished', ...report, outcome });
    assert.deepEqual([it.unit('shop', 'u0').nextRetryAt, it.unit('shop', 'u0').error], [5_077, error]);
  });
});

describe('a run', () => {
  test('begins with nothing counted, and keeps the newest fifty of the task', () => {
    const it = desk();
    it.define('shop', { concurrency: 3 });
    const at = it.now;
    const started = it.start('shop', names(2), { runId: 'r1', by: 'command', only: ['u1'] });
    const [begun] = changes(started, 'putRun');
    assert.deepEqual(begun?.run, {
      id: 'r1',
      taskId: 'shop',
      startedAt: at,
      endedAt: null,
      outcome: null,
      startedBy: 'command',
      mode: 'auto',
      concurrency: 3,
      units: ['u1'],
      rows: 0,
      bytes: 0,
      rejected: 0,
    });
    assert.deepEqual(changes(started, 'forgetRuns'), [{ kind: 'forgetRuns', taskId: 'shop', keep: 50 }]);
    assert.equal(it.task('shop').fullRunAt, null, 'it was limited');
    const ended = it.finish('shop', 'u1');
    assert.deepEqual(ended.effects, [
      { kind: 'runEnded', taskId: 'shop', runId: 'r1', outcome: 'completed' },
      { kind: 'release', taskId: 'shop' },
    ]);
    assert.equal(it.run('shop').endedAt, it.now - 1);
    it.start('shop', names(2));
    assert.equal(it.task('shop').fullRunAt, it.now - 1);
  });

  test('that could not begin is recorded with its end, and leaves the full run as it was', () => {
    const it = desk();
    it.define('shop');
    const error = { class: 'retryable', code: 'noConnection', args: {}, message: '' } as const;
    const failed = it.take({ type: 'startFailed', at: 5, taskId: 'shop', runId: 'r', by: 'schedule', error });
    assert.deepEqual(failed.effects, [
      { kind: 'runEnded', taskId: 'shop', runId: 'r', outcome: 'failed' },
      { kind: 'release', taskId: 'shop' },
    ]);
    assert.deepEqual(changes(failed, 'forgetRuns'), [{ kind: 'forgetRuns', taskId: 'shop', keep: 50 }]);
    const { startedAt, endedAt, startedBy, units } = it.run('shop');
    assert.deepEqual([startedAt, endedAt, startedBy, units], [5, 5, 'schedule', null]);
    assert.equal(it.task('shop').fullRunAt, null);
  });

  test('given up by "Run again" ends stopped, and all units begin anew', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(3), { runId: 'r1' });
    it.finish('shop', 'u0');
    it.tell('stop', 'shop');
    it.stopped('shop', 'u1', 'k');
    const again = it.start('shop', names(3), { runId: 'r2', again: true });
    assert.deepEqual(again.effects[0], { kind: 'runEnded', taskId: 'shop', runId: 'r1', outcome: 'stopped' });
    const given = changes(again, 'run').find(({ runId }) => runId === 'r1');
    assert.deepEqual([given?.set.outcome, given?.set.endedAt], ['stopped', it.now - 1]);
    assert.deepEqual(unitsOfEffects(it, again, 'startUnit'), ['u0']);
    assert.equal(it.unit('shop', 'u1').checkpoint, null);
  });

  test('goes on with the width, the mode and the concurrency of the start that takes it up', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(4), { only: ['u0', 'u1'], concurrency: 2 });
    it.tell('stop', 'shop');
    for (const unit of ['u0', 'u1']) it.stopped('shop', unit);
    it.start('shop', names(4), { only: ['u2'] });
    assert.deepEqual([it.run('shop').units, it.run('shop').concurrency, it.running('shop')], [['u2'], 1, ['u2']]);
    it.tell('stop', 'shop');
    it.stopped('shop', 'u2');
    it.start('shop', names(4), { mode: 'manual', concurrency: 3 });
    assert.deepEqual([it.run('shop').units, it.run('shop').concurrency, it.run('shop').mode], [null, 3, 'manual']);
    assert.deepEqual(it.queue('shop'), [], 'all three run, from the head of the queue');
    assert.deepEqual(it.running('shop'), ['u0', 'u1', 'u2']);
  });

  test('counts what was completed under it', () => {
    const it = desk();
    it.define('shop', { concurrency: 2 });
    it.start('shop', names(3));
    it.finish('shop', 'u0', { kind: 'completed', processed: 5, bytes: 50, rejected: 1 });
    it.finish('shop', 'u1', { kind: 'completed', processed: 7, bytes: 70, rejected: 2 });
    const { rows, bytes, rejected } = it.run('shop');
    assert.deepEqual([rows, bytes, rejected], [12, 120, 3]);
  });
});

describe('slots that fall to tasks of another store', () => {
  /** `here` (store A) has `units` running and many ready; `there` and `alsoThere` (store B) wait for a slot. */
  function shared(there: number, alsoThere = 0): Desk {
    const it = desk(1);
    it.define('here', { concurrency: 1 }, 'A');
    it.define('there', { concurrency: 9 }, 'B');
    it.define('alsoThere', { concurrency: 9 }, 'B');
    it.start('here', names(9));
    it.start('there', names(there));
    if (alsoThere > 0) it.start('alsoThere', names(alsoThere));
    return it;
  }

  test('are set aside for as many units as are ready there, and no more', () => {
    const it = shared(1);
    it.take({ type: 'setMaxRunning', at: 1, maxRunningUnits: 5 });
    const adjusted = it.take({ type: 'adjust', at: 2, taskId: 'here', set: { concurrency: 9 } });
    assert.deepEqual(unitsOfEffects(it, adjusted, 'startUnit'), ['u1', 'u2', 'u3']);
    assert.deepEqual(
      adjusted.effects.filter(({ kind }) => kind === 'offer'),
      [{ kind: 'offer', taskId: 'there' }],
    );
  });

  test('are shared turn by turn, and offered once for all tasks of the store', () => {
    const it = shared(5, 5);
    it.take({ type: 'setMaxRunning', at: 1, maxRunningUnits: 7 });
    const adjusted = it.take({ type: 'adjust', at: 2, taskId: 'here', set: { concurrency: 9 } });
    assert.deepEqual(unitsOfEffects(it, adjusted, 'startUnit'), ['u1', 'u2']);
    assert.equal(adjusted.effects.filter(({ kind }) => kind === 'offer').length, 1);
    const taken = it.tell('offer', 'there');
    assert.equal(unitsOfEffects(it, taken, 'startUnit').length, 3);
    assert.deepEqual(
      taken.effects.filter(({ kind }) => kind === 'offer'),
      [{ kind: 'offer', taskId: 'here' }],
      'it is its turn again',
    );
  });

  test('are as many as its concurrency allows', () => {
    const it = shared(5);
    it.take({ type: 'adjust', at: 1, taskId: 'there', set: { concurrency: 2 } });
    it.take({ type: 'setMaxRunning', at: 1, maxRunningUnits: 9 });
    const adjusted = it.take({ type: 'adjust', at: 2, taskId: 'here', set: { concurrency: 9 } });
    assert.equal(unitsOfEffects(it, adjusted, 'startUnit').length, 6);
  });

  test('are only for what people queued in manual mode, also for paused units in auto mode', () => {
    const it = desk(1);
    it.define('here', { concurrency: 1 }, 'A');
    it.define('hand', { mode: 'manual', concurrency: 9 }, 'B');
    it.define('paused', { concurrency: 9 }, 'C');
    it.start('paused', names(1));
    it.tell('pause', 'paused');
    it.stopped('paused', 'u0');
    it.start('here', names(9));
    it.start('hand', names(5));
    it.queueAdd('hand', ['u1']);
    it.tell('resume', 'paused');
    const raised = it.take({ type: 'setMaxRunning', at: 1, maxRunningUnits: 9 });
    assert.deepEqual(raised.effects.map((effect) => 'taskId' in effect && effect.taskId).sort(), ['hand', 'paused']);
    const adjusted = it.take({ type: 'adjust', at: 2, taskId: 'here', set: { concurrency: 9 } });
    assert.equal(unitsOfEffects(it, adjusted, 'startUnit').length, 6, 'one is set aside for each of the others');
  });

  test('are not offered to a task that switches, rests or has no slot of its own left', () => {
    const it = shared(5);
    it.setMode('there', 'manual');
    const raised = it.take({ type: 'setMaxRunning', at: 1, maxRunningUnits: 2 });
    assert.deepEqual(kinds(raised), []);
    it.tell('stop', 'there');
    assert.deepEqual(kinds(it.take({ type: 'setMaxRunning', at: 1, maxRunningUnits: 3 })), []);
  });
});
