/** What copies the tables in a measurement: we, and the tools that everybody has. */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { MariaDb } from '../servers/mysql/instance.ts';
import { findServer, type ServerKind } from '../servers/mysql/programs.ts';

const run = promisify(execFile);

export interface Place {
  readonly server: MariaDb;
  readonly database: string;
}

export interface Job {
  readonly folder: string;
  readonly from: Place;
  readonly to: Place;
  readonly tables: readonly string[];
}

/** A copy of all tables; rejects when the tool says that it failed. */
export interface Way {
  readonly name: string;
  /** Programs it needs. */
  readonly programs: readonly string[];
  copy(job: Job): Promise<void>;
}

function passwordName(server: MariaDb): string {
  return `BENCH_PASSWORD_${server.name.toUpperCase()}`;
}

/** @param cli the bundle of our command line; `options` of the task */
export function ours(name: string, cli: string, options: object): Way {
  return {
    name,
    programs: [],
    copy: async ({ folder, from, to }) => {
      const work = join(folder, 'work');
      const store = join(folder, 'store');
      for (const each of [work, store]) rmSync(each, { recursive: true, force: true });
      mkdirSync(work);
      const connection = ({ server, database }: Place): object => ({
        type: 'mysql',
        host: server.host,
        port: server.port,
        user: server.user,
        password: `\${env:${passwordName(server)}}`,
        database,
        tls: 'off',
      });
      const task = {
        source: 'from',
        target: 'to',
        concurrency: 2,
        resume: 'row',
        createTarget: 'recreate',
        ...options,
      };
      const config = { connections: { from: connection(from), to: connection(to) }, tasks: { copy: task } };
      writeFileSync(join(work, 'datatrace.json'), JSON.stringify(config));
      const env = { ...process.env, LANG: 'C' } as NodeJS.ProcessEnv;
      for (const { server } of [from, to]) env[passwordName(server)] = server.password;
      await run(process.execPath, [cli, 'run', 'copy', '--store', store, '--json'], { cwd: work, env, maxBuffer: 1e9 });
    },
  };
}

/** The client programs of a kind of server, as a shell calls them. */
interface Clients {
  readonly dump: string;
  readonly load: string;
  /** Lines of their options file: no TLS, as everywhere here. */
  readonly options: string;
}

const MARIADB_CLIENTS: Clients = {
  dump: 'mariadb-dump',
  load: 'mariadb',
  options: 'skip-ssl',
};

/** MySQL's are unpacked beside its server. */
async function clientsOf(kind: ServerKind): Promise<Clients> {
  if (kind !== 'mysql') return MARIADB_CLIENTS;
  const { command } = await findServer('mysql');
  const client = (name: string): string =>
    command
      .map((part) => `'${part.replace(/(sbin\/)?mysqld$/, (_, sbin) => (sbin ? `bin/${name}` : name))}'`)
      .join(' ');
  return {
    dump: client('mysqldump'),
    load: client('mysql'),
    options: 'ssl-mode=DISABLED\nget-server-public-key',
  };
}

/** Options file with the account: a password in the arguments would be seen by everybody. */
function account(folder: string, { server }: Place, options = MARIADB_CLIENTS.options): string {
  const file = join(folder, `${server.name}.cnf`);
  const { host, port, user, password } = server;
  writeFileSync(
    file,
    `[client]\nhost=${host}\nport=${port}\nprotocol=tcp\nuser=${user}\npassword=${password}\n${options}\n`,
  );
  chmodSync(file, 0o600);
  return file;
}

function access({ server }: Place): string[] {
  return ['-h', server.host, '-P', String(server.port), '-u', server.user, '-p', server.password];
}

const mydumper: Way = {
  name: 'mydumper + myloader',
  programs: ['mydumper', 'myloader'],
  copy: async ({ folder, from, to }) => {
    const out = join(folder, 'mydumper');
    await run('mydumper', [...access(from), '-B', from.database, '-t', '2', '-r', '100000', '-o', out]);
    await run('myloader', [...access(to), '-d', out, '-B', to.database, '-o', '-t', '2']);
    rmSync(out, { recursive: true });
  },
};

/** The dump pipe between two kinds of servers, with the clients of each. */
async function pipeBetween(source: ServerKind, target: ServerKind): Promise<Way> {
  const [dumping, loading] = [await clientsOf(source), await clientsOf(target)];
  const own = source === 'mysql' ? '--set-gtid-purged=OFF --no-tablespaces' : '';
  // MariaDB's dumps begin with a line for its own client that MySQL's takes for a command.
  const between = source === 'mysql' ? '' : "| sed '1{/sandbox mode/d}'";
  return {
    name: `${source === 'mysql' ? 'mysqldump' : 'mariadb-dump'} | ${target === 'mysql' ? 'mysql' : 'mariadb'}`,
    programs: ['bash', ...(source === 'mysql' ? [] : ['mariadb-dump']), ...(target === 'mysql' ? [] : ['mariadb'])],
    copy: async ({ folder, from, to, tables }) => {
      const dump = `${dumping.dump} --defaults-extra-file=${account(folder, from, dumping.options)} ${own} --single-transaction --quick ${from.database} ${tables.join(' ')}`;
      const load = `${loading.load} --defaults-extra-file=${account(folder, to, loading.options)} ${to.database}`;
      const filter = target === 'mysql' ? between : '';
      await run('bash', ['-c', `set -o pipefail; ${dump} ${filter} | ${load}`]);
    },
  };
}

/** The source's server writes files on its own disk, and this is its machine. */
const tab: Way = {
  name: 'mariadb-dump --tab + mariadb-import',
  programs: ['mariadb-dump', 'mariadb-import', 'mariadb', 'bash'],
  copy: async ({ folder, from, to, tables }) => {
    const out = join(folder, 'tab');
    mkdirSync(out);
    chmodSync(out, 0o777);
    const source = `--defaults-extra-file=${account(folder, from)}`;
    const target = `--defaults-extra-file=${account(folder, to)}`;
    await run('mariadb-dump', [source, '--single-transaction', `--tab=${out}`, from.database, ...tables]);
    await run('bash', ['-c', `cat ${out}/*.sql | mariadb ${target} ${to.database}`]);
    const files = tables.map((table) => join(out, `${table}.txt`));
    await run('mariadb-import', [target, '--local', '--default-character-set=binary', to.database, ...files]);
    rmSync(out, { recursive: true });
  },
};

/** Between two MariaDB servers all of them; elsewhere only the dump pipe is at home. */
async function peersOf(source: ServerKind, target: ServerKind): Promise<Way[]> {
  const pipe = await pipeBetween(source, target);
  return source === 'mysql' || target === 'mysql' ? [pipe] : [mydumper, pipe, tab];
}

/** The least that a copy can cost: within the target server, from tables that are there already. */
export function floor(database: string): Way {
  return {
    name: 'INSERT .. SELECT',
    programs: [],
    copy: async ({ to, tables }) => {
      for (const table of tables) {
        const [own, its] = [`\`${to.database}\`.\`${table}\``, `\`${database}\`.\`${table}\``];
        await to.server.query(`CREATE TABLE ${own} LIKE ${its}; INSERT INTO ${own} SELECT * FROM ${its}`);
      }
    },
  };
}

function present(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/**
 * The peers that can run here; their Debian packages are installed where that is allowed.
 * @param say one sentence for each that is missing
 */
export async function presentPeers(
  source: ServerKind,
  target: ServerKind,
  say: (sentence: string) => void,
): Promise<Way[]> {
  const peers = await peersOf(source, target);
  const missing = (): Way[] => peers.filter((peer) => !peer.programs.every(present));
  if (missing().length > 0 && process.getuid?.() === 0 && present('apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const args = ['install', '-y', '--no-install-recommends', 'mariadb-client', 'mydumper'];
    await run('apt-get', args, { env, maxBuffer: 1e8 }).catch(() => {});
  }
  const absent = missing();
  for (const peer of absent) {
    say(
      `${peer.name} is not measured: ${peer.programs.join(', ')} of the packages mariadb-client and mydumper are not all here.`,
    );
  }
  return peers.filter((peer) => !absent.includes(peer));
}
