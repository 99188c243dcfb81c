/** Documents as a whole, between systems that keep them so: `_id`, `_routing` and `_source` of a neutral page. */

import { isUtf8 } from 'node:buffer';
import type { Cell, Column, NeutralType, NeutralUnit, Page, RefusedRow } from '../contract.ts';
import { FormatError } from '../format-error.ts';
import { skipSpace, skipValue } from '../json-scan.ts';
import { putJsonText } from '../json-write.ts';
import { createOutput, type Output, putBytes } from '../output.ts';
import { printable } from '../printable.ts';
import { textAt } from './cells-from-documents.ts';
import { documentsIn, PLACES } from './documents.ts';
import { type MadeDocuments, MOST_ID_BYTES } from './documents-from-rows.ts';
import { searchError } from './errors.ts';

const TEXT: NeutralType = { kind: 'text', length: null };

export const DOCUMENT_COLUMNS: readonly Column[] = [
  { name: '_id', type: 'text', nullable: false },
  { name: '_routing', type: 'text', nullable: true },
  { name: '_source', type: 'json', nullable: false },
];

/** @param origin the index, for targets that make the same one again */
export function documentUnit(origin: NeutralUnit['origin']): NeutralUnit {
  return { types: [TEXT, TEXT, { kind: 'json' }], key: ['_id'], origin, documents: true };
}

/** A page of `search-hits` as cells of `DOCUMENT_COLUMNS`. */
export function cellsOfDocuments(page: Page): Page {
  if (page.data.format !== 'search-hits') return page;
  const { bytes, places } = documentsIn(page.data);
  const cells: Cell[] = [];
  for (let row = 0; row < page.rows; row++) {
    const at = row * PLACES;
    const routing = places[at + 3] as number;
    cells.push({ text: textAt(bytes, places[at] as number, places[at + 1] as number) });
    cells.push(routing === 0 ? null : { text: textAt(bytes, places[at + 2] as number, routing) });
    cells.push({ text: bytes.subarray(places[at + 6], places[at + 7]) });
  }
  return { ...page, data: { format: 'neutral', cells } };
}

/** The other way, whatever columns there are beside these. */
export function documentsOfCells(
  page: Page,
  columns: readonly Column[],
  unit: string,
  out: Output = createOutput(),
): MadeDocuments {
  if (page.data.format !== 'neutral') throw new Error(`rows of the form ${page.data.format}`);
  const { cells } = page.data;
  const at = (name: string): number => columns.findIndex((column) => column.name === name);
  const [idAt, routingAt, sourceAt, exactAt] = [at('_id'), at('_routing'), at('_source'), at('_text')];
  const places = new Uint32Array(page.rows * PLACES);
  const rows: number[] = [];
  const refused: RefusedRow[] = [];
  let sources = 0;
  for (let row = 0; row < page.rows; row++) {
    const first = row * columns.length;
    const id = textOf(cells[first + idAt]);
    const routing = routingAt < 0 ? null : textOf(cells[first + routingAt]);
    // In lines that know no line ends the exact text stands beside the document.
    const exact = exactAt < 0 ? null : textOf(cells[first + exactAt]);
    const source = exact ?? textOf(cells[first + sourceAt]);
    const detail = fault(id, source) ?? (routing === null || isUtf8(routing) ? null : '_routing: UTF-8');
    if (detail !== null || id === null || source === null) {
      const args = { unit, id: id === null ? '?' : printable(Buffer.from(id).toString()), detail: detail ?? '' };
      refused.push({ row, error: searchError('elasticsearch.notADocument', args, detail ?? '') });
      continue;
    }
    const place = rows.length * PLACES;
    places[place] = out.length;
    putJsonText(out, id);
    places[place + 1] = out.length;
    if (routing !== null) {
      places[place + 2] = out.length;
      putJsonText(out, routing);
      places[place + 3] = out.length;
    }
    places[place + 6] = out.length;
    putBytes(out, source);
    places[place + 7] = out.length;
    sources += source.length;
    rows.push(row);
  }
  const bytes = out.bytes.subarray(0, out.length);
  const data = { format: 'search-hits', bytes, places: places.subarray(0, rows.length * PLACES) } as const;
  return { page: { rows: rows.length, bytes: sources, last: page.last, data }, rows, refused };
}

/** null where there is none: numbers of files are digits, and an id is text. */
function textOf(cell: Cell | undefined): Buffer | null {
  if (cell === null || cell === undefined || cell instanceof Uint8Array) return null;
  if (typeof cell !== 'object') return Buffer.from(String(cell));
  return Buffer.from(cell.text.buffer, cell.text.byteOffset, cell.text.byteLength);
}

/** Why this is no document; null = it is one. */
function fault(id: Buffer | null, source: Buffer | null): string | null {
  if (id === null || id.length === 0) return '_id';
  if (id.length > MOST_ID_BYTES) return `_id: ${id.length} > ${MOST_ID_BYTES}`;
  if (!isUtf8(id)) return '_id: UTF-8';
  if (source === null) return '_source';
  const from = skipSpace(source, 0, source.length);
  if (source[from] !== 0x7b) return '_source: {}';
  try {
    const to = skipValue(source, from, source.length);
    return skipSpace(source, to, source.length) === source.length ? null : '_source: JSON';
  } catch (error) {
    if (error instanceof FormatError) return `_source: ${error.message}`;
    throw error;
  }
}
