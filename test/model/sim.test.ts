import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from './sim.ts';

test('no invariant breaks in random histories of starts, pauses, failures, crashes and changing plans', () => {
  const { result, tally, report } = simulate(150, 20_240_601, null);
  assert.equal(result.broken, 0, report ?? '');
  assert.ok(result.events / result.histories >= 150, `${result.events} events in ${result.histories} histories`);
  assert.ok(result.units >= 30, `${result.units} units`);
  for (const state of ['idle', 'running', 'pausing', 'paused', 'stopping', 'interrupted'])
    for (const event of ['start', 'resume', 'pause', 'stop', 'reset', 'retry', 'setConcurrency', 'finished'])
      assert.ok(tally.pairs.has(`${state} ${event}`), `${event} never met a task that was ${state}`);
});

test('the same seed gives the same history', () => {
  const figures = () => simulate(3, 7, null).tally;
  assert.deepEqual(figures(), figures());
});
