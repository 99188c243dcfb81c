import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StoreAccess } from '../../../src/engine/api.ts';
import { createFolderSession } from '../../../src/engine/folder-session.ts';
import { createTaskManager } from '../../../src/engine/manager.ts';
import type { OwnerDesk, OwnerLink } from '../../../src/protocol/owner.ts';
import { STOPPED, testClock, testEngine, testExecutor, testFolder, turn } from './fakes.ts';

const BY = { by: 'person' } as const;
const A = 'A/copy';

async function running() {
  const engine = testEngine();
  const folder = testFolder('A');
  await engine.manager.addFolder(folder);
  await engine.manager.start(A, BY);
  await turn();
  return { ...engine, folder };
}

/** Whether somebody who waits for the task was answered, however. */
function waiter(settled: Promise<unknown>): { answered: boolean } {
  const it = { answered: false };
  const answer = () => {
    it.answered = true;
  };
  settled.then(answer, answer);
  return it;
}

describe('A folder that is removed', () => {
  test('ends units that reach no batch border in time before its store is given back', async () => {
    const { manager, executor, clock, folder } = await running();
    executor.abort = () => undefined; // its worker does not let go at once
    const removed = manager.removeFolder('A');
    await turn();
    clock.advance(5_000);
    await turn();
    assert.deepEqual([executor.stopped.includes('a'), folder.released], [true, 0]);

    executor.finish('a', STOPPED);
    await removed;
    assert.deepEqual([folder.released, executor.released], [1, [A]]);
  });

  test('answers those who wait for its tasks, and closes their connections', async () => {
    const { manager, executor, clock } = await running();
    const waiting = waiter(manager.settled(A));
    const removed = manager.removeFolder('A');
    await turn();
    clock.advance(5_000);
    await removed;
    await turn();
    assert.deepEqual([waiting.answered, executor.aborted, executor.released], [true, ['a'], [A]]);
  });

  test('leaves no timer behind, nor does a host that ends', async () => {
    const { manager, executor, clock } = await running();
    executor.finish('a');
    await turn();
    await manager.removeFolder('A');
    await manager.dispose();
    assert.equal(clock.timers, 0);
  });
});

test('a host that ends answers those who wait for its tasks', async () => {
  const { manager } = await running();
  const waiting = waiter(manager.settled(A));
  await manager.dispose();
  await turn();
  assert.equal(waiting.answered, true);
});

test('a start after the store failed waits until the executions of before have ended', async () => {
  const { manager, executor, folder } = await running();
  const before = executor.running.get('a')?.job.attempt;
  folder.store.fail();
  await turn();
  const started = manager.start(A, BY);
  await turn(20);
  assert.equal(executor.running.get('a')?.job.attempt, before, 'two executions of one unit at a time');

  executor.finish('a', STOPPED);
  assert.equal((await started).ok, true);
  await turn();
  assert.notEqual(executor.running.get('a')?.job.attempt, before);
});

test('an idle store is not given back while a command that it took is on its way to the disk', async () => {
  const { manager, executor, clock, folder } = await running();
  executor.finish('a');
  await turn();
  clock.advance(29_990);
  folder.store.held = true;
  const asked = manager.setMode(A, 'manual');
  await turn();
  clock.advance(20);
  await turn();
  folder.store.sync();
  assert.equal((await asked).ok, true);

  folder.store.held = false;
  clock.advance(2_000);
  await turn();
  assert.equal(folder.released, 1, 'and is given back soon after it');
});

test('a plan that is looked at does not close the connections of a verification under way', async () => {
  const executor = testExecutor();
  let end: () => void = () => undefined;
  executor.verify = () =>
    new Promise((_, reject) => {
      end = () => reject(new Error('enough'));
    });
  const clock = testClock();
  const random = { next: () => 0.5 };
  const environment = () => undefined;
  const manager = createTaskManager({
    clock,
    executor,
    random,
    environment,
    secretKnown: () => {},
    maxRunningUnits: 64,
    log: () => undefined,
  });
  await manager.addFolder(testFolder('A'));
  const verifying = manager.verify(A, () => undefined);
  await turn();
  await manager.plan(A);
  await turn();
  assert.deepEqual(executor.released, []);
  end();
  await assert.rejects(verifying);
  assert.deepEqual(executor.released, [A]);
});

describe('Take Over', () => {
  /** A folder that another host has until it is asked to let go, or forced. */
  function elsewhere() {
    const clock = testClock();
    const asked: string[] = [];
    const forced: boolean[] = [];
    let connected: (link: OwnerLink) => void = () => undefined;
    let gone = false;
    const link = {
      async request(type: string) {
        asked.push(type);
        gone = true;
        return null;
      },
      subscribe: async () => undefined,
      close: () => undefined,
    } as unknown as OwnerLink;
    const folder = testFolder('A');
    const owner = { pid: 1, hostName: 'h', kind: 'VS Code' } as const;
    const access: StoreAccess = {
      ...folder.access,
      owner: () => (gone ? undefined : owner),
      async acquire(_desk, force = false) {
        forced.push(force);
        return gone || force ? folder.grant() : { kind: 'managed', owner };
      },
      connect: () =>
        new Promise((resolve) => {
          connected = resolve;
        }),
    };
    const session = createFolderSession({ ...folder, access }, clock, {
      opened: async () => undefined,
      changed: () => undefined,
      failed: () => undefined,
      syncing: () => false,
      log: () => undefined,
      sharing: {
        desk: {} as OwnerDesk,
        replaced: () => undefined,
        changed: () => undefined,
        sampled: () => undefined,
      },
    });
    return { clock, asked, forced, session, connect: () => connected(link) };
  }

  for (const known of [true, false]) {
    test(`asks a living owner first, ${known ? 'while it is only being connected to' : 'also one that nobody looked for yet'}`, async () => {
      const it = elsewhere();
      if (known) await it.session.own();
      const taken = it.session.takeOver();
      await turn();
      it.connect();
      assert.equal((await taken).kind, 'owned');
      assert.deepEqual([it.asked, it.forced.includes(true)], [['release'], false]);
      await it.session.close();
    });
  }

  test('does without an owner that cannot be connected to in time', async () => {
    const it = elsewhere();
    const taken = it.session.takeOver();
    await turn();
    it.clock.advance(6_000);
    assert.equal((await taken).kind, 'owned');
    assert.equal(it.forced.includes(true), true);
    await it.session.close();
  });
});
