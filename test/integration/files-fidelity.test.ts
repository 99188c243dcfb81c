import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runFilesFidelity } from '../fidelity/files.ts';

test('nasty SQLite tables come home exactly over files of both formats, or are refused beforehand', async () => {
  const found = await runFilesFidelity([
    { format: 'jsonl', compress: 'none', batchRows: 7 },
    { format: 'csv', compress: 'gzip', batchRows: 1000 },
  ]);
  assert.deepEqual(found.different, []);
  assert.ok(found.exact > 120, `${found.exact}`);
  assert.ok(found.refused <= 2, `${found.refused}`);
});
