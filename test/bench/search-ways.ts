/** What copies documents in a measurement: we, and what everybody has. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SearchServer } from '../servers/elasticsearch/instance.ts';
import type { MariaDb } from '../servers/mysql/instance.ts';

export interface SearchJob {
  readonly folder: string;
  readonly server: SearchServer;
  /** An index of the server, or a table. */
  readonly from:
    | { readonly index: string }
    | { readonly database: MariaDb; readonly name: string; readonly table: string };
  readonly to: string;
}

export interface SearchWay {
  readonly name: string;
  /** Resolves with the largest resident size of its process, MB; 0 = it has none of its own. */
  copy(job: SearchJob): Promise<number>;
}

/** Packages of the peers, where they are kept between runs. */
const PEERS = fileURLToPath(new URL('../../.vscode-test/bench-peers/', import.meta.url));
const PACKAGES = ['elasticdump@6.125.1', '@elastic/elasticsearch@8.19.2'];

export async function installPeers(): Promise<void> {
  const stamp = join(PEERS, 'installed.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === JSON.stringify(PACKAGES)) return;
  rmSync(PEERS, { recursive: true, force: true });
  mkdirSync(PEERS, { recursive: true });
  writeFileSync(join(PEERS, 'package.json'), '{ "private": true }');
  console.error('Installing the peers ...');
  await measured('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', PEERS, ...PACKAGES]);
  writeFileSync(stamp, JSON.stringify(PACKAGES));
}

const PASSWORD = 'BENCH_PASSWORD';

/** @param cli the bundle of our command line */
export function ours(cli: string): SearchWay {
  return {
    name: 'ours',
    copy: async ({ folder, server, from, to }) => {
      const work = join(folder, 'work');
      const store = join(folder, 'store');
      for (const each of [work, store]) rmSync(each, { recursive: true, force: true });
      mkdirSync(work);
      const search = { type: 'elasticsearch', url: server.url };
      const table = 'table' in from;
      const source = table
        ? {
            ...{ type: 'mysql', host: from.database.host, port: from.database.port, user: from.database.user },
            ...{ password: `\${env:${PASSWORD}}`, database: from.name, tls: 'off' },
          }
        : search;
      const unit = table ? from.table : from.index;
      const task = { source: 'from', target: 'to', units: [unit], resume: 'row', overrides: { [unit]: { as: to } } };
      const config = { connections: { from: source, to: search }, tasks: { copy: task } };
      writeFileSync(join(work, 'datatrace.json'), JSON.stringify(config));
      const env = { LANG: 'C', ...(table ? { [PASSWORD]: from.database.password } : {}) };
      return measured(process.execPath, [cli, 'run', 'copy', '--store', store, '--json'], { cwd: work, env });
    },
  };
}

export const elasticdump: SearchWay = {
  name: 'elasticdump',
  copy: ({ server, from, to }) => {
    const program = join(PEERS, 'node_modules/elasticdump/bin/elasticdump');
    const ends = ['index' in from ? `--input=${server.url}/${from.index}` : '', `--output=${server.url}/${to}`];
    return measured(process.execPath, [program, ...ends, '--type=data', '--limit=5000', '--noRefresh']);
  },
};

/** Inside of the server: there is nothing faster. */
export const reindex: SearchWay = {
  name: '_reindex',
  copy: async ({ server, from, to }) => {
    const body = { source: { index: 'index' in from ? from.index : '', size: 5_000 }, dest: { index: to } };
    const { status, text } = await server.request('POST', '/_reindex?refresh=true', body);
    if (status !== 200) throw new Error(`_reindex: ${status} ${text}`);
    return 0;
  },
};

export const helperScript: SearchWay = {
  name: 'helper script',
  copy: ({ server, from, to }) => {
    if (!('table' in from)) throw new Error('it reads tables');
    const { host, port, user, password } = from.database;
    const mysql = { host, port, user, password, database: from.name };
    const job = { modules: join(PEERS, 'package.json'), mysql, table: from.table, url: server.url, index: to };
    const program = fileURLToPath(new URL('./peers/sql-to-search.mjs', import.meta.url));
    return measured(process.execPath, [program, JSON.stringify(job)]);
  },
};

const LOOK_MS = 25;

/** Runs a program to its end. @returns its largest resident size, MB @throws Error with what it said when it fails */
async function measured(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<number> {
  const child = spawn(program, args, {
    ...{ cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2_000);
    });
  }
  let most = 0;
  const look = setInterval(() => {
    most = Math.max(most, residentMb(child.pid));
  }, LOOK_MS);
  try {
    const status = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (status !== 0) throw new Error(`${program} ${args[0]} ended with ${status}: ${said}`);
    return most;
  } finally {
    clearInterval(look);
  }
}

/** 0 when it is gone. */
function residentMb(pid = 0): number {
  try {
    const [, kilobytes = 0] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1_024;
  } catch {
    return 0;
  }
}
