/** Indexes of real servers as targets: documents byte for byte, every item accounted for, nothing left behind. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Target } from '../../src/connectors/contract.ts';
import { openElasticsearchTarget } from '../../src/connectors/elasticsearch/target.ts';
import type { DataError } from '../../src/core/ports.ts';
import type { ElasticsearchConnection } from '../../src/core/settings.ts';
import { word } from '../../src/wording/word.ts';
import { type Ran, type RunOptions, runUnit, SETTINGS } from '../conformance/run-unit.ts';
import type { SearchServer } from '../servers/elasticsearch/instance.ts';
import { isSearchKind } from '../servers/elasticsearch/kinds.ts';
import { sharedSearchServer, stopSharedSearchServers } from '../servers/elasticsearch/shared.ts';
import { connectionTo, type Doc, docSource, type Shape, schemaOf, storedDocs } from './search-documents.ts';

const KINDS = (process.env.DATATRACE_TEST_SEARCH_KINDS || 'elasticsearch8,opensearch2').split(',');

const targets: Target[] = [];
after(async () => {
  for (const target of targets) await target.close();
  await stopSharedSearchServers();
});

let names = 0;

for (const kind of KINDS) {
  assert.ok(isSearchKind(kind));
  describe(`an index of ${kind}`, () => {
    const server = (): Promise<SearchServer> => sharedSearchServer(kind);
    let opened: Promise<Target> | undefined;
    const target = (): Promise<Target> => {
      opened ??= (async () => {
        const made = await openElasticsearchTarget(connectionTo(await server()));
        targets.push(made);
        return made;
      })();
      return opened;
    };
    const fresh = (): string => {
      names += 1;
      return `target-${process.pid}-${names}`;
    };
    const copy = async (
      name: string,
      docs: readonly Doc[],
      { shape = {}, ...options }: RunOptions & { readonly shape?: Shape } = {},
    ): Promise<Ran> => {
      const to = connectionTo(await server());
      const from: ElasticsearchConnection = { ...to, name: 'source', urls: ['http://elsewhere:1'] };
      const sides = { source: docSource(docs, shape), target: await target(), from, to };
      return runUnit(sides, 'docs', { ...options, settings: { targetName: name, ...options.settings } });
    };
    const settingsOf = async (name: string): Promise<Record<string, string>> => {
      const { json } = await (await server()).request('GET', `/${name}?flat_settings=true`);
      return (json() as Record<string, { settings: Record<string, string> }>)[name]?.settings ?? {};
    };
    const mappingsOf = async (name: string): Promise<Record<string, unknown>> => {
      const { json } = await (await server()).request('GET', `/${name}/_mapping`);
      return (json() as Record<string, { mappings: Record<string, unknown> }>)[name]?.mappings ?? {};
    };

    test('holds every document byte for byte, with its id, routing and version', async () => {
      const name = fresh();
      const docs: Doc[] = [
        { id: '1', source: '{"any":{"big":9007199254740993,"price":1.10, "zero":-0.0,"huge":1e400}}', version: 7 },
        { id: 'a/b c?d#e%20"\\', source: '{ }' },
        { id: '😀', source: '{"t":"\\u00fc😀\\n"}', routing: 'r/1 ü', version: 9007199254740993n },
        { id: 'i'.repeat(512), source: '{"any":{"a":1,"__proto__":null}}' },
        { id: 'lines', source: '{\n "t": "x",\r\n\t"any": {"n":1.0} }', version: 3 },
        { id: 'lines/2 ?', source: '{"t":\n"y"}', routing: 'r' },
      ];
      const mappings = { properties: { any: { type: 'object', enabled: false }, t: { type: 'keyword' } } };
      const { outcome } = await copy(name, docs, { shape: { mappings, settings: { 'index.number_of_shards': '2' } } });
      completed(outcome);
      const stored = await storedDocs(await server(), name);
      assert.deepEqual(stored, new Map(docs.map(({ id, source }) => [id, source])));
      const { request } = await server();
      const versions = docs.filter(({ version }) => version !== undefined);
      for (const { id, version, routing } of versions) {
        const query = routing === undefined ? '' : `?routing=${encodeURIComponent(routing)}`;
        const { text } = await request('GET', `/${name}/_doc/${encodeURIComponent(id)}${query}`);
        assert.ok(text.includes(`"_version":${version},`), text);
        if (routing !== undefined) assert.ok(text.includes(`"_routing":${JSON.stringify(routing)}`), text);
      }
      assert.deepEqual((await mappingsOf(name)).properties, mappings.properties);
      assert.equal((await settingsOf(name))['index.number_of_shards'], '2');
    });

    test('is made with the settings and the mapping of the source, relaxed only while it is filled', async () => {
      const name = fresh();
      const mappings = {
        _meta: { owner: 'me' },
        dynamic: 'strict',
        properties: { t: { type: 'text', analyzer: 'mine' }, n: { type: 'long', null_value: 7777 } },
      };
      const settings = {
        index: {
          ...{ number_of_replicas: '1', refresh_interval: '7s', uuid: 'abc', provided_name: 'docs' },
          ...{ creation_date: '1', version: { created: '8537000' }, blocks: { write: 'true' } },
          analysis: { analyzer: { mine: { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] } } },
        },
      };
      const native = { mappings: JSON.stringify(mappings).replace('7777', '9007199254740993') };
      let during: Record<string, string> = {};
      const { outcome } = await copy(name, numbered(50), {
        shape: { settings, native },
        settings: { batchRows: 10 },
        afterBatch: async () => {
          during = await settingsOf(name);
        },
      });
      completed(outcome);
      assert.equal(during['index.refresh_interval'], '-1');
      assert.equal(during['index.number_of_replicas'], '0');
      const now = await settingsOf(name);
      assert.equal(now['index.refresh_interval'], '7s');
      assert.equal(now['index.number_of_replicas'], '1');
      assert.equal(now['index.blocks.write'], undefined);
      assert.equal(now['index.analysis.analyzer.mine.tokenizer'], 'standard');
      const { _meta, ...mapping } = await mappingsOf(name);
      assert.deepEqual(_meta, { owner: 'me' });
      assert.equal(mapping.dynamic, 'strict');
      const { text } = await (await server()).request('GET', `/${name}/_mapping`);
      assert.ok(text.includes('"null_value":9007199254740993'), text);
      assert.equal((await storedDocs(await server(), name)).size, 50);
    });
  });
}

function numbered(count: number, from = 0): Doc[] {
  return Array.from({ length: count }, (_, at) => ({ id: `d${from + at}`, source: `{"n":${from + at}}` }));
}

function completed(outcome: Ran['outcome']): void {
  assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
}

/** The failure; its sentences are complete. */
function failed(outcome: Ran['outcome']): DataError['error'] {
  assert.ok(outcome.kind === 'failed', JSON.stringify(outcome));
  return said(outcome.error);
}

function said(error: DataError['error']): DataError['error'] {
  for (const language of ['en', 'zh-cn'] as const)
    assert.doesNotMatch(word({ code: error.code, args: error.args }, language), /\{\w+\}|undefined/);
  return error;
}
