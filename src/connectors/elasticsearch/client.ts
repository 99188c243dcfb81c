/**
 * Talks to the nodes of one cluster: raw bytes in and out, so that no document is ever parsed on its way, and nothing of a
 * server is believed without a bound. A request is sent once; only where no connection could be made the next node is
 * tried. Whether to repeat one is for the caller to decide, who knows what a repetition does.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ClusterConnectionPool, UndiciConnection } from '@elastic/transport';
import type { ElasticsearchConnection } from '../../core/settings.ts';
import type { Output } from '../output.ts';
import { isJson, notJson, refusal } from './answers.ts';
import { fromNetwork, searchError } from './errors.ts';
import { exchange, type RawAnswer } from './exchange.ts';
import { connectWith } from './trust.ts';

const packed = promisify(gzip);

export interface SearchRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** Parts between the slashes, as they are: an index may be called `<logs-{now/d}>`. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** JSON. */
  readonly body?: Uint8Array | string;
  /** The body is lines of JSON, each with its end. Absent: false. */
  readonly lines?: boolean;
  /** Statuses beside 2xx that are an answer and no error. */
  readonly accept?: readonly number[];
  /** Most bytes of the answer, unpacked. Absent: 128 MiB, more than a server takes as one document. */
  readonly maxBytes?: number;
  /** Memory that the answer is written into. Absent: memory of its own. */
  readonly into?: Output;
  /** Absent: the connection's. */
  readonly timeoutMs?: number;
}

export interface SearchClient {
  /** Rejects with a DataError, or with the signal's reason. */
  send(request: SearchRequest): Promise<RawAnswer>;
  /** The same connections for work that the signal ends. */
  within(signal: AbortSignal): SearchClient;
  /** Cuts all connections: requests that are under way reject. */
  close(): Promise<void>;
}

const MOST_BYTES = 128 * 1024 * 1024;
/** A server may tell of its resources in a header for each shard. */
const MOST_HEADER_BYTES = 256 * 1024;
/** Connections to a node, at most. */
const MOST_CONNECTIONS = 32;
/** A connection that was idle for longer is not used again: something in between may have forgotten it. */
const IDLE_MS = 30_000;
/** Smaller bodies are sent as they are. */
const WORTH_PACKING_BYTES = 1024;

/** @throws DataError `elasticsearch.badAddress`, `elasticsearch.badLogin`, `elasticsearch.tlsFiles`; nothing is sent yet */
export function openClient(connection: ElasticsearchConnection): SearchClient {
  const nodes = nodesOf(connection);
  const pool = new ClusterConnectionPool({
    Connection: UndiciConnection,
    resurrectStrategy: 'optimistic',
    // Its type knows only some of what is handed on to the HTTP library.
    agent: {
      connect: connectWith(connection),
      connections: MOST_CONNECTIONS,
      maxHeaderSize: MOST_HEADER_BYTES,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      // Ours hold from the beginning of a request to its end.
      headersTimeout: 0,
      bodyTimeout: 0,
    } as object,
  });
  pool.addConnection(nodes.map((url) => ({ url, headers: login(connection) })));
  let requests = 0;

  const next = (): UndiciConnection => {
    requests += 1;
    const found = pool.getConnection({ now: Date.now(), requestId: requests, name: 'datatrace', context: null });
    return found as UndiciConnection;
  };

  const send = async (request: SearchRequest, signal?: AbortSignal): Promise<RawAnswer> => {
    const body = request.body ?? null;
    const packs = connection.compression && body !== null && body.length >= WORTH_PACKING_BYTES;
    const headers = {
      accept: 'application/json',
      ...(connection.compression ? { 'accept-encoding': 'gzip' } : {}),
      ...(body === null ? {} : { 'content-type': request.lines ? 'application/x-ndjson' : 'application/json' }),
      ...(packs ? { 'content-encoding': 'gzip' } : {}),
    };
    const sent = {
      method: request.method,
      path: pathOf(request),
      headers,
      body: packs ? await packed(body) : body,
      maxBytes: request.maxBytes ?? MOST_BYTES,
      into: request.into,
      timeoutMs: request.timeoutMs ?? connection.requestTimeoutMs,
      signal,
    };
    for (let tries = 1; ; tries += 1) {
      const node = next();
      let answer: RawAnswer;
      try {
        answer = await exchange(node, sent);
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        pool.markDead(node);
        const failure = fromNetwork(error, connection, node.url);
        if (tries < nodes.length && NEVER_SENT.has(failure.error.code)) continue;
        throw failure;
      }
      if (isGone(answer.status)) pool.markDead(node);
      else pool.markAlive(node);
      return checked(answer, request, node.url, body?.length ?? 0);
    }
  };

  const checked = (answer: RawAnswer, request: SearchRequest, node: URL, bytes: number): RawAnswer => {
    const { status, body } = answer;
    if ((status < 200 || status > 299) && !request.accept?.includes(status)) {
      throw refusal(answer, connection, node, bytes);
    }
    if (body.length > 0 && !isJson(answer)) throw notJson(answer, connection, node);
    return answer;
  };

  const client = (signal?: AbortSignal): SearchClient => ({
    send: (request) => send(request, signal),
    within: client,
    close: async () => {
      for (const node of pool.connections) await (node as UndiciConnection).pool.destroy();
    },
  });
  return client();
}

/** Failures after which nothing has reached the server. */
const NEVER_SENT = new Set<string>(['elasticsearch.unreachable', 'elasticsearch.connectTimeout']);

function isGone(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

function nodesOf({ name, urls }: ElasticsearchConnection): URL[] {
  const nodes = urls.map((text, index) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const plain =
      url !== undefined && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
    // Not repeated in the message: an address from the environment may hold a password.
    if (!plain || !/^https?:$/.test(url.protocol)) {
      throw searchError('elasticsearch.badAddress', { connection: name, number: index + 1 }, 'This is no address.');
    }
    return url;
  });
  return [...new Map(nodes.map((url) => [url.href, url])).values()];
}

/** Given to each node of the list, and to nobody else: redirections are not followed. */
function login({ name, auth }: ElasticsearchConnection): Record<string, string> {
  if (auth.kind === 'none') return {};
  const authorization =
    auth.kind === 'basic'
      ? `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`
      : auth.kind === 'apiKey'
        ? `ApiKey ${auth.apiKey}`
        : `Bearer ${auth.bearer}`;
  if (!/^[\x21-\x7e]+ [\x21-\x7e]+$/.test(authorization)) {
    throw searchError('elasticsearch.badLogin', { connection: name }, 'The key or token is none.');
  }
  return { authorization };
}

/** @throws Error where a part would lead somewhere else than it says */
function pathOf({ path, query }: SearchRequest): string {
  const parts = path.map((part) => {
    if (part === '' || part === '.' || part === '..') throw new Error(`"${part}" cannot be a part of a path`);
    return encodeURIComponent(part);
  });
  const entries = Object.entries(query ?? {}).map(([name, value]) => [name, String(value)]);
  return `/${parts.join('/')}${entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`}`;
}
