/** Indexes of real search servers, read through the source alone: every document, byte for byte, whatever happens meanwhile. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page, Source } from '../../src/connectors/contract.ts';
import { openElasticsearchSource } from '../../src/connectors/elasticsearch/source.ts';
import { openTarget } from '../../src/connectors/registry.ts';
import { DataError } from '../../src/core/ports.ts';
import type { ElasticsearchConnection, UnitSettings } from '../../src/core/settings.ts';
import { runUnit, SETTINGS } from '../conformance/run-unit.ts';
import { type SearchServer, startSearchServer } from '../servers/elasticsearch/instance.ts';
import { isSearchKind } from '../servers/elasticsearch/kinds.ts';
import { type Fault, startProxy } from '../servers/wire-proxy.ts';
import { eventually } from './attempts.ts';
import { connectionTo } from './search-documents.ts';
import {
  ANY,
  allPages,
  documentsOf,
  extentOf,
  forgetMoments,
  isJson,
  NESTED,
  nasty,
  nextOf,
  numbered,
  openContexts,
  options,
  refused,
  rejected,
  repeated,
  restOf,
  type Shards,
  SIZES,
  searches,
  sentence,
  seqIn,
  sorted,
  versionOf,
  type Written,
} from './search-reading.ts';

const ASKED = process.env.DATATRACE_TEST_SEARCH_KINDS;
/** Places at which the network fails; more of them with DATATRACE_SEARCH_POINTS. */
const POINTS = Number(process.env.DATATRACE_SEARCH_POINTS ?? 6);
const KINDS = (ASKED || 'elasticsearch8,opensearch2').split(',');

for (const kind of KINDS) {
  assert.ok(isSearchKind(kind));
  /** Of two kinds the second one is spared what hardly depends on it. */
  const spared = { skip: !ASKED && kind !== KINDS[0] };
  describe(`a source: ${kind}`, () => {
    let server: SearchServer;
    const sources: Source[] = [];
    before(async () => {
      // One of its own: it is killed.
      server = await startSearchServer(kind, { name: 'source', own: true });
    });
    after(async () => {
      for (const source of sources) await source.close();
      await server?.stop();
    });
    const open = async (more: Partial<ElasticsearchConnection> = {}): Promise<Source> => {
      const source = await openElasticsearchSource(connectionTo(server, more));
      sources.push(source);
      return source;
    };
    const request = async (method: string, path: string, body?: unknown): Promise<string> => {
      const { status, text } = await server.request(method, path, body);
      assert.ok(status < 300, `${method} ${path}: ${text.slice(0, 500)}`);
      return text;
    };
    /** An index of so many shards, with some fields that are searched and one that is not. */
    const makeIndex = async (index: string, shards = 1, more: object = {}, settings: object = {}): Promise<void> => {
      const properties = { n: { type: 'long' }, k: { type: 'keyword' }, t: { type: 'text' }, any: ANY, kids: NESTED };
      await request('PUT', `/${index}`, {
        settings: { number_of_shards: shards, number_of_replicas: 0, ...settings },
        mappings: { properties, ...more },
      });
    };
    /** Two that lead to different shards. */
    const routings = async (index: string): Promise<string[]> => {
      const found = new Map<string, string>();
      for (let at = 0; found.size < 2; at++) {
        const { shards } = JSON.parse(await request('GET', `/${index}/_search_shards?routing=r${at}`)) as Shards;
        const shard = String(shards[0]?.[0]?.shard);
        if (!found.has(shard)) found.set(shard, `r${at}`);
      }
      return [...found.values()];
    };
    const write = async (index: string, docs: Iterable<Written>): Promise<void> => {
      const lines: string[] = [];
      for (const { id, routing, source } of docs) {
        const about = JSON.stringify({ _id: id, ...(routing === undefined ? {} : { routing }) });
        lines.push(source === null ? `{"delete":${about}}` : `{"index":${about}}\n${source}`);
      }
      const text = await request('POST', `/${index}/_bulk?refresh=true`, `${lines.join('\n')}\n`);
      assert.ok(text.includes('"errors":false'), text.slice(0, 500));
    };

    /** All documents of an index. */
    const everything = async (index: string): Promise<Map<string, string>> => {
      const source = await open();
      const schema = await source.describe(index, SETTINGS);
      const { upTo } = await extentOf(source, schema);
      return new Map((await allPages(source, schema, upTo)).flatMap(documentsOf).map(({ id, source }) => [id, source]));
    };

    test('lists indexes; aliases as views; closed ones with why they are left out; no hidden ones', async () => {
      const source = await open();
      await makeIndex('list-open');
      await makeIndex('list-closed');
      await request('POST', '/list-closed/_close');
      await request('PUT', '/list-hidden', { settings: { 'index.hidden': true } });
      await request('POST', '/_aliases', { actions: [{ add: { index: 'list-open', alias: 'list-alias' } }] });
      const listed = (await source.listUnits()).filter(({ name }) => name.startsWith('list-'));
      assert.deepEqual(listed, [
        { name: 'list-alias', type: 'index', view: true, rows: null },
        {
          ...{ name: 'list-closed', type: 'index', view: false, rows: null },
          leftOut: { code: 'elasticsearch.closedUnit', args: { unit: 'list-closed' } },
        },
        { name: 'list-open', type: 'index', view: false, rows: null },
      ]);
      assert.equal(
        (await refused(source.describe('list-closed', SETTINGS).then((it) => source.extent?.(it, null)))).code,
        'elasticsearch.indexClosed',
      );
      for (const name of ['list-none', '*', 'list-*', '_all', 'list-open,list-closed'])
        assert.equal((await refused(source.describe(name, SETTINGS))).code, 'elasticsearch.indexMissing', name);
    });

    test(
      'tells what an index is; new fields do not change that, another index of the same name does',
      spared,
      async () => {
        const source = await open();
        await makeIndex('described', 2, { _meta: { exact: 1 } });
        await write('described', numbered(3));
        const schema = await source.describe('described', SETTINGS);
        const { engine, key, readBy, columns, warnings, refusals } = schema;
        assert.deepEqual({ engine, key, readBy }, { engine: 'elasticsearch', key: ['_id'], readBy: ['_seq_no'] });
        assert.deepEqual(
          columns.map(({ name }) => name),
          ['_id', '_routing', '_source'],
        );
        assert.deepEqual({ warnings, refusals }, { warnings: [], refusals: [] });
        assert.ok((schema.rowBytes ?? 0) > 0);
        const native = schema.native as { readonly mappings: string; readonly settings: string };
        assert.match(native.mappings, /"k":\{"type":"keyword"\}/);
        assert.match(native.settings, /"index.number_of_shards":"2"/);
        const fingerprint = async (settings: Partial<UnitSettings> = {}) =>
          (await source.describe('described', { ...SETTINGS, ...settings })).fingerprint;
        await request('PUT', '/described/_mapping', { properties: { later: { type: 'long' } } });
        assert.equal(await fingerprint(), schema.fingerprint);
        for (const other of [{ query: { term: { n: 1 } } }, { sort: ['n'] }, { columns: ['n'] }])
          assert.notEqual(await fingerprint(other), schema.fingerprint);
        await request('DELETE', '/described');
        await makeIndex('described', 2);
        assert.notEqual(await fingerprint(), schema.fingerprint);
      },
    );

    test(
      'refuses what cannot be read as it is asked for, and warns of documents that are not what was written',
      spared,
      async () => {
        const source = await open();
        const codes = async (index: string, settings: Partial<UnitSettings> = {}): Promise<string[]> => {
          const { refusals, warnings } = await source.describe(index, { ...SETTINGS, ...settings });
          for (const each of [...refusals, ...warnings]) sentence(each);
          return [...refusals, ...warnings].map(({ code }) => code);
        };
        await makeIndex('no-source', 1, { _source: { enabled: false } });
        assert.deepEqual(await codes('no-source'), ['elasticsearch.plan.noSource']);
        await makeIndex('part-source', 1, { _source: { excludes: ['t'] } });
        assert.deepEqual(await codes('part-source'), ['elasticsearch.plan.partOfSource']);
        await makeIndex('plain');
        assert.deepEqual(await codes('plain', { where: 'a = 1', key: ['n'] }), [
          'elasticsearch.plan.whereNotUsed',
          'elasticsearch.plan.keyNotUsed',
        ]);
        await write('plain', [...numbered(2), { id: 'x', source: '{"t":"no number"}' }]);
        assert.deepEqual(await codes('plain', { sort: ['n'] }), ['elasticsearch.plan.sortMissing']);
        assert.deepEqual(await codes('plain', { sort: ['t'] }), ['elasticsearch.plan.sortField']);
        assert.deepEqual(await codes('plain', { sort: ['nothing'] }), ['elasticsearch.plan.sortField']);
        await makeIndex('plain-2');
        const both = ['plain', 'plain-2'].map((index) => ({ add: { index, alias: 'plain-both' } }));
        await request('POST', '/_aliases', { actions: both });
        assert.deepEqual(await codes('plain-both'), ['elasticsearch.plan.severalIndexes']);
      },
    );

    test('reads every document once, byte for byte, with its id, routing and version; in pages and ranges of any size', async () => {
      await makeIndex('exact', 3, {}, { 'mapping.nested_objects.limit': 100 });
      const docs = new Map(nasty().map((doc) => [doc.id, doc]));
      await write('exact', numbered(40));
      await write('exact', docs.values());
      await write('exact', [...docs.values()].slice(0, 5));
      await write(
        'exact',
        numbered(40).map(({ id }) => ({ id, source: null })),
      );
      // As no bulk request can bring it.
      const lines: Written = { id: 'lines', source: '{\n  "n": 1,\r\n  "t": "x" }' };
      await request('PUT', '/exact/_doc/lines?refresh=true', lines.source);
      docs.set('lines', lines);
      for (const compression of [false, true]) {
        const source = await open({ compression });
        const schema = await source.describe('exact', SETTINGS);
        const extent = await extentOf(source, schema);
        assert.equal(extent.rows, docs.size);
        assert.equal(await source.count(schema, null, extent.upTo), docs.size);
        assert.equal(seqIn(await source.upperBound(schema, null)), seqIn(extent.upTo));
        for (const size of compression ? [{}] : SIZES) {
          const pages = await allPages(source, schema, extent.upTo, size);
          const read = pages.flatMap(documentsOf);
          assert.deepEqual(
            sorted(read),
            sorted([...docs.values()].map((doc) => ({ ...doc, version: versionOf(doc, docs) }))),
          );
          assert.ok(pages.every(({ rows }) => rows <= (size.pageRows ?? 1_000)));
          assert.equal(new Set(pages.map(({ last }) => last)).size, pages.length);
        }
        const borders =
          (await source.borders?.(schema, { where: null, upTo: extent.upTo ?? '', rows: docs.size, parts: 4 })) ?? [];
        assert.ok(borders.length >= 2, borders.join());
        const ends = [...borders, extent.upTo];
        const lanes = await Promise.all(
          ends.map((upTo, at) => allPages(source, schema, upTo, { after: ends[at - 1] ?? null, pageRows: 3 })),
        );
        assert.equal(
          new Set(
            lanes
              .flat(2)
              .flatMap(documentsOf)
              .map(({ id }) => id),
          ).size,
          docs.size,
        );
        assert.equal(
          lanes.flat(2).reduce((sum, { rows }) => sum + rows, 0),
          docs.size,
        );
        assert.equal(await source.late?.(schema, extent.upTo ?? ''), null);
      }
    });

    test('goes on after every page, also in another moment, and finds nothing in an empty index', spared, async () => {
      await makeIndex('resumed', 2);
      await write('resumed', numbered(25));
      const schema = await (await open()).describe('resumed', SETTINGS);
      const first = await open();
      const { upTo } = await extentOf(first, schema);
      const pages = await allPages(first, schema, upTo, { pageRows: 4 });
      for (const [at, page] of pages.entries()) {
        const rest = await allPages(await open(), schema, upTo, { after: page.last, pageRows: 4 });
        const all = [...pages.slice(0, at + 1), ...rest].flatMap(documentsOf);
        assert.equal(all.length, 25);
        assert.equal(new Set(all.map(({ id }) => id)).size, 25);
      }
      await makeIndex('empty');
      const source = await open();
      const nothing = await source.describe('empty', SETTINGS);
      assert.deepEqual(await source.extent?.(nothing, null), { upTo: null, rows: 0 });
      assert.equal(await source.upperBound(nothing, null), null);
      assert.deepEqual(await allPages(source, nothing, null), []);
    });

    test('sees what was written before it looks, though nobody has refreshed the index', spared, async () => {
      await makeIndex('unseen', 1, {}, { refresh_interval: '-1' });
      await request('PUT', '/unseen/_doc/1', '{"n":1}');
      const source = await open();
      const schema = await source.describe('unseen', SETTINGS);
      assert.deepEqual(await source.extent?.(schema, null), { upTo: '{"seq":0}', rows: 1 });
    });

    test('all readers see one moment, whatever is written meanwhile', spared, async () => {
      await makeIndex('moment', 2);
      await write('moment', numbered(30));
      const source = await open();
      const schema = await source.describe('moment', SETTINGS);
      const { upTo } = await extentOf(source, schema);
      const [border = ''] =
        (await source.borders?.(schema, { where: null, upTo: upTo ?? '', rows: 30, parts: 2 })) ?? [];
      const low = await source.read(schema, options({ upTo: border, pageRows: 5 }));
      const begun = await nextOf(low);
      await write('moment', [...numbered(30, '"later"'), { id: 'new', source: '{"n":1}' }, { id: 'd3', source: null }]);
      const rest = await restOf(low);
      const high = await allPages(source, schema, upTo, { after: border });
      const read = [begun as Page, ...rest, ...high].flatMap(documentsOf);
      assert.deepEqual(sorted(read), sorted(numbered(30).map((doc) => ({ ...doc, version: '1' }))));
      assert.equal(await source.late?.(schema, upTo ?? ''), null);
    });

    test('a lost moment is followed by another: what changed in between is told as late, and read', async () => {
      await makeIndex('lost', 2);
      await write('lost', numbered(40));
      const source = await open();
      const schema = await source.describe('lost', SETTINGS);
      const { upTo } = await extentOf(source, schema);
      assert.ok(upTo !== null);
      const reader = await source.read(schema, options({ upTo, pageRows: 5 }));
      const pages = [await nextOf(reader), await nextOf(reader)].filter((page) => page !== null);
      await write('lost', [
        ...numbered(40, '"later"').filter((_, at) => at % 3 === 0),
        { id: 'new', source: '{"n":1}' },
      ]);
      await forgetMoments(server, 'lost');
      pages.push(...(await restOf(reader)));
      const late = await source.late?.(schema, upTo);
      assert.ok(late);
      pages.push(...(await allPages(source, schema, late.upTo, { after: late.after })));
      assert.equal(await source.late?.(schema, late.upTo), null);
      const newest = new Map(pages.flatMap(documentsOf).map((doc) => [doc.id, doc.source]));
      const expected = new Map([
        ...numbered(40).map(({ id, source }) => [id, source] as const),
        ...numbered(40, '"later"').flatMap(({ id, source }, at) => (at % 3 === 0 ? [[id, source] as const] : [])),
        ['new', '{"n":1}'] as const,
      ]);
      assert.deepEqual(newest, expected);
    });

    test('documents that move into a range that was read already are found there, also after an interruption', async () => {
      const makeUneven = async (index: string): Promise<Written[]> => {
        // The numbers of each shard are its own: those of the small one end long before those of the large one.
        await makeIndex(index, 2);
        const [small = '', large = ''] = await routings(index);
        const docs = numbered(80).map((doc, at) => ({ ...doc, routing: at < 20 ? small : large }));
        await write(index, docs);
        return docs;
      };
      for (const interrupted of [false, true]) {
        const index = `uneven-${interrupted}`;
        const docs = await makeUneven(index);
        const source = await open();
        const schema = await source.describe(index, SETTINGS);
        const { upTo } = await extentOf(source, schema);
        assert.equal(seqIn(upTo), 59);
        const border = '{"seq":10}';
        const pages = await allPages(source, schema, upTo, { after: border });
        const moved = docs
          .slice(0, 11)
          .map((doc) => ({ ...doc, source: String(doc.source).replace('first', 'later') }));
        await write(index, moved);
        await forgetMoments(server, index);
        const second = interrupted ? await open() : source;
        pages.push(...(await allPages(second, schema, border)));
        const late = await second.late?.(schema, upTo ?? '');
        assert.deepEqual(late, { after: '{"seq":19}', upTo: late?.upTo });
        pages.push(...(await allPages(second, schema, late?.upTo ?? '', { after: late?.after ?? '' })));
        assert.equal(await second.late?.(schema, late?.upTo ?? ''), null);
        const newest = new Map(pages.flatMap(documentsOf).map(({ id, source }) => [id, source]));
        assert.deepEqual(newest, new Map([...docs, ...moved].map(({ id, source }) => [id, source])));
      }
    });

    test('shards of several indexes are told apart', async () => {
      await makeIndex('many-1', 3);
      await makeIndex('many-2', 2);
      await makeIndex('many-3');
      const actions = ['many-1', 'many-2', 'many-3'].map((index) => ({ add: { index, alias: 'many' } }));
      await request('POST', '/_aliases', { actions });
      await write('many-1', numbered(30));
      await write(
        'many-2',
        numbered(10).map((doc) => ({ ...doc, id: `x${doc.id}` })),
      );
      const source = await open();
      const schema = await source.describe('many', SETTINGS);
      const { upTo, rows } = await extentOf(source, schema);
      assert.equal(rows, 40);
      const { shards } = JSON.parse(upTo ?? '') as { readonly shards: readonly number[] };
      assert.equal(shards.length, 6);
      // The first document has number 0, and the empty index none.
      assert.equal(
        shards.reduce((sum, seq) => sum + seq + 1, 0),
        40,
      );
      assert.equal(await (await open()).late?.(schema, upTo ?? ''), null);
      await write('many-3', [{ id: 'late', source: '{"n":1}' }]);
      const late = await (await open()).late?.(schema, upTo ?? '');
      assert.equal(late?.after, '{"seq":-1}');
    });

    test('a server that is killed in the middle is waited for, by all readers', spared, async () => {
      await makeIndex('killed', 2);
      await write('killed', numbered(60));
      const source = await open({ requestTimeoutMs: 5_000 });
      const schema = await source.describe('killed', SETTINGS);
      const { upTo } = await extentOf(source, schema);
      const [border = ''] =
        (await source.borders?.(schema, { where: null, upTo: upTo ?? '', rows: 60, parts: 2 })) ?? [];
      const readers = [
        await source.read(schema, options({ upTo: border, pageRows: 4 })),
        await source.read(schema, options({ after: border, upTo, pageRows: 4 })),
      ];
      const begun = await Promise.all(readers.map(nextOf));
      const restarted = server.restart();
      const rest = await Promise.all(readers.map(restOf));
      await restarted;
      const read = [...begun.filter((page) => page !== null), ...rest.flat()].flatMap(documentsOf);
      assert.equal(read.length, 60);
      assert.equal(new Set(read.map(({ id }) => id)).size, 60);
      assert.equal(await source.late?.(schema, upTo ?? ''), null);
    });

    test('a network that fails anywhere is asked again, and nothing is lost or doubled', spared, async (t) => {
      await makeIndex('wire', 2);
      await write('wire', numbered(60));
      const proxy = await startProxy(Number(new URL(server.url).port));
      const connection = connectionTo({ ...server, url: `http://127.0.0.1:${proxy.port}` }, { requestTimeoutMs: 400 });
      const source = await openElasticsearchSource(connection);
      try {
        const schema = await source.describe('wire', SETTINGS);
        const readAll = async (): Promise<void> => {
          const { upTo } = await extentOf(source, schema);
          const read = (await allPages(source, schema, upTo, { pageRows: 10 })).flatMap(documentsOf);
          assert.equal(read.length, 60);
          assert.equal(new Set(read.map(({ id }) => id)).size, 60);
          assert.equal(await source.late?.(schema, upTo ?? ''), null);
        };
        const before = proxy.passed();
        await readAll();
        const bytes = proxy.passed() - before;
        const faults: readonly Fault[] = ['cut', 'reset', 'stall'];
        for (let at = 0; at < POINTS; at++) {
          const met = proxy.faults();
          proxy.failAfter(Math.floor((bytes * (at + 0.5)) / POINTS), faults[at % faults.length] ?? 'cut');
          const reading = readAll();
          // A network is not down for ever.
          await Promise.race([reading, eventually(() => proxy.faults() > met, 'the fault')]);
          proxy.heal();
          await reading;
        }
        t.diagnostic(`${proxy.faults()} faults in ${POINTS} readings of ${bytes} bytes`);
      } finally {
        await source.close();
        await proxy.close();
      }
    });

    test('an index that is removed or replaced in the middle ends the reading', spared, async () => {
      const source = await open();
      for (const [index, code] of [
        ['removed', 'elasticsearch.indexMissing'],
        ['replaced', 'elasticsearch.unitChanged'],
      ] as const) {
        await makeIndex(index);
        await write(index, numbered(20));
        const schema = await source.describe(index, SETTINGS);
        const { upTo } = await extentOf(source, schema);
        const reader = await source.read(schema, options({ upTo, pageRows: 5 }));
        await reader.next();
        await request('DELETE', `/${index}`);
        if (index === 'replaced') {
          await makeIndex(index);
          await write(index, numbered(20));
        }
        const { error } = await rejected(restOf(reader));
        assert.equal(error.code, code);
        assert.equal(error.class, 'permanent');
        sentence(error);
        await reader.close();
      }
    });

    test('a snapshot is one moment for everything, and its loss is an error', async () => {
      await makeIndex('frozen');
      await write('frozen', numbered(20));
      const live = await open();
      const schema = await live.describe('frozen', SETTINGS);
      const abort = new AbortController();
      const source = await live.snapshot?.({ signal: abort.signal, wait: (turn) => turn });
      assert.ok(source !== undefined);
      const { upTo, rows } = await extentOf(source, schema);
      await write('frozen', [...numbered(10, '"later"'), { id: 'new', source: '{}' }]);
      assert.equal(await source.count(schema, null, upTo), rows);
      assert.equal((await allPages(source, schema, upTo)).flatMap(documentsOf).length, 20);
      assert.equal(await source.late?.(schema, upTo ?? ''), null);
      assert.equal(await source.count(schema, null, upTo), rows);
      const reader = await source.read(schema, options({ upTo, pageRows: 5 }));
      await reader.next();
      await forgetMoments(server, 'frozen');
      assert.equal((await refused(restOf(reader))).code, 'elasticsearch.momentLost');
      await reader.close();
      await source.close();
    });

    test('a query chooses the documents of every question, and a bad one is told', spared, async () => {
      await makeIndex('queried', 2);
      await write('queried', numbered(30));
      const source = await open();
      const schema = await source.describe('queried', { ...SETTINGS, query: { range: { n: { gte: 10, lt: 17 } } } });
      const { upTo, rows } = await extentOf(source, schema);
      assert.equal(rows, 7);
      assert.equal(await source.count(schema, null, upTo), 7);
      const read = (await allPages(source, schema, upTo, { pageRows: 2 })).flatMap(documentsOf);
      assert.deepEqual(read.map(({ id }) => id).sort(), ['d10', 'd11', 'd12', 'd13', 'd14', 'd15', 'd16']);
      const bad = await source.describe('queried', { ...SETTINGS, query: { nonsense: { n: 1 } } });
      for (const question of [() => source.count(bad, null, null), () => extentOf(source, bad)])
        assert.equal((await refused(question())).code, 'elasticsearch.badQuery');
    });

    test(
      'an order that was chosen is kept, over ties in several shards, lost moments and attempts',
      spared,
      async () => {
        await makeIndex('sorted', 3);
        const docs = Array.from({ length: 60 }, (_, at): Written => {
          const n = at % 4 === 0 ? '9007199254740993' : String(9007199254740990n + BigInt(at % 11));
          return {
            id: `s${at}`,
            source: `{"n":${n},"k":"${'ä"\\\\b]'.slice(0, at % 5)}","at":${at}}`.replaceAll('""', '"\\""'),
          };
        });
        const sound = docs.filter(({ source }) => isJson(source ?? ''));
        await write('sorted', sound);
        const source = await open();
        const schema = await source.describe('sorted', { ...SETTINGS, sort: ['n', 'k'] });
        assert.deepEqual(schema.readBy, ['n', 'k']);
        const { upTo } = await extentOf(source, schema);
        for (const pageRows of [1, 2, 5, 100]) {
          const pages = await allPages(source, schema, upTo, { pageRows });
          const read = pages.flatMap(documentsOf);
          assert.deepEqual(
            sorted(read),
            sorted(sound.map((doc) => ({ ...doc, version: '1' }))),
            `pages of ${pageRows}`,
          );
          const numbers = read.map((doc) => /"n":(\d+)/.exec(doc.source)?.[1] ?? '');
          assert.deepEqual(
            numbers,
            numbers.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0)),
          );
        }
        const reader = await source.read(schema, options({ upTo, pageRows: 6 }));
        const begun = [await nextOf(reader), await nextOf(reader)].filter((page) => page !== null);
        await forgetMoments(server, 'sorted');
        const rest = await restOf(reader);
        assert.equal(new Set([...begun, ...rest].flatMap(documentsOf).map(({ id }) => id)).size, sound.length);
        const again = await allPages(await open(), schema, upTo, { after: begun.at(-1)?.last ?? null, pageRows: 6 });
        assert.equal(new Set([...begun, ...again].flatMap(documentsOf).map(({ id }) => id)).size, sound.length);
        assert.equal(await source.late?.(schema, upTo ?? ''), null);
      },
    );

    test(
      'fields that were not chosen are left out of the bytes, the others stay as they were written',
      spared,
      async () => {
        await makeIndex('chosen');
        await write('chosen', [
          {
            id: '1',
            routing: 'r',
            source: '{"n": 1.0 ,"any":{"a":1e400,"b":[{"c":1,"d":-0.0},2]},"t":"secret","k":"x"}',
          },
          { id: '2', source: '{"t":"secret"}' },
        ]);
        const source = await open();
        const schema = await source.describe('chosen', { ...SETTINGS, columns: ['*', '!t', '!any.b.c'] });
        const { upTo } = await extentOf(source, schema);
        const read = (await allPages(source, schema, upTo)).flatMap(documentsOf);
        assert.deepEqual(sorted(read), [
          { id: '1', routing: 'r', source: '{"n":1.0,"any":{"a":1e400,"b":[{"d":-0.0},2]},"k":"x"}', version: '1' },
          { id: '2', source: '{}', version: '1' },
        ]);
      },
    );

    test('an alias with a filter shows what it shows, and one that moves ends the reading', spared, async () => {
      await makeIndex('behind', 2);
      await makeIndex('behind-2', 2);
      await write('behind', numbered(30));
      const filter = { range: { n: { lt: 5 } } };
      await request('POST', '/_aliases', { actions: [{ add: { index: 'behind', alias: 'shown', filter } }] });
      const source = await open();
      const schema = await source.describe('shown', SETTINGS);
      const { upTo, rows } = await extentOf(source, schema);
      assert.equal(rows, 5);
      assert.equal(await source.count(schema, null, upTo), 5);
      assert.equal((await allPages(source, schema, upTo)).flatMap(documentsOf).length, 5);
      const reader = await source.read(schema, options({ upTo, pageRows: 1 }));
      await reader.next();
      const move = [{ remove: { index: 'behind', alias: 'shown' } }, { add: { index: 'behind-2', alias: 'shown' } }];
      await request('POST', '/_aliases', { actions: move });
      await forgetMoments(server, 'behind');
      assert.equal((await refused(restOf(reader))).code, 'elasticsearch.unitChanged');
      await reader.close();
    });

    test('large documents come in small pages, one that is larger than a page alone', spared, async () => {
      await makeIndex('large');
      const text = (at: number, size: number): string => `{"any":{"x":"${String(at).repeat(size)}"}}`;
      const docs = Array.from({ length: 30 }, (_, at): Written => {
        const size = at === 17 ? 9_000_000 : at > 20 ? 700_000 : 10;
        return { id: `l${at}`, source: text(at % 10, size) };
      });
      for (const doc of docs) await write('large', [doc]);
      const source = await open();
      const schema = await source.describe('large', SETTINGS);
      const { upTo } = await extentOf(source, schema);
      const pages = await allPages(source, schema, upTo, { pageBytes: 1_000_000 });
      assert.deepEqual(sorted(pages.flatMap(documentsOf)), sorted(docs.map((doc) => ({ ...doc, version: '1' }))));
      for (const { rows, bytes } of pages) assert.ok(rows === 1 || bytes < 12_000_000, `${rows} rows, ${bytes} bytes`);
    });

    test('stretches without documents cost no questions worth speaking of', spared, async () => {
      await makeIndex('sparse');
      await write('sparse', numbered(5));
      for (let round = 0; round < 8; round++) await write('sparse', repeated({ id: 'x', source: '{"n":0}' }, 5_000));
      await write('sparse', [...numbered(5, '"later"'), { id: 'y', source: '{}' }]);
      const source = await open();
      const schema = await source.describe('sparse', SETTINGS);
      const { upTo, rows } = await extentOf(source, schema);
      assert.equal(rows, 7);
      const before = await searches(server);
      const read = (await allPages(source, schema, upTo, { pageRows: 5 })).flatMap(documentsOf);
      assert.equal(read.length, 7);
      const asked = (await searches(server)) - before;
      assert.ok(asked < 20, `${asked} searches`);
    });

    test('a copy whose moment is lost in its middle has what was changed meanwhile, too', spared, async () => {
      await makeIndex('copied', 2);
      await write('copied', numbered(30));
      const source = await open();
      const to = connectionTo(server, { name: 'target' });
      for (const [index, settings] of Object.entries({
        'copied-insert': { resume: 'row', write: 'insert' },
        'copied-unit': { resume: 'unit' },
      } as const)) {
        await write('copied', numbered(30));
        const target = await openTarget(to);
        const sides = { source, target, from: connectionTo(server), to };
        let batches = 0;
        const ran = await runUnit(sides, 'copied', {
          settings: { ...settings, targetName: index, batchRows: 4 },
          afterBatch: async () => {
            batches += 1;
            if (batches !== 2) return;
            await write('copied', [
              ...numbered(30, '"later"').filter((_, at) => at % 3 === 0),
              { id: `new in ${index}`, source: '{"n":1}' },
            ]);
            await forgetMoments(server, 'copied');
          },
        });
        const { outcome } = ran;
        assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
        assert.ok(outcome.kind === 'completed' && outcome.processed >= 31, JSON.stringify(outcome));
        assert.deepEqual(await everything(index), await everything('copied'));
        await target.close();
      }
    });

    test('vectors that a server keeps beside the documents are asked for, with a warning', async (t) => {
      if (server.product !== 'elasticsearch' || server.version.startsWith('7.')) return t.skip('it has none');
      const vectors = { properties: { v: { type: 'dense_vector', dims: 3 }, n: { type: 'long' } } };
      await request('PUT', '/vectors', { settings: { number_of_replicas: 0 }, mappings: vectors });
      await write('vectors', [{ id: '1', source: '{"v":[1.50,2,-3],"n": 1.0}' }]);
      const source = await open();
      const schema = await source.describe('vectors', SETTINGS);
      const { upTo } = await extentOf(source, schema);
      const [read] = (await allPages(source, schema, upTo)).flatMap(documentsOf);
      const beside = server.version.startsWith('9.');
      assert.deepEqual(
        schema.warnings.map(({ code }) => code),
        beside ? ['elasticsearch.plan.vectors'] : [],
      );
      if (beside) assert.match(read?.source ?? '', /"v":\[1.5,/);
      else assert.equal(read?.source, '{"v":[1.50,2,-3],"n": 1.0}');
    });

    test('leaves no point in time behind', async () => {
      const source = await open();
      await makeIndex('left');
      await write('left', numbered(10));
      const schema = await source.describe('left', SETTINGS);
      const { upTo } = await extentOf(source, schema);
      const reader = await source.read(schema, options({ upTo, pageRows: 5 }));
      await reader.next();
      assert.ok((await openContexts(server)) > 0);
      await reader.close();
      for (const each of sources) await each.close();
      sources.length = 0;
      assert.equal(await openContexts(server), 0);
    });

    test('ends at once when it is told to', spared, async () => {
      await makeIndex('aborted');
      await write('aborted', numbered(10));
      const source = await open();
      const schema = await source.describe('aborted', SETTINGS);
      const { upTo } = await extentOf(source, schema);
      const abort = new AbortController();
      const scoped = source.within({ signal: abort.signal, wait: (turn) => turn });
      const reader = await scoped.read(schema, options({ upTo, pageRows: 2 }));
      await reader.next();
      const reason = new DataError({ code: 'aborted', args: {}, class: 'retryable', message: '' });
      abort.abort(reason);
      assert.equal(await rejected(reader.next()), reason);
      await reader.close();
      assert.equal((await allPages(source, schema, upTo)).flatMap(documentsOf).length, 10);
    });
  });
}
