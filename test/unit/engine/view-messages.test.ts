import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asViewMessage } from '../../../src/protocol/guards.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/panel.ts';

test('a view that asks for everything anew says why in words, or is not heard', () => {
  const resync = (reason: unknown) => asViewMessage({ v: PROTOCOL_VERSION, type: 'resync', reason });
  assert.deepEqual(resync('gap'), { type: 'resync', v: PROTOCOL_VERSION, reason: 'gap' });
  const long = resync('x'.repeat(10_000));
  assert.equal(long?.type === 'resync' && long.reason.length, 200);
  const hostile = { toString: 1, valueOf: 1 };
  for (const reason of [hostile, Object.create(null), Symbol('x'), ['x'], 7, null, undefined])
    assert.equal(resync(reason), undefined);
});
