/**
 * A second host of a folder with many units: how long it takes to see them, and what that costs the first one. The design
 * size is measured with `SECOND_HOST_UNITS=100000 node --test test/integration/second-host-size.test.ts`.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, test } from 'node:test';
import { NO_PARENTS, type TaskRow, UNSTARTED, type UnitRow } from '../../src/core/model.ts';
import { createStoreAccess } from '../../src/workspace/store-access.ts';
import { makeFolder, makeShop, openHost, type TestFolder } from '../support/engine-host.ts';
import { forkHost } from '../support/host-process.ts';

const UNITS = Number(process.env.SECOND_HOST_UNITS ?? 10_000);
const WASM = createRequire(import.meta.url).resolve('sql.js/dist/sql-wasm-debug.wasm');
const folder = makeFolder();
after(() => folder.remove());

async function fill({ path, storeFolder }: TestFolder): Promise<void> {
  const access = createStoreAccess({
    workspaceFolder: path,
    storeFolder,
    app: 'test',
    wasmFile: WASM,
    status: () => null,
    log: () => undefined,
  });
  const grant = await access.acquire();
  assert.ok(grant.kind === 'owned');
  const { key } = access.place;
  const taskId = `${key}/copy`;
  const task: TaskRow = {
    id: taskId,
    store: key,
    name: 'copy',
    mode: 'manual',
    switchingTo: null,
    runState: 'idle',
    reason: null,
    concurrency: 4,
    onError: 'skip',
    retry: { attempts: 3, delayMs: 1_000, factor: 2, maxDelayMs: 60_000, jitter: 0.2 },
    limits: { rowsPerSecond: 0, bytesPerSecond: 0 },
    config: '{}',
    configHash: 'h',
    overrides: null,
    queueRev: 0,
    fullRunAt: null,
    createdAt: 1,
    updatedAt: 1,
  };
  await grant.store.transact([{ kind: 'putTask', task }]);
  for (let from = 0; from < UNITS; from += 5_000) {
    const units = Array.from({ length: 5_000 }, (_, n): UnitRow => {
      const number = from + n;
      return {
        ...UNSTARTED,
        id: `${taskId}#${number}`,
        taskId,
        name: `warehouse_table_with_a_name_${number}`,
        type: 'table',
        planOrder: number * 1_024,
        after: NO_PARENTS,
        status: 'pending',
        total: 1_000,
        resume: 'row',
        updatedAt: 1,
      };
    });
    await grant.store.transact([{ kind: 'putUnits', taskId, units }]);
  }
  await grant.release();
}

test('many units are shown by a second host, and edits of the whole queue reach the first one', async () => {
  makeShop(join(folder.path, 'shop.db'), 1, 1);
  folder.write({
    version: 1,
    connections: { shop: { type: 'sqlite', file: 'shop.db' }, copy: { type: 'sqlite', file: 'copy.db' } },
    tasks: { copy: { source: 'shop', target: 'copy', mode: 'manual' } },
  });
  await fill(folder);
  const first = await forkHost(folder);
  const own = monitorEventLoopDelay({ resolution: 1 });
  const timed = async <T>(what: string, act: () => Promise<T>): Promise<T> => {
    await first.ask('longestBlock');
    own.reset();
    own.enable();
    const since = performance.now();
    const value = await act();
    const took = performance.now() - since;
    await new Promise((resolve) => setTimeout(resolve, 5));
    const block = await first.ask('longestBlock');
    const there = `the owner's loop was held up for at most ${block.toFixed(0)} ms`;
    console.log(`${what}: ${took.toFixed(0)} ms; ${there}, the viewer's ${(own.max / 1e6).toFixed(0)} ms`);
    return value;
  };
  try {
    const second = await timed('complete replica', () => openHost(folder));
    const { manager } = second;
    const task = second.id('copy');
    assert.equal(manager.header(task)?.units, UNITS);
    assert.ok(manager.header(task)?.managedBy);
    const ids = manager.units(task, null, -1, UNITS).units.map(({ id }) => id);
    const added = await timed('addition of all to the queue', () =>
      manager.addToQueue(task, ids, { to: { kind: 'bottom' } }),
    );
    assert.equal(added.ok, true, JSON.stringify(added));
    const { rev, unitIds } = manager.queue(task);
    assert.equal(unitIds.length, UNITS);
    const moved = await timed('move of one to the top', () =>
      manager.moveInQueue(task, [ids[UNITS - 1] ?? ''], { kind: 'top' }, rev),
    );
    assert.equal(moved.ok, true, JSON.stringify(moved));
    assert.equal(manager.queue(task).unitIds[0], ids[UNITS - 1]);
    const stale = await manager.moveInQueue(task, [...ids].reverse(), { kind: 'top' }, rev);
    assert.equal(stale.ok, false, 'it was based on what is no longer so');
    const reordered = await timed('reorder of all', () =>
      manager.moveInQueue(task, [...ids].reverse(), { kind: 'top' }, manager.queue(task).rev),
    );
    assert.equal(reordered.ok, true, JSON.stringify(reordered));
    assert.equal(manager.queue(task).unitIds[0], ids[UNITS - 1]);
    await second.close();
  } finally {
    await first.kill();
  }
});
