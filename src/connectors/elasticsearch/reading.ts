/** What is read of a unit and in which order, and how a search asks for it. */
import type { Cursor, UnitSchema } from '../contract.ts';
import type { SearchNative } from './native.ts';
import type { SearchServer } from './server.ts';

/** Part of `UnitSchema.native`: plain data, for the source alone. */
export interface Reading {
  /** Of all indexes behind the unit. */
  readonly shards: number;
  /** Those of each index. */
  readonly indexes: readonly { readonly name: string; readonly shards: number }[];
  /** Documents that one search may ask for. */
  readonly mostHits: number;
  /** JSON of the query that a document must match; null = all. */
  readonly query: string | null;
  /** Fields that a person chose to order and resume by; null = sequence numbers. */
  readonly sort: readonly string[] | null;
  /** Globs over paths of fields; see `source-filter.ts`. */
  readonly columns: readonly string[];
  /** The server leaves vectors out unless it is asked for them. */
  readonly asksForVectors: boolean;
}

export interface ReadNative extends SearchNative {
  readonly reading: Reading;
}

export function readNativeOf(schema: UnitSchema): ReadNative {
  return schema.native as ReadNative;
}

/** What a document's sequence number must be: above the one, up to the other; null = no border. */
export interface SeqRange {
  readonly after: number | null;
  readonly upTo: number | null;
}

export const ALL: SeqRange = { after: null, upTo: null };

/** JSON of the query for a range. */
export function queryOf({ query }: Reading, { after, upTo }: SeqRange): string {
  const borders = { ...(after === null ? {} : { gt: after }), ...(upTo === null ? {} : { lte: upTo }) };
  const range = after === null && upTo === null ? null : JSON.stringify({ range: { _seq_no: borders } });
  // As a filter: nobody asks how well a document matches.
  return `{"bool":{"filter":[${[range, query].filter((each) => each !== null).join(',')}]}}`;
}

/** The members of a search for documents; `query` and the like are added by whoever asks. */
export function wholeDocuments({ asksForVectors }: Reading): string {
  return `"version":true,"_source":${asksForVectors ? '{"exclude_vectors":false}' : 'true'}`;
}

/** The highest sequence number, and how many documents there are. */
export function extentBody(reading: Reading): string {
  const sort = '"sort":[{"_seq_no":"desc"}]';
  return `"size":1,"track_total_hits":true,"_source":false,${sort},"query":${queryOf(reading, ALL)}`;
}

/** The lowest sequence number in a range. */
export function nextBody(reading: Reading, range: SeqRange): string {
  const sort = '"sort":[{"_seq_no":"asc"}]';
  return `"size":1,"track_total_hits":false,"_source":false,${sort},"query":${queryOf(reading, range)}`;
}

/**
 * For each shard a search for its highest sequence number. A slice is a shard where there are as many; Elasticsearch
 * numbers all shards of a point in time, OpenSearch those of each index.
 */
export function shardBodies(reading: Reading, product: SearchServer['product']): string[] {
  const { indexes, shards, query } = reading;
  const parts = product === 'elasticsearch' || indexes.length === 1 ? [{ name: null, shards }] : indexes;
  return parts.flatMap(({ name, shards: max }) => {
    const index = name === null ? null : JSON.stringify({ term: { _index: name } });
    const filter = [index, query].filter((each) => each !== null).join(',');
    return Array.from({ length: max }, (_, id) =>
      [
        ...(max === 1 ? [] : [`"slice":{"id":${id},"max":${max}}`]),
        '"size":1,"track_total_hits":true,"explain":true,"_source":false,"sort":[{"_seq_no":"desc"}]',
        `"query":{"bool":{"filter":[${filter}]}}`,
      ].join(','),
    );
  });
}

export function countBody(reading: Reading, range: SeqRange): string {
  return `"size":0,"track_total_hits":true,"query":${queryOf(reading, range)}`;
}

/** Sequence numbers that cut the documents of a query into so many parts. */
export function bordersBody(query: string, parts: number): string {
  const percents = Array.from({ length: parts - 1 }, (_, at) => ((at + 1) * 100) / parts);
  const borders = { percentiles: { field: '_seq_no', percents, keyed: false } };
  return `"size":0,"track_total_hits":false,"query":${query},"aggs":${JSON.stringify({ borders })}`;
}

/**
 * "Every document with this number or a lower one, in every shard, is behind us."
 * @param part how often a page ended among documents of the number that comes next: it only tells the pages apart
 */
export function seqCursor(seq: number, part = 0): Cursor {
  return JSON.stringify(part === 0 ? { seq } : { seq, part });
}

/**
 * The bound of a copy: the highest number of all shards, and those of each, by which it is known later what has changed.
 * @param shards null = unknown
 */
export function boundCursor(seq: number, shards: readonly number[] | null): Cursor {
  return JSON.stringify(shards === null || shards.length === 1 ? { seq } : { seq, shards });
}

/** The highest number of each of so many shards; null = unknown. */
export function shardsOf(bound: Cursor, count: number): readonly number[] | null {
  const { seq, shards } = JSON.parse(bound) as { readonly seq?: unknown; readonly shards?: unknown };
  const known = count === 1 ? [seq] : shards;
  const sound = Array.isArray(known) && known.length === count && known.every((each) => typeof each === 'number');
  return sound ? known : null;
}

/** @throws Error for another source's cursor */
export function seqOf(cursor: Cursor): number {
  const { seq } = JSON.parse(cursor) as { readonly seq?: unknown };
  if (typeof seq !== 'number') throw new Error(`${cursor} is no position in an index`);
  return seq;
}

const SORTED = '{"sort":';

/** The bound of a unit that is read in an order of its own: to its end. */
export const SORT_END: Cursor = '{"sort":"end"}';

/** Behind a document with these sort values. @param values JSON of a list, with its numbers as the server spelt them */
export function sortCursor(values: string): Cursor {
  return `${SORTED}${values}}`;
}

/** @throws Error for another source's cursor */
export function sortValuesOf(cursor: Cursor): string {
  if (!cursor.startsWith(SORTED)) throw new Error(`${cursor} is no position in a sorted index`);
  return cursor.slice(SORTED.length, -1);
}
