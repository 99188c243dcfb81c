/** Documents that are to be written, whatever they were read from. */
import type { PageData } from '../contract.ts';

/**
 * As a search answers them: `places` has eight numbers a document, begin and end in `bytes` of its id, routing and
 * version (as JSON) and of its source; 0, 0 = it has none.
 */
export interface Documents {
  readonly bytes: Buffer;
  readonly places: Uint32Array;
}

/** Numbers of a document in `places`. */
export const PLACES = 8;

/** The same memory. */
export function documentsIn({ bytes, places }: Extract<PageData, { readonly format: 'search-hits' }>): Documents {
  return { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), places };
}

/** A document's id as text. */
export function idOf(documents: Documents, row: number): string {
  return String(jsonAt(documents, row, 0) ?? '');
}

/** A document's routing as text; null = none. */
export function routingOf(documents: Documents, row: number): string | null {
  const routing = jsonAt(documents, row, 2);
  return routing === null ? null : String(routing);
}

/** Digits of a document's version; null = none. */
export function versionOf({ bytes, places }: Documents, row: number): string | null {
  const end = places[row * PLACES + 5] ?? 0;
  return end === 0 ? null : bytes.toString('latin1', places[row * PLACES + 4], end);
}

/** The same memory. */
export function sourceOf({ bytes, places }: Documents, row: number): Buffer {
  return bytes.subarray(places[row * PLACES + 6], places[row * PLACES + 7]);
}

function jsonAt({ bytes, places }: Documents, row: number, part: 0 | 2): unknown {
  const begin = places[row * PLACES + part] ?? 0;
  const end = places[row * PLACES + part + 1] ?? 0;
  return end === 0 ? null : JSON.parse(bytes.toString('utf8', begin, end));
}
