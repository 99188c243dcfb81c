import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desk, names, planned } from './desk.ts';

test('two entries never share a place, however often units go into the same gap', () => {
  const it = desk();
  it.define('shop', { mode: 'manual' });
  it.plan('shop', planned(names(60)));
  it.queueAdd('shop', names(60));
  const moved: string[] = [];
  for (let unit = 59; unit > 20; unit--) {
    it.queueMove('shop', [`u${unit}`], { kind: 'before', unitId: it.id('shop', 'u1') });
    moved.push(`u${unit}`);
    const orders = [...it.state.tasks.get('shop')!.units.values()].map(({ queueOrder }) => queueOrder);
    assert.equal(new Set(orders).size, 60, `after ${moved.length} moves`);
  }
  assert.deepEqual(it.queue('shop').slice(0, moved.length + 2), ['u0', ...moved, 'u1']);
});
