import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { refusal } from '../../../../src/connectors/elasticsearch/answers.ts';
import { connectionTo } from '../../../integration/search-documents.ts';

const URL_OF_NODE = new URL('http://h:9200');
const CONNECTION = connectionTo({ url: 'http://h:9200', login: undefined, certificate: undefined });

/** Types of errors with which a cluster answers 500 while one of its nodes goes away, or for good. */
const SAID: readonly (readonly [string, 'retryable' | 'permanent'])[] = [
  ['search_phase_execution_exception', 'retryable'],
  ['node_disconnected_exception', 'retryable'],
  ['node_not_connected_exception', 'retryable'],
  ['receive_timeout_transport_exception', 'retryable'],
  ['null_pointer_exception', 'permanent'],
  ['illegal_state_exception', 'permanent'],
];

describe('a failure inside of a server', () => {
  for (const [type, kind] of SAID)
    test(`by ${type} is ${kind}`, () => {
      const body = Buffer.from(JSON.stringify({ error: { type, reason: 'all shards failed' }, status: 500 }));
      const { error } = refusal({ status: 500, headers: {}, body }, CONNECTION, URL_OF_NODE, 0);
      assert.equal(error.class, kind);
    });
});
