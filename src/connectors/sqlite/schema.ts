import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Coded } from '../../core/model.ts';
import type { UnitSettings } from '../../core/settings.ts';
import { selectColumns, unknownColumns } from '../../core/unit-selection.ts';
import type { NeutralUnit, UnitSchema } from '../contract.ts';
import { catalog, fileIdentity, schemaVersion } from './database.ts';
import { refuse } from './errors.ts';
import { chooseKey, readUniqueKeys, type UniqueKey } from './keys.ts';
import { quoteName } from './names.ts';
import { neutralType } from './neutral-types.ts';
import { inScratch } from './scratch.ts';

/** Most columns of a table: the result of a page needs a few more than the table has, and SQLite allows 2,000. */
const MOST_COLUMNS = 1_900;

export interface SqliteColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly generated: boolean;
}

/** What a SQLite target needs to make the same table: `UnitSchema.native` of this engine. */
export interface SqliteNative {
  readonly kind: 'table' | 'view' | 'virtual' | 'shadow';
  readonly withoutRowid: boolean;
  readonly strict: boolean;
  readonly encoding: string;
  /** Stored statements; `sql` is null for views: their copy is a plain table. */
  readonly sql: string | null;
  readonly indexes: readonly { readonly name: string; readonly sql: string }[];
  readonly triggers: readonly string[];
  /** All columns, generated ones included. */
  readonly columns: readonly SqliteColumn[];
  readonly uniqueKeys: readonly UniqueKey[];
  /** Tables of the same file that foreign keys point at, by their stored names. */
  readonly parents: readonly string[];
  /** The name under which the bare rowid is the key: then it is copied too. */
  readonly rowid: string | null;
  /** Counter of an AUTOINCREMENT column as decimal digits. */
  readonly sequence: string | null;
  /** Of the file (`fileIdentity`), null for a database in memory. */
  readonly file: string | null;
  /** What the settings asked for: the same question is asked again while the unit is copied. */
  readonly asked: Asked;
}

export type Asked = Pick<UnitSettings, 'columns' | 'key'>;

const EVERYTHING: Asked = { columns: ['*'], key: null };

interface TableRow {
  readonly name: string;
  readonly type: SqliteNative['kind'];
  readonly wr: number;
  readonly strict: number;
}

/** The stored name and kind of a table or view, whatever the case it is asked in; null when there is none. */
export function findTable(db: DatabaseSync, name: string): TableRow | null {
  // As the argument of the pragma: a condition would have it list every table of the file, for each of them.
  const sql = "SELECT name, type, wr, strict FROM pragma_table_list(?) WHERE schema='main'";
  return catalog<TableRow>(db, sql, name)[0] ?? null;
}

/** Everything about a table or view that its copy depends on; null when it does not exist. */
export function readNative(db: DatabaseSync, unit: string): SqliteNative | null {
  const table = findTable(db, unit);
  if (table === null) return null;
  const columns = readColumns(db, table.name);
  const stored = catalog<{ type: string; name: string; sql: string | null }>(
    db,
    'SELECT type, name, sql FROM sqlite_schema WHERE tbl_name=? COLLATE NOCASE ORDER BY rowid',
    table.name,
  );
  const own = (type: string) => stored.filter((row) => row.type === type && row.sql !== null);
  const sql = own('table')[0]?.sql ?? null;
  const base = {
    kind: table.type,
    withoutRowid: table.wr === 1,
    strict: table.strict === 1,
    encoding: catalog<{ encoding: string }>(db, 'PRAGMA encoding')[0]?.encoding ?? 'UTF-8',
    sql,
    indexes: own('index').map((row) => ({ name: row.name, sql: row.sql as string })),
    triggers: own('trigger').map((row) => row.name),
    columns,
    parents: readParents(db, table.name),
    rowid: null,
    sequence: readSequence(db, table.name),
    file: readFileIdentity(db),
    asked: EVERYTHING,
  };
  const uniqueKeys = table.type === 'table' && sql !== null ? readUniqueKeys(db, table.name, { ...base, sql }) : [];
  return { ...base, uniqueKeys };
}

function readFileIdentity(db: DatabaseSync): string | null {
  const file = db.location();
  return file === null ? null : fileIdentity(file);
}

function readColumns(db: DatabaseSync, table: string): SqliteColumn[] {
  type Row = { name: string; type: string; notnull: number; hidden: number; hasDefault: number };
  const sql = 'SELECT name, type, "notnull", hidden, dflt_value IS NOT NULL AS hasDefault FROM pragma_table_xinfo(?)';
  return catalog<Row>(db, sql, table).map((row) => ({
    name: row.name,
    type: row.type,
    notNull: row.notnull === 1,
    hasDefault: row.hasDefault === 1,
    // 1 = hidden column of a virtual table, 2 and 3 = generated.
    generated: row.hidden !== 0,
  }));
}

function readParents(db: DatabaseSync, table: string): string[] {
  const sql =
    'SELECT DISTINCT list.name FROM pragma_foreign_key_list(?) fk JOIN pragma_table_list list ON list.schema=\'main\' AND list.name=fk."table" COLLATE NOCASE';
  return catalog<{ name: string }>(db, sql, table).map((row) => row.name);
}

function readSequence(db: DatabaseSync, table: string): string | null {
  if (findTable(db, 'sqlite_sequence') === null) return null;
  const sql = 'SELECT CAST(seq AS TEXT) AS seq FROM sqlite_sequence WHERE name=? COLLATE NOCASE';
  return catalog<{ seq: string | null }>(db, sql, table)[0]?.seq ?? null;
}

/**
 * Looks at a unit of a source.
 * @throws DataError `unitMissing`
 */
export function describeUnit(db: DatabaseSync, unit: string, asked: Asked): UnitSchema {
  const found = readNative(db, unit);
  if (found === null) throw refuse('sqlite.unitMissing', { unit }, `no such table: ${unit}`);
  const stored = found.columns.filter((column) => !column.generated);
  const names = new Set(
    selectColumns(
      stored.map((column) => column.name),
      asked.columns,
    ),
  );
  const wanted = stored.filter((column) => names.has(column.name));
  const { key, rowid, refusal } = chooseKey(found, asked.key, new Set(wanted.map((column) => column.name)));
  const native: SqliteNative = { ...found, rowid, asked: { columns: asked.columns, key: asked.key } };
  const refusals: Coded[] = refusal === null ? [] : [refusal];
  const warnings: Coded[] = [];
  if (found.kind === 'virtual' || found.kind === 'shadow')
    refusals.push({ code: 'sqlite.virtualTable', args: { unit } });
  const all = found.columns.map((column) => column.name);
  for (const column of unknownColumns(all, asked.columns))
    refusals.push({ code: 'sqlite.noSuchColumn', args: { unit, column } });
  if (wanted.length === 0) refusals.push({ code: 'sqlite.noColumns', args: { unit } });
  if (wanted.length > MOST_COLUMNS)
    refusals.push({ code: 'sqlite.tooManyColumns', args: { unit, columns: wanted.length, most: MOST_COLUMNS } });
  if (found.triggers.length > 0)
    warnings.push({ code: 'sqlite.triggersNotCopied', args: { unit, triggers: found.triggers.join(', ') } });
  return {
    engine: 'sqlite',
    unit,
    columns: wanted.map((column) => ({ name: column.name, type: column.type, nullable: !column.notNull })),
    key,
    ...(rowid === null ? {} : { keyIsPosition: true }),
    parents: found.parents,
    fingerprint: fingerprint(native, wanted, key, rowid === null ? 0 : schemaVersion(db)),
    native,
    neutral: {
      types: wanted.map((column) => neutralType(column.type)),
      key: rowid === null ? key : [],
      origin: found.kind === 'table' ? originOf(unit, native) : null,
    },
    warnings,
    refusals,
  };
}

function originOf(unit: string, { sql, indexes, encoding, sequence }: SqliteNative): NeutralUnit['origin'] {
  return sql === null ? null : { engine: 'sqlite', native: { unit, sql, indexes, encoding, sequence } };
}

/** VACUUM gives bare rowids new values: where they are the key, `version` makes a checkpoint end with them. */
function fingerprint(native: SqliteNative, wanted: readonly SqliteColumn[], key: readonly string[], version: number) {
  const collations = native.uniqueKeys.find((candidate) => sameNames(candidate.columns, key))?.collations ?? [];
  const parts = [
    wanted.map((column) => [column.name, column.type.toUpperCase(), column.notNull]),
    key,
    collations,
    native.withoutRowid,
    native.strict,
    native.encoding,
    version,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => name === b[at]);
}

/** What changed between two looks at a unit, as a person would say it. */
export function nameChange(before: UnitSchema, after: UnitSchema): string {
  const changes: string[] = [];
  const old = new Map(before.columns.map((column) => [column.name, column]));
  for (const column of after.columns) {
    const was = old.get(column.name);
    if (was === undefined) changes.push(`+${column.name}`);
    else if (was.type !== column.type) changes.push(`${column.name}: ${was.type} -> ${column.type}`);
    else if (was.nullable !== column.nullable)
      changes.push(`${column.name}: NULL ${was.nullable} -> ${column.nullable}`);
    old.delete(column.name);
  }
  for (const name of old.keys()) changes.push(`-${name}`);
  if (!sameNames(before.key, after.key)) changes.push(`key (${before.key.join(', ')}) -> (${after.key.join(', ')})`);
  return changes.length > 0 ? changes.join(', ') : 'rowids (VACUUM or DDL)';
}

/** The statement of the target's table and its indexes under the target's name. */
export function targetStatements(
  schema: UnitSchema,
  targetName: string,
): { readonly table: string; readonly indexes: readonly { readonly name: string; readonly sql: string }[] } {
  const native = schema.native as SqliteNative;
  if (native.sql === null || native.kind === 'view') return { table: plainTable(schema, targetName), indexes: [] };
  const kept = new Set(schema.columns.map((column) => column.name));
  const leftOut = native.columns.filter((column) => !column.generated && !kept.has(column.name));
  return inScratch((scratch) => {
    scratch.exec(native.sql as string);
    for (const index of native.indexes) scratch.exec(index.sql);
    for (const column of leftOut) dropColumn(scratch, schema.unit, column.name);
    const old = findTable(scratch, schema.unit)?.name ?? schema.unit;
    renameTable(scratch, old, targetName);
    const made = readNative(scratch, targetName);
    return { table: made?.sql ?? (native.sql as string), indexes: made?.indexes ?? [] };
  });
}

/** A name that differs by case alone is taken, by the table itself: it is renamed by way of another one. */
function renameTable(scratch: DatabaseSync, from: string, to: string): void {
  if (from === to) return;
  const steps = from.toLowerCase() === to.toLowerCase() ? [`${from}_renamed`, to] : [to];
  for (const [at, name] of steps.entries())
    scratch.exec(`ALTER TABLE ${quoteName(steps[at - 1] ?? from)} RENAME TO ${quoteName(name)}`);
}

/** SQLite decides whether the table is still sound without the column; indexes over it go with it. */
export function dropColumn(scratch: DatabaseSync, table: string, column: string): void {
  const sql =
    "SELECT DISTINCT il.name FROM pragma_index_list(?) il, pragma_index_xinfo(il.name) ix WHERE il.origin='c' AND ix.name=?";
  for (const index of catalog<{ name: string }>(scratch, sql, table, column))
    scratch.exec(`DROP INDEX ${quoteName(index.name)}`);
  try {
    scratch.exec(`ALTER TABLE ${quoteName(table)} DROP COLUMN ${quoteName(column)}`);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw refuse('sqlite.columnCannotBeLeftOut', { unit: table, column, detail }, detail);
  }
}

function plainTable(schema: UnitSchema, targetName: string): string {
  const columns = schema.columns.map((column) => `${quoteName(column.name)} ${column.type}`.trim());
  return `CREATE TABLE ${quoteName(targetName)}(${columns.join(', ')})`;
}
