import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { realDisk } from '../../../src/store/disk.ts';
import { StoreError } from '../../../src/store/errors.ts';
import { openFile } from '../../../src/store/opening.ts';
import { firstValue } from '../../../src/store/pragmas.ts';
import { SCHEMA_STEPS } from '../../../src/store/schema.ts';
import { loadShim } from '../../../src/store/shim.ts';
import { firstChanges, sampleUnit, transition } from '../../store/workload.ts';
import { diskWith, failing, open, temporaryFolder, wasm } from './support.ts';

const root = temporaryFolder();
const newFolder = (): string => mkdtempSync(join(root, 'open-'));
const now = (): number => Date.UTC(2026, 10, 21, 13, 5, 9);

async function written(path: string): Promise<void> {
  const { store } = await open(path);
  await store.transact(firstChanges());
  await store.close();
}

/** A store left by a process that was killed: its file and its WAL, copied while it was open. */
async function killed(folder: string): Promise<string> {
  const live = join(folder, 'live.db');
  const { store } = await open(live);
  await store.transact(firstChanges());
  for (let n = 1; n <= 5; n++) await store.transact(transition(n));
  const path = join(folder, 'datatrace.db');
  for (const suffix of ['', '-wal']) copyFileSync(live + suffix, path + suffix);
  await store.close();
  return path;
}

describe('opening a store', () => {
  for (const [what, content] of [
    ['an empty file', ''],
    ['a file of one byte', 'S'],
    ['a file of 99 bytes', 'S'.repeat(99)],
    ['a file that is no database', 'no database '.repeat(100)],
  ] as const) {
    test(`${what} is set aside with its WAL and reported, and a new store begins`, async () => {
      const folder = newFolder();
      const path = join(folder, 'datatrace.db');
      writeFileSync(path, content);
      writeFileSync(`${path}-wal`, 'its wal');
      const { store, notices } = await open(path, { now });
      assert.equal(notices[0]?.code, 'store.setAside');
      assert.equal(notices[0]?.args.file, 'store.corrupt-20261121T130509Z');
      assert.equal(readFileSync(join(folder, 'store.corrupt-20261121T130509Z'), 'utf8'), content);
      assert.equal(readFileSync(join(folder, 'store.corrupt-20261121T130509Z-wal'), 'utf8'), 'its wal');
      await store.transact(firstChanges());
      await store.close();
      assert.deepEqual((await reopened(path)).notices, []);
    });
  }

  async function reopened(path: string) {
    const again = await open(path);
    await again.store.close();
    return again;
  }

  test('two files set aside in one second keep different names', async () => {
    const folder = newFolder();
    const path = join(folder, 'datatrace.db');
    for (const content of ['1', '2']) {
      writeFileSync(path, content);
      const { store } = await open(path, { now });
      await store.close();
    }
    assert.equal(readFileSync(join(folder, 'store.corrupt-20261121T130509Z'), 'utf8'), '1');
    assert.equal(readFileSync(join(folder, 'store.corrupt-20261121T130509Z-2'), 'utf8'), '2');
  });

  test('a damaged table is found after an unclean close', async () => {
    const folder = newFolder();
    const live = join(folder, 'live.db');
    const { store, checkpoint } = await open(live);
    await store.transact(firstChanges());
    const units = Array.from({ length: 400 }, (_, i) => sampleUnit(1000 + i, 'shop-to-copy'));
    await store.transact([{ kind: 'putUnits', taskId: 'shop-to-copy', units }]);
    checkpoint();
    await store.transact(transition(1));
    const path = join(folder, 'datatrace.db');
    for (const suffix of ['', '-wal']) copyFileSync(live + suffix, path + suffix);
    await store.close();
    const fd = openSync(path, 'r+');
    for (let page = 25; page < 40; page++) writeSync(fd, Buffer.alloc(512, 0xee), 0, 512, page * 4096);
    closeSync(fd);
    const again = await open(path);
    assert.equal(again.notices[0]?.code, 'store.setAside');
    assert.equal(again.store.load().tasks.length, 0);
    await again.store.close();
    assert.ok(existsSync(String(again.notices[0]?.args.aside)));
    assert.ok(existsSync(`${String(again.notices[0]?.args.aside)}-wal`));
  });

  test('a file that was cut off is set aside', async () => {
    const path = await killed(newFolder());
    truncateSync(path, 4096 * 2);
    truncateSync(`${path}-wal`, 0);
    const { store, notices } = await open(path);
    assert.equal(notices[0]?.code, 'store.setAside');
    await store.close();
  });

  test('a store left by a kill loads with everything that was acknowledged', async () => {
    const { store, notices } = await open(await killed(newFolder()));
    assert.deepEqual(notices, []);
    assert.equal(store.load().tasks[0]?.queueRev, 5);
    await store.close();
  });

  test('a WAL whose database is missing is set aside, not thrown away', async () => {
    const folder = newFolder();
    const path = join(folder, 'datatrace.db');
    writeFileSync(`${path}-wal`, 'alone');
    const { store, notices } = await open(path, { now });
    assert.equal(notices[0]?.code, 'store.setAside');
    assert.equal(readFileSync(join(folder, 'store.corrupt-20261121T130509Z-wal'), 'utf8'), 'alone');
    await store.close();
  });

  test('a database of another program is not taken for ours', async () => {
    const path = join(newFolder(), 'datatrace.db');
    const file = (await loadShim(wasm)).open(path);
    file.sql.run('CREATE TABLE theirs(x)');
    file.close();
    const { store, notices } = await open(path);
    assert.equal(notices[0]?.code, 'store.setAside');
    await store.close();
  });

  test('a newer schema opens for reading only, and says so; not a byte changes', async () => {
    const path = await killed(newFolder());
    const file = (await loadShim(wasm)).open(path);
    file.sql.run(`PRAGMA locking_mode=EXCLUSIVE; PRAGMA user_version=${SCHEMA_STEPS.length + 1}`);
    file.abandon(new Error('as after a kill: no checkpoint'));
    file.close();
    const before = [readFileSync(path), readFileSync(`${path}-wal`)];
    const { store, readOnly, notices } = await open(path);
    assert.equal(readOnly, true);
    assert.deepEqual(notices, [
      { code: 'store.newer', args: { path, version: SCHEMA_STEPS.length + 1, supported: SCHEMA_STEPS.length } },
    ]);
    assert.equal(store.load().tasks[0]?.queueRev, 5);
    assert.throws(() => store.transact(transition(6)), { code: 'store.newer' });
    assert.throws(() => store.commit(transition(6)), { code: 'store.newer' });
    await store.close();
    assert.deepEqual([readFileSync(path), readFileSync(`${path}-wal`)], before);
  });

  test('an older schema is migrated in one transaction, with a copy kept first', async () => {
    const path = await killed(newFolder());
    const shim = await loadShim(wasm);
    const steps = [...SCHEMA_STEPS, 'ALTER TABLE sync_tasks ADD COLUMN colour TEXT', 'CREATE TABLE extra(x)'];
    const { file, notices } = openFile({ shim, disk: realDisk, path, steps, now });
    assert.deepEqual(notices, []);
    assert.equal(firstValue(file.sql, 'PRAGMA user_version'), steps.length);
    assert.equal(firstValue(file.sql, 'SELECT queue_rev FROM sync_tasks WHERE colour IS NULL'), 5);
    file.close();
    const { store, readOnly } = await open(`${path}.pre-v${steps.length}.bak`);
    assert.equal(readOnly, false);
    assert.equal(store.load().tasks[0]?.queueRev, 5);
    await store.close();
  });

  test('a migration that fails leaves the old schema, and the file where it is', async () => {
    const path = await killed(newFolder());
    const shim = await loadShim(wasm);
    const steps = [...SCHEMA_STEPS, 'CREATE TABLE extra(x)', 'CREATE TABLE extra(x)'];
    assert.throws(() => openFile({ shim, disk: realDisk, path, steps, now }), /already exists/);
    const { store, notices } = await open(path);
    assert.deepEqual(notices, []);
    assert.equal(store.load().tasks[0]?.queueRev, 5);
    await store.close();
  });

  test('a disk that refuses is no reason to set a file aside', async () => {
    const folder = newFolder();
    const path = join(folder, 'datatrace.db');
    await written(path);
    for (const over of [{ read: () => failing('EIO') }, { open: () => failing('EACCES') }]) {
      await assert.rejects(open(path, { disk: diskWith(over) }), { name: 'StoreError' });
    }
    assert.deepEqual(readdirSync(folder), ['datatrace.db']);
    await reopened(path);
  });

  test('a page that cannot be read just now is no damage: the file stays, the reason is said', async () => {
    const folder = newFolder();
    const path = await killed(folder);
    let reads = 0;
    for (let failAt = 1; ; failAt++) {
      reads = 0;
      const disk = diskWith({ read: (...args) => (++reads === failAt ? failing('EIO') : realDisk.read(...args)) });
      const opened = await open(path, { disk }).catch((error: unknown) => error as StoreError);
      if (opened instanceof StoreError) {
        assert.equal(opened.code, 'store.io', `read ${failAt}`);
        assert.deepEqual(Object.keys(opened.args), ['path', 'reason']);
      } else {
        assert.deepEqual(opened.notices, [], `read ${failAt}`);
        await opened.store.close();
      }
      assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith('store.corrupt')), []); // biome-ignore format: short
      if (reads < failAt) break; // every read of an opening has failed once
    }
    await reopened(path);
  });

  test('a file that may only be read is refused with the reason, not opened and then unable to record', async () => {
    const path = await killed(newFolder());
    const disk = diskWith({
      open: (file, flags) => (file === path && (flags & 3) !== 0 ? failing('EACCES') : realDisk.open(file, flags)),
    });
    await assert.rejects(open(path, { disk }), { code: 'store.readOnly' });
    await reopened(path);
  });

  test('a link in the place of the file is not followed', { skip: process.platform === 'win32' }, async () => {
    const folder = newFolder();
    const elsewhere = join(folder, 'elsewhere.db');
    await written(elsewhere);
    const path = join(folder, 'datatrace.db');
    symlinkSync(elsewhere, path);
    const size = statSync(elsewhere).size;
    await assert.rejects(open(path), { name: 'StoreError' });
    assert.equal(statSync(elsewhere).size, size);
  });

  test('a folder or a pipe in the place of the file is refused and not waited for', {
    skip: process.platform === 'win32',
  }, async () => {
    const path = join(newFolder(), 'datatrace.db');
    spawnSync('mkfifo', [path]);
    await assert.rejects(open(path), { code: 'store.io', message: /no file/ });
    await assert.rejects(open(newFolder()), { code: 'store.io', message: /no file/ });
  });

  test('a new store appears whole or not at all', async () => {
    for (const over of [{ rename: () => failing('EPERM') }, { syncFolder: () => failing('EIO') }]) {
      const folder = newFolder();
      const path = join(folder, 'datatrace.db');
      await assert.rejects(open(path, { disk: diskWith(over) }), { name: 'StoreError' });
      const again = await open(path);
      assert.deepEqual(again.notices, []);
      assert.equal(again.store.load().tasks.length, 0);
      await again.store.close();
      assert.deepEqual(readdirSync(folder), ['datatrace.db']);
    }
  });
});
