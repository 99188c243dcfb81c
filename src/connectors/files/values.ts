/** Single values as text of a file, and back: what is written here is read here. */
import type { Cell } from '../contract.ts';
import { FormatError } from '../format-error.ts';
import { latin1, skipSpace, skipValue } from '../json-scan.ts';

/** The field of a line with the exact text of its document, where that cannot stand in one line. */
export const SOURCE_TEXT = '_text';

/** Whether it is a JSON object and nothing else, perhaps with space around it. */
export function isDocument(text: Uint8Array): boolean {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const from = skipSpace(bytes, 0, bytes.length);
  if (bytes[from] !== 0x7b) return false;
  try {
    return skipSpace(bytes, skipValue(bytes, from, bytes.length), bytes.length) === bytes.length;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

/** Integers up to this are exact in everybody's JSON numbers. */
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export function isSafe(value: bigint): boolean {
  return value <= SAFE && value >= -SAFE;
}

/** What was written as a number: digits alone are an integer, everything else a double. null = no number. */
export function numberOf(bytes: Uint8Array, from: number, to: number): bigint | number | null {
  const length = to - from;
  if (length === 0) return null;
  if (length < 16) {
    const negative = bytes[from] === 0x2d;
    let value = 0;
    let at = negative ? from + 1 : from;
    if (at === to) return null;
    for (; at < to; at++) {
      const digit = (bytes[at] as number) - 0x30;
      if (digit < 0 || digit > 9) return realOf(latin1(bytes, from, to));
      value = value * 10 + digit;
    }
    return BigInt(negative ? -value : value);
  }
  const text = latin1(bytes, from, to);
  return integerOf(text) ?? realOf(text);
}

/** null = no integer. */
export function integerOf(text: string): bigint | null {
  return /^-?[0-9]{1,40}$/.test(text) ? BigInt(text) : null;
}

/** null = no double in the form of `realText`. */
export function realOf(text: string): number | null {
  if (text === 'Infinity') return Number.POSITIVE_INFINITY;
  if (text === '-Infinity') return Number.NEGATIVE_INFINITY;
  return /^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(text) ? Number(text) : null;
}

/** Without groups: their matches would be kept, for megabytes. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** null = no base64 (RFC 4648, 4, with its padding). */
export function base64Of(bytes: Uint8Array, from: number, to: number): Uint8Array | null {
  const text = latin1(bytes, from, to);
  if (text.length % 4 !== 0 || !BASE64.test(text)) return null;
  return Buffer.from(text, 'base64');
}

/** Bytes that a value takes in memory, about. */
export function sizeOf(cell: Cell): number {
  if (cell === null) return 1;
  if (typeof cell !== 'object') return 8;
  return cell instanceof Uint8Array ? cell.byteLength : cell.text.byteLength;
}
