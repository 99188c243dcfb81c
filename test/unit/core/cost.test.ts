import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apply } from '../../../src/core/apply.ts';
import { decide } from '../../../src/core/decide.ts';
import type { Event } from '../../../src/core/events.ts';
import { desk, names } from './desk.ts';

/** Units finished between two looks at the clock. */
const ROUND = 40;

function runningTask(units: number) {
  const it = desk();
  it.define('shop', { concurrency: 10 });
  it.start('shop', names(units));
  return it;
}

/** ms for the events of {@link ROUND} units from preparation to end, on a task with this many units. */
function round(it: ReturnType<typeof runningTask>): number {
  const { state } = it;
  const take = (event: Event) => {
    const decision = decide(state, event);
    apply(state, decision.changes);
    return decision;
  };
  const task = state.tasks.get('shop')!;
  const began = performance.now();
  for (let turn = 0; turn < ROUND; turn++) {
    const { row } = task.order[task.byStatus.running.next(0)]!;
    const report = { at: turn, unitId: row.id, attempt: row.attempt };
    take({ type: 'prepared', ...report, prepared: 'created', total: 50 });
    take({ type: 'progress', ...report, processed: 10, bytes: 1, total: null });
    take({ type: 'checkpoint', ...report, checkpoint: 'k', processed: 20, bytes: 2 });
    const done = { kind: 'completed', processed: 50, bytes: 5, rejected: 0, verified: 'count', note: null } as const;
    take({ type: 'finished', ...report, outcome: done, random: 0.5 });
  }
  return performance.now() - began;
}

/** Other work on the machine only ever adds, to the large task more (it lives in the cache less): so many tries. */
const TRIES = 5;

test('an event costs at 100,000 units at most twice what it costs at 100', () => {
  const large = runningTask(100_000);
  for (let warm = 0; warm < 100; warm++) {
    round(runningTask(100));
    round(large);
  }
  const figure = (ms: number) => `${((ms * 1000) / (ROUND * 4)).toFixed(2)} µs`;
  let last = '';
  for (let attempt = 0; attempt < TRIES; attempt++) {
    let small = Number.POSITIVE_INFINITY;
    let big = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < 100; turn++) {
      const fresh = runningTask(100);
      small = Math.min(small, round(fresh));
      big = Math.min(big, round(large));
    }
    last = `${figure(big)} against ${figure(small)}`;
    console.log(`cost of an event: ${figure(small)} at 100 units, ${figure(big)} at 100,000`);
    if (big <= small * 2) return;
  }
  assert.fail(last);
});
