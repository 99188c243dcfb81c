/** Which connector speaks to which system: the one place that knows them all. */

import type { ResolvedConnection } from '../core/settings.ts';
import type { Source, Target } from './contract.ts';
import { mysqlConnector } from './mysql/connector.ts';
import { sqliteConnector } from './sqlite/connector.ts';

/** Rejects with a DataError when the system cannot be reached. */
export function openSource(connection: ResolvedConnection): Promise<Source> {
  switch (connection.type) {
    case 'sqlite':
      return sqliteConnector.openSource(connection);
    case 'mysql':
      return mysqlConnector.openSource(connection);
  }
}

/** Rejects with a DataError when the system cannot be reached. */
export function openTarget(connection: ResolvedConnection): Promise<Target> {
  switch (connection.type) {
    case 'sqlite':
      return sqliteConnector.openTarget(connection);
    case 'mysql':
      return mysqlConnector.openTarget(connection);
  }
}

/** Connects, asks who is there and disconnects. Rejects with a DataError. */
export function testConnection(connection: ResolvedConnection): Promise<{ readonly server: string }> {
  switch (connection.type) {
    case 'sqlite':
      return sqliteConnector.test(connection);
    case 'mysql':
      return mysqlConnector.test(connection);
  }
}
