/** Makes a table of MySQL of what another engine, or a file, describes. */
import type { Coded } from '../../core/model.ts';
import type { NeutralType, UnitSchema } from '../contract.ts';
import type { Dialect } from './dialect.ts';
import type { MysqlNative } from './native.ts';
import type { TakenColumn } from './neutral-cells.ts';
import { columnType, keyShare, neutralType, takes } from './neutral-types.ts';
import { quoteName } from './quoting.ts';
import { type CellClass, cellClass, type MysqlColumn, type MysqlTable } from './schema.ts';

export interface Adopted {
  /** The unit as a table of this engine. */
  readonly schema: UnitSchema;
  readonly columns: readonly TakenColumn[];
  readonly warnings: readonly Coded[];
  readonly refusals: readonly Coded[];
}

const MOST_NAME = 64;

/** @param existing the table that is there and stays: its columns are taken as they are where they lose nothing */
export function adopt(schema: UnitSchema, dialect: Dialect, existing: MysqlTable | undefined): Adopted {
  if (schema.engine === 'mysql') return { schema, columns: [], warnings: [], refusals: [] };
  const { unit, neutral } = schema;
  const types = neutral?.types ?? [];
  const key = neutral?.key ?? [];
  const wide = (type: NeutralType | undefined) => ['text', 'bytes', 'any', 'json'].includes(type?.kind ?? '');
  const wideParts = schema.columns.filter(({ name }, at) => key.includes(name) && wide(types[at])).length;
  const share = keyShare(wideParts, key.length - wideParts);
  const there = new Map(existing?.columns.map((column) => [column.name, column]));
  const stored = neutral?.origin?.engine === 'mysql' ? storedTypes(neutral.origin.native) : new Map<string, Stored>();
  const columns = schema.columns.map(({ name, nullable }, at): TakenColumn => {
    const type = types[at] ?? { kind: 'any' };
    const isKey = key.includes(name);
    const made = makeColumn(name, nullable && !isKey, type, stored.get(name), isKey ? share : null, dialect);
    const found = there.get(name);
    // A key of text is compared by the rules of its collation: only our own is known to tell all values apart.
    const fits = found !== undefined && takes(found, type) && !(isKey && found.collation !== null);
    const column = fits ? { ...found, nullable: made.nullable } : made;
    return { column, type, keepsMinusZero: dialect.server.flavour === 'mysql' };
  });
  const refusals: Coded[] = [...(neutral?.refusals ?? [])];
  if (neutral === undefined)
    refusals.push({ code: 'mysql.plan.otherEngine', args: { unit, table: unit, engine: schema.engine } });
  const taken = new Set<string>();
  for (const { name } of schema.columns) {
    const folded = name.toLowerCase();
    if (taken.has(folded) || name === '' || name.endsWith(' ') || [...name].length > MOST_NAME)
      refusals.push({ code: 'mysql.plan.nameElsewhere', args: { unit, column: name } });
    taken.add(folded);
  }
  const loose = columns.filter(({ type }) => type.kind === 'any').map(({ column }) => column.name);
  const warnings: Coded[] =
    loose.length === 0 ? [] : [{ code: 'mysql.plan.textOnly', args: { unit, columns: loose.join(', ') } }];
  const copied = columns.map(({ column }) => column);
  for (const { name, dataType } of copied)
    if (dataType === 'json') warnings.push({ code: 'mysql.plan.jsonText', args: { unit, column: name } });
  return { schema: asTable(schema, copied, key, dialect), columns, warnings, refusals };
}

function asTable(
  schema: UnitSchema,
  copied: readonly MysqlColumn[],
  key: readonly string[],
  dialect: Dialect,
): UnitSchema {
  const { unit } = schema;
  const lines = copied.map(definition);
  if (key.length > 0) lines.push(`PRIMARY KEY (${key.map(quoteName).join(',')})`);
  const native: MysqlNative = {
    server: { ...dialect.server, identity: '' },
    table: {
      name: unit,
      view: false,
      systemVersioned: false,
      engine: 'InnoDB',
      transactional: true,
      meanRowBytes: 0,
      dataBytes: 0,
      columns: copied,
      indexes: key.length > 0 ? [{ name: 'PRIMARY', unique: true, columns: key, plainOrder: true }] : [],
      triggers: [],
      ddl: `CREATE TABLE ${quoteName(unit)} (\n  ${lines.join(',\n  ')}\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
    },
    copied,
    key: key.length > 0 ? { index: 'PRIMARY', columns: key } : null,
    asked: { columns: ['*'], key: null },
  };
  const columns = copied.map(({ name, type, nullable }) => ({ name, type, nullable }));
  const { keyIsPosition: _, neutral: __, parents: ___, ...rest } = schema;
  return { ...rest, engine: 'mysql', columns, key, native };
}

function definition({ name, type, charset, collation, nullable, dataType }: MysqlColumn): string {
  const text = charset === null ? '' : ` CHARACTER SET ${charset} COLLATE ${collation}`;
  // Without a default of its own the first TIMESTAMP of a table would get one that changes with every update.
  const fallback = nullable ? ' DEFAULT NULL' : dataType === 'timestamp' ? ` DEFAULT '2000-01-01 00:00:00'` : '';
  return `${quoteName(name)} ${type}${text}${nullable ? ' NULL' : ' NOT NULL'}${fallback}`;
}

function makeColumn(
  name: string,
  nullable: boolean,
  kind: NeutralType,
  stored: Stored | undefined,
  share: number | null,
  dialect: Dialect,
): MysqlColumn {
  const type = typeOf(kind, stored, share, dialect);
  const dataType = /^[a-z0-9]+/.exec(type)?.[0] ?? '';
  const cell = cellOf(kind, dataType);
  const collation = cell === 'chars' ? collationOf(stored, share !== null, dialect) : null;
  const charset = collation === null ? null : 'utf8mb4';
  const more = { asDouble: dataType === 'float', emptyText: null, generated: false, optional: nullable };
  return { name, type, nullable, dataType, charset, collation, cell, ...more };
}

function typeOf(kind: NeutralType, stored: Stored | undefined, share: number | null, { server }: Dialect): string {
  // MariaDB's JSON is text with a check.
  if (kind.kind === 'json' && server.flavour === 'mysql' && share === null) return 'json';
  const known = stored !== undefined && kindOf(stored.type) === kind.kind && kind.kind !== 'json';
  const elsewhere = server.flavour === 'mysql' && /^(?:uuid|inet[46])\b/.test(stored?.type ?? '');
  return known && !elsewhere ? stored.type : columnType(kind, share);
}

function kindOf(type: string): NeutralType['kind'] {
  const dataType = /^[a-z0-9]+/.exec(type)?.[0] ?? '';
  return neutralType({ dataType, type, cell: cellClass(dataType) }).kind;
}

function cellOf({ kind }: NeutralType, dataType: string): CellClass {
  if (dataType === 'json') return 'json';
  if (kind === 'bytes') return 'bytes';
  const isText = /^(?:char|varchar|tinytext|text|mediumtext|longtext|enum|set)$/.test(dataType);
  return isText ? 'chars' : 'plain';
}

/** Values of a key must not become equal: compared by their bytes, trailing spaces too where the server can. */
const EXACT = ['utf8mb4_0900_bin', 'utf8mb4_nopad_bin', 'utf8mb4_bin'];
const USUAL = ['utf8mb4_0900_ai_ci', 'utf8mb4_unicode_ci', 'utf8mb4_general_ci'];

function collationOf(stored: Stored | undefined, isKey: boolean, { collations }: Dialect): string {
  const own = stored?.collation;
  if (own?.startsWith('utf8mb4_') && collations.has(own)) return own;
  return (isKey ? EXACT : USUAL).find((name) => collations.has(name)) ?? 'utf8mb4_bin';
}

/** A column as it was in MySQL. */
interface Stored {
  readonly type: string;
  readonly collation: string | null;
}

/** Types as information_schema writes them; nothing else becomes part of a statement. */
const WORDS =
  /^[a-z][a-z0-9]*(?:\([0-9]{1,3}(?:,[0-9]{1,3})?\))?(?: unsigned)?(?: zerofill)?$|^(?:var)?(?:char|binary)\([0-9]{1,5}\)$|^(?:enum|set)\('(?:[^'\\]|'')*'(?:,'(?:[^'\\]|'')*')*\)$/;

/** What a file may say of the types: it is input from outside. */
function storedTypes(native: unknown): Map<string, Stored> {
  const { columns } = (native ?? {}) as { readonly columns?: unknown };
  const found = new Map<string, Stored>();
  for (const each of Array.isArray(columns) ? (columns as readonly unknown[]) : []) {
    const { name, type, collation } = (each ?? {}) as { readonly [field: string]: unknown };
    if (typeof name !== 'string' || typeof type !== 'string' || !WORDS.test(type)) continue;
    found.set(name, { type, collation: typeof collation === 'string' ? collation : null });
  }
  return found;
}
