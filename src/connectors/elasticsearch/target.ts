/** Writes documents into indexes of Elasticsearch and OpenSearch, exactly as they were read. */
import type { Coded, Prepared } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { ElasticsearchConnection, UnitSettings } from '../../core/settings.ts';
import type { Page, RefusedRow, Scope, Target, UnitSchema, WriteOptions, Writer } from '../contract.ts';
import { backOff } from './backoff.ts';
import { type BodySize, createBodySize, MOST_BODY_BYTES } from './body-size.ts';
import type { BulkOperation } from './bulk-body.ts';
import { isRowError } from './bulk-errors.ts';
import { createGate, type Gate } from './bulk-gate.ts';
import { type Buffers, type BulkTo, createBuffers, writeDocuments } from './bulk-writer.ts';
import { openClient, type SearchClient } from './client.ts';
import { type Documents, documentsIn } from './documents.ts';
import { type SearchCode, searchError } from './errors.ts';
import { type FoundIndex, findIndex, requireIndex, uuidOf } from './found-index.ts';
import { carriedDefinition } from './index-definition.ts';
import { nameProblem } from './index-names.ts';
import { completeDefinition, type Load, loadIn, relax, restore } from './load-settings.ts';
import { emptyIndex, forgetDefinition, isBeingEmptied, madeAgain, makeIndex, removeIndex } from './make-index.ts';
import type { ServerTypes } from './mapping-from-types.ts';
import { searchNativeOf } from './native.ts';
import { type Surroundings, takingNeutralPages } from './neutral-target.ts';
import { readServer, type SearchServer } from './server.ts';
import { readTypes } from './server-types.ts';
import { openElasticsearchSource } from './source.ts';
import { storedDocuments } from './stored-documents.ts';
import { aliasOf, loadedIndex, moveAlias, openLoads } from './swap-alias.ts';
import {
  countDocuments,
  newLoadName,
  ownSource,
  planIndex,
  refreshIndex,
  settingsProblems,
  type Wanted,
} from './target-plan.ts';

/** What all units of one connection share in this thread. */
interface Shared {
  readonly connection: ElasticsearchConnection;
  readonly client: SearchClient;
  readonly server: SearchServer;
  readonly gate: Gate;
  readonly buffers: Buffers;
  readonly size: BodySize;
  /** What the cluster takes in one request, bytes; null = it does not say. */
  readonly mostBytes: number | null;
}

/** Connects and asks who is there. Rejects with a DataError, or with the signal's reason. */
export async function openElasticsearchTarget(
  connection: ElasticsearchConnection,
  signal?: AbortSignal,
): Promise<Target> {
  const client = openClient(connection);
  try {
    const asking = signal === undefined ? client : client.within(signal);
    const server = await readServer(asking, connection);
    const mostBytes = await mostBytesOf(asking);
    const size = createBodySize(mostBytes);
    const shared = { connection, client, server, gate: createGate(), buffers: createBuffers(), size, mostBytes };
    return takingNeutralPages(targetOver(shared, null), aroundOf(shared));
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** The least of all nodes; null where that may not be asked. */
async function mostBytesOf(client: SearchClient): Promise<number | null> {
  const query = { filter_path: 'nodes.*.http.max_content_length_in_bytes' };
  try {
    const { body } = await client.send({ method: 'GET', path: ['_nodes', 'http'], query });
    const { nodes = {} } = JSON.parse(body.toString()) as {
      readonly nodes?: Readonly<Record<string, { readonly http?: { readonly max_content_length_in_bytes?: number } }>>;
    };
    const each = Object.values(nodes).flatMap(({ http }) => http?.max_content_length_in_bytes ?? []);
    return each.length === 0 ? null : Math.min(...each);
  } catch (error) {
    if (error instanceof DataError && error.error.class === 'permanent') return null;
    throw error;
  }
}

function aroundOf({ client, server }: Shared): Surroundings {
  let types: Promise<ServerTypes> | undefined;
  const within = (signal: AbortSignal | undefined): SearchClient =>
    signal === undefined ? client : client.within(signal);
  return {
    server,
    find: async ({ targetName }, signal) => {
      if (nameProblem(targetName) !== null) return null;
      const found = await findIndex(within(signal), targetName);
      return found.kind === 'index' ? found.index : null;
    },
    types: (signal) => {
      types ??= readTypes(within(signal), server);
      types.catch(() => {
        types = undefined;
      });
      return types;
    },
  };
}

/** The index that a unit is written into, as it was found or made in this execution. */
interface Written {
  readonly index: string;
  readonly uuid: string;
  /** Documents would go through a pipeline of the index. */
  readonly hasPipeline: boolean;
  readonly hasFinalPipeline: boolean;
}

function targetOver(shared: Shared, scope: Scope | null): Target {
  const { connection, server } = shared;
  const client = scope === null ? shared.client : shared.client.within(scope.signal);
  const cluster = { client, connection };
  /** By the name of the target. */
  const known = new Map<string, Promise<Written>>();
  const error = (code: SearchCode, index: string): DataError =>
    searchError(code, { connection: connection.name, index }, `${code}: ${index}`);

  /** Where the documents of a unit are, or go: with an alias to be moved, the index that is loaded for it. */
  const nameOf = async (schema: UnitSchema, { targetName, swapAlias }: UnitSettings): Promise<string | null> => {
    if (!swapAlias) return targetName;
    const [load] = await openLoads(client, targetName, swapAlias, schema.unit);
    return load ?? (await loadedIndex(client, targetName, swapAlias));
  };
  const requireName = async (schema: UnitSchema, settings: UnitSettings): Promise<string> => {
    const name = await nameOf(schema, settings);
    if (name === null) throw error('elasticsearch.indexMissing', settings.targetName);
    return name;
  };
  const there = async (schema: UnitSchema, settings: UnitSettings): Promise<FoundIndex> =>
    requireIndex(client, connection, await requireName(schema, settings));

  /** The index of a unit, ready to be filled. */
  const ready = (schema: UnitSchema, settings: UnitSettings, clean: boolean): Promise<Written> => {
    const found = known.get(settings.targetName) ?? look(schema, settings, clean);
    known.set(settings.targetName, found);
    found.catch(() => known.delete(settings.targetName));
    return found;
  };
  const look = async (schema: UnitSchema, settings: UnitSettings, clean: boolean): Promise<Written> => {
    const index = await there(schema, settings);
    if (index.closed) throw error('elasticsearch.indexClosed', index.name);
    refuseOwnSource(schema, index);
    const load = loadIn(index.mappings);
    if (clean && load !== null && !load.relaxed && !(await isRead(load, index.name))) await relax(client, index, load);
    return written(index);
  };

  /** An alias that is read may have been moved to what is written since the copy was planned. */
  const refuseOwnSource = (schema: UnitSchema, index: FoundIndex): void => {
    const own = ownSource(schema, server, index);
    if (own !== null) throwFirst([own], connection);
  };

  /** The alias that the index was loaded for points at it already. */
  const isRead = async ({ alias }: Load, index: string): Promise<boolean> =>
    alias !== undefined && (await aliasOf(client, alias)).has(index);

  const requireSame = async ({ index, uuid }: Written): Promise<void> => {
    const now = await uuidOf(client, index);
    if (now === null) throw error('elasticsearch.indexMissing', index);
    if (now !== uuid) throw error('elasticsearch.indexReplaced', index);
  };

  const make = async (schema: UnitSchema, settings: UnitSettings): Promise<void> => {
    const { definition } = wantedIndex(schema, null);
    const { targetName, swapAlias } = settings;
    if (!swapAlias) return makeIndex(cluster, targetName, definition);
    const forAlias = { alias: swapAlias, unit: schema.unit };
    const behind = await aliasOf(client, swapAlias);
    for (const name of await openLoads(client, targetName, swapAlias, schema.unit)) {
      // Complete, and read by others: somebody was killed before it said so.
      if (behind.has(name)) await endLoad(name);
      // Given up: nobody goes on with it.
      else await removeIndex(client, name);
    }
    await makeIndex(cluster, newLoadName(settings), definition, { forAlias });
  };

  const endLoad = async (name: string): Promise<void> => {
    const index = await requireIndex(client, connection, name);
    const load = loadIn(index.mappings);
    if (load !== null) await restore(client, index, load, true);
  };

  const prepare = async (schema: UnitSchema, settings: UnitSettings): Promise<Prepared> => {
    const { targetName } = settings;
    const problems = settingsProblems(schema, settings);
    throwFirst(problems, connection);
    // Whoever makes an index hears what is wrong with its definition.
    const plan = await planOf(schema, settings, false);
    throwFirst(plan.refusals, connection);
    if (plan.create !== null) {
      if (settings.createTarget === 'recreate' && !settings.swapAlias) await removeIndex(client, targetName);
      await make(schema, settings);
      return 'created';
    }
    if (plan.comesBack) await madeAgain(cluster, targetName);
    await refreshIndex(client, connection.name, targetName);
    if ((await countDocuments(client, connection.name, targetName)) === 0) return 'empty';
    if (settings.write !== 'truncate') return 'rows';
    await emptyIndex(cluster, await requireIndex(client, connection, targetName));
    return 'emptied';
  };
  const planOf = (schema: UnitSchema, settings: UnitSettings, triesOut: boolean) => {
    const wanted = (index: FoundIndex | null) => wantedIndex(schema, index);
    return planIndex({ client, server, connection: connection.name, schema, settings, triesOut, wanted });
  };

  return {
    formats: ['search-hits'],
    takesDocuments: true,
    takesLanes: true,
    findsOpenBatch: true,
    takesMore: true,
    batchBytes: BATCH_BYTES,
    isRowError,
    plan: async (schema, settings) => {
      const refusals = settingsProblems(schema, settings);
      if (refusals.length > 0) return { create: null, warnings: [], refusals };
      return planOf(schema, settings, true);
    },
    holds: async ({ unit }, { targetName, swapAlias }) => {
      // The index that the alias points at may be that of an older copy.
      if (swapAlias) return (await openLoads(client, targetName, swapAlias, unit)).length > 0;
      return (await findIndex(client, targetName)).kind === 'index' || (await isBeingEmptied(client, targetName));
    },
    prepare: async (schema, settings) => {
      known.delete(settings.targetName);
      const prepared = await prepare(schema, settings);
      if (prepared === 'rows') return prepared;
      const { index, hasFinalPipeline } = await ready(schema, settings, true);
      // Of a template of the cluster: documents would go through it, whatever a request says.
      if (prepared === 'created' && hasFinalPipeline) await takePipelineAway(client, index);
      return prepared;
    },
    empty: async (schema, settings) => {
      known.delete(settings.targetName);
      const { swapAlias } = settings;
      const name = await requireName(schema, settings);
      // What others read stays as it is until there is more.
      if (swapAlias && (await aliasOf(client, swapAlias)).has(name)) return make(schema, settings);
      const found = await findIndex(client, name);
      if (found.kind === 'index') {
        refuseOwnSource(schema, found.index);
        await emptyIndex(cluster, found.index);
      } else if (!(await madeAgain(cluster, name))) {
        throw error('elasticsearch.indexMissing', name);
      }
    },
    // None are kept here.
    readCheckpoints: async () => [],
    forgetCheckpoint: async () => undefined,
    write: async (schema, options) => {
      const clean = options.clean === true;
      const into = await ready(schema, options.settings, clean);
      return openWriter({ shared, client, into, options, scope, requireSame: () => requireSame(into) });
    },
    count: async (schema, settings) => {
      const index = await requireName(schema, settings);
      const into = await known.get(settings.targetName);
      if (into !== undefined) await requireSame(into);
      await refreshIndex(client, connection.name, index);
      return countDocuments(client, connection.name, index);
    },
    stored: async (schema, settings) => {
      const index = await requireName(schema, settings);
      await refreshIndex(client, connection.name, index);
      return storedDocuments(() => openElasticsearchSource(connection, scope?.signal), index, settings);
    },
    finish: async (schema, settings) => {
      const into = await known.get(settings.targetName);
      known.delete(settings.targetName);
      const index = into ? await requireIndex(client, connection, into.index) : await there(schema, settings);
      if (into && into.uuid !== index.uuid) throw error('elasticsearch.indexReplaced', index.name);
      const load = loadIn(index.mappings);
      await refreshIndex(client, connection.name, index.name);
      if (load === null) return;
      await forgetDefinition(client, index.name);
      // The alias before the mark: who is killed in between finds the load again, and ends it.
      await restore(client, index, load, load.alias === undefined);
      if (load.alias === undefined) return;
      await moveAlias(client, load.alias, index.name);
      await restore(client, index, { ...load, relaxed: false }, true);
    },
    leave: async ({ targetName }) => {
      const into = await known.get(targetName)?.catch(() => undefined);
      known.delete(targetName);
      if (into === undefined) return;
      // What ended the unit does not end this.
      const quick = shared.client.within(AbortSignal.timeout(LEAVING_MS));
      const found = await findIndex(quick, into.index);
      const load = found.kind === 'index' ? loadIn(found.index.mappings) : null;
      if (found.kind === 'index' && load?.relaxed) await restore(quick, found.index, load, false);
    },
    within: (inner) => targetOver(shared, inner),
    close: () => shared.client.close(),
  };
}

/** One body; a batch of small documents ends at its number of rows before. */
const BATCH_BYTES = { least: 1024 * 1024, most: MOST_BODY_BYTES };
/** Longest time for putting back what a load has changed when it does not go on, ms: a host waits 4 s. */
const LEAVING_MS = 3_000;

function written({ name, uuid, settings }: FoundIndex): Written {
  const has = (setting: string): boolean => String(settings.get(setting) ?? '_none') !== '_none';
  const hasPipeline = has('index.default_pipeline');
  return { index: name, uuid, hasPipeline, hasFinalPipeline: has(FINAL_PIPELINE) };
}

const FINAL_PIPELINE = 'index.final_pipeline';

async function takePipelineAway(client: SearchClient, index: string): Promise<void> {
  const body = JSON.stringify({ [FINAL_PIPELINE]: '_none' });
  await client.send({ method: 'PUT', path: [index, '_settings'], body });
}

/** What the index of a unit is to be. */
function wantedIndex(schema: UnitSchema, there: FoundIndex | null): Wanted {
  const native = searchNativeOf(schema);
  const { unit } = schema;
  if (native === null) {
    const definition = { settings: new Map(), mappings: {} };
    return {
      definition,
      warnings: [],
      refusals: [{ code: 'elasticsearch.plan.noKey', args: { unit } }],
    };
  }
  const { leftOut, ...carried } = carriedDefinition(native);
  // One that is being filled itself has settings of its load.
  const definition = completeDefinition(carried);
  const args = { unit, settings: leftOut.join(', ') };
  const warnings = there !== null || leftOut.length === 0 ? [] : [{ code: 'elasticsearch.plan.settingsLeftOut', args }];
  return { definition, warnings, refusals: [] };
}

function throwFirst([first]: readonly Coded[], { name }: ElasticsearchConnection): void {
  if (first === undefined) return;
  const { code, args } = first;
  throw searchError(code as SearchCode, { connection: name, ...args }, `${code} ${JSON.stringify(args)}`);
}

/** What a mode does with documents of an index that holds others; where it holds none, each is put in as it is. */
const OPERATIONS: Readonly<Record<UnitSettings['write'], BulkOperation>> = {
  upsert: 'update',
  insert: 'create',
  replace: 'index',
  truncate: 'index',
};

/** How often it is looked whether the index is still the same: one that is missing is made by a server at its own will, ms. */
const LOOKS_EVERY_MS = 5_000;

interface WriterOf {
  readonly shared: Shared;
  readonly client: SearchClient;
  readonly into: Written;
  readonly options: WriteOptions;
  readonly scope: Scope | null;
  /** Rejects when there is another index of its name, or none. */
  requireSame(): Promise<void>;
}

function openWriter({ shared, client, into, options, scope, requireSame }: WriterOf): Writer {
  const { settings, stop, clean = false } = options;
  const { connection, gate, size, buffers, mostBytes } = shared;
  const ends = [scope?.signal, stop].filter((signal) => signal !== undefined);
  const to: BulkTo = {
    ...{ connection, client, gate, size, buffers, mostBytes },
    index: into.index,
    // Documents of others have versions of their own.
    style: { operation: clean ? 'index' : OPERATIONS[settings.write], versions: clean },
    passPipeline: into.hasPipeline,
    lastCounts: options.lastCounts === true,
    wait: (tries) => backOff(tries, ends),
  };
  let looked = performance.now();
  const put = async (page: Page): Promise<readonly RefusedRow[]> => {
    if (performance.now() - looked > LOOKS_EVERY_MS) {
      await requireSame();
      looked = performance.now();
    }
    return writeDocuments(to, documentsOf(page));
  };
  return {
    write: async (page) => {
      const [first] = await put(page);
      if (first !== undefined) throw first.error;
      return page.rows;
    },
    writeGood: put,
    commit: async () => undefined,
    close: async () => undefined,
  };
}

function documentsOf({ data }: Page): Documents {
  if (data.format !== 'search-hits') throw new Error(`pages of the form ${data.format}`);
  return documentsIn(data);
}
