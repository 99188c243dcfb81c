import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meantItems } from '../../../src/extension/commands/meant-items.ts';

const items = ['orders', 'order_items', 'customers'].map((label) => ({ label }));
const [orders, orderItems, customers] = items as [(typeof items)[0], (typeof items)[0], (typeof items)[0]];
const nothing = { selectedItems: [], activeItems: [], value: '' };

test('Enter takes what is checked, else where the keyboard stands', () => {
  const both = { selectedItems: [orders, customers], activeItems: [orderItems], value: 'x' };
  assert.deepEqual(meantItems(items, both), [orders, customers]);
  assert.deepEqual(meantItems(items, { ...nothing, activeItems: [orderItems] }), [orderItems]);
});

test('Enter takes the unit that was named by typing, and none of several', () => {
  const typed = (value: string) => meantItems(items, { ...nothing, value });
  assert.deepEqual(typed('cust'), [customers]);
  assert.deepEqual(typed(' Orders '), [orders], 'its whole name');
  assert.deepEqual(typed('order'), []);
  assert.deepEqual(typed(''), []);
});
