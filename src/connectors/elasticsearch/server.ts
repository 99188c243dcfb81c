/** Which search server is there, and whether it is one that this connector knows. */
import { DataError } from '../../core/ports.ts';
import type { ElasticsearchConnection } from '../../core/settings.ts';
import { printable } from '../printable.ts';
import type { SearchClient } from './client.ts';
import { searchError } from './errors.ts';
import type { RawAnswer } from './exchange.ts';

export interface SearchServer {
  readonly product: 'elasticsearch' | 'opensearch';
  readonly major: number;
  /** Such as `8.19.21`. */
  readonly version: string;
  /** The cluster's own identity, the same behind every address of it; empty before it has formed. */
  readonly cluster: string;
  /** As people read it: `OpenSearch 2.19.6`. */
  readonly title: string;
}

const TITLES = { elasticsearch: 'Elasticsearch', opensearch: 'OpenSearch' } as const;
/** An answer to `GET /` has less than one. */
const MOST_BYTES = 1024 * 1024;

/** Rejects with a DataError: `elasticsearch.otherProduct`, `elasticsearch.otherVersion`, or why there is no answer. */
export async function readServer(client: SearchClient, connection: ElasticsearchConnection): Promise<SearchServer> {
  const answer = await ask(client, connection);
  const server = serverIn(answer);
  if (server === undefined) {
    const address = connection.urls.map((url) => new URL(url).host).join(', ');
    throw searchError(
      'elasticsearch.otherProduct',
      { connection: connection.name, address },
      'Another product answers.',
    );
  }
  if (!isKnown(server)) {
    throw searchError(
      'elasticsearch.otherVersion',
      { connection: connection.name, server: server.title },
      server.title,
    );
  }
  return server;
}

/** A server that wants TLS closes a connection without a word. */
async function ask(client: SearchClient, connection: ElasticsearchConnection): Promise<RawAnswer> {
  try {
    return await client.send({ method: 'GET', path: [], maxBytes: MOST_BYTES });
  } catch (error) {
    const { code, args } = error instanceof DataError ? error.error : { code: '', args: {} };
    if (code !== 'elasticsearch.connectionLost' || connection.urls.some((url) => url.startsWith('https:'))) throw error;
    throw searchError('elasticsearch.closedAtOnce', args, 'The server closed the connection.', error);
  }
}

function serverIn({ headers, body }: RawAnswer): SearchServer | undefined {
  let root: { readonly version?: { number?: unknown; distribution?: unknown }; readonly cluster_uuid?: unknown };
  try {
    root = JSON.parse(body.toString()) ?? {};
  } catch {
    return undefined;
  }
  const { number, distribution } = root.version ?? {};
  const found = typeof number === 'string' ? /^(\d{1,4})\.\d{1,4}(?:\.[\w.-]{1,40})?$/.exec(number) : null;
  if (typeof number !== 'string' || found === null) return undefined;
  // Elasticsearch says so in a header since 7.14; others that follow its interface do not.
  const isElasticsearch = headers['x-elastic-product'] === TITLES.elasticsearch;
  const product = distribution === 'opensearch' ? 'opensearch' : isElasticsearch ? 'elasticsearch' : undefined;
  if (product === undefined) return undefined;
  const cluster = typeof root.cluster_uuid === 'string' && root.cluster_uuid !== '_na_' ? root.cluster_uuid : '';
  const version = printable(number);
  return { product, major: Number(found[1]), version, cluster, title: `${TITLES[product]} ${version}` };
}

function isKnown({ product, major, version }: SearchServer): boolean {
  if (product === 'opensearch') return major === 2 || major === 3;
  return major === 8 || major === 9 || (major === 7 && Number(version.split('.')[1]) >= 17);
}
