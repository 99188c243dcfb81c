import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CodedError } from '../../../src/core/coded-error.ts';
import type { Answer, Event } from '../../../src/core/events.ts';
import { createDueTimer } from '../../../src/engine/due-timer.ts';
import { createEventLoop, type EventLoop, type EventLoopPorts } from '../../../src/engine/event-loop.ts';
import { type Desk, desk, names } from '../core/desk.ts';
import { DONE, testClock, testStore, turn } from './fakes.ts';

type Ways = Pick<EventLoopPorts, 'clock' | 'storeOf'> & Partial<EventLoopPorts>;

/** Events go to the store of their task. */
function loopOf({ state }: Desk, ways: Ways): EventLoop {
  return createEventLoop({
    state,
    keyOf(event) {
      if ('taskId' in event) return state.tasks.get(event.taskId)?.row.store;
      return 'unitId' in event ? state.taskOfUnit.get(event.unitId)?.row.store : undefined;
    },
    perform: () => undefined,
    changed: () => undefined,
    allDurable: () => undefined,
    viewsLateMs: () => 0,
    stalledChanged: () => undefined,
    impossible: () => undefined,
    ...ways,
  });
}

const switchOf = (taskId: string, at: number): Event => ({ type: 'setMode', at, taskId, mode: 'manual' });

describe('A store that has no room', () => {
  test('is asked again, also when views were late in the moment in which it was looked at', async () => {
    const it = desk();
    it.define('shop', { concurrency: 2 }, 'A');
    it.start('shop', names(4));
    it.define('books', {}, 'B');
    const clock = testClock();
    const full = testStore();
    const other = testStore();
    let late = 0;
    const loop = loopOf(it, { clock, storeOf: (key) => (key === 'A' ? full : other), viewsLateMs: () => late });
    full.refusal = new CodedError('store.full', 'full', {});
    const unitId = it.id('shop', 'u0');
    loop.report({ type: 'finished', at: 1, unitId, attempt: 1, outcome: DONE, random: 0 });
    assert.equal(loop.stalled('A')?.code, 'store.full');

    full.refusal = null;
    other.held = true; // a sync of another folder takes long
    const asked = loop.command(switchOf('books', 2));
    late = 300;
    clock.advance(10_000);
    late = 0;
    other.sync();
    await asked;
    clock.advance(10_000);
    await turn();

    assert.equal(loop.stalled('A'), null);
    assert.equal(it.unit('shop', 'u0').status, 'completed');
    assert.equal(clock.timers, 0);
  });

  test('does not hold up the retries of another one, and its own are told once there is room', () => {
    const it = desk();
    it.define('full', {}, 'A');
    it.start('full', ['a']);
    it.define('fine', {}, 'B');
    it.start('fine', ['b']);
    it.lose('full', 'a');
    it.lose('fine', 'b');
    const clock = testClock();
    const told: string[] = [];
    let room = false;
    const timer = createDueTimer({
      state: it.state,
      clock,
      mayReport: (taskId) => room || taskId !== 'full',
      report: (event) => 'taskId' in event && told.push(event.taskId),
    });
    timer.changed([{ kind: 'task', taskId: 'fine', set: { runState: 'running' } }]);
    clock.advance(120_000);
    assert.deepEqual([...new Set(told)], ['fine']);

    room = true;
    timer.mayReportAgain();
    clock.advance(1_000);
    assert.ok(told.includes('full'));
    timer.dispose();
    assert.equal(clock.timers, 0);
  });
});

test('a command that changes nothing is answered after the commit that it relies on is durable', async () => {
  const it = desk();
  it.define('shop', { concurrency: 1 }, 'A');
  it.start('shop', names(4));
  const store = testStore();
  const loop = loopOf(it, { clock: testClock(), storeOf: () => store });
  store.held = true;
  const first = loop.command(switchOf('shop', 1));
  const second = loop.command(switchOf('shop', 2));
  let answered: Answer | undefined;
  void second.then((answer) => {
    answered = answer;
  });
  await turn();
  assert.equal(answered, undefined);
  assert.equal(loop.syncing('A'), true);

  store.sync();
  assert.deepEqual([(await first).ok, (await second) === answered], [true, true]);
  assert.equal(loop.syncing('A'), false);
});
