/** What an index is made of: its settings, spelled flat (`index.refresh_interval`), and its mapping. */
import { isObject, type JsonObject, parseExact } from './exact-json.ts';
import type { SearchNative } from './native.ts';

export interface IndexDefinition {
  readonly settings: ReadonlyMap<string, unknown>;
  readonly mappings: JsonObject;
}

/** A definition for another index, and the names of settings that somebody chose and that are not carried. */
export interface Carried extends IndexDefinition {
  readonly leftOut: readonly string[];
}

/** What a server writes down about an index itself. */
const OF_THE_SERVER =
  /^index\.(uuid|creation_date(_string)?|provided_name|version\..*|history\..*|resize\..*|verified_before_close|frozen|search\.throttled|store\.snapshot\..*|remote_store\..*|routing\.allocation\.(include\._tier_preference|initial_recovery\..*)|lifecycle\.indexing_complete|shard_limit_group|number_of_routing_shards_default)$/;
/**
 * What belongs to the cluster or to the life of the other index: where its shards lie, who removes it, whether it may be
 * written to, and what changes documents on their way into it.
 */
const OF_ITS_PLACE =
  /^index\.(blocks\..*|lifecycle\..*|plugins\.index_state_management\..*|opendistro\..*|routing\.(allocation|rebalance)\..*|default_pipeline|final_pipeline|search\.default_pipeline|hidden)$/;

/** The definition of a unit for a new index. */
export function carriedDefinition(native: Pick<SearchNative, 'settings' | 'mappings'>): Carried {
  const settings = new Map<string, unknown>();
  const leftOut: string[] = [];
  for (const [name, value] of flatSettings(parseExact(native.settings))) {
    // The usual one, which only one of the products knows.
    const isUsual = name === 'index.replication.type' && value === 'DOCUMENT';
    if (OF_THE_SERVER.test(name) || isUsual) continue;
    if (OF_ITS_PLACE.test(name)) leftOut.push(name);
    else settings.set(name, value);
  }
  const mappings = objectIn(parseExact(native.mappings));
  const { _data_stream_timestamp: _, ...own } = mappings;
  return { settings, mappings: own, leftOut };
}

/** An index that is to be made again as it is. */
export function sameDefinition({ settings, mappings }: IndexDefinition): IndexDefinition {
  return { settings: new Map([...settings].filter(([name]) => !OF_THE_SERVER.test(name))), mappings };
}

/** Settings as the server tells them, in either spelling. */
export function flatSettings(settings: unknown): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  const add = (prefix: string, value: unknown): void => {
    if (!isObject(value)) flat.set(prefix, value);
    else for (const [name, each] of Object.entries(value)) add(prefix === '' ? name : `${prefix}.${name}`, each);
  };
  add('', settings);
  flat.delete('');
  return flat;
}

/** Body of a request that makes the index. */
export function creationBody({ settings, mappings }: IndexDefinition, aliases: JsonObject = {}): string {
  return JSON.stringify({ settings: Object.fromEntries(settings), mappings, aliases });
}

/** For people. */
export function creationText(index: string, { settings, mappings }: IndexDefinition): string {
  const body = JSON.stringify({ settings: Object.fromEntries(settings), mappings }, null, 2);
  return `PUT /${index}\n${body}`;
}

/**
 * Type of each field by its path; `object` where it has fields of its own and says no other.
 * @param mappings or the definition of a field
 */
export function fieldTypes(mappings: JsonObject): Map<string, string> {
  const types = new Map<string, string>();
  const add = (prefix: string, properties: unknown): void => {
    for (const [name, field] of Object.entries(objectIn(properties))) {
      const { type, properties: inner } = objectIn(field);
      types.set(`${prefix}${name}`, typeof type === 'string' ? type : 'object');
      if (inner !== undefined) add(`${prefix}${name}.`, inner);
    }
  };
  add('', mappings.properties);
  return types;
}

export function objectIn(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
