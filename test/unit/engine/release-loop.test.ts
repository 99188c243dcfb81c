import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFolderSession } from '../../../src/engine/folder-session.ts';
import { createStoreAccess } from '../../../src/workspace/store-access.ts';
import { testClock, testFolder } from './fakes.ts';

const WASM = createRequire(import.meta.url).resolve('sql.js/dist/sql-wasm-debug.wasm');

test('a host that gave its store back does not take it again by noticing its own leaving', async () => {
  const root = mkdtempSync(join(tmpdir(), 'datatrace-loop-'));
  const clock = testClock();
  const real = createStoreAccess({
    workspaceFolder: root,
    storeFolder: join(root, 'stores'),
    app: 'test',
    wasmFile: WASM,
    status: () => null,
    log: () => undefined,
  });
  let acquired = 0;
  const access = {
    ...real,
    acquire() {
      acquired++;
      return real.acquire();
    },
  };
  const session = createFolderSession({ ...testFolder('A'), access }, clock, {
    opened: async () => undefined,
    changed: () => undefined,
    failed: () => undefined,
    syncing: () => false,
    log: () => undefined,
  });
  try {
    // That a file watcher says nothing has no event to wait for: look long enough.
    const aWhile = () => new Promise((resolve) => setTimeout(resolve, 400));
    const rounds = async () => {
      clock.advance(30_000);
      await aWhile();
    };
    await session.own();
    await rounds(); // given back, and watched from now on
    await session.own();
    await aWhile();
    assert.equal(acquired, 2);
    await rounds(); // given back again: nobody else is here
    await rounds();
    await rounds();
    assert.equal(acquired, 2, 'it took its store again without anything to do');
  } finally {
    await session.close();
    rmSync(root, { recursive: true, force: true });
  }
});

test('two idle windows of a folder leave its store alone once both have read it', async () => {
  const root = mkdtempSync(join(tmpdir(), 'datatrace-idle-'));
  const clock = testClock();
  let acquired = 0;
  const opened = async () => {
    const real = createStoreAccess({
      workspaceFolder: root,
      storeFolder: join(root, 'stores'),
      app: 'test',
      wasmFile: WASM,
      status: () => null,
      log: () => undefined,
    });
    const access = {
      ...real,
      acquire(...args: Parameters<typeof real.acquire>) {
        acquired++;
        return real.acquire(...args);
      },
    };
    const session = createFolderSession({ ...testFolder('A'), access }, clock, {
      opened: async () => undefined,
      changed: () => undefined,
      failed: () => undefined,
      syncing: () => false,
      log: () => undefined,
    });
    await session.own();
    return session;
  };
  const aWhile = () => new Promise((resolve) => setTimeout(resolve, 300));
  const sessions = [await opened(), await opened()];
  try {
    for (let round = 0; round < 4; round++) {
      await aWhile();
      clock.advance(30_000);
    }
    await aWhile();
    const before = acquired;
    for (let round = 0; round < 4; round++) {
      await aWhile();
      clock.advance(30_000);
    }
    assert.equal(acquired, before, 'they wake each other up');
  } finally {
    for (const session of sessions) await session.close();
    rmSync(root, { recursive: true, force: true });
  }
});
