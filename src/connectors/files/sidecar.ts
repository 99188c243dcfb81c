/**
 * The schema file beside the rows: `items.jsonl.schema.json`. With it a file of ours is read back exactly; without it,
 * it is a file like any other. It is input from outside: nothing in it is believed unseen.
 */
import fs from 'node:fs';
import type { Column, NeutralType, NeutralUnit } from '../contract.ts';
import { isCount, isFields, parseOrigin, parseType } from '../neutral-unit.ts';
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
  const { key, origin, documents } = neutral;
  const written = { copy, ...(outdated ? { outdated } : {}), ...(documents ? { documents } : {}) };
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
  const documents = value.documents === true && names.has('_id') && names.has('_source');
  const kept: NeutralUnit = { types, key: key as string[], origin: parseOrigin(origin) };
  const neutral = documents ? { ...kept, documents } : kept;
  const copy = typeof value.copy === 'string' ? value.copy : null;
  return { unit, rows, bytes, columns, neutral, copy, outdated: value.outdated === true };
}
