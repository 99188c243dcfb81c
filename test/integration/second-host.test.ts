import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { TaskSummary } from '../../src/engine/api.ts';
import { dataFolder } from '../../src/host/data-folder.ts';
import { readOwner } from '../../src/host/owner-lock.ts';
import { differences, makeFolder, makeShop, openHost, type TestFolder, type TestHost } from '../support/engine-host.ts';
import { forkHost, type HostProcess } from '../support/host-process.ts';

function config(task: object = {}): object {
  return {
    version: 1,
    connections: { shop: { type: 'sqlite', file: 'shop.db' }, copy: { type: 'sqlite', file: 'copy.db' } },
    tasks: { copy: { source: 'shop', target: 'copy', concurrency: 4, resume: 'row', batchRows: 20, ...task } },
  };
}
/** 9,000 rows take three seconds. */
const SLOW = { limits: { rowsPerSecond: 3_000 } };
const FAST = { limits: { rowsPerSecond: 0, bytesPerSecond: 0 } };
const BY = { by: 'person' } as const;

describe('A second host of a folder', () => {
  let folder: TestFolder;
  const hosts: TestHost[] = [];
  const processes: HostProcess[] = [];
  const open = async (of: TestFolder = folder) => {
    const host = await openHost(of, 'second window');
    hosts.push(host);
    return host;
  };
  const fork = async () => {
    const first = await forkHost(folder);
    processes.push(first);
    return first;
  };
  const equal = () => assert.deepEqual(differences(join(folder.path, 'shop.db'), join(folder.path, 'copy.db')), []);
  const summaryIn = (host: TestHost): TaskSummary | undefined =>
    host.manager.list().find(({ name }) => name === 'copy');
  const summaryOf = async (host: HostProcess) => (await host.ask('list')).find(({ name }) => name === 'copy');
  const idle = (host: TestHost) => until('nothing manages it', () => summaryIn(host)?.managedBy === null);

  beforeEach(() => {
    folder = makeFolder();
    makeShop(join(folder.path, 'shop.db'), 30, 300);
    folder.write(config(SLOW));
  });
  afterEach(async () => {
    for (const each of processes.splice(0)) {
      each.child.kill('SIGCONT');
      await each.kill();
    }
    for (const host of hosts.splice(0)) await host.close();
    folder.remove();
  });

  /** The first one runs the task, the second one watches. */
  async function watched() {
    const first = await fork();
    const task = (await summaryOf(first))?.id ?? '';
    const started = await first.ask('start', task, BY);
    assert.equal(started.ok, true, JSON.stringify(started));
    const second = await open();
    return { first, second, task };
  }

  test('shows the same live views, and who manages them', async () => {
    const { first, second, task } = await watched();
    const { manager } = second;
    const header = manager.header(task);
    assert.equal(header?.managedBy?.code, 'folder.managed');
    assert.equal(header?.managedBy?.args.pid, first.child.pid);
    assert.equal(header?.blocked, null);
    assert.equal(header?.runState, 'running');
    assert.equal(header?.units, 30);
    const told = new Set<string>();
    let newest = Number.POSITIVE_INFINITY;
    const subscription = manager.subscribe((change) => {
      told.add(change.kind);
      newest = performance.now();
    });
    let before = header?.rowsProcessed ?? 0;
    for (let i = 0; i < 3; i++) {
      await until('more rows are shown', () => (manager.header(task)?.rowsProcessed ?? 0) > before);
      before = manager.header(task)?.rowsProcessed ?? 0;
    }
    await until('a rate is shown', () => (manager.header(task)?.rowsPerSecond ?? 0) > 0);
    const summary = await manager.settled(task);
    assert.equal(summary.outcome, 'completed');
    assert.equal(summary.counts.completed, 30);
    assert.equal(summary.rows, 9_000);
    await until('the end is told', () => told.has('ended'));
    assert.ok(told.has('task') && newest < Number.POSITIVE_INFINITY);
    assert.equal(manager.units(task, 'completed', -1, 100).units.length, 30);
    const runs = await manager.runs(task, 5);
    assert.equal(runs.length, 1);
    const unit = manager.unitAt(task, 0);
    assert.equal((await manager.attempts(task, unit?.id ?? '', 5)).length, 1);
    assert.equal((await manager.report(task, null)).attempts.length, 30);
    subscription.dispose();
    equal();
  });

  test('commands what the first one manages: pause, resume, live settings, a switch, stop', async () => {
    const { first, second, task } = await watched();
    const { manager } = second;
    assert.deepEqual(await manager.pause(task), { ok: true, note: null });
    assert.ok(['pausing', 'paused'].includes(summaryIn(second)?.runState ?? ''), 'the answer comes after its news');
    assert.equal((await manager.settled(task)).runState, 'paused');
    assert.equal((await summaryOf(first))?.runState, 'paused');
    assert.equal((await manager.adjust(task, { concurrency: 2 })).ok, true);
    assert.equal(manager.header(task)?.concurrency, 2);
    const refused = await manager.adjust(task, { concurrency: -1 });
    assert.equal(refused.ok, false, 'the owner says what is no number of units');
    assert.equal((await manager.resume(task, BY)).ok, true);
    assert.equal(summaryIn(second)?.runState, 'running');
    const again = await manager.start(task, BY);
    assert.equal(!again.ok && again.refusal.code, 'alreadyRunning');
    assert.equal((await manager.setMode(task, 'manual')).ok, true);
    assert.equal(summaryIn(second)?.switchingTo, 'manual');
    await until('the switch is over', () => summaryIn(second)?.mode === 'manual');
    const [pending] = manager.units(task, 'pending', -1, 10).units;
    assert.ok(pending);
    assert.equal((await manager.addToQueue(task, [pending.id], { to: { kind: 'bottom' } })).ok, true);
    await until('it is done', () =>
      manager.units(task, 'completed', -1, 100).units.some(({ id }) => id === pending.id),
    );
    assert.equal((await manager.stop(task)).ok, true);
    assert.equal((await manager.settled(task)).runState, 'idle');
    assert.equal((await summaryOf(first))?.runState, 'idle');
  });

  test('hands its start over, and both see the end', async () => {
    folder.write(config(FAST));
    const first = await fork();
    const second = await open();
    const task = second.id('copy');
    // The first one owns the store as it has something to do there.
    assert.equal((await first.ask('adjust', task, { concurrency: 3 })).ok, true);
    assert.equal((await second.manager.start(task, { by: 'command' })).ok, true);
    const summary = await second.manager.settled(task);
    assert.equal(summary.outcome, 'completed');
    assert.equal(second.manager.lastRun(task)?.startedBy, 'command');
    assert.equal((await summaryOf(first))?.counts.completed, 30);
    equal();
  });

  test('the same command twice in one tick from two hosts is applied once', async () => {
    const first = await fork();
    const second = await open();
    const third = await open();
    const task = second.id('copy');
    const answers = await Promise.all([
      second.manager.start(task, BY),
      third.manager.start(task, BY),
      first.ask('start', task, BY),
    ]);
    assert.equal(answers.filter(({ ok }) => ok).length, 1, JSON.stringify(answers));
    for (const answer of answers)
      assert.ok(answer.ok || answer.refusal.code === 'alreadyRunning', JSON.stringify(answer));
    const [a, b] = await Promise.all([second.manager.stop(task), third.manager.stop(task)]);
    assert.ok(a.ok || b.ok, JSON.stringify([a, b]));
    await Promise.all([second.manager.settled(task), third.manager.settled(task)]);
    const runs = await second.manager.runs(task, 10);
    assert.equal(runs.length, 1);
  });

  test('offers Resume within seconds when the first one was killed in the middle, and nothing is lost', async () => {
    const { first, second, task } = await watched();
    await until('some units are done', () => (summaryIn(second)?.counts.completed ?? 0) > 3);
    await first.kill();
    const since = performance.now();
    await until('it is interrupted', () => summaryIn(second)?.runState === 'interrupted');
    const took = performance.now() - since;
    await idle(second);
    assert.equal(second.manager.header(task)?.blocked, null);
    folder.write(config(FAST));
    await second.reload();
    assert.equal((await second.manager.resume(task, BY)).ok, true);
    assert.equal((await second.manager.settled(task)).outcome, 'completed');
    equal();
    console.log(`Resume was offered ${took.toFixed(0)} ms after the kill`);
  });

  test('takes over from one that runs: that one watches from then on and writes nothing more', async () => {
    const { first, second, task } = await watched();
    await until('some units are done', () => (summaryIn(second)?.counts.completed ?? 0) > 3);
    const since = performance.now();
    const answer = await second.manager.takeOver(second.key);
    const took = performance.now() - since;
    assert.equal(answer.ok, true, JSON.stringify(answer));
    assert.equal(readOwner(storeOf(folder))?.pid, process.pid);
    assert.equal(summaryIn(second)?.runState, 'interrupted');
    assert.equal(summaryIn(second)?.managedBy, null);
    const before = rowsIn(folder);
    await until('the other one watches', async () => (await summaryOf(first))?.managedBy?.args.pid === process.pid);
    assert.equal(rowsIn(folder), before, 'it still wrote');
    folder.write(config(FAST));
    await second.reload();
    const resumed = await first.ask('resume', task, BY); // through us
    assert.equal(resumed.ok, true, JSON.stringify(resumed));
    assert.equal((await second.manager.settled(task)).outcome, 'completed');
    await until('both see it', async () => (await summaryOf(first))?.counts.completed === 30);
    equal();
    console.log(`taken over in ${took.toFixed(0)} ms`);
  });

  test('takes over from one that is stopped in a debugger, which commits nothing when it goes on', async () => {
    const { first, second, task } = await watched();
    await until('some units are done', () => (summaryIn(second)?.counts.completed ?? 0) > 3);
    first.child.kill('SIGSTOP');
    await until(
      'it is said that it does not answer',
      () => summaryIn(second)?.blocked?.code === 'folder.ownerSilent',
      15_000,
    );
    const refused = await second.manager.pause(task);
    assert.equal(refused.ok, false);
    const answer = await second.manager.takeOver(second.key);
    assert.equal(answer.ok, true, JSON.stringify(answer));
    assert.equal(summaryIn(second)?.runState, 'interrupted');
    folder.write(config(FAST));
    await second.reload();
    const resumed = await second.manager.resume(task, BY);
    assert.equal(resumed.ok, true, JSON.stringify(resumed));
    first.child.kill('SIGCONT');
    assert.equal((await second.manager.settled(task)).outcome, 'completed');
    await until('the other one watches', async () => (await summaryOf(first))?.managedBy?.args.pid === process.pid);
    await until('it sees the end', async () => (await summaryOf(first))?.counts.completed === 30);
    equal();
  });

  test('of an untrusted or unknown task asks nobody', async () => {
    const { second } = await watched();
    const answer = await second.manager.pause('elsewhere/copy');
    assert.equal(!answer.ok && answer.refusal.code, 'unknownTask');
    const foreign = await second.manager.pause(`${second.key}/other`);
    assert.equal(!foreign.ok && foreign.refusal.code, 'unknownTask');
  });

  test('runs its own folder while it watches another', async () => {
    const { second, task } = await watched();
    const other = makeFolder();
    try {
      makeShop(join(other.path, 'shop.db'), 3, 50);
      other.write(config());
      const host = await openHost(other);
      hosts.push(host);
      assert.equal((await host.manager.start(host.id('copy'), BY)).ok, true);
      assert.equal((await host.manager.settled(host.id('copy'))).counts.completed, 3);
      assert.equal(summaryIn(second)?.managedBy?.code, 'folder.managed');
      assert.equal((await second.manager.stop(task)).ok, true);
    } finally {
      await hosts.pop()?.close();
      other.remove();
    }
  });
});

function storeOf({ path, storeFolder }: TestFolder): string {
  return dataFolder({ workspaceFolder: path, storeFolder }).folder;
}

/** Polls, also what another process says. */
async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 60_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function rowsIn(folder: TestFolder): number {
  const database = new DatabaseSync(join(folder.path, 'copy.db'), { readOnly: true, timeout: 10_000 });
  try {
    const tables = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 't%'`).all() as {
      name: string;
    }[];
    return tables.reduce((sum, { name }) => {
      const { n } = database.prepare(`SELECT count(*) AS n FROM "${name}"`).get() as { n: number };
      return sum + n;
    }, 0);
  } finally {
    database.close();
  }
}
