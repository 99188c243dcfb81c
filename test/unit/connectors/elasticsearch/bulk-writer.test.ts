/** Documents against clusters in memory that turn away, lose, cut and refuse whatever a seed says. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createBodySize } from '../../../../src/connectors/elasticsearch/body-size.ts';
import { createGate } from '../../../../src/connectors/elasticsearch/bulk-gate.ts';
import { type BulkTo, createBuffers, writeDocuments } from '../../../../src/connectors/elasticsearch/bulk-writer.ts';
import type { SearchClient, SearchRequest } from '../../../../src/connectors/elasticsearch/client.ts';
import { documentsIn } from '../../../../src/connectors/elasticsearch/documents.ts';
import { searchError } from '../../../../src/connectors/elasticsearch/errors.ts';
import type { RawAnswer } from '../../../../src/connectors/elasticsearch/exchange.ts';
import { DataError } from '../../../../src/core/ports.ts';
import { connectionTo, type Doc, pageOfDocs } from '../../../integration/search-documents.ts';

interface Cluster {
  readonly stored: Map<string, string>;
  readonly client: SearchClient;
  requests: number;
}

interface Faults {
  /** In [0, 1): of every decision. */
  readonly dice: () => number;
  readonly share: number;
  readonly mostBytes: number;
  readonly bad: ReadonlySet<string>;
}

const QUIET: Faults = { dice: () => 1, share: 0, mostBytes: 1e9, bad: new Set() };

/** Takes bulk requests and single documents as a server does; what it is sent must be whole. */
function clusterOf(
  { dice, share, mostBytes, bad }: Faults,
  there: readonly (readonly [string, string])[] = [],
): Cluster {
  const stored = new Map(there);
  const json = (status: number, value: unknown): RawAnswer => {
    return { status, headers: {}, body: Buffer.from(JSON.stringify(value)) };
  };
  const apply = (operation: string, id: string, source: string): { status: number; error?: object } => {
    if (bad.has(id)) return { status: 400, error: { type: 'mapper_parsing_exception', reason: 'no' } };
    if (dice() < share) return { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'full' } };
    const isThere = stored.has(id);
    if (operation === 'create' && isThere) {
      return { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'there' } };
    }
    stored.set(id, source);
    return { status: isThere ? 200 : 201 };
  };
  const answer = ({ method, path, query, body }: SearchRequest): RawAnswer => {
    const id = String(path[2] ?? '');
    if (method === 'GET') {
      const found = stored.get(id);
      return found === undefined ? json(404, {}) : { status: 200, headers: {}, body: Buffer.from(found) };
    }
    const text = Buffer.from(body ?? '').toString();
    if (path[1] === '_doc') {
      const { status, error } = apply(query?.op_type === 'create' ? 'create' : 'index', id, text);
      return json(status, { error });
    }
    const lines = text.split('\n');
    assert.equal(lines.pop(), '');
    const items: object[] = [];
    for (let at = 0; at < lines.length; at += 2) {
      const [[operation, { _id }]] = Object.entries(JSON.parse(lines[at] ?? '')) as [[string, { _id: string }]];
      items.push({ [operation]: apply(operation, _id, lines[at + 1] ?? '') });
    }
    return json(200, { errors: items.some((item) => JSON.stringify(item).includes('error')), items });
  };
  const fail = (
    code: 'elasticsearch.busy' | 'elasticsearch.connectionLost' | 'elasticsearch.requestTooLarge',
  ): never => {
    throw searchError(code, { connection: 'search' }, code);
  };
  const cluster: Cluster = {
    stored,
    requests: 0,
    client: {
      send: async (request) => {
        cluster.requests += 1;
        await turn();
        if (dice() < share) fail('elasticsearch.busy');
        if ((request.body?.length ?? 0) > mostBytes) fail('elasticsearch.requestTooLarge');
        if (dice() < share) fail('elasticsearch.connectionLost');
        const said = answer(request);
        // Heard by nobody.
        if (dice() < share) fail('elasticsearch.connectionLost');
        return said;
      },
      within: () => cluster.client,
      close: async () => undefined,
    },
  };
  return cluster;
}

function bulkTo({ client }: Cluster, more: Partial<BulkTo> = {}): BulkTo {
  return {
    ...{ connection: connectionTo({ url: 'http://h', login: undefined, certificate: undefined }), client, index: 'i' },
    ...{
      gate: createGate(),
      buffers: createBuffers(),
      size: createBodySize(2_000),
      mostBytes: null,
      passPipeline: false,
    },
    ...{ wait: async () => undefined, style: { operation: 'index', versions: false } },
    ...more,
  };
}

function documents(docs: readonly Doc[]) {
  const { data } = pageOfDocs(docs, docs.length);
  assert.ok(data.format === 'search-hits');
  return documentsIn(data);
}

/** Park and Miller: the same numbers from the same seed. */
function diceOf(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe('documents on their way into a cluster', () => {
  test('get in, whatever is turned away, lost or cut: every one that it takes, and no other is refused', async () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const dice = diceOf(seed);
      const docs = Array.from({ length: 1 + Math.floor(dice() * 60) }, (_, at) => ({
        id: `d${at}`,
        source: dice() < 0.1 ? `{"n":\n${at}}` : `{"n":${at},"t":"${'x'.repeat(Math.floor(dice() * 200))}"}`,
      }));
      const bad = new Set(docs.filter(() => dice() < 0.1).map(({ id }) => id));
      const operation = seed % 2 === 0 ? 'index' : 'create';
      const cluster = clusterOf({ dice, share: dice() * 0.4, mostBytes: 300 + dice() * 3_000, bad });
      const to = bulkTo(cluster, { style: { operation, versions: false } });
      const refused = await writeDocuments(to, documents(docs));
      const wanted = docs.flatMap(({ id }, row) => (bad.has(id) ? [row] : []));
      assert.deepEqual(
        refused.map(({ row }) => row),
        wanted,
        `seed ${seed}`,
      );
      const good = docs.filter(({ id }) => !bad.has(id));
      assert.deepEqual([...cluster.stored].sort(), good.map(({ id, source }) => [id, source]).sort(), `seed ${seed}`);
    }
  });

  test('go again alone where they were turned away alone', async () => {
    const docs = Array.from({ length: 10 }, (_, at) => ({ id: `d${at}`, source: '{}' }));
    for (let position = 0; position < docs.length; position += 1) {
      let asked = 0;
      const cluster = clusterOf({ ...QUIET, dice: () => (asked++ === position + 2 ? 0 : 1), share: 0.5 });
      const sent: number[] = [];
      const client: SearchClient = {
        ...cluster.client,
        send: (request) => {
          sent.push(
            Buffer.from(request.body ?? '')
              .toString()
              .split('\n').length >> 1,
          );
          return cluster.client.send(request);
        },
      };
      await writeDocuments({ ...bulkTo(cluster), client }, documents(docs));
      assert.deepEqual(sent, [10, 1]);
      assert.equal(cluster.stored.size, 10);
    }
  });

  test('of others are told from our own that were not heard of', async () => {
    const cluster = clusterOf(QUIET, [
      ['theirs', '{"n":1}'],
      ['same', '{"n":2}'],
    ]);
    const docs = [
      { id: 'theirs', source: '{"n":2}' },
      { id: 'same', source: '{"n":2}' },
      { id: 'new', source: '{}' },
    ];
    const to = bulkTo(cluster, { style: { operation: 'create', versions: false } });
    const refused = await writeDocuments(to, documents(docs));
    // Equal, but nobody can know whether they are ours: nothing of them was lost.
    assert.deepEqual(
      refused.map(({ row, error }) => [row, error.error.code]),
      [
        [0, 'elasticsearch.documentExists'],
        [1, 'elasticsearch.documentExists'],
      ],
    );
    assert.equal(cluster.stored.get('theirs'), '{"n":2}'.replace('2', '1'));
  });

  test('of a lower version than what is there take its place where the last one counts', async () => {
    for (const lastCounts of [true, false]) {
      const cluster = clusterOf(QUIET, [['a', '{"n":"written before it was deleted"}']]);
      const client: SearchClient = {
        ...cluster.client,
        send: async (request) => {
          if (request.path[1] !== '_bulk') return cluster.client.send(request);
          const error = { type: 'version_conflict_engine_exception', reason: 'current version [5] is higher' };
          const items = [{ index: { status: 409, error } }];
          return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ errors: true, items })) };
        },
      };
      const to = bulkTo(cluster, { client, lastCounts, style: { operation: 'index', versions: true } });
      const refused = await writeDocuments(to, documents([{ id: 'a', source: '{"n":"anew"}', version: 1 }]));
      assert.deepEqual(refused, []);
      assert.equal(cluster.stored.get('a'), lastCounts ? '{"n":"anew"}' : '{"n":"written before it was deleted"}');
    }
  });

  test('with line breaks are merged by a request that servers take, also where a pipeline is passed by', async () => {
    const cluster = clusterOf(QUIET);
    const sent: SearchRequest[] = [];
    const client: SearchClient = {
      ...cluster.client,
      send: async (request) => {
        sent.push(request);
        return { status: 201, headers: {}, body: Buffer.from('{}') };
      },
    };
    const to = bulkTo(cluster, { client, passPipeline: true, style: { operation: 'update', versions: false } });
    assert.deepEqual(await writeDocuments(to, documents([{ id: 'a', source: '{"n":\n1}', routing: 'r' }])), []);
    const [{ path, query, body } = { path: [] }] = sent;
    // Of `_update` a pipeline is no parameter: it would be refused.
    assert.deepEqual([path, query], [['i', '_update', 'a'], { routing: 'r', retry_on_conflict: 3 }]);
    assert.equal(String(body), '{"doc":{"n":\n1},"doc_as_upsert":true}');
  });

  test('too large for any request are refused, without being sent where it is known', async () => {
    const large = { id: 'large', source: `{"t":"${'x'.repeat(5_000)}"}` };
    for (const mostBytes of [null, 1_000]) {
      const cluster = clusterOf({ ...QUIET, mostBytes: 1_000 });
      const docs = [{ id: 'a', source: '{}' }, large, { id: 'b', source: '{}' }];
      const refused = await writeDocuments(bulkTo(cluster, { mostBytes }), documents(docs));
      assert.deepEqual(
        refused.map(({ row, error }) => [row, error.error.code]),
        [[1, 'elasticsearch.documentTooLarge']],
      );
      assert.deepEqual([...cluster.stored.keys()].sort(), ['a', 'b']);
    }
  });

  test('end with the first thing that ends the unit, and with whoever waits no longer', async () => {
    const cluster = clusterOf({ ...QUIET, share: 0.5, dice: () => 0 });
    const pause = new Error('paused');
    const wait = async (tries: number): Promise<void> => {
      if (tries === 2) throw pause;
    };
    await assert.rejects(writeDocuments(bulkTo(cluster, { wait }), documents([{ id: 'a', source: '{}' }])), pause);

    const error = { type: 'cluster_block_exception', reason: 'index [i] blocked by: [FORBIDDEN/8/index write (api)];' };
    const body = Buffer.from(JSON.stringify({ errors: true, items: [{ index: { status: 403, error } }] }));
    const blocked = { ...cluster.client, send: async () => ({ status: 200, headers: {}, body }) };
    await assert.rejects(
      writeDocuments({ ...bulkTo(cluster), client: blocked }, documents([{ id: 'a', source: '{}' }])),
      (reason) => reason instanceof DataError && reason.error.code === 'elasticsearch.blocked',
    );
  });

  test('that are none make no request', async () => {
    const cluster = clusterOf(QUIET);
    assert.deepEqual(await writeDocuments(bulkTo(cluster), documents([])), []);
    assert.equal(cluster.requests, 0);
  });
});
