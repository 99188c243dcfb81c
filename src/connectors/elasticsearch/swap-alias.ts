/**
 * Loads of a new index that an alias will point at: readers of the alias see the old documents until the new ones are
 * complete. Which index is being loaded the cluster knows: it says so itself, as `load-settings.ts` describes.
 */
import type { SearchClient } from './client.ts';
import { type JsonObject, parseExact } from './exact-json.ts';
import { objectIn } from './index-definition.ts';
import { loadIn } from './load-settings.ts';

/** What is behind a name and a moment: 14 digits. */
const MOMENT = /^-\d{14}$/;
/** Characters that it adds to a name. */
export const MOMENT_LENGTH = 15;

/** The name of a new index. */
export function loadName(base: string, now: Date): string {
  return `${base}-${now.toISOString().replace(/\D/g, '').slice(0, 14)}`;
}

/** Indexes that are being loaded for the alias from the unit, or were when somebody was killed; the newest first. */
export async function openLoads(client: SearchClient, base: string, alias: string, unit: string): Promise<string[]> {
  const query = { filter_path: '*.mappings._meta', expand_wildcards: 'open', allow_no_indices: true };
  const { body } = await client.send({ method: 'GET', path: [`${base}-*`, '_mapping'], query });
  const found = Object.entries(objectIn(parseExact(body.toString())));
  const loads = found.filter(([name, each]) => {
    const load = loadIn(objectIn(objectIn(each).mappings));
    return isLoadName(name, base) && load?.alias === alias && load.unit === unit;
  });
  return loads
    .map(([name]) => name)
    .sort()
    .reverse();
}

function isLoadName(name: string, base: string): boolean {
  return name.startsWith(base) && MOMENT.test(name.slice(base.length));
}

/** Definitions of an alias, by the indexes that it points at. */
export async function aliasOf(client: SearchClient, alias: string): Promise<ReadonlyMap<string, JsonObject>> {
  const { status, body } = await client.send({ method: 'GET', path: ['_alias', alias], accept: [404] });
  if (status === 404) return new Map();
  const found = Object.entries(objectIn(parseExact(body.toString())));
  return new Map(found.map(([name, each]) => [name, objectIn(objectIn(objectIn(each).aliases)[alias])]));
}

/** The index that an alias was moved to when its load was complete; null = none of ours. */
export async function loadedIndex(client: SearchClient, base: string, alias: string): Promise<string | null> {
  const names = [...(await aliasOf(client, alias)).keys()];
  const [only] = names;
  return names.length === 1 && only !== undefined && isLoadName(only, base) ? only : null;
}

/** Points the alias at the index and at nothing else, in one step. What the alias said of the old one it says of the new. */
export async function moveAlias(client: SearchClient, alias: string, index: string): Promise<void> {
  const now = await aliasOf(client, alias);
  if (now.size === 1 && now.has(index)) return;
  const others = [...now].filter(([name]) => name !== index);
  const said = others.length === 1 ? (others[0]?.[1] ?? {}) : {};
  const remove = others.map(([name]) => ({ remove: { index: name, alias } }));
  const body = JSON.stringify({ actions: [...remove, { add: { ...said, index, alias } }] });
  await client.send({ method: 'POST', path: ['_aliases'], body });
}
