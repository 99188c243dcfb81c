/** Which columns order the pages of a table and identify its rows. */
import type { DatabaseSync } from 'node:sqlite';
import type { Coded } from '../../core/model.ts';
import { catalog } from './database.ts';
import { quoteName } from './names.ts';
import type { SqliteNative } from './schema.ts';
import { inScratch } from './scratch.ts';

export interface UniqueKey {
  readonly columns: readonly string[];
  /** Of the index, by column. */
  readonly collations: readonly string[];
  /** No column can be NULL. */
  readonly notNull: boolean;
  /** In the order of the index a page is one range: columns compare as declared and all go the same way. */
  readonly pageable: boolean;
  /** `pk` also for the alias of the rowid. */
  readonly origin: 'pk' | 'unique';
}

interface IndexRow {
  readonly name: string;
  readonly origin: string;
}

interface IndexColumnRow {
  readonly name: string | null;
  readonly desc: number;
  readonly coll: string;
}

type TableFacts = Pick<SqliteNative, 'columns' | 'withoutRowid'> & { readonly sql: string };

/** All unique keys over whole rows (no partial index, no expression), the primary key first. */
export function readUniqueKeys(db: DatabaseSync, table: string, facts: TableFacts): UniqueKey[] {
  const declared = declaredCollations(table, facts);
  const plain = new Map(facts.columns.filter((column) => !column.generated).map((column) => [column.name, column]));
  const keys: UniqueKey[] = [];
  const primary = catalog<{ name: string }>(db, 'SELECT name FROM pragma_table_info(?) WHERE pk>0 ORDER BY pk', table);
  const list =
    'SELECT name, origin FROM pragma_index_list(?) WHERE "unique"=1 AND partial=0 ORDER BY origin<>\'pk\', name';
  const indexes = catalog<IndexRow>(db, list, table);
  const alias = primary[0]?.name;
  // A primary key without an index of its own is an alias of the rowid.
  if (alias !== undefined && !indexes.some((index) => index.origin === 'pk'))
    keys.push({ columns: [alias], collations: ['BINARY'], notNull: true, pageable: true, origin: 'pk' });
  for (const index of indexes) {
    const sql = 'SELECT name, "desc", coll FROM pragma_index_xinfo(?) WHERE key=1 ORDER BY seqno';
    const columns = catalog<IndexColumnRow>(db, sql, index.name);
    if (columns.some((column) => column.name === null || !plain.has(column.name))) continue;
    const names = columns.map((column) => column.name as string);
    const isPrimary = index.origin === 'pk';
    keys.push({
      columns: names,
      collations: columns.map((column) => column.coll.toUpperCase()),
      notNull: (isPrimary && facts.withoutRowid) || names.every((name) => plain.get(name)?.notNull === true),
      pageable:
        columns.every((column) => column.desc === columns[0]?.desc) &&
        columns.every((column, at) => declared.get(names[at] as string) === column.coll.toUpperCase()),
      origin: isPrimary ? 'pk' : 'unique',
    });
  }
  return keys;
}

/** No pragma tells a column's collation, but an index without one of its own takes it over. */
function declaredCollations(table: string, facts: TableFacts): ReadonlyMap<string, string> {
  const columns = facts.columns.filter((column) => !column.generated).map((column) => column.name);
  try {
    return inScratch((scratch) => {
      scratch.exec(facts.sql);
      scratch.exec(`CREATE INDEX datatrace_probe ON ${quoteName(table)}(${columns.map(quoteName).join(',')})`);
      const sql = "SELECT name, coll FROM pragma_index_xinfo('datatrace_probe') WHERE key=1";
      return new Map(catalog<IndexColumnRow>(scratch, sql).map((row) => [row.name as string, row.coll.toUpperCase()]));
    });
  } catch {
    // A collation or function of the application's own: no column is then known to compare as we would say.
    return new Map();
  }
}

export interface KeyChoice {
  readonly key: readonly string[];
  /** Set when the bare rowid is the key. */
  readonly rowid: string | null;
  readonly refusal: Coded | null;
}

/**
 * The primary key, else another unique key without NULLs, else the rowid under a name that no column hides. Without
 * any of them the unit is one atomic piece.
 * @param asked key columns of the configuration, null = choose
 * @param selected names of the columns to copy: the key must be among them
 */
export function chooseKey(
  native: SqliteNative,
  asked: readonly string[] | null,
  selected: ReadonlySet<string>,
): KeyChoice {
  const usable = native.uniqueKeys.filter(
    (key) => key.notNull && key.pageable && key.columns.every((column) => selected.has(column)),
  );
  if (asked !== null) {
    const wanted = usable.find((key) => key.columns.join('\0') === asked.join('\0'));
    if (wanted !== undefined) return { key: wanted.columns, rowid: null, refusal: null };
    return { key: [], rowid: null, refusal: { code: 'sqlite.keyNotUsable', args: { key: asked.join(', ') } } };
  }
  const best = usable[0];
  if (best !== undefined) return { key: best.columns, rowid: null, refusal: null };
  const rowid = native.kind === 'table' && !native.withoutRowid ? rowidName(native) : null;
  return { key: rowid === null ? [] : [rowid], rowid, refusal: null };
}

/** The first of the rowid's names that is not taken by a column. */
export function rowidName(native: Pick<SqliteNative, 'columns'>): string | null {
  const taken = new Set(native.columns.map((column) => column.name.toLowerCase()));
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name)) ?? null;
}
