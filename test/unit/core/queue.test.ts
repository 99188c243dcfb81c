import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { waitsForAdditions } from '../../../src/core/select.ts';
import { counts, type Desk, desk, names, note, planned, refusal, unitsOfEffects } from './desk.ts';

function byHand(units: readonly string[], concurrency = 2): Desk {
  const it = desk();
  it.define('shop', { mode: 'manual', concurrency });
  it.start('shop', units);
  return it;
}

const BOTTOM = { kind: 'bottom' } as const;
const TOP = { kind: 'top' } as const;

describe('manual mode', () => {
  test('starts nothing by itself, says so, and waits for additions', () => {
    const it = desk();
    it.define('shop', { mode: 'manual' });
    assert.equal(note(it.start('shop', names(3))), 'startedManual');
    assert.deepEqual(it.running('shop'), []);
    assert.equal(it.task('shop').runState, 'running');
    assert.equal(waitsForAdditions(it.state, 'shop'), true);
  });

  test('starts the head of the queue whenever fewer than the concurrency run', () => {
    const it = byHand(names(6));
    const added = it.queueAdd('shop', ['u3', 'u1', 'u5', 'u0']);
    assert.deepEqual(unitsOfEffects(it, added, 'startUnit'), ['u3', 'u1']);
    assert.deepEqual(it.queue('shop'), ['u5', 'u0']);
    assert.deepEqual(unitsOfEffects(it, it.finish('shop', 'u1'), 'startUnit'), ['u5']);
  });

  test('has a queue that is there at the start when it was filled while the task was idle', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.plan('shop', planned(names(3)));
    assert.equal(note(it.queueAdd('shop', ['u2', 'u0'])), 'queued');
    assert.deepEqual(it.queue('shop'), ['u2', 'u0']);
    assert.deepEqual(unitsOfEffects(it, it.start('shop', names(3)), 'startUnit'), ['u2']);
  });

  test('ends the run when every unit is completed, failed or blocked', () => {
    const it = byHand(names(2));
    it.queueAdd('shop', ['u0', 'u1']);
    it.finish('shop', 'u0');
    it.fail('shop', 'u1');
    assert.equal(it.run('shop').outcome, 'completed_with_errors');
    assert.equal(it.task('shop').runState, 'idle');
  });

  test('a paused unit goes to the head of the queue at Resume, as it was last started', () => {
    const it = byHand(names(5));
    it.queueAdd('shop', ['u4', 'u1', 'u2']);
    it.tell('pause', 'shop');
    it.stopped('shop', 'u1');
    it.stopped('shop', 'u4');
    assert.deepEqual(unitsOfEffects(it, it.tell('resume', 'shop'), 'startUnit'), ['u1', 'u4']);
    assert.deepEqual(it.queue('shop'), ['u2']);
  });

  test('after a crash the units that ran stand at the head, and nothing starts', () => {
    const it = byHand(names(5));
    it.queueAdd('shop', ['u3', 'u1', 'u2']);
    it.take({ type: 'recover', at: 9_999, store: 'A' });
    assert.equal(counts(it, 'shop'), '5 pending, 0 running, 0 completed, 0 failed, 0 paused');
    assert.deepEqual(it.queue('shop'), ['u1', 'u3', 'u2']);
    assert.equal(it.task('shop').queueRev, 1, 'no person edited it');
  });
});

describe('adding to the queue', () => {
  test('at a place: the top, the end, before another', () => {
    const it = byHand(names(8), 1);
    it.queueAdd('shop', ['u0', 'u1', 'u2']);
    it.queueAdd('shop', ['u3'], { to: TOP });
    it.queueAdd('shop', ['u4', 'u5'], { to: { kind: 'before', unitId: it.id('shop', 'u2') } });
    assert.deepEqual(it.queue('shop'), ['u3', 'u1', 'u4', 'u5', 'u2']);
  });

  test('an entry exists once: what is queued or runs stays as it is', () => {
    const it = byHand(names(4), 1);
    it.queueAdd('shop', ['u0', 'u1', 'u2']);
    assert.equal(note(it.queueAdd('shop', ['u0', 'u2'])), 'queuedAlready');
    it.queueAdd('shop', ['u2', 'u3', 'u1']);
    assert.deepEqual(it.queue('shop'), ['u1', 'u2', 'u3']);
  });

  test('a failed unit retries it, with a new budget', () => {
    const it = byHand(names(3));
    it.queueAdd('shop', ['u0', 'u1']);
    it.fail('shop', 'u0');
    const added = it.queueAdd('shop', ['u0']);
    assert.deepEqual(unitsOfEffects(it, added, 'startUnit'), ['u0']);
    assert.deepEqual([it.unit('shop', 'u0').retriesUsed, it.unit('shop', 'u0').error], [0, null]);
  });

  test('a completed unit is refused unless it is to run again', () => {
    const it = byHand(names(2));
    it.queueAdd('shop', ['u0']);
    it.finish('shop', 'u0');
    assert.equal(refusal(it.queueAdd('shop', ['u0', 'u1'])), 'completedUnits');
    const again = it.queueAdd('shop', ['u0'], { again: true });
    assert.deepEqual(unitsOfEffects(it, again, 'startUnit'), ['u0']);
    assert.equal(it.unit('shop', 'u0').prepared, null);
  });

  test('is refused as a whole for unknown, repeated, foreign and far too many ids, and in auto mode', () => {
    const it = byHand(names(2));
    it.define('other');
    it.start('other', names(1));
    assert.equal(refusal(it.queueAdd('shop', ['u0', 'nobody'])), 'unknownUnits');
    assert.equal(refusal(it.queueAdd('shop', ['__proto__'])), 'unknownUnits');
    assert.equal(refusal(it.queueAdd('shop', ['u0', 'u0'])), 'unitTwice');
    const foreign = [it.id('other', 'u0')];
    const about = { type: 'queueAdd', at: 1, taskId: 'shop', to: BOTTOM, again: false, baseRev: null } as const;
    assert.equal(refusal(it.take({ ...about, unitIds: foreign })), 'unknownUnits');
    assert.equal(refusal(it.take({ ...about, unitIds: Array<string>(1_000_000).fill('x') })), 'tooManyUnits');
    assert.equal(refusal(it.take({ ...about, unitIds: [] })), 'noUnits');
    assert.equal(refusal(it.queueAdd('other', ['u0'])), 'queueNeedsManual');
    assert.equal(refusal(it.queueAdd('shop', ['u0'], { to: { kind: 'before', unitId: 'nobody' } })), 'unknownUnits');
    assert.equal(it.task('shop').queueRev, 0);
  });

  test('is refused for a unit that has left the plan', () => {
    const it = desk();
    it.define('shop', { mode: 'manual' });
    it.plan('shop', planned(names(3)));
    it.plan('shop', planned(names(2)));
    assert.equal(refusal(it.queueAdd('shop', ['u0', 'u2'])), 'unknownUnits');
    assert.deepEqual(it.queue('shop'), []);
  });
});

describe('ordering the queue', () => {
  function queued(): Desk {
    const it = byHand(names(6), 1);
    it.queueAdd('shop', ['u0', 'u1', 'u2', 'u3', 'u4']);
    return it; // u0 runs
  }

  test('moves entries up, down, to the top, to the bottom, before another, as one block', () => {
    const it = queued();
    it.queueMove('shop', ['u3'], { kind: 'up' });
    assert.deepEqual(it.queue('shop'), ['u1', 'u3', 'u2', 'u4']);
    it.queueMove('shop', ['u1'], { kind: 'down' });
    assert.deepEqual(it.queue('shop'), ['u3', 'u1', 'u2', 'u4']);
    it.queueMove('shop', ['u2', 'u1'], TOP);
    assert.deepEqual(it.queue('shop'), ['u2', 'u1', 'u3', 'u4']);
    it.queueMove('shop', ['u2', 'u3'], BOTTOM);
    assert.deepEqual(it.queue('shop'), ['u1', 'u4', 'u2', 'u3']);
    it.queueMove('shop', ['u3', 'u1'], { kind: 'before', unitId: it.id('shop', 'u2') });
    assert.deepEqual(it.queue('shop'), ['u4', 'u3', 'u1', 'u2']);
    it.queueMove('shop', ['u4', 'u1'], { kind: 'down' });
    assert.deepEqual(it.queue('shop'), ['u3', 'u2', 'u4', 'u1']);
  });

  test('writes one row per move', () => {
    const it = queued();
    for (let turn = 0; turn < 3; turn++) {
      const { changes } = it.queueMove('shop', ['u4'], turn % 2 === 0 ? TOP : BOTTOM);
      const [entries] = changes.flatMap((change) => (change.kind === 'enqueue' ? [change.entries] : []));
      assert.equal(entries?.length, 1);
    }
  });

  test('makes room by moving few neighbours when a gap is used up, for as long as anybody likes', () => {
    const it = desk();
    it.define('shop', { mode: 'manual', concurrency: 1 });
    it.plan('shop', planned(names(2_002)));
    it.queueAdd('shop', names(2_002));
    let rows = 0;
    const moves = 1_000;
    for (let turn = 0; turn < moves; turn++) {
      const unit = `u${2 + turn}`;
      const { changes } = it.queueMove('shop', [unit], { kind: 'before', unitId: it.id('shop', 'u1') });
      for (const change of changes) if (change.kind === 'enqueue') rows += change.entries.length;
    }
    const expected = ['u0', ...Array.from({ length: moves }, (_, index) => `u${2 + index}`), 'u1'];
    assert.deepEqual(it.queue('shop').slice(0, moves + 2), expected);
    assert.ok(rows < moves * 20, `${rows} rows for ${moves} moves into the same gap`);
  });

  test('a move that changes nothing is no edit', () => {
    const it = queued();
    const rev = it.task('shop').queueRev;
    assert.deepEqual(it.queueMove('shop', ['u1'], TOP).changes, []);
    assert.deepEqual(it.queueMove('shop', ['u4'], { kind: 'down' }).changes, []);
    assert.equal(it.task('shop').queueRev, rev);
  });

  test('a stale revision refuses the whole request; starts do not change it', () => {
    const it = queued();
    const { queueRev } = it.task('shop');
    it.finish('shop', 'u0');
    assert.equal(it.task('shop').queueRev, queueRev);
    assert.equal(note(it.queueMove('shop', ['u4'], TOP, queueRev)), 'moved');
    assert.equal(refusal(it.queueMove('shop', ['u3'], TOP, queueRev)), 'queueChanged');
    assert.deepEqual(it.queue('shop'), ['u4', 'u2', 'u3']);
  });

  test('ids that have started since are dropped, the rest is applied', () => {
    const it = queued();
    const { queueRev } = it.task('shop');
    it.finish('shop', 'u0'); // u1 starts
    assert.equal(note(it.queueMove('shop', ['u1', 'u4'], TOP, queueRev)), 'moved');
    assert.deepEqual(it.queue('shop'), ['u4', 'u2', 'u3']);
    const anchor = { kind: 'before', unitId: it.id('shop', 'u1') } as const;
    it.queueMove('shop', ['u3'], anchor);
    assert.deepEqual(it.queue('shop'), ['u3', 'u4', 'u2'], 'what stands before it now is the head');
    assert.equal(note(it.queueMove('shop', ['u1'], TOP)), 'notQueued');
  });

  test('removes and clears while units run', () => {
    const it = queued();
    const unitIds = [it.id('shop', 'u2'), it.id('shop', 'u0')];
    it.take({ type: 'queueRemove', at: 1, taskId: 'shop', unitIds, baseRev: null });
    assert.deepEqual(it.queue('shop'), ['u1', 'u3', 'u4']);
    it.take({ type: 'queueClear', at: 1, taskId: 'shop', baseRev: null });
    assert.deepEqual(it.queue('shop'), []);
    assert.deepEqual(it.running('shop'), ['u0']);
    assert.equal(note(it.take({ type: 'queueClear', at: 1, taskId: 'shop', baseRev: null })), 'queueEmpty');
  });
});
