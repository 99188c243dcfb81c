import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ownTasks, recordWhile } from '../../host/own-tasks.ts';

/** Keeps the thread for this long. */
function hold(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('what the host test says of our tasks', () => {
  test('a task that holds the thread is found, with its place; one of another script is not', async () => {
    const record = await recordWhile(async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      hold(120);
      await new Promise((resolve) => setTimeout(resolve, 10));
    });
    const [longest] = ownTasks(record, (url) => url === import.meta.url || url === fileURLToPath(import.meta.url));
    assert.ok(longest, 'no task of this file was seen');
    assert.ok(longest.wallMs > 100 && longest.wallMs < 2_000, `${longest.wallMs} ms`);
    assert.ok(longest.ms > 20 && longest.ms <= longest.wallMs, `${longest.ms} ms`);
    assert.match(longest.places.join(), /hold \(own-tasks\.test\.ts:/);
    assert.deepEqual(
      ownTasks(record, (url) => url.endsWith('/extension.js')),
      [],
    );
  });
});
