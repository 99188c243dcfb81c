/**
 * What can go wrong with an Elasticsearch or OpenSearch server, as codes that are worded where people read them, and which
 * of it may go away by itself.
 */
import { hiding } from '../../core/hiding.ts';
import type { Coded, ErrorClass } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { ElasticsearchConnection } from '../../core/settings.ts';
import { printable } from '../printable.ts';

/** Arguments of every code: `connection` is the connection's name, `address` the node's without a path. */
export type SearchCode =
  // Connections
  | 'elasticsearch.badAddress' // connection, number (of the address in the list)
  | 'elasticsearch.badLogin' // connection
  | 'elasticsearch.unreachable' // connection, address, detail
  | 'elasticsearch.connectTimeout' // connection, address
  | 'elasticsearch.connectionLost' // connection, address
  | 'elasticsearch.closedAtOnce' // connection, address
  | 'elasticsearch.timeout' // connection, address, seconds
  | 'elasticsearch.noTls' // connection, address
  | 'elasticsearch.tlsFailed' // connection, address, detail
  | 'elasticsearch.tlsExpired' // connection, address
  | 'elasticsearch.tlsNotYetValid' // connection, address
  | 'elasticsearch.tlsOtherName' // connection, host, names
  | 'elasticsearch.tlsUnknownAuthority' // connection, address
  | 'elasticsearch.tlsOtherCertificate' // connection, address, fingerprint (what is there)
  | 'elasticsearch.tlsFiles' // connection, detail
  // Who answers, and how
  | 'elasticsearch.otherProduct' // connection, address
  | 'elasticsearch.otherVersion' // connection, server
  | 'elasticsearch.protocol' // connection, address, detail
  | 'elasticsearch.notJson' // connection, address, type
  | 'elasticsearch.redirected' // connection, address, target
  | 'elasticsearch.answerTooLarge' // connection, address, megabytes
  | 'elasticsearch.partialAnswer' // connection, address, detail
  // Answers
  | 'elasticsearch.loginRefused' // connection, address
  | 'elasticsearch.loginWanted' // connection, address
  | 'elasticsearch.permission' // connection, detail
  | 'elasticsearch.busy' // connection, detail
  | 'elasticsearch.unavailable' // connection, address, status, detail
  | 'elasticsearch.blocked' // connection, detail
  | 'elasticsearch.requestTooLarge' // connection, megabytes
  | 'elasticsearch.requestFailed' // connection, status, detail
  // Reading
  | 'elasticsearch.closedUnit' // unit
  | 'elasticsearch.unitChanged' // unit, change
  | 'elasticsearch.momentLost' // unit
  | 'elasticsearch.documentsMissing' // unit, read, counted
  | 'elasticsearch.badQuery' // unit, detail
  | 'elasticsearch.sortMissing' // unit, fields
  // Writing; `index` is the one that is written to
  | 'elasticsearch.badIndexName' // index
  | 'elasticsearch.upperCaseIndexName' // index
  | 'elasticsearch.systemIndexName' // index
  | 'elasticsearch.diskFull' // connection, index, detail
  | 'elasticsearch.indexClosed' // connection, index
  | 'elasticsearch.indexMissing' // connection, index
  | 'elasticsearch.indexReplaced' // connection, index
  | 'elasticsearch.shardsUnavailable' // connection, index, detail
  | 'elasticsearch.createFailed' // connection, index, detail
  | 'elasticsearch.documentRefused' // connection, index, id, detail
  | 'elasticsearch.documentTooLarge' // connection, index, id, megabytes
  | 'elasticsearch.documentExists' // connection, index, id
  | 'elasticsearch.fieldLimit' // connection, index, id, detail
  | 'elasticsearch.plan.noKey' // unit
  | 'elasticsearch.plan.checkpoint' // unit
  | 'elasticsearch.plan.isAlias' // index, names
  | 'elasticsearch.plan.aliasIsIndex' // alias
  | 'elasticsearch.plan.targetIsSource' // unit, index
  | 'elasticsearch.plan.willRecreate' // index
  | 'elasticsearch.plan.willEmpty' // index, rows
  | 'elasticsearch.plan.merges' // unit, index, rows
  | 'elasticsearch.plan.loadSettings' // index, settings
  | 'elasticsearch.plan.settingsLeftOut' // unit, settings
  | 'elasticsearch.plan.settingsUnknown' // unit, server, settings
  | 'elasticsearch.plan.definitionRefused' // unit, server, detail
  | 'elasticsearch.plan.readOnly' // index, blocks
  | 'elasticsearch.plan.keepsNoSource' // index
  | 'elasticsearch.plan.fieldConflict' // index, fields
  | 'elasticsearch.plan.otherTypes' // index, fields
  | 'elasticsearch.plan.strict' // index, fields
  | 'elasticsearch.plan.finalPipeline' // index, pipeline
  | 'elasticsearch.plan.defaultPipeline' // index, pipeline
  // Rows and documents
  | 'elasticsearch.valueElsewhere' // unit, column, key, field, found
  | 'elasticsearch.keyNoId' // unit, key, detail
  | 'elasticsearch.fieldElsewhere' // unit, id, field, type, found
  | 'elasticsearch.fieldUnknown' // unit, id, field
  | 'elasticsearch.notADocument'; // unit, id, detail

/** What may go away by itself; every other code is permanent: a person has to do something first. */
const RETRYABLE: ReadonlySet<SearchCode> = new Set<SearchCode>([
  'elasticsearch.unreachable',
  'elasticsearch.connectTimeout',
  'elasticsearch.connectionLost',
  'elasticsearch.closedAtOnce',
  'elasticsearch.timeout',
  'elasticsearch.busy',
  'elasticsearch.unavailable',
  'elasticsearch.partialAnswer',
  'elasticsearch.shardsUnavailable',
  'elasticsearch.momentLost',
]);

/** Makes an error of this connector. `message` is the detail in plain words; it never holds a secret. */
export function searchError(code: SearchCode, args: Coded['args'], message: string, cause?: unknown): DataError {
  const kind: ErrorClass = RETRYABLE.has(code) ? 'retryable' : 'permanent';
  return new DataError({ code, args, message, class: kind }, cause === undefined ? undefined : { cause });
}

/** What this room itself finds out about a connection, thrown where an error of the network would be. */
export class Broken extends Error {
  readonly code: SearchCode;
  readonly args: Coded['args'];

  constructor(code: SearchCode, message: string, args: Coded['args'] = {}) {
    super(message);
    this.code = code;
    this.args = args;
  }
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EACCES',
  'EADDRNOTAVAIL',
]);
const LOST = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED']);

/** What was wrong with a certificate, by the codes of Node and OpenSSL. */
const CERTIFICATES: ReadonlyMap<string, SearchCode> = new Map<string, SearchCode>([
  ['CERT_HAS_EXPIRED', 'elasticsearch.tlsExpired'],
  ['CERT_NOT_YET_VALID', 'elasticsearch.tlsNotYetValid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'elasticsearch.tlsOtherName'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'elasticsearch.tlsUnknownAuthority'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'elasticsearch.tlsUnknownAuthority'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'elasticsearch.tlsUnknownAuthority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'elasticsearch.tlsUnknownAuthority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'elasticsearch.tlsUnknownAuthority'],
  ['CERT_SIGNATURE_FAILURE', 'elasticsearch.tlsUnknownAuthority'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'elasticsearch.noTls'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'elasticsearch.noTls'],
]);

type NetworkError = Error & { readonly code?: string; readonly reason?: string; readonly cause?: unknown };

/** Turns what stopped an exchange with a node into one of our errors; errors that are ours already pass through. */
export function fromNetwork(error: unknown, connection: ElasticsearchConnection, node: URL): DataError {
  if (error instanceof DataError) return error;
  const { code = '', message, cause } = (error instanceof Error ? error : new Error(String(error))) as NetworkError;
  const address = node.host;
  // Of several addresses that failed there is no message, only a code.
  const detail = redacted(message || code, connection);
  const make = (of: SearchCode, args: Coded['args'] = {}): DataError =>
    searchError(of, { connection: connection.name, address, host: node.hostname, detail, ...args }, detail, error);

  if (error instanceof Broken) return make(error.code, error.args);
  if (code === 'UND_ERR_SOCKET' && cause instanceof Error) return fromNetwork(cause, connection, node);
  if (UNREACHABLE.has(code)) return make('elasticsearch.unreachable');
  if (code === 'ETIMEDOUT') return make('elasticsearch.connectTimeout');
  if (LOST.has(code)) return make('elasticsearch.connectionLost');
  const tls = CERTIFICATES.get(code);
  if (tls !== undefined) return make(tls, { names: printable(namesIn(error)) });
  if (code === 'EPROTO' || /CERT|^ERR_TLS|^ERR_SSL|^ERR_OSSL/.test(code)) return make('elasticsearch.tlsFailed');
  return make('elasticsearch.protocol');
}

function namesIn(error: unknown): string {
  const { cert } = error as {
    readonly cert?: { readonly subjectaltname?: string; readonly subject?: { CN?: string } };
  };
  return cert?.subjectaltname ?? cert?.subject?.CN ?? '?';
}

/** A server's words without the secrets of the connection. */
export function redacted(message: string, { auth }: ElasticsearchConnection): string {
  const secret =
    'password' in auth ? auth.password : 'apiKey' in auth ? auth.apiKey : 'bearer' in auth ? auth.bearer : '';
  return printable(hiding(secret)(message));
}
