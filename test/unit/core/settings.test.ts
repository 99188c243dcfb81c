import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SettingsChange } from '../../../src/core/model.ts';
import { unitAt } from '../../../src/core/select.ts';
import { type Desk, desk, kinds, names, refusal, unitsOfEffects } from './desk.ts';

const LIMITS = { rowsPerSecond: 500, bytesPerSecond: 0 };
const RETRY = { attempts: 1, delayMs: 5, factor: 1, maxDelayMs: 50, jitter: 0 };

function running(): Desk {
  const it = desk();
  it.define('shop', { concurrency: 2 });
  it.start('shop', names(6));
  return it;
}

function adjust(it: Desk, set: SettingsChange) {
  return it.take({ type: 'adjust', at: it.now++, taskId: 'shop', set });
}

function overrides(it: Desk): unknown {
  const { overrides } = it.task('shop');
  return overrides === null ? null : JSON.parse(overrides);
}

describe('a live setting', () => {
  test('is in force at once and remembered with what the file said', () => {
    const it = running();
    const { retry, limits } = it.task('shop');
    adjust(it, { concurrency: 3, onError: 'pause', retry: RETRY });
    const { concurrency, onError, updatedAt } = it.task('shop');
    assert.deepEqual([concurrency, onError, it.task('shop').retry, updatedAt], [3, 'pause', RETRY, it.now - 1]);
    assert.deepEqual(it.task('shop').limits, limits);
    assert.equal(it.run('shop').concurrency, 3);
    assert.deepEqual(overrides(it), {
      concurrency: 3,
      onError: 'pause',
      retry: RETRY,
      file: { concurrency: 2, onError: 'skip', retry },
    });
  });

  test('of which one member is named keeps the others as they are in force', () => {
    const it = running();
    const before = it.task('shop').retry;
    adjust(it, { limits: { rowsPerSecond: 500 } });
    adjust(it, { limits: { bytesPerSecond: 700 }, retry: { attempts: 1_000 } });
    assert.deepEqual(it.task('shop').limits, { rowsPerSecond: 500, bytesPerSecond: 700 });
    assert.deepEqual(it.task('shop').retry, { ...before, attempts: 1_000 });
    assert.equal(refusal(adjust(it, { retry: { attempts: 1_001 } })), 'badSetting');
  });

  test('that says what the file says is no override any more', () => {
    const it = running();
    adjust(it, { concurrency: 3, onError: 'pause' });
    adjust(it, { concurrency: 2 });
    assert.deepEqual(overrides(it), { onError: 'pause', file: { onError: 'skip' } });
    adjust(it, { onError: 'skip' });
    assert.equal(overrides(it), null);
  });

  test('that is changed twice still knows what the file said', () => {
    const it = running();
    adjust(it, { concurrency: 3 });
    adjust(it, { concurrency: 4 });
    assert.deepEqual(overrides(it), { concurrency: 4, file: { concurrency: 2 } });
  });

  test('that is in force already changes nothing', () => {
    const it = running();
    const { retry, limits } = it.task('shop');
    const decision = adjust(it, { concurrency: 2, onError: 'skip', retry: { ...retry }, limits: { ...limits } });
    assert.deepEqual([decision.changes, decision.effects], [[], []]);
    assert.deepEqual(adjust(it, {}).changes, []);
  });

  test('is measured by what the run has in force, which may be its own', () => {
    const it = desk();
    it.define('shop', { concurrency: 2 });
    it.start('shop', names(9), { concurrency: 5 });
    assert.deepEqual(adjust(it, { concurrency: 5 }).changes, []);
    adjust(it, { concurrency: 2 });
    assert.deepEqual([it.run('shop').concurrency, overrides(it)], [2, null]);
  });

  test('of the limits goes to the executor, once and only when it changes', () => {
    const it = running();
    assert.deepEqual(adjust(it, { limits: LIMITS }).effects, [{ kind: 'limits', taskId: 'shop', limits: LIMITS }]);
    assert.deepEqual(adjust(it, { limits: { ...LIMITS } }).effects, []);
    assert.deepEqual(kinds(adjust(it, { onError: 'pause' })), []);
  });

  test('of the concurrency leaves the run that has ended as it was', () => {
    const it = running();
    for (const unit of names(6)) it.finish('shop', unit);
    adjust(it, { concurrency: 9 });
    assert.deepEqual([it.run('shop').concurrency, it.task('shop').concurrency], [2, 9]);
  });

  test('does not end a task of manual mode that waits for additions', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.start('shop', names(1));
    it.queueAdd('shop', ['u0']);
    it.tell('pause', 'shop');
    it.fail('shop', 'u0');
    it.start('shop', names(1));
    assert.equal(it.task('shop').runState, 'running');
    adjust(it, { onError: 'pause' });
    assert.equal(it.task('shop').runState, 'running');
    it.define('shop', { mode: 'manual', concurrency: 1, configHash: '2' });
    assert.equal(it.task('shop').runState, 'running', 'nor does a new definition');
  });

  test('of anything else leaves the concurrency of the run as it was', () => {
    const it = running();
    it.start('shop', names(6));
    adjust(it, { limits: LIMITS });
    assert.equal(it.run('shop').concurrency, 2);
  });

  test('may be anything within its bounds, and nothing beyond', () => {
    const it = running();
    const retry = { ...RETRY };
    for (const good of [
      { retry: { ...retry, attempts: 0 } },
      { retry: { ...retry, attempts: 1_000 } },
      { retry: { ...retry, delayMs: 0, maxDelayMs: 86_400_000 } },
      { retry: { ...retry, delayMs: 86_400_000, maxDelayMs: 0 } },
      { retry: { ...retry, factor: 100, jitter: 1 } },
      { limits: { rowsPerSecond: 1e15, bytesPerSecond: 0 } },
      { limits: { rowsPerSecond: 0, bytesPerSecond: 1e15 } },
      { concurrency: 1 },
      { concurrency: 64 },
    ])
      assert.equal(adjust(it, good).answer.ok, true, JSON.stringify(good));
    for (const bad of [
      { retry: { ...retry, attempts: 1_001 } },
      { retry: { ...retry, attempts: 1.5 } },
      { retry: { ...retry, attempts: -1 } },
      { retry: { ...retry, delayMs: -1 } },
      { retry: { ...retry, delayMs: 86_400_001 } },
      { retry: { ...retry, factor: 0.9 } },
      { retry: { ...retry, factor: 101 } },
      { retry: { ...retry, maxDelayMs: -1 } },
      { retry: { ...retry, maxDelayMs: 86_400_001 } },
      { retry: { ...retry, jitter: -0.1 } },
      { retry: { ...retry, jitter: 1.1 } },
      { retry: { ...retry, jitter: '0.5' as unknown as number } },
      { limits: { rowsPerSecond: -1, bytesPerSecond: 0 } },
      { limits: { rowsPerSecond: 0, bytesPerSecond: -1 } },
      { limits: { rowsPerSecond: 1e15 + 1, bytesPerSecond: 0 } },
      { limits: { rowsPerSecond: 0, bytesPerSecond: Number.NaN } },
      { onError: 'stop' as 'skip' },
      { concurrency: 3, onError: 'stop' as 'skip' },
    ])
      assert.equal(refusal(adjust(it, bad)), 'badSetting', JSON.stringify(bad));
  });

  test('of the process is a whole number from 1 to 1,024', () => {
    const it = desk();
    const set = (maxRunningUnits: number) => it.take({ type: 'setMaxRunning', at: 1, maxRunningUnits });
    for (const good of [1, 1_024]) {
      assert.equal(set(good).answer.ok, true);
      assert.equal(it.state.maxRunningUnits, good);
    }
    assert.equal(set(5).durability, 'buffered');
    for (const bad of [0, 1_025, 2.5]) assert.equal(refusal(set(bad)), 'badMaxRunning');
  });
});

describe('a definition that changes', () => {
  test('is in force where no live setting says otherwise, and ends those that it says something new about', () => {
    const it = running();
    adjust(it, { concurrency: 3, onError: 'pause' });
    const decision = it.define('shop', {
      concurrency: 4,
      retry: RETRY,
      limits: LIMITS,
      configHash: '2',
      config: '{"a":1}',
    });
    const { concurrency, onError, retry, config, configHash, updatedAt } = it.task('shop');
    assert.deepEqual([concurrency, onError, retry, config, configHash], [4, 'pause', RETRY, '{"a":1}', '2']);
    assert.equal(updatedAt, it.now);
    assert.deepEqual(overrides(it), { onError: 'pause', file: { onError: 'skip' } });
    assert.deepEqual(decision.effects[0], { kind: 'limits', taskId: 'shop', limits: LIMITS });
    assert.deepEqual(unitsOfEffects(it, decision, 'startUnit'), ['u3']);
  });

  test('by its name only is taken in', () => {
    const it = running();
    it.define('shop', { name: 'The shop' });
    assert.equal(it.task('shop').name, 'The shop');
  });

  test('is a whole row for a task that nobody knew', () => {
    const it = desk();
    const made = it.define('shop', { name: 'The shop', mode: 'manual', retry: RETRY, limits: LIMITS }, 'S');
    assert.deepEqual(made.effects, []);
    assert.deepEqual(it.task('shop'), {
      id: 'shop',
      store: 'S',
      name: 'The shop',
      mode: 'manual',
      switchingTo: null,
      runState: 'idle',
      reason: null,
      concurrency: 2,
      onError: 'skip',
      retry: RETRY,
      limits: LIMITS,
      config: '{}',
      configHash: '1',
      overrides: null,
      queueRev: 0,
      fullRunAt: null,
      createdAt: 1_000,
      updatedAt: 1_000,
    });
  });

  test('begins the units anew whose source or target is another one, completed ones too', () => {
    const define = (it: Desk, moved: 'all' | string[], configHash: string) => {
      const definition = { ...it.task('shop'), resumeOnStart: false, configHash };
      return it.take({ type: 'define', at: it.now++, taskId: 'shop', store: 'A', definition, moved });
    };
    const it = running();
    for (const unit of names(6)) it.finish('shop', unit);
    define(it, [], '2');
    assert.equal(it.unit('shop', 'u1').status, 'completed');
    const begun = define(it, ['u1', 'nobody'], '3').changes.flatMap((change) =>
      change.kind === 'unit' ? [change.unitId] : [],
    );
    assert.deepEqual(begun, [it.id('shop', 'u1')]);
    const { status, processed, prepared, verified, completedAt } = it.unit('shop', 'u1');
    assert.deepEqual([status, processed, prepared, verified, completedAt], ['pending', 0, null, null, null]);
    assert.equal(it.unit('shop', 'u0').status, 'completed');
    define(it, 'all', '4');
    assert.deepEqual(
      names(6).map((unit) => it.unit('shop', unit).status),
      Array(6).fill('pending'),
    );
  });
});

describe('a plan that is taken in', () => {
  test('names only what it knows better', () => {
    const it = desk();
    it.define('shop');
    const unit = { name: 'a', type: 'table', total: 10, resume: 'row', after: [] } as const;
    const b = { ...unit, name: 'b' };
    const taken = it.plan('shop', [unit, b]);
    assert.deepEqual([taken.durability, taken.effects], ['committed', []]);
    assert.deepEqual(it.plan('shop', [unit, b]).changes, []);
    const change = (...units: (typeof unit)[]) => it.plan('shop', units).changes;
    const about = { kind: 'unit', taskId: 'shop', unitId: it.id('shop', 'a') } as const;
    const at = it.now;
    assert.deepEqual(change({ ...unit, total: 11 as 10 }, b as typeof unit), [
      { ...about, set: { total: 11, updatedAt: at } },
    ]);
    assert.deepEqual(change({ ...unit, total: 11 as 10, resume: 'unit' as 'row' }, b as typeof unit), [
      { ...about, set: { resume: 'unit', updatedAt: at } },
    ]);
    assert.deepEqual(change({ ...unit, total: null as unknown as 10 }, b as typeof unit), [
      { ...about, set: { resume: 'row', updatedAt: at } },
    ]);
    const after = ['b'] as unknown as [];
    assert.deepEqual(change({ ...unit, total: 11 as 10, after }, b as typeof unit), [
      { ...about, set: { after, updatedAt: at } },
    ]);
    assert.deepEqual(change({ ...unit, total: 11 as 10, after: ['c'] as unknown as [] }, b as typeof unit).length, 1);
    assert.deepEqual(change(b as typeof unit, { ...unit, total: 11 as 10, after: ['c'] as unknown as [] }), [
      { ...about, unitId: it.id('shop', 'b'), set: { planOrder: 0, updatedAt: at } },
      { ...about, set: { planOrder: 1, updatedAt: at } },
    ]);
  });

  test('makes units of it that have not begun, in the order of the slice', () => {
    const it = desk();
    it.define('shop');
    const unit = { type: 'index', total: null, resume: 'unit' } as const;
    const units = [
      { ...unit, name: 'a', after: ['b'] },
      { ...unit, name: 'b', after: [] },
    ];
    it.take({ type: 'takePlan', at: 77, taskId: 'shop', from: 40, units, gone: ['nobody'] });
    const { id, taskId, name, type, planOrder, after, status, total, resume, attempt, updatedAt, removed } = it.unit(
      'shop',
      'a',
    );
    assert.deepEqual([id, taskId, name, type, planOrder, after], ['shop#1', 'shop', 'a', 'index', 40, ['b']]);
    assert.deepEqual([status, total, resume, attempt, updatedAt, removed], ['pending', null, 'unit', 0, 77, false]);
    assert.deepEqual([it.unit('shop', 'b').id, it.unit('shop', 'b').planOrder], ['shop#2', 41]);
    it.take({
      type: 'takePlan',
      at: 78,
      taskId: 'shop',
      from: 42,
      units: [{ ...unit, name: 'c', after: [] }],
      gone: [],
    });
    assert.deepEqual([it.unit('shop', 'c').id, it.unit('shop', 'c').planOrder], ['shop#3', 42]);
  });

  test('stands in plan order, in whatever order its slices come', () => {
    const it = desk();
    it.define('shop');
    const slice = (from: number, ...units: string[]) => {
      const planned = units.map((name) => ({ name, type: 'table', total: 1, resume: 'row', after: [] }) as const);
      it.take({ type: 'takePlan', at: 1, taskId: 'shop', from, units: planned, gone: [] });
    };
    slice(10, 'k', 'l');
    slice(0, 'a', 'b');
    const order = () => [0, 1, 2, 3, 4].map((index) => unitAt(it.state, 'shop', index)?.name ?? '').join('');
    assert.equal(order(), 'abkl');
    slice(12, 'm');
    assert.equal(order(), 'abklm');
  });

  test('takes units that are gone out of the queue, and tells it once', () => {
    const it = desk();
    it.define('shop', { mode: 'manual' });
    const unit = { type: 'table', total: 1, resume: 'row', after: [] } as const;
    const all = names(3).map((name) => ({ ...unit, name }));
    it.plan('shop', all);
    it.queueAdd('shop', ['u0', 'u2']);
    const gone = it.plan('shop', all.slice(0, 1));
    assert.deepEqual(it.queue('shop'), ['u0']);
    assert.deepEqual(gone.changes.at(-1), { kind: 'dequeue', taskId: 'shop', unitIds: [it.id('shop', 'u2')] });
    assert.deepEqual([it.unit('shop', 'u1').removed, it.unit('shop', 'u2').removed], [true, true]);
    assert.deepEqual(it.plan('shop', all.slice(0, 1)).changes, [], 'they are gone already');
  });

  test('keeps the total of a completed unit, and of one that goes on after its checkpoint', () => {
    const it = desk();
    it.define('shop', { concurrency: 3 });
    const plan = (total: number | null) =>
      names(3).map((name) => ({ name, type: 'table', total, resume: 'row', after: [] }) as const);
    it.start('shop', [], { plan: plan(null) });
    it.finish('shop', 'u0', { kind: 'completed', processed: 9 });
    const { id, attempt } = it.unit('shop', 'u1');
    it.take({ type: 'prepared', at: 1, unitId: id, attempt, prepared: 'empty', total: 20 });
    it.take({ type: 'checkpoint', at: 1, unitId: id, attempt, checkpoint: 'k', processed: 5, bytes: 5 });
    it.tell('stop', 'shop');
    it.stopped('shop', 'u1', 'k');
    it.stopped('shop', 'u2', 'k');
    it.plan('shop', plan(50));
    assert.deepEqual(
      names(3).map((unit) => it.unit('shop', unit).total),
      [9, 20, 50],
    );
  });
});
