/** Which connector speaks to which system: the one place that knows them all. */

import type { ElasticsearchConnection, ResolvedConnection } from '../core/settings.ts';
import type { Source, Target } from './contract.ts';
import { filesConnector } from './files/connector.ts';
import { mysqlConnector } from './mysql/connector.ts';
import { onConnections } from './mysql/pools.ts';
import { sqliteConnector } from './sqlite/connector.ts';

/** Rejects with a DataError when the system cannot be reached; with the signal's reason when it is aborted. */
export function openSource(connection: ResolvedConnection, signal?: AbortSignal): Promise<Source> {
  switch (connection.type) {
    case 'sqlite':
      return sqliteConnector.openSource(connection, signal);
    case 'mysql':
      return mysqlConnector.openSource(connection, signal);
    case 'files':
      return filesConnector.openSource(connection, signal);
    case 'elasticsearch':
      return openSearchSource(connection, signal);
  }
}

/** Rejects with a DataError when the system cannot be reached; with the signal's reason when it is aborted. */
export function openTarget(connection: ResolvedConnection, signal?: AbortSignal): Promise<Target> {
  switch (connection.type) {
    case 'sqlite':
      return sqliteConnector.openTarget(connection, signal);
    case 'mysql':
      return mysqlConnector.openTarget(connection, signal);
    case 'files':
      return filesConnector.openTarget(connection, signal);
    case 'elasticsearch':
      return openSearchTarget(connection, signal);
  }
}

async function openSearchSource(connection: ElasticsearchConnection, signal?: AbortSignal): Promise<Source> {
  const { openElasticsearchSource } = await import('./elasticsearch/source.ts');
  return openElasticsearchSource(connection, signal);
}

async function openSearchTarget(connection: ElasticsearchConnection, signal?: AbortSignal): Promise<Target> {
  const { openElasticsearchTarget } = await import('./elasticsearch/target.ts');
  return openElasticsearchTarget(connection, signal);
}

/** Connects, asks who is there and disconnects. Rejects with a DataError. */
export async function testConnection(
  connection: ResolvedConnection,
  signal?: AbortSignal,
): Promise<{ readonly server: string }> {
  switch (connection.type) {
    case 'sqlite':
      return sqliteConnector.test(connection, signal);
    case 'mysql':
      return mysqlConnector.test(connection, signal);
    case 'files':
      return filesConnector.test(connection, signal);
    case 'elasticsearch': {
      // Its HTTP library takes a worker 60 ms and 13 MB: only those that need it pay.
      const { testElasticsearch } = await import('./elasticsearch/connector.ts');
      return testElasticsearch(connection, signal);
    }
  }
}

/** Told of every network connection that this thread opens or closes: how many each connection of the file has now. */
export const watchConnections = onConnections;
