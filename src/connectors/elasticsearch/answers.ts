/** What an answer's status and words mean. */
import type { DataError } from '../../core/ports.ts';
import type { ElasticsearchConnection } from '../../core/settings.ts';
import { redacted, type SearchCode, searchError } from './errors.ts';
import type { RawAnswer } from './exchange.ts';
import { isDiskFull, wordsOf } from './failure-words.ts';

/** Longest answer of which the words of a failure are looked for, bytes. */
const MOST_LOOKED_AT = 64 * 1024;

/** What a server says of a failure; empty texts where it says nothing that is understood. */
export interface Failure {
  /** Such as `index_not_found_exception`. */
  readonly type: string;
  readonly reason: string;
  /** The index that it is about; `?` where none is named. */
  readonly index: string;
}

/** An answer that says no, or that no search server gives. `sent` is the size of the request's body, bytes. */
export function refusal(
  { status, headers, body }: RawAnswer,
  connection: ElasticsearchConnection,
  node: URL,
  sent: number,
): DataError {
  const failure = failureIn(body);
  const base = { connection: connection.name, address: node.host, status, index: redacted(failure.index, connection) };
  const said = [failure.type, failure.reason].filter((text) => text !== '').join(': ');
  const detail = redacted(said, connection) || `HTTP ${status}`;
  const make = (code: SearchCode, args: Record<string, string | number> = {}): DataError =>
    searchError(code, { ...base, detail, ...args }, `HTTP ${status} ${detail}`);

  if (status >= 300 && status < 400)
    return make('elasticsearch.redirected', { target: targetOf(headers.location, node) });
  // Told as 429 where it is a full disk: waiting does not help.
  if (failure.type === 'cluster_block_exception' && status !== 503)
    return make(isDiskFull(failure.reason) ? 'elasticsearch.diskFull' : 'elasticsearch.blocked');
  if (failure.type === 'index_not_found_exception') return make('elasticsearch.indexMissing');
  if (failure.type === 'index_closed_exception') return make('elasticsearch.indexClosed');
  switch (status) {
    case 401:
      return make(connection.auth.kind === 'none' ? 'elasticsearch.loginWanted' : 'elasticsearch.loginRefused');
    case 403:
      return make('elasticsearch.permission');
    case 413:
      return make('elasticsearch.requestTooLarge', { megabytes: Math.max(1, Math.round(sent / 1_048_576)) });
    case 429:
      return make('elasticsearch.busy');
    case 502:
    case 503:
    case 504:
      return make('elasticsearch.unavailable');
    default:
      return make(
        status >= 500 && OF_A_NODE.test(failure.type) ? 'elasticsearch.unavailable' : 'elasticsearch.requestFailed',
      );
  }
}

/** What a cluster says with 500 while one of its nodes goes away. */
const OF_A_NODE = /^(search_phase_execution|node_\w+|(\w+_)?transport)_exception$/;

/** Whether an answer's type is what was asked for; what a proxy has to say is not. */
export function isJson({ headers }: RawAnswer): boolean {
  return /^application\/(json|vnd\.[\w.]+\+json)\b/i.test(String(headers['content-type'] ?? ''));
}

export function notJson({ headers, status }: RawAnswer, connection: ElasticsearchConnection, node: URL): DataError {
  const type = redacted(String(headers['content-type'] ?? '?'), connection);
  const args = { connection: connection.name, address: node.host, type, status };
  return searchError('elasticsearch.notJson', args, `HTTP ${status} ${type}`);
}

/** Only where it leads: the rest may hold what is nobody's business. */
function targetOf(location: string | string[] | undefined, node: URL): string {
  const text = String(location ?? '');
  return URL.canParse(text, node.href) ? new URL(text, node.href).origin : '?';
}

function failureIn(body: Buffer): Failure {
  const nothing = { type: '', reason: '', index: '?' };
  if (body.length > MOST_LOOKED_AT) return nothing;
  try {
    const { error } = JSON.parse(body.toString()) as { error?: unknown };
    if (typeof error === 'string') return { ...nothing, reason: error };
    const { index } = (error ?? {}) as { index?: unknown };
    return { ...wordsOf(error), index: typeof index === 'string' ? index : '?' };
  } catch {
    return nothing;
  }
}
