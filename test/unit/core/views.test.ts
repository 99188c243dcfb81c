import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  concurrencyOf,
  countsOf,
  dependentsOf,
  dependentUnits,
  failuresOf,
  indexOf,
  isDependent,
  modeOf,
  nextDueAt,
  queueLength,
  queueOf,
  runningUnitsOf,
  runOf,
  sumsOf,
  taskOf,
  tasksOf,
  unitAt,
  unitByName,
  unitCount,
  unitNames,
  unitOf,
  unitsOf,
  waitsForAdditions,
  whyWaiting,
} from '../../../src/core/select.ts';
import { about, afterOf, type Desk, desk, names, planned } from './desk.ts';

const nameOf = ({ name }: { readonly name: string }) => name;
const why = (it: Desk, unit: string, task = 'shop') => whyWaiting(it.state, it.id(task, unit), it.now);
test('of tasks and units that nobody knows there is nothing to say', () => {
  const { state } = desk();
  assert.deepEqual(
    [taskOf(state, 'x'), unitOf(state, 'x'), unitByName(state, 'x', 'y')],
    [undefined, undefined, undefined],
  );
  assert.deepEqual([unitAt(state, 'x', 0), indexOf(state, 'x'), unitCount(state, 'x')], [undefined, -1, 0]);
  assert.deepEqual([runOf(state, 'x'), modeOf(state, 'x'), concurrencyOf(state, 'x')], [null, null, 0]);
  assert.deepEqual(countsOf(state, 'x'), { pending: 0, running: 0, completed: 0, failed: 0, paused: 0 });
  assert.deepEqual(sumsOf(state, 'x'), { processed: 0, bytes: 0, rejected: 0, total: 0, unknownTotals: 0 });
  assert.deepEqual([failuresOf(state, 'x'), unitsOf(state, 'x', null, -1, 9), queueOf(state, 'x')], [[], [], []]);
  assert.deepEqual(
    [queueLength(state, 'x'), waitsForAdditions(state, 'x'), isDependent(state, 'x')],
    [0, false, false],
  );
  assert.deepEqual([dependentsOf(state, 'x'), dependentUnits(state, 'x')], [[], []]);
  assert.deepEqual([whyWaiting(state, 'x', 0), nextDueAt(state, null)], [null, null]);
});

test('tasks are listed by store, in the order in which they became known', () => {
  const it = desk();
  it.define('b', {}, 'B');
  it.define('a', {}, 'A');
  it.define('c', {}, 'B');
  assert.deepEqual(tasksOf(it.state, null).map(nameOf), ['b', 'a', 'c']);
  assert.deepEqual(tasksOf(it.state, 'B').map(nameOf), ['b', 'c']);
});

test('units are found by name and by place; a removed one by its name only', () => {
  const it = desk();
  it.define('shop');
  it.plan('shop', planned(names(3)));
  it.plan('shop', planned(['u2', 'u0']));
  const { state } = it;
  assert.equal(unitByName(state, 'shop', 'u1')?.removed, true);
  assert.equal(unitByName(state, 'shop', 'u9'), undefined);
  assert.deepEqual([unitAt(state, 'shop', 0)?.name, unitAt(state, 'shop', 1)?.name], ['u2', 'u0']);
  assert.deepEqual(
    ['u0', 'u1', 'u2'].map((unit) => indexOf(state, it.id('shop', unit))),
    [1, -1, 0],
  );
  assert.equal(unitCount(state, 'shop'), 2);
  assert.deepEqual(unitNames(state, 'shop'), names(3));
  assert.deepEqual(unitNames(state, 'nobody'), []);
});

test('pages are as long as asked for, of any status', () => {
  const it = desk();
  it.define('shop', { concurrency: 3 });
  it.start('shop', names(9));
  const page = (status: 'pending' | 'running' | null, after: number, limit: number) =>
    unitsOf(it.state, 'shop', status, after, limit).map(nameOf);
  assert.deepEqual(page('pending', -1, 2), ['u3', 'u4']);
  assert.deepEqual(page('pending', 4, 9), ['u5', 'u6', 'u7', 'u8']);
  assert.deepEqual(page('running', 0, 9), ['u1', 'u2']);
  assert.deepEqual(page('running', 2, 9), []);
  assert.deepEqual(page(null, 6, 1), ['u7']);
  assert.deepEqual(runningUnitsOf(it.state, 'shop').map(nameOf), ['u0', 'u1', 'u2']);
});

test('failures are grouped by their code, the most frequent first, equal ones by their code', () => {
  const it = desk();
  it.define('shop', { concurrency: 9, retry: { attempts: 0, delayMs: 0, factor: 1, maxDelayMs: 0, jitter: 0 } });
  it.start('shop', names(6));
  const codes = () => failuresOf(it.state, 'shop').map(({ cause, count }) => `${cause.code} ${count}`);
  it.fail('shop', 'u0');
  it.lose('shop', 'u1');
  assert.deepEqual(codes(), ['connectionLost 1', 'noSuchTable 1']);
  it.fail('shop', 'u2');
  assert.deepEqual(codes(), ['noSuchTable 2', 'connectionLost 1']);
  it.take({ type: 'retry', ...about(it, 'u1') });
  assert.deepEqual(codes(), ['noSuchTable 2']);
});

test('mode and concurrency are those of the unfinished run, else those of the task', () => {
  const it = desk();
  it.define('shop', { concurrency: 2, mode: 'manual' });
  it.start('shop', ['u0'], { mode: 'auto', concurrency: 5 });
  assert.deepEqual([modeOf(it.state, 'shop'), concurrencyOf(it.state, 'shop')], ['auto', 5]);
  it.finish('shop', 'u0');
  assert.deepEqual([modeOf(it.state, 'shop'), concurrencyOf(it.state, 'shop')], ['manual', 2]);
});

describe('why a unit waits', () => {
  test('is what its row says when it runs, or has ended', () => {
    const it = desk();
    it.define('shop', { concurrency: 3 });
    it.start('shop', names(5));
    assert.equal(why(it, 'u0'), null);
    it.take({ type: 'abort', ...about(it, 'u0') });
    assert.deepEqual(why(it, 'u0'), { code: 'unitAborting', args: {} });
    it.stopped('shop', 'u0');
    assert.deepEqual(why(it, 'u0'), { code: 'unitAborted', args: {} });
    it.take({ type: 'restart', again: false, ...about(it, 'u1') });
    assert.deepEqual(why(it, 'u1'), { code: 'unitRestarting', args: {} });
    it.fail('shop', 'u2');
    assert.equal(why(it, 'u2'), null);
  });

  test('is its retry, whose seconds are rounded up and never negative', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(2));
    it.lose('shop', 'u0');
    const { id, updatedAt } = it.unit('shop', 'u0'); // due 1 s later
    const seconds = (later: number) => whyWaiting(it.state, id, updatedAt + later)?.args.seconds;
    assert.deepEqual([seconds(0), seconds(1), seconds(999), seconds(1_000), seconds(9_000)], [1, 1, 1, 0, 0]);
    it.take({ type: 'adjust', at: it.now, taskId: 'shop', set: { retry: { ...it.task('shop').retry, attempts: 0 } } });
    assert.deepEqual(why(it, 'u0')?.args, { retry: 1, of: 3, seconds: 1 }, 'as it was granted');
  });

  test('is a retry only in a run that it is part of and that goes on', () => {
    const it = desk();
    it.define('shop', { concurrency: 2 });
    it.start('shop', names(2));
    it.lose('shop', 'u0');
    assert.equal(why(it, 'u0')?.code, 'retryWaits');
    it.setMode('shop', 'manual');
    assert.deepEqual(why(it, 'u0')?.args, { retry: 1, of: 3 }, 'a switch is under way');
    it.setMode('shop', 'auto');
    it.finish('shop', 'u1');
    it.tell('pause', 'shop');
    assert.deepEqual(why(it, 'u0'), {
      code: 'retryWaitsForTask',
      args: { retry: 1, of: 3 },
      cause: { code: 'connectionLost', args: {} },
    });
    it.tell('stop', 'shop');
    it.start('shop', names(2), { only: ['u1'], again: true });
    assert.notEqual(why(it, 'u0')?.code, 'retryWaits');
  });

  test('is the turn of others: of its task, of the process, of a switch', () => {
    const it = desk(2);
    it.define('shop', { concurrency: 1 });
    it.define('books', { concurrency: 5 });
    it.start('shop', names(3));
    it.start('books', names(3));
    assert.deepEqual(why(it, 'u1'), { code: 'waitingForTurn', args: { running: 1, most: 1 } });
    assert.deepEqual(why(it, 'u1', 'books'), { code: 'waitingForSlots', args: { running: 2, most: 2 } });
    it.setMode('shop', 'manual');
    assert.deepEqual(why(it, 'u1'), { code: 'waitingForSwitch', args: { units: 1 } });
  });

  test('is nothing in a task at rest, of a unit outside of the run, and of one that nobody has queued', () => {
    const it = desk(1);
    it.define('shop', { concurrency: 1 });
    it.plan('shop', planned(names(3)));
    assert.equal(why(it, 'u0'), null);
    it.start('shop', names(3), { only: ['u0', 'u1'] });
    assert.deepEqual([why(it, 'u1')?.code, why(it, 'u2')], ['waitingForTurn', null]);
    it.tell('pause', 'shop');
    assert.equal(why(it, 'u1'), null);
    it.define('hand', { mode: 'manual', concurrency: 1 });
    it.start('hand', names(3));
    it.queueAdd('hand', ['u1']);
    assert.deepEqual([why(it, 'u0', 'hand'), why(it, 'u1', 'hand')?.code], [null, 'waitingForSlots']);
  });

  test('is nothing of a removed unit', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(2));
    it.take({ type: 'abort', ...about(it, 'u0') });
    it.stopped('shop', 'u0');
    it.tell('stop', 'shop');
    it.stopped('shop', 'u1');
    it.plan('shop', planned(['u1']));
    assert.equal(why(it, 'u0'), null);
  });

  test('is the first parent that is not completed, or whichever keeps it from being completed', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    const plan = [afterOf('a'), afterOf('b', 'a'), afterOf('c', 'b'), afterOf('d', 'b', 'a')];
    it.plan('shop', plan);
    assert.equal(why(it, 'b'), null, 'before the first run nobody knows');
    it.start('shop', [], { plan });
    assert.deepEqual(why(it, 'd'), { code: 'waitingForUnit', args: { unit: 'b' } });
    it.fail('shop', 'a');
    assert.deepEqual(why(it, 'c'), { code: 'blockedByFailed', args: { unit: 'a' } });
    assert.deepEqual(why(it, 'd'), { code: 'blockedByFailed', args: { unit: 'a' } });
  });

  test('is not a failed parent that is executed again', () => {
    const it = desk();
    it.define('shop', { concurrency: 2 });
    const plan = [afterOf('a'), afterOf('b', 'a'), afterOf('x')];
    it.start('shop', [], { plan });
    it.fail('shop', 'a');
    it.take({ type: 'retry', ...about(it, 'a') });
    assert.deepEqual(why(it, 'b'), { code: 'waitingForUnit', args: { unit: 'a' } });
  });

  test('is a parent outside of the run, unless that runs or is completed', () => {
    const it = desk();
    it.define('shop', { concurrency: 5 });
    const plan = [afterOf('a'), afterOf('b', 'a'), afterOf('c', 'b'), afterOf('d'), afterOf('e', 'd')];
    it.start('shop', [], { plan, only: ['d'] });
    it.finish('shop', 'd');
    it.start('shop', [], { plan, only: ['c', 'b', 'e'] });
    assert.deepEqual(it.running('shop'), ['e']);
    assert.deepEqual(why(it, 'c'), { code: 'blockedByAbsent', args: { unit: 'a' } });
    assert.deepEqual(dependentUnits(it.state, 'shop').map(nameOf), ['b', 'c']);
  });
});

describe('the next retry that is due', () => {
  function waiting(): Desk {
    const it = desk();
    for (const [task, store] of [
      ['shop', 'A'],
      ['books', 'B'],
    ] as const) {
      it.define(
        task,
        { concurrency: 1, retry: { attempts: 1, delayMs: 1_000, factor: 1, maxDelayMs: 9_000, jitter: 0 } },
        store,
      );
      it.start(task, names(2));
    }
    it.now = 10_000;
    it.lose('books', 'u0');
    it.now = 20_000;
    it.lose('shop', 'u0');
    return it;
  }

  test('is the nearest one of all tasks that run, or of those of a store', () => {
    const it = waiting();
    assert.deepEqual(nextDueAt(it.state, null), { taskId: 'books', at: 11_000 });
    assert.deepEqual(nextDueAt(it.state, 'A'), { taskId: 'shop', at: 21_000 });
    assert.deepEqual(nextDueAt(it.state, 'B'), { taskId: 'books', at: 11_000 });
    assert.equal(nextDueAt(it.state, 'C'), null);
  });

  test('is none of a task that rests or switches', () => {
    const it = waiting();
    it.tell('pause', 'books');
    assert.deepEqual(nextDueAt(it.state, null), { taskId: 'shop', at: 21_000 });
    it.setMode('shop', 'manual');
    assert.equal(nextDueAt(it.state, null), null);
  });

  test('is none of a task that runs and has none', () => {
    const it = desk();
    it.define('idle');
    it.start('idle', names(1));
    assert.equal(nextDueAt(it.state, null), null);
    it.define('shop');
    it.start('shop', names(1));
    it.lose('shop', 'u0');
    it.start('idle', names(1));
    assert.equal(nextDueAt(it.state, null)?.taskId, 'shop');
  });
});

test('the nearest retry is found whichever task was served last, the first of equal ones', () => {
  for (const [near, far] of [
    ['one', 'two'],
    ['two', 'one'],
  ] as const) {
    const it = desk();
    for (const task of ['one', 'two']) {
      it.define(task, { concurrency: 1 });
      it.start(task, ['u0']);
    }
    it.now = 50_000;
    it.lose(far, 'u0');
    it.now = 10_000;
    it.lose(near, 'u0');
    assert.deepEqual(nextDueAt(it.state, null), { taskId: near, at: 11_000 });
    for (const task of [near, far]) {
      it.take({ type: 'retry', at: 55_000, taskId: task, unitIds: [it.id(task, 'u0')] });
      it.now = 60_000;
      it.lose(task, 'u0');
      assert.equal(it.unit(task, 'u0').nextRetryAt, 61_000);
    }
    assert.equal(nextDueAt(it.state, null)?.taskId, [...it.state.ring][0]);
  }
});

test('a paused unit, and one whose run has ended, wait for what they wait for', () => {
  const it = desk();
  it.define('shop', { concurrency: 2 });
  it.start('shop', names(3));
  it.tell('pause', 'shop');
  it.stopped('shop', 'u0');
  it.stopped('shop', 'u1');
  it.take({ type: 'adjust', at: 1, taskId: 'shop', set: { concurrency: 1 } });
  it.tell('resume', 'shop');
  assert.deepEqual(why(it, 'u1'), { code: 'waitingForTurn', args: { running: 1, most: 1 } });
  it.tell('stop', 'shop');
  it.stopped('shop', 'u0');
  assert.equal(why(it, 'u1'), null);
});

test('units that wait for others are listed from the first of the plan on', () => {
  const it = desk();
  it.define('shop');
  it.start('shop', [], { plan: [afterOf('b', 'a'), afterOf('a')] });
  assert.deepEqual(dependentUnits(it.state, 'shop').map(nameOf), ['b']);
});

test('equally frequent failures stand in the order of their codes, however they came', () => {
  const codes = ['b', 'd', 'a', 'c'];
  const it = desk();
  it.define('shop', { concurrency: 4 });
  it.start('shop', codes);
  for (const code of codes) {
    const { id, attempt } = it.unit('shop', code);
    const error = { class: 'permanent', code, args: { n: 1 }, message: '' } as const;
    const outcome = { kind: 'failed', error, processed: 0, bytes: 0 } as const;
    it.take({ type: 'finished', at: it.now++, unitId: id, attempt, outcome, random: 0 });
  }
  assert.deepEqual(
    failuresOf(it.state, 'shop').map(({ cause }) => cause),
    ['a', 'b', 'c', 'd'].map((code) => ({ code, args: { n: 1 } })),
  );
});

describe('a task of manual mode waits for additions', () => {
  test('not while one runs and another waits behind it, nor while auto mode waits for slots', () => {
    const it = desk(1);
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.start('shop', names(3));
    it.queueAdd('shop', ['u0', 'u1']);
    assert.equal(waitsForAdditions(it.state, 'shop'), false, '1 runs, 1 is queued');
    it.define('auto');
    it.start('auto', names(2));
    assert.equal(waitsForAdditions(it.state, 'auto'), false);
    it.take({ type: 'queueClear', at: it.now++, taskId: 'shop', baseRev: null });
    it.lose('shop', 'u0'); // the slot falls to the other task
    it.queueAdd('shop', ['u1']);
    assert.equal(waitsForAdditions(it.state, 'shop'), false, '1 waits for a retry, 1 for a slot');
  });

  test('when it runs and nothing of it runs, is due or could start', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    const waits = () => waitsForAdditions(it.state, 'shop');
    it.plan('shop', planned(names(3)));
    assert.equal(waits(), false, 'it is idle');
    it.start('shop', names(3));
    assert.equal(waits(), true);
    it.queueAdd('shop', ['u0']);
    assert.equal(waits(), false, 'one runs');
    it.lose('shop', 'u0');
    assert.equal(waits(), false, 'one waits for its retry');
    it.setMode('shop', 'auto');
    assert.equal(waits(), false, 'auto mode');
  });

  test('but not while its entries wait for slots of the process', () => {
    const it = desk(1);
    it.define('other');
    it.start('other', names(2));
    it.define('shop', { mode: 'manual' });
    it.start('shop', names(2));
    it.queueAdd('shop', ['u0']);
    assert.deepEqual([waitsForAdditions(it.state, 'shop'), queueLength(it.state, 'shop')], [false, 1]);
  });
});

test('what depends on a unit are those that come after it, directly or not, and are not completed', () => {
  const it = desk();
  it.define('shop', { concurrency: 9 });
  const plan = [afterOf('a'), afterOf('b', 'a'), afterOf('c', 'b'), afterOf('d'), afterOf('e', 'd', 'c')];
  it.start('shop', [], { plan });
  const dependents = (unit: string) =>
    dependentsOf(it.state, it.id('shop', unit)).map((unitId) => unitOf(it.state, unitId)?.name);
  assert.deepEqual(dependents('a'), ['b', 'c', 'e']);
  assert.deepEqual(dependents('d'), ['e']);
  assert.deepEqual(dependents('e'), []);
  assert.deepEqual(
    ['a', 'b', 'e'].map((unit) => isDependent(it.state, it.id('shop', unit))),
    [false, true, true],
  );
  it.finish('shop', 'a');
  it.finish('shop', 'b');
  assert.deepEqual(dependents('a'), [], 'b is completed');
  assert.deepEqual(dependentUnits(it.state, 'shop').map(nameOf), ['e']);
});
