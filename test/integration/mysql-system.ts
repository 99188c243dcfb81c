/** Two databases on private MariaDB servers, for the suite every connector passes. */
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import type { System } from '../conformance/suite.ts';
import { startMariaDb } from '../servers/mysql/instance.ts';
import { connectionTo } from './mysql-copy.ts';

export async function makeMysqlSystem(): Promise<System> {
  const servers = {
    source: await startMariaDb({ name: 'source' }),
    target: await startMariaDb({ name: 'target' }),
  };
  const databases = {
    source: await servers.source.freshDatabase('from'),
    target: await servers.target.freshDatabase('to'),
  };
  const from = connectionTo(servers.source, databases.source);
  const to = connectionTo(servers.target, databases.target);
  const source = await mysqlConnector.openSource(from);
  const target = await mysqlConnector.openTarget(to);
  const query = (side: 'source' | 'target', sql: string) => servers[side].query(`USE \`${databases[side]}\`; ${sql}`);
  return {
    from,
    to,
    source,
    target,
    sql: async (side, statement) => {
      await query(side, statement);
    },
    rows: async (side, table) =>
      (await query(side, `SELECT * FROM \`${table}\``)).map((row) => JSON.stringify(row)).sort(),
    clear: async () => {
      for (const side of ['source', 'target'] as const) {
        await query(side, `DROP DATABASE \`${databases[side]}\`; CREATE DATABASE \`${databases[side]}\``);
      }
    },
    close: async () => {
      await source.close();
      await target.close();
      await servers.source.stop();
      await servers.target.stop();
    },
  };
}
