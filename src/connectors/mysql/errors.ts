/**
 * What can go wrong with a MySQL or MariaDB server, as codes that are worded where people read them, and which of
 * it may go away by itself. This is the only file that knows the server's error numbers.
 */
import type { Coded, ErrorClass } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { MysqlConnection } from '../../core/settings.ts';

/** Arguments of every code: `connection` is the connection's name, `unit` and `table` are table names. */
export type MysqlCode =
  // Connections
  | 'mysql.unreachable' // connection, address, detail
  | 'mysql.connectTimeout' // connection, address
  | 'mysql.tooManyConnections' // connection
  | 'mysql.accessDenied' // connection, user
  | 'mysql.unknownDatabase' // connection, database
  | 'mysql.noTls' // connection
  | 'mysql.tlsFailed' // connection, detail
  | 'mysql.tlsNeedsHostName' // connection, host
  | 'mysql.connectionLost' // connection
  | 'mysql.queryTimeout' // connection
  | 'mysql.stopped' // connection
  // Statements
  | 'mysql.permission' // connection, detail
  | 'mysql.deadlock' // connection
  | 'mysql.lockWait' // connection
  | 'mysql.readOnly' // connection
  | 'mysql.diskFull' // connection, detail
  | 'mysql.unitMissing' // unit
  | 'mysql.schemaChanged' // unit, change (like a diff, or the server's words)
  | 'mysql.notNow' // connection, number, detail
  | 'mysql.statementFailed' // connection, number, detail
  // Rows
  | 'mysql.duplicate' // table, detail
  | 'mysql.duplicateOther' // table, detail
  | 'mysql.warning' // table, detail
  | 'mysql.rowTooLarge' // table, key, bytes, limit
  | 'mysql.unacknowledged' // table, sent, acknowledged
  | 'mysql.unexpectedValue' // column
  | 'mysql.noRowSum' // table
  | 'mysql.badName' // name
  | 'mysql.badCursor'
  | 'mysql.badFormat' // format
  | 'mysql.badRow'
  | 'mysql.badWhere' // unit, detail
  | 'mysql.createFailed'; // table, detail

/** Refusals and warnings of a plan. */
export type MysqlPlanCode =
  | 'mysql.plan.noKey' // unit
  | 'mysql.plan.keyUnusable' // unit, key, cause
  | 'mysql.plan.keyUnknown' // unit, key
  | 'mysql.plan.noColumns' // unit
  | 'mysql.plan.columnType' // unit, column, type
  | 'mysql.plan.jsonText' // unit, column
  | 'mysql.plan.engine' // unit, engine
  | 'mysql.plan.notTransactional' // unit, engine
  | 'mysql.plan.systemVersioned' // unit
  | 'mysql.plan.triggersLeftOut' // unit, triggers
  | 'mysql.plan.foreignKeysLeftOut' // unit, count
  | 'mysql.plan.directoryLeftOut' // unit
  | 'mysql.plan.viewNeedsTable' // unit, table
  | 'mysql.plan.otherEngine' // unit, table, engine
  | 'mysql.plan.targetMissing' // table
  | 'mysql.plan.targetIsSource' // unit, table
  | 'mysql.plan.targetIsView' // table
  | 'mysql.plan.targetTriggers' // table, triggers
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
  ['mysql.accessDenied', [1044, 1045, 1130, 1698, 1820, 1862, 3118, 3879, 4151]],
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
/** These hold the operating system's error number; 28 = no space left. */
const STORAGE_NUMBERS = new Set([3, 1026, 1030]);

const LOST_CODES = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_ERROR',
  'PROTOCOL_UNEXPECTED_PACKET',
  'PROTOCOL_PACKETS_OUT_OF_ORDER',
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

/** Where a connection leads, for messages: never with user or password. */
export function addressOf(connection: MysqlConnection): string {
  return connection.socket ?? `${connection.host}:${connection.port}`;
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
    const of = STORAGE_NUMBERS.has(number) && /\b28\b/.test(message) ? 'mysql.diskFull' : BY_NUMBER.get(number);
    if (of === undefined) return make('mysql.statementFailed', { number, detail });
    const { user, database } = connection;
    return make(of, { user, database, number, unit: unit || tableIn(message), detail });
  }
  const address = addressOf(connection);
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return make('mysql.noTls');
  if (code === 'HANDSHAKE_SSL_ERROR' || isCertificateCode(code)) return make('mysql.tlsFailed', { detail });
  if (code === 'AUTH_SWITCH_PLUGIN_ERROR') return make('mysql.accessDenied', { user: connection.user });
  if (code === 'ETIMEDOUT') return make('mysql.connectTimeout', { address });
  if (code !== undefined && TIMEOUT_CODES.has(code)) return make('mysql.queryTimeout');
  if (code !== undefined && UNREACHABLE_CODES.has(code)) return make('mysql.unreachable', { address, detail });
  if ((code !== undefined && LOST_CODES.has(code)) || isFatal(error)) return make('mysql.connectionLost');
  return make('mysql.statementFailed', { number: 0, detail });
}

/** `Table 'shop.orders' doesn't exist`: for statements that do not say which unit they serve. */
function tableIn(message: string): string {
  return /^Table '(.*)' doesn't exist/.exec(message)?.[1] ?? '';
}

function isCertificateCode(code: string | undefined): boolean {
  return code !== undefined && (/CERT|SELF_SIGNED|^ERR_TLS|^ERR_SSL/.test(code) || code === 'EPROTO');
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
  const text = connection.password === '' ? message : message.replaceAll(connection.password, '***');
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

/** What a server that does not answer in time amounts to. */
export function silence(): Error {
  return Object.assign(new Error('The server did not answer in time.'), { code: 'PROTOCOL_SEQUENCE_TIMEOUT' });
}
