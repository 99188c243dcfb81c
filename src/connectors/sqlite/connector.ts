import type { SqliteConnection } from '../../core/settings.ts';
import type { Connector } from '../contract.ts';
import { catalog, openForReading } from './database.ts';
import { openSqliteSource } from './source.ts';
import { openSqliteTarget } from './target.ts';

/** SQLite files through the runtime's own `node:sqlite`. */
export const sqliteConnector: Connector<SqliteConnection> = {
  openSource: openSqliteSource,
  openTarget: (connection) => openSqliteTarget(connection),
  test: async (connection, signal) => {
    const db = await openForReading(connection, signal);
    try {
      const version = catalog<{ version: string }>(db, 'SELECT sqlite_version() AS version')[0]?.version ?? '?';
      return { server: `SQLite ${version}` };
    } finally {
      db.close();
    }
  },
};
