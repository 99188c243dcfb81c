import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSearchFidelity } from '../fidelity/elasticsearch/main.ts';

test('nasty documents arrive byte for byte in another product, with ids, routing, versions and mapping', async () => {
  const pairs = [
    ['elasticsearch8', 'opensearch2'],
    ['opensearch2', 'elasticsearch8'],
  ] as const;
  const found = await runSearchFidelity({ pairs, batchRows: [7] });
  assert.deepEqual(found.different, []);
  assert.ok(found.exact >= 14, `${found.exact}`);
  assert.equal(found.refused, 0);
});
