/**
 * Copies between two indexes of one private server: ours beside elasticdump and, where the server has it, its own
 * `_reindex`, paired in one run (A B C A B C ..); with `--shape sql` a table into an index beside a script with the
 * client's helper. On a small machine the server is the limit, so the clients' CPU seconds are the steady figure.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../esbuild.mjs';
import { type SearchServer, startSearchServer } from '../servers/elasticsearch/instance.ts';
import { SEARCH_KINDS, type SearchKind } from '../servers/elasticsearch/kinds.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { cpuOf, cpuOfEndedChildren, untilQuiet } from './cpu-time.ts';
import { type BenchOptions, type BenchResult, pairedRatio, quantile, rounded } from './result.ts';
import { DOCUMENTS, documentOf, MAPPINGS, SEARCH_SHAPES, type SearchShape } from './search-shapes.ts';
import {
  elasticdump,
  helperScript,
  installPeers,
  ours,
  reindex,
  type SearchJob,
  type SearchWay,
} from './search-ways.ts';

const OURS = 'ours';
const HEAP = { 'indices.memory.index_buffer_size': '30%' };
/** Documents of one bulk request while the source is made. */
const LOAD_AT_ONCE = 5_000;

/** One copy: s, MB. */
interface Measured {
  readonly wall: number;
  readonly client: number;
  readonly server: number;
  readonly memory: number;
}

export async function bench(options: BenchOptions): Promise<BenchResult> {
  const shape = options.shape ?? 'small';
  if (shape !== 'sql' && !isShape(shape)) throw new Error(`--shape must be one of ${SEARCH_SHAPES.join(', ')}, sql`);
  const kind = kindOf(options.source ?? (shape === 'sql' ? 'elasticsearch8' : 'elasticsearch7'));
  const folder = mkdtempSync(join(tmpdir(), 'datatrace-bench-search-'));
  const server = await startSearchServer(kind, { name: 'bench', own: true, settings: HEAP });
  let database: MariaDb | undefined;
  try {
    await installPeers();
    await build({ production: true, outdir: join(folder, 'dist') });
    const us = ours(join(folder, 'dist/cli.js'));
    const rows = options.rows ?? DOCUMENTS[isShape(shape) ? shape : 'small'];
    if (isShape(shape)) {
      await makeIndex(server, 'origin', shape, rows);
      const hasReindex = kind === 'elasticsearch7' || kind.startsWith('opensearch');
      const ways = [us, elasticdump, ...(hasReindex ? [reindex] : [])];
      const target = (name: string) => makeEmpty(server, name, shape);
      return await measure(
        { title: `elasticsearch ${shape}, ${kind}`, rows, ways, options, folder, server, target },
        {
          index: 'origin',
        },
      );
    }
    database = await startMariaDb({ name: 'bench', args: ['--innodb-buffer-pool-size=512M'] });
    const name = await database.freshDatabase('bench');
    await database.query(
      `USE \`${name}\`; CREATE TABLE rows_of_bench (id INT PRIMARY KEY, name VARCHAR(40), text VARCHAR(80), amount DOUBLE, at DATETIME);
       INSERT INTO rows_of_bench SELECT seq, MD5(seq), CONCAT('row ', seq, ' of many'), seq / 4, '2024-01-01' + INTERVAL seq SECOND FROM seq_1_to_${rows}`,
    );
    const ways = [us, helperScript];
    return await measure(
      { title: `elasticsearch sql, ${kind}`, rows, ways, options, folder, server, target: null },
      { database, name, table: 'rows_of_bench' },
    );
  } finally {
    await database?.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function isShape(text: string): text is SearchShape {
  return (SEARCH_SHAPES as readonly string[]).includes(text);
}

function kindOf(text: string): SearchKind {
  const kind = SEARCH_KINDS.find((each) => each === text);
  if (kind === undefined) throw new Error(`--source must be one of ${SEARCH_KINDS.join(', ')}`);
  return kind;
}

interface Setting {
  readonly title: string;
  readonly rows: number;
  readonly ways: readonly SearchWay[];
  readonly options: BenchOptions;
  readonly folder: string;
  readonly server: SearchServer;
  /** Makes the index that the peers write into as ours is made; null = nothing can be compared with what they make. */
  readonly target: ((name: string) => Promise<void>) | null;
}

async function measure(setting: Setting, from: SearchJob['from']): Promise<BenchResult> {
  const { title, rows, ways, options, folder, server, target } = setting;
  const runs = options.runs ?? 3;
  const expected = target === null ? null : await contentsOf(server, 'origin');
  const found = new Map<string, Measured[]>(ways.map((way) => [way.name, []]));
  let exact = true;
  for (let round = 0; round < runs; round += 1) {
    for (const way of ways) {
      const to = `copy-${round}`;
      if (way.name !== OURS) await target?.(to);
      const one = await measureOne(way, { folder, server, from, to });
      found.get(way.name)?.push(one);
      await server.request('POST', `/${to}/_refresh`);
      const same =
        expected === null ? (await countOf(server, to)) === rows : (await contentsOf(server, to)) === expected;
      if (!same) exact = false;
      const { wall, client, server: cpu, memory } = one;
      console.error(
        `${way.name.padEnd(16)} wall ${wall.toFixed(2)} s, CPU client ${client.toFixed(2)} + server ${cpu.toFixed(2)} s, ${memory.toFixed(0)} MB${same ? '' : ', DIFFERENT'}`,
      );
      await server.request('DELETE', `/${to}`);
    }
  }
  return summary(title, runs, exact, found);
}

async function measureOne(way: SearchWay, job: SearchJob): Promise<Measured> {
  const pids = [job.server.pid()];
  await untilQuiet(pids);
  const now = (): number[] => [performance.now() / 1000, cpuOfEndedChildren(), ...pids.map(cpuOf)];
  const before = now();
  const memory = await way.copy(job);
  const wall = performance.now() / 1000 - (before[0] ?? 0);
  await untilQuiet(pids);
  const [, client = 0, server = 0] = now().map((each, at) => each - (before[at] ?? 0));
  return { wall, client, server, memory };
}

async function makeIndex(server: SearchServer, name: string, shape: SearchShape, documents: number): Promise<void> {
  await makeEmpty(server, name, shape);
  for (let first = 0; first < documents; first += LOAD_AT_ONCE) {
    const lines: string[] = [];
    for (let at = first; at < Math.min(documents, first + LOAD_AT_ONCE); at += 1)
      lines.push(JSON.stringify({ index: { _id: String(at) } }), JSON.stringify(documentOf(shape, at)));
    await bulk(server, name, lines);
  }
  await server.request('POST', `/${name}/_refresh`);
  await server.request('POST', `/${name}/_forcemerge?max_num_segments=4`);
}

async function bulk(server: SearchServer, index: string, lines: readonly string[]): Promise<void> {
  const { status, text } = await server.request('POST', `/${index}/_bulk`, `${lines.join('\n')}\n`);
  if (status !== 200 || text.includes('"errors":true')) throw new Error(`bulk: ${status} ${text.slice(0, 500)}`);
}

async function makeEmpty(server: SearchServer, name: string, shape: SearchShape): Promise<void> {
  const index = { number_of_shards: 1, number_of_replicas: 0, refresh_interval: '-1' };
  const { status, text } = await server.request('PUT', `/${name}`, { settings: { index }, mappings: MAPPINGS[shape] });
  if (status !== 200) throw new Error(`the index ${name}: ${status} ${text}`);
}

async function countOf(server: SearchServer, index: string): Promise<number> {
  const { text } = await server.request('GET', `/${index}/_count`);
  return (JSON.parse(text) as { count: number }).count;
}

/** All ids and documents, in any order, as one text. */
async function contentsOf(server: SearchServer, index: string): Promise<string> {
  const sums = new Uint32Array(8);
  let documents = 0;
  let { text } = await server.request('POST', `/${index}/_search?scroll=2m`, { size: 2_000, sort: ['_doc'] });
  for (;;) {
    const page = JSON.parse(text) as { _scroll_id: string; hits: { hits: { _id: string; _source: object }[] } };
    if (page.hits.hits.length === 0) {
      await server.request('DELETE', '/_search/scroll', { scroll_id: page._scroll_id });
      return `${documents} ${[...sums].join(' ')}`;
    }
    for (const { _id, _source } of page.hits.hits) {
      const sum = createHash('sha256')
        .update(JSON.stringify([_id, _source]))
        .digest();
      for (let at = 0; at < sums.length; at += 1) sums[at] = (sums[at] ?? 0) + sum.readUInt32LE(at * 4);
      documents += 1;
    }
    ({ text } = await server.request('POST', '/_search/scroll', { scroll: '2m', scroll_id: page._scroll_id }));
  }
}

function summary(title: string, runs: number, exact: boolean, found: ReadonlyMap<string, Measured[]>): BenchResult {
  const median = (name: string, figure: (each: Measured) => number): number =>
    rounded(quantile((found.get(name) ?? []).map(figure), 0.5));
  const own: Record<string, number> = {};
  const theirs: Record<string, number> = {};
  const ratios: Record<string, number> = {};
  for (const name of found.keys()) {
    const into = name === OURS ? own : theirs;
    const prefix = name === OURS ? '' : `${name}: `;
    into[`${prefix}wall_s`] = median(name, (each) => each.wall);
    into[`${prefix}client_cpu_s`] = median(name, (each) => each.client);
    into[`${prefix}server_cpu_s`] = median(name, (each) => each.server);
    into[`${prefix}memory_mb`] = median(name, (each) => each.memory);
    if (name === OURS) continue;
    const ratio = (figure: (each: Measured) => number): number =>
      pairedRatio(found.get(OURS) ?? [], found.get(name) ?? [], figure);
    ratios[`wall of ${name}`] = ratio((each) => each.wall);
    if (name !== reindex.name) ratios[`client cpu of ${name}`] = ratio((each) => each.client);
  }
  return { bench: title, runs, ours: own, peers: theirs, ratios, exact };
}
