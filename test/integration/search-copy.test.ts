/** From one search cluster into another: every document equal, whoever is killed, across products. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { openSource, openTarget } from '../../src/connectors/registry.ts';
import type { UnitSettings } from '../../src/core/settings.ts';
import { firstDifference } from '../../src/pipeline/verify.ts';
import { type Ran, type RunOptions, runUnit, SETTINGS } from '../conformance/run-unit.ts';
import type { SearchServer } from '../servers/elasticsearch/instance.ts';
import { isSearchKind, type SearchKind } from '../servers/elasticsearch/kinds.ts';
import { sharedSearchServer, stopSharedSearchServers } from '../servers/elasticsearch/shared.ts';
import { createCliDriver } from './cli-driver.ts';
import { execute, type State } from './killed-copy.ts';
import { connectionTo } from './search-documents.ts';

/** Two kinds: each is copied into the other. */
const [ONE = '', OTHER = ''] = (process.env.DATATRACE_TEST_SEARCH_PAIR || 'elasticsearch8,opensearch2').split(',');
assert.ok(isSearchKind(ONE) && isSearchKind(OTHER));
const PAIRS: readonly (readonly [SearchKind, SearchKind])[] = [
  [ONE, OTHER],
  [OTHER, ONE],
];
const DOCS = 900;
/** Kills for each; more of them with DATATRACE_SEARCH_KILLS. */
const KILLS = Number(process.env.DATATRACE_SEARCH_KILLS ?? 2);

after(stopSharedSearchServers);

let names = 0;

/** An index of documents of all kinds, some of them written twice or removed, in three shards. */
async function filled(server: SearchServer): Promise<string> {
  names += 1;
  const index = `from-${process.pid}-${names}`;
  const properties = { any: { type: 'object', enabled: false }, n: { type: 'long' }, t: { type: 'text' } };
  const settings = { number_of_shards: 3, number_of_replicas: 0, refresh_interval: '11s' };
  await expected(server.request('PUT', `/${index}`, { settings, mappings: { dynamic: 'strict', properties } }));
  const lines: string[] = [];
  for (let at = 0; at < DOCS; at += 1) {
    const routing = at % 7 === 0 ? `,"routing":"r${at % 5}"` : '';
    lines.push(`{"index":{"_id":"d ${at}/ü\\"${routing === '' ? '' : 'r'}"${routing}}}`);
    lines.push(
      `{"n":${at}, "any":{"big":9007199254740993,"price":${at}.10,"x":[{"]}":"\\\\\\""}]},"t":"${'ö'.repeat(at % 90)}"}`,
    );
  }
  const again = lines.slice(0, 2 * 150);
  for (const body of [lines, again]) await expected(server.request('POST', `/${index}/_bulk`, `${body.join('\n')}\n`));
  for (let at = 200; at < 230; at += 1) {
    const id = encodeURIComponent(`d ${at}/ü"${at % 7 === 0 ? 'r' : ''}`);
    await expected(server.request('DELETE', `/${index}/_doc/${id}${at % 7 === 0 ? `?routing=r${at % 5}` : ''}`));
  }
  // What no bulk request can carry as it is.
  await expected(server.request('PUT', `/${index}/_doc/lines?refresh=true`, '{\n  "n": 1,\r\n  "t": "x" }'));
  return index;
}

async function expected(answer: Promise<{ readonly status: number; readonly text: string }>): Promise<void> {
  const { status, text } = await answer;
  assert.ok(status < 300 && !text.includes('"errors":true'), text.slice(0, 500));
}

/** Each document as the server tells it, without what is of the index: id, routing, version and exact source. */
async function documentsOf({ request }: SearchServer, index: string): Promise<string[]> {
  await request('POST', `/${index}/_refresh`);
  const { text } = await request('POST', `/${index}/_search`, { size: 10_000, version: true });
  const found = text.slice(text.indexOf('"hits":[') + 8);
  // Ours hold no such bytes.
  return found
    .split(/(?=\{"_index":)/)
    .filter((hit) => hit.startsWith('{"_index"'))
    .map((hit) => hit.replace(/^\{"_index":"[^"]*"(,"_type":"[^"]*")?/, '').replace(/[\]},\s]*$/, ''))
    .sort();
}

for (const [from, to] of PAIRS) {
  describe(`from ${from} into ${to}`, () => {
    const servers = async () => [await sharedSearchServer(from), await sharedSearchServer(to)] as const;
    const copy = async (unit: string, targetName: string, options: RunOptions = {}): Promise<Ran> => {
      const [one, other] = await servers();
      const sides = { from: connectionTo(one, { name: 'from' }), to: connectionTo(other, { name: 'to' }) };
      const source = await openSource(sides.from);
      const target = await openTarget(sides.to);
      try {
        const settings = { targetName, batchRows: 100, ...options.settings };
        return await runUnit({ source, target, ...sides }, unit, { ...options, settings });
      } finally {
        await source.close();
        await target.close();
      }
    };
    const same = async (unit: string, targetName: string): Promise<void> => {
      const [one, other] = await servers();
      const wanted = await documentsOf(one, unit);
      assert.equal(wanted.length, DOCS - 30 + 1);
      assert.deepEqual(await documentsOf(other, targetName), wanted);
      const { text } = await other.request('GET', `/${targetName}?flat_settings=true`);
      assert.ok(text.includes('"index.refresh_interval":"11s"') && text.includes('"index.number_of_shards":"3"'), text);
      assert.ok(!text.includes('datatrace') && text.includes('"dynamic":"strict"'), text);
    };

    test(`every document is the same, ${from === ONE ? 'in one range' : 'in several ranges'}`, async () => {
      const [one] = await servers();
      const unit = await filled(one);
      const verify = 'checksum' as const;
      const several = { settings: { verify, lanes: 3 }, lanesFrom: { rows: 100, bytes: 1e9 } };
      const ran = await copy(unit, `to-${unit}`, from === ONE ? { settings: { verify } } : several);
      assert.equal(ran.outcome.kind, 'completed', JSON.stringify(ran.outcome));
      await same(unit, `to-${unit}`);
    });

    test('a document that is another one, missing or too many is found by its id', async () => {
      const [one, other] = await servers();
      const index = `some-${process.pid}-${from}`;
      for (const id of [1, 2, 3])
        await expected(one.request('PUT', `/${index}/_doc/${id}?refresh=true`, `{"n":${id}.10}`));
      assert.equal((await copy(index, `to-${index}`)).outcome.kind, 'completed');
      const source = await openSource(connectionTo(one));
      const target = await openTarget(connectionTo(other));
      const settings = { ...SETTINGS, targetName: `to-${index}` };
      const find = async (): Promise<unknown> => {
        const schema = await source.describe(index, settings);
        const sides = { unit: index, settings, schema, source, target };
        const found = await firstDifference(sides, { upTo: null, othersAllowed: false });
        return found && [found.code, found.args.key];
      };
      try {
        assert.equal(await find(), null);
        await other.request('PUT', `/to-${index}/_doc/2`, '{"n":2.1}');
        assert.deepEqual(await find(), ['pipeline.checksumDiffers', '2, null']);
        await other.request('DELETE', `/to-${index}/_doc/2`);
        assert.deepEqual(await find(), ['pipeline.checksumMissing', '2, null']);
        await other.request('PUT', `/to-${index}/_doc/2`, '{"n":2.10}');
        await other.request('PUT', `/to-${index}/_doc/4`, '{}');
        assert.deepEqual(await find(), ['pipeline.checksumExtra', '4, null']);
      } finally {
        await source.close();
        await target.close();
      }
    });

    test('what is killed goes on, and is the same in the end', async () => {
      const [one, other] = await servers();
      const unit = await filled(one);
      const settings: Partial<UnitSettings> = { targetName: `to-${unit}`, batchRows: 40 };
      const order = { from: connectionTo(one), to: connectionTo(other), unit, settings };
      const state: State = { checkpoint: null, prepared: null, completed: false };
      for (let kills = 0; kills < KILLS && !state.completed; kills += 1) await execute(order, state, 2 + kills * 4);
      assert.equal(state.completed, false, 'it came to its end before it was killed');
      const { text } = await other.request('GET', `/to-${unit}/_settings?flat_settings=true`);
      assert.ok(text.includes('"index.refresh_interval":"-1"'), text);
      await execute(order, state, Number.POSITIVE_INFINITY);
      assert.ok(state.completed);
      await same(unit, `to-${unit}`);
    });
  });
}

describe('the command line', () => {
  test('copies an index to where an alias will point', async () => {
    const [one, other] = [await sharedSearchServer(ONE), await sharedSearchServer(OTHER)];
    const unit = await filled(one);
    const cli = createCliDriver();
    try {
      const search = ({ url }: SearchServer): object => ({ type: 'elasticsearch', url });
      const task = { source: 'one', target: 'other', units: [unit], batchRows: 200, swapAlias: `${unit}-live` };
      cli.configure(task, { one: search(one), other: search(other) });
      const { code, out, err } = await cli.datatrace('run', 'nightly');
      assert.equal(code, 0, `${out}\n${err}`);
      const { text } = await other.request('GET', `/${unit}-live/_count`);
      assert.ok(text.includes(`"count":${DOCS - 30 + 1},`), text);
      assert.deepEqual(await documentsOf(other, `${unit}-live`), await documentsOf(one, unit));
    } finally {
      cli.dispose();
    }
  });
});
