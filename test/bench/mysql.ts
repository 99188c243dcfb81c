/**
 * Copies between two private servers: ours beside mydumper, the dump pipe and the servers' own files, paired in
 * one run (A B C A B C ..). CPU seconds are those of the clients and of both servers: on a shared machine they are the
 * steady figure. Every copy is compared by CHECKSUM TABLE, between products by sums of the texts of all values.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../esbuild.mjs';
import { type MariaDb, startServer } from '../servers/mysql/instance.ts';
import { isServerKind, SERVER_KINDS, type ServerKind } from '../servers/mysql/programs.ts';
import { cpuOf, cpuOfEndedChildren, untilQuiet } from './cpu-time.ts';
import { HAS_INDEXES, RECURSION, SEQUENCES, SHAPES, type ShapeName, shapeOf } from './mysql-shapes.ts';
import { floor, type Job, ours, presentPeers, type Way } from './mysql-ways.ts';
import { type BenchOptions, type BenchResult, pairedRatio, quantile, rounded } from './result.ts';

/** The same for both servers: all data fits into memory, and the log is not what is measured. */
const SERVER_ARGUMENTS = ['--innodb-buffer-pool-size=1G', '--innodb-flush-log-at-trx-commit=2', '--local-infile=1'];
const OWN_ARGUMENTS: Readonly<Record<ServerKind, readonly string[]>> = {
  mariadb: ['--innodb-log-file-size=512M', '--secure-file-priv='],
  mariadb11: ['--innodb-log-file-size=512M', '--secure-file-priv='],
  mysql: ['--innodb-redo-log-capacity=512M', '--skip-log-bin'],
};
/** Before a MySQL server can make the tables: MD5 and SHA1 are a component there. */
const MYSQL_SETUP = "INSTALL COMPONENT 'file://component_classic_hashing'";
const MYSQL_SESSION = 'SET cte_max_recursion_depth = 4294967295; ';
const OURS = 'ours';
/** The same with the task's `indexesAfter`. */
const INDEXES_AFTER = 'ours, indexesAfter';
const FLOOR = 'INSERT .. SELECT';

/** One copy, s. */
interface Measured {
  readonly wall: number;
  readonly client: number;
  readonly source: number;
  readonly target: number;
}

export async function bench(options: BenchOptions): Promise<BenchResult> {
  const name = (options.shape ?? 'sbtest') as ShapeName;
  if (!SHAPES.includes(name)) throw new Error(`--shape must be one of ${SHAPES.join(', ')}`);
  const kinds = { source: kindOf(options.source), target: kindOf(options.target) };
  const rows = options.rows ?? 200_000;
  const folder = mkdtempSync(join(tmpdir(), 'datatrace-bench-mysql-'));
  const servers: MariaDb[] = [];
  try {
    for (const side of ['source', 'target'] as const) {
      const args = [...SERVER_ARGUMENTS, ...OWN_ARGUMENTS[kinds[side]]];
      servers.push(await startServer(kinds[side], { name: side, args }));
    }
    const [source, target] = servers as [MariaDb, MariaDb];
    await build({ production: true, outdir: join(folder, 'dist') });
    const { rows: made } = shapeOf(name, rows);
    console.error(`${name}: ${made} rows, ${kinds.source} ${source.version} to ${kinds.target} ${target.version}`);
    return await measure(`mysql ${name}`, folder, { source, target, kinds, name, rows, runs: options.runs ?? 3 });
  } finally {
    for (const each of servers) await each.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function kindOf(name = 'mariadb'): ServerKind {
  if (isServerKind(name)) return name;
  throw new Error(`--source and --target are each one of ${SERVER_KINDS.join(', ')}`);
}

interface Setting {
  readonly source: MariaDb;
  readonly target: MariaDb;
  readonly kinds: { readonly source: ServerKind; readonly target: ServerKind };
  readonly name: ShapeName;
  readonly rows: number;
  readonly runs: number;
}

async function measure(title: string, folder: string, setting: Setting): Promise<BenchResult> {
  const { source, target, kinds, name, rows, runs } = setting;
  const from = await source.freshDatabase('bench');
  const kept = await target.freshDatabase('kept');
  const { tables } = shapeOf(name, rows);
  for (const [server, kind, database] of [
    [source, kinds.source, from],
    [target, kinds.target, kept],
  ] as const) {
    if (kind === 'mysql') await server.query(MYSQL_SETUP);
    const { sql } = shapeOf(name, rows, kind === 'mysql' ? RECURSION : SEQUENCES);
    const session = `${kind === 'mysql' ? MYSQL_SESSION : ''}USE \`${database}\``;
    for (const each of sql) await server.query(`${session}; ${each}`);
  }
  const sums = (kinds.source === 'mysql') === (kinds.target === 'mysql') ? checksums : sumsOfTexts;
  const expected = await sums(source, from, tables);
  // Made by the target's own server, which may calculate otherwise.
  const expectedOfFloor = await sums(target, kept, tables);
  const cli = join(folder, 'dist/cli.js');
  const peers = await presentPeers(kinds.source, kinds.target, (sentence) => console.error(sentence));
  const after = ours(INDEXES_AFTER, cli, { indexesAfter: true });
  const ways: Way[] = [ours(OURS, cli, {}), ...(HAS_INDEXES.has(name) ? [after] : []), ...peers, floor(kept)];
  const found = new Map<string, Measured[]>(ways.map((way) => [way.name, []]));
  let exact = true;
  for (let round = 0; round < runs; round += 1) {
    for (const way of ways) {
      const to = await target.freshDatabase('copy');
      const job = {
        folder,
        from: { server: source, database: from },
        to: { server: target, database: to },
        tables,
      };
      const measured = await measureOne(way, job);
      found.get(way.name)?.push(measured);
      const same = (await sums(target, to, tables)) === (way.name === FLOOR ? expectedOfFloor : expected);
      if (!same) exact = false;
      const { wall, client, source: reading, target: writing } = measured;
      const figures = [wall, client, reading, writing, client + reading + writing].map((each) => each.toFixed(2));
      console.error(
        `${way.name.padEnd(36)} wall ${figures[0]} s, CPU client ${figures[1]} + source ${figures[2]} + target ${figures[3]} = ${figures[4]} s${same ? '' : ', DIFFERENT'}`,
      );
      await target.query(`DROP DATABASE \`${to}\``);
    }
  }
  return summary(title, runs, exact, found);
}

async function measureOne(way: Way, job: Job): Promise<Measured> {
  const pids = [job.from.server.pid, job.to.server.pid];
  await untilQuiet(pids);
  const now = (): number[] => [performance.now() / 1000, cpuOfEndedChildren(), ...pids.map(cpuOf)];
  const before = now();
  await way.copy(job);
  const wall = performance.now() / 1000 - (before[0] ?? 0);
  await untilQuiet(pids);
  const [, client = 0, source = 0, target = 0] = now().map((each, at) => each - (before[at] ?? 0));
  return { wall, client, source, target };
}

/** What all values of the tables come to, in a form that can be compared between the two servers. */
type Sums = (server: MariaDb, database: string, tables: readonly string[]) => Promise<string>;

const checksums: Sums = async (server, database, tables) => {
  const names = tables.map((table) => `\`${database}\`.\`${table}\``).join(', ');
  const rows = await server.query(`CHECKSUM TABLE ${names} EXTENDED`);
  return rows.map((row) => row.Checksum ?? 'none').join(' ');
};

/** Between products: their CHECKSUM TABLE counts NULL differently. */
const sumsOfTexts: Sums = async (server, database, tables) => {
  const sums: string[] = [];
  for (const table of tables) {
    const columns = await server.query(`SHOW COLUMNS FROM \`${database}\`.\`${table}\``);
    const texts = columns.map(({ Field }) => `COALESCE(HEX(CONCAT(\`${Field}\`)), 'NULL')`).join(', ');
    const sum = `SELECT COUNT(*) AS n, SUM(CRC32(CONCAT_WS(' ', ${texts}))) AS s FROM \`${database}\`.\`${table}\``;
    const [row] = await server.query(sum);
    sums.push(`${row?.n} ${row?.s}`);
  }
  return sums.join(', ');
};

function summary(title: string, runs: number, exact: boolean, found: ReadonlyMap<string, Measured[]>): BenchResult {
  const median = (name: string, figure: (each: Measured) => number): number =>
    rounded(quantile((found.get(name) ?? []).map(figure), 0.5));
  const cpu = (each: Measured): number => each.client + each.source + each.target;
  const own: Record<string, number> = {};
  const theirs: Record<string, number> = {};
  const ratios: Record<string, number> = {};
  for (const name of found.keys()) {
    const into = isOurs(name) ? own : theirs;
    const prefix = name === OURS ? '' : `${name}: `;
    into[`${prefix}wall_s`] = median(name, (each) => each.wall);
    into[`${prefix}cpu_s`] = median(name, cpu);
    into[`${prefix}client_cpu_s`] = median(name, (each) => each.client);
    into[`${prefix}source_cpu_s`] = median(name, (each) => each.source);
    into[`${prefix}target_cpu_s`] = median(name, (each) => each.target);
  }
  for (const us of [...found.keys()].filter(isOurs)) {
    const prefix = us === OURS ? '' : 'indexesAfter: ';
    for (const name of [...found.keys()].filter((each) => !isOurs(each))) {
      const ratio = (figure: (each: Measured) => number): number =>
        pairedRatio(found.get(us) ?? [], found.get(name) ?? [], figure);
      if (name === FLOOR) ratios[`${prefix}target_cpu_of_insert_select`] = ratio((each) => each.target);
      else {
        ratios[`${prefix}cpu of ${name}`] = ratio(cpu);
        ratios[`${prefix}wall of ${name}`] = ratio((each) => each.wall);
      }
    }
  }
  return { bench: title, runs, ours: own, peers: theirs, ratios, exact };
}

function isOurs(name: string): boolean {
  return name === OURS || name === INDEXES_AFTER;
}
