/** Makes a table of SQLite of what another engine, or a file, describes. */
import type { DatabaseSync } from 'node:sqlite';
import { DataError } from '../../core/ports.ts';
import type { NeutralType, UnitSchema } from '../contract.ts';
import { refuse } from './errors.ts';
import { rowidName } from './keys.ts';
import { isCreateIndex, isCreateTable, quoteName } from './names.ts';
import { declaredType } from './neutral-types.ts';
import { describeUnit, dropColumn, readNative, type SqliteNative } from './schema.ts';
import { inScratch } from './scratch.ts';

/** What a SQLite source gives to be made again elsewhere: `NeutralUnit.origin` of this engine. */
export interface SqliteOrigin {
  readonly unit: string;
  readonly sql: string;
  readonly indexes: readonly { readonly name: string; readonly sql: string }[];
  readonly encoding: string;
  readonly sequence: string | null;
}

/** A unit in the words of SQLite. */
export interface Adopted {
  readonly schema: UnitSchema;
  /** Types that the values must fit, by column; null: the table is the one that they come from. */
  readonly types: readonly NeutralType[] | null;
}

/**
 * @param encoding of the target's file, null = there is none yet
 * @throws DataError `sqlite.pairNotSupported`, `sqlite.tableCannotBeCreated`
 */
export function adopt(schema: UnitSchema, encoding: string | null): Adopted {
  if (schema.engine === 'sqlite') return { schema, types: null };
  const { neutral, unit } = schema;
  if (neutral === undefined) throw refuse('sqlite.pairNotSupported', { unit }, `no neutral form of ${unit}`);
  try {
    const origin = neutral.origin?.engine === 'sqlite' ? parseOrigin(neutral.origin.native) : null;
    const made = origin === null ? null : fromOrigin(schema, origin);
    const found = made ?? fromTypes(schema, neutral.types, neutral.key);
    const native = found.native as SqliteNative;
    const { encoding: own, sequence } = origin ?? native;
    const adopted = { ...native, encoding: encoding ?? own, sequence, file: null };
    return { schema: { ...found, native: adopted }, types: made === null ? neutral.types : null };
  } catch (error) {
    if (error instanceof DataError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw refuse('sqlite.tableCannotBeCreated', { target: unit, detail }, detail);
  }
}

/** The statements may come out of a file: nothing but what creates one table and its indexes is taken. */
function parseOrigin(value: unknown): SqliteOrigin | null {
  const { unit, sql, indexes, encoding, sequence } = (value ?? {}) as { readonly [name: string]: unknown };
  if (typeof unit !== 'string' || typeof sql !== 'string' || !isCreateTable(sql) || !Array.isArray(indexes))
    return null;
  const stored = indexes as readonly { readonly name?: unknown; readonly sql?: unknown }[];
  const sound = stored.every(
    (each) => typeof each?.name === 'string' && typeof each.sql === 'string' && isCreateIndex(each.sql),
  );
  if (!sound || !/^UTF-(?:8|16le|16be)$/.test(String(encoding))) return null;
  const counter = typeof sequence === 'string' && /^[0-9]{1,19}$/.test(sequence) ? sequence : null;
  return { unit, sql, indexes: stored as SqliteOrigin['indexes'], encoding: String(encoding), sequence: counter };
}

/** null when the table does not have the columns that are to be copied. */
function fromOrigin(schema: UnitSchema, origin: SqliteOrigin): UnitSchema | null {
  return inScratch((scratch) => {
    // Only the first statement of a text is prepared: what follows it is not run.
    for (const sql of [origin.sql, ...origin.indexes.map((index) => index.sql)]) scratch.prepare(sql).run();
    const stored = readNative(scratch, origin.unit)?.columns.filter((column) => !column.generated) ?? [];
    const wanted = new Set(schema.columns.map((column) => column.name));
    if (stored.filter((column) => wanted.has(column.name)).length < wanted.size) return null;
    for (const { name } of stored) if (!wanted.has(name)) dropColumn(scratch, origin.unit, name);
    return describe(scratch, origin.unit, schema);
  });
}

const SCRATCH_TABLE = 'adopted';

function fromTypes(schema: UnitSchema, types: readonly NeutralType[], key: readonly string[]): UnitSchema {
  const lines = schema.columns.map(({ name, nullable }, at) => {
    const type = types[at] as NeutralType;
    // An alias of the rowid: nothing finds its rows faster.
    if (key.length === 1 && key[0] === name && type.kind === 'integer')
      return `${quoteName(name)} INTEGER PRIMARY KEY NOT NULL`;
    return [quoteName(name), declaredType(type), ...(nullable ? [] : ['NOT NULL'])]
      .filter((part) => part !== '')
      .join(' ');
  });
  const aliased = lines.some((line) => line.endsWith('INTEGER PRIMARY KEY NOT NULL'));
  if (key.length > 0 && !aliased) lines.push(`PRIMARY KEY (${key.map(quoteName).join(', ')})`);
  return inScratch((scratch) => {
    scratch.exec(`CREATE TABLE ${SCRATCH_TABLE}(\n  ${lines.join(',\n  ')}\n)`);
    return describe(scratch, SCRATCH_TABLE, schema);
  });
}

/** The table with the columns in the order of the pages, and with the key by which the source tells its rows. */
function describe(scratch: DatabaseSync, table: string, schema: UnitSchema): UnitSchema {
  const key = schema.neutral?.key ?? [];
  const found = describeUnit(scratch, table, { columns: ['*'], key: key.length > 0 ? key : null });
  const refusals = [...found.refusals];
  const byName = new Map(found.columns.map((column) => [column.name, column]));
  const columns = schema.columns.flatMap(({ name }) => byName.get(name) ?? []);
  const native = found.native as SqliteNative;
  if (key.length > 0) return { ...found, columns, native: { ...native, rowid: null }, refusals };
  const rowid = schema.keyIsPosition === true && !native.withoutRowid ? rowidName(native) : null;
  if (schema.keyIsPosition === true && rowid === null)
    refusals.push({ code: 'sqlite.rowidHidden', args: { unit: schema.unit } });
  const { keyIsPosition: _, ...rest } = found;
  const own = { ...rest, columns, native: { ...native, rowid }, refusals };
  return rowid === null ? { ...own, key: [] } : { ...own, key: [rowid], keyIsPosition: true };
}
