/** JSON compared by what it says, however it is spelled: white space, escapes, order of fields, notation of numbers. */
import { FormatError } from './format-error.ts';
import { eachMember, latin1, skipNumber, skipSpace, skipString, skipValue, withoutEscapes } from './json-scan.ts';

/** Levels of nesting that are understood; servers take less. */
const DEPTH = 1_000;

const QUOTE = 0x22;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/**
 * A spelling that is the same for documents which say the same. Of a field that comes twice the last one counts.
 * @throws FormatError, RangeError for what is no JSON, or too deep
 */
export function canonicalJson(json: Uint8Array): string {
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  const from = skipSpace(bytes, 0, bytes.length);
  const end = skipValue(bytes, from, bytes.length);
  if (skipSpace(bytes, end, bytes.length) !== bytes.length) throw new FormatError('more than one JSON value', end);
  return canonicalValue(bytes, from, 0)[0];
}

/** The spelling of what is sound, and the place behind it. */
function canonicalValue(bytes: Uint8Array, from: number, depth: number): readonly [string, number] {
  if (depth > DEPTH) throw new RangeError(`more than ${DEPTH} levels`);
  const to = bytes.length;
  switch (bytes[from]) {
    case OPEN_OBJECT: {
      const fields = new Map<string, string>();
      const end = eachMember(bytes, from, to, ({ name, nameEnd, value }) => {
        fields.set(textOf(bytes, name, nameEnd), canonicalValue(bytes, value, depth + 1)[0]);
      });
      const sorted = [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
      return [`{${sorted.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`, end];
    }
    case OPEN_ARRAY: {
      const values: string[] = [];
      let at = skipSpace(bytes, from + 1, to);
      while (bytes[at] !== CLOSE_ARRAY) {
        const [value, end] = canonicalValue(bytes, at, depth + 1);
        values.push(value);
        at = skipSpace(bytes, end, to);
        if (bytes[at] !== CLOSE_ARRAY) at = skipSpace(bytes, at + 1, to);
      }
      return [`[${values.join()}]`, at + 1];
    }
    case QUOTE: {
      const end = Math.abs(skipString(bytes, from, to));
      return [JSON.stringify(textOf(bytes, from + 1, end - 1)), end];
    }
    case 0x74:
    case 0x6e:
      return [latin1(bytes, from, from + 4), from + 4];
    case 0x66:
      return ['false', from + 5];
    default: {
      const end = skipNumber(bytes, from, to);
      return [canonicalNumber(latin1(bytes, from, end)), end];
    }
  }
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(withoutEscapes(bytes, from, to)).toString();
}

/** Its digits without zeros at either end, and the power of ten behind them: 1.50 and 15e-1 are one number. */
export function canonicalNumber(text: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return `${sign}0`;
  const exponent = BigInt(power) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${exponent}`;
}
