/**
 * Private MariaDB and MySQL servers for tests: own data folder, own socket, 127.0.0.1 and a free port, ended by process id.
 *
 * Several of them (source and target) run side by side. When DATATRACE_TEST_MARIADB_URL or DATATRACE_TEST_MYSQL_URL is
 * set, that server is used instead and nothing is started or stopped; tests keep apart by database names.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants, cp, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { freePort } from '../free-port.ts';
import { endWithThisProcess, killHard } from '../own-process.ts';
import { findServer, isServerKind, SERVER_KINDS, type ServerKind, type ServerProgram } from './programs.ts';

/** A row as the helper's `query` answers it: every value as the server's text, NULL as null. */
export type TextRow = Record<string, string | null>;

export type MariaDb = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** `mysql://user:password@host:port` without a database. */
  readonly url: string;
  /** Path of the unix socket; empty for a server given by a URL. */
  readonly socket: string;
  /** Process id; 0 for a server given by a URL. */
  readonly pid: number;
  /** `VERSION()` of the server, to be printed with results. */
  readonly version: string;
  /** Runs one or more statements as administrator; answers the rows of the last one that had rows. */
  query(sql: string): Promise<TextRow[]>;
  /** Makes an empty database with a name of its own and returns that name. */
  freshDatabase(prefix: string): Promise<string>;
  /** Kills the server (SIGKILL, as a crash would) and starts it again on its data, port and socket. */
  restart(): Promise<void>;
  /** Ends the server (SIGTERM, SIGKILL after 10 s) and removes its folder. May be called twice. */
  stop(): Promise<void>;
};

export type ServerOptions = {
  readonly name: string;
  /** Further server options such as `--max-allowed-packet=1M`. */
  readonly args?: readonly string[];
};

/**
 * The kind of server that suites of one kind run against: DATATRACE_TEST_SERVER, else the kind of the server that the
 * environment names, else the machine's own MariaDB.
 */
export function suiteKind(): ServerKind {
  const {
    DATATRACE_TEST_SERVER: asked,
    DATATRACE_TEST_MARIADB_URL: mariaDb,
    DATATRACE_TEST_MYSQL_URL: mysqlUrl,
  } = process.env;
  const kind = asked || (mysqlUrl && !mariaDb ? 'mysql' : 'mariadb');
  if (isServerKind(kind)) return kind;
  throw new Error(`DATATRACE_TEST_SERVER is one of ${SERVER_KINDS.join(', ')}, not ${kind}.`);
}

/** A server of {@link suiteKind}. */
export function startMariaDb(options: ServerOptions): Promise<MariaDb> {
  return startServer(suiteKind(), options);
}

/** Starts a private server and waits until it answers. Throws when no server can be found or it does not come up. */
export async function startServer(kind: ServerKind, options: ServerOptions): Promise<MariaDb> {
  const given = givenServer(kind);
  // One with options of its own has to be our own.
  if (given !== undefined && options.args === undefined) return connectTo(options.name, given);

  const program = await findServer(kind);
  const template = await dataTemplate(program);
  const folder = await mkdtemp(join(tmpdir(), `dt-${kind}-${options.name}-`));
  const data = join(folder, 'data');
  await cp(template, data, { recursive: true, mode: constants.COPYFILE_FICLONE });

  const user = 'datatrace';
  const password = randomBytes(9).toString('hex');
  await writeFile(join(folder, 'init.sql'), accountSql(kind, user, password), { mode: 0o600 });
  const socket = join(folder, 's');
  const port = await freePort();
  const log = join(folder, 'error.log');
  const [command = '', ...args] = [
    ...program.command,
    ...serverArguments({ folder, data, socket, port, log }),
    ...program.args,
    ...OWN_ARGUMENTS[kind],
    ...(options.args ?? []),
  ];
  const start = (): ChildProcess => spawn(command, args, { stdio: 'ignore' });
  const own = { child: start() };
  const release = endWithThisProcess(own, folder);
  const up = () => waitUntilUp(own.child, { host: '127.0.0.1', port, user, password }, log);
  try {
    await up();
  } catch (error) {
    await release();
    throw error;
  }
  const restart = async (): Promise<void> => {
    await killHard(own.child);
    own.child = start();
    own.child.unref();
    await up();
  };
  return handle({
    name: options.name,
    host: '127.0.0.1',
    port,
    user,
    password,
    socket,
    pid: own.child.pid ?? 0,
    restart,
    stop: release,
  });
}

/** A server that the environment names for the kind. */
function givenServer(kind: ServerKind): URL | undefined {
  const { DATATRACE_TEST_MARIADB_URL: mariaDb = '', DATATRACE_TEST_MYSQL_URL: mysqlUrl = '' } = process.env;
  const urls = { mariadb: mariaDb, mariadb11: mariaDb, mysql: mysqlUrl };
  return urls[kind] === '' ? undefined : new URL(urls[kind]);
}

async function connectTo(name: string, url: URL): Promise<MariaDb> {
  return handle({
    name,
    host: url.hostname,
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    socket: '',
    pid: 0,
    restart: async () => {
      throw new Error('A server given by a URL is not ours to restart.');
    },
    stop: async () => {},
  });
}

type Basics = Pick<MariaDb, 'name' | 'host' | 'port' | 'user' | 'password' | 'socket' | 'pid' | 'restart'> & {
  stop: () => Promise<void>;
};

/** Several servers of one process may be the same one, given by a URL. */
let databases = 0;

async function handle(basics: Basics): Promise<MariaDb> {
  const pool = mysql.createPool({
    host: basics.host,
    port: basics.port,
    user: basics.user,
    password: basics.password,
    multipleStatements: true,
    connectionLimit: 2,
    charset: 'utf8mb4_bin',
    typeCast: (field) => field.string(),
  });
  const made: string[] = [];
  let isMariaDb = true;
  const query = async (sql: string): Promise<TextRow[]> => {
    try {
      const [results] = await pool.query(isMariaDb ? sql : withSequences(sql));
      return lastRows(results);
    } catch (error) {
      throw new Error(`${String(error)} in: ${sql.length > 500 ? `${sql.slice(0, 500)}…` : sql}`);
    }
  };
  const version = (await query('SELECT VERSION() AS v'))[0]?.v ?? 'unknown';
  isMariaDb = version.includes('MariaDB');
  return {
    ...basics,
    url: `mysql://${encodeURIComponent(basics.user)}:${encodeURIComponent(basics.password)}@${basics.host}:${basics.port}`,
    version,
    query,
    freshDatabase: async (prefix) => {
      databases += 1;
      const database = `${prefix}_${basics.name}_${process.pid}_${databases}`;
      await query(`CREATE DATABASE \`${database}\` DEFAULT CHARACTER SET utf8mb4`);
      made.push(database);
      return database;
    },
    stop: async () => {
      // What is not ours is left as it was.
      const left = basics.pid === 0 ? made.splice(0) : [];
      for (const each of left) await query(`DROP DATABASE IF EXISTS \`${each}\``).catch(() => {});
      await pool.end().catch(() => {});
      await basics.stop();
    },
  };
}

/** MySQL has no tables of numbers as MariaDB's `seq_1_to_100`: a query stands in for each. */
function withSequences(sql: string): string {
  const numbers = (first: string, last: string): string =>
    `(WITH RECURSIVE s (seq) AS (SELECT ${first} UNION ALL SELECT seq + 1 FROM s WHERE seq < ${last}) SELECT seq FROM s) AS seq_${first}_to_${last}`;
  const found = sql.replaceAll(/(?<=\b(?:FROM|JOIN) )seq_(\d+)_to_(\d+)\b/g, (_, first, last) => numbers(first, last));
  return found === sql ? sql : `SET SESSION cte_max_recursion_depth = 1000000; ${found}`;
}

/** With several statements mysql2 answers an array of results; a plain array of rows is one result. */
function lastRows(results: unknown): TextRow[] {
  if (!Array.isArray(results)) return [];
  const sets = results.filter((each): each is TextRow[] => Array.isArray(each));
  return sets.at(-1) ?? results.filter((each): each is TextRow => each?.constructor?.name !== 'ResultSetHeader');
}

function accountSql(kind: ServerKind, user: string, password: string): string {
  const login = kind === 'mariadb11' ? `VIA caching_sha2_password USING PASSWORD('${password}')` : `BY '${password}'`;
  return ['localhost', '%']
    .map(
      (host) =>
        `CREATE USER IF NOT EXISTS '${user}'@'${host}' IDENTIFIED ${login};\n` +
        `GRANT ALL ON *.* TO '${user}'@'${host}' WITH GRANT OPTION;\n`,
    )
    .join('');
}

type Places = { folder: string; data: string; socket: string; port: number; log: string };

function serverArguments(at: Places): string[] {
  return [
    '--no-defaults',
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    `--datadir=${at.data}`,
    `--tmpdir=${at.folder}`,
    `--socket=${at.socket}`,
    `--pid-file=${join(at.folder, 'pid')}`,
    `--log-error=${at.log}`,
    `--init-file=${join(at.folder, 'init.sql')}`,
    '--bind-address=127.0.0.1',
    `--port=${at.port}`,
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    '--max-allowed-packet=64M',
    '--innodb-buffer-pool-size=128M',
    // Survives SIGKILL of the server, not a power cut: enough for tests and much faster.
    '--innodb-flush-log-at-trx-commit=2',
    '--skip-log-bin',
  ];
}

/** Arguments that the data folder is made with. */
const DATA_ARGUMENTS: Readonly<Record<ServerKind, readonly string[]>> = {
  mariadb: ['--innodb-log-file-size=16M'],
  mariadb11: ['--innodb-log-file-size=16M'],
  mysql: ['--innodb-redo-log-capacity=16M'],
};

const OWN_ARGUMENTS: Readonly<Record<ServerKind, readonly string[]>> = {
  mariadb: DATA_ARGUMENTS.mariadb,
  mariadb11: [...DATA_ARGUMENTS.mariadb11, '--plugin-load-add=auth_mysql_sha2'],
  // Its statements about tables wait for the disk many times over; SIGKILL is survived without.
  mysql: [
    ...DATA_ARGUMENTS.mysql,
    ...['--mysqlx=OFF', '--secure-file-priv=NULL', '--innodb-flush-method=nosync', '--innodb-doublewrite=OFF'],
  ],
};

/** An initialised data folder, made once per version and machine, copied for every instance. */
async function dataTemplate(program: ServerProgram): Promise<string> {
  const { kind, version } = program;
  const owner = process.getuid?.() ?? 0;
  const template = join(
    process.env.DATATRACE_TEST_TEMPLATES ?? tmpdir(),
    `datatrace-test-${kind}-${version.replace(/[^\w.-]/g, '_')}-${owner}`,
  );
  if (await exists(join(template, 'mysql'))) return template;
  const draft = await mkdtemp(`${template}-draft-`);
  try {
    await program.initialise(join(draft, 'data'), DATA_ARGUMENTS[kind]);
    // Two test processes may build it at the same time: whoever renames first wins, the other uses that one.
    await rename(join(draft, 'data'), template);
  } catch (error) {
    if (!(await exists(join(template, 'mysql')))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return template;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

type Account = { host: string; port: number; user: string; password: string };

async function waitUntilUp(child: ChildProcess, account: Account, log: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      const connection = await mysql.createConnection({ ...account, connectTimeout: 2_000 });
      await connection.end();
      return;
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline) {
        const tail = (await readFile(log, 'utf8').catch(() => '')).split('\n').slice(-15).join('\n');
        throw new Error(`The private server did not come up: ${String(error)}\n${tail}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
