/** What an index, an alias or a data stream is, as its copy begins. */
import { createHash } from 'node:crypto';
import type { Coded } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { ElasticsearchConnection, UnitSettings } from '../../core/settings.ts';
import type { UnitSchema } from '../contract.ts';
import type { SearchClient } from './client.ts';
import { searchError } from './errors.ts';
import { type JsonObject, parseExact } from './exact-json.ts';
import { objectIn } from './index-definition.ts';
import type { Reading, ReadNative } from './reading.ts';
import type { SearchServer } from './server.ts';
import { DOCUMENT_COLUMNS } from './whole-documents.ts';

/** `index.max_result_window` where an index does not say another. */
const USUAL_HITS = 10_000;
const VECTORS = new Set(['dense_vector', 'sparse_vector', 'rank_vectors']);

export interface Cluster {
  readonly client: SearchClient;
  readonly connection: ElasticsearchConnection;
  readonly server: SearchServer;
}

type Asked = Pick<UnitSettings, 'columns' | 'where' | 'key' | 'query' | 'sort'>;

interface Index {
  readonly name: string;
  readonly uuid: string;
  readonly shards: number;
  readonly settings: JsonObject;
  readonly mappings: JsonObject;
}

/** @throws DataError `elasticsearch.indexMissing` and what a server says of a request */
export async function describeUnit(cluster: Cluster, unit: string, asked: Asked): Promise<UnitSchema> {
  const indexes = await findIndexes(cluster, unit);
  const newest = indexes.toSorted((a, b) => createdAt(a) - createdAt(b)).at(-1) as Index;
  const { product, major, title, cluster: identity } = cluster.server;
  const reading: Reading = {
    shards: indexes.reduce((sum, { shards }) => sum + shards, 0),
    indexes: indexes.map(({ name, shards }) => ({ name, shards })),
    mostHits: Math.min(...indexes.map(mostHitsOf)),
    query: asked.query === undefined || asked.query === null ? null : JSON.stringify(asked.query),
    sort: asked.sort ?? null,
    columns: asked.columns,
    asksForVectors: indexes.some(hasVectors) && leavesVectorsOut(cluster.server),
  };
  const native: ReadNative = {
    server: { product, major, title },
    cluster: identity,
    indexes: indexes.map(({ name, uuid }) => ({ name, uuid })),
    settings: JSON.stringify(newest.settings),
    mappings: JSON.stringify(newest.mappings),
    reading,
  };
  const rowBytes = await meanSize(cluster, unit);
  return {
    engine: 'elasticsearch',
    unit,
    columns: DOCUMENT_COLUMNS,
    key: ['_id'],
    readBy: reading.sort ?? ['_seq_no'],
    ...(rowBytes === null ? {} : { rowBytes }),
    fingerprint: fingerprintOf(indexes, reading),
    native,
    warnings: warningsOf(unit, indexes, reading),
    refusals: refusalsOf(unit, indexes, asked),
  };
}

/** Rejects where other indexes are behind the name than when it was described. */
export async function checkUnit({ connection, client }: Cluster, { unit, native }: UnitSchema): Promise<void> {
  const before = (native as ReadNative).indexes;
  const now = await findIndexes({ connection, client }, unit);
  const uuids = new Set(now.map(({ uuid }) => uuid));
  const gone = before.find(({ uuid }) => !uuids.has(uuid));
  if (gone === undefined && before.length === now.length) return;
  const change = gone === undefined ? now.map(({ name }) => name).join(', ') : `- ${gone.name}`;
  throw searchError('elasticsearch.unitChanged', { unit, change }, `${unit} is not what it was: ${change}`);
}

async function findIndexes(
  { client, connection }: Pick<Cluster, 'client' | 'connection'>,
  unit: string,
): Promise<Index[]> {
  const missing = (): DataError =>
    searchError('elasticsearch.indexMissing', { connection: connection.name, index: unit }, `no index ${unit}`);
  // A pattern would be answered for, too.
  if (/[*?,\s]/.test(unit) || unit === '_all' || unit === '') throw missing();
  const query = { flat_settings: true };
  const { status, body } = await client.send({ method: 'GET', path: [unit], query, accept: [404] });
  if (status === 404) throw missing();
  const found = Object.entries(objectIn(parseExact(body.toString()))).map(([name, said]): Index => {
    const { settings, mappings } = objectIn(said);
    const flat = objectIn(settings);
    const shards = Number(flat['index.number_of_shards'] ?? 1);
    return { name, uuid: String(flat['index.uuid'] ?? ''), shards, settings: flat, mappings: objectIn(mappings) };
  });
  if (found.length === 0) throw missing();
  return found;
}

function createdAt({ settings }: Index): number {
  return Number(settings['index.creation_date'] ?? 0);
}

function mostHitsOf({ settings }: Index): number {
  const most = Number(settings['index.max_result_window'] ?? USUAL_HITS);
  return Number.isFinite(most) && most >= 1 ? Math.min(most, USUAL_HITS) : USUAL_HITS;
}

/** Mean size of a document as it lies on the disk, which is near enough; null = nobody may ask. */
async function meanSize({ client }: Cluster, unit: string): Promise<number | null> {
  try {
    const { body } = await client.send({ method: 'GET', path: [unit, '_stats', 'docs,store'] });
    const { primaries } = objectIn(objectIn(JSON.parse(body.toString()))._all);
    const { docs, store } = objectIn(primaries);
    const count = Number(objectIn(docs).count);
    const bytes = Number(objectIn(store).size_in_bytes);
    return count > 0 && bytes > 0 ? Math.ceil(bytes / count) : null;
  } catch (error) {
    if (error instanceof DataError && error.error.class === 'permanent') return null;
    throw error;
  }
}

/** New fields change nothing for what was read; another index, selection or order does. */
function fingerprintOf(indexes: readonly Index[], { columns, query, sort }: Reading): string {
  const uuids = indexes.map(({ uuid, shards }) => [uuid, shards]).sort();
  return createHash('sha256')
    .update(JSON.stringify([uuids, columns, query, sort]))
    .digest('hex')
    .slice(0, 16);
}

function refusalsOf(unit: string, indexes: readonly Index[], { where, key }: Asked): Coded[] {
  const refusals: Coded[] = [];
  if (where !== null) refusals.push({ code: 'elasticsearch.plan.whereNotUsed', args: { unit } });
  if (key !== null) refusals.push({ code: 'elasticsearch.plan.keyNotUsed', args: { unit } });
  for (const index of indexes) {
    const { enabled } = sourceOf(index);
    if (enabled === false || sourceMode(index) === 'disabled')
      refusals.push({ code: 'elasticsearch.plan.noSource', args: { unit, index: index.name } });
  }
  return refusals;
}

function warningsOf(unit: string, indexes: readonly Index[], { asksForVectors }: Reading): Coded[] {
  const warnings: Coded[] = [];
  if (indexes.length > 1)
    warnings.push({ code: 'elasticsearch.plan.severalIndexes', args: { unit, count: indexes.length } });
  for (const index of indexes) {
    const args = { unit, index: index.name };
    const { includes, excludes } = sourceOf(index);
    if (sourceMode(index) === 'synthetic') warnings.push({ code: 'elasticsearch.plan.syntheticSource', args });
    if (isList(includes) || isList(excludes)) warnings.push({ code: 'elasticsearch.plan.partOfSource', args });
    if (asksForVectors && hasVectors(index)) warnings.push({ code: 'elasticsearch.plan.vectors', args });
  }
  return warnings;
}

function sourceOf({ mappings }: Index): JsonObject {
  return objectIn(mappings._source);
}

/** A source that the server puts together anew from its fields is not what was once written. */
function sourceMode(index: Index): 'stored' | 'synthetic' | 'disabled' {
  const { settings } = index;
  const mode = sourceOf(index).mode ?? settings['index.mapping.source.mode'];
  if (mode === 'disabled') return 'disabled';
  const isOfMode = mode === undefined && /^(time_series|logsdb)$/.test(String(settings['index.mode'] ?? ''));
  const isDerived = String(settings['index.derived_source.enabled'] ?? '') === 'true';
  return mode === 'synthetic' || isOfMode || isDerived ? 'synthetic' : 'stored';
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function hasVectors({ mappings }: Index): boolean {
  const inFields = (properties: unknown): boolean =>
    Object.values(objectIn(properties)).some((field) => {
      const { type, properties: inner, fields } = objectIn(field);
      return VECTORS.has(String(type)) || inFields(inner) || inFields(fields);
    });
  return inFields(mappings.properties);
}

/** Since 9.2 an answer lacks them; the versions before it that know the option ignore it. */
function leavesVectorsOut({ product, major, version }: SearchServer): boolean {
  return product === 'elasticsearch' && major >= 9 && (major > 9 || Number(version.split('.')[1]) >= 1);
}
