/**
 * Values of columns as those of fields: docs/elasticsearch.md has the table of it. What a field would keep otherwise than
 * it was - rounded, cut, in another unit - is no value of it.
 */
import { isUtf8 } from 'node:buffer';
import type { Cell, NeutralType } from '../contract.ts';
import { FormatError } from '../format-error.ts';
import { latin1, skipSpace, skipValue } from '../json-scan.ts';
import { putJsonText, realText } from '../json-write.ts';
import { type Output, putAscii, putBase64, putByte, putBytes } from '../output.ts';
import { type FieldMapping, INTEGERS, isNumeric, isOpaque, STRINGS, typeOf } from './field-mapping.ts';
import { isDate, isMoment, isoMoment } from './moments.ts';
import { holdsDecimal } from './numbers.ts';

export type Value = Exclude<Cell, null>;
/** Appends a value as JSON; false (and nothing is appended): the field cannot hold it. */
export type Encode = (out: Output, cell: Value) => boolean;

/** Fields that a string describes, or an object. */
const PLACES: ReadonlySet<string> = new Set(['geo_point', 'geo_shape', 'point', 'shape', 'xy_point', 'xy_shape']);
/** Longest term of the index, bytes: a document with a longer one is refused as a whole. */
const MOST_TERM_BYTES = 32_766;

/** How values of a column become those of a field; null = no value of it does. */
export function encoderOf(type: NeutralType, field: FieldMapping): Encode | null {
  switch (type.kind) {
    case 'integer':
      return integerEncoder(field);
    case 'real':
      return realEncoder(field);
    case 'decimal':
      return decimalEncoder(field);
    case 'text':
      return textEncoder(field);
    case 'bytes':
      return bytesEncoder(field);
    case 'date':
    case 'time':
    case 'datetime':
    case 'instant':
      return momentEncoder(type.kind, field);
    case 'json':
      return jsonEncoder(field);
    case 'any':
      return anyEncoder(field);
  }
}

function integerEncoder(field: FieldMapping): Encode | null {
  const type = typeOf(field);
  if (STRINGS.has(type)) return (out, cell) => typeof cell === 'bigint' && putQuoted(out, cell.toString());
  if (type === 'boolean')
    return (out, cell) => (cell === 0n || cell === 1n) && put(out, cell === 1n ? 'true' : 'false');
  const range = INTEGERS.get(type);
  if (range !== undefined) {
    const [least, most] = range;
    return (out, cell) => typeof cell === 'bigint' && cell >= least && cell <= most && put(out, cell.toString());
  }
  if (isNumeric(type))
    return (out, cell) => typeof cell === 'bigint' && holdsDecimal(field, cell.toString()) && put(out, cell.toString());
  // Only where its form says so is a number a time.
  const counts = type === 'date' && /epoch_/.test(String(field.format ?? ''));
  if (counts || isOpaque(field)) return (out, cell) => typeof cell === 'bigint' && put(out, cell.toString());
  return null;
}

function realEncoder(field: FieldMapping): Encode | null {
  const type = typeOf(field);
  const finite = (cell: Value): cell is number => typeof cell === 'number' && Number.isFinite(cell);
  if (type === 'double' || isOpaque(field)) return (out, cell) => finite(cell) && put(out, realText(cell));
  if (type === 'float') return (out, cell) => finite(cell) && Math.fround(cell) === cell && put(out, realText(cell));
  if (STRINGS.has(type)) return (out, cell) => finite(cell) && putQuoted(out, realText(cell));
  const range = INTEGERS.get(type);
  if (range !== undefined)
    return (out, cell) => {
      if (!finite(cell) || !Number.isInteger(cell) || Object.is(cell, -0)) return false;
      const whole = BigInt(cell);
      return whole >= range[0] && whole <= range[1] && put(out, whole.toString());
    };
  if (isNumeric(type))
    return (out, cell) => finite(cell) && holdsDecimal(field, realText(cell)) && put(out, realText(cell));
  return null;
}

const DECIMAL = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;

function decimalEncoder(field: FieldMapping): Encode | null {
  const type = typeOf(field);
  if (STRINGS.has(type)) return stringEncoder(field);
  if (!isNumeric(type) && !isOpaque(field)) return null;
  return (out, cell) => {
    const text = asciiText(cell);
    return text !== null && DECIMAL.test(text) && (isOpaque(field) || holdsDecimal(field, text)) && put(out, text);
  };
}

/** Text of files without types may be anything, so that a field of numbers takes it as far as it is one. */
function textEncoder(field: FieldMapping): Encode | null {
  const type = typeOf(field);
  if (STRINGS.has(type)) return stringEncoder(field);
  if (isNumeric(type))
    return (out, cell) => {
      const text = asciiText(cell);
      return text !== null && NUMBER.test(text) && holdsDecimal(field, text) && put(out, text);
    };
  if (type === 'boolean')
    return (out, cell) => {
      const text = asciiText(cell);
      return (text === 'true' || text === 'false') && put(out, text);
    };
  if (type === 'date' || type === 'date_nanos' || isOpaque(field))
    return (out, cell) => isText(cell) && putText(out, cell);
  if (PLACES.has(type)) return (out, cell) => isText(cell) && (putJson(out, cell, true) || putText(out, cell));
  return jsonEncoder(field);
}

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?$/;

function bytesEncoder(field: FieldMapping): Encode | null {
  const type = typeOf(field);
  if (type === 'binary' || isOpaque(field)) return (out, cell) => cell instanceof Uint8Array && putBytesText(out, cell);
  if (STRINGS.has(type))
    return (out, cell) =>
      cell instanceof Uint8Array && fitsTerm(field, Math.ceil(cell.length / 3) * 4) && putBytesText(out, cell);
  const whole = integerEncoder(field);
  if (whole === null || !(INTEGERS.has(type) || type === 'boolean')) return null;
  // Bits: a number, the highest byte first.
  return (out, cell) =>
    cell instanceof Uint8Array &&
    cell.length >= 1 &&
    cell.length <= 8 &&
    whole(out, BigInt(`0x${Buffer.from(cell).toString('hex')}`));
}

function momentEncoder(kind: 'date' | 'time' | 'datetime' | 'instant', field: FieldMapping): Encode | null {
  const type = typeOf(field);
  if (STRINGS.has(type)) return stringEncoder(field);
  if (isOpaque(field)) return (out, cell) => isText(cell) && putText(out, cell);
  if ((type !== 'date' && type !== 'date_nanos') || kind === 'time') return null;
  const nanos = type === 'date_nanos';
  if (kind === 'date')
    return (out, cell) => {
      const text = asciiText(cell);
      return text !== null && isDate(text, nanos) && putQuoted(out, text);
    };
  // Its own form may be that of the database.
  const spaced = /yyyy-MM-dd HH:mm:ss/.test(String(field.format ?? ''));
  return (out, cell) => {
    const text = asciiText(cell);
    if (text === null || !isMoment(text, nanos)) return false;
    return putQuoted(out, spaced ? text : isoMoment(text, kind === 'instant'));
  };
}

/** A document says null for what is not there: JSON that is nothing but null could not be told from it. */
function jsonEncoder(field: FieldMapping): Encode | null {
  const type = typeOf(field);
  if (STRINGS.has(type)) return stringEncoder(field);
  if (type === 'binary') return null;
  return (out, cell) => isText(cell) && putJson(out, cell, false);
}

/** Each value as what it is, so that the number 1 and the text 1 stay two. */
function anyEncoder(field: FieldMapping): Encode | null {
  const text = textEncoder(field);
  const strings = STRINGS.has(typeOf(field));
  const whole = strings ? integerEncoder({ type: 'long' }) : integerEncoder(field);
  const real = strings ? realEncoder({ type: 'double' }) : realEncoder(field);
  if (text === null && whole === null && real === null) return null;
  return (out, cell) => {
    if (typeof cell === 'bigint') return whole?.(out, cell) ?? false;
    if (typeof cell === 'number') return real?.(out, cell) ?? false;
    return !(cell instanceof Uint8Array) && (text?.(out, cell) ?? false);
  };
}

function stringEncoder(field: FieldMapping): Encode {
  return (out, cell) => isText(cell) && fitsTerm(field, cell.text.length) && putText(out, cell);
}

/** What is too long for the index is left out of it only where the mapping says so. */
function fitsTerm(field: FieldMapping, bytes: number): boolean {
  return (
    bytes <= MOST_TERM_BYTES || typeOf(field) !== 'keyword' || field.ignore_above !== undefined || isUnsearchable(field)
  );
}

function isUnsearchable({ index, doc_values }: FieldMapping): boolean {
  return index === false && doc_values === false;
}

function isText(cell: Value): cell is { readonly text: Uint8Array } {
  return typeof cell === 'object' && !(cell instanceof Uint8Array);
}

/** null where the value is none: text of numbers and times is short. */
function asciiText(cell: Value): string | null {
  if (!isText(cell) || cell.text.length > 1_000) return null;
  return latin1(bufferOf(cell.text), 0, cell.text.length);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function put(out: Output, ascii: string): true {
  putAscii(out, ascii);
  return true;
}

function putQuoted(out: Output, ascii: string): true {
  return put(out, `"${ascii}"`);
}

function putText(out: Output, { text }: { readonly text: Uint8Array }): boolean {
  if (!isUtf8(text)) return false;
  putJsonText(out, text);
  return true;
}

function putBytesText(out: Output, bytes: Uint8Array): true {
  putByte(out, 0x22);
  putBase64(out, bytes);
  putByte(out, 0x22);
  return true;
}

/** As it stands, where it is one JSON value and not null. */
function putJson(out: Output, { text }: { readonly text: Uint8Array }, onlyDeep: boolean): boolean {
  const bytes = bufferOf(text);
  const from = skipSpace(bytes, 0, bytes.length);
  if (bytes[from] === 0x6e || !isUtf8(bytes)) return false;
  if (onlyDeep && bytes[from] !== 0x7b && bytes[from] !== 0x5b) return false;
  try {
    const to = skipValue(bytes, from, bytes.length);
    if (skipSpace(bytes, to, bytes.length) < bytes.length) return false;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
  putBytes(out, bytes);
  return true;
}
