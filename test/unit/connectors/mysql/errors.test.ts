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

describe('errors of the driver', () => {
  test('are retryable when they may go away by themselves', () => {
    const answers = { sqlState: 'HY000' };
    for (const errno of [1213, 1205, 1040, 1053, 1927, 1317])
      assert.equal(classify({ ...answers, errno })[1], 'retryable', String(errno));
    for (const code of [
      'ECONNRESET',
      'ECONNREFUSED',
      'ETIMEDOUT',
      'EPIPE',
      'PROTOCOL_CONNECTION_LOST',
      'PROTOCOL_SEQUENCE_TIMEOUT',
      'EAI_AGAIN',
    ]) {
      assert.equal(classify({ code })[1], 'retryable', code);
    }
    assert.equal(classify({ fatal: true })[0], 'mysql.connectionLost');
  });

  test('are permanent when a person has to do something', () => {
    for (const errno of [1045, 1049, 1142, 1146, 1062, 1114, 1290, 1064, 1366]) {
      assert.equal(classify({ errno, sqlState: '42000' })[1], 'permanent', String(errno));
    }
    assert.deepEqual(classify({ code: 'HANDSHAKE_NO_SSL_SUPPORT', fatal: true }), ['mysql.noTls', 'permanent']);
    assert.deepEqual(classify({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), ['mysql.tlsFailed', 'permanent']);
    assert.deepEqual(classify({}), ['mysql.statementFailed', 'permanent']);
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
