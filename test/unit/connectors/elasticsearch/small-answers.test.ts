import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Broken } from '../../../../src/connectors/elasticsearch/errors.ts';
import { smallAnswer, totalOf } from '../../../../src/connectors/elasticsearch/small-answers.ts';

const WHOLE = { timed_out: false, _shards: { total: 2, successful: 2, skipped: 1, failed: 0 } };

function read(answer: unknown): ReturnType<typeof smallAnswer> {
  return smallAnswer(Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer)));
}

function codeOf(answer: unknown): string {
  try {
    totalOf(read(answer));
  } catch (error) {
    assert.ok(error instanceof Broken);
    return error.code;
  }
  return assert.fail('it was taken');
}

describe('an answer without documents', () => {
  test('says how many there are, the number of the one that was asked for, and where to cut', () => {
    const hits = { total: { value: 7, relation: 'eq' }, hits: [{ _id: '1', sort: [12, 3], _shard: '[a][1]' }] };
    const aggregations = {
      borders: {
        values: [
          { key: 50, value: 3.9 },
          { key: 75, value: null },
        ],
      },
    };
    assert.deepEqual(read({ ...WHOLE, pit_id: 'p', hits, aggregations }), {
      pit: 'p',
      total: 7,
      seq: 12,
      shard: '[a][1]',
      borders: [3],
    });
    assert.deepEqual(read({ ...WHOLE, hits: { hits: [] } }), {
      pit: null,
      total: null,
      seq: null,
      shard: null,
      borders: [],
    });
  });

  test('of a part of the index is none, nor is one that only says "at least"', () => {
    const hits = { total: { value: 7, relation: 'eq' }, hits: [] };
    assert.equal(codeOf({ ...WHOLE, timed_out: true, hits }), 'elasticsearch.partialAnswer');
    assert.equal(
      codeOf({ ...WHOLE, _shards: { ...WHOLE._shards, successful: 1 }, hits }),
      'elasticsearch.partialAnswer',
    );
    assert.equal(codeOf({ ...WHOLE, _shards: { ...WHOLE._shards, failed: 1 }, hits }), 'elasticsearch.partialAnswer');
    const atLeast = { total: { value: 7, relation: 'gte' }, hits: [] };
    assert.equal(codeOf({ ...WHOLE, hits: atLeast }), 'elasticsearch.protocol');
    for (const nonsense of ['', '{', 'null', '[]', '{}', '"x"', { hits }])
      assert.equal(codeOf(nonsense), 'elasticsearch.protocol');
    const inexact = { total: hits.total, hits: [{ sort: [1e300] }] };
    assert.equal(codeOf({ ...WHOLE, hits: inexact }), 'elasticsearch.protocol');
  });
});
