import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Coded } from '../../../src/core/model.ts';
import { DEFAULT_OPTIONS, openDatabase } from '../../../src/store/database.ts';
import { realDisk } from '../../../src/store/disk.ts';
import { applyPragmas, lockForThisProcess } from '../../../src/store/pragmas.ts';
import { loadShim } from '../../../src/store/shim.ts';
import { seededRandom } from '../../store/random.ts';
import { createSimDisk } from '../../store/sim-disk.ts';
import { firstChanges, inspect, transition } from '../../store/workload.ts';
import { diskWith, failing, open, temporaryFolder, wasm } from './support.ts';

const root = temporaryFolder();
let files = 0;
const newPath = (): string => join(root, `store-${++files}.db`);

describe('a store whose disk fails', () => {
  test('a failed fdatasync is final: nothing is acknowledged, everything after is refused, and it is said once', async () => {
    let broken = false;
    const disk = diskWith({ datasync: (fd) => (broken ? Promise.reject(new Error('EIO')) : realDisk.datasync(fd)) });
    const path = newPath();
    const { store } = await open(path, { disk });
    await store.transact(firstChanges());
    const failures: Coded[] = [];
    store.onFailure((failure) => failures.push(failure));
    broken = true;
    const size = statSync(path).size;
    const both = [store.transact(transition(1)), store.transact(transition(2))];
    for (const one of both) await assert.rejects(one, { code: 'store.failed' });
    broken = false;
    assert.throws(() => store.transact(transition(3)), { code: 'store.failed' });
    assert.throws(() => store.commit(transition(3)), { code: 'store.failed' });
    store.tick(transition(3).slice(0, 1));
    assert.deepEqual(failures.map(({ code }) => code), ['store.failed']); // biome-ignore format: short
    await store.close();
    assert.equal(statSync(path).size, size, 'the main file is left alone');
    assert.ok(existsSync(`${path}-wal`), 'and so is the WAL');
    const again = await open(path);
    assert.equal(again.store.load().tasks.length, 1);
    await again.store.close();
  });

  test('a failed fsync inside SQLite is final too', async () => {
    let broken = false;
    const disk = diskWith({ sync: (fd) => (broken ? failing('EIO') : realDisk.sync(fd)) });
    const opened = await open(newPath(), { disk });
    await opened.store.transact(firstChanges());
    let heard = 0;
    opened.store.onFailure(() => heard++);
    broken = true;
    assert.throws(() => opened.checkpoint(), { code: 'store.failed' });
    assert.throws(() => opened.store.transact(transition(1)), { code: 'store.failed' });
    assert.equal(heard, 1);
    await opened.store.close();
  });

  for (const [errno, code] of [
    ['ENOSPC', 'store.full'],
    ['EDQUOT', 'store.full'],
    ['EROFS', 'store.readOnly'],
    ['EIO', 'store.io'],
  ] as const) {
    test(`a write that fails with ${errno} refuses the change with ${code}, and the store goes on after it`, async () => {
      let broken = false;
      const disk = diskWith({ write: (fd, from, at) => (broken ? failing(errno) : realDisk.write(fd, from, at)) });
      const path = newPath();
      const { store } = await open(path, { disk });
      await store.transact(firstChanges());
      broken = true;
      assert.throws(() => store.transact(transition(1)), { code });
      assert.throws(() => store.transact(transition(1)), { code });
      broken = false;
      await store.transact(transition(1));
      await store.close();
      assert.deepEqual(await inspect(realDisk, path, new Set([1])), { lost: 0, problems: [] });
    });
  }

  test('whichever file operation fails once, what was acknowledged is there afterwards', async () => {
    for (let failAt = 1; failAt <= 260; failAt += 3) {
      const inner = createSimDisk({ image: new Map(), random: seededRandom(failAt) });
      let calls = 0;
      const counted =
        <A extends unknown[], R>(operation: (...args: A) => R) =>
        (...args: A): R => {
          if (++calls === failAt) failing(failAt % 2 === 0 ? 'EIO' : 'ENOSPC');
          return operation(...args);
        };
      const disk = {
        ...inner,
        open: counted(inner.open),
        read: counted(inner.read),
        write: counted(inner.write),
        truncate: counted(inner.truncate),
        sync: counted(inner.sync),
        datasync: async (fd: number) => counted(inner.datasync)(fd),
        unlink: counted(inner.unlink),
        rename: counted(inner.rename),
        syncFolder: counted(inner.syncFolder),
      };
      const acknowledged = new Set<number>();
      try {
        const { store, checkpoint } = await open('/sim/store.db', { disk });
        try {
          await store.transact(firstChanges());
          for (let n = 1; n <= 12; n++) {
            await store.transact(transition(n));
            acknowledged.add(n);
            if (n % 5 === 0) checkpoint();
          }
        } finally {
          await store.close();
        }
      } catch {
        // refused: that is allowed, losing what was acknowledged is not
      }
      const left = createSimDisk({ image: inner.cut(), random: seededRandom(1) });
      const again = await open('/sim/store.db', { disk: left });
      assert.deepEqual(again.notices, [], `operation ${failAt}`);
      if (again.store.load().tasks.length === 0) assert.equal(acknowledged.size, 0, `operation ${failAt}`);
      await again.store.close();
      assert.deepEqual(
        await inspect(left, '/sim/store.db', acknowledged),
        { lost: 0, problems: [] },
        `operation ${failAt}`,
      );
    }
  });

  test('work that returns a promise is refused and rolled back', async () => {
    const path = newPath();
    const shim = await loadShim(wasm);
    const file = shim.open(path);
    lockForThisProcess(file.sql);
    applyPragmas(file.sql);
    const database = openDatabase(file, path, realDisk, DEFAULT_OPTIONS);
    await database.transact((statements) => statements.run('CREATE TABLE t(x)'));
    const asynchronous = async (statements: { run(text: string): void }): Promise<void> => {
      statements.run('INSERT INTO t VALUES(1)');
    };
    assert.throws(() => database.transact(asynchronous), { code: 'store.asyncWork' });
    assert.deepEqual(database.statements.all('SELECT count(*) FROM t'), [[0]]);
    await database.close();
  });
});

describe('a power cut around the rescue of a deleted WAL', () => {
  const PATH = '/sim/store.db';

  async function visit(disk: ReturnType<typeof createSimDisk>): Promise<void> {
    const theirs = createSimDisk({ image: disk.snapshot(), random: seededRandom(1) });
    const visitor = (await loadShim(wasm)).open(PATH, theirs);
    visitor.sql.run('PRAGMA locking_mode=EXCLUSIVE; PRAGMA wal_checkpoint(TRUNCATE)');
    visitor.close();
    disk.foldByOther(PATH, theirs.snapshot().get(PATH) ?? { bytes: new Uint8Array(0), size: 0, version: 0 });
  }

  for (const then of ['acknowledge', 'checkpoint', 'close'] as const) {
    test(`at any step of the next ${then}, nothing acknowledged is lost`, async () => {
      let complete = false;
      for (let calls = 0; !complete; calls++) {
        for (let seed = 1; seed <= 2; seed++) {
          const disk = createSimDisk({ image: new Map(), random: seededRandom(seed * 1000 + calls) });
          const opened = await open(PATH, { disk });
          const { store } = opened;
          const acknowledged = new Set<number>();
          await store.transact(firstChanges());
          for (let n = 1; n <= 6; n++) {
            await store.transact(transition(n));
            acknowledged.add(n);
          }
          await visit(disk);
          for (let n = 7; n <= 9; n++) store.commit(transition(n));
          disk.cutAfter(calls);
          try {
            if (then === 'acknowledge') await store.transact(transition(10));
            else if (then === 'checkpoint') opened.checkpoint();
            else await store.close();
            for (let n = 7; n <= (then === 'acknowledge' ? 10 : 9); n++) if (then !== 'close') acknowledged.add(n);
          } catch {
            // the power went
          }
          complete = disk.remains === undefined; // this many operations were enough for all of it
          const left = createSimDisk({ image: disk.cut(), random: seededRandom(seed) });
          await store.close().catch(() => undefined);
          const again = await open(PATH, { disk: left });
          assert.deepEqual(again.notices, []);
          await again.store.close();
          assert.deepEqual(await inspect(left, PATH, acknowledged), { lost: 0, problems: [] }, `${calls} ${seed}`);
        }
      }
    });
  }
});
