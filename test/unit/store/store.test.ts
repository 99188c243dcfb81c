import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Change } from '../../../src/core/events.ts';
import type { RunRow, UnitRow } from '../../../src/core/model.ts';
import { realDisk } from '../../../src/store/disk.ts';
import { inspect, progress, sampleTask, sampleUnit, transition } from '../../store/workload.ts';
import { diskWith, open, temporaryFolder, until } from './support.ts';

const root = temporaryFolder();
let files = 0;
const newPath = (): string => join(root, `store-${++files}.db`);

function task(units = 3): Change[] {
  return [
    { kind: 'putTask', task: sampleTask('t') },
    { kind: 'putUnits', taskId: 't', units: Array.from({ length: units }, (_, i) => sampleUnit(i, 't')) },
  ];
}

const run: RunRow = {
  id: 'r1',
  taskId: 't',
  startedAt: 5,
  endedAt: null,
  outcome: null,
  startedBy: 'command',
  mode: 'auto',
  concurrency: 4,
  units: ['table_1', 'ünï "t"'],
  rows: 0,
  bytes: 0,
  rejected: 0,
};

const fullUnit: UnitRow = sampleUnit(7, 't', {
  name: '__proto__ `x\'; -- "',
  type: 'index',
  status: 'failed',
  total: null,
  processed: 9_007_199_254_740_991,
  bytes: 5_000_000_000,
  rejected: 2,
  checkpoint: '{"k":["é\u0001","18446744073709551615"]}',
  resume: 'unit',
  prepared: 'emptied',
  verified: 'count',
  attempt: 3,
  retriesUsed: 2,
  nextRetryAt: 1_795_266_599_000,
  error: { code: 'mysql.lost', class: 'retryable', args: { host: 'db', port: 3306 }, message: 'gone\naway' },
  reason: { code: 'unit.note', args: {} },
  removed: true,
  startedAt: 0,
  completedAt: 1_795_266_582_000,
});

describe('store', () => {
  test('loads what was written, after a reopen', async () => {
    const path = newPath();
    const first = await open(path);
    assert.deepEqual(first.notices, []);
    await first.store.transact([
      ...task(),
      { kind: 'putUnits', taskId: 't', units: [fullUnit] },
      { kind: 'putRun', run },
    ]);
    const before = first.store.load();
    await first.store.close();
    const again = await open(path);
    const state = again.store.load();
    assert.deepEqual(state, before);
    assert.deepEqual(state.tasks, [sampleTask('t')]);
    assert.deepEqual(state.units, [sampleUnit(0, 't'), sampleUnit(1, 't'), sampleUnit(2, 't'), fullUnit]);
    assert.deepEqual(state.runs, [run]);
    await again.store.close();
  });

  test('an empty store loads as empty', async () => {
    const { store } = await open(newPath());
    assert.deepEqual(store.load(), { tasks: [], units: [], runs: [], queue: [] });
    await store.close();
  });

  test('applies every kind of change', async () => {
    const { store } = await open(newPath());
    await store.transact([...task(), { kind: 'putRun', run }]);
    await store.transact([
      {
        kind: 'task',
        taskId: 't',
        set: { mode: 'manual', switchingTo: 'auto', reason: { code: 'x', args: { n: 1 } } },
      },
      { kind: 'unit', taskId: 't', unitId: 't/0', set: { status: 'completed', removed: true, error: fullUnit.error } },
      { kind: 'unit', taskId: 't', unitId: 't/0', set: { error: null } },
      { kind: 'unitsWhere', taskId: 't', statuses: ['pending', 'completed'], set: { status: 'paused', updatedAt: 9 } },
      { kind: 'run', taskId: 't', runId: 'r1', set: { endedAt: 7, outcome: 'completed', units: null } },
      { kind: 'putRun', run: { ...run, id: 'r2', startedAt: 6 } },
      { kind: 'maxRunning', maxRunningUnits: 3 },
      { kind: 'putTask', task: { ...sampleTask('t'), name: 'renamed', mode: 'manual' } },
    ]);
    const state = store.load();
    assert.deepEqual(
      state.tasks,
      [{ ...sampleTask('t'), name: 'renamed', mode: 'manual' }],
      'its units are still there',
    );
    assert.deepEqual(state.units[0], { ...sampleUnit(0, 't'), status: 'completed', removed: true });
    assert.deepEqual(
      state.units.slice(1).map(({ status, updatedAt }) => [status, updatedAt]),
      [['paused', 9], ['paused', 9]], // biome-ignore format: rows
    );
    assert.deepEqual(state.runs.map(({ id }) => id), ['r2'], 'the newest run of the task'); // biome-ignore format: short
    await store.close();
  });

  test('a unit that is put again is replaced whole, and keeps its attempts and its place', async () => {
    const { store } = await open(newPath());
    await store.transact(task());
    const again: UnitRow = { ...fullUnit, id: 't/1', name: 'table_1' };
    await store.transact([{ kind: 'putUnits', taskId: 't', units: [again] }]);
    assert.deepEqual(store.load().units, [sampleUnit(0, 't'), again, sampleUnit(2, 't')]);
    await store.transact([{ kind: 'putUnits', taskId: 't', units: [sampleUnit(1, 't', { name: 'renamed' })] }]);
    assert.deepEqual(store.load().units[1], sampleUnit(1, 't', { name: 'renamed' }));
    await store.close();
  });

  test('units of many kinds in one put come back as they were', async () => {
    const path = newPath();
    const { store } = await open(path);
    const units = Array.from({ length: 300 }, (_, i) =>
      i % 3 === 0
        ? { ...fullUnit, id: `t/${i}`, name: `${'名'.repeat(i)} ${i}`, checkpoint: 'é'.repeat(i * 97) }
        : sampleUnit(i, 't', { total: i % 2 === 0 ? null : i * 2 ** 40, status: i % 5 === 0 ? 'paused' : 'pending' }),
    );
    await store.transact([
      { kind: 'putTask', task: sampleTask('t') },
      { kind: 'putUnits', taskId: 't', units },
    ]);
    await store.close();
    const again = await open(path);
    assert.deepEqual(again.store.load().units, units);
    await again.store.close();
  });

  test('the newest run of a task is the one written last, also when the clock was set back in between', async () => {
    const { store } = await open(newPath());
    await store.transact([...task(), { kind: 'putRun', run: { ...run, startedAt: 9_000 } }]);
    await store.transact([{ kind: 'putRun', run: { ...run, id: 'r2', startedAt: 4 } }]);
    await store.transact([{ kind: 'putRun', run: { ...run, startedAt: 9_000, rows: 3 } }]);
    assert.deepEqual(store.load().runs.map(({ id }) => id), ['r2']); // biome-ignore format: short
    await store.close();
  });

  test('a refused row names its reason', async () => {
    const { store } = await open(newPath());
    await store.transact(task());
    const twin = sampleUnit(9, 't', { name: 'table_1' });
    assert.throws(() => store.transact([{ kind: 'putUnits', taskId: 't', units: [sampleUnit(8, 't'), twin] }]), {
      message: 'UNIQUE constraint failed: task_unit_progress.task_id, task_unit_progress.unit_name',
    });
    assert.equal(store.load().units.length, 3);
    await store.close();
  });

  test('a transaction that fails changes nothing, and the next one works', async () => {
    const { store } = await open(newPath());
    await store.transact(task());
    const orphan = sampleUnit(9, 'no such task');
    assert.throws(() =>
      store.transact([
        { kind: 'unit', taskId: 't', unitId: 't/0', set: { status: 'running' } },
        { kind: 'putUnits', taskId: 'no such task', units: [orphan] },
      ]),
    );
    assert.equal(store.load().units[0]?.status, 'pending');
    await store.transact([{ kind: 'unit', taskId: 't', unitId: 't/0', set: { status: 'running' } }]);
    assert.equal(store.load().units[0]?.status, 'running');
    await store.close();
  });

  test('commits before it returns, and is durable when the promise resolves', async () => {
    let syncs = 0;
    const disk = diskWith({
      datasync(fd) {
        syncs++;
        return realDisk.datasync(fd);
      },
    });
    const { store } = await open(newPath(), { disk });
    await store.transact(task());
    syncs = 0;
    const durable = store.transact([{ kind: 'unit', taskId: 't', unitId: 't/0', set: { status: 'running' } }]);
    assert.equal(store.load().units[0]?.status, 'running');
    assert.equal(syncs, 0);
    await durable;
    assert.equal(syncs, 1);
    await store.close();
  });

  test('twenty commits of one tick share one sync, and an awaited one has its own', async () => {
    let syncs = 0;
    const disk = diskWith({
      datasync(fd) {
        syncs++;
        return realDisk.datasync(fd);
      },
    });
    const { store } = await open(newPath(), { disk });
    await store.transact(task(40));
    syncs = 0;
    await Promise.all(Array.from({ length: 20 }, (_, i) => store.transact(transition(i + 1, 40, 't'))));
    assert.equal(syncs, 1);
    for (let n = 21; n <= 30; n++) await store.transact(transition(n, 40, 't'));
    assert.equal(syncs, 11);
    await store.close();
  });

  test('a commit made while a sync runs waits for the next one', async () => {
    const running: (() => void)[] = [];
    const disk = diskWith({ datasync: () => new Promise((resolve) => running.push(resolve)) });
    const { store } = await open(newPath(), { disk });
    const order: string[] = [];
    const first = store.transact(task()).then(() => order.push('first'));
    await until(() => running.length === 1);
    const second = store.transact(transition(1, 3, 't')).then(() => order.push('second'));
    running[0]?.();
    await first;
    await until(() => running.length === 2);
    assert.deepEqual(order, ['first']);
    running[1]?.();
    await second;
    await store.close();
  });

  test('progress is written at most once per interval, newest values only, without a sync', async () => {
    let syncs = 0;
    const disk = diskWith({
      datasync(fd) {
        syncs++;
        return realDisk.datasync(fd);
      },
    });
    const path = newPath();
    const { store } = await open(path, { disk, tickIntervalMs: 20 });
    await store.transact(task());
    const wal = (): number => statSync(`${path}-wal`).size;
    const size = wal();
    syncs = 0;
    for (let n = 1; n <= 10_000; n++) store.tick(progress(n, 3, 't'));
    assert.equal(wal(), size, 'nothing is written at once');
    await until(() => wal() > size);
    assert.equal(syncs, 0);
    await store.close();
    const again = await open(path);
    assert.deepEqual(again.store.load().units.map(({ processed }) => processed).sort(), [10_000, 9_998, 9_999]); // biome-ignore format: short
    await again.store.close();
  });

  test('progress goes before a transition of its unit, in the same commit', async () => {
    const path = newPath();
    const { store } = await open(path, { tickIntervalMs: 3_600_000 });
    await store.transact(task());
    store.tick([{ kind: 'unit', taskId: 't', unitId: 't/0', set: { processed: 5, bytes: 50 } }]);
    store.tick([{ kind: 'unit', taskId: 't', unitId: 't/1', set: { processed: 6 } }]);
    store.tick([{ kind: 'unit', taskId: 't', unitId: 't/0', set: { processed: 7 } }]);
    await store.transact([{ kind: 'unit', taskId: 't', unitId: 't/0', set: { status: 'completed', processed: 8 } }]);
    const [first, second] = store.load().units;
    assert.deepEqual([first?.processed, first?.bytes, first?.status], [8, 50, 'completed']);
    assert.equal(second?.processed, 6);
    await store.close();
  });

  test('progress of runs and tasks may wait too; what is never stored is ignored; new rows must not wait', async () => {
    const { store } = await open(newPath(), { tickIntervalMs: 3_600_000 });
    await store.transact([...task(), { kind: 'putRun', run }]);
    store.tick([
      { kind: 'run', taskId: 't', runId: 'r1', set: { rows: 5 } },
      { kind: 'task', taskId: 't', set: { updatedAt: 77 } },
      { kind: 'maxRunning', maxRunningUnits: 3 },
    ]);
    await store.transact([{ kind: 'task', taskId: 't', set: { runState: 'paused' } }]);
    const state = store.load();
    assert.deepEqual([state.tasks[0]?.updatedAt, state.tasks[0]?.runState, state.runs[0]?.rows], [77, 'paused', 5]);
    assert.throws(() => store.tick([{ kind: 'putRun', run }]), /must not be buffered/);
    await store.close();
  });

  test('progress survives a transition that is refused', async () => {
    let full = false;
    const disk = diskWith({
      write(fd, from, at) {
        if (full) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        return realDisk.write(fd, from, at);
      },
    });
    const { store } = await open(newPath(), { disk, tickIntervalMs: 3_600_000 });
    await store.transact(task());
    store.tick([{ kind: 'unit', taskId: 't', unitId: 't/0', set: { processed: 5 } }]);
    full = true;
    assert.throws(() => store.transact([{ kind: 'unit', taskId: 't', unitId: 't/0', set: { status: 'paused' } }]), {
      code: 'store.full',
    });
    full = false;
    const unit = store.load().units[0];
    assert.deepEqual([unit?.status, unit?.processed], ['pending', 5]);
    await store.close();
  });

  test('a commit without sync is synced within the time set', async () => {
    let syncs = 0;
    const disk = diskWith({
      datasync(fd) {
        syncs++;
        return realDisk.datasync(fd);
      },
    });
    const { store } = await open(newPath(), { disk, unsyncedLimitMs: 20 });
    await store.transact(task());
    syncs = 0;
    store.commit(transition(1, 3, 't'));
    store.commit(transition(2, 3, 't'));
    assert.equal(syncs, 0);
    await until(() => syncs === 1);
    await store.close();
  });

  test('the WAL is folded past its limit, after an idle time and at close', async () => {
    const path = newPath();
    const size = (): number => statSync(`${path}-wal`).size;
    const { store } = await open(path, { walLimitBytes: 64 << 10, idleCheckpointMs: 30 });
    await store.transact(task(400));
    await until(() => size() === 0);
    store.commit(transition(1, 3, 't'));
    assert.ok(size() > 0);
    await until(() => size() === 0);
    await store.transact(transition(2, 3, 't'));
    await store.close();
    assert.deepEqual(readdirSync(root).filter((name) => name.startsWith(`${path.slice(root.length + 1)}`)), [path.slice(root.length + 1)]); // biome-ignore format: short
  });

  test('a process that may not write any more is refused before the commit', async () => {
    let mine = true;
    const { store } = await open(newPath(), {
      mayWrite() {
        if (!mine) throw Object.assign(new Error('lost'), { code: 'host.notOwner' });
      },
    });
    await store.transact(task());
    mine = false;
    assert.throws(() => store.transact(transition(1, 3, 't')), { code: 'host.notOwner' });
    assert.throws(() => store.commit(transition(1, 3, 't')), { code: 'host.notOwner' });
    mine = true;
    await store.close();
  });

  test('a process that has lost the store leaves the files as they are when it closes', async () => {
    let mine = true;
    const path = newPath();
    const { store } = await open(path, {
      mayWrite() {
        if (!mine) throw Object.assign(new Error('lost'), { code: 'host.notOwner' });
      },
    });
    await store.transact(task());
    store.tick(progress(1, 3, 't'));
    mine = false;
    const before = [path, `${path}-wal`].map((file) => readFileSync(file));
    await store.close();
    assert.deepEqual([path, `${path}-wal`].map((file) => readFileSync(file)), before); // biome-ignore format: short
  });

  test('a closed store refuses work; closing twice is closing once', async () => {
    const { store } = await open(newPath());
    await Promise.all([store.transact(task()), store.close(), store.close()]);
    assert.throws(() => store.transact(task()), { code: 'store.closed' });
    store.tick(progress(1, 3, 't'));
  });

  test('the files are private', { skip: process.platform === 'win32' }, async () => {
    const path = newPath();
    const { store } = await open(path);
    await store.transact(task());
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(`${path}-wal`).mode & 0o777, 0o600);
    assert.equal(existsSync(`${path}-shm`), false);
    await store.close();
  });

  test('a visitor that deletes the WAL costs nothing', async (context) => {
    if (spawnSync('sqlite3', ['--version']).status !== 0) return context.skip('no sqlite3 command here');
    const path = newPath();
    const { store } = await open(path);
    await store.transact(task(40));
    const acknowledged = new Set<number>();
    for (let n = 1; n <= 30; n++) {
      await store.transact(transition(n, 40, 't'));
      acknowledged.add(n);
      if (n % 10 === 0) spawnSync('sqlite3', [path, 'SELECT count(*) FROM sync_tasks']);
      if (n === 10) assert.equal(existsSync(`${path}-wal`), false, 'the visitor deleted it');
    }
    await store.transact(transition(31, 40, 't'));
    assert.equal(existsSync(`${path}-wal`), true);
    await store.close();
    assert.deepEqual(await inspect(realDisk, path, acknowledged), { lost: 0, problems: [] });
  });
});
