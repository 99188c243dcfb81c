import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Change } from '../../../src/core/events.ts';
import type { AttemptRow, QueueRow, RunRow } from '../../../src/core/model.ts';
import { realDisk } from '../../../src/store/disk.ts';
import { openFile } from '../../../src/store/opening.ts';
import { firstValue, lockForThisProcess } from '../../../src/store/pragmas.ts';
import { SCHEMA_STEPS } from '../../../src/store/schema.ts';
import { loadShim } from '../../../src/store/shim.ts';
import { sampleTask, sampleUnit } from '../../store/workload.ts';
import { diskWith, open, temporaryFolder, until, wasm } from './support.ts';

const root = temporaryFolder();
let files = 0;
const newPath = (): string => join(root, `store-${++files}.db`);

function task(id: string, units: number): Change[] {
  return [
    { kind: 'putTask', task: sampleTask(id) },
    { kind: 'putUnits', taskId: id, units: Array.from({ length: units }, (_, i) => sampleUnit(i, id)) },
  ];
}

function entry(taskId: string, number: number, order: number): QueueRow {
  return { taskId, unitId: `${taskId}/${number}`, order, addedAt: 1_795_266_581_000 + number };
}

function enqueue(...rows: readonly QueueRow[]): Change {
  return {
    kind: 'enqueue',
    taskId: rows[0]?.taskId ?? '',
    entries: rows.map(({ unitId, order, addedAt }) => ({ unitId, order, addedAt })),
  };
}

function runOf(taskId: string, number: number): RunRow {
  return {
    id: `${taskId}-run-${number}`,
    taskId,
    startedAt: 1_000 - number, // the clock goes back
    endedAt: 2_000,
    outcome: 'completed',
    startedBy: 'person',
    mode: 'manual',
    concurrency: 3,
    units: null,
    rows: number,
    bytes: number * 2 ** 40,
    rejected: 0,
  };
}

function attemptOf(run: RunRow, unit: number, attempt: number): AttemptRow {
  return {
    runId: run.id,
    unitId: `${run.taskId}/${unit}`,
    attempt,
    startedAt: 5,
    endedAt: null,
    outcome: null,
    rows: 0,
    bytes: 0,
    errorCode: null,
  };
}

function putRun(run: RunRow, attempts: readonly AttemptRow[]): Change[] {
  const put = attempts.map((attempt): Change => ({ kind: 'putAttempt', taskId: run.taskId, attempt }));
  return [{ kind: 'putRun', run }, ...put];
}

describe('the stored queue', () => {
  test('comes back in its order, task by task, with negative places and moves', async () => {
    const path = newPath();
    const { store } = await open(path);
    await store.transact([...task('a', 5), ...task('b', 2)]);
    await store.transact([
      enqueue(entry('a', 0, 1024), entry('a', 1, 2048), entry('a', 2, 3072)),
      enqueue(entry('b', 1, 0)),
    ]);
    await store.transact([
      enqueue(entry('a', 2, -1024), entry('a', 4, 4096)),
      { kind: 'dequeue', taskId: 'a', unitIds: ['a/0', 'a/3'] },
    ]);
    await store.close();
    const again = await open(path);
    const expected = [entry('a', 2, -1024), entry('a', 1, 2048), entry('a', 4, 4096), entry('b', 1, 0)];
    assert.deepEqual(again.store.load().queue, expected);
    await again.store.transact([{ kind: 'clearQueue', taskId: 'a' }]);
    assert.deepEqual(again.store.load().queue, [entry('b', 1, 0)]);
    await again.store.close();
  });

  test('an entry of an unknown unit is refused with the whole transaction', async () => {
    const { store } = await open(newPath());
    await store.transact(task('a', 1));
    assert.throws(() => store.transact([enqueue(entry('a', 0, 0), entry('a', 9, 1))]), /FOREIGN KEY/);
    assert.deepEqual(store.load().queue, []);
    await store.close();
  });

  test('a move writes one row, not the queue', async () => {
    let bytes = 0;
    const disk = diskWith({
      write(fd, from, at) {
        bytes += from.length;
        return realDisk.write(fd, from, at);
      },
    });
    const { store } = await open(newPath(), { disk });
    const rows = Array.from({ length: 3000 }, (_, i) => entry('a', i, i * 1024));
    await store.transact([...task('a', 3000), enqueue(...rows)]);
    bytes = 0;
    await store.transact([enqueue(entry('a', 2999, -1024))]);
    assert.ok(bytes < 3 * 4096, `${bytes} bytes`);
    assert.equal(store.load().queue[0]?.unitId, 'a/2999');
    await store.close();
  });
});

describe('what a plan and a file give', () => {
  test('parents, retry policy, limits and the last full run come back', async () => {
    const path = newPath();
    const { store } = await open(path);
    const row = {
      ...sampleTask('t'),
      retry: { attempts: 9, delayMs: 5, factor: 1.5, maxDelayMs: 7, jitter: 0 },
      limits: { rowsPerSecond: 12, bytesPerSecond: 2 ** 40 },
      fullRunAt: 1_795_266_581_000,
      reason: { code: 'x', args: { n: 1 }, cause: { code: 'y', args: { host: 'é' } } },
    };
    const units = [
      sampleUnit(0, 't'),
      sampleUnit(1, 't', { after: ['table_0', 'ünï "t"'] }),
      sampleUnit(2, 't', {
        after: ['table_1'],
        error: { code: 'e', class: 'retryable', message: 'm', args: { cause: 'a word' } },
        reason: { code: 'r', args: {}, cause: { code: 'c', args: {}, cause: { code: 'd', args: { k: 1 } } } },
      }),
    ];
    await store.transact([
      { kind: 'putTask', task: row },
      { kind: 'putUnits', taskId: 't', units },
    ]);
    await store.close();
    const again = await open(path);
    assert.deepEqual(again.store.load().tasks, [row]);
    assert.deepEqual(again.store.load().units, units);
    const set = {
      retry: { ...row.retry, attempts: 0 },
      limits: { rowsPerSecond: 0, bytesPerSecond: 1 },
      fullRunAt: null,
    };
    await again.store.transact([
      { kind: 'task', taskId: 't', set },
      { kind: 'unit', taskId: 't', unitId: 't/1', set: { after: [] } },
    ]);
    assert.deepEqual(again.store.load().tasks, [{ ...row, ...set }]);
    assert.deepEqual(again.store.load().units[1], { ...units[1], after: [] });
    await again.store.close();
  });

  test('a store of the first schema is taken along: what it did not know is read from the file anew', async () => {
    const path = newPath();
    const shim = await loadShim(wasm);
    const old = openFile({ shim, disk: realDisk, path, steps: SCHEMA_STEPS.slice(0, 1), now: () => 0 });
    old.file.sql.run(`INSERT INTO sync_tasks(id, name, concurrency, config, config_hash, created_at, updated_at) VALUES
        ('t', 't', 4, '{}', 'h', 1, 1);
      INSERT INTO task_unit_progress(id, task_id, unit_name, unit_type, status, updated_at, plan_order) VALUES
        ('t/0', 't', 'table_0', 'table', 'pending', 1795266581000, 0), ('t/1', 't', 'table_1', 'table', 'pending', 3, 1024);
      UPDATE task_unit_progress SET processed_records = 5 WHERE id = 't/1';
      INSERT INTO task_runs(id, task_id, started_at, outcome, units) VALUES
        ('1', 't', 70, 'completed', NULL), ('2', 't', 80, NULL, '["table_0"]');`);
    old.file.close();
    const { store, notices } = await open(path);
    assert.deepEqual(notices, []);
    const state = store.load();
    assert.deepEqual(
      [state.tasks[0]?.configHash, state.tasks[0]?.fullRunAt, state.tasks[0]?.retry.attempts],
      ['', 70, 3],
    );
    assert.deepEqual(state.units.map(({ after, processed }) => [after, processed]), [[[], 0], [[], 5]]); // biome-ignore format: rows
    assert.deepEqual(state.queue, []);
    await store.transact([enqueue(entry('t', 0, 5))]);
    await store.close();
    const kept = shim.open(`${path}.pre-v${SCHEMA_STEPS.length}.bak`);
    lockForThisProcess(kept.sql);
    assert.equal(firstValue(kept.sql, 'PRAGMA user_version'), 1);
    kept.close();
  });
});

test('a store of before rejected rows is taken along: its units have none', async () => {
  const path = newPath();
  const shim = await loadShim(wasm);
  const old = openFile({ shim, disk: realDisk, path, steps: SCHEMA_STEPS.slice(0, 2), now: () => 0 });
  old.file.sql.run(`INSERT INTO sync_tasks(id, name, concurrency, config, created_at, updated_at) VALUES
      ('t', 't', 4, '{}', 1, 1);
    INSERT INTO task_unit_progress(id, task_id, unit_name, unit_type, status, updated_at, plan_order, attempt) VALUES
      ('t/0', 't', 'a', 'table', 'completed', 3, 0, 2);`);
  old.file.close();
  const { store } = await open(path);
  const [unit] = store.load().units;
  assert.deepEqual([unit?.attempt, unit?.rejected, unit?.rejectedRun, unit?.replay], [2, 0, null, false]);
  const set = { rejected: 3, rejectedRun: 'run', replay: true };
  await store.transact([{ kind: 'unit', taskId: 't', unitId: 't/0', set }]);
  await store.close();
  const again = await open(path);
  const { rejected, rejectedRun, replay } = again.store.load().units[0]!;
  assert.deepEqual({ rejected, rejectedRun, replay }, set);
  await again.store.close();
});

describe('history', () => {
  test('answers the newest runs of a task and the newest attempts of a run or a unit', async () => {
    const { store } = await open(newPath());
    await store.transact([...task('a', 3), ...task('b', 1)]);
    const [first, second] = [runOf('a', 1), runOf('a', 2)];
    await store.transact(putRun(first, [attemptOf(first, 0, 1), attemptOf(first, 1, 1), attemptOf(first, 0, 2)]));
    await store.transact(putRun(runOf('b', 1), [attemptOf(runOf('b', 1), 0, 1)]));
    await store.transact(putRun(second, [attemptOf(second, 0, 3)]));
    const set = { endedAt: 9, outcome: 'failed', rows: 4, bytes: 2 ** 41, errorCode: 'mysql.lost' } as const;
    await store.transact([{ kind: 'attempt', taskId: 'a', runId: first.id, unitId: 'a/0', attempt: 2, set }]);
    assert.deepEqual(store.runs('a', 10), [second, first]);
    assert.deepEqual(store.runs('a', 1), [second]);
    assert.deepEqual(store.runs('nobody', 10), []);
    const ended = { ...attemptOf(first, 0, 2), ...set };
    assert.deepEqual(store.attempts({ runId: first.id }, 2), [ended, attemptOf(first, 1, 1)]);
    assert.deepEqual(store.attempts({ unitId: 'a/0' }, 10), [attemptOf(second, 0, 3), ended, attemptOf(first, 0, 1)]);
    assert.deepEqual(store.attempts({ unitId: 'a/2' }, 10), []);
    await store.close();
  });

  test('forgotten runs go at once and their attempts little by little, also after a restart in between', async () => {
    const path = newPath();
    const first = await open(path);
    await first.store.transact(task('a', 1));
    const runs = [1, 2, 3].map((number) => runOf('a', number));
    for (const run of runs) {
      const attempts = Array.from({ length: 2_500 }, (_, i) => attemptOf(run, 0, i));
      await first.store.transact(putRun(run, attempts));
    }
    await first.store.transact([{ kind: 'forgetRuns', taskId: 'a', keep: 1 }]);
    assert.deepEqual(first.store.runs('a', 10), [runs[2]]);
    assert.equal(first.store.attempts({ unitId: 'a/0' }, 9_999).length, 2_500);
    await first.store.close();
    const { store } = await open(path);
    const left = (): number =>
      [0, 1].reduce((sum, i) => sum + store.attempts({ runId: runs[i]?.id ?? '' }, 9_999).length, 0);
    assert.ok(left() > 0, 'the first process had no time for it');
    await until(() => left() === 0);
    assert.equal(store.attempts({ runId: 'a-run-3' }, 9_999).length, 2_500);
    await store.close();
  });

  test('a dropped task leaves nothing behind, and the others alone', async () => {
    const { store } = await open(newPath(), { tickIntervalMs: 3_600_000 });
    const [ours, theirs] = [runOf('a', 1), runOf('b', 1)];
    await store.transact([
      ...task('a', 200),
      ...task('b', 2),
      ...putRun(ours, [attemptOf(ours, 0, 1)]),
      ...putRun(theirs, [attemptOf(theirs, 0, 1)]),
      enqueue(entry('a', 1, 0), entry('a', 2, 1)),
      enqueue(entry('b', 1, 0)),
    ]);
    store.tick([{ kind: 'unit', taskId: 'a', unitId: 'a/0', set: { processed: 5 } }]);
    await store.transact([{ kind: 'dropTask', taskId: 'a' }]);
    const state = store.load();
    assert.deepEqual([state.tasks.length, state.units.length, state.queue.length], [1, 2, 1]);
    assert.deepEqual(store.runs('a', 10), []);
    await until(() => store.attempts({ runId: ours.id }, 1).length === 0);
    assert.equal(store.attempts({ runId: theirs.id }, 1).length, 1);
    await store.close();
  });
});
