import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSqliteFidelity } from '../fidelity/sqlite.ts';

test('nasty SQLite tables arrive exactly, or are refused beforehand', async () => {
  const found = await runSqliteFidelity([{ batchRows: 7, suffix: '_copy "2"' }]);
  assert.deepEqual(found.different, []);
  assert.ok(found.exact > 60);
});
