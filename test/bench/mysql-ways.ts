/** What copies the tables in a measurement: we, and the tools that everybody has. */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { MariaDb } from '../servers/mysql/instance.ts';

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

/** Options file with the account: a password in the arguments would be seen by everybody. */
function account(folder: string, { server }: Place): string {
  const file = join(folder, `${server.name}.cnf`);
  const { host, port, user, password } = server;
  writeFileSync(
    file,
    `[client]\nhost=${host}\nport=${port}\nprotocol=tcp\nuser=${user}\npassword=${password}\nskip-ssl\n`,
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

const pipe: Way = {
  name: 'mariadb-dump | mariadb',
  programs: ['mariadb-dump', 'mariadb', 'bash'],
  copy: async ({ folder, from, to, tables }) => {
    const dump = `mariadb-dump --defaults-extra-file=${account(folder, from)} --single-transaction --quick ${from.database} ${tables.join(' ')}`;
    const load = `mariadb --defaults-extra-file=${account(folder, to)} ${to.database}`;
    await run('bash', ['-c', `set -o pipefail; ${dump} | ${load}`]);
  },
};

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

export const PEERS: readonly Way[] = [mydumper, pipe, tab];

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
export async function presentPeers(say: (sentence: string) => void): Promise<Way[]> {
  const missing = (): Way[] => PEERS.filter((peer) => !peer.programs.every(present));
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
  return PEERS.filter((peer) => !absent.includes(peer));
}
