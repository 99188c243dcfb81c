/** MySQL and MariaDB as a system that units can be copied from and into. */
import type { MysqlConnection } from '../../core/settings.ts';
import type { Connector } from '../contract.ts';
import { fromDriver } from './errors.ts';
import { readServer } from './schema.ts';
import { openSessions } from './session.ts';
import { openMysqlSource } from './source.ts';
import { openMysqlTarget } from './target.ts';

export const mysqlConnector: Connector<MysqlConnection> = {
  openSource: openMysqlSource,
  openTarget: openMysqlTarget,
  test: async (connection, signal) => {
    const sessions = openSessions(connection);
    try {
      const { flavour, version } = await (signal === undefined ? sessions : sessions.within(signal)).use(readServer);
      return { server: `${flavour === 'mariadb' ? 'MariaDB' : 'MySQL'} ${version}` };
    } catch (error) {
      throw fromDriver(error, connection);
    } finally {
      await sessions.close();
    }
  },
};
