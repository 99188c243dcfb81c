/** Documents in memory, read as a search source reads them: for tests of what is done with them in a target. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Page, Source, UnitSchema } from '../../src/connectors/contract.ts';
import type { SearchNative } from '../../src/connectors/elasticsearch/native.ts';
import type { ElasticsearchConnection } from '../../src/core/settings.ts';
import type { SearchServer } from '../servers/elasticsearch/instance.ts';

export interface Doc {
  readonly id: string;
  /** Exact text. */
  readonly source: string;
  readonly routing?: string;
  readonly version?: number | bigint;
}

export interface Shape {
  readonly settings?: object;
  readonly mappings?: object;
  readonly native?: Partial<SearchNative>;
}

/** A page of documents; `last` is the number of documents up to it. */
export function pageOfDocs(docs: readonly Doc[], last: number): Page {
  const pieces: string[] = [];
  const places: number[] = [];
  let end = 0;
  const add = (text: string | null): void => {
    if (text === null) return void places.push(0, 0);
    pieces.push(`#${text}`);
    const begin = end + 1;
    end = begin + Buffer.byteLength(text);
    places.push(begin, end);
  };
  for (const { id, routing, version, source } of docs) {
    add(JSON.stringify(id));
    add(routing === undefined ? null : JSON.stringify(routing));
    add(version === undefined ? null : String(version));
    add(source);
  }
  const bytes = docs.reduce((sum, { source }) => sum + Buffer.byteLength(source), 0);
  const data = {
    format: 'search-hits',
    bytes: Buffer.from(pieces.join('')),
    places: Uint32Array.from(places),
  } as const;
  return { rows: docs.length, bytes, last: String(last), data };
}

export function docSource(docs: readonly Doc[], shape: Shape = {}): Source {
  const bound = (upTo: string | null): number => (upTo === null ? docs.length : Number(upTo));
  const source: Source = {
    formats: ['search-hits'],
    listUnits: async () => [{ name: 'docs', type: 'index', view: false, rows: docs.length }],
    describe: async (unit) => schemaOf(unit, shape),
    upperBound: async () => (docs.length === 0 ? null : String(docs.length)),
    count: async (_schema, _where, upTo) => bound(upTo),
    read: async (_schema, { after, upTo, pageRows }) => {
      let at = Number(after ?? 0);
      return {
        next: async () => {
          await turn();
          const last = Math.min(at + pageRows, bound(upTo));
          if (at >= last) return null;
          const page = pageOfDocs(docs.slice(at, last), last);
          at = last;
          return page;
        },
        close: async () => undefined,
      };
    },
    borders: async (_schema, { upTo, parts }) =>
      Array.from({ length: parts - 1 }, (_, at) => String(Math.ceil((Number(upTo) * (at + 1)) / parts))),
    within: () => source,
    close: async () => undefined,
  };
  return source;
}

export function schemaOf(unit: string, { settings = {}, mappings = {}, native = {} }: Shape = {}): UnitSchema {
  const whole: SearchNative = {
    server: { product: 'elasticsearch', major: 8, title: 'Elasticsearch 8.19' },
    cluster: 'another',
    indexes: [{ name: unit, uuid: 'u' }],
    settings: JSON.stringify(settings),
    mappings: JSON.stringify(mappings),
    ...native,
  };
  const columns = ['_id', '_routing', '_source'].map((name) => ({ name, type: name, nullable: false }));
  return {
    ...{ engine: 'elasticsearch', unit, columns, key: ['_id'], fingerprint: 'f', native: whole },
    ...{ warnings: [], refusals: [] },
  };
}

export function connectionTo(
  { url, login, certificate }: Pick<SearchServer, 'url' | 'login' | 'certificate'>,
  more: Partial<ElasticsearchConnection> = {},
): ElasticsearchConnection {
  return {
    type: 'elasticsearch',
    name: 'search',
    urls: [url],
    auth: login === undefined ? { kind: 'none' } : { kind: 'basic', ...login },
    tlsCa: certificate?.ca ?? null,
    fingerprint: null,
    compression: false,
    requestTimeoutMs: 20_000,
    ...more,
  };
}

/** Sources of all documents of an index by their ids, as exact text. */
export async function storedDocs({ request }: SearchServer, index: string): Promise<Map<string, string>> {
  await request('POST', `/${index}/_refresh`);
  const found = (await request('POST', `/${index}/_search`, { size: 10_000 })).text;
  const answer = JSON.parse(found) as {
    readonly hits: { readonly hits: readonly { readonly _id: string; readonly _routing?: string }[] };
  };
  const docs = new Map<string, string>();
  for (const { _id, _routing } of answer.hits.hits) {
    const routing = _routing === undefined ? '' : `?routing=${encodeURIComponent(_routing)}`;
    docs.set(_id, (await request('GET', `/${index}/_source/${encodeURIComponent(_id)}${routing}`)).text);
  }
  return docs;
}
