/** What there is under a name in the cluster that is written to. */
import type { ElasticsearchConnection } from '../../core/settings.ts';
import type { SearchClient } from './client.ts';
import { searchError } from './errors.ts';
import { type JsonObject, parseExact } from './exact-json.ts';
import { flatSettings, type IndexDefinition, objectIn } from './index-definition.ts';

export interface FoundIndex extends IndexDefinition {
  readonly name: string;
  readonly uuid: string;
  readonly aliases: JsonObject;
  readonly closed: boolean;
}

export type Found =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'index'; readonly index: FoundIndex }
  /** An alias or a data stream. */
  | { readonly kind: 'others'; readonly names: readonly string[] };

/** @param name checked, so that it is no pattern */
export async function findIndex(client: SearchClient, name: string): Promise<Found> {
  const query = { flat_settings: true };
  const { status, body } = await client.send({ method: 'GET', path: [name], query, accept: [404] });
  if (status === 404) return { kind: 'nothing' };
  const found = Object.entries(objectIn(parseExact(body.toString())));
  const [first] = found;
  if (first === undefined) return { kind: 'nothing' };
  if (found.length > 1 || first[0] !== name) return { kind: 'others', names: found.map(([each]) => each) };
  const { settings, mappings, aliases } = objectIn(first[1]);
  const flat = flatSettings(settings);
  const closed = String(flat.get('index.verified_before_close')) === 'true';
  const uuid = String(flat.get('index.uuid') ?? '');
  const index = { name, uuid, settings: flat, mappings: objectIn(mappings), aliases: objectIn(aliases), closed };
  return { kind: 'index', index };
}

/** @throws DataError `elasticsearch.indexMissing` */
export async function requireIndex(
  client: SearchClient,
  connection: ElasticsearchConnection,
  name: string,
): Promise<FoundIndex> {
  const found = await findIndex(client, name);
  if (found.kind === 'index') return found.index;
  throw searchError('elasticsearch.indexMissing', { connection: connection.name, index: name }, `no index ${name}`);
}

/** Of what a server does not tell otherwise: each index has its own, also one that takes the name of another. */
export async function uuidOf(client: SearchClient, name: string): Promise<string | null> {
  const query = { flat_settings: true };
  const path = [name, '_settings', 'index.uuid'];
  const { status, body } = await client.send({ method: 'GET', path, query, accept: [404] });
  if (status === 404) return null;
  const { settings } = objectIn(objectIn(parseExact(body.toString()))[name]);
  return String(objectIn(settings)['index.uuid'] ?? '');
}
