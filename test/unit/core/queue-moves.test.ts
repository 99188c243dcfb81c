import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decision } from '../../../src/core/events.ts';
import { type Desk, desk, names, planned } from './desk.ts';

function byHand(units: number): Desk {
  const it = desk();
  it.define('shop', { mode: 'manual', concurrency: 1 });
  it.start('shop', names(units));
  return it;
}

function entriesOf({ changes }: Decision) {
  return changes.flatMap((change) => (change.kind === 'enqueue' ? change.entries : []));
}

const TOP = { kind: 'top' } as const;

describe('a move', () => {
  function queued(): Desk {
    const it = byHand(7);
    it.queueAdd('shop', names(6));
    return it; // u0 runs, u1 .. u5 wait
  }
  const moved = (units: string[], to: Parameters<Desk['queueMove']>[2]) => {
    const it = queued();
    const decision = it.queueMove('shop', units, to);
    return [it.queue('shop').join(' '), decision.changes.length > 0] as const;
  };
  const same = ['u1 u2 u3 u4 u5', false];
  const before = (unit: string) => ({ kind: 'before', unitId: `shop#${Number(unit.slice(1)) + 1}` }) as const;

  test('up passes one entry, or none at the head', () => {
    const up = { kind: 'up' } as const;
    assert.deepEqual(moved(['u3'], up), ['u1 u3 u2 u4 u5', true]);
    assert.deepEqual(moved(['u1'], up), same);
    assert.deepEqual(moved(['u1', 'u2'], up), same);
    assert.deepEqual(moved(['u4', 'u2'], up), ['u2 u4 u1 u3 u5', true]);
    assert.deepEqual(moved(['u5', 'u4'], up), ['u1 u2 u4 u5 u3', true]);
    assert.deepEqual(moved(['u1', 'u3'], up), ['u1 u3 u2 u4 u5', true]);
  });

  test('down passes one entry, or none at the end', () => {
    const down = { kind: 'down' } as const;
    assert.deepEqual(moved(['u3'], down), ['u1 u2 u4 u3 u5', true]);
    assert.deepEqual(moved(['u5'], down), same);
    assert.deepEqual(moved(['u5', 'u4'], down), same);
    assert.deepEqual(moved(['u4'], down), ['u1 u2 u3 u5 u4', true]);
    assert.deepEqual(moved(['u1', 'u3'], down), ['u2 u4 u1 u3 u5', true]);
    assert.deepEqual(moved(['u2', 'u5'], down), ['u1 u3 u4 u2 u5', true]);
  });

  test('to the top or the bottom keeps the order of the request', () => {
    assert.deepEqual(moved(['u4', 'u2'], TOP), ['u4 u2 u1 u3 u5', true]);
    assert.deepEqual(moved(['u1', 'u2'], TOP), same);
    assert.deepEqual(moved(['u2', 'u1'], TOP), ['u2 u1 u3 u4 u5', true]);
    assert.deepEqual(moved(['u2', 'u1'], { kind: 'bottom' }), ['u3 u4 u5 u2 u1', true]);
    assert.deepEqual(moved(['u4', 'u5'], { kind: 'bottom' }), same);
    assert.deepEqual(moved(['u5', 'u4'], { kind: 'bottom' }), ['u1 u2 u3 u5 u4', true]);
  });

  test('before an entry that moves along goes before the next one that does not', () => {
    assert.deepEqual(moved(['u5'], before('u2')), ['u1 u5 u2 u3 u4', true]);
    assert.deepEqual(moved(['u2'], before('u3')), same);
    assert.deepEqual(moved(['u2'], before('u2')), same);
    assert.deepEqual(moved(['u5', 'u2'], before('u2')), ['u1 u5 u2 u3 u4', true]);
    assert.deepEqual(moved(['u5', 'u1'], before('u5')), ['u2 u3 u4 u5 u1', true]);
    assert.deepEqual(moved(['u4'], before('u0')), ['u4 u1 u2 u3 u5', true]);
    assert.deepEqual(moved(['u4'], before('u6')), ['u4 u1 u2 u3 u5', true]);
  });

  test('of all entries is their new order', () => {
    assert.deepEqual(moved(['u5', 'u4', 'u3', 'u2', 'u1'], TOP), ['u5 u4 u3 u2 u1', true]);
    assert.deepEqual(moved(['u1', 'u2', 'u3', 'u4', 'u5'], { kind: 'bottom' }), same);
  });

  test('that changes nothing is accepted without a word', () => {
    const it = queued();
    const decision = it.queueMove('shop', ['u1'], TOP);
    assert.deepEqual(decision.answer, { ok: true, note: null });
  });

  test('leaves room: the next one between the same two writes one entry again', () => {
    const it = queued();
    for (const unit of ['u5', 'u4', 'u3']) {
      const entries = entriesOf(it.queueMove('shop', [unit], before('u2')));
      assert.deepEqual(
        entries.map(({ unitId }) => unitId),
        [it.id('shop', unit)],
      );
    }
    assert.deepEqual(it.queue('shop'), ['u1', 'u5', 'u4', 'u3', 'u2']);
  });

  test('into a gap that is used up spreads neighbours out and keeps the order of all', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.plan('shop', planned(names(40)));
    it.queueAdd('shop', names(40));
    let expected = names(40);
    let spread = 0;
    for (let turn = 0; turn < 120; turn++) {
      const unit = `u${2 + ((turn * 7) % 37)}`;
      const rest = expected.filter((name) => name !== unit);
      expected = [rest[0]!, unit, ...rest.slice(1)];
      const decision = it.queueMove('shop', [unit], { kind: 'before', unitId: it.id('shop', rest[1]!) });
      if (entriesOf(decision).length > 1) spread++;
      assert.deepEqual(it.queue('shop'), expected);
    }
    assert.ok(spread >= 1 && spread <= 30, `${spread} of 120 moves spread neighbours out`);
  });

  test('of more entries than a gap has numbers makes the room that it needs', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.plan('shop', planned(names(1_400)));
    it.queueAdd('shop', names(3));
    const to = { kind: 'before', unitId: it.id('shop', 'u1') } as const;
    it.queueAdd('shop', names(1_400).slice(3), { to });
    assert.deepEqual(it.queue('shop'), ['u0', ...names(1_400).slice(3), 'u1', 'u2']);
  });
});

describe('whatever is moved where, as often as anybody likes', () => {
  /** The same on a plain list. */
  function moved(list: readonly string[], block: readonly string[], to: string, anchor: string): string[] {
    const rest = list.filter((name) => !block.includes(name));
    const inTurn = to === 'up' || to === 'down' ? list.filter((name) => block.includes(name)) : block;
    const outside = (names: readonly string[]) => names.find((name) => !block.includes(name));
    const places: Record<string, () => string | undefined> = {
      top: () => rest[0],
      bottom: () => undefined,
      up: () => outside(list.slice(0, list.indexOf(inTurn[0]!)).reverse()) ?? rest[0],
      down: () => {
        const passed = outside(list.slice(list.indexOf(inTurn.at(-1)!) + 1));
        return passed && rest[rest.indexOf(passed) + 1];
      },
      before: () => outside(list.slice(list.indexOf(anchor))),
    };
    const next = places[to]!();
    const at = next === undefined ? rest.length : rest.indexOf(next);
    return [...rest.slice(0, at), ...inTurn, ...rest.slice(at)];
  }

  test('the queue is the list that it should be, and no two entries stand at one place', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.plan('shop', planned(names(9)));
    it.queueAdd('shop', names(9));
    let list = names(9);
    let number = 99;
    const next = (below: number) => {
      number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
      return (number >>> 8) % below;
    };
    for (let turn = 0; turn < 500; turn++) {
      const block: string[] = [];
      for (let size = 1 + next(3); size > 0; size--) {
        const unit = list[next(9)]!;
        if (!block.includes(unit)) block.push(unit);
      }
      // Mostly into the same gap, until it is used up.
      const kind = (['before', 'before', 'before', 'before', 'top', 'bottom', 'up', 'down'] as const)[next(8)]!;
      const anchor = list[next(4) === 0 ? next(9) : 4]!;
      const to = kind === 'before' ? { kind, unitId: it.id('shop', anchor) } : { kind };
      const decision = it.queueMove('shop', block, to);
      list = moved(list, block, kind, anchor);
      assert.deepEqual(it.queue('shop'), list, `${turn}: ${block} ${kind} ${anchor}`);
      const written = entriesOf(decision).map(({ unitId }) => unitId);
      assert.equal(new Set(written).size, written.length, 'an entry is written twice');
      const orders = [...it.state.tasks.get('shop')!.queue].map(({ queueOrder }) => queueOrder);
      assert.equal(new Set(orders).size, 9);
      assert.ok(orders.every(Number.isSafeInteger), 'the store keeps whole numbers');
    }
  });

  test('units that are added go up to the head and down to the end', () => {
    const it = byHand(8);
    it.queueAdd('shop', ['u0', 'u1', 'u6', 'u2', 'u3']);
    it.queueMove('shop', ['u3'], TOP); // numbers on both sides of 0
    it.queueMove('shop', ['u2'], TOP);
    it.queueAdd('shop', ['u4'], { to: { kind: 'up' } });
    it.queueAdd('shop', ['u5'], { to: { kind: 'down' } });
    assert.deepEqual(it.queue('shop'), ['u4', 'u2', 'u3', 'u1', 'u6', 'u5']);
    it.queueMove('shop', ['u1'], { kind: 'before', unitId: it.id('shop', 'u0') });
    assert.deepEqual(it.queue('shop'), ['u1', 'u4', 'u2', 'u3', 'u6', 'u5'], 'u0 runs: before it is the head');
  });
});
