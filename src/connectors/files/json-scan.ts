/**
 * Finds the pieces of JSON text (RFC 8259) in bytes without making values of them: a number stays its digits, a string
 * its bytes. JSON.parse would round numbers, replace bytes that are not UTF-8 and forget fields that come twice.
 */
import { FormatError } from './rows.ts';

/** Levels of nesting that are followed. */
const DEPTH = 512;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Position of the next byte that is not white space. */
export function skipSpace(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a) break;
    at++;
  }
  return at;
}

/**
 * @param from of the opening quote
 * @returns position behind the closing quote; negative when the string holds escapes (then its negation)
 */
export function skipString(bytes: Uint8Array, from: number, to: number): number {
  let escaped = false;
  for (let at = from + 1; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return escaped ? -(at + 1) : at + 1;
    if (byte === BACKSLASH) {
      escaped = true;
      at++;
    } else if (byte < 0x20) {
      throw new FormatError('a control character in a string', at);
    }
  }
  throw new FormatError('a string without an end', from);
}

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** @returns position behind the number that begins at `from` */
export function skipNumber(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  let plain = true;
  while (at < to) {
    const byte = bytes[at] as number;
    if (byte < 0x30 || byte > 0x39) {
      if (byte !== 0x2d && byte !== 0x2b && byte !== 0x2e && byte !== 0x45 && byte !== 0x65) break;
      plain = false;
    }
    at++;
  }
  const sound = plain ? at > from && (bytes[from] !== 0x30 || at === from + 1) : NUMBER.test(latin1(bytes, from, at));
  if (!sound) throw new FormatError('no JSON value', from);
  return at;
}

/** @returns position behind the value that begins at `from` */
export function skipValue(bytes: Uint8Array, from: number, to: number, depth = 0): number {
  switch (bytes[from]) {
    case QUOTE:
      return Math.abs(skipString(bytes, from, to));
    case 0x7b:
      return skipMembers(bytes, from, to, depth, true);
    case 0x5b:
      return skipMembers(bytes, from, to, depth, false);
    case 0x74:
      return skipWord(bytes, from, to, 'true');
    case 0x66:
      return skipWord(bytes, from, to, 'false');
    case 0x6e:
      return skipWord(bytes, from, to, 'null');
    default:
      return skipNumber(bytes, from, to);
  }
}

function skipWord(bytes: Uint8Array, from: number, to: number, word: string): number {
  const end = from + word.length;
  if (end > to || latin1(bytes, from, end) !== word) throw new FormatError('no JSON value', from);
  return end;
}

/** An object or an array. */
function skipMembers(bytes: Uint8Array, from: number, to: number, depth: number, named: boolean): number {
  if (depth === DEPTH) throw new FormatError(`more than ${DEPTH} levels`, from);
  const close = named ? 0x7d : 0x5d;
  let at = skipSpace(bytes, from + 1, to);
  if (bytes[at] === close && at < to) return at + 1;
  for (;;) {
    if (named) {
      if (at >= to || bytes[at] !== QUOTE) throw new FormatError('a field name expected', at);
      at = skipSpace(bytes, Math.abs(skipString(bytes, at, to)), to);
      if (at >= to || bytes[at] !== 0x3a) throw new FormatError('":" expected', at);
      at = skipSpace(bytes, at + 1, to);
    }
    if (at >= to) throw new FormatError('a value expected', at);
    at = skipSpace(bytes, skipValue(bytes, at, to, depth + 1), to);
    if (at < to && bytes[at] === close) return at + 1;
    if (at >= to || bytes[at] !== 0x2c) throw new FormatError(`"," or "${named ? '}' : ']'}" expected`, at);
    at = skipSpace(bytes, at + 1, to);
  }
}

export function latin1(bytes: Uint8Array, from: number, to: number): string {
  return (bytes as Buffer).toString('latin1', from, to);
}

const ESCAPES: Readonly<Record<number, number>> = {
  [QUOTE]: QUOTE,
  [BACKSLASH]: BACKSLASH,
  47: 47,
  98: 8,
  102: 12,
  110: 10,
  114: 13,
  116: 9,
};

/**
 * The bytes of a string with escapes, between its quotes.
 * @throws FormatError for a wrong escape, and for half of a surrogate pair: that is no text
 */
export function withoutEscapes(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const text = Buffer.allocUnsafe(to - from);
  let length = 0;
  let at = from;
  while (at < to) {
    const slash = bytes.indexOf(BACKSLASH, at);
    const end = slash < 0 || slash >= to ? to : slash;
    text.set(bytes.subarray(at, end), length);
    length += end - at;
    if (end === to) break;
    const letter = bytes[end + 1] as number;
    if (letter === 0x75) {
      const high = hex(bytes, end, to);
      let code = high;
      at = end + 6;
      if (high >= 0xd800 && high < 0xe000) {
        const low = high < 0xdc00 && bytes[at] === BACKSLASH && bytes[at + 1] === 0x75 ? hex(bytes, at, to) : 0;
        if (low < 0xdc00 || low > 0xdfff) throw new FormatError('half of a surrogate pair', end);
        code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
      }
      length += text.write(String.fromCodePoint(code), length, 'utf8');
    } else {
      const byte = ESCAPES[letter];
      if (byte === undefined) throw new FormatError('an unknown escape', end);
      text[length++] = byte;
      at = end + 2;
    }
  }
  return text.subarray(0, length);
}

/** The number of `\uXXXX` at `from`. */
function hex(bytes: Uint8Array, from: number, to: number): number {
  const digits = from + 6 <= to ? latin1(bytes, from + 2, from + 6) : '';
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new FormatError('four hexadecimal digits expected', from);
  return Number.parseInt(digits, 16);
}
