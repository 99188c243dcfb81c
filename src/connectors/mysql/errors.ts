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
  | 'mysql.statementFailed' // connection, number, detail
  // Rows
  | 'mysql.duplicate' // table, detail
  | 'mysql.duplicateOther' // table, detail
  | 'mysql.warning' // table, detail
  | 'mysql.rowTooLarge' // table, key, bytes, limit
  | 'mysql.unacknowledged' // table, sent, acknowledged
  | 'mysql.unexpectedValue' // column
  | 'mysql.badName' // name
  | 'mysql.badCursor'
  | 'mysql.badFormat' // format
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
  | 'mysql.plan.willEmpty' // table
  | 'mysql.plan.willDrop'; // table

export function coded(code: MysqlPlanCode, args: Coded['args']): Coded {
  return { code, args };
}

/** Makes an error of this connector. `message` is the detail in plain words; it never holds a secret. */
export function mysqlError(
  code: MysqlCode,
  args: Coded['args'],
  message: string,
  kind: ErrorClass = 'permanent',
  cause?: unknown,
): DataError {
  return new DataError({ code, args, message, class: kind }, cause === undefined ? undefined : { cause });
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

type Rule = readonly [code: MysqlCode, kind: ErrorClass];

const BY_NUMBER: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [1040, ['mysql.tooManyConnections', 'retryable']],
  [1203, ['mysql.tooManyConnections', 'retryable']],
  [1226, ['mysql.tooManyConnections', 'retryable']],
  [1044, ['mysql.accessDenied', 'permanent']],
  [1045, ['mysql.accessDenied', 'permanent']],
  [1698, ['mysql.accessDenied', 'permanent']],
  [1130, ['mysql.accessDenied', 'permanent']],
  [1820, ['mysql.accessDenied', 'permanent']],
  [1862, ['mysql.accessDenied', 'permanent']],
  [3118, ['mysql.accessDenied', 'permanent']],
  [4151, ['mysql.accessDenied', 'permanent']],
  [1049, ['mysql.unknownDatabase', 'permanent']],
  [3159, ['mysql.noTls', 'permanent']],
  [1142, ['mysql.permission', 'permanent']],
  [1143, ['mysql.permission', 'permanent']],
  [1227, ['mysql.permission', 'permanent']],
  [1370, ['mysql.permission', 'permanent']],
  [1213, ['mysql.deadlock', 'retryable']],
  [1614, ['mysql.deadlock', 'retryable']],
  [1205, ['mysql.lockWait', 'retryable']],
  [1290, ['mysql.readOnly', 'permanent']],
  [1792, ['mysql.readOnly', 'permanent']],
  [1836, ['mysql.readOnly', 'permanent']],
  [1021, ['mysql.diskFull', 'permanent']],
  [1114, ['mysql.diskFull', 'permanent']],
  [1146, ['mysql.unitMissing', 'permanent']],
  [1932, ['mysql.unitMissing', 'permanent']],
  [1969, ['mysql.queryTimeout', 'retryable']],
  [3024, ['mysql.queryTimeout', 'retryable']],
]);

/** Shutdown, killed connections and statements, aborted reads and writes, cluster not ready, changed definitions. */
const LOST_NUMBERS = new Set([1047, 1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1317, 1927, 4031]);
/** The statement can be repeated as it is. */
const REPEATABLE_NUMBERS = new Set([1412, 1615, 1412, 3572, 1637, 1020]);

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
  const make = (of: MysqlCode, args: Coded['args'], kind: ErrorClass): DataError =>
    mysqlError(of, { ...base, ...args }, detail, kind, withoutSql(error));

  const number = serverErrorNumber(error);
  if (number !== 0) {
    const rule = BY_NUMBER.get(number);
    if (rule !== undefined) {
      return make(
        rule[0],
        { user: connection.user, database: connection.database, unit: unit || tableIn(message), detail },
        rule[1],
      );
    }
    if (LOST_NUMBERS.has(number)) return make('mysql.connectionLost', {}, 'retryable');
    return make(
      'mysql.statementFailed',
      { number, detail },
      REPEATABLE_NUMBERS.has(number) ? 'retryable' : 'permanent',
    );
  }
  const address = addressOf(connection);
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return make('mysql.noTls', {}, 'permanent');
  if (code === 'HANDSHAKE_SSL_ERROR' || isCertificateCode(code))
    return make('mysql.tlsFailed', { detail }, 'permanent');
  if (code === 'ETIMEDOUT') return make('mysql.connectTimeout', { address }, 'retryable');
  if (code !== undefined && TIMEOUT_CODES.has(code)) return make('mysql.queryTimeout', {}, 'retryable');
  if (code !== undefined && UNREACHABLE_CODES.has(code))
    return make('mysql.unreachable', { address, detail }, 'retryable');
  if ((code !== undefined && LOST_CODES.has(code)) || isFatal(error))
    return make('mysql.connectionLost', {}, 'retryable');
  if (code === 'AUTH_SWITCH_PLUGIN_ERROR') return make('mysql.accessDenied', { user: connection.user }, 'permanent');
  return make('mysql.statementFailed', { number: 0, detail }, 'permanent');
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
