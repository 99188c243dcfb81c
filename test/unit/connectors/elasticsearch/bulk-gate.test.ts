import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { backOff, waitAfter } from '../../../../src/connectors/elasticsearch/backoff.ts';
import { createBodySize, MOST_BODY_BYTES } from '../../../../src/connectors/elasticsearch/body-size.ts';
import { createGate } from '../../../../src/connectors/elasticsearch/bulk-gate.ts';

describe('the gate of bulk requests', () => {
  test('lets so many through at a time, in their order, and each of them once', async () => {
    const gate = createGate();
    let now = 0;
    let most = 0;
    const order: number[] = [];
    const all = Array.from({ length: 20 }, (_, at) =>
      gate.pass(async () => {
        order.push(at);
        now += 1;
        most = Math.max(most, now);
        await turn();
        now -= 1;
        return at;
      }),
    );
    assert.deepEqual(
      await Promise.all(all),
      Array.from({ length: 20 }, (_, at) => at),
    );
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
    assert.equal(most, gate.width());
  });

  test('gets wider while requests are taken, and half as wide by one that is not', () => {
    const gate = createGate();
    const first = gate.width();
    for (let at = 0; at < 1_000; at += 1) gate.taken();
    const widest = gate.width();
    assert.ok(widest > first);
    gate.turnedAway();
    assert.equal(gate.width(), widest / 2);
    for (let at = 0; at < 10; at += 1) gate.turnedAway();
    assert.equal(gate.width(), 1);
  });

  test('is made narrower once by those that were on their way together', async () => {
    const gate = createGate();
    const before = gate.width();
    const away = Array.from({ length: before }, () =>
      gate.pass(async () => {
        await turn();
        gate.turnedAway();
      }),
    );
    await Promise.all(away);
    assert.equal(gate.width(), before / 2);
  });

  test('stays open after a request that fails', async () => {
    const gate = createGate();
    for (let at = 0; at < 20; at += 1)
      await assert.rejects(
        gate.pass(() => Promise.reject(new Error('no'))),
        /no/,
      );
    assert.equal(await gate.pass(async () => 1), 1);
  });
});

describe('the size of a body', () => {
  test('is never again what a cluster has said is too large', () => {
    const size = createBodySize(null);
    assert.equal(size.bytes(), MOST_BODY_BYTES);
    size.tooLarge(1_000_000);
    for (let at = 0; at < 1_000; at += 1) size.taken();
    assert.equal(size.bytes(), 500_000);
    for (let at = 0; at < 100; at += 1) size.tooLarge(size.bytes());
    assert.equal(size.bytes(), 1);
    assert.equal(createBodySize(1_000).bytes(), 1_000);
  });

  test('is smaller for some time where connections were lost', () => {
    const size = createBodySize(null);
    for (let at = 0; at < 100; at += 1) size.lost(size.bytes());
    const least = size.bytes();
    assert.ok(least >= 64 * 1024 && least < 128 * 1024);
    for (let at = 0; at < 5; at += 1) size.taken();
    assert.equal(size.bytes(), least);
    for (let at = 0; at < 1_000; at += 1) size.taken();
    assert.equal(size.bytes(), MOST_BODY_BYTES);
  });
});

describe('the wait before a repetition', () => {
  test('is longer each time up to a bound, and random in its upper half', () => {
    const longest = [0, 1, 2, 5, 30, 1_000].map((tries) => waitAfter(tries, 0.999));
    assert.deepEqual(
      longest,
      [...longest].sort((a, b) => a - b),
    );
    for (const tries of [0, 3, 9]) assert.ok(waitAfter(tries, 0) * 2 >= waitAfter(tries, 0.999));
    assert.ok(waitAfter(1_000, 0.999) <= 8_000);
  });

  test('ends with whoever is not waited for any more', async () => {
    const end = new AbortController();
    const waiting = backOff(1_000, [new AbortController().signal, end.signal]);
    end.abort(new Error('paused'));
    await assert.rejects(waiting, /paused/);
    await assert.rejects(backOff(0, [end.signal]), /paused/);
  });
});
