/** What tests of reading indexes share: nasty documents, and pages as documents. */
import assert from 'node:assert/strict';
import type { Cursor, Extent, Page, Reader, ReadOptions, Source, UnitSchema } from '../../src/connectors/contract.ts';
import type { Coded } from '../../src/core/model.ts';
import { DataError } from '../../src/core/ports.ts';
import { word } from '../../src/wording/word.ts';
import type { SearchServer } from '../servers/elasticsearch/instance.ts';

export interface Written {
  readonly id: string;
  readonly routing?: string;
  /** Exact text; null = the document is removed. */
  readonly source: string | null;
}

export interface Shards {
  readonly shards: readonly (readonly { readonly shard: number }[])[];
}

interface Read {
  readonly id: string;
  readonly routing?: string;
  readonly source: string;
  readonly version: string;
}

/** Of pages. */
export const SIZES: readonly { readonly pageRows?: number; readonly pageBytes?: number }[] = [
  {},
  { pageRows: 1 },
  { pageRows: 7 },
  { pageRows: 4, pageBytes: 100 },
  { pageBytes: 1 },
];
export const ANY = { type: 'object', enabled: false };
export const NESTED = { type: 'nested', properties: { a: { type: 'long' } } };

export function numbered(count: number, word = '"first"'): Written[] {
  return Array.from({ length: count }, (_, at) => ({ id: `d${at}`, source: `{"n":${at},"any":{"word":${word}}}` }));
}

export function* repeated(doc: Written, times: number): Generator<Written> {
  for (let at = 0; at < times; at++) yield doc;
}

export function nasty(): Written[] {
  const deep = `${'{"a":['.repeat(40)}1${']}'.repeat(40)}`;
  const sources = [
    '{}',
    '{"n":9223372036854775807,"any":{"big":123456789012345678901234567890,"price":1.10,"zero":-0.0,"e":1e400}}',
    '{"any":{"__proto__":{"x":1},"constructor":null,"_id":"no","_source":{},"hits":{"hits":[]}}}',
    '{"any":{"text":"\\"]}\\\\","\\\\":"{[","]":"\\u0000\\ud83d\\ude00","tab":"\\t"}}',
    '{ "n" : 1 , "any" : { "spaces" : [ 1 , 2 ] } }',
    `{"any":${deep}}`,
    '{"t":"ü漢𝄞😀 \u2028\u00ad","k":"\u007f"}',
    '{"kids":[{"a":1},{"a":2},{"a":3}],"n":7}',
    '{"n":null,"k":[],"t":[null,"x"]}',
    `{"any":{"long":"${'x'.repeat(100_000)}","escaped":"${'\\"'.repeat(1_000)}"}}`,
  ];
  const ids = ['1', 'a/b c', 'ü"\\', '😀', 'i'.repeat(512), ' ', '..', 'a%2Fb', '{"_id":1}', "'"];
  return sources.map((source, at) => {
    const id = ids[at] ?? '';
    return at % 3 === 1 ? { id, routing: `r/${at}"`, source } : { id, source };
  });
}

/** The first five were written twice. */
export function versionOf({ id }: Written, docs: ReadonlyMap<string, Written>): string {
  return [...docs.keys()].indexOf(id) < 5 ? '2' : '1';
}

export function options(more: Partial<ReadOptions>): ReadOptions {
  const usual = { where: null, after: null, upTo: null, pageRows: 1_000, pageBytes: 1_000_000 };
  return { ...usual, format: 'search-hits', ...more };
}

export async function extentOf(source: Source, schema: UnitSchema): Promise<Extent> {
  const extent = await source.extent?.(schema, null);
  assert.ok(extent !== undefined);
  return extent;
}

export async function allPages(
  source: Source,
  schema: UnitSchema,
  upTo: Cursor | null,
  more: Partial<ReadOptions> = {},
): Promise<Page[]> {
  const reader = await source.read(schema, options({ upTo, ...more }));
  try {
    return await restOf(reader);
  } finally {
    await reader.close();
  }
}

/** A page stays as it is for a while only: this one is kept. */
export async function nextOf(reader: Pick<Reader, 'next'>): Promise<Page | null> {
  const page = await reader.next();
  if (page === null) return null;
  const { data } = page;
  assert.ok(data.format === 'search-hits');
  return { ...page, data: { ...data, bytes: Buffer.from(data.bytes), places: data.places.slice() } };
}

export async function restOf(reader: Pick<Reader, 'next'>): Promise<Page[]> {
  const pages: Page[] = [];
  for (let page = await nextOf(reader); page !== null; page = await nextOf(reader)) pages.push(page);
  return pages;
}

export function documentsOf({ rows, bytes, data }: Page): Read[] {
  assert.ok(data.format === 'search-hits');
  const { places } = data;
  const text = Buffer.from(data.bytes.buffer, data.bytes.byteOffset, data.bytes.byteLength);
  const part = (row: number, at: number): string | undefined => {
    const [begin = 0, end = 0] = places.subarray(8 * row + at, 8 * row + at + 2);
    return end === 0 ? undefined : text.toString('utf8', begin, end);
  };
  let sum = 0;
  const read = Array.from({ length: rows }, (_, row): Read => {
    const routing = part(row, 2);
    const source = part(row, 6) ?? '';
    sum += Buffer.byteLength(source);
    const id = JSON.parse(part(row, 0) ?? '""') as string;
    return {
      id,
      ...(routing === undefined ? {} : { routing: JSON.parse(routing) }),
      source,
      version: part(row, 4) ?? '',
    };
  });
  assert.equal(sum, bytes);
  return read;
}

export function seqIn(cursor: Cursor | null): unknown {
  return (JSON.parse(cursor ?? 'null') as { readonly seq?: unknown } | null)?.seq;
}

export function sorted<T extends { readonly id: string }>(docs: readonly T[]): T[] {
  return docs.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export async function rejected(work: Promise<unknown>): Promise<DataError> {
  const error = await work.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DataError, String(error));
  return error;
}

export async function refused(work: Promise<unknown>): Promise<Coded> {
  const { error } = await rejected(work);
  sentence(error);
  return error;
}

/** Its sentences are complete. */
export function sentence({ code, args }: Coded): void {
  for (const language of ['en', 'zh-cn'] as const)
    assert.doesNotMatch(word({ code, args }, language), /\{\w+\}|undefined/);
}

/** Closing an index ends every point in time of it. */
export async function forgetMoments({ request }: SearchServer, index: string): Promise<void> {
  for (const step of ['_close', '_open?wait_for_active_shards=1']) {
    const { status, text } = await request('POST', `/${index}/${step}`);
    assert.equal(status, 200, text);
  }
}

export async function openContexts({ request }: SearchServer): Promise<number> {
  const { nodes } = (await request('GET', '/_nodes/stats/indices/search')).json() as NodeStats;
  return Object.values(nodes).reduce((sum, { indices: { search } }) => sum + search.open_contexts, 0);
}

export async function searches({ request }: SearchServer): Promise<number> {
  const { nodes } = (await request('GET', '/_nodes/stats/indices/search')).json() as NodeStats;
  return Object.values(nodes).reduce((sum, { indices: { search } }) => sum + search.query_total, 0);
}

interface NodeStats {
  readonly nodes: Readonly<
    Record<
      string,
      { readonly indices: { readonly search: { readonly open_contexts: number; readonly query_total: number } } }
    >
  >;
}
