import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createOrderedSet } from '../../../src/core/ordered-set.ts';

/** Members can be compared, nothing else. */
function compare(a: number, b: number): number {
  assert.ok(typeof a === 'number' && typeof b === 'number');
  return a - b;
}

const sorted = (...members: number[]) => {
  const set = createOrderedSet<number>(compare);
  for (const member of members) set.add(member);
  return set;
};

describe('an ordered set', () => {
  test('lists its members in their order, whatever order they came in', () => {
    const set = sorted(5, 1, 4, 2, 3);
    assert.deepEqual([...set], [1, 2, 3, 4, 5]);
    assert.deepEqual([set.count, set.first(), set.last()], [5, 1, 5]);
  });

  test('that is empty has no members anywhere', () => {
    for (const set of [sorted(), sorted(7)]) {
      set.remove(7);
      assert.deepEqual([set.count, set.first(), set.last(), [...set]], [0, undefined, undefined, []]);
      assert.deepEqual([...set.after(1)], []);
      assert.deepEqual([...set.before(1)], []);
    }
  });

  test('loses nothing by the removal of what is not in', () => {
    const set = sorted(1, 3, 5);
    for (const absent of [0, 2, 4, 6]) set.remove(absent);
    assert.deepEqual([set.count, [...set]], [3, [1, 3, 5]]);
  });

  test('is walked from a member, or from where it would stand, in both directions', () => {
    const set = sorted(10, 20, 30, 40);
    assert.deepEqual([...set.after(20)], [30, 40]);
    assert.deepEqual([...set.after(25)], [30, 40]);
    assert.deepEqual([...set.after(5)], [10, 20, 30, 40]);
    assert.deepEqual([...set.after(40)], []);
    assert.deepEqual([...set.after(45)], []);
    assert.deepEqual([...set.before(30)], [20, 10]);
    assert.deepEqual([...set.before(25)], [20, 10]);
    assert.deepEqual([...set.before(45)], [40, 30, 20, 10]);
    assert.deepEqual([...set.before(10)], []);
    assert.deepEqual([...set.before(5)], []);
  });

  test('is a sorted list at any size, while members come and go', () => {
    const set = sorted();
    const expected = new Set<number>();
    let number = 4711;
    const next = (below: number) => {
      number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
      return (number >>> 8) % below;
    };
    const look = () => {
      const list = [...expected].sort((a, b) => a - b);
      assert.deepEqual([...set], list);
      assert.deepEqual([set.count, set.first(), set.last()], [list.length, list[0], list.at(-1)]);
      for (let turn = 0; turn < 6; turn++) {
        const from = next(8_000) - 500;
        assert.deepEqual(
          [...set.after(from)],
          list.filter((member) => member > from),
        );
        assert.deepEqual([...set.before(from)], list.filter((member) => member < from).reverse());
      }
    };
    for (const share of [90, 60, 40, 10]) {
      for (let turn = 0; turn < 1_500; turn++) {
        const member = next(7_000);
        if (next(100) >= share) {
          set.remove(member);
          expected.delete(member);
        } else if (!expected.has(member)) {
          set.add(member);
          expected.add(member);
        }
      }
      look();
    }
    for (const member of [...expected].sort((a, b) => a - b)) set.remove(member);
    assert.deepEqual([set.count, [...set]], [0, []]);
  });
});
