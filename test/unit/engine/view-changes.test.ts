import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decision } from '../../../src/core/events.ts';
import type { PlannedUnit } from '../../../src/core/model.ts';
import { unitOf } from '../../../src/core/select.ts';
import { reasonOf } from '../../../src/engine/task-view.ts';
import { tellViews } from '../../../src/engine/view-changes.ts';
import type { ViewFeed } from '../../../src/engine/view-feed.ts';
import { type Desk, desk, planned } from '../core/desk.ts';

function unit(name: string, ...after: string[]): PlannedUnit {
  return { ...planned([name])[0]!, after };
}

function chain(count: number): PlannedUnit[] {
  return Array.from({ length: count }, (_, n) => (n === 0 ? unit('u0') : unit(`u${n}`, `u${n - 1}`)));
}

function started(plan: readonly PlannedUnit[]): Desk {
  const it = desk();
  it.define('shop', { concurrency: 1 });
  it.start('shop', [], { plan });
  return it;
}

/** Names of the units that views are told of; "all" = the whole list anew. */
function told(it: Desk, { changes }: Decision, watched = true): string[] {
  const names = new Set<string>();
  const feed: ViewFeed = {
    tasksChanged() {},
    taskChanged() {},
    queueChanged() {},
    unitChanged: (_, unitId) => names.add(unitOf(it.state, unitId)?.name ?? ''),
    planChanged: () => names.add('all'),
    ended() {},
    watched: () => watched,
    subscribe: () => ({ dispose() {} }),
    allDurable() {},
    overdueMs: () => 0,
    dispose() {},
  };
  tellViews(feed, it.state, changes);
  return [...names].sort();
}

const reasons = (it: Desk) =>
  new Map([...it.state.tasks.get('shop')!.order].map(({ row }) => [row.name, reasonOf(it.state, row, it.now)]));

/** Takes an event and answers the names told; every unit that shows another reason has to be among them. */
function toldBy(it: Desk, event: () => Decision): string[] {
  const before = reasons(it);
  const names = told(it, event());
  for (const [name, reason] of reasons(it)) {
    if (names.includes('all') || names.includes(name)) continue;
    assert.deepEqual(reason, before.get(name), `${name} goes on showing what was`);
  }
  return names;
}

describe('views are told', () => {
  test('of the next units of a chain only when one is completed, of all of them when one fails or runs again', () => {
    const it = started(chain(6));
    assert.deepEqual(
      toldBy(it, () => it.finish('shop', 'u0')),
      ['u0', 'u1', 'u2'],
    );
    assert.deepEqual(
      toldBy(it, () => it.fail('shop', 'u1')),
      ['u1', 'u2', 'u3', 'u4', 'u5'],
    );
    const retried = toldBy(it, () => it.start('shop', [], { plan: chain(6) }));
    assert.ok(retried.includes('all') || retried.includes('u5'));
    assert.equal(it.unit('shop', 'u1').status, 'running');
    assert.deepEqual(
      toldBy(it, () => it.lose('shop', 'u1')),
      ['u1', 'u2'],
    );
  });

  test('of those after a failed unit when a person retries it while its task runs', () => {
    const it = started([unit('other'), ...chain(4)]);
    it.take({ type: 'adjust', at: it.now++, taskId: 'shop', set: { concurrency: 2 } });
    it.fail('shop', 'u0');
    const retry = () => it.take({ type: 'retry', at: it.now++, taskId: 'shop', unitIds: [it.id('shop', 'u0')] });
    assert.deepEqual(toldBy(it, retry), ['u0', 'u1', 'u2', 'u3']);
    it.fail('shop', 'u0');
    const ids = [it.id('shop', 'u0')];
    const restart = () => it.take({ type: 'restart', at: it.now++, taskId: 'shop', unitIds: ids, again: false });
    assert.deepEqual(toldBy(it, restart), ['u0', 'u1', 'u2', 'u3']);
  });

  test('of units whose reason a limited run changes', () => {
    const plan = [unit('p'), unit('c', 'p'), unit('z')];
    const it = started(plan);
    it.tell('stop', 'shop');
    it.stopped('shop', 'p');
    it.plan('shop', plan);
    const about = { runId: 'r2', by: 'person', again: false, enqueue: false, mode: null, concurrency: null } as const;
    const names = toldBy(it, () =>
      it.take({ type: 'start', at: it.now++, taskId: 'shop', ...about, only: ['z', 'c'], after: [] }),
    );
    assert.ok(names.includes('all'));
  });

  test('of units that wait for a retry when their task rests, goes on or switches', () => {
    const it = started([unit('a'), unit('b'), unit('c')]);
    it.lose('shop', 'a');
    for (const event of [
      () => it.setMode('shop', 'manual'),
      () => it.setMode('shop', 'auto'),
      () => it.tell('pause', 'shop'),
      () => it.stopped('shop', 'b'),
      () => it.tell('resume', 'shop'),
    ])
      toldBy(it, event);
  });

  test('of the whole list when a unit fails that very many come after', () => {
    const it = started(chain(5_000));
    assert.deepEqual(told(it, it.fail('shop', 'u0')), ['all', 'u0']);
  });

  test('at little cost when a unit of a chain of 20,000 is completed', () => {
    const it = started(chain(20_000));
    const done = it.finish('shop', 'u0');
    const from = performance.now();
    assert.deepEqual(told(it, done), ['u0', 'u1', 'u2']);
    assert.ok(performance.now() - from < 50, `${performance.now() - from} ms`);
  });

  test('nothing when nobody listens', () => {
    const it = started(chain(3));
    assert.deepEqual(told(it, it.fail('shop', 'u0'), false), []);
  });
});
