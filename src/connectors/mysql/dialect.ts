/**
 * What a table's columns become in a target of the other product (MariaDB, MySQL) or of an older version: the same,
 * mapped with a warning, or refused. Between servers that can hold the same nothing is changed.
 */
import type { Coded } from '../../core/model.ts';
import type { UnitSettings } from '../../core/settings.ts';
import { type MappedCollation, mapCollation } from './collations.ts';
import { coded } from './errors.ts';
import type { MysqlNative } from './native.ts';
import type { MysqlColumn, ServerInfo } from './schema.ts';
import { type Session, textRows } from './session.ts';

/** What a target can hold, besides what follows from its version. */
export type Dialect = {
  readonly server: ServerInfo;
  readonly collations: ReadonlySet<string>;
  /** Lower-case names of the storage engines that work. */
  readonly engines: ReadonlySet<string>;
};

export async function readDialect(session: Session, server: ServerInfo): Promise<Dialect> {
  // Newer MariaDB lists the collations that serve several character sets without one.
  const source =
    server.flavour === 'mariadb' && server.number >= 101_000
      ? 'FULL_COLLATION_NAME FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY'
      : 'COLLATION_NAME FROM information_schema.COLLATIONS';
  const collations = await textRows(session, `SELECT ${source}`, 'definitions');
  const engines = await textRows(
    session,
    "SELECT ENGINE FROM information_schema.ENGINES WHERE SUPPORT IN ('YES', 'DEFAULT')",
    'definitions',
  );
  const names = (rows: (string | null)[][]): string[] => rows.map((row) => row[0] ?? '');
  return {
    server,
    collations: new Set(names(collations)),
    engines: new Set(names(engines).map((each) => each.toLowerCase())),
  };
}

/** A server as people call it: `MySQL 9.7`. */
export function productName({ flavour, number }: ServerInfo): string {
  const version = `${Math.floor(number / 10_000)}.${Math.floor(number / 100) % 100}`;
  return `${flavour === 'mariadb' ? 'MariaDB' : 'MySQL'} ${version}`;
}

export function isOtherProduct(native: MysqlNative, dialect: Dialect): boolean {
  return native.server.flavour !== dialect.server.flavour;
}

export type ColumnFit = {
  /** All columns of the table, as the target will have them. */
  readonly columns: readonly MysqlColumn[];
  readonly warnings: readonly Coded[];
  readonly refusals: readonly Coded[];
  /** The target orders the key by other rules: a bound taken from the source means nothing there. */
  readonly keyOrderDiffers: boolean;
};

export function fitColumns(native: MysqlNative, dialect: Dialect, settings: Pick<UnitSettings, 'verify'>): ColumnFit {
  const unit = native.table.name;
  const server = productName(dialect.server);
  const other = isOtherProduct(native, dialect);
  const copied = new Set(native.copied.map((column) => column.name));
  const key = new Set(native.key?.columns ?? []);
  const refusals: Coded[] = [];
  const mapped = new Map<string, string[]>();
  const renamed: string[] = [];
  let keyOrderDiffers = false;
  const columns = native.table.columns.map((column): MysqlColumn => {
    const { name, type, collation } = column;
    // Columns that are left out are dropped after the table was made.
    const refuse = (each: Coded): MysqlColumn => {
      refusals.push(each);
      return column;
    };
    if (!hasType(dialect.server, native.server, column)) {
      return refuse(coded('mysql.plan.typeElsewhere', { unit, column: name, type, server }));
    }
    if (column.dataType === 'json' && other) return asText(column);
    if (collation === null) return column;
    const fit = mapCollation(collation, dialect.collations, other);
    if (fit === undefined) {
      return refuse(coded('mysql.plan.collationElsewhere', { unit, column: name, collation, server }));
    }
    if (fit.order === 'near') {
      if (key.has(name) && copied.has(name)) {
        keyOrderDiffers = true;
        const args = { unit, column: name, source: collation, target: fit.name };
        // Chunks are ranges of the key, which are other rows there.
        if (settings.verify === 'checksum') return refuse(coded('mysql.plan.keyCollation', args));
      }
      const pair = `${collation} → ${fit.name}`;
      mapped.set(pair, [...(mapped.get(pair) ?? []), name]);
    } else if (fit.name !== collation) renamed.push(`${name}: ${collation} → ${fit.name}`);
    return withCollation(column, collation, fit);
  });
  const floating = native.copied.filter((column) => /^(?:float|double)$/.test(column.dataType));
  if (other && settings.verify === 'checksum' && floating.length > 0) {
    const names = floating.map((column) => column.name).join(', ');
    refusals.push(coded('mysql.plan.floatSums', { unit, columns: names, server }));
  }
  const warnings = [...mapped].map(([pair, names]) =>
    coded('mysql.plan.collationMapped', { unit, columns: names.join(', '), change: pair }),
  );
  if (renamed.length > 0) {
    warnings.push(coded('mysql.plan.definitionChanged', { unit, server, changes: renamed.join('; ') }));
  }
  return { columns, warnings: [...warnings, ...valueWarnings(native, dialect)], refusals, keyOrderDiffers };
}

function withCollation(column: MysqlColumn, former: string, fit: MappedCollation): MysqlColumn {
  return fit.name === former ? column : { ...column, collation: fit.name };
}

/** What MariaDB makes of the type JSON. */
function asText(column: MysqlColumn): MysqlColumn {
  const text = { type: 'longtext', dataType: 'longtext', cell: 'chars' } as const;
  return { ...column, ...text, charset: 'utf8mb4', collation: 'utf8mb4_bin' };
}

/** Versions of MariaDB that brought a type; MySQL has none of these, or stores something else under the name. */
const MARIADB_TYPES: Readonly<Record<string, number>> = { uuid: 100_700, inet6: 100_500, inet4: 101_000 };
const VECTOR_SINCE = { mariadb: 110_701, mysql: 90_000 };

function hasType(target: ServerInfo, source: ServerInfo, { dataType }: MysqlColumn): boolean {
  const since = MARIADB_TYPES[dataType];
  if (since !== undefined) return target.flavour === 'mariadb' && target.number >= since;
  // A VECTOR of MySQL may be shorter than its type says, one of MariaDB may not.
  if (dataType === 'vector') return target.flavour === source.flavour && target.number >= VECTOR_SINCE[target.flavour];
  return true;
}

/** Values that only some rows may have, and what becomes of them in the target. */
function valueWarnings(native: MysqlNative, dialect: Dialect): Coded[] {
  const unit = native.table.name;
  const server = productName(dialect.server);
  const losesSign = native.server.flavour === 'mysql' && dialect.server.flavour === 'mariadb';
  const floating = native.copied.filter((column) => losesSign && /^(?:float|double)$/.test(column.dataType));
  const reaches2106 = ({ flavour, number }: ServerInfo): boolean => flavour === 'mariadb' && number >= 110_500;
  const ends2038 = reaches2106(native.server) && !reaches2106(dialect.server);
  const late = native.copied
    .filter((column) => ends2038 && column.dataType === 'timestamp')
    .map((column) => coded('mysql.plan.timestampRange', { unit, column: column.name, server }));
  if (floating.length === 0) return late;
  const columns = floating.map((column) => column.name).join(', ');
  return [...late, coded('mysql.plan.minusZero', { unit, columns, server })];
}
