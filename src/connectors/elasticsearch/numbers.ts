/** Whether a number in digits is the same in a field, or a column, that keeps it in binary. */
import { type FieldMapping, INTEGERS, typeOf } from './field-mapping.ts';

/** A number as sign, digits without zeros at either end, and the power of ten of its last digit. */
interface Digits {
  readonly negative: boolean;
  /** Empty: zero. */
  readonly digits: string;
  readonly exponent: number;
}

const NUMBER = /^(-?)([0-9]+)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,6}))?$/;

/** null = no number. */
export function digitsOf(text: string): Digits | null {
  const found = NUMBER.exec(text);
  if (found === null) return null;
  const [, sign, whole = '', fraction = '', power = '0'] = found;
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  const exponent = digits === '' ? 0 : Number(power) - fraction.length + (all.length - digits.length);
  return { negative: sign === '-', digits, exponent };
}

function same(a: Digits, b: Digits): boolean {
  return a.digits === b.digits && a.exponent === b.exponent && a.negative === b.negative;
}

/** Digits that `toPrecision` can be asked for. */
const MOST_PRECISION = 100;
/** Digits of a decimal that every single-precision value tells apart. */
const SINGLE_DIGITS = 6;
/** Of 16 bits. */
const HALF_DIGITS = 3;
const LARGEST_SINGLE = 3.4e38;
const SMALLEST_SINGLE = 1.2e-38;
const LARGEST_HALF = 65_504;
const SMALLEST_HALF = 6.2e-5;
/** Scaled values are multiplied and rounded as doubles: up to this the result is the whole number that is meant. */
const MOST_SCALED = 2n ** 51n;

/**
 * The double that these digits name: its own shortest digits, or the nearest to as many as there are. null = there is none.
 */
export function doubleOf(text: string): number | null {
  const value = Number(text);
  if (String(value) === text && Number.isFinite(value)) return value;
  const asked = digitsOf(text);
  if (asked === null || !Number.isFinite(value)) return null;
  const { digits } = asked;
  if (digits === '') return value;
  if (digits.length > MOST_PRECISION) return null;
  const isKept = [String(value), value.toPrecision(digits.length)].some((each) => {
    const kept = digitsOf(each);
    return kept !== null && same(kept, asked);
  });
  return isKept ? value : null;
}

/** The whole number that a text names, also as `5.0` or `1e3`; null = none. */
export function wholeOf(text: string): bigint | null {
  const found = digitsOf(text);
  if (found === null || found.exponent < 0 || found.exponent > 40) return null;
  const whole = BigInt(found.digits || '0') * 10n ** BigInt(found.exponent);
  return found.negative ? -whole : whole;
}

/** Whether a field of numbers tells this one from all others of as many digits. */
export function holdsDecimal(field: FieldMapping, text: string): boolean {
  const type = typeOf(field);
  const range = INTEGERS.get(type);
  if (range !== undefined) {
    const whole = wholeOf(text);
    return whole !== null && whole >= range[0] && whole <= range[1];
  }
  const found = digitsOf(text);
  if (found === null) return false;
  if (type === 'scaled_float') return holdsScaled(found, String(field.scaling_factor ?? ''));
  const size = Math.abs(Number(text));
  if (type === 'double') return doubleOf(text) !== null;
  const single = type === 'float';
  const [most, least] = single ? [LARGEST_SINGLE, SMALLEST_SINGLE] : [LARGEST_HALF, SMALLEST_HALF];
  if (found.digits === '') return true;
  if (size > most || size < least) return false;
  return (
    found.digits.length <= (single ? SINGLE_DIGITS : HALF_DIGITS) ||
    (single && Math.fround(Number(text)) === doubleOf(text))
  );
}

/** Kept as the whole number nearest to its product with the factor. */
function holdsScaled({ digits, exponent }: Digits, factor: string): boolean {
  const by = digitsOf(factor);
  if (by === null || by.digits === '' || exponent > 40) return false;
  if (digits === '') return true;
  const power = exponent + by.exponent;
  const product = BigInt(digits) * BigInt(by.digits);
  if (power >= 0) return product * 10n ** BigInt(power) <= MOST_SCALED;
  if (power < -60) return false;
  const divisor = 10n ** BigInt(-power);
  return product % divisor === 0n && product / divisor <= MOST_SCALED;
}
