import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createThrottle } from '../../../src/pipeline/throttle.ts';

const now = () => performance.now();
const never = new AbortController().signal;

describe('a throttle', () => {
  test('lets everything through at once without limits', async () => {
    const throttle = createThrottle({ rowsPerSecond: 0, bytesPerSecond: 0 }, now);
    const begun = now();
    for (let at = 0; at < 1000; at++) await throttle.take(1e6, 1e9, never);
    assert.ok(now() - begun < 500);
  });

  test('holds the rate of rows over all who take', async () => {
    const throttle = createThrottle({ rowsPerSecond: 2000, bytesPerSecond: 0 }, now);
    const begun = now();
    const taker = async () => {
      for (let at = 0; at < 5; at++) await throttle.take(50, 1, never);
    };
    await Promise.all([taker(), taker()]);
    // 500 rows, of which the last batch is not waited for, less what may be caught up.
    assert.ok(now() - begun >= 150, `${now() - begun} ms`);
  });

  test('holds the rate of bytes', async () => {
    const throttle = createThrottle({ rowsPerSecond: 0, bytesPerSecond: 10_000 }, now);
    const begun = now();
    for (let at = 0; at < 4; at++) await throttle.take(1, 1000, never);
    assert.ok(now() - begun >= 200, `${now() - begun} ms`);
  });

  test('lets those who wait go on when the limit is lifted', async () => {
    const throttle = createThrottle({ rowsPerSecond: 1, bytesPerSecond: 0 }, now);
    await throttle.take(1000, 1, never);
    const waiting = throttle.take(1000, 1, never);
    throttle.setLimits({ rowsPerSecond: 0, bytesPerSecond: 0 });
    await waiting;
  });

  test('ends a wait that is given up, and nobody else pays for it', async () => {
    const throttle = createThrottle({ rowsPerSecond: 100, bytesPerSecond: 0 }, now);
    await throttle.take(10, 1, never);
    const abort = new AbortController();
    const given = throttle.take(1_000_000, 1, abort.signal);
    abort.abort();
    await given;
    const begun = now();
    await throttle.take(1, 1, never);
    assert.ok(now() - begun < 5000);
  });
});
