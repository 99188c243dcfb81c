/**
 * What can go wrong with a MySQL or MariaDB server, as codes that are worded where people read them, and which of
 * it may go away by itself. This is the only file that knows the server's error numbers.
 */
import { hiding } from '../../core/hiding.ts';
import type { Coded, ErrorClass } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { MysqlConnection } from '../../core/settings.ts';
import { printable } from '../printable.ts';

/** Arguments of every code: `connection` is the connection's name, `unit` and `table` are table names. */
export type MysqlCode =
  // Connections
  | 'mysql.unreachable' // connection, address, detail
  | 'mysql.connectTimeout' // connection, address
  | 'mysql.tooManyConnections' // connection
  | 'mysql.accessDenied' // connection, user
  | 'mysql.databaseDenied' // connection, user, database
  | 'mysql.hostRefused' // connection, detail
  | 'mysql.passwordExpired' // connection, user
  | 'mysql.accountLocked' // connection, user
  | 'mysql.loginMethod' // connection, user, method
  | 'mysql.serverKey' // connection
  | 'mysql.unknownDatabase' // connection, database
  | 'mysql.noTls' // connection
  | 'mysql.tlsFailed' // connection, detail
  | 'mysql.tlsExpired' // connection
  | 'mysql.tlsNotYetValid' // connection
  | 'mysql.tlsOtherName' // connection, host, names
  | 'mysql.tlsUnknownAuthority' // connection
  | 'mysql.tlsClientCertificate' // connection, detail
  | 'mysql.tlsFiles' // connection, detail
  | 'mysql.tlsNeedsHostName' // connection, host
  | 'mysql.protocol' // connection, address, detail
  | 'mysql.answerTooLarge' // connection, megabytes
  | 'mysql.fileAsked' // connection, address, file
  | 'mysql.connectionLost' // connection
  | 'mysql.queryTimeout' // connection
  | 'mysql.stopped' // connection
  | 'mysql.initConnect' // connection, user, detail
  // Statements
  | 'mysql.permission' // connection, detail
  | 'mysql.deadlock' // connection
  | 'mysql.lockWait' // connection
  | 'mysql.readOnly' // connection
  | 'mysql.enforcedEngine' // connection, detail
  | 'mysql.diskFull' // connection, detail
  | 'mysql.unitMissing' // unit
  | 'mysql.definitionTooLong' // unit
  | 'mysql.definitionUnread' // detail
  | 'mysql.schemaChanged' // unit, change (like a diff, or the server's words)
  | 'mysql.notNow' // connection, number, detail
  | 'mysql.statementFailed' // connection, number, detail
  // Rows
  | 'mysql.duplicate' // table, detail
  | 'mysql.duplicateOther' // table, detail
  | 'mysql.warning' // table, detail
  | 'mysql.rowTooLarge' // table, key, bytes, limit
  | 'mysql.packetTooLarge' // table, key, detail
  | 'mysql.unacknowledged' // table, sent, acknowledged
  | 'mysql.unexpectedValue' // column
  | 'mysql.noRowSum' // table
  | 'mysql.badName' // name
  | 'mysql.badCursor'
  | 'mysql.badFormat' // format
  | 'mysql.badRow'
  | 'mysql.badWhere' // unit, detail
  | 'mysql.createFailed' // table, detail
  | 'mysql.indexOtherwise' // table, index, present, wanted
  | 'mysql.indexesFailed'; // table, detail

/** Refusals, warnings and notes of a plan. */
export type MysqlPlanCode =
  | 'mysql.plan.keyUnusable' // unit, key, column, type
  | 'mysql.plan.keyNullable' // unit, key, column
  | 'mysql.plan.keyNotCopied' // unit, key, column
  | 'mysql.plan.keyWithoutOrder' // unit, key
  | 'mysql.plan.keyUnknown' // unit, key
  | 'mysql.plan.noColumns' // unit
  | 'mysql.plan.noSuchColumn' // unit, column
  | 'mysql.plan.columnType' // unit, column, type
  | 'mysql.plan.jsonText' // unit, column
  | 'mysql.plan.engine' // unit, engine
  | 'mysql.plan.notTransactional' // unit, engine
  | 'mysql.plan.snapshotEngine' // unit, engine
  | 'mysql.plan.systemVersioned' // unit
  | 'mysql.plan.triggersLeftOut' // unit, triggers
  | 'mysql.plan.foreignKeysLeftOut' // unit, count
  | 'mysql.plan.generatedDiffers' // table, columns
  | 'mysql.plan.keysLeftOut' // unit, keys
  | 'mysql.plan.sequenceLeftOut' // unit, columns
  | 'mysql.plan.columnNeeded' // unit, column, part
  | 'mysql.plan.indexesAfter' // table, keys
  | 'mysql.plan.nameNotAllowed' // unit, table
  | 'mysql.plan.checkpointTable' // unit
  | 'mysql.plan.checkpointTarget' // unit, table
  | 'mysql.plan.directoryLeftOut' // unit
  | 'mysql.plan.viewNeedsTable' // unit, table
  | 'mysql.plan.otherEngine' // unit, table, engine
  | 'mysql.plan.targetMissing' // table
  | 'mysql.plan.targetIsSource' // unit, table
  | 'mysql.plan.targetIsView' // table
  | 'mysql.plan.targetTriggers' // table, triggers
  | 'mysql.plan.triggersMeanwhile' // table, triggers
  | 'mysql.plan.targetKey' // table, key
  | 'mysql.plan.columnMissing' // table, column
  | 'mysql.plan.columnDiffers' // table, column, source, target
  | 'mysql.plan.columnNeedsValue' // table, column
  | 'mysql.plan.otherUnique' // table, key
  | 'mysql.plan.typeElsewhere' // unit, column, type, server
  | 'mysql.plan.collationElsewhere' // unit, column, collation, server
  | 'mysql.plan.tableCollation' // unit, collation, server
  | 'mysql.plan.keyCollation' // unit, column, source, target
  | 'mysql.plan.floatSums' // unit, columns, server
  | 'mysql.plan.collationMapped' // unit, columns, change
  | 'mysql.plan.definitionChanged' // unit, server, changes
  | 'mysql.plan.generatedElsewhere' // unit, server, columns
  | 'mysql.plan.expressionElsewhere' // unit, server, part
  | 'mysql.plan.timestampRange' // unit, column, server
  | 'mysql.plan.minusZero' // unit, columns, server
  | 'mysql.plan.writesBulk'
  | 'mysql.plan.writesPrepared'
  | 'mysql.plan.writesText'
  | 'mysql.plan.writesValues'
  | 'mysql.plan.willEmpty' // table
  | 'mysql.plan.willDrop'; // table

export function coded(code: MysqlPlanCode, args: Coded['args']): Coded {
  return { code, args };
}

/**
 * Makes an error of this connector; its code decides whether it may be retried. `message` is the detail in plain words;
 * it never holds a secret.
 */
export function mysqlError(code: MysqlCode, args: Coded['args'], message: string, cause?: unknown): DataError {
  const error = { code, args, message, class: classOf(code) };
  return new DataError(error, cause === undefined ? undefined : { cause });
}

function classOf(code: MysqlCode): ErrorClass {
  return RETRYABLE.has(code) ? 'retryable' : 'permanent';
}

/** What the driver throws: the server's number and words, or the network's code. */
export type DriverError = Error & { readonly code?: string; readonly errno?: number; readonly sqlState?: string };

export function driverError(error: unknown): DriverError {
  return error instanceof Error ? error : new Error(String(error));
}

/** The server's error number, 0 when the error is not an answer of the server. */
export function serverErrorNumber(error: unknown): number {
  const { errno, sqlState } = driverError(error);
  return typeof errno === 'number' && sqlState !== undefined ? errno : 0;
}

/**
 * What may go away by itself; every other code is permanent: a person has to do something first. A full disk is among
 * those: it does not empty itself within the seconds of a retry, and each attempt would fill it again.
 */
const RETRYABLE: ReadonlySet<MysqlCode> = new Set<MysqlCode>([
  'mysql.unreachable',
  'mysql.connectTimeout',
  'mysql.tooManyConnections',
  'mysql.connectionLost',
  'mysql.queryTimeout',
  'mysql.stopped',
  'mysql.deadlock',
  'mysql.lockWait',
  'mysql.notNow',
]);

/** Numbers of https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html and MariaDB's own (1900 to 1999, 4000 and up). */
const NUMBERS: ReadonlyMap<MysqlCode, readonly number[]> = new Map<MysqlCode, readonly number[]>([
  ['mysql.tooManyConnections', [1040, 1135, 1203, 1226]],
  ['mysql.accessDenied', [1045, 1698, 3879]],
  ['mysql.databaseDenied', [1044]],
  // Not allowed from here, or blocked after too many failures.
  ['mysql.hostRefused', [1129, 1130]],
  ['mysql.passwordExpired', [1820, 1862]],
  ['mysql.accountLocked', [3118, 3955, 4150, 4151]],
  ['mysql.loginMethod', [1251, 1275, 1524]],
  ['mysql.unknownDatabase', [1049]],
  ['mysql.noTls', [3159]],
  ['mysql.permission', [1142, 1143, 1227, 1370]],
  ['mysql.deadlock', [1213, 1614, 3058]],
  // 1689: the wait for a table's lock was ended in favour of somebody else; 3572: NOWAIT.
  ['mysql.lockWait', [1205, 1689, 3572]],
  ['mysql.readOnly', [1290, 1792, 1836]],
  ['mysql.diskFull', [1021, 1114]],
  ['mysql.unitMissing', [1146, 1932]],
  ['mysql.queryTimeout', [1969, 3024]],
  // Shutdown, killed connections and statements, aborted reads and writes, a cluster's node that is not ready, a
  // server taken off line, a connection ended for its idleness.
  [
    'mysql.connectionLost',
    [1047, 1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1317, 1927, 3032, 3168, 3169, 4031],
  ],
  // The definition changed under the statement, too much at a time, out of memory, a cluster's conflict: as it is, the
  // statement may succeed a moment later.
  ['mysql.notNow', [1020, 1037, 1041, 1206, 1297, 1412, 1615, 1637, 3101]],
]);

const BY_NUMBER: ReadonlyMap<number, MysqlCode> = new Map(
  [...NUMBERS].flatMap(([code, numbers]) => numbers.map((number) => [number, code] as const)),
);
/** Errors about what a row holds, beside those whose SQLSTATE says so. */
const ROW_NUMBERS: ReadonlySet<number> = new Set([
  1048, 1118, 1138, 1265, 1300, 1364, 1366, 1411, 1441, 1526, 1644, 1690, 1748, 1863, 1977, 3819, 3854, 4025,
]);
/** Data exception; a constraint; a condition that a trigger of the users' signals. */
const ROW_STATES = /^(?:22|23|45)/;
const ROW_CODES: ReadonlySet<string> = new Set<MysqlCode | 'mysql.valueElsewhere'>([
  'mysql.duplicate',
  'mysql.duplicateOther',
  'mysql.warning',
  'mysql.rowTooLarge',
  'mysql.valueElsewhere',
]);

/** Whether the error is about what a row holds, so that the others of its batch may be written without it. */
export function isRowError({ error, cause }: DataError): boolean {
  if (error.code !== 'mysql.statementFailed') return ROW_CODES.has(error.code);
  const number = serverErrorNumber(cause);
  return number !== 0 && (ROW_NUMBERS.has(number) || ROW_STATES.test(driverError(cause).sqlState ?? ''));
}

/** These hold the operating system's error number; 28 = no space left. */
const STORAGE_NUMBERS = new Set([3, 1026, 1030]);

/** "Aborted connection": also of an account whose `init_connect` fails. */
const ABORTED_AT_LOGIN = 1184;
/** "The server is running with the .. option": read-only, or one that somebody else set. */
const OPTION_PREVENTS = 1290;
/** "Got a packet bigger than 'max_allowed_packet' bytes". */
export const PACKET_TOO_LARGE = 1153;

const LOST_CODES = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_UNEXPECTED_PACKET',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
]);
const UNREACHABLE_CODES = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'EACCES',
  'EADDRNOTAVAIL',
]);
const TIMEOUT_CODES = new Set(['PROTOCOL_SEQUENCE_TIMEOUT']);
/** What is no answer of MySQL or MariaDB: ours, the driver's, and reads beyond the end of a packet. */
const PROTOCOL_CODES = new Set([
  'PROTOCOL_MALFORMED',
  'PROTOCOL_ERROR',
  'PROTOCOL_PACKETS_OUT_OF_ORDER',
  'HANDSHAKE_UNKNOWN_ERROR',
  'ERR_OUT_OF_RANGE',
  'ERR_BUFFER_OUT_OF_BOUNDS',
]);

/** Where a connection leads, for messages: never with user or password. */
export function addressOf(connection: MysqlConnection): string {
  return connection.socket ?? `${connection.host}:${connection.port}`;
}

/** Numbers that stand for several things, which their words tell apart. */
function codeOf(number: number, message: string): MysqlCode | undefined {
  if (STORAGE_NUMBERS.has(number) && /\b28\b/.test(message)) return 'mysql.diskFull';
  if (number === ABORTED_AT_LOGIN && /init_connect/.test(message)) return 'mysql.initConnect';
  if (number === OPTION_PREVENTS && !/read[-_ ]only/i.test(message))
    return /NO_ENGINE_SUBSTITUTION/.test(message) ? 'mysql.enforcedEngine' : undefined;
  return BY_NUMBER.get(number);
}

/** Turns whatever the driver threw into one of our errors; errors that are ours already pass through. */
export function fromDriver(error: unknown, connection: MysqlConnection, unit = ''): DataError {
  if (error instanceof DataError) return error;
  const { code, message } = driverError(error);
  const detail = redact(message, connection);
  const base = { connection: connection.name };
  const make = (of: MysqlCode, args: Coded['args'] = {}): DataError =>
    mysqlError(of, { ...base, ...args }, detail, withoutSql(error));

  const number = serverErrorNumber(error);
  if (number !== 0) {
    const of = codeOf(number, message);
    if (of === undefined) return make('mysql.statementFailed', { number, detail });
    const { user, database } = connection;
    return make(of, { user, database, number, unit: unit || tableIn(message), method: methodIn(detail), detail });
  }
  const address = addressOf(connection);
  if (code === 'FILE_ASKED') return make('mysql.fileAsked', { address, file: detail });
  if (code === 'ANSWER_TOO_LARGE') return make('mysql.answerTooLarge', { megabytes: Number(message) });
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return make('mysql.noTls');
  if (code === 'HANDSHAKE_SSL_ERROR' || isCertificateCode(code)) {
    const tls = tlsFailure(error, connection);
    return make(tls.code, { ...tls.args, detail });
  }
  if (code === 'SERVER_KEY_REFUSED') return make('mysql.serverKey');
  if (code !== undefined && LOGIN_CODES.has(code)) {
    return make('mysql.loginMethod', { user: connection.user, method: methodIn(detail) });
  }
  if (code === 'ETIMEDOUT') return make('mysql.connectTimeout', { address });
  if (code !== undefined && PROTOCOL_CODES.has(code)) return make('mysql.protocol', { address, detail });
  if (code !== undefined && TIMEOUT_CODES.has(code)) return make('mysql.queryTimeout');
  if (code !== undefined && UNREACHABLE_CODES.has(code)) return make('mysql.unreachable', { address, detail });
  if ((code !== undefined && LOST_CODES.has(code)) || isFatal(error)) return make('mysql.connectionLost');
  return make('mysql.statementFailed', { number: 0, detail });
}

/** `Table 'shop.orders' doesn't exist`: for statements that do not say which unit they serve. */
function tableIn(message: string): string {
  return /^Table '(.*)' doesn't exist/.exec(message)?.[1] ?? '';
}

/** Ways to log in that the driver does not know or must not use. */
const LOGIN_CODES = new Set(['AUTH_SWITCH_PLUGIN_ERROR', 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED']);

/** The name of a way to log in, as the driver and the servers call them in their messages. */
function methodIn(message: string): string {
  return (
    /\b(?:mysql_\w+|\w*sha\w*_password|client_ed25519|\w+_plugin|auth_\w+|parsec|dialog)\b/.exec(message)?.[0] ?? '?'
  );
}

function isCertificateCode(code: string | undefined): boolean {
  if (code === undefined) return false;
  return CERTIFICATES.has(code) || code === 'EPROTO' || /CERT|^ERR_TLS|^ERR_SSL|^ERR_OSSL/.test(code);
}

/** What was wrong with a certificate, by the codes of Node and OpenSSL. */
const CERTIFICATES: ReadonlyMap<string, MysqlCode> = new Map<string, MysqlCode>([
  ['CERT_HAS_EXPIRED', 'mysql.tlsExpired'],
  ['CERT_NOT_YET_VALID', 'mysql.tlsNotYetValid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'mysql.tlsOtherName'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'mysql.tlsUnknownAuthority'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'mysql.tlsUnknownAuthority'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'mysql.tlsUnknownAuthority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'mysql.tlsUnknownAuthority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'mysql.tlsUnknownAuthority'],
  ['CERT_SIGNATURE_FAILURE', 'mysql.tlsUnknownAuthority'],
]);

function tlsFailure(error: unknown, connection: MysqlConnection): { code: MysqlCode; args: Coded['args'] } {
  // The driver gives its own code; what Node said is kept beside it.
  const {
    code,
    tlsCode = code ?? '',
    cert,
  } = driverError(error) as DriverError & {
    readonly tlsCode?: string;
    readonly cert?: { readonly subjectaltname?: string; readonly subject?: { readonly CN?: string } };
  };
  const of = CERTIFICATES.get(tlsCode);
  if (of === 'mysql.tlsOtherName') {
    const names = cert?.subjectaltname ?? cert?.subject?.CN ?? '?';
    return { code: of, args: { host: connection.host, names: printable(names) } };
  }
  if (of !== undefined) return { code: of, args: {} };
  // The other side says what it thinks of the certificate that it got, or did not get.
  const alert = /ALERT_(?:BAD_CERT|UNSUPPORTED_CERT|CERT|UNKNOWN_CA|UNKNOWN_CERT)|CERTIFICATE_REQUIRED/;
  if (alert.test(tlsCode)) return { code: 'mysql.tlsClientCertificate', args: {} };
  return { code: 'mysql.tlsFailed', args: {} };
}

function isFatal(error: unknown): boolean {
  return (error as { fatal?: unknown }).fatal === true || driverError(error).message === 'Pool is closed.';
}

/** A statement holds rows: the driver's copy of it must not travel with the error into logs. */
function withoutSql(error: unknown): unknown {
  if (error instanceof Error) {
    const holder = error as { sql?: unknown };
    if (holder.sql !== undefined) holder.sql = undefined;
  }
  return error;
}

function redact(message: string, connection: MysqlConnection): string {
  return printable(hiding(connection.password)(message));
}

/** What a server that does not answer in time amounts to. */
export function silence(): Error {
  return Object.assign(new Error('The server did not answer in time.'), { code: 'PROTOCOL_SEQUENCE_TIMEOUT' });
}

/** What is no answer of MySQL or MariaDB. @param detail in plain words */
export function malformed(detail: string): Error {
  return Object.assign(new Error(detail), { code: 'PROTOCOL_MALFORMED' });
}

/** An answer that nobody has room for. @param bytes the most there is room for */
export function tooLarge(bytes: number): Error {
  return Object.assign(new Error(String(Math.round(bytes / 1_048_576))), { code: 'ANSWER_TOO_LARGE' });
}
