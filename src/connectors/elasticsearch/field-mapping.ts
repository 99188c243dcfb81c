/** What the words of a mapping say of one field. */

/** One field of a mapping, as its words stand there. */
export interface FieldMapping {
  readonly type?: unknown;
  readonly [parameter: string]: unknown;
}

/** A field without a type is an object. */
export function typeOf({ type }: FieldMapping): string {
  return typeof type === 'string' ? type : 'object';
}

/** Fields that keep a string as it is. */
export const STRINGS: ReadonlySet<string> = new Set([
  'keyword',
  'text',
  'wildcard',
  'constant_keyword',
  'match_only_text',
  'search_as_you_type',
  'annotated_text',
  'semantic_text',
  'icu_collation_keyword',
  'version',
  'ip',
]);

/** Least and largest number of fields of whole numbers. */
export const INTEGERS: ReadonlyMap<string, readonly [least: bigint, most: bigint]> = new Map([
  ['byte', [-(2n ** 7n), 2n ** 7n - 1n]],
  ['short', [-(2n ** 15n), 2n ** 15n - 1n]],
  ['integer', [-(2n ** 31n), 2n ** 31n - 1n]],
  ['long', [-(2n ** 63n), 2n ** 63n - 1n]],
  ['unsigned_long', [0n, 2n ** 64n - 1n]],
]);

export const REALS: ReadonlySet<string> = new Set(['double', 'float', 'half_float', 'scaled_float']);

export function isNumeric(type: string): boolean {
  return INTEGERS.has(type) || REALS.has(type);
}

/** Whether a field may hold any JSON, and nothing looks into it. */
export function isOpaque(field: FieldMapping): boolean {
  return typeOf(field) === 'object' && field.enabled === false;
}
