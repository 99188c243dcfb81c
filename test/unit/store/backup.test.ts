import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Change } from '../../../src/core/events.ts';
import type { Coded } from '../../../src/core/model.ts';
import { realDisk } from '../../../src/store/disk.ts';
import { firstValue, lockForThisProcess } from '../../../src/store/pragmas.ts';
import { loadShim } from '../../../src/store/shim.ts';
import { seededRandom } from '../../store/random.ts';
import { createSimDisk, type Image } from '../../store/sim-disk.ts';
import { firstChanges, inspect, sampleUnit, transition } from '../../store/workload.ts';
import { diskWith, open, temporaryFolder, until, wasm } from './support.ts';

const root = temporaryFolder();
const newPath = (): string => join(mkdtempSync(join(root, 'backup-')), 'datatrace.db');
const DAY_MS = 24 * 3_600_000;
const fine = (): Promise<string> => Promise.resolve('ok');

/** A store with some transitions, its last backup made after `backedUp` of them. */
async function backedUp(path: string, upTo: number, then: number): Promise<void> {
  const { store, backup } = await open(path);
  await store.transact(firstChanges());
  for (let n = 1; n <= upTo; n++) await store.transact(transition(n));
  await backup();
  for (let n = upTo + 1; n <= then; n++) await store.transact(transition(n));
  await store.close();
}

function numbers(count: number): Set<number> {
  return new Set(Array.from({ length: count }, (_, i) => i + 1));
}

describe('the daily backup', () => {
  test('holds all that was committed before it, is a database by itself, and leaves nothing else behind', async () => {
    const path = newPath();
    await backedUp(path, 5, 9);
    assert.deepEqual(readdirSync(join(path, '..')).sort(), ['datatrace.db', 'datatrace.db.bak']);
    assert.deepEqual(await inspect(realDisk, `${path}.bak`, numbers(5)), { lost: 0, problems: [] });
    assert.deepEqual(await inspect(realDisk, path, numbers(9)), { lost: 0, problems: [] });
  });

  test('lets commits go on while it copies; they wait in the WAL until the copy is complete', async () => {
    const path = newPath();
    let size = 0;
    const { store, backup, checkpoint } = await open(path, {
      walLimitBytes: 4_096,
      async checkBackup(copy) {
        assert.equal(copy, `${path}.bak.partial`);
        return 'ok';
      },
    });
    await store.transact(firstChanges());
    const units = Array.from({ length: 9_000 }, (_, i) => sampleUnit(1_000 + i));
    await store.transact([{ kind: 'putUnits', taskId: 'shop-to-copy', units }]);
    checkpoint();
    const making = backup();
    size = readFileSync(path).length;
    const writing: Promise<void>[] = [];
    for (let n = 1; n <= 40; n++) writing.push(store.transact(transition(n)));
    checkpoint();
    await Promise.all(writing);
    await making;
    assert.equal(readFileSync(`${path}.bak`).length, size);
    await store.close();
    assert.deepEqual(await inspect(realDisk, path, numbers(40)), { lost: 0, problems: [] });
    const copied = await inspect(realDisk, `${path}.bak`, new Set());
    assert.deepEqual(copied.problems, []);
  });

  test('that fails its check leaves the older one, says why, and has the whole file checked at the next opening', async () => {
    const path = newPath();
    await backedUp(path, 3, 3);
    const before = readFileSync(`${path}.bak`);
    const { store, backup } = await open(path, { checkBackup: async () => 'row 7 missing from index' });
    await store.transact(transition(4));
    await assert.rejects(backup(), { code: 'store.backup', args: { path, reason: 'row 7 missing from index' } });
    await store.close();
    assert.deepEqual(readFileSync(`${path}.bak`), before);
    assert.ok(existsSync(`${path}.suspect`));
    const again = await open(path);
    assert.deepEqual(again.notices, [], 'it is in order after all');
    assert.equal(existsSync(`${path}.suspect`), false);
    await again.store.close();
  });

  test('notices in its thread that the file it copied is damaged', async () => {
    const path = newPath();
    const { store, backup, checkpoint } = await open(path);
    await store.transact(firstChanges());
    for (let n = 1; n <= 60; n++) await store.transact(transition(n));
    checkpoint();
    damage(path, 2);
    await assert.rejects(backup(), { code: 'store.backup' });
    assert.equal(existsSync(`${path}.bak`), false);
    await store.close();
  });

  test('is made once when two ask for it, and by itself at close and after a pause, when the last one is a day old', async () => {
    const path = newPath();
    let made = 0;
    const disk = diskWith({
      rename(from, to) {
        if (to.endsWith('.bak')) made++;
        realDisk.rename(from, to);
      },
    });
    const options = { disk, backupIntervalMs: DAY_MS, checkBackup: fine };
    const first = await open(path, options);
    await first.store.transact(firstChanges());
    await first.store.close();
    assert.equal(made, 1, 'at close, for there was none');
    const second = await open(path, options);
    await second.store.transact(transition(1));
    await second.store.close();
    assert.equal(made, 1, 'the last one is young');
    const old = new Date(Date.now() - DAY_MS - 1_000);
    utimesSync(`${path}.bak`, old, old);
    const third = await open(path, { ...options, idleCheckpointMs: 10 });
    await third.store.transact(transition(2));
    await until(() => made === 2);
    await Promise.all([third.backup(), third.backup()]);
    assert.equal(made, 3);
    await third.store.close();
  });

  test('that a full disk refuses is reported and does not keep the store from closing', async () => {
    const path = newPath();
    const notices: Coded[] = [];
    const disk = diskWith({
      open(file, flags) {
        if (file.endsWith('.partial')) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        return realDisk.open(file, flags);
      },
    });
    const { store } = await open(path, { disk, backupIntervalMs: 0, onNotice: (notice) => notices.push(notice) });
    await store.transact(firstChanges());
    await store.close();
    assert.deepEqual(notices, [{ code: 'store.backup', args: { path, reason: 'no space' } }]);
  });

  test('cut off at any step leaves the old one or the new one whole, and the store as it was', async () => {
    const PATH = '/sim/datatrace.db';
    let complete = false;
    for (let calls = 0; !complete; calls++) {
      const disk = createSimDisk({ image: new Map(), random: seededRandom(calls) });
      const { store, backup } = await open(PATH, { disk, checkBackup: fine });
      await store.transact(firstChanges());
      for (let n = 1; n <= 3; n++) await store.transact(transition(n));
      await backup();
      for (let n = 4; n <= 6; n++) await store.transact(transition(n));
      disk.cutAfter(calls);
      await backup().catch(() => undefined);
      complete = disk.remains === undefined;
      const image: Image = disk.cut();
      await store.close().catch(() => undefined);
      const left = createSimDisk({ image, random: seededRandom(1) });
      const kept = await inspect(left, `${PATH}.bak`, numbers(3));
      assert.deepEqual(kept, { lost: 0, problems: [] }, `${calls}`);
      const again = await open(PATH, { disk: left });
      assert.deepEqual(again.notices, []);
      await again.store.close();
      assert.deepEqual(await inspect(left, PATH, numbers(6)), { lost: 0, problems: [] }, `${calls}`);
    }
  });
});

/** Overwrites every `nth` page but the first ones. */
function damage(path: string, nth: number): void {
  const pages = readFileSync(path).length / 4096;
  const fd = openSync(path, 'r+');
  for (let page = 5; page < pages; page += nth) writeSync(fd, Buffer.alloc(4096, 0xee), 0, 4096, page * 4096);
  closeSync(fd);
}

describe('a store that cannot be used, with a backup', () => {
  const running: Change[] = [
    {
      kind: 'unit',
      taskId: 'shop-to-copy',
      unitId: 'shop-to-copy/1',
      set: { status: 'running', attempt: 3, startedAt: 5 },
    },
  ];

  async function prepared(): Promise<string> {
    const path = newPath();
    const { store } = await open(path);
    await store.transact([...firstChanges(), ...running]);
    await store.transact([
      { kind: 'unit', taskId: 'shop-to-copy', unitId: 'shop-to-copy/2', set: { status: 'completed' } },
    ]);
    await store.close();
    const file = (await loadShim(wasm)).open(path);
    lockForThisProcess(file.sql);
    file.sql.run(`INSERT INTO scheduled_tasks(id, task_name, status, enabled, schedule_type, schedule_config, action_type, zone,
      created_at, updated_at) VALUES('s', 'nightly', 'ACTIVE', 1, 'DAILY', '{}', 'SYNC', 'UTC', 1, 1)`);
    file.close();
    const again = await open(path);
    await again.backup();
    await again.store.close();
    return path;
  }

  test('gives way to the backup: what ran is paused with the reason, nothing starts by itself, schedules are off', async () => {
    const path = await prepared();
    writeFileSync(path, 'gone bad');
    const { store, notices } = await open(path);
    assert.equal(notices.length, 1);
    assert.equal(notices[0]?.code, 'store.restored');
    assert.deepEqual(Object.keys(notices[0]?.args ?? {}).sort(), ['aside', 'at', 'file', 'path', 'reason']);
    assert.equal(readFileSync(String(notices[0]?.args.aside), 'utf8'), 'gone bad');
    const state = store.load();
    assert.deepEqual(
      [state.units[1]?.status, state.units[1]?.reason, state.units[1]?.attempt, state.units[2]?.status],
      ['paused', { code: 'store.unitRestored', args: {} }, 3, 'completed'],
    );
    assert.deepEqual([state.tasks[0]?.runState, state.tasks[0]?.reason?.code], ['paused', 'store.taskRestored']);
    await store.close();
    const file = (await loadShim(wasm)).open(path);
    lockForThisProcess(file.sql);
    assert.equal(firstValue(file.sql, 'SELECT status || enabled FROM scheduled_tasks'), 'INACTIVE0');
    file.close();
    assert.ok(existsSync(`${path}.bak`), 'the backup stays');
  });

  test('whose file is gone is found again in its backup', async () => {
    const path = await prepared();
    rmSync(path);
    const { store, notices } = await open(path);
    assert.deepEqual(notices.map(({ code }) => code), ['store.foundBackup']); // biome-ignore format: short
    assert.equal(store.load().units[1]?.status, 'paused');
    await store.close();
  });

  for (const [what, spoil] of [
    ['no database', (path: string) => writeFileSync(path, 'bad too')],
    ['damaged inside', (path: string) => damage(path, 1)],
  ] as const) {
    test(`begins anew when the backup is ${what}; both are kept`, async () => {
      const path = await prepared();
      writeFileSync(path, 'gone bad');
      spoil(`${path}.bak`);
      const bad = readFileSync(`${path}.bak`);
      const { store, notices } = await open(path);
      assert.equal(notices.at(-1)?.code, 'store.setAside');
      assert.equal(store.load().tasks.length, 0);
      await store.close();
      const kept = readdirSync(join(path, '..')).filter((name) => name.startsWith('store.corrupt-'));
      assert.ok(kept.some((name) => readFileSync(join(path, '..', name)).equals(bad)));
      assert.ok(kept.some((name) => readFileSync(join(path, '..', name), 'utf8') === 'gone bad'));
      assert.equal(existsSync(`${path}.bak`), false);
    });
  }

  test('is restored however often the power goes on the way', async () => {
    const real = await prepared();
    copyFileSync(real, `${real}.bak`);
    const PATH = '/sim/datatrace.db';
    const content = (bytes: Uint8Array) => ({ bytes, size: bytes.length, version: 1 });
    const good = content(readFileSync(`${real}.bak`));
    const bad = content(Buffer.from('gone bad'));
    let complete = false;
    for (let calls = 0; !complete; calls += 3) {
      const disk = createSimDisk({ image: new Map([[PATH, bad], [`${PATH}.bak`, good]]), random: seededRandom(calls), callsUntilCut: calls }); // biome-ignore format: long
      const first = await open(PATH, { disk }).catch(() => undefined);
      complete = disk.remains === undefined;
      const image = disk.cut();
      await first?.store.close().catch(() => undefined);
      const { store } = await open(PATH, { disk: createSimDisk({ image, random: seededRandom(1) }) });
      assert.equal(store.load().units[1]?.status, 'paused', `${calls}`);
      assert.ok([...image.values()].some(({ bytes, size }) => Buffer.from(bytes.subarray(0, size)).equals(bad.bytes)));
      await store.close();
    }
  });
});
