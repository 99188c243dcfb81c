import assert from 'node:assert/strict';
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { readOwner } from '../../src/host/owner-lock.ts';
import { connectToOwner } from '../../src/host/socket.ts';
import type { FolderStatus } from '../../src/workspace/status.ts';
import {
  differences,
  makeFolder,
  makeShop,
  openHost,
  type TestFolder,
  type TestHost,
  until,
} from '../support/engine-host.ts';

/** 30 tables of 300 rows; slow enough to be caught in the middle where a test asks for it. */
function config(task: object = {}): object {
  return {
    version: 1,
    connections: { shop: { type: 'sqlite', file: 'shop.db' }, copy: { type: 'sqlite', file: 'copy.db' } },
    tasks: { copy: { source: 'shop', target: 'copy', concurrency: 4, resume: 'row', batchRows: 20, ...task } },
  };
}
const SLOW = { limits: { rowsPerSecond: 4000 } };

describe('The engine', () => {
  let folder: TestFolder;
  const hosts: TestHost[] = [];
  const open = async () => {
    const host = await openHost(folder);
    hosts.push(host);
    return host;
  };
  const equal = () => assert.deepEqual(differences(join(folder.path, 'shop.db'), join(folder.path, 'copy.db')), []);

  beforeEach(() => {
    folder = makeFolder();
    makeShop(join(folder.path, 'shop.db'), 30, 300);
    folder.write(config());
  });
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close();
    folder.remove();
  });

  test('copies all tables of a task, counts them, and lets everything go', async () => {
    const { manager, id } = await open();
    const answer = await manager.start(id('copy'), { by: 'person' });
    assert.deepEqual(answer, { ok: true, note: { code: 'startedAuto', args: { units: 30 } } });
    const summary = await manager.settled(id('copy'));
    assert.equal(summary.outcome, 'completed');
    assert.equal(summary.counts.completed, 30);
    assert.equal(summary.rows, 9000);
    assert.equal(manager.header(id('copy'))?.percent, 100);
    equal();
  });

  test('never runs more units than its concurrency, and follows a change of it at once', async () => {
    folder.write(config(SLOW));
    const { manager, id } = await open();
    const task = id('copy');
    let most = 0;
    let limit = 4;
    manager.subscribe(() => {
      const running = manager.header(task)?.counts.running ?? 0;
      if (limit === 4) assert.ok(running <= 4, `${running} units run`);
      most = Math.max(most, running);
    });
    await manager.start(task, { by: 'person' });
    limit = 8;
    await manager.adjust(task, { concurrency: 8 });
    assert.equal(manager.header(task)?.counts.running, 8);
    await manager.settled(task);
    assert.equal(most, 8);
  });

  test('refuses a second start while the task runs, and changes nothing by it', async () => {
    folder.write(config(SLOW));
    const { manager, id } = await open();
    const [first, second] = await Promise.all([
      manager.start(id('copy'), { by: 'person' }),
      manager.start(id('copy'), { by: 'person' }),
    ]);
    assert.equal(first.ok, true, JSON.stringify(first));
    assert.equal(second.ok, false);
    assert.equal(!second.ok && second.refusal.code, 'alreadyRunning');
    const third = await manager.start(id('copy'), { by: 'person' });
    assert.equal(!third.ok && third.refusal.code, 'alreadyRunning');
    assert.equal((await manager.settled(id('copy'))).counts.completed, 30);
    equal();
  });

  test('pauses at batch borders, resumes where it was, and ends with an equal target', async () => {
    folder.write(config(SLOW));
    const { manager, id } = await open();
    const task = id('copy');
    await manager.start(task, { by: 'person' });
    await until('some units are done', () => (manager.header(task)?.counts.completed ?? 0) > 3);
    const answer = await manager.pause(task);
    assert.equal(answer.ok, true);
    const paused = await manager.settled(task);
    assert.equal(paused.runState, 'paused');
    assert.ok(paused.counts.paused > 0 && paused.counts.running === 0);
    const before = manager.header(task)?.rowsProcessed ?? 0;
    assert.equal((await manager.resume(task)).ok, true);
    assert.equal((await manager.settled(task)).outcome, 'completed');
    assert.ok(before > 0);
    equal();
    const attempts = manager.units(task, null, -1, 100).units.map((unit) => unit.attempt);
    assert.ok(Math.max(...attempts) === 2, 'a paused unit was executed twice, no unit more often');
  });

  test('goes on after its host vanished in the middle: interrupted, then complete and equal', async () => {
    folder.write(config(SLOW));
    const first = await open();
    await first.manager.start(first.id('copy'), { by: 'person' });
    await until('some units are done', () => (first.manager.header(first.id('copy'))?.counts.completed ?? 0) > 3);
    await first.close();
    const second = await open();
    const task = second.id('copy');
    assert.equal(second.manager.header(task)?.runState, 'interrupted');
    const done = second.manager.units(task, 'completed', -1, 100).units.map((unit) => unit.name);
    assert.ok(done.length > 3);
    assert.equal((await second.manager.resume(task)).ok, true);
    assert.equal((await second.manager.settled(task)).outcome, 'completed');
    for (const unit of second.manager.units(task, null, -1, 100).units) {
      if (done.includes(unit.name))
        assert.equal(unit.attempt, 1, `${unit.name} was completed: it is not executed again`);
    }
    equal();
  });

  test('answers "nothing to do" when all is completed, and begins anew only when asked', async () => {
    const { manager, id } = await open();
    const task = id('copy');
    await manager.start(task, { by: 'person' });
    await manager.settled(task);
    const idle = await manager.start(task, { by: 'person' });
    assert.equal(idle.ok && idle.note?.code, 'nothingToDo');
    const again = await manager.start(task, { by: 'person', again: true });
    assert.equal(again.ok && again.note?.code, 'startedAuto');
    assert.equal((await manager.settled(task)).rows, 9000);
    equal();
  });

  test('says what is missing when a source does not exist, and runs once it does', async () => {
    unlinkSync(join(folder.path, 'shop.db'));
    const { manager, id } = await open();
    const answer = await manager.start(id('copy'), { by: 'person' });
    assert.equal(answer.ok, false);
    assert.equal(manager.header(id('copy'))?.outcome, 'failed');
    assert.equal(manager.header(id('copy'))?.notices[0]?.severity, 'error');
    makeShop(join(folder.path, 'shop.db'), 30, 300);
    assert.equal((await manager.start(id('copy'), { by: 'person' })).ok, true);
    assert.equal((await manager.settled(id('copy'))).outcome, 'completed');
    assert.deepEqual(manager.header(id('copy'))?.notices, []);
  });

  test('refuses what this version cannot do, with one sentence, before anything is opened', async () => {
    for (const [field, code] of [
      [{ swapAlias: 'live' }, 'unsupported.field'],
      [{ snapshot: true }, 'pipeline.snapshotNotAvailable'],
    ] as const) {
      folder.write(config(field));
      const host = await open();
      const answer = await host.manager.start(host.id('copy'), { by: 'person' });
      assert.equal(!answer.ok && answer.refusal.code, code, JSON.stringify(field));
      await host.close();
    }
  });

  test('lets one host own a folder: a second one watches, asks the owner, and takes over when it is gone', async () => {
    folder.write(config(SLOW));
    const first = await open();
    await first.manager.start(first.id('copy'), { by: 'person' });
    const second = await open();
    const task = second.id('copy');
    const refused = await second.manager.start(task, { by: 'person' });
    assert.equal(!refused.ok && refused.refusal.code, 'alreadyRunning', 'the owner was asked');
    assert.equal(second.manager.header(task)?.managedBy?.code, 'folder.managed');
    const owner = readOwner(join(folder.storeFolder, second.key));
    assert.ok(owner);
    const client = await connectToOwner(owner.socket);
    const status = (await client.request('status')) as FolderStatus;
    client.close();
    assert.equal(status.tasks[0]?.state, 'running');
    assert.equal(status.tasks[0]?.units.length, 30);
    await first.manager.pause(first.id('copy'));
    await first.manager.settled(first.id('copy'));
    await first.close();
    await until('the second host sees that the first is gone', () => second.manager.header(task)?.managedBy === null);
    assert.equal(second.manager.header(task)?.runState, 'paused');
    assert.equal((await second.manager.resume(task)).ok, true);
    assert.equal((await second.manager.settled(task)).outcome, 'completed');
    equal();
  });

  test('takes in tables that came and went, and keeps the history of those that are gone', async () => {
    const host = await open();
    const task = host.id('copy');
    await host.manager.start(task, { by: 'person' });
    await host.manager.settled(task);
    unlinkSync(join(folder.path, 'shop.db'));
    makeShop(join(folder.path, 'shop.db'), 31, 300);
    folder.write(config({ units: ['*', '!t000'] }));
    await host.reload();
    assert.equal((await host.manager.start(task, { by: 'person' })).ok, true);
    assert.equal((await host.manager.settled(task)).counts.completed, 30);
    assert.equal(
      host.manager.units(task, null, -1, 100).units.find((unit) => unit.name === 't000'),
      undefined,
    );
  });

  test('keeps the last good definition when the file becomes bad, and says so', async () => {
    const host = await open();
    writeFileSync(join(folder.path, 'datatrace.json'), '{ "version": 1, "tasks": 3 }');
    await host.reload();
    assert.ok(host.manager.list().length <= 1);
  });
});
