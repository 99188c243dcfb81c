/**
 * Private Elasticsearch and OpenSearch servers for tests: own data folder, 127.0.0.1 and a free port, ended by process id.
 * They also end themselves when this process dies: they read their standard input until it ends.
 *
 * When DATATRACE_TEST_ELASTICSEARCH_URL is set, that server is used instead of every kind but the secure one, and is
 * neither started nor stopped; tests keep apart by the names of their indexes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { endWithThisProcess, killHard } from '../own-process.ts';
import { makeCertificate, type TestCertificate } from './certificate.ts';
import { SEARCH_RECIPES, type SearchKind } from './kinds.ts';
import { hostArguments, JVM, type Settings, settingsOf } from './launch.ts';
import { findSearchServer, type SearchProgram } from './programs.ts';
import { type Answer, type Login, sendRequest } from './request.ts';

export interface SearchServer {
  readonly name: string;
  /** As it was asked for; a server given by a URL may be another, see `product` and `version`. */
  readonly kind: SearchKind;
  readonly product: 'elasticsearch' | 'opensearch';
  readonly version: string;
  /** `http://127.0.0.1:port`, or as given; without a login and without a slash at its end. */
  readonly url: string;
  /** A user who may do everything; undefined: the server asks for nobody. */
  readonly login: Login | undefined;
  /** undefined: no TLS, or a certificate that this machine trusts. */
  readonly certificate: TestCertificate | undefined;
  /** Process id; 0 for a server given by a URL. */
  readonly pid: () => number;
  /** Sends a request as that user; a body that is not text is sent as JSON. Rejects only when there is no answer. */
  request(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Makes an empty index of one shard without replicas, with a name of its own, and returns that name. */
  freshIndex(prefix: string, mappings?: object): Promise<string>;
  /** Kills the server (SIGKILL, as a crash would) and starts it again on its data and port. */
  restart(): Promise<void>;
  /** Ends the server (SIGTERM, SIGKILL after 10 s) and removes its folder. May be called twice. */
  stop(): Promise<void>;
}

export interface SearchServerOptions {
  readonly name: string;
  /** Further settings such as `{ 'http.max_content_length': '1mb' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Starts a server also when the environment names one. */
  readonly own?: boolean;
}

/** Starts a private server and waits until it answers. Throws when none can be had or it does not come up. */
export async function startSearchServer(kind: SearchKind, options: SearchServerOptions): Promise<SearchServer> {
  const given = process.env.DATATRACE_TEST_ELASTICSEARCH_URL;
  if (given && !options.own && !SEARCH_RECIPES[kind].secure) return connectTo(kind, options.name, new URL(given));

  const program = await findSearchServer(kind);
  const folder = await mkdtemp(join(tmpdir(), `dt-${kind}-${options.name}-`));
  await mkdir(join(folder, 'config'));
  const access = program.recipe.secure ? await secureAccess(folder) : OPEN;
  const port = await freePort();
  const log = join(folder, 'output.log');
  const settings = { ...settingsOf(program.recipe, folder, port), ...access.settings, ...options.settings };
  const own = { child: await launch(program, folder, settings, log) };
  const release = endWithThisProcess(own, folder);
  const url = `${program.recipe.secure ? 'https' : 'http'}://127.0.0.1:${port}`;
  const request: SearchServer['request'] = (method, path, body) =>
    sendRequest({ url, login: access.login, ca: access.certificate?.ca }, method, path, body);
  try {
    await waitUntilUp(own.child, request, log);
  } catch (error) {
    await release();
    throw error;
  }
  const restart = async (): Promise<void> => {
    await killHard(own.child);
    own.child = await launch(program, folder, settings, log);
    await waitUntilUp(own.child, request, log);
  };
  const pid = (): number => own.child.pid ?? 0;
  return handle({ name: options.name, kind, url, ...access, pid, request, restart, stop: release });
}

async function connectTo(kind: SearchKind, name: string, given: URL): Promise<SearchServer> {
  const { username, password } = given;
  const login =
    username === '' ? undefined : { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  const url = `${given.origin}${given.pathname.replace(/\/$/, '')}`;
  return handle({
    name,
    kind,
    url,
    login,
    certificate: undefined,
    pid: () => 0,
    request: (method, path, body) => sendRequest({ url, login }, method, path, body),
    restart: async () => {
      throw new Error('A server given by a URL is not ours to restart.');
    },
    stop: async () => {},
  });
}

type Basics = Omit<SearchServer, 'product' | 'version' | 'freshIndex'>;

async function handle(basics: Basics): Promise<SearchServer> {
  const root = (await basics.request('GET', '/')).json() as { version: { number: string; distribution?: string } };
  let indexes = 0;
  return {
    name: basics.name,
    kind: basics.kind,
    url: basics.url,
    login: basics.login,
    certificate: basics.certificate,
    product: root.version.distribution === 'opensearch' ? 'opensearch' : 'elasticsearch',
    version: root.version.number,
    pid: basics.pid,
    request: basics.request,
    restart: basics.restart,
    stop: basics.stop,
    freshIndex: async (prefix, mappings = {}) => {
      indexes += 1;
      const index = `${prefix}-${basics.name}-${process.pid}-${indexes}`;
      const body = { settings: { number_of_shards: 1, number_of_replicas: 0 }, mappings };
      const { status, text } = await basics.request('PUT', `/${index}`, body);
      if (status !== 200) throw new Error(`The index ${index} could not be made: ${text}`);
      return index;
    },
  };
}

type Access = Pick<SearchServer, 'login' | 'certificate'> & { readonly settings: Settings };

const OPEN: Access = { login: undefined, certificate: undefined, settings: {} };

/** One user in the server's file of users, and TLS on the HTTP port. */
async function secureAccess(folder: string): Promise<Access> {
  const config = join(folder, 'config');
  const login = { user: 'datatrace', password: randomBytes(9).toString('hex') };
  await writeFile(join(config, 'users'), `${login.user}:${login.password}\n`, { mode: 0o600 });
  await writeFile(join(config, 'users_roles'), `superuser:${login.user}\n`);
  const certificate = await makeCertificate(config);
  return {
    login,
    certificate,
    settings: {
      'xpack.security.http.ssl.enabled': 'true',
      'xpack.security.http.ssl.key': certificate.keyFile,
      'xpack.security.http.ssl.certificate': certificate.chainFile,
    },
  };
}

async function launch(
  { java, args, recipe }: SearchProgram,
  folder: string,
  settings: Settings,
  log: string,
): Promise<ChildProcess> {
  const output = await open(log, 'a');
  try {
    const child = spawn(java, [...JVM, ...args, ...hostArguments(recipe, folder, settings)], {
      stdio: ['pipe', output.fd, output.fd],
    });
    // Neither the child nor the pipe that tells it of our end keeps this process alive.
    child.unref();
    (child.stdin as Socket).unref();
    child.stdin?.on('error', () => {});
    return child;
  } finally {
    await output.close();
  }
}

/** Longest wait for a server, ms: a machine that does other work at the same time takes many times its usual 4 s. */
const START_MS = 60_000;

/** Until the primaries of all indexes are there: before that a search fails although the server answers. */
async function waitUntilUp(child: ChildProcess, request: SearchServer['request'], log: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      const { status, text } = await request('GET', '/_cluster/health?wait_for_status=yellow&timeout=30s');
      if (status === 200) return;
      throw new Error(text);
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline) {
        const tail = (await readFile(log, 'utf8').catch(() => '')).split('\n').slice(0, 30).join('\n');
        throw new Error(`The private server did not come up: ${String(error)}\n${tail}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
