/** MySQL and MariaDB as a system that units can be copied from and into. */
import type { MysqlConnection } from '../../core/settings.ts';
import type { Connector, PageData } from '../contract.ts';
import { printable } from '../printable.ts';
import { addressOf, fromDriver, mysqlError } from './errors.ts';
import type { WriteWay } from './relay.ts';
import { readServer } from './schema.ts';
import { openSessions } from './session.ts';
import { openMysqlSource } from './source.ts';
import { openMysqlTarget } from './target.ts';

/** How rows are read and written; the best way that both servers and the driver can do. */
export type MysqlWays = {
  /** Forms of the pages that are read, best first. */
  readonly read: readonly PageData['format'][];
  readonly write: WriteWay;
};

/** A first page of fewer bytes than 16 KB is written as text: that costs less than preparing a statement. */
const BEST: MysqlWays = { read: ['mysql-rows', 'mysql-text'], write: { path: 'bulk', preparesFrom: 16 * 1024 } };

export const mysqlConnector = connectorWith(BEST);

/** For tests: a connector that takes no better way than these. */
export function connectorWith(ways: MysqlWays): Connector<MysqlConnection> {
  return {
    openSource: (connection, signal) => openMysqlSource(connection, ways.read, signal),
    openTarget: (connection, signal) => openMysqlTarget(connection, ways.write, signal),
    test: testMysql,
  };
}

/** As long as connecting may take, whatever is set for queries: a person waits for it. */
async function testMysql(connection: MysqlConnection, signal?: AbortSignal): Promise<{ readonly server: string }> {
  const sessions = openSessions(connection);
  const late = new AbortController();
  const { name, connectTimeoutMs } = connection;
  const reason = { connection: name, address: addressOf(connection) };
  const limit = setTimeout(
    () => late.abort(mysqlError('mysql.connectTimeout', reason, 'The server did not answer in time.')),
    connectTimeoutMs,
  );
  try {
    const scope = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]);
    const { flavour, version } = await sessions.within(scope).use(readServer);
    return { server: `${flavour === 'mariadb' ? 'MariaDB' : 'MySQL'} ${printable(version).slice(0, LONGEST_VERSION)}` };
  } catch (error) {
    throw fromDriver(error, connection);
  } finally {
    clearTimeout(limit);
    await sessions.close();
  }
}

/** Characters of a version that are shown. */
const LONGEST_VERSION = 80;
