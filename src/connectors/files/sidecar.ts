/**
 * The schema file beside the rows: `items.jsonl.schema.json`. With it a file of ours is read back exactly; without it,
 * it is a file like any other. It is input from outside: nothing in it is believed unseen.
 */
import fs from 'node:fs';
import type { Column, Engine, NeutralType, NeutralUnit } from '../contract.ts';
import { refuse } from './errors.ts';

const VERSION = 1;
const MOST_BYTES = 64 * 1024 * 1024;

export interface Sidecar {
  readonly unit: string;
  readonly rows: number;
  /** Of the file with the rows as it lies on the disk: another size is another file. */
  readonly bytes: number;
  readonly columns: readonly Column[];
  readonly neutral: NeutralUnit;
  /** The copy that wrote the file; null = not known. */
  readonly copy: string | null;
  /** The copy was begun anew since: its next file is to take this one's place. */
  readonly outdated: boolean;
}

export function sidecarText(sidecar: Sidecar): string {
  const { unit, rows, bytes, columns, neutral, copy, outdated } = sidecar;
  const described = columns.map(({ name, type, nullable }, at) => ({ name, type, nullable, holds: neutral.types[at] }));
  const { key, origin } = neutral;
  const written = { copy, ...(outdated ? { outdated } : {}) };
  return `${JSON.stringify({ datatrace: VERSION, unit, rows, bytes, ...written, key, columns: described, origin }, null, 2)}\n`;
}

/**
 * null when there is none.
 * @throws DataError `files.schemaUnusable`
 */
export function readSidecar(file: string): Sidecar | null {
  // Not through a link: nobody agreed to read what lies elsewhere.
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  const unusable = (detail: string) => refuse('files.schemaUnusable', { file, detail }, `${file}: ${detail}`);
  if (!stat.isFile() || stat.size > MOST_BYTES) throw unusable('not a plain file, or too large');
  let parsed: unknown;
  try {
    parsed = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    // What JSON.parse says quotes the file.
    throw unusable('not JSON');
  }
  const found = parseSidecar(parsed);
  if (typeof found === 'string') throw unusable(found);
  return found;
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A sentence when it is not one. */
function parseSidecar(value: unknown): Sidecar | string {
  if (!isFields(value)) return 'not an object';
  if (value.datatrace !== VERSION) return `"datatrace": ${VERSION} expected`;
  const { unit, rows, bytes, key, origin } = value;
  if (typeof unit !== 'string') return '"unit" must be text';
  if (!isCount(rows) || !isCount(bytes)) return '"rows" and "bytes" must be whole numbers';
  if (!Array.isArray(value.columns) || value.columns.length === 0) return '"columns" must be a list';
  const columns: Column[] = [];
  const types: NeutralType[] = [];
  for (const column of value.columns as readonly unknown[]) {
    const type = isFields(column) ? parseType(column.holds) : null;
    if (!isFields(column) || typeof column.name !== 'string' || typeof column.type !== 'string' || type === null)
      return `column ${columns.length + 1} is not understood`;
    columns.push({ name: column.name, type: column.type, nullable: column.nullable !== false });
    types.push(type);
  }
  const names = new Set(columns.map((column) => column.name));
  if (names.size < columns.length) return 'a column comes twice';
  const isKey = Array.isArray(key) && key.every((name) => typeof name === 'string' && names.has(name));
  if (!isKey) return '"key" must be a list of columns';
  const neutral: NeutralUnit = { types, key: key as string[], origin: parseOrigin(origin) };
  const copy = typeof value.copy === 'string' ? value.copy : null;
  return { unit, rows, bytes, columns, neutral, copy, outdated: value.outdated === true };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseOrigin(value: unknown): NeutralUnit['origin'] {
  if (!isFields(value) || (value.engine !== 'sqlite' && value.engine !== 'mysql')) return null;
  return { engine: value.engine satisfies Engine, native: value.native };
}

/** null = not understood. */
function parseType(value: unknown): NeutralType | null {
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
