/** Indexes of real servers as targets: documents byte for byte, every item accounted for, nothing left behind. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from '../../src/connectors/contract.ts';
import { openClient, type SearchClient } from '../../src/connectors/elasticsearch/client.ts';
import { requireIndex } from '../../src/connectors/elasticsearch/found-index.ts';
import { emptyIndex } from '../../src/connectors/elasticsearch/make-index.ts';
import { loadName } from '../../src/connectors/elasticsearch/swap-alias.ts';
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

const leftOut: (name: string, body: () => Promise<void>) => void = () => undefined;

let names = 0;

for (const kind of KINDS) {
  assert.ok(isSearchKind(kind));
  describe(`an index of ${kind}`, () => {
    const server = (): Promise<SearchServer> => sharedSearchServer(kind);
    // What is the same whatever the product is tried once.
    const once = kind === KINDS[0] ? test : leftOut;
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

    test('that is there keeps its documents in each mode as the mode says', async () => {
      const { request } = await server();
      const mine = [
        { id: 'd1', source: '{"n":1.10,"mine":true}' },
        { id: 'x', source: '{"n":0}' },
      ];
      const modes = [
        ['upsert', { d0: '{"n":0}', d1: '{"n":1,"mine":true}', x: '{"n":0}' }],
        ['replace', { d0: '{"n":0}', d1: '{"n":1}', x: '{"n":0}' }],
        ['truncate', { d0: '{"n":0}', d1: '{"n":1}' }],
      ] as const;
      for (const [write, wanted] of modes) {
        const name = fresh();
        await request('PUT', `/${name}`, {
          settings: { 'index.number_of_replicas': '0', 'index.refresh_interval': '9s' },
        });
        for (const { id, source } of mine) await request('PUT', `/${name}/_doc/${id}`, source);
        await request('POST', '/_aliases', {
          actions: [{ add: { index: name, alias: `${name}-alias`, routing: 'a' } }],
        });
        const { outcome, prepared } = await copy(name, numbered(2), { settings: { write } });
        completed(outcome);
        assert.equal(prepared, write === 'truncate' ? 'emptied' : 'rows');
        assert.deepEqual(await storedDocs(await server(), name), new Map(Object.entries(wanted)), write);
        assert.equal((await settingsOf(name))['index.refresh_interval'], '9s');
        const { text } = await request('GET', `/${name}/_alias`);
        assert.ok(text.includes('"index_routing":"a"'), text);
      }
    });

    once('takes documents of insert that it does not have, and refuses the others by their ids', async () => {
      const { request } = await server();
      const name = fresh();
      await request('PUT', `/${name}/_doc/d1?refresh=true`, '{"mine":true}');
      const { outcome } = await copy(name, numbered(3), { settings: { write: 'insert' } });
      const { code, args } = failed(outcome);
      assert.deepEqual([code, args.id], ['elasticsearch.documentExists', 'd1']);
      assert.equal((await storedDocs(await server(), name)).get('d1'), '{"mine":true}');
    });

    test('sets aside the documents that it refuses, wherever they stand, and takes them when it can', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'dt-search-letters-'));
      try {
        const deadLetters = join(folder, 'rejected.jsonl');
        const name = fresh();
        const bad = new Set([0, 7, 8, 30, 59]);
        const docs = numbered(60).map((doc, at) => (bad.has(at) ? { ...doc, source: `{"n":"no number ${at}"}` } : doc));
        const shape = { mappings: { properties: { n: { type: 'long' } } } };
        const onRowError = 'deadLetter' as const;
        const ran = await copy(name, docs, { shape, job: { deadLetters }, settings: { onRowError, batchRows: 20 } });
        completed(ran.outcome);
        assert.ok(ran.outcome.kind === 'completed' && ran.outcome.rejected === bad.size);
        assert.equal((await storedDocs(await server(), name)).size, docs.length - bad.size);
        const lines = readFileSync(deadLetters, 'utf8').split('\n').slice(1);
        const letters = lines.map((line) => JSON.parse(line) as { key: string; error: { code: string } });
        assert.deepEqual(
          letters.map(({ key }) => key),
          [...bad].map((at) => `d${at}`),
        );
        assert.ok(letters.every(({ error }) => error.code === 'elasticsearch.documentRefused'));

        const { request } = await server();
        await request('DELETE', `/${name}`);
        await request('PUT', `/${name}`, { mappings: { properties: { n: { type: 'keyword' } } } });
        const replay = { processed: 60, bytes: 1, rejected: bad.size };
        const again = await copy(name, docs, {
          prepared: 'created',
          job: { deadLetters, replay, attempt: 2 },
          settings: { onRowError },
        });
        completed(again.outcome);
        assert.ok(again.outcome.kind === 'completed' && again.outcome.rejected === 0);
        const stored = await storedDocs(await server(), name);
        assert.deepEqual([...stored.values()].sort(), [...bad].map((at) => `{"n":"no number ${at}"}`).sort());
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });

    once('does not write documents that were set aside over those that others have added since', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'dt-search-letters-'));
      try {
        const deadLetters = join(folder, 'rejected.jsonl');
        const name = fresh();
        const docs = numbered(4).map((doc, at) => (at > 1 ? { ...doc, source: `{"n":"no number ${at}"}` } : doc));
        const shape = { mappings: { properties: { n: { type: 'long' } } } };
        const settings = { onRowError: 'deadLetter', write: 'insert' } as const;
        completed((await copy(name, docs, { shape, job: { deadLetters }, settings })).outcome);
        const { request } = await server();
        await request('DELETE', `/${name}`);
        await request('PUT', `/${name}`, { mappings: { properties: { n: { type: 'keyword' } } } });
        await request('PUT', `/${name}/_doc/d3?refresh=true`, '{"n":"theirs"}');
        const replay = { processed: 4, bytes: 1, rejected: 2 };
        const job = { deadLetters, replay, attempt: 2 };
        const { outcome } = await copy(name, docs, { prepared: 'created', job, settings });
        completed(outcome);
        assert.equal(outcome.kind === 'completed' && outcome.rejected, 1);
        assert.deepEqual([...(await storedDocs(await server(), name))].sort(), [
          ['d2', '{"n":"no number 2"}'],
          ['d3', '{"n":"theirs"}'],
        ]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });

    once('fails for more bad documents than may be set aside, and for one where none may', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'dt-search-letters-'));
      try {
        const shape = { mappings: { properties: { n: { type: 'long' } } } };
        const docs = numbered(9).map((doc, at) => (at % 2 === 1 ? { ...doc, source: '{"n":"x"}' } : doc));
        const job = { deadLetters: join(folder, 'rejected.jsonl') };
        const limited = await copy(fresh(), docs, {
          ...{ shape, job, settings: { onRowError: 'deadLetter', deadLetterLimit: 3, batchRows: 4 } },
        });
        assert.ok(limited.outcome.kind === 'failed' && limited.outcome.error.code === 'pipeline.deadLetterLimit');
        const { code, args } = failed((await copy(fresh(), docs, { shape })).outcome);
        assert.deepEqual([code, args.id], ['elasticsearch.documentRefused', 'd1']);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });

    once('does not take an older version over a newer one', async () => {
      const name = fresh();
      const docs = [
        { id: 'a', source: '{"n":2}', version: 5 },
        { id: 'a', source: '{"n":1}', version: 4 },
      ];
      const { outcome } = await copy(name, docs, { settings: { batchRows: 1, verify: 'none' } });
      completed(outcome);
      assert.deepEqual([...(await storedDocs(await server(), name))], [['a', '{"n":2}']]);
    });

    once(
      'goes on where it was stopped or killed, gets its settings back each time, and is equal in the end',
      async () => {
        const name = fresh();
        const docs = numbered(100);
        const shape = { settings: { 'index.number_of_replicas': '0', 'index.refresh_interval': '5s' } };
        let state: Pick<Ran, 'checkpoint' | 'prepared'> = { checkpoint: null, prepared: null };
        for (const end of ['stop', 'kill', 'abort'] as const) {
          const settings = { batchRows: 10 };
          let batches = 0;
          const ran = await copy(name, docs, {
            ...{ shape, settings, ...state },
            afterBatch: async (_written, stop, ends) => {
              batches += 1;
              assert.equal((await settingsOf(name))['index.refresh_interval'], '-1');
              if (batches < 3) return;
              if (end === 'stop') stop();
              else ends[end]();
            },
          });
          assert.equal(ran.outcome.kind, end === 'stop' ? 'stopped' : 'failed');
          assert.equal((await settingsOf(name))['index.refresh_interval'], '5s', end);
          state = ran;
        }
        const last = await copy(name, docs, { shape, settings: { batchRows: 10 }, ...state });
        completed(last.outcome);
        assert.ok(last.written < docs.length, `${last.written}`);
        assert.deepEqual(await storedDocs(await server(), name), new Map(docs.map(({ id, source }) => [id, source])));
        const settings = await settingsOf(name);
        assert.equal(settings['index.refresh_interval'], '5s');
        assert.equal(JSON.stringify(await mappingsOf(name)).includes('datatrace'), false);
      },
    );

    once('with settings of a load whose program is gone is told of in the plan, and gets them back', async () => {
      const { request } = await server();
      const name = fresh();
      const shape = { settings: { 'index.number_of_replicas': '1', 'index.refresh_interval': '5s' } };
      const made = await target();
      await made.prepare(schemaOf('docs', shape), { ...SETTINGS, targetName: name });
      assert.equal((await settingsOf(name))['index.number_of_replicas'], '0');
      const plan = await made.plan(schemaOf('docs', shape), { ...SETTINGS, targetName: name });
      assert.deepEqual(
        plan.warnings.map(({ code }) => code),
        ['elasticsearch.plan.loadSettings'],
      );
      for (const { code, args } of plan.warnings) said({ code, args, class: 'permanent', message: '' });
      await request('PUT', `/${name}/_doc/other?refresh=true`, '{"n":0}');
      completed((await copy(name, numbered(3), { shape })).outcome);
      const settings = await settingsOf(name);
      assert.deepEqual([settings['index.number_of_replicas'], settings['index.refresh_interval']], ['1', '5s']);
    });

    test('is loaded beside what an alias points at, which is moved in one step when it is complete', async () => {
      const { request } = await server();
      const name = fresh();
      const alias = `${name}-live`;
      await request('PUT', `/${name}-old`, {
        settings: { 'index.number_of_replicas': '0' },
        aliases: { [alias]: { filter: { match_all: {} } } },
      });
      await request('PUT', `/${name}-old/_doc/old?refresh=true`, '{"n":0}');
      const settings = { swapAlias: alias, batchRows: 10 };
      const behind = async (): Promise<string[]> =>
        Object.keys((await request('GET', `/_alias/${alias}`)).json() as object);

      let batches = 0;
      const killed = await copy(name, numbered(40), {
        settings,
        afterBatch: async (_written, _stop, { kill }) => {
          batches += 1;
          assert.deepEqual(await behind(), [`${name}-old`]);
          if (batches === 2) kill();
        },
      });
      assert.equal(killed.outcome.kind, 'failed');
      const { checkpoint, prepared } = killed;
      const { outcome, written } = await copy(name, numbered(40), { settings, checkpoint, prepared });
      completed(outcome);
      assert.ok(written <= 30, `${written}`);

      const [index = '', ...others] = await behind();
      assert.deepEqual(others, []);
      assert.match(index, new RegExp(`^${name}-\\d{14}$`));
      assert.equal((await storedDocs(await server(), index)).size, 40);
      assert.ok((await request('GET', `/_alias/${alias}`)).text.includes('match_all'));
      assert.equal(JSON.stringify(await mappingsOf(index)).includes('datatrace'), false);
      assert.equal((await storedDocs(await server(), `${name}-old`)).size, 1);
      const found = await request('GET', `/${name}-2*/_alias`);
      assert.deepEqual(Object.keys(found.json() as object), [index]);
      // Its rows are counted where they are now.
      const counted = await (await target()).count(
        schemaOf('docs'),
        { ...SETTINGS, targetName: name, swapAlias: alias },
        null,
      );
      assert.equal(counted, 40);

      const plan = await (await target()).plan(schemaOf('docs'), {
        ...SETTINGS,
        targetName: name,
        swapAlias: `${name}-old`,
      });
      assert.deepEqual(
        plan.refusals.map(({ code }) => code),
        ['elasticsearch.plan.aliasIsIndex'],
      );
    });

    once(
      'behind its alias is neither emptied nor removed by what comes after a kill before its load was ended',
      async () => {
        const { request } = await server();
        const made = await target();
        const name = fresh();
        const alias = `${name}-live`;
        const settings = { ...SETTINGS, targetName: name, swapAlias: alias };
        completed((await copy(name, numbered(3), { settings })).outcome);
        const behind = async (): Promise<string[]> =>
          Object.keys((await request('GET', `/_alias/${alias}`)).json() as object);
        const [index = ''] = await behind();
        const shape = { settings: { 'index.number_of_replicas': '0' } };
        let newest = index;
        for (const begin of ['empty', 'prepare'] as const) {
          const load = { owed: {}, relaxed: false, alias, unit: 'docs' };
          await request('PUT', `/${index}/_mapping`, { _meta: { datatrace_load: load } });
          // Names of loads have seconds.
          const deadline = Date.now() + 5_000;
          while (loadName(name, new Date()) <= newest && Date.now() < deadline) await delay(20);
          await made[begin](schemaOf('docs', shape), settings);
          assert.deepEqual(await behind(), [index]);
          assert.equal((await storedDocs(await server(), index)).size, 3);
          assert.equal(JSON.stringify(await mappingsOf(index)).includes('datatrace'), false);
          const loads = Object.keys((await request('GET', `/${name}-2*/_alias`)).json() as object).sort();
          assert.equal(loads.length, 2);
          newest = loads[1] ?? '';
        }
      },
    );

    once('of a source that is being filled itself gets the settings that the source will have', async () => {
      const name = fresh();
      const owed = { 'index.refresh_interval': '5s', 'index.number_of_replicas': null };
      const mappings = { _meta: { of: 'me', datatrace_load: { owed, relaxed: true } } };
      const shape = { settings: { 'index.refresh_interval': '-1', 'index.number_of_replicas': '0' }, mappings };
      completed((await copy(name, numbered(2), { shape })).outcome);
      const settings = await settingsOf(name);
      assert.deepEqual([settings['index.refresh_interval'], settings['index.number_of_replicas']], ['5s', '1']);
      assert.deepEqual((await mappingsOf(name))._meta, { of: 'me' });
    });

    once('is emptied with the definition that it has, whatever an older kill has left', async () => {
      const { request } = await server();
      const name = fresh();
      await request('PUT', `/${name}`, { settings: { 'index.number_of_replicas': '0' } });
      await request('PUT', `/${name}/_doc/1?refresh=true`, '{"n":1}');
      const { connection, client } = await rawClient(await server());
      const dying: SearchClient = {
        ...client,
        send: (sent) => {
          if (sent.method === 'DELETE') throw new Error('killed');
          return client.send(sent);
        },
      };
      const found = await requireIndex(client, connection, name);
      await assert.rejects(emptyIndex({ client: dying, connection }, found), /killed/);
      await client.close();
      await request('PUT', `/${name}/_settings`, { 'index.refresh_interval': '9s' });
      completed((await copy(name, numbered(2), { settings: { write: 'truncate' } })).outcome);
      assert.equal((await settingsOf(name))['index.refresh_interval'], '9s');
      assert.equal((await request('GET', `/${name}-datatrace-definition`)).status, 404);

      // Made again, and killed before what was kept of it was removed.
      const meta = { _meta: { datatrace_aliases: {}, datatrace_uuid: 'gone' } };
      await (await target()).prepare(schemaOf('docs'), { ...SETTINGS, targetName: `${name}-x` });
      await request('PUT', `/${name}-x-datatrace-definition`, { mappings: meta });
      completed((await copy(`${name}-x`, numbered(2))).outcome);
      assert.equal((await request('GET', `/${name}-x-datatrace-definition`)).status, 404);
      // Of somebody else.
      await request('PUT', `/${name}-y-datatrace-definition`, {});
      completed((await copy(`${name}-y`, numbered(2))).outcome);
      assert.equal((await request('GET', `/${name}-y-datatrace-definition`)).status, 200);
    });

    once(
      'is never one of these: a bad name, a system index, an alias, a data stream, the source, one that keeps no source',
      async () => {
        const { request } = await server();
        const made = await target();
        const name = fresh();
        await request('PUT', `/${name}`, { mappings: { _source: { excludes: ['x'] } } });
        await request('PUT', `/${name}-a`, { aliases: { [`${name}-alias`]: {} } });
        const { text } = await request('GET', `/${name}-a/_settings?flat_settings=true`);
        const uuid = /"index\.uuid":"([^"]+)"/.exec(text)?.[1] ?? '';
        const cluster = ((await request('GET', '/')).json() as { cluster_uuid: string }).cluster_uuid;
        const own = schemaOf('docs', { native: { cluster, indexes: [{ name: 'elsewhere', uuid }] } });
        const cases = [
          [{ targetName: '*' }, 'elasticsearch.badIndexName'],
          [{ targetName: 'a,b' }, 'elasticsearch.badIndexName'],
          [{ targetName: '_all' }, 'elasticsearch.badIndexName'],
          [{ targetName: 'Big' }, 'elasticsearch.upperCaseIndexName'],
          [{ targetName: '.kibana' }, 'elasticsearch.systemIndexName'],
          [{ targetName: `${name}-alias` }, 'elasticsearch.plan.isAlias'],
          [{ targetName: `${name}-a` }, 'elasticsearch.plan.targetIsSource'],
          [{ targetName: `${name}-a`, createTarget: 'recreate' }, 'elasticsearch.plan.targetIsSource'],
          [{ targetName: name }, 'elasticsearch.plan.keepsNoSource'],
          [{ targetName: `${name}-none`, createTarget: 'never' }, 'elasticsearch.indexMissing'],
          [{ targetName: `${name}-none`, checkpoint: 'target' }, 'elasticsearch.plan.checkpoint'],
        ] as const;
        for (const [settings, wanted] of cases) {
          const all = { ...SETTINGS, ...settings };
          const { refusals } = await made.plan(own, all);
          assert.deepEqual(
            refusals.map(({ code }) => code),
            [wanted],
            JSON.stringify(settings),
          );
          for (const each of refusals) said({ ...each, class: 'permanent', message: '' });
          await assert.rejects(made.prepare(own, all), ({ error }: DataError) => error.code === wanted);
        }
        const inItself = { ...SETTINGS, targetName: `${name}-a` };
        const isOwn = ({ error }: DataError): boolean => error.code === 'elasticsearch.plan.targetIsSource';
        // An alias that is read was moved to the target after the copy had begun.
        await assert.rejects(made.empty(own, inItself), isOwn);
        const options = { settings: inItself, format: 'search-hits', atomic: false } as const;
        await assert.rejects(made.write(own, options), isOwn);
        assert.equal((await request('GET', `/${name}-a`)).status, 200);
      },
    );

    test('that is closed, read-only, removed or replaced says so', async () => {
      const { request } = await server();
      const settings = { batchRows: 10 };
      const during = async (act: (name: string) => Promise<unknown>, more: object = {}, at = 10): Promise<string> => {
        const name = fresh();
        const { outcome } = await copy(name, numbered(30), {
          settings: { ...settings, ...more },
          afterBatch: async (written) => {
            if (written === at) await act(name);
          },
        });
        return failed(outcome).code;
      };
      assert.equal(await during((name) => request('POST', `/${name}/_close`)), 'elasticsearch.indexClosed');
      const block = (of: string) => (name: string) =>
        request('PUT', `/${name}/_settings`, { [`index.blocks.${of}`]: true });
      assert.equal(await during(block('write')), 'elasticsearch.blocked');
      assert.equal(await during(block('read_only_allow_delete')), 'elasticsearch.diskFull');
      assert.equal(await during((name) => request('DELETE', `/${name}`)), 'elasticsearch.indexReplaced');

      const again = async (name: string): Promise<void> => {
        await request('DELETE', `/${name}`);
        await request('PUT', `/${name}`);
      };
      assert.equal(await during(again, { verify: 'none' }, 30), 'elasticsearch.indexReplaced');

      const name = fresh();
      await request('PUT', `/${name}`, { settings: { 'index.blocks.write': true } });
      const { refusals } = await (await target()).plan(schemaOf('docs'), { ...SETTINGS, targetName: name });
      assert.deepEqual(
        refusals.map(({ code }) => code),
        ['elasticsearch.plan.readOnly'],
      );
      await request('POST', `/${name}/_close`);
      const closed = await (await target()).plan(schemaOf('docs'), { ...SETTINGS, targetName: name });
      assert.deepEqual(closed.refusals.map(({ code }) => code)[0], 'elasticsearch.indexClosed');
    });

    test('is planned with what the server does not know, and compared where it is there', async () => {
      const { request } = await server();
      const made = await target();
      const name = fresh();
      const settings = { 'index.number_of_shards': '1', 'index.nobody.knows': 'x', 'index.lifecycle.name': 'gone' };
      const shape = {
        settings,
        mappings: { properties: { a: { type: 'keyword' }, o: { properties: { x: { type: 'long' } } } } },
      };
      const plan = await made.plan(schemaOf('docs', shape), { ...SETTINGS, targetName: name });
      assert.deepEqual(plan.warnings, [
        { code: 'elasticsearch.plan.settingsLeftOut', args: { unit: 'docs', settings: 'index.lifecycle.name' } },
        {
          code: 'elasticsearch.plan.settingsUnknown',
          args: { unit: 'docs', server: plan.warnings[1]?.args.server ?? '', settings: 'index.nobody.knows' },
        },
      ]);
      assert.ok(plan.create?.startsWith(`PUT /${name}\n`) && !plan.create.includes('nobody'));
      completed((await copy(name, numbered(1), { shape })).outcome);

      const odd = { mappings: { properties: { a: { type: 'no_such_type' } } } };
      const refused = await made.plan(schemaOf('docs', odd), { ...SETTINGS, targetName: fresh() });
      assert.deepEqual(
        refused.refusals.map(({ code }) => code),
        ['elasticsearch.plan.definitionRefused'],
      );
      assert.match(String(refused.refusals[0]?.args.detail), /no_such_type/);

      const there = fresh();
      await request('PUT', `/${there}`, { mappings: { dynamic: 'strict', properties: { a: { type: 'text' } } } });
      const found = await made.plan(schemaOf('docs', shape), { ...SETTINGS, targetName: there });
      assert.deepEqual(
        found.warnings.map(({ code, args }) => [code, args.fields]),
        [
          ['elasticsearch.plan.otherTypes', 'a (keyword, text)'],
          ['elasticsearch.plan.strict', 'o, o.x'],
        ],
      );
      await request('PUT', `/${there}-o`, { mappings: { properties: { o: { type: 'long' } } } });
      const conflict = await made.plan(schemaOf('docs', shape), { ...SETTINGS, targetName: `${there}-o` });
      assert.deepEqual(
        conflict.refusals.map(({ code }) => code),
        ['elasticsearch.plan.fieldConflict'],
      );
      const piped = await request('PUT', `/${there}-p`, { settings: { 'index.default_pipeline': 'p' } });
      assert.equal(piped.status, 200);
      await request('PUT', `/${there}-p/_doc/1?pipeline=_none&refresh=true`, '{"n":1}');
      const merged = await made.plan(schemaOf('docs'), { ...SETTINGS, targetName: `${there}-p` });
      assert.deepEqual(
        merged.warnings.map(({ code }) => code),
        ['elasticsearch.plan.merges', 'elasticsearch.plan.defaultPipeline'],
      );
      for (const each of [
        ...merged.warnings,
        ...plan.warnings,
        ...refused.refusals,
        ...found.warnings,
        ...conflict.refusals,
      ])
        said({ ...each, class: 'permanent', message: '' });
    });

    for (const taken of [false, true])
      once(
        `is emptied by a kill at no point: its definition is always somewhere${taken ? ', also where its name is taken' : ''}`,
        async () => {
          const { request } = await server();
          const name = fresh();
          const body = {
            settings: { 'index.number_of_replicas': '0', 'index.refresh_interval': '3s' },
            mappings: { _meta: { of: 'me' } },
            aliases: { [`${name}-a`]: {} },
          };
          await request('PUT', `/${name}`, body);
          await request('PUT', `/${name}/_doc/1?refresh=true`, '{"mine":1}');
          // What a kill between the removal and the making leaves.
          const { connection, client } = await rawClient(await server());
          let calls = 0;
          const dying: SearchClient = {
            ...client,
            send: (sent) => {
              if (sent.method === 'PUT' && sent.path[0] === name) throw new Error('killed');
              calls += 1;
              return client.send(sent);
            },
          };
          await assert.rejects(
            emptyIndex({ client: dying, connection }, await requireIndex(client, connection, name)),
            /killed/,
          );
          await client.close();
          assert.ok(calls > 0);
          assert.equal((await request('GET', `/${name}`)).status, 404);
          // Somebody who knows nothing of it writes: the server makes an index of its own.
          if (taken) await request('PUT', `/${name}/_doc/theirs?refresh=true`, '{"n":"theirs"}');
          completed((await copy(name, numbered(2), { settings: { write: 'truncate' } })).outcome);
          const settings = await settingsOf(name);
          assert.equal(settings['index.refresh_interval'], '3s');
          assert.deepEqual((await mappingsOf(name))._meta, { of: 'me' });
          assert.equal((await request('GET', `/_alias/${name}-a`)).status, 200);
          assert.equal((await request('GET', `/${name}-datatrace-definition`)).status, 404);
          assert.deepEqual([...(await storedDocs(await server(), name)).keys()].sort(), ['d0', 'd1']);
        },
      );
  });
}

async function rawClient(server: SearchServer) {
  const connection = connectionTo(server);
  return { connection, client: openClient(connection) };
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
