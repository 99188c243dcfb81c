import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Event } from '../../../src/core/events.ts';
import { desk, kinds, names, planned, refusal, unitsOfEffects } from './desk.ts';

function running(resume: 'unit' | 'row' = 'row') {
  const it = desk();
  it.define('shop', { concurrency: 1 });
  it.start('shop', names(2), { plan: planned(names(2), resume) });
  const execution = () => ({ at: it.now++, unitId: it.unit('shop', 'u0').id, attempt: it.unit('shop', 'u0').attempt });
  return Object.assign(it, { execution });
}

describe('reports of an execution', () => {
  test('a preparation is durable before the worker goes on', () => {
    const it = running();
    const decision = it.take({ type: 'prepared', ...it.execution(), prepared: 'created', total: 80 });
    assert.equal(decision.durability, 'durable');
    assert.deepEqual(unitsOfEffects(it, decision, 'proceed'), ['u0']);
    assert.deepEqual([it.unit('shop', 'u0').prepared, it.unit('shop', 'u0').total], ['created', 80]);
  });

  test('a checkpoint is committed before the worker goes on', () => {
    const it = running();
    const decision = it.take({ type: 'checkpoint', ...it.execution(), checkpoint: 'k9', processed: 9, bytes: 90 });
    assert.equal(decision.durability, 'committed');
    assert.deepEqual(unitsOfEffects(it, decision, 'proceed'), ['u0']);
    assert.deepEqual([it.unit('shop', 'u0').checkpoint, it.unit('shop', 'u0').processed], ['k9', 9]);
  });

  test('progress is buffered and never falls', () => {
    const it = running();
    const progress = (processed: number) =>
      it.take({ type: 'progress', ...it.execution(), processed, bytes: processed, total: null });
    assert.equal(progress(30).durability, 'buffered');
    progress(20);
    assert.equal(it.unit('shop', 'u0').processed, 30);
  });

  test('of an older attempt, or after the end, change nothing and let nobody go on', () => {
    const it = running();
    const old = it.execution();
    it.tell('pause', 'shop');
    it.stopped('shop', 'u0');
    const late: Event[] = [
      { type: 'prepared', ...old, prepared: 'created', total: 1 },
      { type: 'checkpoint', ...old, checkpoint: 'x', processed: 1, bytes: 1 },
      { type: 'progress', ...old, processed: 99, bytes: 1, total: null },
      { type: 'finished', ...old, outcome: { kind: 'stopped', processed: 1, bytes: 1, checkpoint: null }, random: 0 },
    ];
    for (const event of late) assert.equal(refusal(it.take(event)), 'staleReport');
    it.tell('resume', 'shop');
    for (const event of late) assert.equal(refusal(it.take(event)), 'staleReport');
    assert.equal(it.unit('shop', 'u0').attempt, 2);
  });

  test('a completed unit has the exact figures and a known total', () => {
    const it = running();
    const note = { code: 'sourceChanged', args: {} };
    it.finish('shop', 'u0', { kind: 'completed', processed: 97, rejected: 2, verified: 'checksum', note });
    const { processed, total, rejected, verified, reason, completedAt } = it.unit('shop', 'u0');
    assert.deepEqual([processed, total, rejected, verified, reason], [97, 97, 2, 'checksum', note]);
    assert.notEqual(completedAt, null);
  });

  test('are recorded per attempt: its own rows, how it ended, and why', () => {
    const it = running();
    it.take({ type: 'checkpoint', ...it.execution(), checkpoint: 'k', processed: 40, bytes: 400 });
    it.tell('pause', 'shop');
    it.stopped('shop', 'u0', 'k');
    it.tell('resume', 'shop');
    const ended = it.finish('shop', 'u0').changes.find(({ kind }) => kind === 'attempt');
    assert.deepEqual(ended && 'set' in ended && ended.set, {
      endedAt: it.now - 1,
      outcome: 'completed',
      rows: 60,
      bytes: 600,
      errorCode: null,
    });
    const failed = it.fail('shop', 'u1').changes.find(({ kind }) => kind === 'attempt');
    assert.equal(failed?.kind === 'attempt' && failed.set.errorCode, 'noSuchTable');
  });
});

describe('resume granularity', () => {
  for (const resume of ['row', 'unit'] as const)
    test(`${resume}: ${resume === 'row' ? 'goes on after the checkpoint' : 'begins anew, and knows that the target is prepared'}`, () => {
      const it = running(resume);
      it.take({ type: 'prepared', ...it.execution(), prepared: 'emptied', total: 100 });
      it.take({ type: 'checkpoint', ...it.execution(), checkpoint: 'k', processed: 40, bytes: 400 });
      it.tell('pause', 'shop');
      it.stopped('shop', 'u0', 'k');
      it.tell('resume', 'shop');
      const { checkpoint, processed, bytes, prepared } = it.unit('shop', 'u0');
      assert.deepEqual([checkpoint, processed, bytes], resume === 'row' ? ['k', 40, 400] : ['k', 0, 0]);
      assert.equal(prepared, 'emptied');
    });
});

describe('after a crash', () => {
  test('running becomes interrupted, its units pending with their checkpoints, and nothing starts', () => {
    const it = running();
    it.take({ type: 'checkpoint', ...it.execution(), checkpoint: 'k', processed: 40, bytes: 400 });
    const { id } = it.run('shop');
    const decision = it.take({ type: 'recover', at: 9_999, store: 'A' });
    assert.deepEqual(kinds(decision), []);
    assert.equal(it.task('shop').runState, 'interrupted');
    assert.equal(it.task('shop').reason?.code, 'taskInterrupted');
    assert.deepEqual([it.unit('shop', 'u0').status, it.unit('shop', 'u0').checkpoint], ['pending', 'k']);
    const lost = decision.changes.find(({ kind }) => kind === 'attempt');
    assert.deepEqual(lost?.kind === 'attempt' && lost.set, { endedAt: 9_999, outcome: 'lost' });
    assert.deepEqual(unitsOfEffects(it, it.tell('resume', 'shop'), 'startUnit'), ['u0']);
    assert.equal(it.run('shop').id, id);
  });

  test('pausing becomes paused, stopping becomes idle', () => {
    for (const [told, then] of [
      ['pause', 'paused'],
      ['stop', 'idle'],
    ] as const) {
      const it = running();
      it.tell(told, 'shop');
      it.take({ type: 'recover', at: 1, store: 'A' });
      assert.equal(it.task('shop').runState, then);
    }
  });

  test('failed units are executed again when an interrupted task goes on', () => {
    const it = running();
    it.fail('shop', 'u0');
    it.take({ type: 'recover', at: 1, store: 'A' });
    assert.deepEqual(unitsOfEffects(it, it.tell('resume', 'shop'), 'startUnit'), ['u0']);
  });

  test('tasks of other stores are left alone', () => {
    const it = running();
    it.define('other', {}, 'B');
    it.start('other', names(1));
    it.take({ type: 'recover', at: 1, store: 'B' });
    assert.equal(it.task('shop').runState, 'running');
    assert.equal(it.task('other').runState, 'interrupted');
  });
});
