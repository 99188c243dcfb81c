import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decision, Event } from '../../../src/core/events.ts';
import type { PlannedUnit } from '../../../src/core/model.ts';
import { about, type Desk, desk, names, planned } from './desk.ts';

/** What people are told: the note of an accepted event, or why it was refused. */
function said(decision: Decision) {
  return decision.answer.ok ? decision.answer.note : decision.answer.refusal;
}

/** A task whose name is not its id; ten units, two at a time. */
function shop(definition = {}): Desk {
  const it = desk();
  it.define('shop', { name: 'The shop', concurrency: 2, ...definition });
  return it;
}

function running(definition = {}): Desk {
  const it = shop(definition);
  it.start('shop', names(4));
  return it;
}

const HERE = { task: 'The shop' };
const queueAdd = { type: 'queueAdd', to: { kind: 'bottom' }, again: false, baseRev: null } as const;

describe('a refusal names', () => {
  test('the id of a task that nobody knows, whatever was asked of it', () => {
    const it = shop();
    const nobody = { at: 1, taskId: 'nobody' };
    const start = { runId: 'r', by: 'person', again: false, only: null, enqueue: false } as const;
    const error = { class: 'permanent', code: 'x', args: {}, message: '' } as const;
    const events: Event[] = [
      { type: 'takePlan', ...nobody, from: 0, units: [], gone: [] },
      { type: 'start', ...nobody, ...start, mode: null, concurrency: null, after: [] },
      { type: 'startFailed', ...nobody, runId: 'r', by: 'person', error },
      { type: 'resume', ...nobody },
      { type: 'pause', ...nobody, reason: null },
      { type: 'stop', ...nobody },
      { type: 'reset', ...nobody },
      { type: 'retry', ...nobody, unitIds: null },
      { type: 'abort', ...nobody, unitIds: [] },
      { type: 'restart', ...nobody, unitIds: [], again: false },
      { ...queueAdd, ...nobody, unitIds: [] },
      { type: 'queueRemove', ...nobody, unitIds: [], baseRev: null },
      { type: 'queueClear', ...nobody, baseRev: null },
      { type: 'queueMove', ...nobody, unitIds: [], to: { kind: 'top' }, baseRev: null },
      { type: 'setMode', ...nobody, mode: 'auto' },
      { type: 'adjust', ...nobody, set: {} },
      { type: 'offer', ...nobody },
      { type: 'deleteTask', ...nobody },
    ];
    for (const event of events) {
      const decision = it.take(event);
      assert.equal(decision.answer.ok, false, event.type);
      assert.deepEqual(said(decision), { code: 'unknownTask', args: { task: 'nobody' } }, event.type);
    }
    assert.deepEqual(it.take({ type: 'due', ...nobody }).answer, { ok: true, note: null });
  });

  test('the task that runs, or is on its way to a rest, and how many units it waits for', () => {
    const it = running();
    assert.deepEqual(said(it.start('shop', names(4))), { code: 'alreadyRunning', args: HERE });
    assert.deepEqual(said(it.tell('resume', 'shop')), { code: 'alreadyRunning', args: HERE });
    const error = { class: 'permanent', code: 'x', args: {}, message: '' } as const;
    const failed = { type: 'startFailed', at: 1, taskId: 'shop', runId: 'r', by: 'person', error } as const;
    assert.deepEqual(said(it.take(failed)), { code: 'alreadyRunning', args: HERE });
    const plan = { type: 'takePlan', at: 1, taskId: 'shop', from: 0, units: [], gone: [] } as const;
    assert.deepEqual(said(it.take(plan)), { code: 'stopFirst', args: HERE });
    for (const [told, code] of [
      ['pause', 'stillPausing'],
      ['stop', 'stillStopping'],
    ] as const) {
      it.tell(told, 'shop');
      const still = { code, args: { ...HERE, units: 2 } };
      assert.deepEqual(said(it.start('shop', names(4))), still);
      assert.deepEqual(said(it.tell('resume', 'shop')), still);
      assert.deepEqual(said(it.take({ type: 'restart', again: true, ...about(it, 'u0') })), still);
      assert.deepEqual(said(it.take(failed)), still);
      for (const asked of ['reset', 'deleteTask'] as const)
        assert.deepEqual(said(it.tell(asked, 'shop')), { code: 'stopFirst', args: HERE });
      assert.deepEqual(said(it.take(plan)), { code: 'stopFirst', args: HERE });
    }
    assert.deepEqual(said(it.tell('pause', 'shop')), { code: 'stillStopping', args: { ...HERE, units: 2 } });
    assert.deepEqual(said(it.tell('stop', 'shop')), { code: 'alreadyStopping', args: {} });
  });

  test('the task that does not run', () => {
    const it = shop();
    it.plan('shop', planned(names(4)));
    for (const asked of ['pause', 'stop'] as const)
      assert.deepEqual(said(it.tell(asked, 'shop')), { code: 'notRunning', args: HERE });
    assert.deepEqual(said(it.tell('resume', 'shop')), { code: 'notPaused', args: HERE });
    assert.deepEqual(said(it.take({ type: 'restart', again: false, ...about(it, 'u0') })), {
      code: 'notRunning',
      args: HERE,
    });
  });

  test('the task of another folder', () => {
    const it = shop();
    assert.deepEqual(said(it.define('shop', {}, 'B')), { code: 'taskElsewhere', args: HERE });
  });

  test('the first ten of the units asked for that a task does not have, and their number', () => {
    const it = shop();
    const only = Array.from({ length: 12 }, (_, index) => `x${index}`);
    const units = 'x0, x1, x2, x3, x4, x5, x6, x7, x8, x9';
    assert.deepEqual(said(it.start('shop', names(2), { only: ['u1', ...only] })), {
      code: 'unknownUnits',
      args: { units, count: 12 },
    });
  });

  test('what a plan repeats, misses or cannot put in order', () => {
    const it = shop();
    const unit = (name: string, ...after: string[]): PlannedUnit => ({ ...planned([name])[0]!, after });
    assert.deepEqual(said(it.start('shop', ['a', 'b', 'b', 'a'])), { code: 'planRepeatsUnit', args: { unit: 'b' } });
    assert.deepEqual(said(it.start('shop', [], { plan: [unit('a', 'gone')] })), {
      code: 'unknownParent',
      args: { unit: 'a', parent: 'gone', ...HERE },
    });
    assert.deepEqual(said(it.start('shop', [], { plan: [unit('a', 'b'), unit('b', 'a')] })), {
      code: 'unitCycle',
      args: { path: 'a -> b -> a', ...HERE },
    });
  });

  test('the tasks that have to be completed before', () => {
    const it = shop();
    assert.deepEqual(said(it.start('shop', ['a'], { after: ['one', 'two'] })), {
      code: 'parentsNotDone',
      args: { ...HERE, tasks: 'one, two' },
    });
  });

  test('the value that cannot be, and what can', () => {
    const it = running();
    const adjust = (set: object) => said(it.take({ type: 'adjust', at: 1, taskId: 'shop', set }));
    assert.deepEqual(adjust({ concurrency: 65 }), {
      code: 'badConcurrency',
      args: { value: '65', least: 1, most: 64 },
    });
    assert.deepEqual(adjust({ onError: 'stop' }), { code: 'badSetting', args: { setting: 'onError', value: 'stop' } });
    assert.deepEqual(adjust({ retry: { attempts: -1 } }), {
      code: 'badSetting',
      args: { setting: 'retry', value: '{"attempts":-1}' },
    });
    assert.deepEqual(adjust({ limits: { rowsPerSecond: 'x'.repeat(200) } }), {
      code: 'badSetting',
      args: { setting: 'limits', value: `{"rowsPerSecond":"${'x'.repeat(82)}` },
    });
    assert.deepEqual(said(it.take({ type: 'setMaxRunning', at: 1, maxRunningUnits: 1025 })), {
      code: 'badMaxRunning',
      args: { value: '1025', least: 1, most: 1024 },
    });
    assert.deepEqual(said(it.setMode('shop', 'both' as 'auto')), { code: 'badMode', args: { value: 'both' } });
  });

  test('the execution whose report comes too late', () => {
    const it = running();
    const late = { at: 1, unitId: it.id('shop', 'u0'), attempt: 0 };
    const outcome = { kind: 'stopped', processed: 1, bytes: 1, checkpoint: null } as const;
    const reports: Event[] = [
      { type: 'prepared', ...late, prepared: 'created', total: 1 },
      { type: 'checkpoint', ...late, checkpoint: 'x', processed: 1, bytes: 1 },
      { type: 'progress', ...late, processed: 99, bytes: 1, total: null },
      { type: 'finished', ...late, outcome, random: 0 },
    ];
    for (const report of reports)
      assert.deepEqual(said(it.take(report)), { code: 'staleReport', args: { unit: late.unitId, attempt: 0 } });
    assert.deepEqual(said(it.take({ ...reports[0]!, unitId: 'nobody#1' } as Event)), {
      code: 'staleReport',
      args: { unit: 'nobody#1', attempt: 0 },
    });
  });
});

describe('a refused edit of the queue names', () => {
  test('the switch that is going to empty it', () => {
    const it = running({ mode: 'manual' });
    it.take({ ...queueAdd, ...about(it, 'u0', 'u1', 'u2') });
    it.setMode('shop', 'auto');
    const switching = { code: 'queueSwitching', args: { ...HERE, units: 2, mode: 'auto' } };
    assert.deepEqual(said(it.take({ ...queueAdd, ...about(it, 'u3') })), switching);
    const to = { kind: 'top' } as const;
    assert.deepEqual(said(it.take({ type: 'queueMove', to, baseRev: null, ...about(it, 'u2') })), switching);
    assert.deepEqual(said(it.take({ type: 'queueRemove', baseRev: null, ...about(it, 'u2') })), switching);
    assert.deepEqual(said(it.take({ type: 'queueClear', at: 1, taskId: 'shop', baseRev: null })), switching);
    assert.deepEqual(said(it.take({ type: 'restart', again: false, ...about(it, 'u3') })), switching);
  });

  test('the task whose mode is auto', () => {
    const it = running();
    assert.deepEqual(said(it.take({ ...queueAdd, ...about(it, 'u3') })), { code: 'queueNeedsManual', args: HERE });
  });

  test('the revision that is in force', () => {
    const it = running({ mode: 'manual' });
    it.take({ ...queueAdd, ...about(it, 'u0', 'u1', 'u2') });
    const stale = { code: 'queueChanged', args: { ...HERE, rev: 1 } };
    const to = { kind: 'top' } as const;
    assert.deepEqual(said(it.take({ ...queueAdd, ...about(it, 'u3'), baseRev: 0 })), stale);
    assert.deepEqual(said(it.take({ type: 'queueMove', to, ...about(it, 'u2'), baseRev: 2 })), stale);
    assert.deepEqual(said(it.take({ type: 'queueRemove', ...about(it, 'u2'), baseRev: 0 })), stale);
    assert.deepEqual(said(it.take({ type: 'queueClear', at: 1, taskId: 'shop', baseRev: 0 })), stale);
    assert.deepEqual(it.queue('shop'), ['u2']);
  });

  test('the unit that is unknown, named twice, removed or completed, and requests that are no requests', () => {
    const it = running({ mode: 'manual' });
    const add = (...units: string[]) => said(it.take({ ...queueAdd, ...about(it, ...units) }));
    assert.deepEqual(add('u0', 'y'.repeat(300)), { code: 'unknownUnits', args: { units: 'y'.repeat(200), count: 1 } });
    assert.deepEqual(add('u0', 'u1', 'u0'), { code: 'unitTwice', args: { unit: 'u0' } });
    assert.deepEqual(add(), { code: 'noUnits', args: HERE });
    assert.deepEqual(add('u0', 'u1', 'u2', 'u3', 'u0'), {
      code: 'tooManyUnits',
      args: { ...HERE, count: 5, units: 4 },
    });
    const move = (unit: string, unitId: string) =>
      said(it.take({ type: 'queueMove', to: { kind: 'before', unitId }, baseRev: null, ...about(it, unit) }));
    assert.deepEqual(move('u0', 'nobody'), { code: 'unknownUnits', args: { units: 'nobody', count: 1 } });
    assert.deepEqual(move('nobody', it.id('shop', 'u0')), {
      code: 'unknownUnits',
      args: { units: 'nobody', count: 1 },
    });
    add('u0', 'u1');
    it.finish('shop', 'u0');
    it.finish('shop', 'u1');
    assert.deepEqual(add('u0', 'u2', 'u1'), { code: 'completedUnits', args: { units: 'u0, u1', count: 2 } });
    assert.deepEqual(said(it.take({ type: 'restart', again: false, ...about(it, 'u2', 'u1', 'u0') })), {
      code: 'completedUnits',
      args: { units: 'u1', count: 2 },
    });
    it.tell('stop', 'shop');
    const { id } = it.unit('shop', 'u3');
    it.plan('shop', planned(names(3)));
    assert.deepEqual(add(id), { code: 'unknownUnits', args: { units: id, count: 1 } });
  });

  test('ten completed units at most, and how many there are', () => {
    const it = shop({ mode: 'manual', concurrency: 12 });
    it.start('shop', names(13));
    it.take({ ...queueAdd, ...about(it, ...names(12)) });
    for (const unit of names(12)) it.finish('shop', unit);
    assert.deepEqual(said(it.take({ ...queueAdd, ...about(it, ...names(12)) })), {
      code: 'completedUnits',
      args: { units: 'u0, u1, u2, u3, u4, u5, u6, u7, u8, u9', count: 12 },
    });
  });
});

describe('a note says', () => {
  test('how many units a start or a resume is going to execute: all that wait for whatever it is', () => {
    const it = shop({ concurrency: 4 });
    const plan = [...planned(names(5)), { ...planned(['late'])[0]!, after: ['u4'] }];
    assert.deepEqual(said(it.start('shop', [], { plan })), { code: 'startedAuto', args: { units: 6 } });
    it.finish('shop', 'u0'); // u4 starts
    it.fail('shop', 'u1');
    it.lose('shop', 'u2');
    it.tell('pause', 'shop');
    it.stopped('shop', 'u3');
    it.stopped('shop', 'u4');
    // u2 waits for its retry, u3 and u4 are paused, late comes after u4; u1 has failed.
    assert.deepEqual(said(it.tell('resume', 'shop')), { code: 'startedAuto', args: { units: 4 } });
  });

  test('how many entries the queue of manual mode holds', () => {
    const it = shop({ mode: 'manual', concurrency: 1 });
    it.plan('shop', planned(names(4)));
    assert.deepEqual(said(it.take({ ...queueAdd, ...about(it, 'u0', 'u1', 'u2') })), {
      code: 'queued',
      args: { units: 3 },
    });
    assert.deepEqual(said(it.start('shop', names(4))), { code: 'startedManual', args: { queued: 3 } });
  });

  test('that there is nothing to do', () => {
    const it = shop();
    it.start('shop', ['u0']);
    it.finish('shop', 'u0');
    assert.deepEqual(said(it.start('shop', ['u0'])), { code: 'nothingToDo', args: {} });
  });

  test('that a pause is under way, or that the task rests', () => {
    const it = running();
    it.tell('pause', 'shop');
    assert.deepEqual(said(it.tell('pause', 'shop')), { code: 'alreadyPausing', args: {} });
    it.stopped('shop', 'u0');
    it.stopped('shop', 'u1');
    assert.deepEqual(said(it.tell('pause', 'shop')), { code: 'alreadyPaused', args: {} });
  });

  test('how far a switch is', () => {
    const it = running();
    const told = (mode: 'auto' | 'manual') => said(it.setMode('shop', mode));
    assert.deepEqual(told('auto'), { code: 'alreadyInMode', args: { mode: 'auto' } });
    assert.deepEqual(told('manual'), { code: 'switching', args: { mode: 'manual', units: 2 } });
    assert.deepEqual(told('manual'), { code: 'alreadySwitching', args: { mode: 'manual', units: 2 } });
    assert.deepEqual(told('auto'), { code: 'switchCancelled', args: { mode: 'auto' } });
    it.tell('stop', 'shop');
    it.stopped('shop', 'u0');
    it.stopped('shop', 'u1');
    assert.deepEqual(told('manual'), { code: 'switched', args: { mode: 'manual' } });
  });

  test('how many entries of the queue an edit has concerned', () => {
    const it = running({ mode: 'manual', concurrency: 1 });
    const to = { kind: 'top' } as const;
    const move = (...units: string[]) =>
      said(it.take({ type: 'queueMove', to, baseRev: null, ...about(it, ...units) }));
    const remove = (...units: string[]) =>
      said(it.take({ type: 'queueRemove', baseRev: null, ...about(it, ...units) }));
    const clear = () => said(it.take({ type: 'queueClear', at: 1, taskId: 'shop', baseRev: null }));
    assert.deepEqual(clear(), { code: 'queueEmpty', args: {} });
    assert.deepEqual(said(it.take({ ...queueAdd, ...about(it, ...names(4)) })), { code: 'queued', args: { units: 4 } });
    assert.deepEqual(said(it.take({ ...queueAdd, ...about(it, 'u0', 'u3') })), {
      code: 'queuedAlready',
      args: { units: 2 },
    });
    assert.deepEqual(move('u0', 'u3', 'u2'), { code: 'moved', args: { units: 2 } });
    assert.deepEqual(move('u0'), { code: 'notQueued', args: { units: 1 } });
    assert.deepEqual(remove('u0', 'u1'), { code: 'unqueued', args: { units: 1 } });
    assert.deepEqual(remove('u0', 'u1'), { code: 'notQueued', args: { units: 2 } });
    assert.deepEqual(clear(), { code: 'unqueued', args: { units: 2 } });
    assert.deepEqual(it.queue('shop'), []);
  });

  test('how many units are ended, restarted or tried again', () => {
    const it = running({ concurrency: 3 });
    assert.deepEqual(said(it.take({ type: 'abort', ...about(it, 'u0', 'u1', 'u3') })), {
      code: 'aborting',
      args: { units: 2 },
    });
    assert.deepEqual(said(it.take({ type: 'abort', ...about(it, 'u3') })), { code: 'unitsNotRunning', args: HERE });
    assert.deepEqual(said(it.take({ type: 'restart', again: false, ...about(it, 'u2', 'u3') })), {
      code: 'restarting',
      args: { units: 2 },
    });
    const retry = { type: 'retry', at: 1, taskId: 'shop', unitIds: null } as const;
    assert.deepEqual(said(it.take(retry)), { code: 'nothingFailed', args: HERE });
    assert.deepEqual(said(it.take({ type: 'retry', first: true, ...about(it, 'u2') })), {
      code: 'unitsNotWaiting',
      args: HERE,
    });
    it.fail('shop', 'u0');
    assert.deepEqual(said(it.take(retry)), { code: 'retryStarted', args: { units: 1 } });
    it.setMode('shop', 'manual');
    it.fail('shop', 'u1');
    assert.deepEqual(said(it.take(retry)), { code: 'retryAtStart', args: { units: 1 } });
  });
});

test('what changes nothing waits for no disk, and says whether it was accepted', () => {
  const it = running();
  const accepted = { ok: true, note: null };
  assert.deepEqual(it.define('shop', { name: 'The shop' }), {
    changes: [],
    effects: [],
    durability: 'buffered',
    answer: accepted,
  });
  const refused = it.define('shop', {}, 'B');
  assert.deepEqual([refused.durability, refused.answer.ok], ['buffered', false]);
  const late = { type: 'prepared', at: 1, unitId: 'x', attempt: 1, prepared: 'empty', total: null } as const;
  assert.deepEqual([it.take(late).durability, it.take(late).answer.ok], ['buffered', false]);
  assert.equal(it.start('shop', names(4)).durability, 'buffered');
  const same = it.take({ type: 'adjust', at: 1, taskId: 'shop', set: {} });
  assert.deepEqual([same.durability, same.answer], ['buffered', accepted]);
  const plan = it.take({ type: 'takePlan', at: 1, taskId: 'shop', from: 0, units: [], gone: [] });
  assert.deepEqual([plan.durability, plan.answer.ok], ['buffered', false]);
  it.tell('stop', 'shop');
  it.stopped('shop', 'u0');
  it.stopped('shop', 'u1');
  const taken = it.plan('shop', planned(names(4)));
  assert.deepEqual([taken.changes, taken.durability, taken.answer], [[], 'buffered', accepted]);
  const gone = it.tell('deleteTask', 'shop');
  assert.deepEqual([gone.durability, gone.answer], ['durable', accepted]);
});
