/**
 * Finds the programs of the three kinds of server that the tests run against, installing packages where that is possible.
 *
 * Order: a program on the PATH (or in the usual system folders) that is of the kind, then packages: Debian's own release
 * for `mariadb` (installed, as root or through `sudo -n`), a newer suite for the others (unpacked into the project's
 * cache). Where nothing works the caller gets one sentence that says what to do: no test is skipped.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installDebianPackages, loaderOf, unpackDebianPackages } from '../debian-packages.ts';
import { firstExecutable } from '../executables.ts';

const run = promisify(execFile);

/**
 * `mariadb`: any MariaDB, 10.11 on Debian 12. `mariadb11`: 11.8 or newer, whose accounts log in by
 * caching_sha2_password. `mysql`: Oracle's, 8.0 or newer.
 */
export type ServerKind = (typeof SERVER_KINDS)[number];
export const SERVER_KINDS = ['mariadb', 'mariadb11', 'mysql'] as const;

export function isServerKind(name: string): name is ServerKind {
  return SERVER_KINDS.some((kind) => kind === name);
}

export type ServerProgram = {
  readonly kind: ServerKind;
  /** Program and first arguments; the server's own arguments follow. */
  readonly command: readonly string[];
  /** Arguments that belong to where the program lies. */
  readonly args: readonly string[];
  readonly version: string;
  /** Fills a data folder that does not exist yet. `args` are further server arguments. */
  initialise(data: string, args: readonly string[]): Promise<void>;
};

/** Throws an Error with one sentence a person can act on where there is no such server. */
export async function findServer(kind: ServerKind): Promise<ServerProgram> {
  const found = (await onPath(kind)) ?? (kind === 'mariadb' ? await installWithApt() : await fromNewerDebian(kind));
  if (found !== undefined) return found;
  throw new Error(`These tests need ${ADVICE[kind]}`);
}

const ADVICE: Readonly<Record<ServerKind, string>> = {
  mariadb:
    'a MariaDB server: install it (Debian and Ubuntu: apt install mariadb-server) or set ' +
    'DATATRACE_TEST_MARIADB_URL=mysql://user:password@host:port to one that may be written to.',
  mariadb11:
    'MariaDB 11.8 or newer: put its mariadbd on the PATH or set ' +
    'DATATRACE_TEST_MARIADB_URL=mysql://user:password@host:port to one that may be written to.',
  mysql:
    'a MySQL server, 8.0 or newer: put its mysqld on the PATH or set ' +
    'DATATRACE_TEST_MYSQL_URL=mysql://user:password@host:port to one that may be written to.',
};

/** Server arguments of which the data folder depends. */
const asRoot = (): string[] => (process.getuid?.() === 0 ? ['--user=root'] : []);

async function onPath(kind: ServerKind): Promise<ServerProgram | undefined> {
  const server = await firstExecutable(kind === 'mysql' ? ['mysqld'] : ['mariadbd', 'mysqld']);
  if (server === undefined) return undefined;
  const version = await versionOf([server]);
  if (!isOfKind(kind, version)) return undefined;
  if (kind === 'mysql')
    return { kind, command: [server], args: [], version, initialise: initialiseMysql([server], []) };
  const installDb = await firstExecutable(['mariadb-install-db', 'mysql_install_db']);
  if (installDb === undefined) return undefined;
  const initialise = async (data: string, args: readonly string[]): Promise<void> => {
    const method = ['--auth-root-authentication-method=normal', '--skip-test-db'];
    await run(installDb, ['--no-defaults', ...asRoot(), `--datadir=${data}`, ...method, ...args]);
  };
  return { kind, command: [server], args: [], version, initialise };
}

function isOfKind(kind: ServerKind, version: string): boolean {
  const major = Number(/(\d+)\./.exec(version)?.[1] ?? 0);
  const minor = Number(/\d+\.(\d+)/.exec(version)?.[1] ?? 0);
  if (kind === 'mysql') return !version.includes('MariaDB') && major >= 8;
  return version.includes('MariaDB') && (kind === 'mariadb' || major > 11 || (major === 11 && minor >= 8));
}

async function versionOf(command: readonly string[]): Promise<string> {
  const [program = '', ...args] = command;
  const { stdout } = await run(program, [...args, '--no-defaults', '--version']);
  return /Ver (\S+)/.exec(stdout)?.[1] ?? 'unknown';
}

const PACKAGES = {
  mysql: { packages: ['mysql-server-core', 'mysql-client-core'] },
  // The plugins lie in the package with the system's service, of which nothing else is needed.
  mariadb11: { packages: ['mariadb-server-core'], alone: ['mariadb-server'] },
} as const;

async function fromNewerDebian(kind: 'mariadb11' | 'mysql'): Promise<ServerProgram | undefined> {
  const root = await unpackDebianPackages(kind, PACKAGES[kind]);
  if (root === undefined) return undefined;
  const usr = join(root, 'usr');
  const command = [...(await loaderOf(root)), join(usr, 'sbin', kind === 'mysql' ? 'mysqld' : 'mariadbd')];
  const messages = join(usr, kind === 'mysql' ? 'share/mysql' : 'share/mariadb');
  const args = [`--basedir=${usr}`, `--lc-messages-dir=${messages}`, `--plugin-dir=${join(usr, 'lib/mysql/plugin')}`];
  const initialise = kind === 'mysql' ? initialiseMysql(command, args) : bootstrapMariaDb(command, args, messages);
  return { kind, command, args, version: await versionOf(command), initialise };
}

function initialiseMysql(command: readonly string[], place: readonly string[]): ServerProgram['initialise'] {
  return async (data, args) => {
    const [program = '', ...first] = command;
    const own = ['--no-defaults', ...asRoot(), `--datadir=${data}`, '--secure-file-priv=NULL'];
    await run(program, [...first, ...own, ...place, ...args, '--initialize-insecure']);
  };
}

/** What mariadb-install-db does; that script cannot start programs through a loader. */
function bootstrapMariaDb(
  command: readonly string[],
  place: readonly string[],
  messages: string,
): ServerProgram['initialise'] {
  const scripts = ['mariadb_system_tables.sql', 'mariadb_performance_tables.sql', 'mariadb_system_tables_data.sql'];
  return async (data, args) => {
    const [program = '', ...first] = command;
    const texts = await Promise.all(scripts.map((each) => readFile(join(messages, each), 'utf8')));
    const sql = `CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n${texts.join('\n')}`;
    const own = ['--no-defaults', '--bootstrap', ...asRoot(), `--datadir=${data}`];
    const done = run('sh', [
      '-c',
      'mkdir -p "$1" && shift && exec "$@"',
      'sh',
      data,
      program,
      ...first,
      ...own,
      ...place,
      ...args,
    ]);
    done.child.stdin?.end(sql);
    await done;
  };
}

async function installWithApt(): Promise<ServerProgram | undefined> {
  return (await installDebianPackages(['mariadb-server'])) ? onPath('mariadb') : undefined;
}
