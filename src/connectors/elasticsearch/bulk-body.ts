/**
 * Bodies of bulk requests, made of the bytes of documents as they were read: nothing of a document is parsed, and none of
 * them becomes an object.
 */
import { type Documents, PLACES } from './documents.ts';

/** `update` writes what is in a document over what is there (`doc_as_upsert`). */
export type BulkOperation = 'index' | 'create' | 'update';

export interface BulkStyle {
  readonly operation: BulkOperation;
  /** Carries the versions of documents: an older one does not take the place of a newer one. */
  readonly versions: boolean;
}

const LINE_BREAK = 0x0a;

/** Rows of documents that can stand in a bulk request, and those with a line break in their source, which cannot. */
export interface Split {
  readonly fit: Uint32Array;
  readonly broken: Uint32Array;
}

/** Between two values of an object a line break is as good as a space, and is kept; in a bulk request it ends a document. */
export function splitAtLineBreaks({ bytes, places }: Documents): Split {
  const rows = places.length / PLACES;
  const all = new Uint32Array(rows);
  const fit = [];
  const broken = [];
  let next = -1;
  let asked = 0;
  for (let row = 0; row < rows; row += 1) {
    all[row] = row;
    const begin = places[row * PLACES + 6] as number;
    if (next < begin || begin < asked) {
      const at = bytes.indexOf(LINE_BREAK, begin);
      next = at < 0 ? bytes.length : at;
      asked = begin;
    }
    if (next < (places[row * PLACES + 7] as number)) broken.push(row);
    else if (broken.length > 0) fit.push(row);
    else continue;
  }
  if (broken.length === 0) return { fit: all, broken: all.subarray(0, 0) };
  const first = broken[0] as number;
  return { fit: Uint32Array.from([...all.subarray(0, first), ...fit]), broken: Uint32Array.from(broken) };
}

/** What stands around the parts of a document, as bytes. */
interface Frame {
  readonly begin: Buffer;
  readonly end: Buffer;
  /** Around the source. */
  readonly before: Buffer;
  readonly after: Buffer;
}

const ROUTING = Buffer.from(',"routing":');
const VERSION = Buffer.from(',"version_type":"external_gte","version":');

const FRAMES: Readonly<Record<BulkOperation, Frame>> = {
  index: frame('{"index":{"_id":', '}}\n', '', '\n'),
  create: frame('{"create":{"_id":', '}}\n', '', '\n'),
  // Another writer may come in between.
  update: frame('{"update":{"_id":', ',"retry_on_conflict":3}}\n', '{"doc":', ',"doc_as_upsert":true}\n'),
};

function frame(begin: string, end: string, before: string, after: string): Frame {
  return {
    begin: Buffer.from(begin),
    end: Buffer.from(end),
    before: Buffer.from(before),
    after: Buffer.from(after),
  };
}

/** Most bytes that a document takes in a body. */
export function sizeInBody({ places }: Documents, row: number, { operation, versions }: BulkStyle): number {
  const { begin, end, before, after } = FRAMES[operation];
  const at = row * PLACES;
  const length = (part: number): number => (places[at + part + 1] as number) - (places[at + part] as number);
  const version = versions && length(4) > 0 ? VERSION.length + length(4) : 0;
  const routing = length(2) > 0 ? ROUTING.length + length(2) : 0;
  const around = begin.length + end.length + before.length + after.length;
  return around + length(0) + routing + version + length(6);
}

/**
 * Writes the lines of the documents `rows` from the beginning of a buffer, which has room for the sum of their `sizeInBody`.
 * @returns bytes written
 */
export function fillBody(into: Buffer, documents: Documents, rows: Uint32Array, style: BulkStyle): number {
  const { bytes, places } = documents;
  const { begin, end, before, after } = FRAMES[style.operation];
  let at = 0;
  for (const row of rows) {
    const place = row * PLACES;
    at = put(into, at, begin, 0, begin.length);
    at = put(into, at, bytes, places[place] as number, places[place + 1] as number);
    const routing = places[place + 3] as number;
    if (routing > 0) {
      at = put(into, at, ROUTING, 0, ROUTING.length);
      at = put(into, at, bytes, places[place + 2] as number, routing);
    }
    const version = places[place + 5] as number;
    if (style.versions && version > 0) {
      at = put(into, at, VERSION, 0, VERSION.length);
      at = put(into, at, bytes, places[place + 4] as number, version);
    }
    at = put(into, at, end, 0, end.length);
    at = put(into, at, before, 0, before.length);
    at = put(into, at, bytes, places[place + 6] as number, places[place + 7] as number);
    at = put(into, at, after, 0, after.length);
  }
  return at;
}

/** Up to so many bytes a loop is done before a call of `copy` has begun. */
const SHORT = 32;

function put(into: Buffer, at: number, from: Buffer, begin: number, end: number): number {
  if (end - begin > SHORT) {
    from.copy(into, at, begin, end);
    return at + end - begin;
  }
  let to = at;
  for (let place = begin; place < end; place += 1, to += 1) into[to] = from[place] as number;
  return to;
}
