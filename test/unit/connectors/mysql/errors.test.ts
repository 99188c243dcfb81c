import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fromDriver } from '../../../../src/connectors/mysql/errors.ts';
import type { MysqlConnection } from '../../../../src/core/settings.ts';

const CONNECTION = {
  name: 'shop',
  host: 'db',
  port: 3306,
  socket: null,
  user: 'sync',
  password: 's3cr3t',
  database: 'd',
} as MysqlConnection;

function classify(fields: object): readonly [string, string] {
  const { error } = fromDriver(Object.assign(new Error('words'), fields), CONNECTION);
  return [error.code, error.class];
}

/** What a server answers, by its number. */
const ANSWERS: readonly [string, 'retryable' | 'permanent', readonly number[]][] = [
  ['mysql.connectionLost', 'retryable', [1047, 1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1317, 1927]],
  ['mysql.connectionLost', 'retryable', [3032, 3168, 3169, 4031]],
  ['mysql.deadlock', 'retryable', [1213, 1614, 3058]],
  ['mysql.lockWait', 'retryable', [1205, 1689, 3572]],
  ['mysql.queryTimeout', 'retryable', [1969, 3024]],
  ['mysql.tooManyConnections', 'retryable', [1040, 1135, 1203, 1226]],
  ['mysql.notNow', 'retryable', [1020, 1037, 1041, 1206, 1297, 1412, 1615, 1637, 3101]],
  ['mysql.accessDenied', 'permanent', [1045, 1698]],
  ['mysql.databaseDenied', 'permanent', [1044]],
  ['mysql.hostRefused', 'permanent', [1129, 1130]],
  ['mysql.passwordExpired', 'permanent', [1820, 1862]],
  ['mysql.accountLocked', 'permanent', [3118, 3955, 4151]],
  ['mysql.loginMethod', 'permanent', [1251, 1275, 1524]],
  ['mysql.permission', 'permanent', [1142, 1143, 1227, 1370]],
  ['mysql.unknownDatabase', 'permanent', [1049]],
  ['mysql.unitMissing', 'permanent', [1146, 1932]],
  ['mysql.readOnly', 'permanent', [1792, 1836]],
  ['mysql.diskFull', 'permanent', [1021, 1114]],
  ['mysql.noTls', 'permanent', [3159]],
  // Unknown column, duplicate key, syntax, wrong value, data too long, no default, unknown error.
  ['mysql.statementFailed', 'permanent', [1054, 1062, 1064, 1366, 1406, 1364, 1105, 9999]],
];

/** What the network or the driver says. */
const WORDS: readonly [string, 'retryable' | 'permanent', readonly string[]][] = [
  ['mysql.connectionLost', 'retryable', ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'PROTOCOL_CONNECTION_LOST']],
  [
    'mysql.protocol',
    'permanent',
    ['PROTOCOL_MALFORMED', 'PROTOCOL_ERROR', 'PROTOCOL_PACKETS_OUT_OF_ORDER', 'ERR_OUT_OF_RANGE'],
  ],
  [
    'mysql.unreachable',
    'retryable',
    ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT'],
  ],
  ['mysql.connectTimeout', 'retryable', ['ETIMEDOUT']],
  ['mysql.queryTimeout', 'retryable', ['PROTOCOL_SEQUENCE_TIMEOUT']],
  ['mysql.noTls', 'permanent', ['HANDSHAKE_NO_SSL_SUPPORT']],
  ['mysql.tlsFailed', 'permanent', ['HANDSHAKE_SSL_ERROR', 'EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER']],
  ['mysql.tlsExpired', 'permanent', ['CERT_HAS_EXPIRED']],
  ['mysql.tlsNotYetValid', 'permanent', ['CERT_NOT_YET_VALID']],
  ['mysql.tlsOtherName', 'permanent', ['ERR_TLS_CERT_ALTNAME_INVALID']],
  ['mysql.tlsUnknownAuthority', 'permanent', ['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']],
  [
    'mysql.tlsClientCertificate',
    'permanent',
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'],
  ],
  ['mysql.loginMethod', 'permanent', ['AUTH_SWITCH_PLUGIN_ERROR', 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED']],
  ['mysql.fileAsked', 'permanent', ['FILE_ASKED']],
];

describe('errors of the driver', () => {
  for (const [code, kind, numbers] of ANSWERS) {
    test(`are ${kind} as ${code}: ${numbers.join(', ')}`, () => {
      for (const errno of numbers)
        assert.deepEqual(classify({ errno, sqlState: 'HY000' }), [code, kind], String(errno));
    });
  }
  for (const [code, kind, words] of WORDS) {
    test(`are ${kind} as ${code}: ${words.join(', ')}`, () => {
      for (const each of words) assert.deepEqual(classify({ code: each, fatal: true }), [code, kind], each);
    });
  }

  test('are lost connections when the driver calls them fatal, and failed statements when nothing is known', () => {
    assert.deepEqual(classify({ fatal: true }), ['mysql.connectionLost', 'retryable']);
    assert.deepEqual(classify({}), ['mysql.statementFailed', 'permanent']);
  });

  test('say that the disk is full, whoever of the server says so', () => {
    const answer = (errno: number, message: string) => {
      const { error } = fromDriver(Object.assign(new Error(message), { errno, sqlState: 'HY000' }), CONNECTION);
      return [error.code, error.class];
    };
    assert.deepEqual(answer(1030, 'Got error 28 "No space left on device" from storage engine'), [
      'mysql.diskFull',
      'permanent',
    ]);
    assert.deepEqual(answer(3, "Error writing file '/tmp/x' (Errcode: 28)"), ['mysql.diskFull', 'permanent']);
    assert.deepEqual(answer(1030, 'Got error 168 from storage engine'), ['mysql.statementFailed', 'permanent']);
  });

  test('tell apart what one number of the server stands for', () => {
    const answer = (errno: number, message: string) => {
      const { error } = fromDriver(Object.assign(new Error(message), { errno, sqlState: 'HY000' }), CONNECTION);
      return [error.code, error.class];
    };
    const running = (option: string) => `The server is running with the ${option} option so it cannot execute this`;
    assert.deepEqual(answer(1290, running('--read-only')), ['mysql.readOnly', 'permanent']);
    assert.deepEqual(answer(1290, running('--super-read-only')), ['mysql.readOnly', 'permanent']);
    assert.deepEqual(answer(1290, running('READ_ONLY')), ['mysql.readOnly', 'permanent']);
    assert.deepEqual(answer(1290, running('NO_ENGINE_SUBSTITUTION')), ['mysql.enforcedEngine', 'permanent']);
    assert.deepEqual(answer(1290, running('--skip-grant-tables')), ['mysql.statementFailed', 'permanent']);
    const aborted = "Aborted connection 5 to db: 'd' user: 'sync' host: 'h'";
    assert.deepEqual(answer(1184, `${aborted} (init_connect command failed)`), ['mysql.initConnect', 'permanent']);
    assert.deepEqual(answer(1184, `${aborted} (Got timeout reading communication packets)`), [
      'mysql.connectionLost',
      'retryable',
    ]);
  });

  test('can be read also where the password is a single letter', () => {
    const told = fromDriver(Object.assign(new Error("Unknown thing 'e' there"), { errno: 1, sqlState: 'x' }), {
      ...CONNECTION,
      password: 'e',
    });
    assert.equal(told.error.message, "Unknown thing '***' there");
  });

  test('never carry the password or the statement', () => {
    const cause = Object.assign(new Error('no entry for s3cr3t'), {
      sql: "INSERT INTO t VALUES ('private')",
      errno: 1,
      sqlState: 'x',
    });
    const error = fromDriver(cause, CONNECTION);
    assert.doesNotMatch(error.error.message, /s3cr3t/);
    assert.doesNotMatch(JSON.stringify(error.error), /s3cr3t|private/);
    assert.equal((error.cause as { sql?: unknown }).sql, undefined);
  });
});
