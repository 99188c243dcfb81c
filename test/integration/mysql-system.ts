/** Two databases on real servers, for the suite every connector passes. */
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import type { System } from '../conformance/suite.ts';
import type { MariaDb } from '../servers/mysql/instance.ts';
import { connectionTo } from './mysql-copy.ts';

/** Two databases of servers that others may use, too, or of one server; the servers are left running. */
export async function systemBetween(
  sourceServer: MariaDb,
  targetServer: MariaDb,
  connector = mysqlConnector,
): Promise<System> {
  const servers = { source: sourceServer, target: targetServer };
  const databases = {
    source: await servers.source.freshDatabase('from'),
    target: await servers.target.freshDatabase('to'),
  };
  const from = connectionTo(servers.source, databases.source);
  const to = connectionTo(servers.target, databases.target);
  const source = await connector.openSource(from);
  const target = await connector.openTarget(to);
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
        const name = `\`${databases[side]}\``;
        await query(side, `DROP DATABASE ${name}; CREATE DATABASE ${name}`);
      }
    },
    close: async () => {
      await source.close();
      await target.close();
      for (const side of ['source', 'target'] as const) await query(side, `DROP DATABASE \`${databases[side]}\``);
    },
  };
}
