import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { messages } from '../../../src/wording/messages.ts';
import { percentText } from '../../../src/wording/percent.ts';
import { type StandingFacts, standingOf, standingWord } from '../../../src/wording/standing.ts';

const NONE = { pending: 0, running: 0, completed: 0, failed: 0, paused: 0 };

/** An idle task of 100 pending units, with what a test says of it. */
const task = (set: Partial<StandingFacts> & { done?: number; bad?: number } = {}): StandingFacts => {
  const { done = 0, bad = 0, ...rest } = set;
  return {
    runState: 'idle',
    planning: false,
    waitsForAdditions: false,
    outcome: null,
    counts: { ...NONE, pending: 100 - done - bad, completed: done, failed: bad },
    units: 100,
    percent: done,
    rejected: 0,
    ...rest,
  };
};

describe('how a task stands', () => {
  test('is completed when every unit is, and not because its last run was', () => {
    assert.equal(standingOf(task({ done: 100, outcome: 'completed' })), 'completed');
    assert.equal(standingOf(task({ outcome: 'completed' })), 'ready', 'after a reset');
    assert.equal(standingOf(task({ done: 1, percent: 3, outcome: 'completed' })), 'ready', 'a run of one unit');
  });

  test('is completed with errors while there is something of that run', () => {
    assert.equal(standingOf(task({ done: 97, bad: 3, outcome: 'completed_with_errors' })), 'completedWithErrors');
    assert.equal(
      standingOf(task({ done: 97, outcome: 'completed_with_errors' })),
      'completedWithErrors',
      'blocked ones',
    );
    assert.equal(standingOf(task({ outcome: 'completed_with_errors' })), 'ready', 'after a reset');
  });

  test('is stopped when a start would go on where it was, and ready when it would begin', () => {
    assert.equal(standingOf(task({ done: 73 })), 'stopped');
    assert.equal(standingOf(task({ percent: 0.4 })), 'stopped');
    assert.equal(standingOf(task({ outcome: 'stopped' })), 'ready', 'given up by a reset');
    assert.equal(standingOf(task()), 'ready');
    assert.equal(standingOf(task({ units: 0, counts: NONE })), 'ready', 'never started');
    assert.equal(standingOf(task({ outcome: 'failed' })), 'couldNotStart');
  });

  test('is what it does when it does something', () => {
    assert.equal(standingOf(task({ planning: true })), 'planning');
    assert.equal(standingOf(task({ runState: 'running' })), 'running');
    assert.equal(standingOf(task({ runState: 'running', waitsForAdditions: true })), 'waitsForUnits');
    assert.equal(standingOf(task({ runState: 'interrupted', done: 5 })), 'interrupted');
  });

  test('has a word for each', () => {
    for (const standing of ['planning', 'waitsForUnits', 'ready', 'running', 'pausing', 'paused', 'stopping'] as const)
      assert.ok(messages.has(standingWord(standing).code), standing);
    for (const standing of ['stopped', 'interrupted', 'completed', 'completedWithErrors', 'couldNotStart'] as const)
      assert.ok(messages.has(standingWord(standing).code), standing);
  });
});

test('a percentage never shows 0 % of something or 100 % of less', () => {
  assert.deepEqual(
    [0, 0.04, 0.72, 1, 52.9, 99, 99.39, 99.99, 100].map((value) => percentText(value, 'en')),
    ['0%', '<0.1%', '0.7%', '1%', '52%', '99%', '99.3%', '99.9%', '100%'],
  );
  assert.equal(percentText(0.72, 'de'), '0,7%');
});
