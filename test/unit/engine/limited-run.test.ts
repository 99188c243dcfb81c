import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AttemptRow, RunRow } from '../../../src/core/model.ts';
import type { Store } from '../../../src/core/ports.ts';
import { createProgressMonitor } from '../../../src/engine/progress-monitor.ts';
import { reportOf } from '../../../src/engine/report.ts';
import { headerOf, reasonOf, summaryOf } from '../../../src/engine/task-view.ts';
import { type Desk, desk, names } from '../core/desk.ts';
import { testClock, testStore } from './fakes.ts';

const end = { name: '', system: '', environment: null };
const connections = { source: 0, target: 0 };
const subject = { taskId: 'shop', name: 'shop', source: end, target: end };
const context = {
  name: 'shop',
  description: '',
  source: end,
  target: end,
  connections,
  mode: 'auto',
  concurrency: 1,
  planning: false,
  notices: [],
  blocked: null,
  managedBy: null,
} as const;

/** Ten units of 100 rows, all completed, and a run of one of them. */
function limited(): Desk {
  const it = desk();
  it.define('shop', { concurrency: 10 });
  it.start('shop', names(10));
  for (const name of names(10)) it.finish('shop', name);
  it.start('shop', names(10), { again: true, only: ['u0'] });
  return it;
}

describe('a limited run', () => {
  test('counts the rows and bytes of its own units while it is unfinished, and afterwards', () => {
    const it = limited();
    const figures = () => {
      const { rows, bytes } = summaryOf(it.state, 'shop', it.now);
      return [rows, bytes];
    };
    assert.deepEqual(figures(), [0, 0]);
    const execution = { unitId: it.id('shop', 'u0'), attempt: 2 };
    it.take({ type: 'progress', at: it.now++, ...execution, processed: 40, bytes: 400, total: null });
    assert.deepEqual(figures(), [40, 400]);
    it.finish('shop', 'u0');
    assert.deepEqual(figures(), [100, 1000]);
  });

  test('has the time left of its own units', () => {
    const it = desk();
    it.define('shop', { concurrency: 10 });
    it.start('shop', names(10), { only: ['u0'] });
    const clock = testClock();
    const monitor = createProgressMonitor(
      clock,
      () => undefined,
      () => undefined,
    );
    const rates = { ...monitor, taskRates: () => ({ rows: 10, bytes: 0 }) };
    const header = headerOf(it.state, rates, 'shop', { ...context, now: it.now + 60_000 });
    assert.deepEqual([header.timeLeftMs, header.rowsTotal], [10_000, 1_000]); // 100 rows at 10 rows/s
    monitor.dispose();
  });

  test('is reported with its own units only', () => {
    const it = desk();
    it.define('shop', { concurrency: 8 });
    it.start('shop', ['a', 'b']);
    it.fail('shop', 'a');
    it.finish('shop', 'b');
    it.start('shop', ['a', 'b'], { again: true, only: ['b'] });
    it.finish('shop', 'b');
    const { counts, remarks, run } = reportOf(it.state, testStore(), subject, null, it.now);
    assert.equal(run.outcome, 'completed');
    assert.deepEqual([counts.completed, counts.failed, remarks], [1, 0, []]);
  });
});

describe('the report of an older run', () => {
  test('counts how its own executions ended, not how the units are now', () => {
    const it = desk();
    it.define('shop', { concurrency: 8 });
    const attempts: AttemptRow[] = [];
    it.start('shop', ['a', 'b', 'c', 'd']);
    const older: RunRow = { ...it.run('shop') };
    const ended = (unit: string, attempt: number, outcome: AttemptRow['outcome']) => {
      const figures = { startedAt: attempt, endedAt: attempt + 1, rows: 1, bytes: 1, errorCode: null };
      attempts.unshift({ runId: older.id, unitId: it.id('shop', unit), attempt, outcome, ...figures });
    };
    for (const unit of ['a', 'b', 'c']) it.fail('shop', unit);
    it.finish('shop', 'd');
    ended('a', 1, 'completed');
    ended('b', 1, 'lost');
    ended('b', 2, 'failed');
    ended('c', 1, 'stopped');
    ended('d', 1, 'lost');
    it.start('shop', ['a', 'b', 'c', 'd']);
    for (const unit of ['a', 'b', 'c']) it.finish('shop', unit);
    const store: Store = {
      ...testStore(),
      runs: () => [it.run('shop'), older],
      attempts: (of, most) => attempts.filter((each) => 'runId' in of && each.runId === of.runId).slice(0, most),
    };
    const report = (runId: string | null) => reportOf(it.state, store, subject, runId, it.now);
    assert.deepEqual(report(older.id).counts, { completed: 1, failed: 1, paused: 1, pending: 1, running: 0 });
    assert.equal(report(null).counts.completed, 4);
  });

  test('counts all of its executions, also when it lists the newest of them', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', ['a']);
    const older: RunRow = { ...it.run('shop') };
    it.finish('shop', 'a');
    it.start('shop', ['a'], { again: true });
    const attempts = Array.from({ length: 12_000 }, (_, n): AttemptRow => {
      const ended = { startedAt: 12_000 - n, endedAt: 12_001, outcome: 'completed', errorCode: null } as const;
      return { runId: older.id, unitId: `shop#${n}`, attempt: 1, rows: 1, bytes: 1, ...ended };
    });
    const store: Store = {
      ...testStore(),
      runs: () => [it.run('shop'), older],
      attempts: (_, most) => attempts.slice(0, most),
    };
    const report = reportOf(it.state, store, subject, older.id, it.now);
    assert.deepEqual([report.counts.completed, report.attempts.length], [12_000, 10_000]);
    assert.deepEqual([report.attempts[0]?.startedAt, report.attempts.at(-1)?.startedAt], [2_001, 12_000]);
  });
});

test('a unit of a task that rests promises no time of its retry', () => {
  const it = desk();
  it.define('shop', { concurrency: 1 });
  it.start('shop', ['a', 'b']);
  it.lose('shop', 'a');
  const reason = () => reasonOf(it.state, it.unit('shop', 'a'), it.now + 60_000);
  assert.equal(reason()?.dueAt, it.unit('shop', 'a').nextRetryAt);
  it.tell('pause', 'shop');
  it.stopped('shop', 'b');
  assert.equal(it.task('shop').runState, 'paused');
  assert.deepEqual(reason(), {
    text: {
      code: 'retryWaitsForTask',
      args: { retry: 1, of: 3 },
      cause: { code: 'connectionLost', args: {} },
    },
    detail: 'gone',
    dueAt: null,
    severity: 'warning',
  });
});
