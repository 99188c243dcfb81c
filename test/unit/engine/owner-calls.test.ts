import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asOwnerCall, OWNER_COMMANDS, OWNER_QUESTIONS } from '../../../src/protocol/owner.ts';

const call = (method: unknown, ...args: unknown[]) => asOwnerCall({ method, taskId: 'A/copy', args });
/** As it arrives: what JSON cannot say is gone. */
const wired = (method: string, ...args: unknown[]) =>
  asOwnerCall(JSON.parse(JSON.stringify({ method, taskId: 'A/copy', args })));

describe('Calls of another host', () => {
  test('carry what a person asked for and agreed to', () => {
    const options = {
      by: 'command',
      again: true,
      units: ['t*'],
      mode: 'manual',
      concurrency: 3,
      confirmProduction: 'live',
      ignoreAfter: true,
      confirmOutside: true,
    };
    assert.deepEqual(wired('start', options)?.args, [options]);
    assert.deepEqual(wired('pause')?.args, []);
    assert.deepEqual(wired('retryFailed', undefined, ['u1'])?.args, [undefined, ['u1']]);
    assert.deepEqual(wired('retryFailed')?.args, [undefined, null]);
    assert.deepEqual(wired('retryRejected', undefined, ['u1'])?.args, [undefined, ['u1']]);
    assert.deepEqual(wired('clearQueue')?.args, [null]);
    assert.deepEqual(wired('moveInQueue', ['u1'], { kind: 'before', unitId: 'u2' }, 7)?.args, [
      ['u1'],
      { kind: 'before', unitId: 'u2' },
      7,
    ]);
    assert.deepEqual(wired('addToQueue', ['u1'], { to: { kind: 'top' }, again: false })?.args, [
      ['u1'],
      { to: { kind: 'top' }, again: false, baseRev: null },
    ]);
    const retry = { attempts: 1, delayMs: 1, factor: 2, maxDelayMs: 3, jitter: 0 };
    assert.deepEqual(wired('adjust', { retry, concurrency: -1 })?.args, [{ concurrency: -1, retry }]);
  });

  test('are refused whole when any part is not what it should be', () => {
    const by = { by: 'person' };
    const place = { kind: 'top' };
    const wrong: unknown[] = [
      undefined,
      null,
      [],
      'pause',
      {},
      { method: 'pause' },
      { method: 'pause', taskId: 7, args: [] },
      { method: 'pause', taskId: 'A/copy', args: {} },
      { method: 'pause', taskId: 'A/copy', args: ['more'] },
      call('constructor'),
      call('__proto__'),
      call('toString'),
      call('takeOver'),
      call('dispose'),
      call('start'),
      call('start', null),
      call('start', { by: 'root' }),
      call('start', { ...by, again: 'yes' }),
      call('start', { ...by, units: 't*' }),
      call('start', { ...by, units: [1] }),
      call('start', { ...by, unknown: 1 }),
      call('start', JSON.parse('{"by":"person","__proto__":{"again":true}}')),
      call('start', [by]),
      call('adjust', { concurrency: '3; rm' }),
      call('adjust', { concurrency: Number.NaN }),
      call('adjust', { concurrency: Number.POSITIVE_INFINITY }),
      call('adjust', { retry: { attempts: '1' } }),
      call('adjust', { constructor: 1 }),
      call('setMode', 'Auto'),
      call('setMode'),
      call('addToQueue', 'u1', { to: place }),
      call('addToQueue', ['u1'], { to: { kind: 'middle' } }),
      call('addToQueue', ['u1', { toString: 1 }], { to: place }),
      call('addToQueue', ['x'.repeat(5_000)], { to: place }),
      call('moveInQueue', ['u1'], { kind: 'before' }),
      call('moveInQueue', ['u1'], { kind: 'top', unitId: 'u2' }),
      call('moveInQueue', ['u1'], place, '7'),
      call('abortUnits', new Array(1_000_001).fill('u')),
      call('restartUnits', ['u1'], by),
      call('attempts', 'u1', 'all'),
    ].map((each) => (each === undefined ? undefined : asOwnerCall(each)));
    for (const [index, each] of wrong.entries()) assert.equal(each, undefined, `number ${index} was taken`);
  });

  test('are known by name, each of them', () => {
    const listed: readonly string[] = [...OWNER_COMMANDS, ...OWNER_QUESTIONS];
    assert.equal(new Set(listed).size, listed.length);
    assert.ok(call('pause'));
  });

  test('of a hundred thousand units are checked within a moment', () => {
    const ids = Array.from({ length: 100_000 }, (_, i) => `A/copy#${i}`);
    const since = performance.now();
    assert.ok(call('moveInQueue', ids, { kind: 'bottom' }, 1));
    const took = performance.now() - since;
    assert.ok(took < 100, `${took} ms`);
  });
});
