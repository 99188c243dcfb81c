import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  isRowError,
  isTurnedAway,
  isUnheardOf,
  verdictOn,
} from '../../../../src/connectors/elasticsearch/bulk-errors.ts';
import { searchError } from '../../../../src/connectors/elasticsearch/errors.ts';
import { word } from '../../../../src/wording/word.ts';
import { connectionTo } from '../../../integration/search-documents.ts';

const AUTH = { kind: 'basic', user: 'u', password: 'canary-1' } as const;
const AT = {
  connection: connectionTo({ url: 'http://h', login: undefined, certificate: undefined }, { auth: AUTH }),
  index: 'products',
};

/** What servers of both products were heard to say. */
const HEARD: readonly (readonly [number, string, string, string, string])[] = [
  [
    400,
    'document_parsing_exception',
    "[1:6] failed to parse field [a] of type [long] in document with id '2'",
    'row',
    'documentRefused',
  ],
  [400, 'mapper_parsing_exception', 'failed to parse', 'row', 'documentRefused'],
  [
    400,
    'strict_dynamic_mapping_exception',
    'mapping set to strict, dynamic introduction of [x] is not allowed',
    'row',
    'documentRefused',
  ],
  [400, 'routing_missing_exception', 'routing is required for [i]/[1]', 'row', 'documentRefused'],
  [400, 'illegal_argument_exception', 'Limit of total fields [1000] has been exceeded', 'row', 'fieldLimit'],
  [
    400,
    'document_parsing_exception',
    'failed to parse (Limit of mapping depth [20] has been exceeded)',
    'row',
    'fieldLimit',
  ],
  [400, 'illegal_argument_exception', 'pipeline with id [p] does not exist', 'end', 'requestFailed'],
  [400, 'index_closed_exception', 'closed', 'end', 'indexClosed'],
  [404, 'index_not_found_exception', 'no such index [products]', 'end', 'indexMissing'],
  [403, 'cluster_block_exception', 'index [i] blocked by: [FORBIDDEN/8/index write (api)];', 'end', 'blocked'],
  [
    429,
    'cluster_block_exception',
    'index [i] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark];',
    'end',
    'diskFull',
  ],
  [503, 'cluster_block_exception', 'blocked by: [SERVICE_UNAVAILABLE/2/no master];', 'again', 'shardsUnavailable'],
  [403, 'security_exception', 'action [indices:data/write/bulk[s]] is unauthorized', 'end', 'permission'],
  [429, 'es_rejected_execution_exception', 'rejected execution of coordinating operation', 'again', 'busy'],
  [429, 'rejected_execution_exception', 'rejected execution', 'again', 'busy'],
  [
    503,
    'unavailable_shards_exception',
    '[i][0] primary shard is not active Timeout: [1m]',
    'again',
    'shardsUnavailable',
  ],
  [
    503,
    'process_cluster_event_timeout_exception',
    'failed to process cluster event (put-mapping) within 30s',
    'again',
    'shardsUnavailable',
  ],
  [500, 'exception', 'disk gone', 'again', 'shardsUnavailable'],
  [
    409,
    'version_conflict_engine_exception',
    '[1]: version conflict, document already exists',
    'conflict',
    'documentExists',
  ],
  [404, 'document_missing_exception', '[1]: document missing', 'end', 'requestFailed'],
];

describe('a document that was not taken', () => {
  for (const [status, type, reason, kind, code] of HEARD) {
    test(`with ${status} ${type}: ${reason.slice(0, 40)} is ${kind}`, () => {
      const verdict = verdictOn({ status, type, reason }, 'id-1', AT);
      const { error } = verdict.error;
      assert.deepEqual([verdict.kind, error.code], [kind, `elasticsearch.${code}`]);
      assert.equal(error.class, kind === 'again' ? 'retryable' : 'permanent');
      assert.equal(isRowError(verdict.error), kind === 'row' || kind === 'conflict');
      for (const language of ['en', 'zh-cn'] as const)
        assert.doesNotMatch(word({ code: error.code, args: error.args }, language), /\{\w+\}|undefined/);
    });
  }

  test('is told of shortly, without secrets and control characters', () => {
    const reason = `${'x'.repeat(2_000)}canary-1\u0007`;
    const { error } = verdictOn(
      { status: 400, type: 't', reason: `canary-1 ${reason}` },
      `${'i'.repeat(512)}`,
      AT,
    ).error;
    const text = JSON.stringify(error);
    assert.ok(text.length < 2_500 && !text.includes('canary') && !text.includes('\\u0007'), text);
  });
});

describe('a request that failed as a whole', () => {
  test('is sent again where nothing or nobody knows what was taken of it', () => {
    const of = (code: Parameters<typeof searchError>[0]) => {
      const error = searchError(code, {}, code);
      return [isTurnedAway(error), isUnheardOf(error)];
    };
    assert.deepEqual(of('elasticsearch.busy'), [true, false]);
    assert.deepEqual(of('elasticsearch.unavailable'), [true, true]);
    assert.deepEqual(of('elasticsearch.connectionLost'), [false, true]);
    assert.deepEqual(of('elasticsearch.timeout'), [false, true]);
    for (const code of ['elasticsearch.blocked', 'elasticsearch.permission', 'elasticsearch.requestFailed'] as const)
      assert.deepEqual(of(code), [false, false]);
  });
});
