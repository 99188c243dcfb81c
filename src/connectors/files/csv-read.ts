/**
 * RFC 4180 from bytes. The libraries for it make strings first, which loses bytes that are not UTF-8, where a record
 * ends in the file, and whether a value was quoted: that tells NULL from empty text.
 */
import type { Cell } from '../contract.ts';
import { FormatError } from '../format-error.ts';
import { skipMark } from './jsonl-read.ts';
import type { ParserOptions, RowParser } from './rows.ts';
import { base64Of, numberOf } from './values.ts';
import type { Window } from './window.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;

/** How a value stands in the file. */
const BARE = 0;
const QUOTED = 1;
/** With doubled quotes in it. */
const DOUBLED = 2;

/** Values of one record: where they are. */
interface Fields {
  count: number;
  readonly from: number[];
  readonly to: number[];
  readonly way: number[];
}

const MORE = -1;

export function csvParser({ columns, names: given, blind }: ParserOptions): RowParser {
  const names = columns?.map((column) => column.name) ?? [...(given ?? [])];
  const fields: Fields = { count: 0, from: [], to: [], way: [] };
  let begun = false;
  /** Asked once: a mark before it is left behind while the header is still on its way. */
  let fromTheBeginning: boolean | null = null;

  /** @returns false when the header is not there yet */
  const readHeader = (window: Window): boolean => {
    fromTheBeginning ??= window.offset() === 0;
    if (!fromTheBeginning) return true;
    if (!window.ended && window.bytes.length < 3) return false;
    skipMark(window);
    const end = readRecord(window.bytes, window.at, window.ended, fields);
    if (end === MORE) return false;
    if (window.at === window.bytes.length) return true;
    const found = Array.from({ length: fields.count }, (_, at) => {
      const text = fieldText(window.bytes, fields, at);
      return Buffer.from(text.buffer, text.byteOffset, text.length).toString('utf8');
    });
    checkHeader(found, columns === null && given === null ? null : names, window.at);
    if (names.length === 0) names.push(...found);
    window.at = end;
    return true;
  };

  return {
    names,
    next: (window, row) => {
      if (!begun) begun = readHeader(window);
      if (!begun) return false;
      for (;;) {
        const { bytes, at } = window;
        if (at === bytes.length) return false;
        const end = readRecord(bytes, at, window.ended, fields);
        if (end === MORE) return false;
        window.at = end;
        const blank = fields.count === 1 && fields.way[0] === BARE && fields.from[0] === fields.to[0];
        if (blank && names.length > 1) continue;
        if (fields.count !== names.length)
          throw new FormatError(`${fields.count} values instead of ${names.length}`, at);
        if (!blind)
          for (let column = 0; column < fields.count; column++)
            row[column] = columns === null ? rawCell(bytes, fields, column) : ownCell(bytes, fields, column);
        return true;
      }
    },
  };
}

function checkHeader(found: readonly string[], wanted: readonly string[] | null, at: number): void {
  if (wanted !== null) {
    if (wanted.length !== found.length || wanted.some((name, index) => name !== found[index]))
      throw new FormatError('the header has other columns than the schema file', at);
    return;
  }
  const empty = found.indexOf('');
  if (empty >= 0) throw new FormatError(`column ${empty + 1} has no name in the header`, at);
  const twice = found.find((name, index) => found.indexOf(name) !== index);
  if (twice !== undefined) throw new FormatError(`the column "${twice}" comes twice in the header`, at);
}

/** @returns where the next record begins, or MORE */
function readRecord(bytes: Buffer, at: number, ended: boolean, fields: Fields): number {
  const length = bytes.length;
  fields.count = 0;
  let from = at;
  for (;;) {
    const field = fields.count++;
    if (from < length && bytes[from] === QUOTE) {
      const end = skipQuoted(bytes, from, ended, fields, field);
      if (end === MORE) return MORE;
      from = end;
    } else {
      let end = from;
      for (; end < length; end++) {
        const byte = bytes[end];
        if (byte === COMMA || byte === LF || byte === CR) break;
        if (byte === QUOTE) throw new FormatError('a quote in a value that is not quoted', end);
      }
      if (end === length && !ended) return MORE;
      fields.from[field] = from;
      fields.to[field] = end;
      fields.way[field] = BARE;
      from = end;
    }
    if (from >= length) return ended ? length : MORE;
    const byte = bytes[from];
    if (byte === LF) return from + 1;
    if (byte === CR) {
      if (from + 1 >= length && !ended) return MORE;
      if (bytes[from + 1] === LF) return from + 2;
    }
    if (byte !== COMMA) throw new FormatError('a comma or the end of the line expected', from);
    from++;
  }
}

/** @returns position behind the closing quote, or MORE */
function skipQuoted(bytes: Buffer, from: number, ended: boolean, fields: Fields, field: number): number {
  let way = QUOTED;
  let at = from + 1;
  for (;;) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote < 0) {
      if (!ended) return MORE;
      throw new FormatError('a quoted value without an end', from);
    }
    if (quote + 1 === bytes.length && !ended) return MORE;
    if (bytes[quote + 1] !== QUOTE) {
      fields.from[field] = from + 1;
      fields.to[field] = quote;
      fields.way[field] = way;
      return quote + 1;
    }
    way = DOUBLED;
    at = quote + 2;
  }
}

function fieldText(bytes: Buffer, fields: Fields, field: number): Uint8Array {
  const text = bytes.subarray(fields.from[field] as number, fields.to[field] as number);
  if (fields.way[field] !== DOUBLED) return text;
  const single = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] as number;
    single[length++] = byte;
    if (byte === QUOTE) at++;
  }
  return single.subarray(0, length);
}

function rawCell(bytes: Buffer, fields: Fields, field: number): Cell {
  if (fields.way[field] === BARE && fields.from[field] === fields.to[field]) return null;
  return { text: fieldText(bytes, fields, field) };
}

const BASE64 = Buffer.from('base64:');

/** A value as csv-write.ts writes it. */
function ownCell(bytes: Buffer, fields: Fields, field: number): Cell {
  if (fields.way[field] !== BARE) return { text: fieldText(bytes, fields, field) };
  const from = fields.from[field] as number;
  const to = fields.to[field] as number;
  if (from === to) return null;
  const inBase64 = bytes[from] === 0x62 && bytes.subarray(from, from + BASE64.length).equals(BASE64);
  const cell = inBase64 ? base64Of(bytes, from + BASE64.length, to) : numberOf(bytes, from, to);
  if (cell === null) throw new FormatError('no value of the kind that this file was written with', from);
  return cell;
}
