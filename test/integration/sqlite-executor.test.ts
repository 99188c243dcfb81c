import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import type { UnitOutcome } from '../../src/core/events.ts';
import type { Clock, Executor, UnitReport } from '../../src/core/ports.ts';
import { createExecutor } from '../../src/engine/executor.ts';
import { SETTINGS } from '../conformance/run-unit.ts';
import { exactRows } from '../conformance/sqlite-system.ts';

const clock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  timer: (ms, call) => {
    const timer = setTimeout(call, ms);
    timer.unref();
    return { dispose: () => clearTimeout(timer) };
  },
};
const workerFile = new URL('../../src/worker/main.ts', import.meta.url);
const TABLES = 6;
const ROWS = 2000;

describe('units in worker threads', () => {
  let folder: string;
  let copies = 0;

  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-executor-'));
    const db = new DatabaseSync(path.join(folder, 'from.db'));
    const numbers = (to: number) =>
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${to}) SELECT i, 'row ' || i FROM n`;
    for (let at = 0; at < TABLES; at++)
      db.exec(`CREATE TABLE t${at} (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t${at} ${numbers(ROWS)}`);
    db.exec(`CREATE TABLE huge (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO huge ${numbers(600_000)}`);
    db.close();
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  const connections = () => ({
    source: { type: 'sqlite', name: 'from', file: path.join(folder, 'from.db') } as const,
    target: { type: 'sqlite', name: 'to', file: path.join(folder, `to-${++copies}.db`) } as const,
  });

  function start(
    executor: Executor,
    unit: string,
    sides: ReturnType<typeof connections>,
    more: {
      taskId?: string;
      batchRows?: number;
      batchBytes?: number;
      rowsPerSecond?: number;
      at?: (report: UnitReport) => void;
    } = {},
  ): Promise<UnitOutcome> {
    const { taskId = 'task', batchRows = 100, batchBytes = 1 << 20, rowsPerSecond = 0, at } = more;
    return new Promise((resolve) => {
      executor.start(
        {
          taskId,
          unitId: unit,
          attempt: 1,
          unitName: unit,
          unitType: 'table',
          ...sides,
          settings: { ...SETTINGS, targetName: unit, batchRows, batchBytes },
          limits: { rowsPerSecond, bytesPerSecond: 0 },
          checkpoint: null,
          prepared: null,
        },
        (report) => {
          at?.(report);
          if (report.type === 'finished') resolve(report.outcome);
          else if (report.type !== 'progress') executor.proceed(unit, 1);
        },
      );
    });
  }

  test('are planned, copied at the same time into one file, and leave one file', async () => {
    const executor = createExecutor({ workerFile, clock });
    const sides = connections();
    const settings = { prefix: '', suffix: '', fallback: SETTINGS, overrides: {} };
    const plan = await executor.plan({ taskId: 'task', ...sides, units: ['t*', '!t0'], settings });
    assert.deepEqual(
      plan.units.map((unit) => [unit.name, unit.rows, unit.resume, unit.refusals.length]),
      Array.from({ length: TABLES - 1 }, (_, at) => [`t${at + 1}`, ROWS, 'row', 0]),
    );
    assert.equal(fs.existsSync(sides.target.file), false, 'planning must not make the target');
    const outcomes = await Promise.all(plan.units.map((unit) => start(executor, unit.name, sides)));
    for (const outcome of outcomes) assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
    const verified = await executor.verify({ taskId: 'task', ...sides, units: ['*'], settings }, 't1');
    assert.deepEqual(verified, { unit: 't1', sourceRows: ROWS, targetRows: ROWS, equal: true, error: null });
    await executor.release('task');
    assert.equal(fs.existsSync(`${sides.target.file}-wal`), false);
    const [from, to] = [new DatabaseSync(sides.source.file), new DatabaseSync(sides.target.file)];
    for (const unit of plan.units) assert.deepEqual(exactRows(to, unit.name), exactRows(from, unit.name));
    from.close();
    to.close();
    await executor.dispose();
  });

  test('a worker that runs out of memory fails its units, and the next ones get a new one', async () => {
    const executor = createExecutor({ workerFile, clock, maxHeapMb: 24, maxWorkers: 1 });
    const sides = connections();
    const [huge, other] = await Promise.all([
      start(executor, 'huge', sides, { batchRows: 10_000_000, batchBytes: 1 << 30 }),
      start(executor, 't0', sides, { taskId: 'other', rowsPerSecond: 1 }),
    ]);
    for (const outcome of [huge, other]) {
      assert.equal(outcome.kind, 'failed');
      assert.equal(outcome.kind === 'failed' && outcome.error.class, 'retryable');
      assert.match(outcome.kind === 'failed' ? outcome.error.code : '', /^worker(OutOfMemory|Died)$/);
    }
    const later = await start(executor, 't1', sides);
    assert.equal(later.kind, 'completed', JSON.stringify(later));
    await executor.dispose();
  });

  test('a stop is heard while a unit waits for its limit', async () => {
    const executor = createExecutor({ workerFile, clock });
    const begun = performance.now();
    const outcome = await start(executor, 't0', connections(), {
      batchRows: 10,
      rowsPerSecond: 1,
      at: (report) => {
        if (report.type === 'checkpoint') executor.stop('t0', 1);
      },
    });
    assert.equal(outcome.kind, 'stopped');
    assert.ok(outcome.processed < ROWS && performance.now() - begun < 10_000);
    await executor.dispose();
  });

  test('a missing source file fails the unit and the test of the connection', async () => {
    const executor = createExecutor({ workerFile, clock });
    const sides = connections();
    const source = { ...sides.source, file: path.join(folder, 'nothing.db') };
    const outcome = await start(executor, 't0', { ...sides, source });
    assert.equal(outcome.kind === 'failed' && outcome.error.code, 'sqlite.fileMissing');
    await assert.rejects(executor.testConnection(source), /file not found/);
    assert.match((await executor.testConnection(sides.source)).server, /^SQLite 3\./);
    await executor.dispose();
  });
});
