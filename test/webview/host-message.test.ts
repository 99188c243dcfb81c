import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkHostMessage } from '../../webview/host-message.ts';
import { delta, header, snapshot } from './messages.ts';
import { RETRY, shop } from './shop.ts';

type Loose = Record<string, unknown>;

/** A message with one thing changed, by its path. */
function changed(message: object, path: string, value: unknown): object {
  const [first = '', ...rest] = path.split('.');
  const inner = (message as Loose)[first];
  const next = rest.length === 0 ? value : changed(inner as object, rest.join('.'), value);
  return Array.isArray(message)
    ? message.map((each, at) => (String(at) === first ? next : each))
    : { ...message, [first]: next };
}

describe('what the page believes of its host', () => {
  const units = shop();
  const whole = snapshot(units, { header: { failures: [{ cause: RETRY.text, count: 1 }] }, queue: [3, 1] });
  const tick = delta(header(units), { seq: 2, reasons: [[6, RETRY]], queue: [1] });
  const ack = { type: 'ack', v: 1, id: 1, ok: false, message: RETRY.text };

  for (const message of [whole, tick, ack, { type: 'heartbeat', v: 1, epoch: 'e1' }])
    test(`takes a ${message.type} as it is`, () => assert.ok('message' in checkHostMessage(message)));

  for (const [path, value] of [
    ['header.mode', 'turbo'],
    ['header.switchingTo', 'turbo'],
    ['header.switchingTo', undefined],
    ['header.queueRev', '1'],
    ['header.queueRev', -1],
    ['header.waitsForAdditions', null],
    ['header.managedBy', undefined],
    ['header.managedBy', 'VS Code'],
    ['header.blocked', { code: 1, args: {} }],
    ['header.runState', 'sleeping'],
    ['header.outcome', 'great'],
    ['header.percentBy', 'bytes'],
    ['header.slowSide', 'middle'],
    ['header.now', null],
    ['header.percent', Number.NaN],
    ['header.rowsTotal', undefined],
    ['header.timeLeftMs', '1'],
    ['header.startedAt', undefined],
    ['header.planning', 'no'],
    ['header.description', null],
    ['header.counts', { pending: 1 }],
    ['header.counts.failed', 1.5],
    ['header.target.environment', 'space'],
    ['header.failures', [{ cause: { code: 'x', args: {} } }]],
    ['header.notices', [{ severity: 'info', text: { code: 'x', args: {} }, action: 'format' }]],
    ['header.notices', [{ severity: 'loud', text: { code: 'x', args: {} }, action: null }]],
    ['units.queue', [1, 2]],
    ['units.queue', new ArrayBuffer(3)],
    ['units.status', new Uint8Array(100).fill(9).buffer],
    ['units.total', new ArrayBuffer(8)],
    ['units.reasons', [[1, null]]],
    ['units.reasons', [[1, { ...RETRY, dueAt: 'soon' }]]],
    ['units.reasons', [[1, { ...RETRY, dueAt: undefined }]]],
    ['units.reasons', [[1, { ...RETRY, text: { code: 'x', args: { y: {} } } }]]],
    ['units.reasons', [[1, { ...RETRY, text: { code: 'x', args: {}, cause: 'y' } }]]],
  ] as const)
    test(`refuses a snapshot whose ${path} is ${JSON.stringify(value) ?? 'missing'}`.slice(0, 110), () =>
      assert.deepEqual(checkHostMessage(changed(whole, path, value)), { problem: 'malformed' }),
    );

  for (const [path, value] of [
    ['queue', [1]],
    ['queue', undefined],
    ['sample', 'fast'],
    ['sample', undefined],
    ['units', [1, 2, 3]],
    ['reasons', [[-1, null]]],
    ['seq', 1.5],
    ['header', null],
  ] as const)
    test(`refuses a delta whose ${path} is ${JSON.stringify(value) ?? 'missing'}`, () =>
      assert.deepEqual(checkHostMessage(changed(tick, path, value)), { problem: 'malformed' }));

  test('refuses a reason that is due to itself', () => {
    const text: Loose = { code: 'x', args: {} };
    text.cause = text;
    assert.deepEqual(checkHostMessage({ ...ack, message: text }), { problem: 'malformed' });
  });

  test('an index outside of the plan in the queue is left out, not believed', async () => {
    const { applyQueue, unitsOf } = await import('../../webview/units.ts');
    const known = unitsOf(whole.units, []);
    assert.deepEqual([...known.queue], [3, 1]);
    applyQueue(known, Uint32Array.from([5, 4_000_000_000, 2]).buffer);
    assert.deepEqual([...known.queue], [5, 2]);
  });
});
