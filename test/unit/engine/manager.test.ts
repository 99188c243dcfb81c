import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StartOptions } from '../../../src/engine/api.ts';
import { STOPPED, testEngine, testFolder, turn } from './fakes.ts';

const BY: StartOptions = { by: 'person', confirmOutside: true };
const A = 'A/copy';
const B = 'B/copy';

describe('Between the commit and its sync', () => {
  test('a resume that follows the end of a pause at once starts the units', async () => {
    const { manager, executor } = testEngine();
    const folder = testFolder('A');
    await manager.addFolder(folder);
    assert.equal((await manager.start(A, BY)).ok, true);
    await manager.pause(A);
    folder.store.held = true; // a slow disk
    executor.finish('a', STOPPED); // committed: the task is paused, its `release` waits for the sync
    const resumed = manager.resume(A);
    await turn();
    folder.store.sync();
    assert.equal((await resumed).ok, true, JSON.stringify(await resumed));
    assert.deepEqual([...executor.running.keys()], ['a']);
  });

  test('a lock that is lost keeps committed starts from being carried out', async () => {
    const { manager, executor } = testEngine();
    const folder = testFolder('A');
    await manager.addFolder(folder);
    executor.units = ['a'];
    await manager.start(A, BY);
    await manager.pause(A);
    executor.finish('a', STOPPED);
    await turn();
    folder.store.held = true;
    const resumed = manager.resume(A);
    await turn();
    assert.equal(manager.list()[0]?.counts.running, 1, 'committed, not yet durable');
    folder.store.takeOver();
    folder.store.sync();
    const answer = await resumed;
    assert.deepEqual([...executor.running.keys()], [], 'another host runs this task now');
    assert.equal(answer.ok, false);
  });
});

describe('A folder that is kept only while there is something to do', () => {
  test('is not given back while a start is planning', async () => {
    const { manager, executor, clock } = testEngine();
    const folder = testFolder('A');
    await manager.addFolder(folder);
    await manager.start(A, BY);
    executor.finish('a');
    await turn();
    clock.advance(29_000);
    let planned: () => void = () => undefined;
    executor.planning = new Promise((resolve) => (planned = resolve));
    const again = manager.start(A, { ...BY, again: true });
    await turn();
    clock.advance(2_000); // the plan takes two seconds
    await turn();
    planned();
    const answer = await again;
    assert.equal(answer.ok, true, JSON.stringify(answer));
  });

  test('is given back although another folder is busy', async () => {
    const { manager, executor, clock } = testEngine();
    const a = testFolder('A');
    const b = testFolder('B');
    await manager.addFolder(a);
    await manager.addFolder(b);
    executor.units = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8'];
    await manager.start(A, { ...BY, concurrency: 1 });
    for (const name of ['a1', 'a2', 'a3', 'a4']) {
      clock.advance(20_000);
      executor.finish(name);
      await turn();
    }
    assert.equal(b.released, 1);
  });

  test('whose owner died is taken by the next start', async () => {
    const { manager } = testEngine();
    const folder = testFolder('A');
    const owned = folder.grant;
    folder.grant = () => ({ kind: 'managed', owner: { pid: 4711, hostName: 'here', kind: 'VS Code' } });
    await manager.addFolder(folder);
    folder.grant = owned; // killed: its lock file stays as it is, so nobody is told
    const answer = await manager.start(A, BY);
    assert.equal(answer.ok, true, JSON.stringify(answer));
  });

  test('whose content could not be read is not taken for an empty one', async () => {
    const { manager, executor } = testEngine();
    const folder = testFolder('A');
    await manager.addFolder(folder);
    await manager.start(A, BY);
    executor.finish('a');
    await turn();
    await manager.dispose();

    const second = testEngine();
    folder.store.loadFails = true;
    await second.manager.addFolder(folder).catch(() => undefined);
    folder.store.loadFails = false;
    await second.manager.start(A, BY).catch(() => undefined);
    const [row] = folder.store.load().units;
    assert.equal(row?.status, 'completed', 'a second start takes the rows of an unread store for new ones');
  });

  test('on a full disk at its opening is usable once there is room', async () => {
    const { manager, executor } = testEngine();
    const folder = testFolder('A');
    await manager.addFolder(folder);
    await manager.start(A, BY);
    assert.equal(executor.running.size, 1);
    await manager.dispose(); // as by a crash

    const second = testEngine();
    folder.store.refusal = Object.assign(new Error('full'), { code: 'store.full', args: {} });
    await second.manager.addFolder(folder);
    folder.store.refusal = null;
    second.clock.advance(60_000);
    await turn();
    const answer = await second.manager.start(A, BY);
    assert.equal(answer.ok, true, JSON.stringify(answer));
  });
});

describe('Several folders under one limit', () => {
  test('a removed folder leaves its slots to the others', async () => {
    const { manager, executor, clock } = testEngine(1);
    await manager.addFolder(testFolder('A'));
    await manager.addFolder(testFolder('B'));
    await manager.start(A, BY);
    executor.units = ['b'];
    await manager.start(B, BY);
    assert.deepEqual([...executor.running.keys()], ['a']);
    const removed = manager.removeFolder('A');
    await turn();
    clock.advance(5_000); // its unit does not come to an end by itself
    await removed;
    await turn();
    assert.ok(executor.running.has('b'), 'nothing will ever start b again');
  });

  test('a failed store does not take the slots of the others', async () => {
    const { manager, executor } = testEngine(2);
    const a = testFolder('A');
    await manager.addFolder(a);
    await manager.addFolder(testFolder('B'));
    executor.units = ['a1', 'a2', 'a3'];
    await manager.start(A, BY);
    executor.units = ['b1', 'b2'];
    await manager.start(B, BY); // waits: two of two run
    a.store.fail();
    executor.finish('a1', STOPPED);
    executor.finish('a2', STOPPED);
    await turn();
    assert.ok(executor.running.has('b1'), 'the units of the failed store are gone, their slots are not');
  });

  test('a full disk of one does not keep the reports of the other', async () => {
    const { manager, executor } = testEngine();
    const a = testFolder('A');
    await manager.addFolder(a);
    await manager.addFolder(testFolder('B'));
    await manager.start(A, BY);
    executor.units = ['b'];
    await manager.start(B, BY);
    a.store.refusal = Object.assign(new Error('full'), { code: 'store.full', args: {} });
    executor.finish('a');
    executor.finish('b');
    await turn();
    assert.equal(manager.header(B)?.runState, 'idle');
    assert.equal(manager.header(B)?.blocked, null);
  });
});

describe('Resuming', () => {
  test('a paused task whose target changed asks for a production target', async () => {
    const { manager, executor } = testEngine();
    const folder = testFolder('A');
    await manager.addFolder(folder);
    await manager.start(A, BY);
    await manager.pause(A);
    executor.finish('a', STOPPED);
    await turn();
    folder.define({ file: 'production.db', environment: 'production' });
    const answer = await manager.start(A, BY);
    assert.equal(answer.ok, false, `wrote to ${JSON.stringify(executor.running.get('a')?.job.target)}`);
  });

  test('an interrupted limited run stays limited', async () => {
    const { manager, executor } = testEngine();
    const folder = testFolder('A');
    await manager.addFolder(folder);
    executor.units = ['a', 'b'];
    await manager.start(A, { ...BY, units: ['a'] });
    await manager.dispose();
    const second = testEngine();
    second.executor.units = ['a', 'b'];
    folder.define();
    await second.manager.addFolder(folder);
    await second.manager.resume(A, BY);
    assert.deepEqual([...second.executor.running.keys()], ['a']);
  });
});

describe('Retrying', () => {
  const failed = (code: string) =>
    ({ kind: 'failed', error: { code, args: {}, class: 'permanent', message: '' }, processed: 0, bytes: 0 }) as const;

  test('one failed unit leaves the other failed ones alone, while the task runs and when it has ended', async () => {
    const { manager, executor } = testEngine();
    await manager.addFolder(testFolder('A'));
    executor.units = ['a', 'b', 'c'];
    await manager.start(A, BY);
    executor.finish('a', failed('x'));
    executor.finish('b', failed('y'));
    await turn();
    const [a, b] = manager.units(A, 'failed', -1, 10).units.map(({ id }) => id);
    await manager.retryFailed(A, BY, [a ?? '']);
    assert.deepEqual([...executor.running.keys()].sort(), ['a', 'c']);
    executor.finish('a');
    executor.finish('c');
    await turn();
    assert.equal(manager.header(A)?.runState, 'idle');
    executor.units = ['a', 'b', 'c'];
    assert.equal((await manager.retryFailed(A, BY, [a ?? ''])).ok, false, 'it is completed');
    assert.equal((await manager.retryFailed(A, BY, [b ?? ''])).ok, true);
    assert.deepEqual([...executor.running.keys()], ['b']);
  });
});

describe('What is let go', () => {
  test('a dry run closes its connections', async () => {
    const { manager, executor } = testEngine();
    await manager.addFolder(testFolder('A'));
    await manager.plan(A);
    await turn();
    assert.deepEqual(executor.released, [A]);
  });

  test('a start that is refused after its plan closes its connections', async () => {
    const { manager, executor } = testEngine();
    await manager.addFolder(testFolder('A'));
    const answer = await manager.start(A, { ...BY, units: ['nothing*'] });
    assert.equal(answer.ok, false);
    await turn();
    assert.deepEqual(executor.released, [A]);
  });

  test('a removed folder closes its connections, after its units have ended', async () => {
    const { manager, executor } = testEngine();
    const folder = testFolder('A');
    await manager.addFolder(folder);
    await manager.start(A, BY);
    const removed = manager.removeFolder('A');
    await turn();
    assert.equal(folder.released, 0, 'another host may take the store while a batch is still being written');
    executor.finish('a', STOPPED);
    await removed;
    assert.deepEqual(executor.released, [A]);
  });
});

describe('What goes wrong inside', () => {
  test('a failed store is not reported as the end of the run', async () => {
    const { manager, executor } = testEngine();
    const folder = testFolder('A');
    await manager.addFolder(folder);
    executor.units = ['a', 'b'];
    await manager.start(A, BY);
    const end = manager.settled(A).then(
      (summary) => JSON.stringify(summary),
      () => 'rejected',
    );
    folder.store.held = true;
    executor.finish('a');
    folder.store.fail();
    await turn();
    assert.ok(
      ['still waiting', 'rejected'].includes(await Promise.race([end, turn().then(() => 'still waiting')])),
      await end,
    );
  });

  test('a unit that cannot be handed to a worker fails, the others start', async () => {
    const { manager, executor } = testEngine();
    await manager.addFolder(testFolder('A'));
    executor.units = ['a', 'b'];
    executor.startFails = (job) => job.unitName === 'a';
    await manager.start(A, BY);
    await turn();
    assert.deepEqual([...executor.running.keys()], ['b']);
    assert.equal(manager.header(A)?.counts.failed, 1);
  });

  test('a report that the store can never take does not stop all others', async () => {
    const { manager, executor } = testEngine();
    const folder = testFolder('A');
    await manager.addFolder(folder);
    executor.units = ['a', 'b'];
    await manager.start(A, BY);
    const { transact } = folder.store;
    folder.store.transact = (changes) => {
      if (JSON.stringify(changes).includes('"bad"')) throw new TypeError('tried to bind a value of an unknown type');
      return transact(changes);
    };
    const error = { code: 'bad', args: {}, class: 'permanent', message: '' } as const;
    executor.finish('a', { kind: 'failed', error, processed: 0, bytes: 0 });
    executor.finish('b');
    await turn();
    assert.equal(manager.header(A)?.counts.completed, 1);
  });

  test('progress is not kept in its thousands while the disk is full', async () => {
    const { manager, executor, clock } = testEngine();
    const folder = testFolder('A');
    await manager.addFolder(folder);
    executor.units = ['a', 'b'];
    await manager.start(A, BY);
    folder.store.refusal = Object.assign(new Error('full'), { code: 'store.full', args: {} });
    executor.finish('b'); // waits for room
    const unit = executor.running.get('a');
    for (let n = 1; n <= 1000; n++) {
      unit?.report({ type: 'progress', processed: n, bytes: n, total: null, phase: 'writing' });
      clock.advance(100);
    }
    folder.store.refusal = null;
    clock.advance(10_000);
    await turn();
    assert.equal(manager.header(A)?.counts.completed, 1);
    assert.ok(folder.store.ticks <= 10, `${folder.store.ticks} ticks of one unit were kept`);
  });
});
