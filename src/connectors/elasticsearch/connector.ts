/** Elasticsearch and OpenSearch. */
import type { ElasticsearchConnection } from '../../core/settings.ts';
import { openClient } from './client.ts';
import { readServer } from './server.ts';

/** Asks who is there and disconnects. Rejects with a DataError, or with the signal's reason. */
export async function testElasticsearch(
  connection: ElasticsearchConnection,
  signal?: AbortSignal,
): Promise<{ readonly server: string }> {
  const client = openClient(connection);
  try {
    const { title } = await readServer(signal === undefined ? client : client.within(signal), connection);
    return { server: title };
  } finally {
    await client.close();
  }
}
