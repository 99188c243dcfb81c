import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskManager, ViewChange } from '../../../src/engine/api.ts';
import { createEngineSlot } from '../../../src/extension/engine-slot.ts';

function engine() {
  const listeners: ((change: ViewChange) => void)[] = [];
  const manager = {
    subscribe(listener: (change: ViewChange) => void) {
      listeners.push(listener);
      return { dispose() {} };
    },
    dispose: async () => {},
  } as unknown as TaskManager;
  return { manager, tell: (change: ViewChange) => listeners.forEach((listener) => void listener(change)), listeners };
}

test('the engine is loaded once, however often it is asked for', async () => {
  let loads = 0;
  const { manager } = engine();
  const slot = createEngineSlot(async () => {
    loads++;
    return manager;
  });
  assert.equal(slot.current(), undefined);
  assert.deepEqual(await Promise.all([slot.get(), slot.get()]), [manager, manager]);
  assert.equal(loads, 1);
});

test('an engine that could not be loaded is tried again by the next one who needs it', async () => {
  let loads = 0;
  const { manager, tell, listeners } = engine();
  const slot = createEngineSlot(async () => {
    loads++;
    if (loads === 1) throw new Error('no such file');
    return manager;
  });
  const both = await Promise.allSettled([slot.get(), slot.get()]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(loads, 1);
  const heard: string[] = [];
  slot.onChange(({ kind }) => heard.push(kind));
  assert.equal(await slot.get(), manager);
  tell({ kind: 'tasks' });
  assert.deepEqual([loads, listeners.length, heard], [2, 1, ['tasks']]);
  await slot.dispose();
});
