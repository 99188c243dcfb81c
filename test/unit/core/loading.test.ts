import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StoredState } from '../../../src/core/model.ts';
import { countsOf, failuresOf, queueOf, runCountsOf, runOf, runSumsOf, unitCount } from '../../../src/core/select.ts';
import { createState, dropStore, loadStore } from '../../../src/core/state.ts';
import { type Desk, desk, names } from './desk.ts';
import { snapshotOf } from './snapshot.ts';

function stopped(): Desk {
  const it = desk();
  it.define('shop', { mode: 'manual', concurrency: 1 });
  it.start('shop', names(3), { only: ['u0', 'u1'] });
  it.queueAdd('shop', ['u1', 'u2']);
  it.tell('stop', 'shop');
  it.stopped('shop', 'u1');
  return it;
}

/** What a store holds of the task. */
function storedOf(it: Desk): { -readonly [Key in keyof StoredState]: StoredState[Key] } {
  const { row, run, units, queue } = it.state.tasks.get('shop')!;
  return {
    tasks: [{ ...row }],
    units: [...units.values()].map((entry) => ({ ...entry.row })),
    runs: run ? [{ ...run }] : [],
    queue: Array.from(queue, (entry) => {
      return { taskId: 'shop', unitId: entry.row.id, order: entry.queueOrder!, addedAt: entry.queuedAt };
    }),
  };
}

describe('a store that is opened', () => {
  test('is what it was, whatever it holds of tasks and units that are not there', () => {
    const it = stopped();
    const stored = storedOf(it);
    const [clean, odd] = [createState(64), createState(64)];
    loadStore(clean, 'A', storedOf(it));
    assert.deepEqual([queueOf(clean, 'shop'), unitCount(clean, 'shop')], [[it.id('shop', 'u2')], 3]);
    assert.equal(runOf(clean, 'shop')?.id, it.run('shop').id);
    const [unit, run, entry] = [stored.units[0]!, stored.runs[0]!, stored.queue[0]!];
    loadStore(odd, 'A', {
      tasks: stored.tasks,
      units: [...stored.units, { ...unit, id: 'gone#1', taskId: 'gone' }],
      runs: [...stored.runs, { ...run, taskId: 'gone' }],
      queue: [...stored.queue, { ...entry, taskId: 'gone' }, { ...entry, unitId: 'shop#99' }],
    });
    assert.deepEqual(snapshotOf(odd), snapshotOf(clean));
  });

  test('may name a unit in its run that is not there: it does not count', () => {
    const it = stopped();
    const stored = storedOf(it);
    const state = createState(64);
    loadStore(state, 'A', { ...stored, runs: [{ ...stored.runs[0]!, units: ['u0', 'nobody'] }] });
    assert.deepEqual(runCountsOf(state, 'shop'), { ...countsOf(state, 'nobody'), pending: 1 });
    assert.equal(runSumsOf(state, 'shop').total, 100);
  });

  test('belongs to the folder that it was opened for', () => {
    const it = stopped();
    const state = createState(64);
    loadStore(state, 'elsewhere', storedOf(it));
    assert.deepEqual([state.tasks.get('shop')?.row.store, state.tasks.get('shop')?.row.reason], ['elsewhere', null]);
    dropStore(state, 'A');
    assert.equal(state.tasks.size, 1);
    dropStore(state, 'elsewhere');
    assert.deepEqual(snapshotOf(state), snapshotOf(createState(64)));
  });

  test('may hold a failed unit without its error: it failed for a reason that nobody knows', () => {
    const it = stopped();
    const stored = storedOf(it);
    const units = stored.units.map((row) => ({ ...row, status: 'failed' as const, error: null }));
    const state = createState(64);
    loadStore(state, 'A', { ...stored, units, queue: [] });
    assert.deepEqual(failuresOf(state, 'shop'), [{ cause: { code: 'unknown', args: {} }, count: 3 }]);
  });

  test('numbers new units behind its own, and skips what is no number', () => {
    const it = stopped();
    const stored = storedOf(it);
    const units = stored.units.map((row, at) => ({
      ...row,
      id: ['shop#7', 'shop#x', 'shop#12345678901234567890'][at]!,
    }));
    const state = createState(64);
    loadStore(state, 'A', { ...stored, units, queue: [] });
    assert.equal(state.tasks.get('shop')?.nextUnit, 8);
  });
});
