import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wordsOf } from '../../../../src/connectors/elasticsearch/failure-words.ts';

describe('what a server says of a failure', () => {
  test('is its own words and those of what has caused it, each once', () => {
    const cause = { type: 'inner', reason: 'the disk is full' };
    assert.equal(
      wordsOf({ type: 'a', reason: 'not written', caused_by: cause }).reason,
      'not written (the disk is full)',
    );
    assert.equal(wordsOf({ type: 'a', reason: 'the disk is full', caused_by: cause }).reason, 'the disk is full');
    assert.deepEqual(wordsOf({ type: 'a', reason: 'why', root_cause: [{ reason: 'why' }] }), {
      type: 'a',
      reason: 'why',
    });
  });

  test('names why shards failed, where it names no other cause', () => {
    const error = {
      root_cause: [{ type: 'query_shard_exception', reason: 'No mapping found for [at] in order to sort on' }],
      type: 'search_phase_execution_exception',
      reason: 'all shards failed',
    };
    assert.equal(wordsOf(error).reason, 'all shards failed (No mapping found for [at] in order to sort on)');
  });

  test('is nothing where nothing is said', () => {
    for (const error of [null, undefined, 'text', { root_cause: [] }, { root_cause: [null] }]) {
      assert.deepEqual(wordsOf(error), { type: '', reason: '' });
    }
  });
});
