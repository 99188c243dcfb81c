import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createDeadlines, LATE_MS, SILENT_PHASE_FACTOR } from '../../../src/engine/deadlines.ts';

/** A clock that goes by hand; timers fire in order, late when the machine sleeps. */
function createHandClock() {
  let now = 1_000;
  const timers = new Set<{ at: number; call: () => void }>();
  const due = () => [...timers].filter((timer) => timer.at <= now).toSorted((a, b) => a.at - b.at)[0];
  return {
    monotonic: () => now,
    timer: (ms: number, call: () => void) => {
      const timer = { at: now + ms, call };
      timers.add(timer);
      return { dispose: () => void timers.delete(timer) };
    },
    armed: () => timers.size,
    /** Time passes and every timer fires on time. */
    pass(ms: number): void {
      const end = now + ms;
      for (;;) {
        const next = [...timers].toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > end) break;
        now = Math.max(now, next.at);
        timers.delete(next);
        next.call();
      }
      now = end;
    },
    /** Time passes at once: timers fire after it. */
    sleep(ms: number): void {
      now += ms;
      for (let timer = due(); timer !== undefined; timer = due()) {
        timers.delete(timer);
        timer.call();
      }
    },
  };
}

function watch() {
  const clock = createHandClock();
  const overdue: string[] = [];
  const deadlines = createDeadlines({
    clock,
    overdue: (unitId, attempt, error) => overdue.push(`${unitId}#${attempt} ${error.code} ${error.class}`),
  });
  return { clock, overdue, deadlines };
}

describe('deadlines of executions', () => {
  test('say how long was waited, however short that is', () => {
    for (const [stallMs, seconds] of [
      [1, 0.001],
      [40, 0.04],
      [1_500, 1.5],
      [90_000, 90],
    ] as const) {
      const clock = createHandClock();
      const told: unknown[] = [];
      const deadlines = createDeadlines({ clock, overdue: (_unit, _attempt, error) => told.push(error.args.seconds) });
      deadlines.begin('a', 1, stallMs, 0);
      deadlines.progress('a', 1, 'reading');
      clock.pass(stallMs);
      assert.deepEqual(told, [seconds]);
    }
  });

  test('end a unit that gives no sign for stallMs, once, as a retryable failure', () => {
    const { clock, overdue, deadlines } = watch();
    deadlines.begin('a', 3, 1_000, 0);
    deadlines.progress('a', 3, 'reading');
    clock.pass(999);
    assert.deepEqual(overdue, []);
    clock.pass(1);
    assert.deepEqual(overdue, ['a#3 unit.stalled retryable']);
    clock.pass(100_000);
    assert.equal(overdue.length, 1);
    assert.equal(clock.armed(), 0);
  });

  test('leave a unit alone that goes on, however slowly', () => {
    const { clock, overdue, deadlines } = watch();
    deadlines.begin('a', 1, 1_000, 0);
    for (let at = 0; at < 50; at++) {
      deadlines.progress('a', 1, 'writing');
      clock.pass(900);
    }
    assert.deepEqual(overdue, []);
  });

  test('end a unit that takes longer than timeoutMs, although it goes on, as a failure that is not retried', () => {
    const { clock, overdue, deadlines } = watch();
    deadlines.begin('a', 1, 1_000, 5_000);
    for (let at = 0; at < 10; at++) {
      deadlines.progress('a', 1, 'writing');
      clock.pass(500);
    }
    assert.deepEqual(overdue, ['a#1 unit.timedOut permanent']);
  });

  test('allow more while one statement of a server runs that gives no sign', () => {
    for (const phase of ['preparing', 'verifying'] as const) {
      const { clock, overdue, deadlines } = watch();
      deadlines.begin('a', 1, 1_000, 0);
      deadlines.progress('a', 1, phase);
      clock.pass(SILENT_PHASE_FACTOR * 1_000 - 1);
      assert.deepEqual(overdue, []);
      clock.pass(1);
      assert.equal(overdue.length, 1);
    }
  });

  test('come nearer when such a phase ends', () => {
    const { clock, overdue, deadlines } = watch();
    deadlines.begin('a', 1, 1_000, 0);
    clock.pass(5_000);
    deadlines.progress('a', 1, 'reading');
    clock.pass(1_000);
    assert.equal(overdue.length, 1);
  });

  test('are none with 0 and 0, and no timer runs while nothing is watched', () => {
    const { clock, overdue, deadlines } = watch();
    deadlines.begin('a', 1, 0, 0);
    assert.equal(clock.armed(), 0);
    deadlines.begin('b', 1, 1_000, 0);
    deadlines.begin('c', 1, 0, 9_000);
    assert.equal(clock.armed(), 1);
    deadlines.end('b', 1);
    deadlines.end('c', 1);
    assert.equal(clock.armed(), 0);
    clock.pass(100_000);
    assert.deepEqual(overdue, []);
  });

  test('arm one timer for the nearest of all, and none by a sign of life', () => {
    const { clock, overdue, deadlines } = watch();
    for (let at = 0; at < 64; at++) deadlines.begin(`u${at}`, 1, 1_000 + at * 100, 0);
    for (let at = 0; at < 64; at++) deadlines.progress(`u${at}`, 1, 'reading');
    assert.equal(clock.armed(), 1);
    clock.pass(1_250);
    assert.deepEqual(
      overdue.map((each) => each.split('#')[0]),
      ['u0', 'u1', 'u2'],
    );
    assert.equal(clock.armed(), 1);
  });

  test('hear nothing of an older execution', () => {
    const { clock, overdue, deadlines } = watch();
    deadlines.begin('a', 1, 1_000, 0);
    deadlines.begin('a', 2, 1_000, 0);
    deadlines.progress('a', 2, 'reading');
    clock.pass(600);
    deadlines.progress('a', 1, 'reading');
    deadlines.end('a', 1);
    clock.pass(400);
    assert.deepEqual(overdue, ['a#2 unit.stalled retryable']);
  });

  test('give everybody a fresh interval after the machine slept, and do not count the sleep', () => {
    const { clock, overdue, deadlines } = watch();
    deadlines.begin('a', 1, 60_000, 0);
    deadlines.begin('b', 1, 30_000, 100_000);
    for (const unit of ['a', 'b']) deadlines.progress(unit, 1, 'reading');
    clock.sleep(8 * 3_600_000);
    assert.deepEqual(overdue, []);
    clock.pass(29_999);
    assert.deepEqual(overdue, []);
    deadlines.progress('b', 1, 'reading');
    clock.pass(30_001);
    assert.deepEqual(overdue, ['b#1 unit.stalled retryable', 'a#1 unit.stalled retryable']);
  });

  test('are met when a timer is only a little late', () => {
    const { clock, overdue, deadlines } = watch();
    deadlines.begin('a', 1, 1_000, 0);
    deadlines.progress('a', 1, 'reading');
    clock.sleep(1_000 + LATE_MS);
    assert.equal(overdue.length, 1);
  });

  test('let the unit that is ended begin again in the same turn', () => {
    const clock = createHandClock();
    const attempts: number[] = [];
    const deadlines = createDeadlines({
      clock,
      overdue: (unitId, attempt) => {
        attempts.push(attempt);
        if (attempt < 3) deadlines.begin(unitId, attempt + 1, 1_000, 0);
      },
    });
    deadlines.begin('a', 1, 1_000, 0);
    clock.pass(100_000);
    assert.deepEqual(attempts, [1, 2, 3]);
    assert.equal(clock.armed(), 0);
  });
});
