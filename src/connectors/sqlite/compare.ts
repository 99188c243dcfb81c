import type { Coded } from '../../core/model.ts';
import type { UnitSettings } from '../../core/settings.ts';
import type { UnitSchema } from '../contract.ts';
import { affinity } from './affinity.ts';
import { type SqliteColumn, type SqliteNative, sameNames } from './schema.ts';

/** Whether the copy can go into a table that is there, exactly; `found` is the target's own description. */
export function compareTarget(
  schema: UnitSchema,
  found: SqliteNative,
  settings: UnitSettings,
): { readonly warnings: readonly Coded[]; readonly refusals: readonly Coded[] } {
  const source = schema.native as SqliteNative;
  const target = settings.targetName;
  const refusals: Coded[] = [];
  const warnings: Coded[] = [];
  const refuse = (code: string, args: Coded['args'] = {}) => refusals.push({ code, args: { target, ...args } });
  if (found.kind !== 'table') refuse('sqlite.targetIsNotATable', { kind: found.kind });
  if (found.encoding !== source.encoding)
    refuse('sqlite.targetEncodingDiffers', { source: source.encoding, found: found.encoding });
  if (found.triggers.length > 0) refuse('sqlite.targetHasTriggers', { triggers: found.triggers.join(', ') });
  if (source.kind === 'table' && found.strict !== source.strict) refuse('sqlite.targetStrictDiffers');
  const theirs = new Map(found.columns.map((column) => [column.name.toLowerCase(), column]));
  for (const column of schema.columns) {
    const there = theirs.get(column.name.toLowerCase());
    theirs.delete(column.name.toLowerCase());
    if (there === undefined) refuse('sqlite.targetColumnMissing', { column: column.name });
    else if (there.generated) refuse('sqlite.targetColumnGenerated', { column: column.name });
    else if (affinity(there.type) !== affinity(column.type) || (found.strict && !sameType(there.type, column.type)))
      refuse('sqlite.targetColumnDiffers', { column: column.name, source: column.type, found: there.type });
  }
  const extra = [...theirs.values()].filter((column) => !column.generated);
  const required = extra.filter((column) => column.notNull && !column.hasDefault);
  if (required.length > 0) refuse('sqlite.targetColumnRequired', { column: names(required) });
  else if (extra.length > 0)
    warnings.push({ code: 'sqlite.targetColumnsExtra', args: { target, columns: names(extra) } });
  if (keyDiffers(schema, source, found, settings)) refuse('sqlite.targetKeyDiffers', { key: schema.key.join(', ') });
  return { warnings, refusals };
}

function names(columns: readonly SqliteColumn[]): string {
  return columns.map((column) => column.name).join(', ');
}

function sameType(a: string, b: string): boolean {
  return a.toUpperCase() === b.toUpperCase();
}

/**
 * Rows are found again by their key: the target needs the same one, compared in the same way, else two rows of the
 * source could become one.
 */
function keyDiffers(schema: UnitSchema, source: SqliteNative, found: SqliteNative, settings: UnitSettings): boolean {
  if (source.rowid !== null) {
    const aliased = found.uniqueKeys.some((key) => key.origin === 'pk' && isRowidAlias(found, key.columns));
    return found.withoutRowid || aliased;
  }
  if (schema.key.length === 0 || settings.write === 'insert') return false;
  const own = source.uniqueKeys.find((key) => sameNames(key.columns, schema.key));
  return !found.uniqueKeys.some(
    (key) =>
      sameNames(lower(key.columns), lower(schema.key)) &&
      (own === undefined || sameNames(key.collations, own.collations)),
  );
}

function lower(list: readonly string[]): string[] {
  return list.map((name) => name.toLowerCase());
}

function isRowidAlias(native: SqliteNative, key: readonly string[]): boolean {
  const column = native.columns.find((candidate) => candidate.name === key[0]);
  return !native.withoutRowid && key.length === 1 && column?.type.toUpperCase() === 'INTEGER';
}
