/**
 * Documents of a search answer as cells of columns. Only the fields of the document itself are looked at; what is in them
 * stays the bytes that it was, and a number its digits until a column takes it whole.
 */
import type { DataError } from '../../core/ports.ts';
import type { Cell, NeutralType, Page } from '../contract.ts';
import { FormatError } from '../format-error.ts';
import { eachMember, latin1, type Member, skipSpace, withoutEscapes } from '../json-scan.ts';
import { printable } from '../printable.ts';
import type { ReadColumn } from './columns-from-mapping.ts';
import { type Documents, documentsIn, PLACES } from './documents.ts';
import { searchError } from './errors.ts';
import { isNeutralDate, isNeutralMoment, isNeutralTime, plainMoment } from './moments.ts';
import { doubleOf, wholeOf } from './numbers.ts';

/** How documents become rows. */
export interface DocumentsToRows {
  readonly unit: string;
  /** In the order of the cells. */
  readonly columns: readonly ReadColumn[];
  readonly key: readonly string[];
  /** Fields without a column that are left out on purpose. */
  readonly leftOut: readonly string[];
  /** What has no column is left out on purpose: `_rest` and `_routing` were. */
  readonly dropsRest: boolean;
  readonly dropsRouting: boolean;
}

const QUOTE = 0x22;

export type TakePage = (page: Page) => Page;

/** @throws DataError `elasticsearch.fieldElsewhere`, `elasticsearch.fieldUnknown`, `elasticsearch.notADocument` */
export function cellsFromDocuments({
  unit,
  columns,
  key,
  dropsRest,
  dropsRouting,
  ...more
}: DocumentsToRows): TakePage {
  const leftOut = new Set(more.leftOut);
  const decoders = columns.map((column) => decoderOf(column));
  const index = new Map(columns.flatMap(({ name, from }, at) => (from === 'field' ? [[name, at] as const] : [])));
  const names = columns.map(({ name, from }) => (from === 'field' ? Buffer.from(name) : null));
  const idAt = columns.findIndex(({ from }) => from === 'id');
  const routingAt = columns.findIndex(({ from }) => from === 'routing');
  const restAt = columns.findIndex(({ from }) => from === 'rest');
  const keyAt = key.map((name) => columns.findIndex((column) => column.name === name));

  const rowOf = (documents: Documents, row: number, cells: Cell[]): void => {
    const { bytes, places } = documents;
    const place = row * PLACES;
    const base = cells.length;
    const id = (): string =>
      printable(Buffer.from(textAt(bytes, places[place] as number, places[place + 1] as number)).toString());
    const fail = (field: string, type: string, found: string): DataError =>
      searchError('elasticsearch.fieldElsewhere', { unit, id: id(), field, type, found }, `${field} holds ${found}`);
    for (let at = 0; at < columns.length; at++) cells.push(null);
    /** By column: it was there. */
    const seen = new Uint8Array(columns.length);
    const rest: Uint8Array[] = [];
    let expected = 0;

    const take = (member: Member): void => {
      const at = columnOf(bytes, member, names, index, expected);
      if (at === null) {
        const name = nameOf(bytes, member);
        if (leftOut.has(name)) return;
        if (restAt >= 0) rest.push(bytes.subarray(member.name - 1, member.valueEnd));
        else if (!dropsRest)
          throw searchError(
            'elasticsearch.fieldUnknown',
            { unit, id: id(), field: printable(name) },
            `${name} has no column`,
          );
        return;
      }
      const { name, shown } = columns[at] as ReadColumn;
      if (seen[at] === 1) throw fail(name, shown, 'two values');
      seen[at] = 1;
      expected = at + 1;
      if (bytes[member.value] === 0x6e) return;
      const cell = (decoders[at] as Decode)(bytes, member.value, member.valueEnd);
      if (cell === undefined) throw fail(name, shown, shownValue(bytes, member));
      cells[base + at] = cell;
    };
    try {
      const to = places[place + 7] as number;
      const from = skipSpace(bytes, places[place + 6] as number, to);
      eachMember(bytes, from, to, take);
      if (idAt >= 0) cells[base + idAt] = { text: textAt(bytes, places[place] as number, places[place + 1] as number) };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const args = { unit, id: id(), detail: error.message };
      throw searchError('elasticsearch.notADocument', args, error.message, error);
    }
    const routing = places[place + 3] as number;
    if (routing > 0) {
      if (routingAt >= 0) cells[base + routingAt] = { text: textAt(bytes, places[place + 2] as number, routing) };
      else if (!dropsRouting)
        throw searchError('elasticsearch.fieldUnknown', { unit, id: id(), field: '_routing' }, 'it has a routing');
    }
    if (rest.length > 0) cells[base + restAt] = { text: objectOf(rest) };
    for (const at of keyAt) {
      const { name, shown } = columns[at] as ReadColumn;
      if (cells[base + at] === null) throw fail(name, shown, 'null');
    }
  };

  return (page) => {
    if (page.data.format !== 'search-hits') return page;
    const documents = documentsIn(page.data);
    const cells: Cell[] = [];
    for (let row = 0; row < page.rows; row++) rowOf(documents, row, cells);
    return { ...page, data: { format: 'neutral', cells } };
  };
}

/** null = the field has no column. */
function columnOf(
  bytes: Buffer,
  member: Member,
  names: readonly (Buffer | null)[],
  index: ReadonlyMap<string, number>,
  expected: number,
): number | null {
  const { name, nameEnd, escaped } = member;
  const next = names[expected];
  const isNext =
    next && !escaped && next.length === nameEnd - name && bytes.compare(next, 0, next.length, name, nameEnd) === 0;
  return isNext ? expected : (index.get(nameOf(bytes, member)) ?? null);
}

function nameOf(bytes: Buffer, { name, nameEnd, escaped }: Member): string {
  return escaped ? Buffer.from(withoutEscapes(bytes, name, nameEnd)).toString() : bytes.toString('utf8', name, nameEnd);
}

/** A JSON string without its quotes, or what else stands there. */
export function textAt(bytes: Buffer, from: number, to: number): Uint8Array {
  if (bytes[from] !== QUOTE) return bytes.subarray(from, to);
  const inner = bytes.subarray(from + 1, to - 1);
  return inner.includes(0x5c) ? withoutEscapes(bytes, from + 1, to - 1) : inner;
}

function objectOf(members: readonly Uint8Array[]): Uint8Array {
  const pieces = members.flatMap((member, at) => [Buffer.from(at === 0 ? '{' : ','), member]);
  return Buffer.concat([...pieces, Buffer.from('}')]);
}

/** Most bytes of a value that an error shows. */
const MOST_SHOWN = 60;

function shownValue(bytes: Buffer, { value, valueEnd }: Member): string {
  const cut = valueEnd - value > MOST_SHOWN;
  return printable(bytes.toString('utf8', value, Math.min(valueEnd, value + MOST_SHOWN))) + (cut ? '…' : '');
}

/** A value that is not null as a cell; undefined: its column cannot hold it. */
type Decode = (bytes: Buffer, from: number, to: number) => Cell | undefined;

function decoderOf({ type, quoted }: ReadColumn): Decode {
  switch (type.kind) {
    case 'integer':
      return integerDecoder(type);
    case 'real':
      return (bytes, from, to) => {
        const text = plainText(bytes, from, to);
        const value = text === null ? null : doubleOf(text);
        return value === null || (type.single && Math.fround(value) !== value) ? undefined : value;
      };
    case 'decimal':
      return shaped((text) => /^-?[0-9]+(?:\.[0-9]+)?$/.test(text));
    case 'text':
      return (bytes, from, to) => ({ text: textAt(bytes, from, to) });
    case 'bytes':
      return bytesDecoder(type.length);
    case 'date':
      return shaped(isNeutralDate);
    case 'time':
      return shaped((text) => isNeutralTime(text, type.fraction));
    case 'datetime':
    case 'instant':
      return (bytes, from, to) => {
        const text = plainText(bytes, from, to);
        if (text === null) return undefined;
        const plain = plainMoment(text, type.kind === 'instant') ?? text;
        return isNeutralMoment(plain, type.fraction) ? { text: Buffer.from(plain) } : undefined;
      };
    case 'json':
      return (bytes, from, to) => ({ text: quoted ? textAt(bytes, from, to) : bytes.subarray(from, to) });
    case 'any':
      return anyValue;
  }
}

/** Text, or a number in its digits, that has a form. */
function shaped(has: (text: string) => boolean): Decode {
  return (bytes, from, to) => {
    const text = plainText(bytes, from, to);
    return text !== null && has(text) ? { text: textAt(bytes, from, to) } : undefined;
  };
}

/** Longest text of a number or a time. */
const MOST_PLAIN = 1_000;

/** A number or a short string; null = something else. */
function plainText(bytes: Buffer, from: number, to: number): string | null {
  const first = bytes[from] as number;
  const isNumber = first === 0x2d || (first >= 0x30 && first <= 0x39);
  if (to - from > MOST_PLAIN || (first !== QUOTE && !isNumber)) return null;
  const text = isNumber ? bytes.subarray(from, to) : textAt(bytes, from, to);
  return latin1(text as Buffer, 0, text.length);
}

const TRUE = 0x74;
const FALSE = 0x66;

function integerDecoder({ bits, unsigned }: Extract<NeutralType, { readonly kind: 'integer' }>): Decode {
  const least = unsigned ? 0n : -(2n ** BigInt(bits - 1));
  const most = 2n ** BigInt(unsigned ? bits : bits - 1) - 1n;
  return (bytes, from, to) => {
    if (bytes[from] === TRUE) return 1n;
    if (bytes[from] === FALSE) return 0n;
    const text = plainText(bytes, from, to);
    if (text === null) return undefined;
    // A boolean may be written as text.
    if (text === 'true') return 1n;
    if (text === 'false') return 0n;
    const value = /^-?[0-9]{1,20}$/.test(text) && text !== '-0' ? BigInt(text) : wholeOf(text);
    return value === null || value < least || value > most ? undefined : value;
  };
}

/** Base64, or a number whose bytes they are, the highest first. */
function bytesDecoder(length: number | null): Decode {
  return (bytes, from, to) => {
    if (bytes[from] === QUOTE) {
      const text = textAt(bytes, from, to) as Buffer;
      const found = Buffer.from(latin1(text, 0, text.length), 'base64');
      return latin1(text, 0, text.length) === found.toString('base64') ? found : undefined;
    }
    const digits = bytes[from] === TRUE ? '1' : bytes[from] === FALSE ? '0' : plainText(bytes, from, to);
    if (digits === null || length === null || length > 8 || !/^[0-9]{1,20}$/.test(digits)) return undefined;
    const hex = BigInt(digits).toString(16);
    return hex.length > 2 * length ? undefined : Buffer.from(hex.padStart(2 * length, '0'), 'hex');
  };
}

function anyValue(bytes: Buffer, from: number, to: number): Cell | undefined {
  const first = bytes[from] as number;
  if (first !== 0x2d && (first < 0x30 || first > 0x39)) return { text: textAt(bytes, from, to) };
  const text = bytes.toString('latin1', from, to);
  return /^-?[0-9]+$/.test(text) && text !== '-0' ? BigInt(text) : (doubleOf(text) ?? undefined);
}
