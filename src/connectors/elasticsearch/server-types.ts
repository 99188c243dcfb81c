/** Types of fields that not every server has. */
import { DataError } from '../../core/ports.ts';
import type { SearchClient } from './client.ts';
import type { ServerTypes } from './mapping-from-types.ts';
import type { SearchServer } from './server.ts';

/** The module of Elasticsearch that brings `unsigned_long`. */
const UNSIGNED_LONG = 'unsigned-long';
/** OpenSearch has it since 2.8. */
const OPENSEARCH_MINOR = 8;

/** Who may not ask for the modules gets what every server has. */
export async function readTypes(client: SearchClient, server: SearchServer): Promise<ServerTypes> {
  const { product, major, version } = server;
  if (product === 'opensearch') return { unsignedLong: major > 2 || Number(version.split('.')[1]) >= OPENSEARCH_MINOR };
  const query = { filter_path: 'nodes.*.modules.name' };
  try {
    const { body } = await client.send({ method: 'GET', path: ['_nodes', 'plugins'], query });
    const { nodes = {} } = JSON.parse(body.toString()) as {
      readonly nodes?: Readonly<Record<string, { readonly modules?: readonly { readonly name?: string }[] }>>;
    };
    const each = Object.values(nodes);
    const has = ({ modules = [] }: (typeof each)[number]): boolean =>
      modules.some(({ name }) => name === UNSIGNED_LONG);
    return { unsignedLong: each.length > 0 && each.every(has) };
  } catch (error) {
    if (error instanceof DataError && error.error.class === 'permanent') return { unsignedLong: false };
    throw error;
  }
}
