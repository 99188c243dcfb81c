/**
 * Reads a unit in the order of fields that a person chose, and of the sequence number where these are equal. Documents of
 * several shards can be equal in all of that: a page never ends among such ones, so that none is passed over.
 */
import type { Page, Reader, ReadOptions, UnitSchema } from '../contract.ts';
import { PLACES } from './documents.ts';
import { searchError } from './errors.ts';
import type { Hits } from './hits.ts';
import { eachElement, valueEnd } from './json-bytes.ts';
import { type Answered, createPageMemory, pageOfHits, searchPage } from './page-search.ts';
import { ALL, queryOf, readNativeOf, sortCursor, sortValuesOf, wholeDocuments } from './reading.ts';
import { totalOf } from './small-answers.ts';
import { sourceFilter } from './source-filter.ts';
import type { Asking, UnitView } from './unit-view.ts';

/** Documents that are asked for when nothing is known of their size. */
const FIRST_ROWS = 500;

export interface SortedReading {
  readonly schema: UnitSchema;
  readonly options: ReadOptions;
  readonly sort: readonly string[];
}

export function openSortedReader(view: UnitView, by: Asking, { schema, options, sort }: SortedReading): Reader {
  const { reading } = readNativeOf(schema);
  const { pageBytes } = options;
  const mostRows = Math.min(options.pageRows, reading.mostHits);
  const filter = sourceFilter(reading.columns);
  const release = view.hold();
  const memory = createPageMemory();
  const order = JSON.stringify([...sort.map((field) => ({ [field]: 'asc' })), { _seq_no: 'asc' }]);
  const width = sort.length + 1;
  let after = options.after === null ? null : sortValuesOf(options.after);
  let size = Math.min(mostRows, FIRST_ROWS);
  let ended = false;
  /** Of a reader that began with the first document, as long as it reads in one moment. */
  let proof: { readonly moment: number; readonly total: number; rows: number } | null = null;

  const missing = (read: number, counted: number): Error =>
    searchError('elasticsearch.documentsMissing', { unit: schema.unit, read, counted }, `${read} of ${counted}`);

  const readPage = async (): Promise<Page | null> => {
    const isFirst = after === null;
    const members = [
      ...[`"track_total_hits":${isFirst}`, wholeDocuments(reading), `"sort":${order}`],
      ...[`"query":${queryOf(reading, ALL)}`, ...(after === null ? [] : [`"search_after":${after}`])],
    ].join(',');
    const asked = size;
    const search = { members: () => members, size: asked, pageBytes, into: memory.now() };
    const found = await searchPage(view, by, search, asked === 1);
    if (found === null) {
      size = Math.max(1, Math.floor(asked / 4));
      return null;
    }
    const { said, moment } = found;
    if (isFirst) proof = { moment, total: totalOf(said), rows: 0 };
    else if (proof !== null && proof.moment !== moment) proof = null;
    ended = said.count < asked;
    const keys = keysOf(said, width);
    if (keys.includes(null)) {
      const args = { unit: schema.unit, fields: sort.join(', ') };
      throw searchError('elasticsearch.sortMissing', args, 'a document without a value to sort by');
    }
    const whole = ended ? said.count : wholeGroups(keys);
    if (proof !== null) {
      proof.rows += whole;
      if (ended && proof.rows !== proof.total) throw missing(proof.rows, proof.total);
    }
    const key = keys[whole - 1];
    if (key === undefined || key === null) {
      // Only equal ones came: there are as many as there are shards, at most.
      size = Math.min(reading.mostHits, 2 * asked);
      if (!ended && size === asked) throw missing(0, asked);
      return null;
    }
    const kept = firstOf(said, whole);
    const mean = kept.sourceBytes / whole;
    size = Math.max(1, Math.min(mostRows, 4 * whole, Math.floor(pageBytes / Math.max(1, mean))));
    after = key;
    return pageOfHits(kept, sortCursor(key), filter);
  };

  return {
    next: async () => {
      while (!ended) {
        const page = await readPage();
        if (page === null) continue;
        memory.given();
        return page;
      }
      return null;
    },
    close: async () => {
      ended = true;
      release();
    },
  };
}

/** The values that each document is sorted by, as JSON of a list; null = it lacks one. */
function keysOf({ body, count, sorts }: Answered, width: number): (string | null)[] {
  return Array.from({ length: count }, (_, row) => {
    const values: string[] = [];
    const [begin = 0, end = 0] = sorts.subarray(2 * row, 2 * row + 2);
    if (end === 0) return null;
    eachElement(body, begin, (at) => {
      const behind = valueEnd(body, at);
      values.push(body.toString('utf8', at, behind));
      return behind;
    });
    // A server may add one of its own, which means nothing in another moment.
    const own = values.slice(0, width);
    return own.length < width || own.includes('null') ? null : `[${own.join(',')}]`;
  });
}

/** Documents before the last group of equal ones, which may not be whole. */
function wholeGroups(keys: readonly (string | null)[]): number {
  const last = keys.at(-1);
  return keys.findLastIndex((key) => key !== last) + 1;
}

function firstOf(said: Answered, count: number): Answered {
  if (count === said.count) return said;
  const places = said.places.subarray(0, count * PLACES);
  let sourceBytes = 0;
  for (let at = 6; at < places.length; at += PLACES) sourceBytes += (places[at + 1] as number) - (places[at] as number);
  const some: Pick<Hits, 'count' | 'places' | 'sorts' | 'sourceBytes'> = {
    ...{ count, places, sourceBytes },
    sorts: said.sorts.subarray(0, 2 * count),
  };
  return { ...said, ...some };
}
