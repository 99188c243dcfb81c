/** Compares two tables through the servers, by other statements than the connector's: every row, and the definition. */
import type { MariaDb, TextRow } from '../../servers/mysql/instance.ts';
import { quoted } from './tables.ts';

export interface Side {
  readonly server: MariaDb;
  readonly database: string;
}

export function isMariaDb({ server }: Side): boolean {
  return server.version.includes('MariaDB');
}

const SESSION = "SET NAMES utf8mb4; SET time_zone = '+00:00', sql_mode = ''";

/** The first row that one side lacks; null when both hold the same rows. */
export async function rowDifference(source: Side, target: Side, table: string, copy: string): Promise<string | null> {
  // Generated columns are worked out by each product for itself.
  const computed = isMariaDb(source) === isMariaDb(target);
  const wanted = await exactRows(source, table, computed);
  const got = await exactRows(target, copy, computed);
  if (wanted.length !== got.length) return `${got.length} rows instead of ${wanted.length}`;
  const at = wanted.findIndex((row, index) => row !== got[index]);
  return at < 0 ? null : `${wanted[at]?.slice(0, 300)} became ${got[at]?.slice(0, 300)}`;
}

/** Every row as text that differs when a byte of a value differs, sorted. */
async function exactRows(side: Side, table: string, computed: boolean): Promise<string[]> {
  const columns = await columnsOf(side, table);
  const values = columns
    .filter((column) => computed || !/(?:VIRTUAL|STORED|PERSISTENT) GENERATED/i.test(column.EXTRA ?? ''))
    .map((column, at) => `${exactValue(quoted(column.COLUMN_NAME ?? ''), column.DATA_TYPE ?? '')} AS v${at}`);
  const rows = await side.server.query(
    `USE ${quoted(side.database)}; ${SESSION}; SELECT ${values.join(', ')} FROM ${quoted(table)}`,
  );
  return rows
    .map((row) =>
      Object.values(row)
        .map((value) => value ?? 'NULL')
        .join(' | '),
    )
    .sort();
}

function exactValue(name: string, type: string): string {
  if (/^(?:float|double)$/.test(type)) return `CAST(${name} AS DOUBLE)`;
  if (type === 'bit') return `CAST(${name} AS UNSIGNED)`;
  if (/^(?:enum|set)$/.test(type)) return `CONCAT(CAST(${name} AS UNSIGNED), ':', HEX(${name}))`;
  if (/^(?:json|uuid|inet4|inet6)$/.test(type)) return `HEX(CAST(${name} AS CHAR))`;
  if (/char|text|binary|blob/.test(type)) {
    return `IF(LENGTH(${name}) > 1000, CONCAT(LENGTH(${name}), ':', SHA2(CAST(${name} AS BINARY), 256)), HEX(${name}))`;
  }
  if (/point|line|polygon|geom|vector/.test(type)) return `HEX(${name})`;
  return name;
}

/** CHECKSUM TABLE, the servers' own judgement. */
export async function checksum(side: Side, table: string): Promise<string | null> {
  const rows = await side.server.query(`CHECKSUM TABLE ${quoted(side.database)}.${quoted(table)} EXTENDED`);
  return rows[0]?.Checksum ?? null;
}

export async function showCreate(side: Side, table: string): Promise<string> {
  const rows = await side.server.query(`SHOW CREATE TABLE ${quoted(side.database)}.${quoted(table)}`);
  return rows[0]?.['Create Table'] ?? '';
}

/**
 * What is different about the copy's definition, one text for each part, led by the part's name in quotes. Between
 * products only what both can say is compared.
 */
export async function shapeDifferences(source: Side, target: Side, table: string, copy: string): Promise<string[]> {
  const wanted = await shapeOf(source, table);
  const got = await shapeOf(target, copy);
  const names = new Set([...wanted.keys(), ...got.keys()]);
  return [...names].flatMap((name) =>
    wanted.get(name) === got.get(name) ? [] : [`${name}: ${wanted.get(name) ?? '-'} became ${got.get(name) ?? '-'}`],
  );
}

async function shapeOf(side: Side, table: string): Promise<Map<string, string>> {
  const shape = new Map<string, string>();
  for (const column of await columnsOf(side, table))
    shape.set(`column "${column.COLUMN_NAME}"`, columnShape(side, column));
  const where = `TABLE_SCHEMA = ${text(side.database)} AND TABLE_NAME = ${text(table)} AND BINARY TABLE_NAME = ${text(table)}`;
  const indexes = await side.server.query(
    `SELECT INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART, COLLATION, INDEX_COMMENT, INDEX_TYPE FROM information_schema.STATISTICS WHERE ${where} ORDER BY INDEX_NAME, SEQ_IN_INDEX`,
  );
  for (const [name, parts] of Map.groupBy(indexes, (row) => row.INDEX_NAME)) {
    const columns = parts.map((part) => `${part.COLUMN_NAME}(${part.SUB_PART ?? ''})${part.COLLATION}`);
    shape.set(
      `index "${name}"`,
      `${parts[0]?.NON_UNIQUE} ${columns.join(',')} ${parts[0]?.INDEX_COMMENT} ${parts[0]?.INDEX_TYPE}`,
    );
  }
  const [options] = await side.server.query(
    `SELECT ENGINE, TABLE_COMMENT, CREATE_OPTIONS LIKE '%partitioned%' AS partitioned, TABLE_COLLATION FROM information_schema.TABLES WHERE ${where}`,
  );
  shape.set('"ENGINE"', options?.ENGINE ?? '');
  shape.set('table "comment"', options?.TABLE_COMMENT ?? '');
  shape.set(`"${options?.TABLE_COLLATION}" of the table`, '');
  const partitions = await side.server.query(
    `SELECT PARTITION_NAME, SUBPARTITION_METHOD, PARTITION_DESCRIPTION, PARTITION_COMMENT FROM information_schema.PARTITIONS WHERE ${where} AND PARTITION_NAME IS NOT NULL ORDER BY 1`,
  );
  shape.set('"PARTITION"', JSON.stringify(partitions));
  const [keys] = await side.server.query(
    `SELECT COUNT(*) AS n FROM information_schema.TABLE_CONSTRAINTS WHERE ${where} AND CONSTRAINT_TYPE = 'FOREIGN KEY'`,
  );
  shape.set('"FOREIGN KEY"', keys?.n ?? '');
  // The check that MariaDB gives to every JSON column belongs to the type.
  const definition = await showCreate(side, table);
  const checks = [...definition.matchAll(/\bCHECK \((?!json_valid\()/g)].length;
  shape.set('"CHECK"', String(checks));
  const counter = / AUTO_INCREMENT=(\d+)/.exec(definition);
  shape.set('"AUTO_INCREMENT"', counter?.[1] ?? '');
  return shape;
}

async function columnsOf(side: Side, table: string): Promise<TextRow[]> {
  return side.server.query(
    `SELECT * FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ${text(side.database)} AND TABLE_NAME = ${text(table)} AND BINARY TABLE_NAME = ${text(table)} ORDER BY ORDINAL_POSITION`,
  );
}

function text(value: string): string {
  return `CONVERT(X'${Buffer.from(value).toString('hex')}' USING utf8mb4)`;
}

function columnShape(side: Side, column: TextRow): string {
  const json = column.DATA_TYPE === 'json';
  const type = json ? 'longtext' : (column.COLUMN_TYPE ?? '');
  const zerofill = type.includes('zerofill');
  const plain = /int\b|int\(/.test(type) && !zerofill ? type.replace(/\(\d+\)/, '') : type;
  const extra = (column.EXTRA ?? '').toLowerCase();
  const parts = {
    at: column.ORDINAL_POSITION,
    type: plain
      .replace(/ ?\/\*.*?\*\//, '')
      .replace('geomcollection', 'geometrycollection')
      .replace('year(4)', 'year'),
    collation: json ? 'utf8mb4_bin' : (column.COLLATION_NAME?.replace(/^utf8_/, 'utf8mb3_') ?? null),
    nullable: column.IS_NULLABLE,
    default: defaultShape(side, column),
    comment: column.COLUMN_COMMENT,
    extra: ['auto_increment', 'invisible', 'virtual', 'stored', 'on update']
      .filter((each) => extra.includes(each))
      .join(' '),
  };
  return JSON.stringify(parts);
}

/** MariaDB answers the text of the default as SQL, MySQL the value. */
function defaultShape(side: Side, column: TextRow): string | null {
  const value = column.COLUMN_DEFAULT ?? null;
  if (value === null || (isMariaDb(side) && value === 'NULL')) return null;
  const now = /^(?:current_timestamp|now|curdate|current_date)(?:\((\d*)\))?/i.exec(value);
  if (now !== null) return `now ${now[1] ?? ''}`;
  if (/text|blob/.test(column.DATA_TYPE ?? '')) return 'expression';
  const hex = /^(?:0x|x')([0-9a-f]*)'?$/i.exec(value);
  if (hex !== null) return Buffer.from(hex[1] ?? '', 'hex').toString();
  const literal = !isMariaDb(side) && !/DEFAULT_GENERATED/.test(column.EXTRA ?? '');
  if (literal) return value;
  const sql = /^'(.*)'$/s.exec(value);
  if (sql !== null && isMariaDb(side)) return (sql[1] ?? '').replaceAll("''", "'").replaceAll('\\\\', '\\');
  return isMariaDb(side) && /^-?[\d.]+(?:e[-+]?\d+)?$|^b'/.test(value) ? value : 'expression';
}
