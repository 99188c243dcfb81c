/**
 * Where values of a JSON text begin and end, without reading them. Nothing is recursive, so that no nesting is too deep,
 * and whether a value is sound is looked at no closer than is needed to find its end: who takes it does that.
 */
import { Broken } from './errors.ts';

export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
/** The bit that makes a curly bracket of a square one. */
const CURLY = 0x20;

/** Bytes of a text that are looked at one by one before its end is searched for at once. */
const NEAR_BYTES = 64;

/** Places in the bytes. */
export interface Member {
  /** Of the key, without its quotes. */
  readonly keyBegin: number;
  readonly keyEnd: number;
  /** Of the value; its end is for the caller to find. */
  readonly begin: number;
}

export function spaceEnd(bytes: Buffer, at: number): number {
  let end = at;
  while (isSpace(bytes[end])) end += 1;
  return end;
}

/** Where the white space before a place begins. */
export function spaceBegin(bytes: Buffer, at: number): number {
  let begin = at;
  while (begin > 0 && isSpace(bytes[begin - 1])) begin -= 1;
  return begin;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** @param begin first byte of the value @throws Broken where it does not end */
export function valueEnd(bytes: Buffer, begin: number): number {
  const first = bytes[begin];
  if (first === QUOTE) return textEnd(bytes, begin + 1);
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return bracketEnd(bytes, begin + 1);
  const end = plainEnd(bytes, begin);
  if (end === begin) throw malformed(begin);
  return end;
}

/** @param begin behind the quote that opens it @returns behind the one that closes it */
export function textEnd(bytes: Buffer, begin: number): number {
  const { length } = bytes;
  let at = begin;
  while (at < length) {
    for (const near = Math.min(length, at + NEAR_BYTES); at < near; ) {
      const byte = bytes[at] as number;
      at += 1;
      if (byte === QUOTE) return at;
      if (byte === BACKSLASH) at += 1;
    }
    const quote = bytes.indexOf(QUOTE, at);
    if (quote < 0) break;
    let escapes = quote;
    while (escapes > at && bytes[escapes - 1] === BACKSLASH) escapes -= 1;
    at = quote + 1;
    if ((quote - escapes) % 2 === 0) return at;
  }
  throw malformed(begin);
}

/** @param begin behind the bracket that opens it, of whichever kind @returns behind the one that closes it */
function bracketEnd(bytes: Buffer, begin: number): number {
  const { length } = bytes;
  let at = begin;
  for (let depth = 1; at < length; ) {
    const byte = bytes[at] as number;
    at += 1;
    if (byte === QUOTE) {
      // Most texts are short: `textEnd` for the others alone.
      const near = Math.min(length, at + NEAR_BYTES);
      let next = 0;
      while (at < near) {
        next = bytes[at] as number;
        if (next === QUOTE || next === BACKSLASH) break;
        at += 1;
      }
      at = next === QUOTE && at < near ? at + 1 : textEnd(bytes, at);
    } else if (byte >= OPEN_ARRAY) {
      const kind = byte | CURLY;
      if (kind === OPEN_OBJECT) {
        depth += 1;
      } else if (kind === CLOSE_OBJECT) {
        depth -= 1;
        if (depth === 0) return at;
      }
    }
  }
  throw malformed(begin);
}

/** Of a number, `true`, `false` or `null`. */
function plainEnd(bytes: Buffer, begin: number): number {
  let end = begin;
  for (; end < bytes.length; end += 1) {
    const byte = bytes[end] as number;
    const plain =
      (byte >= 0x30 && byte <= 0x39) ||
      (byte >= 0x61 && byte <= 0x7a) ||
      byte === 0x2d ||
      byte === 0x2e ||
      byte === 0x2b ||
      byte === 0x45;
    if (!plain) break;
  }
  return end;
}

/**
 * Goes through the members of an object. `value` is told each one and answers where its value ends.
 * @param begin the bracket that opens it @returns behind the one that closes it
 * @throws Broken where it is none
 */
export function eachMember(bytes: Buffer, begin: number, value: (member: Member) => number): number {
  if (bytes[begin] !== OPEN_OBJECT) throw malformed(begin);
  let at = spaceEnd(bytes, begin + 1);
  if (bytes[at] === CLOSE_OBJECT) return at + 1;
  for (;;) {
    if (bytes[at] !== QUOTE) throw malformed(at);
    const keyBegin = at + 1;
    const behind = textEnd(bytes, keyBegin);
    at = spaceEnd(bytes, behind);
    if (bytes[at] !== COLON) throw malformed(at);
    at = spaceEnd(bytes, value({ keyBegin, keyEnd: behind - 1, begin: spaceEnd(bytes, at + 1) }));
    const byte = bytes[at];
    if (byte === CLOSE_OBJECT) return at + 1;
    if (byte !== COMMA) throw malformed(at);
    at = spaceEnd(bytes, at + 1);
  }
}

/**
 * Goes through the elements of an array. `value` is told where each begins and answers where it ends.
 * @param begin the bracket that opens it @returns behind the one that closes it
 * @throws Broken where it is none
 */
export function eachElement(bytes: Buffer, begin: number, value: (begin: number) => number): number {
  if (bytes[begin] !== OPEN_ARRAY) throw malformed(begin);
  let at = spaceEnd(bytes, begin + 1);
  if (bytes[at] === CLOSE_ARRAY) return at + 1;
  for (;;) {
    at = spaceEnd(bytes, value(at));
    const byte = bytes[at];
    if (byte === CLOSE_ARRAY) return at + 1;
    if (byte !== COMMA) throw malformed(at);
    at = spaceEnd(bytes, at + 1);
  }
}

/** Whether a key is this name; one that is spelt with escapes is not. */
export function isKey(bytes: Buffer, { keyBegin, keyEnd }: Member, name: Buffer): boolean {
  if (keyEnd - keyBegin !== name.length) return false;
  for (let at = 0; at < name.length; at += 1) if (bytes[keyBegin + at] !== name[at]) return false;
  return true;
}

export function malformed(at: number): Broken {
  return new Broken('elasticsearch.protocol', `an answer that is not sound at byte ${at}`);
}
