/**
 * What a unit was, as other systems keep it for its way back: beside a file, or in the mapping of an index. It is input
 * from outside: nothing in it is believed unseen.
 */
import type { Engine, NeutralType, NeutralUnit } from './contract.ts';

type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

const ENGINES: ReadonlySet<unknown> = new Set<Engine>(['sqlite', 'mysql', 'elasticsearch']);

export function parseOrigin(value: unknown): NeutralUnit['origin'] {
  if (!isFields(value) || !ENGINES.has(value.engine)) return null;
  return { engine: value.engine as Engine, native: value.native };
}

/** null = not understood. */
export function parseType(value: unknown): NeutralType | null {
  if (!isFields(value)) return null;
  const { kind, bits, unsigned, single, precision, scale, length, fraction } = value;
  switch (kind) {
    case 'integer':
      return (bits === 8 || bits === 16 || bits === 24 || bits === 32 || bits === 64) && typeof unsigned === 'boolean'
        ? { kind, bits, unsigned }
        : null;
    case 'real':
      return { kind, single: single === true };
    case 'decimal':
      return isCount(precision) && isCount(scale) ? { kind, precision, scale } : null;
    case 'text':
    case 'bytes':
      return length === null || isCount(length) ? { kind, length } : null;
    case 'time':
    case 'datetime':
    case 'instant':
      return isCount(fraction) && fraction <= 9 ? { kind, fraction } : null;
    case 'date':
    case 'json':
    case 'any':
      return { kind };
    default:
      return null;
  }
}
