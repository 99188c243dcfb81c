/**
 * `node test/endurance/search-kills.ts [--from elasticsearch|mysql] [--kills N] [--lanes N] [--seed S] [--json]`: our
 * command line is killed with SIGKILL at N random moments of copies into an index with `"resume": "row"` and started
 * again each time. After each kill the index holds what the checkpoint says and at most one batch a lane beyond it;
 * after each copy all documents agree, byte for byte from an index and value by value from a table.
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type SearchServer, startSearchServer } from '../servers/elasticsearch/instance.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { install } from './command.ts';
import { killAgainAndAgain, report } from './killing.ts';
import { connectionTo } from './rig.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: 'elasticsearch' },
    kills: { type: 'string', default: '200' },
    lanes: { type: 'string', default: '2' },
    rows: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    json: { type: 'boolean', default: false },
  },
});
const UNIT = 'items';
const BATCH_ROWS = 500;
const rows = Number(values.rows);
const lanes = Number(values.lanes);
const seed = Number(values.seed);
const fromTable = values.from === 'mysql';
if (!fromTable && values.from !== 'elasticsearch') throw new Error('--from is elasticsearch or mysql');
const startedAt = performance.now();

const closing: (() => Promise<void> | void)[] = [];
try {
  const target = await startSearchServer('opensearch2', { name: 'target', own: true });
  closing.push(() => target.stop());
  const { connection, password, expected } = fromTable ? await makeTable() : await makeIndex();
  const connections = { source: connection, target: { type: 'opensearch', url: target.url } };
  const installed = await install(connections, { SOURCE_PASSWORD: password });
  closing.push(() => installed.remove());
  installed.configure({ units: [UNIT], batchRows: BATCH_ROWS, lanes });
  const figures = await killAgainAndAgain({
    ...{ installed, unit: UNIT, batchRows: BATCH_ROWS, wanted: Number(values.kills), seed, kept: true },
    clear: async () => {
      await target.request('DELETE', `/${UNIT}`);
    },
    targetRows: () => countWhenQuiet(target),
    isEqual: async () => (await contentsOf(target)) === expected,
  });
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  report(figures, { from: values.from, lanes, seconds, seed }, lanes, values.json);
} finally {
  for (const close of closing.reverse()) await close();
}

interface Origin {
  readonly connection: object;
  readonly password: string;
  /** What `contentsOf` says of a whole copy. */
  readonly expected: string;
}

async function makeIndex(): Promise<Origin> {
  const source = await startSearchServer('elasticsearch8', { name: 'source', own: true });
  closing.push(() => source.stop());
  const index = { number_of_shards: 2, number_of_replicas: 0 };
  await source.request('PUT', `/${UNIT}`, { settings: { index }, mappings: { properties: { n: { type: 'long' } } } });
  for (let first = 0; first < rows; first += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, rows - first) }, (_, at) => {
      const n = first + at;
      return `{"index":{"_id":"d${n}"}}\n{"n":${n}, "price":${n}.10,"text":"number ${n}"}`;
    });
    await source.request('POST', `/${UNIT}/_bulk`, `${lines.join('\n')}\n`);
  }
  await source.request('POST', `/${UNIT}/_refresh`);
  return {
    connection: { type: 'elasticsearch', url: source.url },
    password: '',
    expected: await contentsOf(source),
  };
}

async function makeTable(): Promise<Origin> {
  const source: MariaDb = await startMariaDb({ name: 'source' });
  closing.push(() => source.stop());
  const database = await source.freshDatabase('rows');
  await source.query(
    `USE \`${database}\`; CREATE TABLE ${UNIT} (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(40), big BIGINT);
     INSERT INTO ${UNIT} SELECT seq, CONCAT('number ', seq), 9007199254740993 + seq FROM seq_1_to_${rows}`,
  );
  const documents = Array.from({ length: rows }, (_, at): [string, string] => {
    const id = String(at + 1);
    return [id, `{"id":${id},"name":"number ${id}","big":${9_007_199_254_740_993n + BigInt(id)}}`];
  });
  return { connection: connectionTo(source, database), password: source.password, expected: summed(documents) };
}

/** The server goes on for a moment with what a killed client sent. */
async function countWhenQuiet(server: SearchServer): Promise<number> {
  const deadline = performance.now() + 30_000;
  for (let before = -1; ; ) {
    await server.request('POST', `/${UNIT}/_refresh`);
    const { status, text } = await server.request('GET', `/${UNIT}/_count`);
    const count = status === 404 ? 0 : (JSON.parse(text) as { count: number }).count;
    if (count === before) return count;
    if (performance.now() > deadline) throw new Error('the index still grows');
    before = count;
  }
}

/** Ids and raw documents of the index, in any order, as one text. */
async function contentsOf(server: SearchServer): Promise<string> {
  const documents: [string, string][] = [];
  await server.request('POST', `/${UNIT}/_refresh`);
  let { text } = await server.request('POST', `/${UNIT}/_search?scroll=1m`, { size: 5_000, sort: ['_doc'] });
  for (;;) {
    const found = [...text.matchAll(/"_id":"([^"]*)".*?"_source":(\{[^{}]*\})/g)];
    const id = /"_scroll_id":"([^"]+)"/.exec(text)?.[1];
    if (found.length === 0) {
      await server.request('DELETE', '/_search/scroll', { scroll_id: id });
      return summed(documents);
    }
    for (const [, name = '', source = ''] of found) documents.push([name, source]);
    ({ text } = await server.request('POST', '/_search/scroll', { scroll: '1m', scroll_id: id }));
  }
}

function summed(documents: readonly (readonly [string, string])[]): string {
  const sums = new Uint32Array(8);
  for (const each of documents) {
    const sum = createHash('sha256').update(JSON.stringify(each)).digest();
    for (let at = 0; at < sums.length; at += 1) sums[at] = (sums[at] ?? 0) + sum.readUInt32LE(at * 4);
  }
  return `${documents.length} ${[...sums].join(' ')}`;
}
