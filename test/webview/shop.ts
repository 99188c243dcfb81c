/** A task of 100 units in the middle of its run, as most tests want it. */
import type { UnitReason } from '../../src/protocol/panel.ts';
import type { FakeUnit } from './messages.ts';

const NAMES = [
  'invoices',
  'orders',
  'order_items',
  'customers',
  'events_2024',
  'products',
  'payments',
  'refunds',
  'addresses',
  'brands',
  'carts',
  'categories',
  'coupons',
  'shipments',
  'stock',
];

export const DUPLICATE: UnitReason = {
  text: { code: 'test.duplicate', args: { key: 'PRIMARY' } },
  detail: "ER_DUP_ENTRY: Duplicate entry '8812' for key 'PRIMARY'\n  while writing rows 412,001 .. 413,000",
  dueAt: null,
  severity: 'error',
};

export function shop(): FakeUnit[] {
  const units = NAMES.map((name, at): FakeUnit => shopUnit(name, at));
  for (let at = units.length; at < 100; at += 1) {
    const status = at < 48 ? 'completed' : at < 52 ? 'running' : at < 54 ? 'paused' : at < 56 ? 'failed' : 'pending';
    const total = 1_000 + ((at * 7_919) % 90_000);
    const processed = status === 'completed' ? total : status === 'pending' ? 0 : Math.round(total * ((at % 9) / 10));
    units.push({
      name: `archive_${2000 + at}`,
      status,
      total,
      processed,
      ...(status === 'completed' ? { durationMs: total / 4 } : {}),
      ...(status === 'running' ? { rate: 1_100 + at, timeLeftMs: at * 900 } : {}),
      ...(status === 'failed' ? { reason: LOST } : {}),
    });
  }
  return units;
}

const LOST: UnitReason = {
  text: { code: 'test.connection_lost', args: {} },
  detail: null,
  dueAt: null,
  severity: 'error',
};
/** Due 4 s after the header's `now`. */
export const RETRY: UnitReason = {
  text: {
    code: 'retryWaits',
    args: { retry: 2, of: 3, seconds: 4 },
    cause: { code: 'test.connection_lost', args: {} },
  },
  detail: null,
  dueAt: 1_700_000_064_000,
  severity: 'warning',
};
const WAITING: UnitReason = {
  text: { code: 'test.waiting_for', args: { unit: 'payments' } },
  detail: null,
  dueAt: null,
  severity: 'info',
};

function shopUnit(name: string, at: number): FakeUnit {
  const total =
    [
      1_030_022, 936_770, 1_122_853, 100_000, 1_020_000, 50_015, 310_002, 20_411, 250_400, 1_204, 88_120, 412, 0,
      144_020, 9_800,
    ][at] ?? 1;
  if (at === 0) return { name, status: 'failed', total, processed: 412_009, reason: DUPLICATE };
  if (at < 6) {
    const share = [0, 0.52, 0.18, 0.91, 0.07, 0.66][at] ?? 0;
    return {
      name,
      status: 'running',
      total,
      processed: Math.round(total * share),
      rate: 1_293 + at * 511,
      timeLeftMs: 42_000 * at,
    };
  }
  if (at === 6) return { name, status: 'pending', total, reason: RETRY };
  if (at === 7) return { name, status: 'pending', total, reason: WAITING };
  if (at < 13) return { name, status: 'completed', total, processed: total, durationMs: Math.max(100, total / 20) };
  return { name, status: 'pending', total };
}

/** Causes of the failures above, as the header groups them. */
export const SHOP_FAILURES = [
  { cause: LOST.text, count: 2 },
  { cause: DUPLICATE.text, count: 1 },
];
