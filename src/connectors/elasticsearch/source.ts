/**
 * Reads indexes of Elasticsearch and OpenSearch: documents as the server sends them, in one moment for all readers of a
 * unit, by a number that every document has and that outlives moments, restarts and attempts.
 */
import { DataError } from '../../core/ports.ts';
import type { ElasticsearchConnection } from '../../core/settings.ts';
import type { Cursor, Divisible, Extent, LateRange, Source, UnitSchema } from '../contract.ts';
import { backOff } from './backoff.ts';
import { openClient } from './client.ts';
import { type Cluster, describeUnit } from './describe.ts';
import { Broken, fromNetwork, searchError } from './errors.ts';
import { withNeutralPages } from './neutral-source.ts';
import {
  ALL,
  bordersBody,
  boundCursor,
  countBody,
  extentBody,
  queryOf,
  readNativeOf,
  type SeqRange,
  SORT_END,
  seqCursor,
  seqOf,
  shardsOf,
} from './reading.ts';
import { openSeqReader } from './seq-reader.ts';
import { readServer } from './server.ts';
import { type SmallAnswer, smallAnswer, totalOf } from './small-answers.ts';
import { refuseUnsortable } from './sortable.ts';
import { openSortedReader } from './sorted-reader.ts';
import type { Asking } from './unit-view.ts';
import { listUnits } from './units.ts';
import { createViews, type Seen, type Views } from './views.ts';

/** How often a refresh is asked for that fails for the moment. */
const REFRESHES = 8;

/** Connects and asks who is there. Rejects with a DataError, or with the signal's reason. */
export async function openElasticsearchSource(
  connection: ElasticsearchConnection,
  signal?: AbortSignal,
): Promise<Source> {
  const client = openClient(connection);
  try {
    const server = await readServer(signal === undefined ? client : client.within(signal), connection);
    const cluster = { client, connection, server };
    const views = createViews(cluster, false, explained(connection));
    return withNeutralPages(sourceOver(cluster, views, undefined, () => client.close()));
  } catch (error) {
    await client.close();
    throw error;
  }
}

/**
 * @param cluster of the scope
 * @param closes what is closed with the source, after its views
 */
function sourceOver(
  cluster: Cluster,
  views: Views,
  signal: AbortSignal | undefined,
  closes: () => Promise<void>,
  frozen = false,
): Source {
  const { client, connection } = cluster;
  const by: Asking = { client, signal };
  const toError = explained(connection);
  const asking = async <T>(schema: UnitSchema, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw toError(error, schema);
    }
  };
  /** What the unit is now, beside the moment in which it is read. */
  const now = async (schema: UnitSchema, members: string): Promise<SmallAnswer> => {
    if (frozen) return (await views.of(schema).ask(by, () => ({ members }), smallAnswer)).said;
    const query = { allow_partial_search_results: false };
    const { body } = await client.send({ method: 'POST', path: [schema.unit, '_search'], query, body: `{${members}}` });
    return smallAnswer(body);
  };

  return {
    formats: ['search-hits'],
    rereads: true,
    listUnits: () => listUnits(client),
    describe: async (unit, settings) => {
      const schema = await describeUnit(cluster, unit, settings);
      return refuseUnsortable(cluster, schema);
    },
    upperBound: (schema) =>
      asking(
        schema,
        now(schema, extentBody(readNativeOf(schema).reading)).then((said) => boundOf(schema, seenIn(said))),
      ),
    count: (schema, _where, upTo) =>
      asking(schema, now(schema, countBody(readNativeOf(schema).reading, rangeTo(schema, upTo))).then(totalOf)),
    extent: async (schema) => {
      await refresh(by, schema.unit);
      const seen = await asking(schema, views.begin(schema).look(by));
      return { upTo: boundOf(schema, seen), rows: seen.rows } satisfies Extent;
    },
    late: async (schema, upTo) => {
      const view = views.of(schema);
      const { sort, shards } = readNativeOf(schema).reading;
      // In an order of its own nobody knows what has moved.
      const late = sort === null ? lateRange(upTo, await asking(schema, view.look(by)), shards) : null;
      if (late !== null) return late;
      // The verification of a snapshot asks in it.
      if (!frozen) await view.close();
      return null;
    },
    read: async (schema, options) => {
      const { sort, shards } = readNativeOf(schema).reading;
      const view = views.of(schema);
      if (sort !== null) return openSortedReader(view, by, { schema, options, sort });
      const seen = view.seen() ?? (options.upTo === null ? await asking(schema, view.look(by)) : null);
      const upTo = options.upTo === null ? (seen?.last ?? -1) : seqOf(options.upTo);
      const density = seen === null || seen.last === null ? shards : seen.rows / (seen.last + 1);
      return openSeqReader(view, by, { schema, options, upTo, density });
    },
    borders: (schema, whole) => asking(schema, borders(views, by, schema, whole)),
    divides: (schema) => readNativeOf(schema).reading.sort === null,
    ...(frozen
      ? {}
      : {
          snapshot: async (scope) => {
            const own = { ...cluster, client: client.within(scope.signal) };
            const kept = createViews(cluster, true, toError);
            return sourceOver(own, kept, scope.signal, async () => {}, true);
          },
        }),
    within: (scope) =>
      sourceOver({ ...cluster, client: client.within(scope.signal) }, views, scope.signal, async () => {}, frozen),
    close: async () => {
      await views.close();
      await closes();
    },
  };
}

/** What was written before the copy begins is to be found in it. Who may not ask for that has to wait for the server. */
async function refresh({ client, signal }: Asking, unit: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.send({ method: 'POST', path: [unit, '_refresh'] });
      return;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      if (error.error.class === 'permanent') return;
      if (tries === REFRESHES) throw error;
      await backOff(tries, signal === undefined ? [] : [signal]);
    }
  }
}

/**
 * Where documents can have moved to since a bound was taken: behind the highest number that their shard had then, which may
 * be before the bound where other shards have higher ones.
 */
function lateRange(bound: Cursor, { last, shards: after }: Seen, count: number): LateRange | null {
  const now = last === null ? null : boundCursor(last, after);
  if (now === null || now === bound) return null;
  const before = shardsOf(bound, count);
  if (before === null || after === null) return { after: seqCursor(-1), upTo: now };
  const moved = before.filter((seq, shard) => (after[shard] ?? -1) > seq);
  return moved.length === 0 ? null : { after: seqCursor(Math.min(...moved)), upTo: now };
}

function seenIn(said: SmallAnswer): Seen {
  return { last: said.seq, rows: totalOf(said), shards: null };
}

function boundOf(schema: UnitSchema, { last, rows, shards }: Seen): Cursor | null {
  if (readNativeOf(schema).reading.sort !== null) return rows === 0 ? null : SORT_END;
  return last === null ? null : boundCursor(last, shards);
}

function rangeTo(schema: UnitSchema, upTo: Cursor | null): SeqRange {
  if (upTo === null || readNativeOf(schema).reading.sort !== null) return ALL;
  return { after: null, upTo: seqOf(upTo) };
}

/** Sequence numbers that about as many documents lie between. */
async function borders(views: Views, by: Asking, schema: UnitSchema, whole: Divisible): Promise<Cursor[]> {
  const { reading } = readNativeOf(schema);
  if (reading.sort !== null || whole.parts < 2) return [];
  const upTo = seqOf(whole.upTo);
  const members = bordersBody(queryOf(reading, { after: null, upTo }), whole.parts);
  const { said } = await views.of(schema).ask(by, () => ({ members }), smallAnswer);
  const found = [...new Set(said.borders)].filter((seq) => seq < upTo);
  return found.sort((a, b) => a - b).map((seq) => seqCursor(seq));
}

/** What an error means for a unit. */
function explained(connection: ElasticsearchConnection): (error: unknown, schema: UnitSchema) => unknown {
  const [node = ''] = connection.urls;
  return (error, schema) => {
    const { unit } = schema;
    // Ours are errors already, and so is the reason why somebody ended it.
    const own = error instanceof Broken ? fromNetwork(error, connection, new URL(node)) : error;
    if (!(own instanceof DataError)) return own;
    const { code, args } = own.error;
    if (code === 'elasticsearch.indexMissing' && args.index === '?')
      return searchError(code, { ...args, index: unit }, own.error.message, own);
    const { query } = readNativeOf(schema).reading;
    if (query === null || code !== 'elasticsearch.requestFailed' || args.status !== 400) return own;
    return searchError('elasticsearch.badQuery', { ...args, unit }, own.error.message, own);
  };
}
