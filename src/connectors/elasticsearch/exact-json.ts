/** JSON of definitions taken apart and put together again with every number as it was written: 9007199254740993, 1.0, 1e400. */

interface Context {
  readonly source?: string;
}

/** Not in the compiler's library yet. */
const exact = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: Context) => unknown): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
};

/** Numbers that would be spelled otherwise become values that only `JSON.stringify` understands. */
export function parseExact(text: string): unknown {
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? exact.rawJSON(source) : value,
  );
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether it has members: no list, no null, and no number that is kept as it was written. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !exact.isRawJSON(value);
}
