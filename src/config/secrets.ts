/**
 * From a connection of the model to what a worker gets: references expanded, certificates read, secrets in place.
 * The result is never stored or logged, and no failure names anything but where a secret was looked for.
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Coded } from '../core/model.ts';
import { DataError, type Secrets } from '../core/ports.ts';
import type { ResolvedConnection, SearchLogin } from '../core/settings.ts';
import type { Connection, ElasticsearchConnection, MysqlConnection, SecretRef } from './model.ts';
import { expandAddress, referencedNames, secretVariable } from './references.ts';

const MAX_SECRET_BYTES = 1024 * 1024;

/** Where references lead, on this host. */
export interface SecretSources {
  /** Folder of the configuration file. */
  readonly folder: string;
  /** Environment variables. */
  environment(name: string): string | undefined;
  /** Secrets kept outside the file, by connection: secret storage in the editor, {@link environmentSecrets} elsewhere. */
  readonly secrets: Secrets;
}

/** What hosts without a secret storage take: `DATATRACE_SECRET_<CONNECTION>`. */
export function environmentSecrets(environment: Readonly<Record<string, string | undefined>>): Secrets {
  return { get: async (connection) => environment[secretVariable(connection)] };
}

/** Identity a stored secret is bound to: when the file points elsewhere the secret has to be given again. */
export function secretBinding(connection: Connection): string {
  switch (connection.type) {
    case 'mysql':
      return JSON.stringify(['mysql', connection.socket ?? connection.host, connection.port, connection.user]);
    case 'elasticsearch': {
      const { auth } = connection;
      return JSON.stringify(['elasticsearch', ...connection.urls, auth.kind, auth.kind === 'basic' ? auth.user : '']);
    }
    default:
      return JSON.stringify([connection.type]);
  }
}

/** What must never be shown of a resolved connection. */
export function secretsIn(connection: ResolvedConnection): readonly string[] {
  return secretFieldsOf(connection).filter((secret) => secret !== '');
}

function secretFieldsOf(connection: ResolvedConnection): readonly string[] {
  switch (connection.type) {
    case 'mysql':
      return [connection.password, connection.tlsKey ?? ''];
    case 'elasticsearch':
      return loginSecrets(connection.auth);
    default:
      return [];
  }
}

/** With what a user name and a password become on their way: that opens the door as well. */
function loginSecrets(auth: SearchLogin): readonly string[] {
  switch (auth.kind) {
    case 'none':
      return [];
    case 'basic':
      return auth.password === ''
        ? []
        : [auth.password, Buffer.from(`${auth.user}:${auth.password}`).toString('base64')];
    case 'apiKey':
      return [auth.apiKey];
    case 'bearer':
      return [auth.bearer];
  }
}

/** Rejects with a {@link DataError} (`secret.*`, `address.*`) that says what to do. */
export async function resolveConnection(connection: Connection, sources: SecretSources): Promise<ResolvedConnection> {
  switch (connection.type) {
    case 'sqlite':
      return { type: 'sqlite', name: connection.name, file: expandPath(connection.name, connection.file, sources) };
    case 'files': {
      const { name, format, compress } = connection;
      return { type: 'files', name, folder: expandPath(name, connection.folder, sources), format, compress };
    }
    case 'mysql':
      return resolveMysql(connection, sources);
    case 'elasticsearch':
      return resolveElasticsearch(connection, sources);
  }
}

async function resolveElasticsearch(
  connection: ElasticsearchConnection,
  sources: SecretSources,
): Promise<ResolvedConnection> {
  const { name, fingerprint, compression, requestTimeoutMs } = connection;
  const [auth, tlsCa] = await Promise.all([resolveLogin(connection, sources), readCertificate(name, connection.tlsCa)]);
  const urls = connection.urls.map((url) => expand(name, url, sources));
  return { type: 'elasticsearch', name, urls, auth, tlsCa, fingerprint, compression, requestTimeoutMs };
}

async function resolveLogin(connection: ElasticsearchConnection, sources: SecretSources): Promise<SearchLogin> {
  const { auth } = connection;
  switch (auth.kind) {
    case 'none':
      return auth;
    case 'basic':
      return { kind: 'basic', user: auth.user, password: await readSecret(connection, auth.password, sources) };
    case 'apiKey':
      return { kind: 'apiKey', apiKey: await readSecret(connection, auth.apiKey, sources) };
    case 'bearer':
      return { kind: 'bearer', bearer: await readSecret(connection, auth.bearer, sources) };
  }
}

async function resolveMysql(connection: MysqlConnection, sources: SecretSources): Promise<ResolvedConnection> {
  const { name, socket } = connection;
  const [password, tlsKey, tlsCa, tlsCert] = await Promise.all([
    readSecret(connection, connection.password, sources),
    readSecret(connection, connection.tlsKey, sources),
    readCertificate(name, connection.tlsCa),
    readCertificate(name, connection.tlsCert),
  ]);
  return {
    type: 'mysql',
    name,
    host: expand(name, connection.host, sources),
    port: connection.port,
    socket: socket === null ? null : expandPath(name, socket, sources),
    user: connection.user,
    password,
    database: connection.database,
    tls: connection.tls,
    tlsCa,
    tlsCert,
    tlsKey: tlsKey === '' ? null : tlsKey,
    connectTimeoutMs: connection.connectTimeoutMs,
    queryTimeoutMs: connection.queryTimeoutMs,
  };
}

/** The secret that a reference stands for; empty when there is none. Rejects with a {@link DataError}. */
export async function readSecret(connection: Connection, secret: SecretRef, sources: SecretSources): Promise<string> {
  switch (secret.kind) {
    case 'none':
      return '';
    case 'env': {
      const value = sources.environment(secret.name);
      if (value !== undefined) return value;
      throw failure({ code: 'secret.variableMissing', args: { connection: connection.name, variable: secret.name } });
    }
    case 'file':
      return (await readText(connection.name, secret.path, 'secret.fileUnreadable')).replace(/\r?\n$/, '');
    case 'stored': {
      const value = await sources.secrets.get(connection.name);
      if (value !== undefined) return value;
      const args = { connection: connection.name, variable: secretVariable(connection.name) };
      throw failure({ code: 'secret.notStored', args });
    }
  }
}

async function readCertificate(connection: string, file: string | null): Promise<string | null> {
  return file === null ? null : readText(connection, file, 'certificate.fileUnreadable');
}

async function readText(connection: string, file: string, code: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_SECRET_BYTES) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
    return await readFile(file, 'utf8');
  } catch (error) {
    // The cause is left out: only the system's short code is known to be free of content.
    const reason = String((error as NodeJS.ErrnoException).code ?? 'unknown');
    throw failure({ code, args: { connection, path: file, reason } });
  }
}

function expandPath(connection: string, text: string, sources: SecretSources): string {
  return path.resolve(sources.folder, expand(connection, text, sources));
}

function expand(connection: string, text: string, sources: SecretSources): string {
  for (const variable of referencedNames(text)) {
    if (!sources.environment(variable))
      throw failure({ code: 'address.variableMissing', args: { connection, variable } });
  }
  return expandAddress(text, sources.environment);
}

function failure(coded: Coded): DataError {
  return new DataError({ ...coded, class: 'permanent', message: '' });
}
