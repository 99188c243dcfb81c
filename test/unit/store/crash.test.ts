import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { crashEverywhere } from '../../store/crash.ts';

const quiet = { lane: 0, lanes: 1, say: () => undefined };

describe('the crash harness', () => {
  test('finds nothing lost, doubled or corrupt', async () => {
    const said: string[] = [];
    const figures = await crashEverywhere({ ...quiet, points: 60, seed: 5, say: (line) => said.push(line) });
    assert.deepEqual(said, []);
    assert.deepEqual(figures, { points: 60, lost: 0, doubleRuns: 0, corrupt: 0 });
  });

  for (const [control, points] of [
    ['ack-early', 40],
    ['no-fdatasync', 200],
  ] as const) {
    test(`notices a store with the planted fault ${control}`, async () => {
      const { lost, doubleRuns } = await crashEverywhere({ ...quiet, points, seed: 5, control });
      assert.ok(lost + doubleRuns > 0);
    });
  }
});
