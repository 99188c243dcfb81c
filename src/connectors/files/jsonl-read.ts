/** Lines of JSON objects. Of other people's files every value is text: a number its digits, an object its JSON. */
import type { Cell } from '../contract.ts';
import { FormatError } from '../format-error.ts';
import { skipSpace, skipString, skipValue, withoutEscapes } from '../json-scan.ts';
import type { ParserOptions, RowParser } from './rows.ts';
import { base64Of, integerOf, numberOf, realOf, SOURCE_TEXT } from './values.ts';
import type { Window } from './window.ts';

const QUOTE = 0x22;

export function jsonlParser({ columns, names: given, blind }: ParserOptions): RowParser {
  const names = columns?.map((column) => column.name) ?? [...(given ?? [])];
  const known = columns !== null || given !== null;
  const index = new Map(names.map((name, at) => [name, at]));
  const keys = names.map(keyBytes);
  const inBase64 = columns?.map((column) => column.type.kind === 'bytes') ?? [];
  const sourceAt = columns?.findIndex(({ part }) => part === 'source') ?? -1;
  /** By column: number of the last row that had it. */
  const seen: number[] = [];
  let serial = 0;
  let position = 0;

  /** Column of the field whose name begins at `from`; `position` moves behind the name. */
  const columnAt = (bytes: Buffer, from: number, to: number, expected: number): number => {
    const key = keys[expected];
    if (key !== undefined && startsWith(bytes, from, key)) {
      position = from + key.length;
      return expected;
    }
    if (from >= to || bytes[from] !== QUOTE) throw new FormatError('a field name expected', from);
    const end = skipString(bytes, from, to);
    position = Math.abs(end);
    const raw = bytes.subarray(from + 1, position - 1);
    const name = Buffer.from(end < 0 ? withoutEscapes(bytes, from + 1, position - 1) : raw).toString('utf8');
    const found = index.get(name);
    if (found !== undefined) return found;
    // The text of the document, once more: behind all columns.
    if (sourceAt >= 0 && name === SOURCE_TEXT) return names.length;
    if (known) throw new FormatError(`the field "${name}" is not one of the file's columns`, from);
    index.set(name, names.length);
    keys.push(keyBytes(name));
    return names.push(name) - 1;
  };

  const readObject = (bytes: Buffer, from: number, to: number, row: (Cell | undefined)[]): void => {
    if (bytes[from] !== 0x7b) throw new FormatError('a JSON object expected', from);
    serial++;
    let fields = 0;
    let expected = 0;
    let at = skipSpace(bytes, from + 1, to);
    while (bytes[at] !== 0x7d || fields > 0 || at >= to) {
      const column = columnAt(bytes, at, to, expected);
      if (seen[column] === serial) throw new FormatError(`the field "${names[column]}" comes twice`, at);
      seen[column] = serial;
      expected = column + 1;
      fields++;
      at = skipSpace(bytes, position, to);
      if (at >= to || bytes[at] !== 0x3a) throw new FormatError('":" expected', at);
      at = skipSpace(bytes, at + 1, to);
      if (at >= to) throw new FormatError('a value expected', at);
      const found = bytes[at] === QUOTE ? skipString(bytes, at, to) : skipValue(bytes, at, to);
      const end = Math.abs(found);
      if (!blind) {
        const value = { from: at, to: end, escaped: found < 0 };
        if (columns === null) row[column] = rawCell(bytes, value);
        else if (column === names.length) row[sourceAt] = ownCell(bytes, value, false);
        else if (column === sourceAt) row[column] = bytes[at] === 0x6e ? null : { text: bytes.subarray(at, end) };
        else row[column] = ownCell(bytes, value, inBase64[column] === true);
      }
      at = skipSpace(bytes, end, to);
      if (at < to && bytes[at] === 0x7d) break;
      if (at >= to || bytes[at] !== 0x2c) throw new FormatError('"," or "}" expected', at);
      at = skipSpace(bytes, at + 1, to);
    }
    if (skipSpace(bytes, at + 1, to) < to) throw new FormatError('one object a line expected', at + 1);
    if (columns === null || (fields === columns.length && sourceAt < 0)) return;
    // A document without a routing does not say so.
    const missing = columns.find(({ part }, column) => seen[column] !== serial && part !== 'routing');
    if (missing !== undefined) throw new FormatError(`the field "${missing.name}" is missing`, from);
  };

  return {
    names,
    next: (window, row) => {
      if (window.offset() === 0) skipMark(window);
      for (;;) {
        const { bytes } = window;
        const feed = bytes.indexOf(0x0a, window.at);
        if (feed < 0 && (!window.ended || window.at === bytes.length)) return false;
        const to = feed < 0 ? bytes.length : feed;
        const from = skipSpace(bytes, window.at, to);
        // What we wrote needs no second look to be counted.
        if (from < to && !(blind && columns !== null)) readObject(bytes, from, to, row);
        window.at = feed < 0 ? to : to + 1;
        if (from < to) return true;
      }
    },
  };
}

/** A byte order mark, which some editors write. */
export function skipMark(window: Window): void {
  const { bytes, at } = window;
  if (at === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) window.at = 3;
}

function keyBytes(name: string): Buffer {
  return Buffer.from(JSON.stringify(name));
}

function startsWith(bytes: Uint8Array, from: number, key: Uint8Array): boolean {
  for (let at = 0; at < key.length; at++) if (bytes[from + at] !== key[at]) return false;
  return true;
}

/** Where a value lies. */
interface Span {
  readonly from: number;
  readonly to: number;
  /** A string with escapes in it. */
  readonly escaped: boolean;
}

/** The text of a string with its quotes. */
function textOf(bytes: Buffer, { from, to, escaped }: Span): Uint8Array {
  return escaped ? withoutEscapes(bytes, from + 1, to - 1) : bytes.subarray(from + 1, to - 1);
}

function rawCell(bytes: Buffer, span: Span): Cell {
  const { from, to } = span;
  if (bytes[from] === 0x6e) return null;
  return { text: bytes[from] === QUOTE ? textOf(bytes, span) : bytes.subarray(from, to) };
}

/** A value as jsonl-write.ts writes it. */
function ownCell(bytes: Buffer, span: Span, inBase64: boolean): Cell {
  const { from, to } = span;
  switch (bytes[from]) {
    case 0x6e:
      return null;
    case QUOTE:
      if (!inBase64) return { text: textOf(bytes, span) };
      return base64Of(bytes, from + 1, to - 1) ?? wrong(from);
    case 0x7b:
      return taggedCell(bytes, from, to);
    default:
      return numberOf(bytes, from, to) ?? wrong(from);
  }
}

/** `{"$tag":"value"}` */
function taggedCell(bytes: Buffer, from: number, to: number): Cell {
  const key = skipSpace(bytes, from + 1, to);
  if (bytes[key] !== QUOTE) return wrong(from);
  const behind = Math.abs(skipString(bytes, key, to));
  const value = skipSpace(bytes, skipSpace(bytes, behind, to) + 1, to);
  if (bytes[value] !== QUOTE) return wrong(from);
  const found = skipString(bytes, value, to);
  const end = Math.abs(found);
  if (skipSpace(bytes, end, to) !== to - 1) return wrong(from);
  const content = () => bytes.toString('latin1', value + 1, end - 1);
  switch (bytes.toString('latin1', key + 1, behind - 1)) {
    case '$integer':
      return integerOf(content()) ?? wrong(from);
    case '$real':
      return realOf(content()) ?? wrong(from);
    case '$bytes':
      return base64Of(bytes, value + 1, end - 1) ?? wrong(from);
    case '$text':
      return { text: textOf(bytes, { from: value, to: end, escaped: found < 0 }) };
    case '$invalidText':
      return { text: base64Of(bytes, value + 1, end - 1) ?? wrong(from) };
    default:
      return wrong(from);
  }
}

function wrong(at: number): never {
  throw new FormatError('no value of the kind that this file was written with', at);
}
