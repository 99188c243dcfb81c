import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decision } from '../../../src/core/events.ts';
import { type Desk, desk } from './desk.ts';

/** One unit of 100 rows and 1000 bytes that has 60 rows at a checkpoint. */
function halfway(): Desk {
  const it = desk();
  it.define('shop');
  it.start('shop', ['a']);
  const execution = { unitId: it.id('shop', 'a'), attempt: 1 };
  it.take({ type: 'checkpoint', at: it.now++, ...execution, checkpoint: 'x', processed: 60, bytes: 600 });
  return it;
}

/** Rows and bytes of the execution that a decision ends. */
function figures({ changes }: Decision): unknown {
  const change = changes.find(({ kind }) => kind === 'attempt');
  assert.ok(change?.kind === 'attempt');
  return [change.set.rows, change.set.bytes];
}

describe('rows and bytes of an execution', () => {
  test('count from the beginning when the target was prepared anew', () => {
    const it = halfway();
    it.tell('pause', 'shop');
    it.stopped('shop', 'a', 'x');
    it.tell('resume', 'shop');
    const execution = { unitId: it.id('shop', 'a'), attempt: 2 };
    it.take({ type: 'prepared', at: it.now++, ...execution, prepared: 'emptied', total: 100 });
    assert.deepEqual(figures(it.finish('shop', 'a')), [100, 1000]);
  });

  test('count also when what was copied turns out not to be trusted', () => {
    const it = halfway();
    const error = { class: 'permanent', code: 'verifyFailed', args: {}, message: '' } as const;
    const failed = it.finish('shop', 'a', { kind: 'failed', error, processed: 100, bytes: 1000, forget: true });
    assert.deepEqual(figures(failed), [100, 1000]);
    assert.equal(it.unit('shop', 'a').processed, 0);
  });

  test('are what was told at the end, but a failure knows at least what was told before', () => {
    const error = { class: 'permanent', code: 'noSuchTable', args: {}, message: '' } as const;
    const failed = halfway().finish('shop', 'a', { kind: 'failed', error, processed: 10, bytes: 100 });
    assert.deepEqual(figures(failed), [60, 600]);
    assert.deepEqual(figures(halfway().finish('shop', 'a', { processed: 50, bytes: 500 })), [50, 500]);
  });

  test('count also when it was ended for a restart', () => {
    const it = halfway();
    it.take({ type: 'restart', at: it.now++, taskId: 'shop', unitIds: [it.id('shop', 'a')], again: false });
    assert.deepEqual(figures(it.stopped('shop', 'a', 'x')), [60, 600]);
    assert.deepEqual(figures(it.finish('shop', 'a')), [100, 1000], 'and those of the next one begin anew');
  });
});
