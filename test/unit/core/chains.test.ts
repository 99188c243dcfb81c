import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PlannedUnit } from '../../../src/core/model.ts';
import type { Blockers } from '../../../src/core/parents.ts';
import { whyWaiting } from '../../../src/core/select.ts';
import { type Desk, desk, planned } from './desk.ts';

function unit(name: string, ...after: string[]): PlannedUnit {
  return { ...planned([name])[0]!, after };
}

/** u1 comes after u0, u2 after u1, and so on. */
function chain(count: number): Desk {
  const it = desk();
  it.define('shop', { concurrency: 1 });
  const plan = Array.from({ length: count }, (_, n) => (n === 0 ? unit('u0') : unit(`u${n}`, `u${n - 1}`)));
  it.start('shop', [], { plan });
  return it;
}

describe('why the units of a long chain wait', () => {
  test('is told for the last of 20,000', () => {
    const it = chain(20_000);
    const why = () => whyWaiting(it.state, it.id('shop', 'u19999'), it.now);
    assert.deepEqual(why(), { code: 'waitingForUnit', args: { unit: 'u19998' } });
    it.fail('shop', 'u0');
    assert.deepEqual(why(), { code: 'blockedByFailed', args: { unit: 'u0' } });
  });

  test('is found out with one look at each of them, from whichever end they are asked', () => {
    for (const backwards of [false, true]) {
      const it = chain(20_000);
      it.fail('shop', 'u0');
      const known: Blockers = new Map();
      const order = Array.from({ length: 19_999 }, (_, n) => `u${backwards ? 19_999 - n : n + 1}`);
      const from = performance.now();
      const told = order.map((name) => whyWaiting(it.state, it.id('shop', name), it.now, known)?.args.unit);
      // Without what is known it takes minutes.
      assert.ok(performance.now() - from < 5_000, `${performance.now() - from} ms`);
      assert.deepEqual(new Set(told), new Set(['u0']));
    }
  });
});

test('what is known of one unit is what a unit asked for alone is told', () => {
  const plan = [
    unit('ends'),
    unit('fails'),
    unit('absent'),
    unit('waits', 'ends'),
    unit('blocked', 'waits', 'fails'),
    unit('both', 'absent', 'blocked'),
    unit('later', 'waits', 'both'),
    unit('free', 'waits'),
  ];
  const it = desk();
  it.define('shop', { concurrency: 2 });
  it.start('shop', [], { plan, only: plan.map(({ name }) => name).filter((name) => name !== 'absent') });
  it.fail('shop', 'fails');
  const known: Blockers = new Map();
  for (const { name } of [...plan, ...plan.toReversed()]) {
    const alone = whyWaiting(it.state, it.id('shop', name), it.now);
    assert.deepEqual(whyWaiting(it.state, it.id('shop', name), it.now, known), alone, name);
  }
  const why = (name: string) => whyWaiting(it.state, it.id('shop', name), it.now);
  assert.deepEqual(why('later'), { code: 'blockedByAbsent', args: { unit: 'absent' } });
  assert.deepEqual(why('blocked'), { code: 'blockedByFailed', args: { unit: 'fails' } });
  assert.deepEqual(why('free'), { code: 'waitingForUnit', args: { unit: 'waits' } });
});

test('units of a refused plan that wait for each other are told so, too', () => {
  const it = desk();
  it.define('shop');
  it.start('shop', [], { plan: [unit('a')] });
  it.finish('shop', 'a');
  it.plan('shop', [unit('a'), unit('b', 'c'), unit('c', 'b')]);
  const known: Blockers = new Map();
  assert.equal(whyWaiting(it.state, it.id('shop', 'b'), it.now, known)?.args.unit, 'c');
  assert.equal(whyWaiting(it.state, it.id('shop', 'c'), it.now, known)?.args.unit, 'b');
});
