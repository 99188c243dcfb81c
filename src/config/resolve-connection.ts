/** From a checked connection of the file to the model: defaults applied, paths made absolute, secrets as references. */
import path from 'node:path';
import type { TlsMode } from '../core/settings.ts';
import { CONNECTION_DEFAULTS as defaults } from './defaults.ts';
import { type DocNode, flagOf, itemsOf, member, numberOf, textOf } from './document.ts';
import type {
  Connection,
  ElasticsearchAuth,
  ElasticsearchConnection,
  Environment,
  FilesConnection,
  MysqlConnection,
  SecretRef,
  SqliteConnection,
} from './model.ts';
import { hasReference, parseSecret } from './references.ts';

/** `node` has no errors. */
export function resolveDefinition(name: string, node: DocNode, folder: string): Connection {
  switch (textOf(member(node, 'type'))) {
    case 'mysql':
    case 'mariadb':
      return mysql(name, node, folder);
    case 'elasticsearch':
    case 'opensearch':
      return elasticsearch(name, node, folder);
    case 'sqlite':
      return sqlite(name, node, folder);
    default:
      return files(name, node, folder);
  }
}

function mysql(name: string, node: DocNode, folder: string): MysqlConnection {
  const socket = textOf(member(node, 'socket')) ?? null;
  const host = textOf(member(node, 'host')) ?? 'localhost';
  return {
    type: 'mysql',
    name,
    environment: environmentOf(node),
    host,
    port: numberOf(member(node, 'port')) ?? defaults.port,
    socket: socket === null || hasReference(socket) ? socket : path.resolve(folder, socket),
    user: textOf(member(node, 'user')) ?? defaults.user,
    password: secretOf(member(node, 'password'), folder, 'stored'),
    database: textOf(member(node, 'database')) ?? defaults.database,
    tls: (textOf(member(node, 'tls')) as TlsMode | undefined) ?? defaultTls(host, socket),
    tlsCa: pathOf(member(node, 'tlsCa'), folder),
    tlsCert: pathOf(member(node, 'tlsCert'), folder),
    tlsKey: secretOf(member(node, 'tlsKey'), folder, 'none'),
    connectTimeoutMs: numberOf(member(node, 'connectTimeoutMs')) ?? defaults.connectTimeoutMs,
    queryTimeoutMs: numberOf(member(node, 'queryTimeoutMs')) ?? defaults.queryTimeoutMs,
  };
}

/** Nobody listens in between on this machine; everything else must prove who it is. */
function defaultTls(host: string, socket: string | null): TlsMode {
  if (socket !== null) return 'off';
  return isLoopback(host) ? 'preferred' : 'verify-full';
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}

function elasticsearch(name: string, node: DocNode, folder: string): ElasticsearchConnection {
  const url = member(node, 'url');
  const single = textOf(url);
  const urls = single !== undefined ? [single] : itemsOf(url).flatMap((item) => textOf(item) ?? []);
  return {
    type: 'elasticsearch',
    name,
    environment: environmentOf(node),
    urls,
    auth: authOf(member(node, 'auth'), folder),
    tlsCa: pathOf(member(node, 'tlsCa'), folder),
    fingerprint: textOf(member(node, 'fingerprint')) ?? null,
    compression: flagOf(member(node, 'compression')) ?? !urls.every(isOfThisMachine),
    requestTimeoutMs: numberOf(member(node, 'requestTimeoutMs')) ?? defaults.requestTimeoutMs,
  };
}

/** Packing costs both sides more than it saves where nothing leaves the machine. */
function isOfThisMachine(url: string): boolean {
  return URL.canParse(url) && isLoopback(new URL(url).hostname);
}

function authOf(node: DocNode | undefined, folder: string): ElasticsearchAuth {
  if (node === undefined) return { kind: 'none' };
  const apiKey = member(node, 'apiKey');
  if (apiKey !== undefined) return { kind: 'apiKey', apiKey: secretOf(apiKey, folder, 'stored') };
  const bearer = member(node, 'bearer');
  if (bearer !== undefined) return { kind: 'bearer', bearer: secretOf(bearer, folder, 'stored') };
  const password = secretOf(member(node, 'password'), folder, 'stored');
  return { kind: 'basic', user: textOf(member(node, 'user')) ?? '', password };
}

function sqlite(name: string, node: DocNode, folder: string): SqliteConnection {
  return { type: 'sqlite', name, environment: environmentOf(node), file: pathOf(member(node, 'file'), folder) ?? '' };
}

function files(name: string, node: DocNode, folder: string): FilesConnection {
  return {
    type: 'files',
    name,
    environment: environmentOf(node),
    folder: pathOf(member(node, 'folder'), folder) ?? '',
    format: textOf(member(node, 'format')) === 'csv' ? 'csv' : defaults.format,
    compress: textOf(member(node, 'compress')) === 'gzip' ? 'gzip' : defaults.compress,
  };
}

function environmentOf(node: DocNode): Environment | null {
  return (textOf(member(node, 'environment')) as Environment | undefined) ?? null;
}

function secretOf(node: DocNode | undefined, folder: string, absent: 'stored' | 'none'): SecretRef {
  const reference = parseSecret(textOf(node), folder, absent);
  if (reference === undefined) throw new Error('a secret field was resolved before it was checked');
  return reference;
}

/** Absolute; a path with a reference stays as it is until the reference is known. */
function pathOf(node: DocNode | undefined, folder: string): string | null {
  const text = textOf(node);
  if (text === undefined || text === '') return null;
  return hasReference(text) ? text : path.resolve(folder, text);
}
