import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apply } from '../../../src/core/apply.ts';
import { decide } from '../../../src/core/decide.ts';
import type { Change } from '../../../src/core/events.ts';
import type { UnitRow } from '../../../src/core/model.ts';
import type { PositionSet } from '../../../src/core/position-set.ts';
import type { TaskState } from '../../../src/core/state.ts';
import { about, afterOf, type Desk, desk, names, planned } from './desk.ts';
import { reloadedSnapshotOf, snapshotOf, stored } from './snapshot.ts';

/** A desk that looks at the whole of memory before and after every decision, and after everything applied. */
function watched(maxRunning = 64): Desk {
  const it = desk(maxRunning);
  it.take = (event) => {
    const before = snapshotOf(it.state);
    const decision = decide(it.state, event);
    same(snapshotOf(it.state), before, `deciding ${event.type} has left something behind`);
    assert.deepEqual(decide(it.state, event), decision, `${event.type} is decided in two ways`);
    apply(it.state, decision.changes);
    const now = stored(snapshotOf(it.state));
    for (const task of it.state.tasks.values()) assertCounted(task);
    same(now, stored(reloadedSnapshotOf(it.state)), `memory after ${event.type} is not what the rows say`);
    return decision;
  };
  return it;
}

/** What is listed and summed, by looking at every row. */
function assertCounted(task: TaskState): void {
  const rows = [...task.units.values()].map(({ row }) => row).filter(({ removed }) => !removed);
  const namesOf = (set: PositionSet) => task.order.flatMap(({ row }, at) => (set.has(at) ? [row.name] : []));
  const where = (wanted: (row: UnitRow) => boolean) =>
    rows
      .filter(wanted)
      .sort((a, b) => a.planOrder - b.planOrder)
      .map(({ name }) => name);
  for (const [status, set] of Object.entries(task.byStatus))
    assert.deepEqual(
      namesOf(set),
      where((row) => row.status === status),
    );
  const rests = ({ status }: UnitRow) => status === 'pending' || status === 'paused';
  const inRun = ({ name }: UnitRow) => task.runNames?.has(name) ?? true;
  const spent = where((row) => row.retriesUsed > 0 && rests(row));
  assert.deepEqual([task.spent.count, namesOf(task.spent)], [spent.length, spent]);
  assert.deepEqual(
    namesOf(task.runLists.waiting),
    where((row) => inRun(row) && rests(row) && row.nextRetryAt !== null),
  );
  assert.equal(task.retries.count, task.runLists.waiting.count);
  assert.deepEqual(
    namesOf(task.runLists.failed),
    where((row) => inRun(row) && row.status === 'failed'),
  );
  const done = new Set(where(({ status }) => status === 'completed'));
  const waits = ({ after }: UnitRow) => after.some((name) => !done.has(name));
  const starts = (row: UnitRow) => rests(row) && row.nextRetryAt === null && row.reason?.code !== 'unitAborted';
  assert.deepEqual(
    namesOf(task.runLists.dependent),
    where((row) => inRun(row) && starts(row) && waits(row)),
  );
  for (const status of ['pending', 'paused'] as const)
    assert.deepEqual(
      namesOf(task.runLists[status]),
      where((row) => inRun(row) && starts(row) && !waits(row) && row.status === status),
    );
  const queued = [...task.units.values()].filter(({ queueOrder }) => queueOrder !== null);
  queued.sort((a, b) => a.queueOrder! - b.queueOrder!);
  assert.deepEqual([...task.queue], queued);
  assert.deepEqual(
    [...task.queueReady],
    queued.filter(({ row }) => inRun(row) && starts(row) && !waits(row)),
  );
  const sum = (figure: (row: UnitRow) => number) => rows.reduce((total, row) => total + figure(row), 0);
  assert.deepEqual(task.sums, {
    processed: sum(({ processed }) => processed),
    bytes: sum(({ bytes }) => bytes),
    rejected: sum(({ rejected }) => rejected),
    total: sum(({ total }) => total ?? 0),
    unknownTotals: sum(({ total }) => (total === null ? 1 : 0)),
  });
}

/** As `deepEqual`, but quick when all is well. */
function same(actual: unknown, expected: unknown, message: string): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) assert.deepEqual(actual, expected, message);
}

describe('a decision leaves memory as it was, and memory is always what the rows say', () => {
  test('in a run with failures, retries, checkpoints and a crash', () => {
    const it = watched();
    it.define('shop', { concurrency: 3 });
    it.start('shop', names(8), { plan: planned(names(8), 'row', null) });
    const { id, attempt } = it.unit('shop', 'u0');
    const report = { unitId: id, attempt };
    it.take({ type: 'prepared', at: it.now++, ...report, prepared: 'created', total: 80 });
    it.take({ type: 'checkpoint', at: it.now++, ...report, checkpoint: 'k', processed: 40, bytes: 400 });
    it.take({ type: 'progress', at: it.now++, ...report, processed: 60, bytes: 600, total: 90 });
    it.lose('shop', 'u0', 0.1);
    it.lose('shop', 'u1', 0.9);
    it.fail('shop', 'u2');
    it.finish('shop', 'u3', { kind: 'completed', rejected: 2 });
    it.now += 900;
    it.tell('due', 'shop');
    it.take({ type: 'recover', at: it.now++, store: 'A' });
    it.tell('resume', 'shop');
    it.now += 5_000;
    it.tell('due', 'shop');
    it.fail('shop', 'u4');
    it.take({ type: 'retry', at: it.now++, taskId: 'shop', unitIds: null });
    it.take({ type: 'retry', first: true, ...about(it, 'u7') });
    it.tell('pause', 'shop');
    for (const unit of it.running('shop')) it.stopped('shop', unit, 'k2');
    it.tell('stop', 'shop');
    it.tell('reset', 'shop');
    it.tell('deleteTask', 'shop');
    assert.equal(it.state.tasks.size, 0);
    assert.equal(it.state.taskOfUnit.size, 0);
  });

  test('in manual mode, with every edit of the queue and a switch', () => {
    const it = watched();
    it.define('shop', { mode: 'manual', concurrency: 2 });
    it.start('shop', names(9));
    it.queueAdd('shop', names(9));
    it.queueMove('shop', ['u5', 'u8'], { kind: 'top' });
    it.queueMove('shop', ['u3'], { kind: 'before', unitId: it.id('shop', 'u8') });
    it.queueMove('shop', ['u2'], { kind: 'down' });
    it.take({ type: 'queueRemove', baseRev: null, ...about(it, 'u4', 'u6') });
    it.lose('shop', 'u0');
    it.take({ type: 'abort', ...about(it, 'u5') });
    it.fail('shop', 'u1');
    for (const unit of it.running('shop')) it.stopped('shop', unit, 'k');
    it.take({ type: 'restart', again: true, ...about(it, ...it.running('shop').slice(0, 1), 'u6') });
    it.setMode('shop', 'auto');
    for (const unit of it.running('shop')) it.stopped('shop', unit);
    it.setMode('shop', 'manual');
    for (const unit of it.running('shop')) it.lose('shop', unit);
    it.queueAdd('shop', ['u0', 'u1', 'u7']);
    it.take({ type: 'queueClear', at: it.now++, taskId: 'shop', baseRev: null });
    it.take({ type: 'recover', at: it.now++, store: 'A' });
    it.tell('resume', 'shop');
    it.queueAdd('shop', ['u7']);
    for (const unit of it.running('shop')) it.finish('shop', unit);
  });

  test('with units that come after others, in runs of some units, and with a plan that changes', () => {
    const it = watched();
    it.define('shop', { concurrency: 2 });
    const plan = [afterOf('a'), afterOf('b', 'a'), afterOf('c', 'b', 'a'), afterOf('d')];
    it.start('shop', [], { plan, only: ['a', 'b'] });
    it.fail('shop', 'a');
    it.start('shop', [], { plan, only: ['a'], enqueue: true });
    it.finish('shop', 'a');
    it.tell('stop', 'shop');
    for (const unit of it.running('shop')) it.stopped('shop', unit);
    it.start('shop', [], { plan: [afterOf('d', 'e'), afterOf('e'), afterOf('c', 'a'), afterOf('a')] });
    it.finish('shop', 'e');
    it.take({ type: 'restart', again: true, ...about(it, 'e') });
    for (const unit of it.running('shop')) it.finish('shop', unit);
    it.tell('stop', 'shop');
    for (const unit of it.running('shop')) it.stopped('shop', unit);
    it.start('shop', [], { plan: [afterOf('b'), afterOf('a'), afterOf('c', 'b')], again: true });
    it.define('shop', { concurrency: 5, configHash: '2' });
    it.tell('pause', 'shop');
    for (const unit of it.running('shop')) it.stopped('shop', unit, 'k');
    const definition = { ...it.task('shop'), resumeOnStart: false, configHash: '3' };
    it.take({ type: 'define', at: it.now++, taskId: 'shop', store: 'A', definition, moved: ['b', 'd', 'nobody'] });
    const moved = { ...definition, configHash: '4' };
    it.take({ type: 'define', at: it.now++, taskId: 'shop', store: 'A', definition: moved, moved: 'all' });
  });

  test('with a failed unit whose parent begins anew', () => {
    const it = watched();
    it.define('shop', { concurrency: 1 });
    it.start('shop', [], { plan: [afterOf('a'), afterOf('b', 'a'), afterOf('c')] });
    it.finish('shop', 'a');
    it.fail('shop', 'b');
    it.take({ type: 'restart', again: true, ...about(it, 'a') });
    it.finish('shop', 'c');
    it.lose('shop', 'a');
    it.take({ type: 'retry', ...about(it, 'b') });
  });

  test('with hundreds of units that change by one event', () => {
    const it = watched(1_000);
    it.define('shop', { concurrency: 64 });
    const plan = [...planned(names(300)), afterOf('late', 'u3', 'u200')];
    it.start('shop', [], { plan });
    for (const unit of it.running('shop').slice(0, 2)) it.finish('shop', unit);
    it.take({ type: 'recover', at: it.now++, store: 'A' });
    it.tell('reset', 'shop');
    it.define('shop', { mode: 'manual', concurrency: 1, configHash: '2' });
    it.setMode('shop', 'manual');
    it.queueAdd('shop', ['late', 'u299', 'u3']);
    it.start('shop', [], { plan, again: true });
  });

  test('with tasks of two stores that share the slots', () => {
    const it = watched(3);
    it.define('shop', { concurrency: 9 }, 'A');
    it.define('toys', { concurrency: 9 }, 'A');
    it.define('books', { concurrency: 9 }, 'B');
    it.start('shop', names(4));
    it.start('books', names(4));
    it.start('toys', names(4));
    it.finish('shop', 'u0');
    it.tell('offer', 'books');
    it.finish('shop', 'u1');
    it.take({ type: 'setMaxRunning', at: it.now++, maxRunningUnits: 6 });
    it.tell('offer', 'books');
    it.take({ type: 'recover', at: it.now++, store: 'B' });
    it.tell('stop', 'toys');
    it.tell('offer', 'shop');
  });
});

test('a list of changes that arrives as one is the same as its changes one by one', () => {
  const loaded = () => {
    const it = desk();
    it.define('shop', { concurrency: 2 });
    it.start('shop', names(5));
    it.finish('shop', 'u0');
    return it;
  };
  const [whole, single] = [loaded(), loaded()];
  const row = whole.unit('shop', 'u4');
  const changes: Change[] = [
    { kind: 'unit', taskId: 'shop', unitId: whole.id('shop', 'u3'), set: { removed: true } },
    { kind: 'putUnits', taskId: 'shop', units: [{ ...row, id: 'shop#9', name: 'u9', planOrder: 9 }] },
    { kind: 'unitsWhere', taskId: 'shop', statuses: ['pending', 'completed'], set: { status: 'failed', bytes: 7 } },
    { kind: 'enqueue', taskId: 'shop', entries: [{ unitId: 'shop#9', order: 5, addedAt: 1 }] },
    { kind: 'putUnits', taskId: 'shop', units: [{ ...row, planOrder: 20 }] },
    { kind: 'unit', taskId: 'nobody', unitId: 'x', set: { bytes: 1 } },
    { kind: 'unit', taskId: 'shop', unitId: 'nobody', set: { bytes: 1 } },
    { kind: 'run', taskId: 'shop', runId: 'an older one', set: { rows: 99 } },
  ];
  apply(whole.state, changes);
  for (const change of changes) apply(single.state, [change]);
  assert.deepEqual(snapshotOf(whole.state), snapshotOf(single.state));
  for (const task of whole.state.tasks.values()) assertCounted(task);
  assert.deepEqual(
    [...whole.state.tasks.get('shop')!.order].map(({ row }) => `${row.name} ${row.status}`),
    ['u0 failed', 'u1 running', 'u2 running', 'u9 failed', 'u4 pending'],
  );
  assert.equal(whole.run('shop').rows, 100);
});
