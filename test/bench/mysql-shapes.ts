/** Tables to measure with, made by the server itself. */

export interface Shape {
  readonly tables: readonly string[];
  /** Creates and fills them in the current database. */
  readonly sql: readonly string[];
  /** Rows of all tables together. */
  readonly rows: number;
}

export const SHAPES = ['sbtest', 'mixed', 'wide', 'tiny'] as const;
export type ShapeName = (typeof SHAPES)[number];

/** Shapes with secondary indexes, which can be made after the data. */
export const HAS_INDEXES: ReadonlySet<ShapeName> = new Set(['sbtest', 'mixed']);

/** Rows a table of wide rows has for each row asked for: a wide row is about as large as ten others. */
const WIDE_SHARE = 10;
const TINY_TABLES = 200;
const TINY_ROWS = 20;

/** Where the numbers from 1 to `rows` come from, as a column `seq`. */
export type Numbers = (rows: number) => string;

/** MariaDB has them. */
export const SEQUENCES: Numbers = (rows) => `seq_1_to_${rows}`;
/** For MySQL. */
export const RECURSION: Numbers = (rows) =>
  `(WITH RECURSIVE numbers (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM numbers WHERE seq < ${rows}) SELECT seq FROM numbers) AS n`;

export function shapeOf(name: ShapeName, rows: number, numbers: Numbers = SEQUENCES): Shape {
  switch (name) {
    case 'sbtest':
      return { tables: ['sbtest1'], rows, sql: sbtest(rows, numbers) };
    case 'mixed':
      return { tables: ['mixed'], rows, sql: mixed(rows, numbers) };
    case 'wide': {
      const wide = Math.max(1, Math.round(rows / WIDE_SHARE));
      return { tables: ['wide'], rows: wide, sql: wideRows(wide, numbers) };
    }
    case 'tiny': {
      const tables = Array.from({ length: TINY_TABLES }, (_, at) => `tiny_${at}`);
      const sql = tables.flatMap((table) => tiny(table, numbers));
      return { tables, rows: TINY_TABLES * TINY_ROWS, sql };
    }
  }
}

/** What sysbench makes: a secondary index in random order, and texts of fixed length. */
function sbtest(rows: number, numbers: Numbers): string[] {
  const digits = (groups: number, seed: string): string =>
    `CONCAT_WS('-', ${Array.from({ length: groups }, (_, at) => `LPAD(CRC32(CONCAT(seq, '${seed}${at}')) * 23 % 99999999999, 11, '0')`).join(', ')})`;
  return [
    `CREATE TABLE sbtest1 (id INT NOT NULL AUTO_INCREMENT, k INT NOT NULL DEFAULT 0, c CHAR(120) NOT NULL DEFAULT '',
      pad CHAR(60) NOT NULL DEFAULT '', PRIMARY KEY (id), KEY k_1 (k)) ENGINE = InnoDB`,
    `INSERT INTO sbtest1 SELECT seq, CRC32(seq) % ${rows}, ${digits(10, 'c')}, ${digits(5, 'p')} FROM ${numbers(rows)}`,
  ];
}

function mixed(rows: number, numbers: Numbers): string[] {
  return [
    `CREATE TABLE mixed (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, customer INT NOT NULL, amount DECIMAL(12,2) NOT NULL,
      rate DOUBLE, made DATETIME(6) NOT NULL, changed TIMESTAMP NULL, state ENUM('new','paid','sent','closed') NOT NULL,
      name VARCHAR(80) NOT NULL, note TEXT, ref BINARY(16) NOT NULL, flags SMALLINT UNSIGNED, doc JSON,
      KEY customer (customer), KEY made (made)) ENGINE = InnoDB`,
    `INSERT INTO mixed SELECT seq * 3, CRC32(seq) % 50000, seq % 1000000 / 100, IF(seq % 5, seq / 7, NULL),
      '2020-01-01' + INTERVAL seq SECOND + INTERVAL seq * 7919 % 1000000 MICROSECOND,
      IF(seq % 3, '2021-01-01' + INTERVAL seq SECOND, NULL), 1 + seq % 4, CONCAT('Zoë Müller ', seq),
      IF(seq % 4, NULL, REPEAT(MD5(CONCAT(seq)), 1 + seq % 6)), UNHEX(MD5(CONCAT(seq))), IF(seq % 6, seq % 65536, NULL),
      IF(seq % 2, JSON_OBJECT('n', seq, 't', MD5(CONCAT(seq))), NULL) FROM ${numbers(rows)}`,
  ];
}

/** Texts and bytes of a few kilobytes. */
function wideRows(rows: number, numbers: Numbers): string[] {
  return [
    `CREATE TABLE wide (id BIGINT NOT NULL PRIMARY KEY, title VARCHAR(200) NOT NULL, body MEDIUMTEXT NOT NULL,
      data MEDIUMBLOB NOT NULL, extra TEXT) ENGINE = InnoDB`,
    `INSERT INTO wide SELECT seq, CONCAT('Title ', seq), REPEAT(CONCAT(MD5(CONCAT(seq)), 'äö "quoted" \\'text\\'\\n'), 20 + seq % 20),
      REPEAT(UNHEX(SHA1(CONCAT(seq))), 30 + seq % 60), IF(seq % 3, NULL, REPEAT(SHA1(CONCAT(seq)), 5)) FROM ${numbers(rows)}`,
  ];
}

function tiny(table: string, numbers: Numbers): string[] {
  return [
    `CREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY, name VARCHAR(50), at DATETIME) ENGINE = InnoDB`,
    `INSERT INTO ${table} SELECT seq, MD5(CONCAT(seq)), '2024-01-01' + INTERVAL seq HOUR FROM ${numbers(TINY_ROWS)}`,
  ];
}
