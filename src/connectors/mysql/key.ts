/** Chooses the columns the pages of a table are ordered by. */
import type { Coded } from '../../core/model.ts';
import { coded, type MysqlPlanCode } from './errors.ts';
import type { MysqlColumn, MysqlIndex, MysqlTable } from './schema.ts';

export type ChosenKey = {
  readonly index: string;
  readonly columns: readonly string[];
};

export type KeyChoice = {
  readonly key: ChosenKey | null;
  readonly warnings: readonly Coded[];
  readonly refusals: readonly Coded[];
};

/**
 * The key asked for, else the primary key, else the unique key with the fewest and simplest columns. Without a usable
 * one the unit is copied as one atomic piece.
 * @param copied the columns that are copied: a cursor is made of them.
 */
export function chooseKey(
  table: MysqlTable,
  copied: readonly MysqlColumn[],
  asked: readonly string[] | null,
): KeyChoice {
  const unit = table.name;
  const byName = new Map(copied.map((column) => [column.name, column]));
  const unique = table.indexes.filter((index) => index.unique);
  const usable = unique.filter((index) => whyUnusable(index, byName) === null);

  if (asked !== null) {
    const found = usable.find((index) => sameColumns(index.columns, asked));
    if (found !== undefined) return { key: pick(found), warnings: [], refusals: [] };
    const known = unique.find((index) => sameColumns(index.columns, asked));
    const key = asked.join(', ');
    const refusal = known === undefined ? coded('mysql.plan.keyUnknown', { unit, key }) : unusable(unit, known, byName);
    return { key: null, warnings: [], refusals: [refusal] };
  }
  const best = [...usable].sort((a, b) => cost(a, byName) - cost(b, byName))[0];
  if (best !== undefined) return { key: pick(best), warnings: [], refusals: [] };
  // That it has none, and what follows from it, the plan says of every system.
  return { key: null, warnings: unique.map((index) => unusable(unit, index, byName)), refusals: [] };
}

/** The unique keys of a table that are not the given one: rows can collide on them too. */
export function otherUniqueKeys(table: MysqlTable, key: readonly string[]): readonly MysqlIndex[] {
  return table.indexes.filter((index) => index.unique && !sameColumns(index.columns, key));
}

/** Columns of the key whose texts the table compares by another collation than the source: it has another order there. */
export function comparedOtherwise(
  table: MysqlTable,
  copied: readonly MysqlColumn[],
  key: readonly string[],
): readonly string[] {
  return key.filter((name) => collationOf(table.columns, name) !== collationOf(copied, name));
}

export function collationOf(columns: readonly MysqlColumn[], name: string): string | null {
  return columns.find((column) => column.name === name)?.collation?.replace(/^utf8_/, 'utf8mb3_') ?? null;
}

export function hasUniqueKey(table: MysqlTable, key: readonly string[]): boolean {
  return table.indexes.some((index) => index.unique && index.plainOrder && sameColumns(index.columns, key));
}

function pick(index: MysqlIndex): ChosenKey {
  return { index: index.name, columns: index.columns };
}

function sameColumns(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, position) => name === b[position]);
}

/** A number to sort by: the primary key first, then few columns, then whole numbers. */
function cost(index: MysqlIndex, byName: ReadonlyMap<string, MysqlColumn>): number {
  const texts = index.columns.filter((name) => !(byName.get(name)?.dataType ?? '').endsWith('int')).length;
  return (index.name === 'PRIMARY' ? 0 : 1_000) + index.columns.length * 10 + texts;
}

/**
 * Types that order and compare by their text or bytes exactly as stored. ENUM and SET order by number but compare by
 * text, FLOAT and DOUBLE(M,D) do not equal their own text, BIT has none.
 */
const KEY_TYPES = new Set(
  (
    'tinyint smallint mediumint int bigint decimal double year date datetime timestamp time uuid inet4 inet6 ' +
    'char varchar binary varbinary tinytext text mediumtext longtext tinyblob blob mediumblob longblob'
  ).split(' '),
);

type Why = { readonly code: MysqlPlanCode; readonly column: string; readonly type: string };

/** null when pages can be ordered by this key. */
function whyUnusable(index: MysqlIndex, byName: ReadonlyMap<string, MysqlColumn>): Why | null {
  if (!index.plainOrder) return { code: 'mysql.plan.keyWithoutOrder', column: '', type: '' };
  for (const name of index.columns) {
    const column = byName.get(name);
    const of = { column: name, type: column?.dataType ?? '' };
    if (column === undefined) return { code: 'mysql.plan.keyNotCopied', ...of };
    if (column.nullable) return { code: 'mysql.plan.keyNullable', ...of };
    if (!KEY_TYPES.has(column.dataType) || column.asDouble) return { code: 'mysql.plan.keyUnusable', ...of };
  }
  return null;
}

function unusable(unit: string, index: MysqlIndex, byName: ReadonlyMap<string, MysqlColumn>): Coded {
  const { code, column, type } = whyUnusable(index, byName) as Why;
  return coded(code, { unit, key: index.columns.join(', '), column, type });
}
