/** Makes indexes, and makes them again: emptied by taking their place, because that is what a server does at once. */
import { DataError } from '../../core/ports.ts';
import type { ElasticsearchConnection } from '../../core/settings.ts';
import type { SearchClient } from './client.ts';
import { searchError } from './errors.ts';
import type { JsonObject } from './exact-json.ts';
import { type FoundIndex, findIndex } from './found-index.ts';
import { creationBody, type IndexDefinition, objectIn, sameDefinition } from './index-definition.ts';
import { completeDefinition, type Load, loadIn, relaxedDefinition } from './load-settings.ts';

/** A cluster, and who speaks to it. */
export interface Cluster {
  readonly client: SearchClient;
  readonly connection: ElasticsearchConnection;
}

/** The alias that an index is made for. */
export type ForAlias = Pick<Required<Load>, 'alias' | 'unit'> | null;

/**
 * Makes an index that is filled next: relaxed, with what it is owed. Settings that the server does not know are left out.
 * @throws DataError `elasticsearch.createFailed`
 */
export async function makeIndex(
  { client, connection }: Cluster,
  name: string,
  definition: IndexDefinition,
  { aliases = {}, forAlias = null }: { readonly aliases?: JsonObject; readonly forAlias?: ForAlias } = {},
): Promise<void> {
  const make = (known: IndexDefinition): Promise<unknown> =>
    client.send({ method: 'PUT', path: [name], body: creationBody(relaxedDefinition(known, forAlias), aliases) });
  await withKnownSettings(definition, make).catch((error: unknown) => {
    if (!(error instanceof DataError) || error.error.code !== 'elasticsearch.requestFailed') throw error;
    const detail = String(error.error.args.detail ?? '');
    throw searchError(
      'elasticsearch.createFailed',
      { connection: connection.name, index: name, detail },
      detail,
      error,
    );
  });
}

/**
 * Tries a definition, without the settings that the server says it does not know.
 * @returns their names
 */
export async function withKnownSettings(
  definition: IndexDefinition,
  attempt: (definition: IndexDefinition) => Promise<unknown>,
): Promise<string[]> {
  let { settings } = definition;
  const leftOut: string[] = [];
  for (;;) {
    try {
      await attempt({ ...definition, settings });
      return leftOut;
    } catch (error) {
      const detail = error instanceof DataError ? String(error.error.args.detail ?? '') : '';
      const known = settings;
      const unknown = [...detail.matchAll(/unknown setting \[([^\]]+)\]/g)].map(([, name = '']) => name);
      const found = unknown.filter((name) => known.has(name));
      if (found.length === 0) throw error;
      settings = new Map([...known].filter(([name]) => !found.includes(name)));
      leftOut.push(...found);
    }
  }
}

/**
 * Removes all documents of an index: it is removed, and made again with its own settings, mapping and aliases. Until it is
 * there again its definition is that of an index beside it, so that a kill in between loses nothing.
 */
export async function emptyIndex(cluster: Cluster, index: FoundIndex): Promise<void> {
  const { client } = cluster;
  const { alias, unit } = loadIn(index.mappings) ?? {};
  const forAlias = alias === undefined || unit === undefined ? null : { alias, unit };
  let kept = await keptDefinition(client, index.name);
  // By somebody who was killed before the index was removed: it may have been changed since.
  if (kept?.uuid === index.uuid) await removeIndex(client, keptName(index.name));
  // Where another one's is kept, what took the index's name meanwhile is not it.
  if (kept === null || kept.uuid === index.uuid) {
    const definition = sameDefinition(completeDefinition(index));
    kept = { definition, aliases: index.aliases, uuid: index.uuid };
    await keepDefinition(cluster, index.name, kept);
  }
  await removeIndex(client, index.name);
  await makeIndex(cluster, index.name, kept.definition, { aliases: kept.aliases, forAlias });
  await removeIndex(client, keptName(index.name));
}

interface Kept {
  readonly definition: IndexDefinition;
  readonly aliases: JsonObject;
  /** Of the index that it is the definition of. */
  readonly uuid: string;
}

function keptName(index: string): string {
  return `${index}-datatrace-definition`;
}

/** As an index without aliases: they are part of what it says. */
async function keepDefinition({ client }: Cluster, index: string, { definition, aliases, uuid }: Kept): Promise<void> {
  const { settings, mappings } = definition;
  const _meta = { ...objectIn(mappings._meta), [ALIASES]: aliases, [UUID]: uuid };
  const body = creationBody({ settings, mappings: { ...mappings, _meta } });
  await client.send({ method: 'PUT', path: [keptName(index)], body, query: { wait_for_active_shards: 0 } });
}

const ALIASES = 'datatrace_aliases';
const UUID = 'datatrace_uuid';

/** null: none is kept. */
async function keptDefinition(client: SearchClient, index: string): Promise<Kept | null> {
  const found = await findIndex(client, keptName(index));
  if (found.kind !== 'index') return null;
  const { settings, mappings } = sameDefinition(found.index);
  const { [ALIASES]: aliases, [UUID]: uuid, ...meta } = objectIn(mappings._meta);
  // An index of somebody else's.
  if (aliases === undefined) return null;
  const { _meta: _, ...rest } = mappings;
  const own = Object.keys(meta).length === 0 ? rest : { ...rest, _meta: meta };
  return { definition: { settings, mappings: own }, aliases: objectIn(aliases), uuid: String(uuid ?? '') };
}

/** Makes an index again that was removed in order to be emptied, where nobody came to it. @returns whether there was one */
export async function madeAgain(cluster: Cluster, name: string): Promise<boolean> {
  const { client } = cluster;
  const kept = await keptDefinition(client, name);
  if (kept === null) return false;
  await makeIndex(cluster, name, kept.definition, { aliases: kept.aliases });
  await removeIndex(client, keptName(name));
  return true;
}

/** Whether an index was removed in order to be emptied and is not there again. */
export async function isBeingEmptied(client: SearchClient, name: string): Promise<boolean> {
  return (await keptDefinition(client, name)) !== null;
}

/** The definition of an index that is complete is its own: who emptied it may have been killed before the end of that. */
export async function forgetDefinition(client: SearchClient, name: string): Promise<void> {
  if (await isBeingEmptied(client, name)) await removeIndex(client, keptName(name));
}

/** @param name of one index: no pattern, and no alias, which a server refuses here */
export async function removeIndex(client: SearchClient, name: string): Promise<void> {
  await client.send({ method: 'DELETE', path: [name], accept: [404], query: { expand_wildcards: 'none' } });
}
