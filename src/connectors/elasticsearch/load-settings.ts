/**
 * Settings of an index that is being filled: nothing is made searchable and no copies of shards are kept meanwhile, which
 * halves the work. What the index is owed is written down in the index itself, in `_meta` of its mapping, before it is
 * taken away: whoever comes after a kill, on whatever machine, finds it there.
 */
import type { SearchClient } from './client.ts';
import type { JsonObject } from './exact-json.ts';
import type { FoundIndex } from './found-index.ts';
import { type IndexDefinition, objectIn } from './index-definition.ts';

export interface Load {
  /** Settings for when it is complete; null = as the server has it by itself. */
  readonly owed: JsonObject;
  /** They are not in force now. */
  readonly relaxed: boolean;
  /** The alias that will point at the index, and the unit it is filled from. Absent: none will. */
  readonly alias?: string;
  readonly unit?: string;
}

/** Its name in `_meta`. */
const META = 'datatrace_load';
const RELAXED: JsonObject = { 'index.refresh_interval': '-1', 'index.number_of_replicas': '0' };
const AUTOMATIC = 'index.auto_expand_replicas';

/** What is being filled, as its mapping says; null = nothing is. */
export function loadIn(mappings: JsonObject): Load | null {
  const load = objectIn(mappings._meta)[META];
  if (load === undefined) return null;
  const { owed, relaxed, alias, unit } = objectIn(load);
  const forAlias = typeof alias === 'string' ? { alias, unit: String(unit ?? '') } : {};
  return { owed: objectIn(owed), relaxed: relaxed === true, ...forAlias };
}

/** A mapping with what it says of a load, or without. */
export function withLoad(mappings: JsonObject, load: Load | null): JsonObject {
  return { ...mappings, _meta: metaWith(mappings, load) };
}

function metaWith(mappings: JsonObject, load: Load | null): JsonObject {
  const { [META]: _, ...others } = objectIn(mappings._meta);
  return load === null ? others : { ...others, [META]: load };
}

/** The definition of an index that is filled as soon as it is made. */
export function relaxedDefinition(
  { settings, mappings }: IndexDefinition,
  forAlias: { readonly alias: string; readonly unit: string } | null,
): IndexDefinition {
  const owed = owedBy(settings);
  const load = { owed, relaxed: true, ...forAlias };
  const kept = [...settings].filter(([name]) => !Object.hasOwn(RELAXED, name) && name !== AUTOMATIC);
  return { settings: new Map([...kept, ...Object.entries(RELAXED)]), mappings: withLoad(mappings, load) };
}

/** The definition of an index when its load is complete. */
export function completeDefinition({ settings, mappings }: IndexDefinition): IndexDefinition {
  const load = loadIn(mappings);
  if (load === null) return { settings, mappings };
  const complete = new Map(settings);
  for (const [name, value] of Object.entries(load.owed)) {
    if (value === null) complete.delete(name);
    else complete.set(name, value);
  }
  const { _meta, ...rest } = withLoad(mappings, null);
  return { settings: complete, mappings: Object.keys(objectIn(_meta)).length === 0 ? rest : { ...rest, _meta } };
}

function owedBy(settings: IndexDefinition['settings']): JsonObject {
  const names = [...Object.keys(RELAXED), ...(isAutomatic(settings) ? [AUTOMATIC] : [])];
  return Object.fromEntries(names.map((name) => [name, settings.get(name) ?? null]));
}

function isAutomatic(settings: IndexDefinition['settings']): boolean {
  return String(settings.get(AUTOMATIC) ?? 'false') !== 'false';
}

/** Goes on with a load whose settings were put back. */
export async function relax(client: SearchClient, index: FoundIndex, load: Load): Promise<void> {
  await putMeta(client, index, { ...load, relaxed: true });
  await putSettings(client, index.name, {
    ...RELAXED,
    ...(Object.hasOwn(load.owed, AUTOMATIC) ? { [AUTOMATIC]: 'false' } : {}),
  });
}

/** Gives the index what it is owed. A load that is not complete is gone on with by `relax`. */
export async function restore(client: SearchClient, index: FoundIndex, load: Load, isComplete: boolean): Promise<void> {
  if (load.relaxed) await putSettings(client, index.name, load.owed);
  await putMeta(client, index, isComplete ? null : { ...load, relaxed: false });
}

async function putMeta(client: SearchClient, { name, mappings }: FoundIndex, load: Load | null): Promise<void> {
  const body = JSON.stringify({ _meta: metaWith(mappings, load) });
  await client.send({ method: 'PUT', path: [name, '_mapping'], body });
}

async function putSettings(client: SearchClient, name: string, settings: JsonObject): Promise<void> {
  await client.send({ method: 'PUT', path: [name, '_settings'], body: JSON.stringify(settings) });
}
