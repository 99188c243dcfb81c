import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CodedError, codedOf, errnoOf } from '../../../src/core/coded-error.ts';
import { DataError } from '../../../src/core/ports.ts';
import { createPositionSet } from '../../../src/core/position-set.ts';
import { percentOf, rateOf, roundTime, timeLeft } from '../../../src/core/progress.ts';
import { failuresOf, sumsOf, unitsOf } from '../../../src/core/select.ts';
import { addressOf, type ResolvedConnection } from '../../../src/core/settings.ts';
import { desk, names, planned } from './desk.ts';

describe('percentage', () => {
  const percent = (processed: number, total: number | null, status: 'running' | 'completed' = 'running') =>
    percentOf({ status, processed, total });
  test('is unknown while the total is', () => assert.equal(percent(5, null), null));
  test('is processed of total', () => assert.equal(percent(25, 200), 12.5));
  test('is 100 only when completed, also for a source that grew and for an empty one', () => {
    assert.equal(percent(300, 200), 99.9);
    assert.equal(percent(200, 200), 99.9);
    assert.equal(percent(0, 0), 0);
    assert.equal(percent(0, 0, 'completed'), 100);
    assert.equal(percent(0, null, 'completed'), 100);
  });
});

describe('time left', () => {
  const left = (done: number, total: number | null, perSecond: number, elapsedMs: number) =>
    timeLeft({ done, total, perSecond, elapsedMs });
  test('is unknown without a total', () => assert.deepEqual(left(5, null, 1, 60_000), { ms: null, estimating: false }));
  test('is estimated before 30 s and 1 %', () =>
    assert.deepEqual(left(5, 1000, 1, 29_999), { ms: null, estimating: true }));
  test('is given after 1 %, or after 30 s', () => {
    assert.deepEqual(left(10, 1000, 10, 1_000), { ms: 99_000, estimating: false });
    assert.deepEqual(left(5, 1000, 5, 30_000), { ms: 199_000, estimating: false });
  });
  test('is estimated while nothing moves', () =>
    assert.deepEqual(left(500, 1000, 0, 60_000), { ms: null, estimating: true }));
  test('is nothing when all rows are there', () =>
    assert.deepEqual(left(1000, 1000, 0, 60_000), { ms: 0, estimating: false }));
  test('has one unit of precision, rounded up', () => {
    assert.deepEqual(roundTime(400), { value: 1, unit: 'seconds' });
    assert.deepEqual(roundTime(59_001), { value: 1, unit: 'minutes' });
    assert.deepEqual(roundTime(61_000), { value: 2, unit: 'minutes' });
    assert.deepEqual(roundTime(3_600_000), { value: 1, unit: 'hours' });
    assert.deepEqual(roundTime(72 * 3_600_000), { value: 3, unit: 'days' });
  });
});

test('a rate is that of the newest window', () => {
  const samples = [0, 1, 2, 3, 4].map((second) => ({ at: second * 1000, done: second < 3 ? 0 : (second - 2) * 50 }));
  assert.equal(rateOf(samples, 2000), 50);
  assert.equal(rateOf(samples, 60_000), 25);
  assert.equal(rateOf(samples.slice(0, 1), 2000), 0);
  assert.equal(rateOf([], 2000), 0);
});

test('a position set finds the next member over any gap', () => {
  const size = 70_000;
  const set = createPositionSet(size);
  const members = new Set<number>();
  let number = 12345;
  for (let turn = 0; turn < 4000; turn++) {
    number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
    const position = turn % 5 === 0 ? (turn * 31) % 64 : number % size;
    if (turn % 3 === 2) {
      set.remove(position);
      members.delete(position);
    } else {
      set.add(position);
      members.add(position);
    }
  }
  const found: number[] = [];
  for (let at = set.next(0); at >= 0; at = set.next(at + 1)) found.push(at);
  assert.deepEqual(
    found,
    [...members].sort((a, b) => a - b),
  );
  assert.equal(set.count, members.size);
  for (const edge of [0, 31, 32, 1023, 1024, 32_767, 32_768, size - 1]) {
    const alone = createPositionSet(size);
    alone.add(edge);
    assert.equal(alone.next(0), edge);
    assert.equal(alone.next(edge + 1), -1);
    alone.remove(edge);
    assert.equal(alone.next(0), -1);
  }
});

test('units are paged in plan order, by status or all of them', () => {
  const it = desk();
  it.define('shop', { concurrency: 1 });
  it.start('shop', names(7));
  it.finish('shop', 'u0');
  const page = (status: 'pending' | null, after: number) =>
    unitsOf(it.state, 'shop', status, after, 3).map(({ name }) => name);
  assert.deepEqual(page(null, -1), ['u0', 'u1', 'u2']);
  assert.deepEqual(page('pending', -1), ['u2', 'u3', 'u4']);
  assert.deepEqual(page('pending', 4), ['u5', 'u6']);
  assert.deepEqual(page(null, 6), []);
});

test('sums say how many totals are unknown, and failures are grouped by their code', () => {
  const it = desk();
  it.define('shop', { concurrency: 4 });
  it.start('shop', names(4), { plan: [...planned(['u0', 'u1']), ...planned(['u2', 'u3'], 'row', null)] });
  assert.deepEqual(sumsOf(it.state, 'shop'), { processed: 0, bytes: 0, rejected: 0, total: 200, unknownTotals: 2 });
  it.fail('shop', 'u0');
  it.fail('shop', 'u2');
  it.finish('shop', 'u3');
  assert.deepEqual(sumsOf(it.state, 'shop'), {
    processed: 120,
    bytes: 1200,
    rejected: 0,
    total: 300,
    unknownTotals: 1,
  });
  assert.deepEqual(failuresOf(it.state, 'shop'), [{ cause: { code: 'noSuchTable', args: { table: 'u0' } }, count: 2 }]);
});

test('names like __proto__ and constructor are names', () => {
  const it = desk();
  it.define('__proto__', { concurrency: 3 });
  it.start('__proto__', ['__proto__', 'constructor', '']);
  assert.deepEqual(it.running('__proto__'), ['__proto__', 'constructor', '']);
});

describe('figures at their borders', () => {
  test('a percentage is never below nothing or of nothing', () => {
    const percent = (processed: number, total: number) => percentOf({ status: 'running', processed, total });
    assert.deepEqual([percent(-5, 100), percent(5, -1), percent(5, 0), percent(1, 1)], [0, 0, 0, 99.9]);
    assert.equal(percentOf({ status: 'paused', processed: 50, total: 100 }), 50);
  });

  test('a rate counts the sample just before its window, is never negative, and needs some time', () => {
    const at = (...samples: [at: number, done: number][]) => samples.map(([at, done]) => ({ at, done }));
    assert.equal(rateOf(at([0, 0], [1_000, 10], [3_000, 50]), 1_000), 20, 'the newest two are 2 s apart');
    assert.equal(rateOf(at([0, 0], [1_000, 10], [2_000, 50]), 1_000), 40);
    assert.equal(rateOf(at([0, 0], [1_000, 10], [2_000, 50]), 1_001), 25);
    assert.equal(rateOf(at([0, 90], [1_000, 10]), 5_000), 0);
    assert.equal(rateOf(at([500, 0], [500, 90]), 5_000), 0);
    assert.equal(rateOf(at([500, 10], [750, 20]), 5_000), 40);
  });

  test('time left is nothing when more rows came than were counted, and estimated just below 1 % and 30 s', () => {
    const left = (done: number, total: number, perSecond: number, elapsedMs: number) =>
      timeLeft({ done, total, perSecond, elapsedMs });
    assert.deepEqual(left(1_200, 1_000, 5, 0), { ms: 0, estimating: false });
    assert.deepEqual(left(9, 1_000, 5, 29_999), { ms: null, estimating: true });
    assert.deepEqual(left(9, 1_000, 991, 30_000), { ms: 1_000, estimating: false });
    assert.deepEqual(left(10, 1_000, 990, 0), { ms: 1_000, estimating: false });
    assert.deepEqual(left(10, 1_000, -1, 60_000), { ms: null, estimating: true });
    assert.deepEqual(left(10, 1_000, Number.NaN, 60_000), { ms: null, estimating: true });
  });

  test('a time is rounded up within the unit that it is said in', () => {
    const said = (ms: number) => Object.values(roundTime(ms)).join(' ');
    const minute = 60_000;
    assert.equal(said(-1), '0 seconds');
    assert.equal(said(0), '0 seconds');
    assert.equal(said(59_000), '59 seconds');
    assert.equal(said(minute), '1 minutes');
    assert.equal(said(59 * minute), '59 minutes');
    assert.equal(said(59 * minute + 1), '1 hours');
    assert.equal(said(60 * minute + 1), '2 hours');
    assert.equal(said(47 * 60 * minute), '47 hours');
    assert.equal(said(47 * 60 * minute + 1), '2 days');
    assert.equal(said(48 * 60 * minute + 1), '3 days');
  });
});

test('what a thrown value says of itself is read only when it does', () => {
  const cause = new Error('why');
  const error = new CodedError('noRoom', 'no room', { bytes: 5 }, cause);
  assert.deepEqual([error.code, error.message, error.args, error.cause], ['noRoom', 'no room', { bytes: 5 }, cause]);
  assert.equal('cause' in new CodedError('noRoom', 'no room'), false);
  assert.deepEqual(new CodedError('noRoom', 'no room').args, {});
  assert.deepEqual(codedOf(error), { code: 'noRoom', args: { bytes: 5 } });
  for (const other of [undefined, null, 'text', {}, { code: 5, args: {} }, { code: 'x' }, { code: 'x', args: null }])
    assert.equal(codedOf(other), undefined);
  assert.equal(codedOf({ code: 'x', args: 'y' }), undefined);
  assert.equal(errnoOf({ code: 'ENOENT' }), 'ENOENT');
  for (const other of [undefined, null, 'text', {}, { code: 5 }]) assert.equal(errnoOf(other), undefined);
});

test('two addresses are of the same system when type, place and database are', () => {
  const mysql = { type: 'mysql', host: 'DB.example', port: 3306, socket: null, database: 'shop', user: 'u' } as const;
  const address = (connection: object) => addressOf({ name: 'x', ...connection } as ResolvedConnection);
  assert.deepEqual(address(mysql), ['mysql', 'db.example', 3306, 'shop']);
  assert.deepEqual(address({ ...mysql, socket: '/run/db' }), ['mysql', '/run/db', 'shop']);
  assert.deepEqual(address({ type: 'sqlite', file: '/a.db' }), ['sqlite', '/a.db']);
  const files = { type: 'files', folder: '/out', format: 'csv', compress: 'gzip' };
  assert.deepEqual(address(files), ['files', '/out', 'csv', 'gzip']);
  const urls = ['https://Search.example:443/A/', 'http://other:9200', 'none'];
  const same = ['elasticsearch', 'http://other:9200', 'https://search.example/A', 'none'];
  assert.deepEqual(address({ type: 'elasticsearch', urls }), same);
});

test('an error of data is told by its message, or by its code when the system has no words', () => {
  const error = { class: 'permanent', code: 'noSuchTable', args: {}, message: 'no table t' } as const;
  assert.deepEqual([new DataError(error).message, new DataError(error).name], ['no table t', 'DataError']);
  assert.equal(new DataError({ ...error, message: '' }).message, 'noSuchTable');
  assert.equal(new DataError(error).error, error);
});
