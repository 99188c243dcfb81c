/** Writing into a server that has too much to do, takes little at a time, or goes away; and over a network that does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Target } from '../../src/connectors/contract.ts';
import { backOff } from '../../src/connectors/elasticsearch/backoff.ts';
import { createBodySize } from '../../src/connectors/elasticsearch/body-size.ts';
import { createGate } from '../../src/connectors/elasticsearch/bulk-gate.ts';
import { type BulkTo, createBuffers, writeDocuments } from '../../src/connectors/elasticsearch/bulk-writer.ts';
import { openClient, type SearchClient } from '../../src/connectors/elasticsearch/client.ts';
import { documentsIn } from '../../src/connectors/elasticsearch/documents.ts';
import { openElasticsearchTarget } from '../../src/connectors/elasticsearch/target.ts';
import type { ElasticsearchConnection } from '../../src/core/settings.ts';
import { type Ran, type RunOptions, runUnit } from '../conformance/run-unit.ts';
import { type SearchServer, startSearchServer } from '../servers/elasticsearch/instance.ts';
import { startProxy, type WireProxy } from '../servers/wire-proxy.ts';
import { connectionTo, type Doc, docSource, pageOfDocs, storedDocs } from './search-documents.ts';

const LITTLE = {
  'thread_pool.write.queue_size': '1',
  'node.processors': '1',
  'indexing_pressure.memory.limit': '1mb',
  'http.max_content_length': '1mb',
};

let server: SearchServer;
let proxy: WireProxy;
const targets: Target[] = [];
const clients: SearchClient[] = [];

before(async () => {
  server = await startSearchServer('elasticsearch8', { name: 'little', settings: LITTLE, own: true });
  proxy = await startProxy(Number(new URL(server.url).port));
});
after(async () => {
  for (const target of targets) await target.close();
  for (const client of clients) await client.close();
  await proxy?.close();
  await server?.stop();
});

let names = 0;
function fresh(): string {
  names += 1;
  return `writing-${names}`;
}

const through = (more: Partial<ElasticsearchConnection> = {}): ElasticsearchConnection =>
  connectionTo({ ...server, url: `http://127.0.0.1:${proxy.port}` }, more);

async function copy(
  name: string,
  docs: readonly Doc[],
  { to = connectionTo(server), ...options }: RunOptions & { readonly to?: ElasticsearchConnection } = {},
): Promise<Ran> {
  const target = await openElasticsearchTarget(to);
  targets.push(target);
  const from = { ...to, name: 'source', urls: ['http://elsewhere:1'] };
  const sides = { source: docSource(docs), target, from, to };
  return runUnit(sides, 'docs', { ...options, settings: { targetName: name, ...options.settings } });
}

function numbered(count: number, bytes = 0): Doc[] {
  const filling = bytes === 0 ? '' : `,"t":"${'x'.repeat(bytes)}"`;
  return Array.from({ length: count }, (_, at) => ({ id: `d${at}`, source: `{"n":${at}${filling}}` }));
}

async function holds(name: string, docs: readonly Doc[]): Promise<void> {
  assert.deepEqual(await storedDocs(server, name), new Map(docs.map(({ id, source }) => [id, source])));
}

function completed({ outcome }: Ran): void {
  assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
}

async function bulkTo(index: string, more: Partial<BulkTo> = {}): Promise<BulkTo> {
  const connection = connectionTo(server);
  const client = openClient(connection);
  clients.push(client);
  return {
    ...{ connection, client, index, gate: createGate(), buffers: createBuffers(), size: createBodySize(1_000_000) },
    ...{
      mostBytes: null,
      passPipeline: false,
      wait: (tries) => backOff(tries, []),
      style: { operation: 'index', versions: false },
    },
    ...more,
  };
}

function documents(docs: readonly Doc[]) {
  const { data } = pageOfDocs(docs, docs.length);
  assert.ok(data.format === 'search-hits');
  return documentsIn(data);
}

describe('writing into a search server', () => {
  test('that turns requests and items away gets every document in', async (t) => {
    const name = fresh();
    await server.request('PUT', `/${name}`, { settings: { number_of_shards: 4, number_of_replicas: 0 } });
    const seen = new Map<number, number>();
    const to = await bulkTo(name);
    const counting: SearchClient = {
      ...to.client,
      send: async (request) => {
        const count = (status: number): void => void seen.set(status, (seen.get(status) ?? 0) + 1);
        try {
          const answer = await to.client.send(request);
          count(answer.body.includes('"status":429') ? 1429 : answer.status);
          return answer;
        } catch (error) {
          count(429);
          throw error;
        }
      },
    };
    // Many writers at a time, as of many units, which share nothing but the server.
    const docs = numbered(800, 300);
    const writers = Array.from({ length: 12 }, (_, at) => {
      const own = { ...to, client: counting, gate: createGate(), size: createBodySize(10_000) };
      return writeDocuments(own, documents(docs.slice(at * 67, at * 67 + 67)));
    });
    assert.deepEqual((await Promise.all(writers)).flat(), []);
    t.diagnostic(`answers by status (1429: items of them): ${JSON.stringify([...seen])}`);
    assert.ok((seen.get(429) ?? 0) + (seen.get(1429) ?? 0) > 0, 'nothing was turned away');
    await holds(name, docs);
  });

  test('that takes little in one request makes smaller ones, and refuses a document that alone is too large', async () => {
    const docs = numbered(40, 100_000);
    const name = fresh();
    completed(await copy(name, docs));
    await holds(name, docs);

    // Where it does not say how much it takes, it is found out.
    const found = fresh();
    const to = await bulkTo(found, { size: createBodySize(null) });
    assert.deepEqual(await writeDocuments(to, documents(docs)), []);
    assert.ok(to.size.bytes() < 1_048_576, `${to.size.bytes()}`);
    await holds(found, docs);

    const large: Doc = { id: 'large', source: `{"t":"${'y'.repeat(1_100_000)}"}` };
    const { outcome } = await copy(fresh(), [...numbered(3), large]);
    assert.ok(
      outcome.kind === 'failed' && outcome.error.code === 'elasticsearch.documentTooLarge',
      JSON.stringify(outcome),
    );
    assert.equal(outcome.error.args.id, 'large');
  });

  test('over connections that are cut, before and after the server has read, repeats nothing but what is not known', async () => {
    const to = through({ requestTimeoutMs: 5_000 });
    for (const write of ['upsert', 'insert'] as const)
      for (const when of ['unseen', 'answered'] as const) {
        const name = fresh();
        // Others' documents: an insert that is repeated must not take its own ones for theirs.
        await server.request('PUT', `/${name}/_doc/other?refresh=true`, '{"n":1}');
        const docs = numbered(60);
        proxy.cutAt('/_bulk?', 2, when);
        const before = proxy.faults();
        const ran = await copy(name, docs, { to, settings: { write, batchRows: 20 } });
        completed(ran);
        assert.ok(proxy.faults() > before, 'nothing was cut');
        await holds(name, [...docs, { id: 'other', source: '{"n":1}' }]);
      }
  });

  test('over a network that falls silent or is cut anywhere is equal in the end', async () => {
    const docs = numbered(30, 200);
    const to = through({ requestTimeoutMs: 400 });
    for (const [bytes, fault] of [
      [700, 'cut'],
      [2_500, 'reset'],
      [5_000, 'stall'],
      [7_000, 'cut'],
      [9_000, 'reset'],
    ] as const) {
      const name = fresh();
      let state: Pick<Ran, 'checkpoint' | 'prepared'> = { checkpoint: null, prepared: null };
      proxy.failAfter(bytes, fault);
      for (let tries = 0; ; tries += 1) {
        assert.ok(tries < 5, 'it does not come to an end');
        const healing = setTimeout(() => proxy.heal(), 300);
        const ran = await copy(name, docs, { to, settings: { batchRows: 5 }, ...state }).catch(() => null);
        clearTimeout(healing);
        proxy.heal();
        if (ran?.outcome.kind === 'completed') break;
        if (ran?.outcome.kind === 'failed')
          assert.equal(ran.outcome.error.class, 'retryable', JSON.stringify(ran.outcome));
        state = ran ?? state;
      }
      await holds(name, docs);
    }
  });

  test('that is killed and started again goes on by itself', async () => {
    const name = fresh();
    const docs = numbered(200);
    let restarted: Promise<void> | undefined;
    const ran = await copy(name, docs, {
      settings: { batchRows: 20 },
      afterBatch: (written) => {
        if (written === 60) restarted ??= server.restart();
      },
    });
    await restarted;
    completed(ran);
    await holds(name, docs);
  });

  test('that takes nothing for long is not waited for by whoever is paused', async () => {
    const name = fresh();
    await server.request('PUT', `/${name}`);
    const pause = new AbortController();
    const to = await bulkTo(name, { wait: (tries) => backOff(tries, [pause.signal]) });
    let turnedAway = 0;
    const busy: SearchClient = {
      ...to.client,
      send: async (request) => {
        if (request.path[1] !== '_bulk') return to.client.send(request);
        turnedAway += 1;
        if (turnedAway === 3) pause.abort();
        const items = Array.from({ length: 2 }, () => ({
          index: { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'full' } },
        }));
        return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ errors: true, items })) };
      },
    };
    await assert.rejects(writeDocuments({ ...to, client: busy }, documents(numbered(2))), { name: 'AbortError' });
    assert.equal(turnedAway, 3);
  });
});
