/**
 * What the table was whose rows an index holds, kept in its mapping for the way back: `_meta` is for applications, and no
 * search looks at it. Read, it is input from outside like any other.
 */
import type { NeutralType, NeutralUnit, UnitSchema } from '../contract.ts';
import { isFields, parseOrigin, parseType } from '../neutral-unit.ts';

/** Its name in `_meta`. */
export const META = 'datatrace_table';

export interface KeptUnit {
  readonly columns: readonly { readonly name: string; readonly holds: NeutralType; readonly nullable: boolean }[];
  /** Empty: the id was the position of a row. */
  readonly key: readonly string[];
  readonly origin: NeutralUnit['origin'];
}

/** One line of text: a person who looks at the mapping wants to see its fields. */
export function keptText(kept: KeptUnit): string {
  return JSON.stringify(kept);
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** Every node of a cluster holds all mappings: what is longer is left out, bytes. */
const MOST_ORIGIN = 32 * 1024;

/** null: nothing is known of its columns. */
export function keptUnitOf({ columns, neutral }: UnitSchema): KeptUnit | null {
  if (neutral === undefined) return null;
  const kept = columns.map(({ name, nullable }, at) => ({
    name,
    holds: neutral.types[at] ?? { kind: 'any' },
    nullable,
  }));
  const isShort = JSON.stringify(neutral.origin).length <= MOST_ORIGIN;
  return { columns: kept as KeptUnit['columns'], key: neutral.key, origin: isShort ? neutral.origin : null };
}

/** @param meta `_meta` of a mapping; null where it says nothing that is understood */
export function parseKeptUnit(meta: unknown): KeptUnit | null {
  const value = isFields(meta) ? parsed(meta[META]) : undefined;
  if (!isFields(value) || !Array.isArray(value.columns) || !Array.isArray(value.key)) return null;
  const columns = [];
  for (const column of value.columns as readonly unknown[]) {
    const holds = isFields(column) ? parseType(column.holds) : null;
    if (!isFields(column) || typeof column.name !== 'string' || holds === null) return null;
    columns.push({ name: column.name, holds, nullable: column.nullable !== false });
  }
  const names = new Set(columns.map(({ name }) => name));
  const key = value.key as readonly unknown[];
  const sound = names.size === columns.length && key.every((name) => names.has(name as string));
  return sound ? { columns, key: key as string[], origin: parseOrigin(value.origin) } : null;
}
