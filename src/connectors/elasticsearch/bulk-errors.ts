/** What becomes of a document that a bulk request did not get in: tried again, refused for what it holds, or the end of the unit. */
import type { DataError } from '../../core/ports.ts';
import type { ElasticsearchConnection } from '../../core/settings.ts';
import { printable } from '../printable.ts';
import type { FailedItem } from './bulk-answer.ts';
import { redacted, type SearchCode, searchError } from './errors.ts';
import { isDiskFull } from './failure-words.ts';

/** Whose documents they are. */
export interface Place {
  readonly connection: ElasticsearchConnection;
  readonly index: string;
}

export type Verdict =
  /** It may get in later. */
  | { readonly kind: 'again'; readonly error: DataError }
  /** Nobody but this document is refused: `Target.isRowError`. */
  | { readonly kind: 'row'; readonly error: DataError }
  /** Nothing more gets in. */
  | { readonly kind: 'end'; readonly error: DataError }
  /** There is another of its id: a newer version, or any where there must be none. */
  | { readonly kind: 'conflict'; readonly error: DataError };

/** Codes of what a document is refused for. */
const ROW_CODES: ReadonlySet<string> = new Set<SearchCode>([
  'elasticsearch.documentRefused',
  'elasticsearch.documentTooLarge',
  'elasticsearch.documentExists',
  'elasticsearch.fieldLimit',
]);

export function isRowError(error: DataError): boolean {
  return ROW_CODES.has(error.error.code);
}

/** Failures of a whole request after which all of it is sent again: the server has none of it. */
const TURNED_AWAY: ReadonlySet<string> = new Set<SearchCode>(['elasticsearch.busy', 'elasticsearch.unavailable']);
/** After these nobody knows whether it has. */
const UNHEARD_OF: ReadonlySet<string> = new Set<SearchCode>([
  'elasticsearch.connectionLost',
  'elasticsearch.closedAtOnce',
  'elasticsearch.timeout',
  'elasticsearch.unreachable',
  'elasticsearch.connectTimeout',
]);

export function isTurnedAway({ error }: DataError): boolean {
  return TURNED_AWAY.has(error.code);
}

/** A proxy answers for a server that has perhaps taken all of it. */
export function isUnheardOf({ error }: DataError): boolean {
  return UNHEARD_OF.has(error.code) || error.code === 'elasticsearch.unavailable';
}

/** Most characters of what a server says of a document: it repeats parts of it. */
const MOST_CHARACTERS = 500;

/** Most characters of an id that people are shown. */
const MOST_OF_ID = 100;

/** @param document its id */
export function verdictOn({ status, type, reason }: Omit<FailedItem, 'item'>, document: string, at: Place): Verdict {
  const id = shownId(document);
  const { connection, index } = at;
  const said = redacted([type, reason].filter((text) => text !== '').join(': '), connection);
  const detail = said.length > MOST_CHARACTERS ? `${said.slice(0, MOST_CHARACTERS)}…` : said || `HTTP ${status}`;
  const make = (code: SearchCode): DataError =>
    searchError(code, { connection: connection.name, index, id, detail, status, address: '' }, detail);

  switch (type) {
    case 'cluster_block_exception':
      // While there is no master: of an index, and of a full disk, it is told with 403 and 429.
      if (status === 503) return { kind: 'again', error: make('elasticsearch.shardsUnavailable') };
      return { kind: 'end', error: make(isDiskFull(reason) ? 'elasticsearch.diskFull' : 'elasticsearch.blocked') };
    case 'index_closed_exception':
      return { kind: 'end', error: make('elasticsearch.indexClosed') };
    case 'index_not_found_exception':
      return { kind: 'end', error: make('elasticsearch.indexMissing') };
    case 'unavailable_shards_exception':
    case 'no_shard_available_action_exception':
      return { kind: 'again', error: make('elasticsearch.shardsUnavailable') };
    case 'version_conflict_engine_exception':
      return { kind: 'conflict', error: make('elasticsearch.documentExists') };
  }
  if (/Limit of (total fields|mapping depth|nested fields)/.test(reason))
    return { kind: 'row', error: make('elasticsearch.fieldLimit') };
  if (/pipeline with id \[.*\] does not exist/.test(reason))
    return { kind: 'end', error: make('elasticsearch.requestFailed') };
  if (status === 413) return { kind: 'row', error: make('elasticsearch.documentRefused') };
  if (status === 401 || status === 403) return { kind: 'end', error: make('elasticsearch.permission') };
  if (status === 429) return { kind: 'again', error: make('elasticsearch.busy') };
  if (status >= 500) return { kind: 'again', error: make('elasticsearch.shardsUnavailable') };
  if (status === 409) return { kind: 'conflict', error: make('elasticsearch.documentExists') };
  if (status === 400) return { kind: 'row', error: make('elasticsearch.documentRefused') };
  return { kind: 'end', error: make('elasticsearch.requestFailed') };
}

function shownId(id: string): string {
  return printable(id.length > MOST_OF_ID ? `${id.slice(0, MOST_OF_ID)}…` : id);
}

export function tooLarge(bytes: number, document: string, { connection, index }: Place): DataError {
  const id = shownId(document);
  const megabytes = Math.max(1, Math.round(bytes / 1_048_576));
  return searchError(
    'elasticsearch.documentTooLarge',
    { connection: connection.name, index, id, megabytes },
    `${id}: ${megabytes} MB in one request`,
  );
}
