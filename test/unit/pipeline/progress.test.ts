import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Phase, UnitReport } from '../../../src/core/ports.ts';
import { createProgress } from '../../../src/pipeline/progress.ts';
import { createWait } from '../../../src/pipeline/waits.ts';

describe('the progress of a unit', () => {
  test('tells at once when a phase begins or ends in which it is silent, and else not too often', () => {
    let now = 0;
    const told: Phase[] = [];
    const report = (each: UnitReport) => void (each.type === 'progress' && told.push(each.phase));
    const progress = createProgress(report, () => now);
    progress.enter('reading');
    const first = told.length;
    assert.equal(first, 1);
    for (let at = 0; at < 50; at++) progress.enter(at % 2 ? 'reading' : 'writing');
    assert.equal(told.length, first);
    now = 40;
    progress.enter('verifying');
    assert.equal(told.at(-1), 'verifying');
    assert.equal(told.length, first + 1);
  });
});

describe('a wait that is no stall', () => {
  test('gives signs of life while it lasts, and none when nobody watches', async () => {
    for (const [stallMs, most] of [
      [100, Number.POSITIVE_INFINITY],
      [0, 0],
    ] as const) {
      let signs = 0;
      const { promise, resolve } = Promise.withResolvers<string>();
      const enough = () => (++signs >= 3 ? resolve('turn') : undefined);
      const waited = createWait(enough, stallMs)(promise);
      if (stallMs === 0) setTimeout(resolve, 60, 'turn');
      assert.equal(await waited, 'turn');
      assert.ok(signs <= most && (stallMs === 0 || signs >= 3), `${signs}`);
      const after = signs;
      await new Promise((done) => setTimeout(done, 60));
      assert.equal(signs, after);
    }
  });

  test('passes a failure on', async () => {
    await assert.rejects(createWait(() => {}, 100)(Promise.reject(new Error('no'))), /no/);
  });
});
