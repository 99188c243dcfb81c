import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Coded } from '../../../src/core/model.ts';
import { firstValue, lockForThisProcess } from '../../../src/store/pragmas.ts';
import { loadShim } from '../../../src/store/shim.ts';
import { firstChanges, sampleUnit, transition } from '../../store/workload.ts';
import { open, temporaryFolder, wasm } from './support.ts';

const root = temporaryFolder();
const newPath = (): string => join(mkdtempSync(join(root, 'damage-')), 'datatrace.db');

/** A closed store with `units` units. */
async function written(path: string, units = 600): Promise<void> {
  const { store } = await open(path);
  await store.transact(firstChanges());
  const more = Array.from({ length: units }, (_, i) => sampleUnit(1_000 + i));
  await store.transact([{ kind: 'putUnits', taskId: 'shop-to-copy', units: more }]);
  for (let n = 1; n <= 300; n++) store.commit(transition(n));
  await store.close();
}

/** Spoils the middle leaf pages of a table or an index. */
async function spoil(path: string, table: string): Promise<void> {
  const file = (await loadShim(wasm)).open(path);
  lockForThisProcess(file.sql);
  const rootPage = Number(firstValue(file.sql, `SELECT rootpage FROM sqlite_schema WHERE name = '${table}'`));
  file.close();
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.alloc(4096, 0xee), 0, 4096, (rootPage - 1) * 4096);
  closeSync(fd);
}

describe('damage', () => {
  for (const table of ['task_unit_progress', 'sync_tasks', 'task_execution_queue', 'task_runs']) {
    test(`of ${table} that loading meets after a clean close sets the file aside`, async () => {
      const path = newPath();
      await written(path);
      await spoil(path, table);
      const { store, notices } = await open(path);
      assert.equal(notices[0]?.code, 'store.setAside');
      assert.match(String(notices[0]?.args.reason), /malformed/);
      assert.equal(store.load().tasks.length, 0);
      await store.close();
    });
  }

  for (const [edit, what] of [
    ["UPDATE task_unit_progress SET status = 'nonsense' WHERE rowid = 5", /status is nonsense/],
    ["UPDATE sync_tasks SET run_state = 'asleep'", /run_state is asleep/],
    ['UPDATE sync_tasks SET concurrency = -5', /concurrency is -5/],
  ] as const) {
    test(`by a person's edit that nobody can act on (${edit.slice(7, 30)}) sets the file aside`, async () => {
      const path = newPath();
      await written(path);
      const file = (await loadShim(wasm)).open(path);
      lockForThisProcess(file.sql);
      file.sql.run(edit);
      file.close();
      const { store, notices } = await open(path);
      assert.equal(notices[0]?.code, 'store.setAside');
      assert.match(String(notices[0]?.args.reason), what);
      await store.close();
    });
  }

  test('of the history that a transition meets ends the store with a reason; the next opening checks all of the file', async () => {
    const path = newPath();
    await written(path);
    await spoil(path, 'unit_attempts');
    const { store, notices } = await open(path);
    assert.deepEqual(notices, [], 'no decision depends on it');
    const failures: Coded[] = [];
    store.onFailure((failure) => failures.push(failure));
    assert.throws(() => store.transact(transition(301)), {
      code: 'store.damaged',
      args: { path, reason: 'database disk image is malformed' },
    });
    assert.deepEqual(failures.map(({ code }) => code), ['store.damaged']); // biome-ignore format: short
    assert.throws(() => store.transact(transition(302)), { code: 'store.damaged' });
    await store.close();
    const again = await open(path);
    assert.equal(again.notices[0]?.code, 'store.setAside');
    await again.store.close();
    assert.equal(existsSync(`${path}.suspect`), false);
  });

  test('that people meet when they look at the history ends the store as well', async () => {
    const path = newPath();
    await written(path);
    await spoil(path, 'unit_attempts');
    const { store } = await open(path);
    assert.throws(() => store.attempts({ runId: 'run-1' }, 10), { code: 'store.damaged' });
    assert.throws(() => store.transact(transition(301)), { code: 'store.damaged' });
    await store.close();
  });
});

describe('a main file that somebody takes away while it is open', () => {
  const ways: readonly (readonly [string, RegExp, (path: string) => void])[] = [
    ['deleted', /deleted/, (path) => rmSync(path)],
    ['renamed', /deleted/, (path) => renameSync(path, `${path}.elsewhere`)],
    [
      'replaced',
      /replaced/,
      (path) => {
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
      },
    ],
    ['cut', /cut from \d+ to 4096 bytes/, (path) => truncateSync(path, 4096)],
  ];
  for (const [what, reason, take] of ways) {
    test(`${what}: the next change is not acknowledged, and the reason says so`, async () => {
      const path = newPath();
      await written(path);
      const { store } = await open(path);
      const failures: Coded[] = [];
      store.onFailure((failure) => failures.push(failure));
      await store.transact(transition(301));
      take(path);
      await assert.rejects(store.transact(transition(302)), { code: 'store.gone' });
      assert.equal(failures[0]?.code, 'store.gone');
      assert.deepEqual(Object.keys(failures[0]?.args ?? {}), ['path', 'reason']);
      assert.match(String(failures[0]?.args.reason), reason);
      await store.close();
    });
  }

  test('nothing is folded into a file that is not ours any more', async () => {
    const path = newPath();
    await written(path);
    const { store, checkpoint } = await open(path);
    await store.transact(transition(301));
    truncateSync(path, 4096);
    assert.throws(checkpoint, { code: 'store.gone' });
    await store.close();
    assert.ok(existsSync(`${path}-wal`), 'what was acknowledged is still in the WAL');
  });
});

describe('a WAL that is gone at the next opening', () => {
  /** The files of a killed process. */
  async function killed(writes: boolean): Promise<string> {
    const path = newPath();
    await written(path, 10);
    const live = await open(path);
    if (writes) await live.store.transact(transition(301));
    const copy = newPath();
    for (const suffix of ['', '-wal', '.unfolded']) {
      if (existsSync(path + suffix)) spawnSync('cp', ['-p', path + suffix, copy + suffix]); // with its times
    }
    await live.store.close();
    assert.equal(existsSync(`${path}.unfolded`), false);
    return copy;
  }

  test('because it was deleted after a kill, is said', async () => {
    const path = await killed(true);
    rmSync(`${path}-wal`);
    const { store, notices } = await open(path);
    assert.deepEqual(notices, [{ code: 'store.walMissing', args: { path } }]);
    await store.close();
    const again = await open(path);
    assert.deepEqual(again.notices, [], 'once');
    await again.store.close();
  });

  test('because nothing had been written, is in order', async () => {
    const path = await killed(false);
    rmSync(`${path}-wal`, { force: true });
    const { store, notices } = await open(path);
    assert.deepEqual(notices, []);
    await store.close();
  });

  test('because another program has moved it into the file, is in order', async (context) => {
    if (spawnSync('sqlite3', ['--version']).status !== 0) return context.skip('no sqlite3 command here');
    const path = await killed(true);
    spawnSync('sqlite3', [path, 'SELECT count(*) FROM sync_tasks']);
    assert.equal(existsSync(`${path}-wal`), false);
    const { store, notices } = await open(path);
    assert.deepEqual(notices, []);
    assert.equal(store.load().tasks[0]?.queueRev, 301);
    await store.close();
  });
});
