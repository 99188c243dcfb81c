import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SearchClient } from '../../../../src/connectors/elasticsearch/client.ts';
import { countDocuments } from '../../../../src/connectors/elasticsearch/target-plan.ts';
import type { DataError } from '../../../../src/core/ports.ts';

function answering(value: unknown): SearchClient {
  const client: SearchClient = {
    send: async () => ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(value)) }),
    within: () => client,
    close: async () => undefined,
  };
  return client;
}

describe('the count of an index', () => {
  test('is what all of its shards say', async () => {
    const whole = { count: 7, _shards: { total: 2, successful: 2, skipped: 0, failed: 0 } };
    assert.equal(await countDocuments(answering(whole), 'search', 'i'), 7);
  });

  // An index that seems empty is filled as one of our own, and emptied where its copy begins again.
  const PARTS = [
    { count: 0, _shards: { total: 2, successful: 1, skipped: 0, failed: 1 } },
    { count: 0, _shards: { total: 2, successful: 1, skipped: 0, failed: 0 } },
    { count: 3 },
    { _shards: { total: 1, successful: 1, failed: 0 } },
  ];
  for (const part of PARTS)
    test(`is none where only a part answers: ${JSON.stringify(part)}`, async () => {
      await assert.rejects(countDocuments(answering(part), 'search', 'i'), ({ error }: DataError) => {
        assert.deepEqual([error.code, error.class], ['elasticsearch.shardsUnavailable', 'retryable']);
        return true;
      });
    });
});
