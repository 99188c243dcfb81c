/** Two databases on private servers, for the suite every connector passes. */
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import type { System } from '../conformance/suite.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { connectionTo } from './mysql-copy.ts';

export async function makeMysqlSystem(connector = mysqlConnector): Promise<System> {
  const [source, target] = await Promise.all([startMariaDb({ name: 'source' }), startMariaDb({ name: 'target' })]);
  const system = await systemBetween(source, target, connector);
  const close = async (): Promise<void> => {
    await system.close();
    await source.stop();
    await target.stop();
  };
  return { ...system, close };
}

/** The same between servers that others use, too, or within one server; they are left running. */
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
