import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import type { UnitOutcome } from '../../src/core/events.ts';
import type { Executor, UnitReport } from '../../src/core/ports.ts';
import { createExecutor } from '../../src/engine/executor.ts';
import { SETTINGS } from '../conformance/run-unit.ts';
import { exactRows } from '../conformance/sqlite-system.ts';
import { eventually, nothingKept, realClock, startWorkers } from './attempts.ts';

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
    const executor = createExecutor({ workerFile, clock: realClock });
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
    const counted = { equal: true, by: 'count', difference: null, error: null };
    assert.deepEqual(verified, { unit: 't1', sourceRows: ROWS, targetRows: ROWS, ...counted });
    await executor.release('task');
    assert.equal(fs.existsSync(`${sides.target.file}-wal`), false);
    const [from, to] = [new DatabaseSync(sides.source.file), new DatabaseSync(sides.target.file)];
    for (const unit of plan.units) assert.deepEqual(exactRows(to, unit.name), exactRows(from, unit.name));
    from.close();
    to.close();
    await executor.dispose();
  });

  test('a worker that runs out of memory fails its units, and the next ones get a new one', async () => {
    const executor = createExecutor({ workerFile, clock: realClock, maxHeapMb: 24, maxWorkers: 1 });
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
    const executor = createExecutor({ workerFile, clock: realClock });
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
    const executor = createExecutor({ workerFile, clock: realClock });
    const sides = connections();
    const source = { ...sides.source, file: path.join(folder, 'nothing.db') };
    const outcome = await start(executor, 't0', { ...sides, source });
    assert.equal(outcome.kind === 'failed' && outcome.error.code, 'sqlite.fileMissing');
    await assert.rejects(executor.testConnection(source), /file not found/);
    assert.match((await executor.testConnection(sides.source)).server, /^SQLite 3\./);
    await executor.dispose();
  });

  /** A condition that keeps SQLite, and so its thread, busy for a second or two. */
  const BUSY =
    '(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n) > 0';

  test('a worker that does not let go of an aborted unit is ended: the unit fails for its reason, the others may be tried again', async () => {
    const workers = startWorkers({ maxWorkers: 1, abortMs: 200 });
    const sides = connections();
    const settings = (unit: string) => ({ ...SETTINGS, targetName: unit, batchRows: 10 });
    const [stuck, slow] = [nothingKept(), nothingKept()];
    const other = { unit: 't1', ...sides, settings: settings('t1'), kept: slow, rowsPerSecond: 20, taskId: 'other' };
    const second = workers.run(other);
    await eventually(() => slow.prepared !== null, 'the other unit runs');
    const first = workers.run({ unit: 't0', ...sides, settings: { ...settings('t0'), where: BUSY }, kept: stuck });
    const answers = async () => {
      const late = new Promise<false>((resolve) => setTimeout(resolve, 150, false));
      return Promise.race([
        workers.executor.testConnection(sides.source).then(
          () => true,
          () => true,
        ),
        late,
      ]);
    };
    await eventually(async () => !(await answers()), 'the thread is inside of SQLite');
    workers.executor.abort('t0', 1, { code: 'unit.stalled', args: {}, class: 'retryable', message: '' });
    const [ended, lost] = await Promise.all([first, second]);
    assert.equal(ended.kind === 'failed' && ended.error.code, 'unit.stalled', JSON.stringify(ended));
    assert.deepEqual(lost.kind === 'failed' && lost.error.args, { unit: 't0' }, JSON.stringify(lost));
    assert.deepEqual(lost.kind === 'failed' && [lost.error.code, lost.error.class], ['workerLost', 'retryable']);
    for (const [unit, kept] of [
      ['t0', stuck],
      ['t1', slow],
    ] as const) {
      const later = await workers.run({ unit, ...sides, settings: settings(unit), kept });
      assert.equal(later.kind, 'completed', JSON.stringify(later));
    }
    await workers.dispose();
  });

  test('units that wait for their turn at a file are not taken for stalled, and can be ended there', async () => {
    const workers = startWorkers({ maxWorkers: 1 });
    const sides = connections();
    const db = new DatabaseSync(sides.source.file);
    db.exec('CREATE VIEW IF NOT EXISTS few AS SELECT v FROM huge LIMIT 60');
    db.close();
    const begun = Promise.withResolvers<void>();
    const settings = { ...SETTINGS, stallMs: 500 };
    const [whole, waiting, aborted] = [nothingKept(), nothingKept(), nothingKept()];
    // One transaction from its first row to its last, slowed down: nobody else writes meanwhile.
    const first = workers.run({
      ...{ unit: 'few', ...sides, kept: whole, rowsPerSecond: 20 },
      settings: { ...settings, targetName: 'few', batchRows: 10 },
      at: (report) => report.type === 'progress' && report.processed > 0 && begun.resolve(),
    });
    await begun.promise;
    const run = (unit: string, kept: typeof waiting) =>
      workers.run({ unit, ...sides, kept, taskId: unit, settings: { ...settings, targetName: unit } });
    const second = run('t2', waiting);
    const third = run('t3', aborted);
    workers.executor.abort('t3', 1, { code: 'enough', args: {}, class: 'permanent', message: '' });
    const outcome = await third;
    assert.equal(outcome.kind === 'failed' && outcome.error.code, 'enough', JSON.stringify(outcome));
    for (const each of await Promise.all([first, second])) assert.equal(each.kind, 'completed', JSON.stringify(each));
    assert.equal((await run('t3', aborted)).kind, 'completed');
    await workers.dispose();
  });
});
