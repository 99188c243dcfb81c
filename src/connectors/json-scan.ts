/**
 * Finds the pieces of JSON text (RFC 8259) in bytes without making values of them: a number stays its digits, a string
 * its bytes. JSON.parse would round numbers, replace bytes that are not UTF-8 and forget fields that come twice.
 */
import { FormatError } from './format-error.ts';

/** Levels of nesting that are followed: more than any server takes. */
const DEPTH = 100_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const CLOSE_OBJECT = 0x7d;

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

/** @returns position behind the value that begins at `from`, however deep it is */
export function skipValue(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from] !== OPEN_OBJECT && bytes[from] !== OPEN_ARRAY) return skipPlain(bytes, from, to);
  /** What ends each of the objects and arrays around the place. */
  const ends: number[] = [];
  let at = from;
  for (;;) {
    const open = at < to ? bytes[at] : undefined;
    if (open === OPEN_OBJECT || open === OPEN_ARRAY) {
      if (ends.length === DEPTH) throw new FormatError(`more than ${DEPTH} levels`, from);
      const end = open + 2;
      const first = skipSpace(bytes, at + 1, to);
      if (first >= to || bytes[first] !== end) {
        ends.push(end);
        at = end === CLOSE_OBJECT ? skipName(bytes, first, to) : first;
        continue;
      }
      at = first + 1;
    } else {
      at = skipPlain(bytes, at, to);
    }
    for (;;) {
      const end = ends.at(-1);
      if (end === undefined) return at;
      at = skipSpace(bytes, at, to);
      if (at < to && bytes[at] === end) {
        ends.pop();
        at++;
        continue;
      }
      if (at >= to || bytes[at] !== COMMA)
        throw new FormatError(`"," or "${end === CLOSE_OBJECT ? '}' : ']'}" expected`, at);
      at = skipSpace(bytes, at + 1, to);
      if (end === CLOSE_OBJECT) at = skipName(bytes, at, to);
      break;
    }
  }
}

/** @returns where the value of the field begins whose name is expected at `from` */
function skipName(bytes: Uint8Array, from: number, to: number): number {
  if (from >= to || bytes[from] !== QUOTE) throw new FormatError('a field name expected', from);
  const colon = skipSpace(bytes, Math.abs(skipString(bytes, from, to)), to);
  if (colon >= to || bytes[colon] !== 0x3a) throw new FormatError('":" expected', colon);
  return skipSpace(bytes, colon + 1, to);
}

/** A value that holds no others. */
function skipPlain(bytes: Uint8Array, from: number, to: number): number {
  if (from >= to) throw new FormatError('a value expected', from);
  switch (bytes[from]) {
    case QUOTE:
      return Math.abs(skipString(bytes, from, to));
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

/** A field of an object: where its name (within the quotes) and its value lie. */
export interface Member {
  readonly name: number;
  readonly nameEnd: number;
  /** The name holds escapes. */
  readonly escaped: boolean;
  readonly value: number;
  readonly valueEnd: number;
}

/**
 * The fields of the object that begins at `from`, in their order.
 * @returns position behind the object
 * @throws FormatError where it is none
 */
export function eachMember(bytes: Uint8Array, from: number, to: number, take: (member: Member) => void): number {
  if (from >= to || bytes[from] !== OPEN_OBJECT) throw new FormatError('a JSON object expected', from);
  let at = skipSpace(bytes, from + 1, to);
  if (at < to && bytes[at] === CLOSE_OBJECT) return at + 1;
  for (;;) {
    const name = at + 1;
    const value = skipName(bytes, at, to);
    const behind = skipString(bytes, at, to);
    const valueEnd = skipValue(bytes, value, to);
    take({ name, nameEnd: Math.abs(behind) - 1, escaped: behind < 0, value, valueEnd });
    at = skipSpace(bytes, valueEnd, to);
    if (at < to && bytes[at] === CLOSE_OBJECT) return at + 1;
    if (at >= to || bytes[at] !== COMMA) throw new FormatError('"," or "}" expected', at);
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
