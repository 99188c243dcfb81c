import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAIRS } from './coverage.ts';
import { simulate } from './sim.ts';

test('no invariant breaks in random histories of people, workers, timers, crashes and changing plans', async () => {
  const { result, tally, report } = await simulate(400, 20_240_601, null);
  assert.equal(result.broken, 0, report ?? '');
  assert.ok(result.events / result.histories >= 150, `${result.events} events in ${result.histories} histories`);
  assert.ok(result.units >= 30, `${result.units} units`);
  const missed = PAIRS.filter((pair) => !tally.pairs.has(pair));
  assert.deepEqual(missed, [], 'pairs of a state and an event that were never met');
});

test('the same seed gives the same histories, and a path one of them', async () => {
  const figures = async (path: string | null) => (await simulate(4, 7, path)).tally;
  assert.deepEqual(await figures(null), await figures(null));
  const one = await figures('3');
  assert.ok(one.events > 0);
  assert.deepEqual(one, await figures('3'));
});
