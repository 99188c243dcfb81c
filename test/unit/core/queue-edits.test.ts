import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decision } from '../../../src/core/events.ts';
import type { PlannedUnit } from '../../../src/core/model.ts';
import { type Desk, desk, kinds, names, note, planned, refusal, unitsOfEffects } from './desk.ts';

const about = (it: Desk, ...units: string[]) => ({
  at: it.now++,
  taskId: 'shop',
  unitIds: units.map((unit) => it.id('shop', unit)),
});

function byHand(units = 6, concurrency = 1): Desk {
  const it = desk();
  it.define('shop', { mode: 'manual', concurrency });
  it.start('shop', names(units));
  return it;
}

function entriesOf({ changes }: Decision) {
  return changes.flatMap((change) => (change.kind === 'enqueue' ? change.entries : []));
}

const remove = (it: Desk, ...units: string[]) =>
  it.take({ type: 'queueRemove', baseRev: null, ...about(it, ...units) });
const clear = (it: Desk) => it.take({ type: 'queueClear', at: it.now++, taskId: 'shop', baseRev: null });
const TOP = { kind: 'top' } as const;

describe('an edit of the queue', () => {
  test('raises its revision: adding, moving, removing and clearing', () => {
    const it = byHand();
    const rev = () => it.task('shop').queueRev;
    it.queueAdd('shop', names(5));
    assert.equal(rev(), 1);
    it.queueMove('shop', ['u4'], TOP);
    assert.equal(rev(), 2);
    remove(it, 'u4');
    assert.equal(rev(), 3);
    clear(it);
    assert.deepEqual([rev(), it.task('shop').updatedAt], [4, it.now - 1]);
    clear(it);
    remove(it, 'u4');
    assert.equal(rev(), 4, 'nothing was left to be edited');
  });

  test('is also what a switch does to it', () => {
    const it = byHand();
    it.queueAdd('shop', names(3));
    it.setMode('shop', 'auto');
    it.finish('shop', 'u0');
    assert.equal(it.task('shop').queueRev, 2);
  });

  test('is refused for units that nobody knows, whatever it does', () => {
    const it = byHand();
    it.queueAdd('shop', names(3));
    assert.equal(refusal(remove(it, 'u1', 'nobody')), 'unknownUnits');
    assert.equal(refusal(it.queueMove('shop', ['u1', 'nobody'], TOP)), 'unknownUnits');
    assert.deepEqual(it.queue('shop'), ['u1', 'u2']);
    const to = { kind: 'before', unitId: 'y'.repeat(300) } as const;
    const { answer } = it.queueMove('shop', ['u1'], to);
    assert.deepEqual(!answer.ok && answer.refusal.args, { units: 'y'.repeat(200), count: 1 });
  });
});

describe('slots that are free, and offered already, are given away by an edit that comes before the offer', () => {
  function offered(): Desk {
    const it = desk(1);
    it.define('shop', { mode: 'manual', concurrency: 3 });
    it.define('toys', { concurrency: 3 });
    it.start('shop', names(4));
    it.queueAdd('shop', names(4)); // u0 runs
    it.start('toys', ['doll']);
    assert.deepEqual(kinds(it.take({ type: 'setMaxRunning', at: it.now++, maxRunningUnits: 3 })), ['offer']);
    return it;
  }

  test('to other tasks, and to the entry that is the head by then', () => {
    const moved = offered();
    assert.deepEqual(unitsOfEffects(moved, moved.queueMove('shop', ['u3'], TOP), 'startUnit'), ['doll', 'u3']);
    const removed = offered();
    assert.deepEqual(unitsOfEffects(removed, remove(removed, 'u1', 'u2'), 'startUnit'), ['doll', 'u3']);
    const cleared = offered();
    assert.deepEqual(unitsOfEffects(cleared, clear(cleared), 'startUnit'), ['doll']);
  });
});

describe('an addition', () => {
  test('of a unit that waits there already takes it into a run of some units', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.plan('shop', planned(names(3)));
    it.queueAdd('shop', ['u1']);
    it.start('shop', names(3), { only: ['u0'] });
    assert.deepEqual(it.running('shop'), []);
    const added = it.queueAdd('shop', ['u1']);
    assert.equal(note(added), 'queuedAlready');
    assert.deepEqual(unitsOfEffects(it, added, 'startUnit'), ['u1']);
    assert.deepEqual(it.run('shop').units, ['u0', 'u1']);
    assert.equal(it.task('shop').queueRev, 1);
  });

  test('of units of the run leaves the run as it is', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.start('shop', names(3), { only: ['u0', 'u1'] });
    assert.equal(it.queueAdd('shop', ['u1']).changes.filter(({ kind }) => kind === 'run').length, 0);
  });

  test('of a failed unit keeps what it has copied; of a paused one its status, too', () => {
    const it = byHand(4, 2);
    it.queueAdd('shop', ['u0', 'u1']);
    for (const unit of ['u0', 'u1']) {
      const { id, attempt } = it.unit('shop', unit);
      it.take({ type: 'prepared', at: 1, unitId: id, attempt, prepared: 'created', total: 90 });
      it.take({ type: 'checkpoint', at: 1, unitId: id, attempt, checkpoint: 'k', processed: 40, bytes: 400 });
    }
    it.fail('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1', 'k');
    it.queueAdd('shop', ['u0', 'u1']);
    const failed = it.unit('shop', 'u0');
    assert.deepEqual(
      [failed.status, failed.checkpoint, failed.processed, failed.prepared],
      ['pending', 'k', 40, 'created'],
    );
    assert.deepEqual([it.unit('shop', 'u1').status, it.unit('shop', 'u1').checkpoint], ['paused', 'k']);
    assert.equal(it.unit('shop', 'u1').updatedAt, it.now - 2, 'nothing about it has changed');
  });

  test('of a unit that waits for a retry ends the wait, and gives it a new budget', () => {
    const it = byHand(4, 1);
    it.queueAdd('shop', ['u0', 'u1']);
    it.lose('shop', 'u0'); // u1 runs
    it.queueAdd('shop', ['u0']);
    const { nextRetryAt, retriesUsed, error, reason, status } = it.unit('shop', 'u0');
    assert.deepEqual([nextRetryAt, retriesUsed, error, reason, status], [null, 0, null, null, 'pending']);
    assert.deepEqual(it.queue('shop'), ['u0']);
  });

  test('of a unit that has used a retry gives it a new budget', () => {
    const it = byHand(4, 1);
    it.queueAdd('shop', ['u0']);
    it.lose('shop', 'u0');
    it.queueAdd('shop', ['u1']); // runs
    it.now += 60_000;
    it.tell('due', 'shop');
    it.take({ type: 'queueRemove', baseRev: null, ...about(it, 'u0') });
    assert.deepEqual([it.unit('shop', 'u0').retriesUsed, it.unit('shop', 'u0').nextRetryAt], [1, null]);
    it.queueAdd('shop', ['u0']);
    assert.equal(it.unit('shop', 'u0').retriesUsed, 0);
  });

  test('of a unit that was ended by itself ends its wait for a person', () => {
    const it = byHand(4, 1);
    it.queueAdd('shop', ['u0', 'u1']);
    it.take({ type: 'abort', ...about(it, 'u0') });
    it.stopped('shop', 'u0', 'k'); // u1 runs
    it.queueAdd('shop', ['u0']);
    const { status, reason, checkpoint, updatedAt } = it.unit('shop', 'u0');
    assert.deepEqual([status, reason, checkpoint, updatedAt], ['paused', null, 'k', it.now - 1]);
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u1'), 'startUnit'), ['u0']);
  });

  test('remembers when it was made, also when the entry is moved', () => {
    const it = byHand();
    it.now = 5_000;
    const added = it.queueAdd('shop', ['u0', 'u1', 'u2', 'u3']);
    assert.deepEqual(
      entriesOf(added).map(({ addedAt }) => addedAt),
      Array(4).fill(5_000),
    );
    const [moved] = entriesOf(it.queueMove('shop', ['u3'], TOP));
    assert.deepEqual([moved?.unitId, moved?.addedAt], [it.id('shop', 'u3'), 5_000]);
  });
});

describe('a move', () => {
  function queued(): Desk {
    const it = byHand(7);
    it.queueAdd('shop', names(6));
    return it; // u0 runs, u1 .. u5 wait
  }
  const moved = (units: string[], to: Parameters<Desk['queueMove']>[2]) => {
    const it = queued();
    const decision = it.queueMove('shop', units, to);
    return [it.queue('shop').join(' '), decision.changes.length > 0] as const;
  };
  const same = ['u1 u2 u3 u4 u5', false];
  const before = (unit: string) => ({ kind: 'before', unitId: `shop#${Number(unit.slice(1)) + 1}` }) as const;

  test('up passes one entry, or none at the head', () => {
    const up = { kind: 'up' } as const;
    assert.deepEqual(moved(['u3'], up), ['u1 u3 u2 u4 u5', true]);
    assert.deepEqual(moved(['u1'], up), same);
    assert.deepEqual(moved(['u1', 'u2'], up), same);
    assert.deepEqual(moved(['u4', 'u2'], up), ['u2 u4 u1 u3 u5', true]);
    assert.deepEqual(moved(['u5', 'u4'], up), ['u1 u2 u4 u5 u3', true]);
    assert.deepEqual(moved(['u1', 'u3'], up), ['u1 u3 u2 u4 u5', true]);
  });

  test('down passes one entry, or none at the end', () => {
    const down = { kind: 'down' } as const;
    assert.deepEqual(moved(['u3'], down), ['u1 u2 u4 u3 u5', true]);
    assert.deepEqual(moved(['u5'], down), same);
    assert.deepEqual(moved(['u5', 'u4'], down), same);
    assert.deepEqual(moved(['u4'], down), ['u1 u2 u3 u5 u4', true]);
    assert.deepEqual(moved(['u1', 'u3'], down), ['u2 u4 u1 u3 u5', true]);
    assert.deepEqual(moved(['u2', 'u5'], down), ['u1 u3 u4 u2 u5', true]);
  });

  test('to the top or the bottom keeps the order of the request', () => {
    assert.deepEqual(moved(['u4', 'u2'], TOP), ['u4 u2 u1 u3 u5', true]);
    assert.deepEqual(moved(['u1', 'u2'], TOP), same);
    assert.deepEqual(moved(['u2', 'u1'], TOP), ['u2 u1 u3 u4 u5', true]);
    assert.deepEqual(moved(['u2', 'u1'], { kind: 'bottom' }), ['u3 u4 u5 u2 u1', true]);
    assert.deepEqual(moved(['u4', 'u5'], { kind: 'bottom' }), same);
    assert.deepEqual(moved(['u5', 'u4'], { kind: 'bottom' }), ['u1 u2 u3 u5 u4', true]);
  });

  test('before an entry that moves along goes before the next one that does not', () => {
    assert.deepEqual(moved(['u5'], before('u2')), ['u1 u5 u2 u3 u4', true]);
    assert.deepEqual(moved(['u2'], before('u3')), same);
    assert.deepEqual(moved(['u2'], before('u2')), same);
    assert.deepEqual(moved(['u5', 'u2'], before('u2')), ['u1 u5 u2 u3 u4', true]);
    assert.deepEqual(moved(['u5', 'u1'], before('u5')), ['u2 u3 u4 u5 u1', true]);
    assert.deepEqual(moved(['u4'], before('u0')), ['u4 u1 u2 u3 u5', true]);
    assert.deepEqual(moved(['u4'], before('u6')), ['u4 u1 u2 u3 u5', true]);
  });

  test('of all entries is their new order', () => {
    assert.deepEqual(moved(['u5', 'u4', 'u3', 'u2', 'u1'], TOP), ['u5 u4 u3 u2 u1', true]);
    assert.deepEqual(moved(['u1', 'u2', 'u3', 'u4', 'u5'], { kind: 'bottom' }), same);
  });

  test('that changes nothing is accepted without a word', () => {
    const it = queued();
    const decision = it.queueMove('shop', ['u1'], TOP);
    assert.deepEqual(decision.answer, { ok: true, note: null });
  });

  test('leaves room: the next one between the same two writes one entry again', () => {
    const it = queued();
    for (const unit of ['u5', 'u4', 'u3']) {
      const entries = entriesOf(it.queueMove('shop', [unit], before('u2')));
      assert.deepEqual(
        entries.map(({ unitId }) => unitId),
        [it.id('shop', unit)],
      );
    }
    assert.deepEqual(it.queue('shop'), ['u1', 'u5', 'u4', 'u3', 'u2']);
  });

  test('into a gap that is used up spreads neighbours out and keeps the order of all', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.plan('shop', planned(names(40)));
    it.queueAdd('shop', names(40));
    let expected = names(40);
    let spread = 0;
    for (let turn = 0; turn < 120; turn++) {
      const unit = `u${2 + ((turn * 7) % 37)}`;
      const rest = expected.filter((name) => name !== unit);
      expected = [rest[0]!, unit, ...rest.slice(1)];
      const decision = it.queueMove('shop', [unit], { kind: 'before', unitId: it.id('shop', rest[1]!) });
      if (entriesOf(decision).length > 1) spread++;
      assert.deepEqual(it.queue('shop'), expected);
    }
    assert.ok(spread >= 1 && spread <= 30, `${spread} of 120 moves spread neighbours out`);
  });

  test('of more entries than a gap has numbers makes the room that it needs', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.plan('shop', planned(names(1_400)));
    it.queueAdd('shop', names(3));
    const to = { kind: 'before', unitId: it.id('shop', 'u1') } as const;
    it.queueAdd('shop', names(1_400).slice(3), { to });
    assert.deepEqual(it.queue('shop'), ['u0', ...names(1_400).slice(3), 'u1', 'u2']);
  });
});

describe('what is left when nothing runs', () => {
  function afterOf(name: string, ...after: string[]): PlannedUnit {
    return { ...planned([name])[0]!, after };
  }

  test('keeps a task of manual mode running: units that nobody has queued, and ended ones', () => {
    const it = byHand(2);
    it.queueAdd('shop', ['u0']);
    it.take({ type: 'abort', ...about(it, 'u0') });
    it.stopped('shop', 'u0');
    assert.deepEqual([it.task('shop').runState, it.run('shop').outcome], ['running', null]);
  });

  test('keeps the run of a task that is paused, whatever kinds of units it is', () => {
    const it = desk();
    it.define('shop', { concurrency: 3 });
    it.start('shop', [], { plan: [afterOf('a'), afterOf('b'), afterOf('c', 'b')] });
    it.lose('shop', 'a');
    it.tell('pause', 'shop');
    it.stopped('shop', 'b');
    assert.equal(it.task('shop').runState, 'paused', 'one is paused, one waits for its retry, one for its parent');
    const held = desk();
    held.define('shop', { concurrency: 2 });
    held.start('shop', names(2));
    held.take({ type: 'abort', ...about(held, 'u0') });
    held.tell('pause', 'shop');
    held.stopped('shop', 'u0');
    held.stopped('shop', 'u1');
    assert.equal(held.task('shop').runState, 'paused', 'one is paused, one was ended by itself');
    const parents = desk();
    parents.define('shop', { concurrency: 2 });
    parents.start('shop', [], { plan: [afterOf('b'), afterOf('c', 'b')] });
    parents.tell('pause', 'shop');
    parents.stopped('shop', 'b');
    assert.equal(parents.task('shop').runState, 'paused', 'one is paused, one waits for it');
    const waits = desk();
    waits.define('shop', { concurrency: 2 });
    waits.start('shop', names(2));
    waits.lose('shop', 'u0');
    waits.tell('pause', 'shop');
    waits.stopped('shop', 'u1');
    assert.equal(waits.task('shop').runState, 'paused', 'one is paused, one waits for its retry');
  });

  test('does not end the run of a paused task by a setting', () => {
    const it = desk();
    it.define('shop', { concurrency: 1 });
    it.start('shop', names(2));
    it.fail('shop', 'u0');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    it.plan('shop', planned(['u0']));
    assert.deepEqual(kinds(it.take({ type: 'adjust', at: 1, taskId: 'shop', set: { concurrency: 2 } })), []);
    assert.deepEqual([it.task('shop').runState, it.run('shop').outcome], ['paused', null]);
  });
});

describe('a task of manual mode that waits for its failed units to be added', () => {
  test('goes on waiting whatever is done to its queue', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    const after = (name: string): PlannedUnit => ({ ...planned([name])[0]!, after: ['a'] });
    const plan = [...planned(['a']), after('b'), after('c')];
    it.start('shop', [], { plan });
    it.queueAdd('shop', ['a']);
    it.fail('shop', 'a');
    assert.equal(it.run('shop').outcome, 'completed_with_errors');
    it.start('shop', [], { plan });
    const goesOn = () => assert.deepEqual([it.task('shop').runState, it.run('shop').outcome], ['running', null]);
    it.queueAdd('shop', ['b', 'c']);
    goesOn();
    it.queueAdd('shop', ['b']);
    goesOn();
    it.queueMove('shop', ['c'], TOP);
    goesOn();
    remove(it, 'c');
    goesOn();
    clear(it);
    goesOn();
    assert.deepEqual(unitsOfEffects(it, it.queueAdd('shop', ['a']), 'startUnit'), ['a']);
  });
});

describe('failed units that run again', () => {
  test('are written in one statement when they are all of the task, else one by one', () => {
    const it = desk();
    it.define('shop', { concurrency: 4 });
    it.start('shop', names(4));
    for (const unit of names(3)) it.fail('shop', unit);
    const statuses = () => names(4).map((unit) => it.unit('shop', unit).status);
    const retry = (units: string[] | null) =>
      it.take({ type: 'retry', ...about(it, ...(units ?? [])), ...(units === null && { unitIds: null }) });
    const all = retry(null);
    const where = all.changes.filter(({ kind }) => kind === 'unitsWhere');
    assert.deepEqual(
      where.map((change) => 'statuses' in change && change.statuses),
      [['failed']],
    );
    for (const unit of names(4)) it.fail('shop', unit);
    it.start('shop', names(4), { only: ['u0', 'u2'] });
    assert.deepEqual(statuses(), ['running', 'failed', 'running', 'failed'], 'only those of the run');
    it.fail('shop', 'u0');
    it.finish('shop', 'u2');
    it.start('shop', names(4), { only: ['u1'] });
    it.finish('shop', 'u1');
    it.start('shop', names(4), { only: ['u3'] });
    it.finish('shop', 'u3');
    const one = it.start('shop', names(4));
    assert.equal(one.changes.filter(({ kind }) => kind === 'unitsWhere').length, 0);
    assert.deepEqual(statuses(), ['running', 'completed', 'completed', 'completed']);
  });

  test('leave the mode of a run that has ended to history when the task switches', () => {
    const it = desk();
    it.define('shop');
    it.start('shop', names(1));
    it.finish('shop', 'u0');
    it.setMode('shop', 'manual');
    assert.deepEqual([it.run('shop').mode, it.task('shop').mode], ['auto', 'manual']);
  });
});

describe('whatever is moved where, as often as anybody likes', () => {
  /** The same on a plain list. */
  function moved(list: readonly string[], block: readonly string[], to: string, anchor: string): string[] {
    const rest = list.filter((name) => !block.includes(name));
    const inTurn = to === 'up' || to === 'down' ? list.filter((name) => block.includes(name)) : block;
    const outside = (names: readonly string[]) => names.find((name) => !block.includes(name));
    const places: Record<string, () => string | undefined> = {
      top: () => rest[0],
      bottom: () => undefined,
      up: () => outside(list.slice(0, list.indexOf(inTurn[0]!)).reverse()) ?? rest[0],
      down: () => {
        const passed = outside(list.slice(list.indexOf(inTurn.at(-1)!) + 1));
        return passed && rest[rest.indexOf(passed) + 1];
      },
      before: () => outside(list.slice(list.indexOf(anchor))),
    };
    const next = places[to]!();
    const at = next === undefined ? rest.length : rest.indexOf(next);
    return [...rest.slice(0, at), ...inTurn, ...rest.slice(at)];
  }

  test('the queue is the list that it should be, and no two entries stand at one place', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.plan('shop', planned(names(9)));
    it.queueAdd('shop', names(9));
    let list = names(9);
    let number = 99;
    const next = (below: number) => {
      number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
      return (number >>> 8) % below;
    };
    for (let turn = 0; turn < 500; turn++) {
      const block: string[] = [];
      for (let size = 1 + next(3); size > 0; size--) {
        const unit = list[next(9)]!;
        if (!block.includes(unit)) block.push(unit);
      }
      // Mostly into the same gap, until it is used up.
      const kind = (['before', 'before', 'before', 'before', 'top', 'bottom', 'up', 'down'] as const)[next(8)]!;
      const anchor = list[next(4) === 0 ? next(9) : 4]!;
      const to = kind === 'before' ? { kind, unitId: it.id('shop', anchor) } : { kind };
      const decision = it.queueMove('shop', block, to);
      list = moved(list, block, kind, anchor);
      assert.deepEqual(it.queue('shop'), list, `${turn}: ${block} ${kind} ${anchor}`);
      const written = entriesOf(decision).map(({ unitId }) => unitId);
      assert.equal(new Set(written).size, written.length, 'an entry is written twice');
      const orders = [...it.state.tasks.get('shop')!.queue].map(({ queueOrder }) => queueOrder);
      assert.equal(new Set(orders).size, 9);
      assert.ok(orders.every(Number.isSafeInteger), 'the store keeps whole numbers');
    }
  });

  test('units that are added go up to the head and down to the end', () => {
    const it = byHand(8);
    it.queueAdd('shop', ['u0', 'u1', 'u6', 'u2', 'u3']);
    it.queueMove('shop', ['u3'], TOP); // numbers on both sides of 0
    it.queueMove('shop', ['u2'], TOP);
    it.queueAdd('shop', ['u4'], { to: { kind: 'up' } });
    it.queueAdd('shop', ['u5'], { to: { kind: 'down' } });
    assert.deepEqual(it.queue('shop'), ['u4', 'u2', 'u3', 'u1', 'u6', 'u5']);
    it.queueMove('shop', ['u1'], { kind: 'before', unitId: it.id('shop', 'u0') });
    assert.deepEqual(it.queue('shop'), ['u1', 'u4', 'u2', 'u3', 'u6', 'u5'], 'u0 runs: before it is the head');
  });
});
