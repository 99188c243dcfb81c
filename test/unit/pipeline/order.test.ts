import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parentsFirst } from '../../../src/pipeline/order.ts';

function order(edges: Record<string, readonly string[]>): string {
  const units = Object.keys(edges).map((name) => ({ name }));
  return parentsFirst(units, (unit) => edges[unit.name] ?? [])
    .map((unit) => unit.name)
    .join(' ');
}

describe('the order of a plan', () => {
  test('is the one that units came in where nothing points at anything', () => {
    assert.equal(order({ c: [], a: [], b: [] }), 'c a b');
  });

  test('has every parent before its children, however far away', () => {
    assert.equal(
      order({ items: ['orders', 'products'], orders: ['customers'], products: [], customers: [] }),
      'customers orders products items',
    );
    assert.equal(order({ a: [], b: ['z'], c: [], z: [] }), 'a z b c');
  });

  test('breaks cycles, and keeps what hangs on them behind them', () => {
    assert.equal(order({ a: ['b'], b: ['a'] }), 'b a');
    assert.equal(order({ child: ['a'], a: ['b'], b: ['c'], c: ['a'], other: [] }), 'c b a child other');
    assert.equal(order({ self: ['self'], next: ['self'] }), 'self next');
  });

  test('knows nothing of tables that are not copied', () => {
    assert.equal(order({ a: ['elsewhere'], b: [] }), 'a b');
  });

  test('takes 100,000 units in a row without running out of stack', () => {
    const names = Array.from({ length: 100_000 }, (_, at) => `u${at}`);
    const ordered = parentsFirst(
      names.map((name) => ({ name })),
      ({ name }) => [`u${Number(name.slice(1)) + 1}`],
    );
    assert.equal(ordered[0]?.name, 'u99999');
    assert.equal(ordered.at(-1)?.name, 'u0');
  });
});
