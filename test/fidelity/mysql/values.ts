/** Values of every type, with those at the edges. */
import type { NastyTable } from './tables.ts';

/** A sequence of numbers that is the same in every run (a linear congruence of Knuth's). */
function numbers(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number(state >> 32n);
  };
}

/** Doubles of random bits as the shortest decimal that means them; none infinite. */
function randomDoubles(count: number): string[] {
  const next = numbers(7);
  const view = new DataView(new ArrayBuffer(8));
  const found: string[] = [];
  while (found.length < count) {
    view.setUint32(0, next());
    view.setUint32(4, next());
    const value = view.getFloat64(0);
    if (Number.isFinite(value)) found.push(String(value));
  }
  return found;
}

function randomFloats(count: number): string[] {
  const next = numbers(11);
  const view = new DataView(new ArrayBuffer(4));
  const found: string[] = [];
  while (found.length < count) {
    view.setUint32(0, next());
    const value = view.getFloat32(0);
    if (Number.isFinite(value)) found.push(String(value));
  }
  return found;
}

const rows = (values: readonly string[]): string => values.map((value, at) => `(${at + 1}, ${value})`).join(',\n');

/** Lengths at which the protocol and the column types change how a length is written. */
const LENGTHS = [0, 1, 249, 250, 251, 252, 255, 256, 65_534, 65_535, 65_536, 300_000];

const everyByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes of valid texts in character sets where single bytes of a character look like quotes and backslashes. */
const MULTIBYTE: Readonly<Record<string, readonly string[]>> = {
  sjis: ['835c', '955c', '8a5c', '815c2d', 'b1b2b3', '83418342', '5c5c', '27'],
  cp932: ['835c', 'fa40', 'ed40', 'fabf', '8754', '818f', '5c', '817c'],
  gbk: ['d55c', '815c', 'bf5c27', 'c4e3bac3', 'fe50', 'a1a1', '5c27'],
  big5: ['a55c', 'b35c', 'a440', 'a4a4a4e5', 'c6a1', '5c'],
  euckr: ['b0a1', 'c7d1b1db', 'a1a1', '5c'],
  ujis: ['a4a2', '8fb0a1', '8eb1', 'c6fccbdc', '5c'],
  eucjpms: ['a4a2', '8fb0a1', '8eb1', 'ada1', '5c'],
  gb2312: ['c4e3bac3', 'b0a1', 'f7fe', '5c'],
};

const multibyte: NastyTable[] = Object.entries(MULTIBYTE).map(([charset, texts]) => ({
  name: `text_${charset}`,
  sql: `CREATE TABLE text_${charset} (id INT NOT NULL PRIMARY KEY, v VARCHAR(40) CHARACTER SET ${charset}, t TEXT CHARACTER SET ${charset});
    INSERT INTO text_${charset} VALUES ${texts.map((hex, at) => `(${at}, _${charset} X'${hex}', _${charset} X'${hex.repeat(30)}')`).join(', ')}, (99, '', NULL)`,
}));

const unicode: NastyTable[] = ['utf8mb3', 'utf8mb4', 'ucs2', 'utf16', 'utf16le', 'utf32'].map((charset) => {
  const wide = charset === 'utf8mb3' || charset === 'ucs2' ? '杭州☃' : '杭州😀🇩🇪👩‍👩‍👧';
  const controls = Array.from({ length: 32 }, (_, at) => at.toString(16).padStart(2, '0')).join('');
  return {
    name: `text_${charset}`,
    quick: charset === 'utf16' || charset === 'utf8mb4',
    sql: `CREATE TABLE text_${charset} (id INT NOT NULL PRIMARY KEY, v VARCHAR(200) CHARACTER SET ${charset}, c CHAR(20) CHARACTER SET ${charset}, t LONGTEXT CHARACTER SET ${charset});
      INSERT INTO text_${charset} VALUES (1, '', '', ''), (2, '${wide}', '${wide.slice(0, 2)}', REPEAT('${wide}', 2000)), (3, NULL, NULL, NULL),
      (4, CONVERT(X'${controls}' USING ${charset}), 'trailing  ', '\\\\ '' " \` \\0 \\Z \\n\\r\\t;--'), (5, ' leading', '  x', 'e\u0301 \u00e9 \u200b\u202e \ufeff'),
      (6, '\\0', 'NULL', 'null'), (7, '\\Z', '\\\\N', '{{7*7}}\${x}%s%n'), (8, 'İıſß', 'ŉ', 'ﬀ\uffff')`,
  };
});

export const VALUES: readonly NastyTable[] = [
  {
    name: 'integers',
    quick: true,
    sql: `CREATE TABLE integers (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, t TINYINT, tu TINYINT UNSIGNED, tz TINYINT(3) UNSIGNED ZEROFILL, s SMALLINT,
        su SMALLINT UNSIGNED, m MEDIUMINT, mu MEDIUMINT UNSIGNED, i INT, iu INT UNSIGNED, iz INT(10) UNSIGNED ZEROFILL, b BIGINT, bu BIGINT UNSIGNED, bo BOOLEAN);
      INSERT INTO integers VALUES (0, -128, 255, 255, -32768, 65535, -8388608, 16777215, -2147483648, 4294967295, 4294967295, -9223372036854775808, 18446744073709551615, 1),
      (1, 127, 0, 7, 32767, 0, 8388607, 0, 2147483647, 0, 42, 9223372036854775807, 0, 0), (9007199254740993, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9007199254740993, 9007199254740993, 2),
      (18446744073709551615, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (18446744073709551614, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -9007199254740993, 9223372036854775808, -1)`,
  },
  {
    name: 'decimals',
    quick: true,
    sql: `CREATE TABLE decimals (id INT NOT NULL PRIMARY KEY, a DECIMAL(65,30), b DECIMAL(65,0), c DECIMAL(1,0), d DECIMAL(30,30), e DECIMAL(20,5) UNSIGNED ZEROFILL, f DECIMAL(10,2));
      INSERT INTO decimals VALUES (1, 99999999999999999999999999999999999.999999999999999999999999999999, REPEAT('9', 65), 9, 0.999999999999999999999999999999, 123.4, -99999999.99),
      (2, -99999999999999999999999999999999999.999999999999999999999999999999, CONCAT('-', REPEAT('9', 65)), -9, -0.000000000000000000000000000001, 0, 0.01),
      (3, 0.000000000000000000000000000001, 0, 0, 0, 999999999999999.99999, 1.10), (4, -0.5, 1, NULL, NULL, NULL, '-0.00'), (5, 1.10, 9007199254740993, 1, 0.1, 1, 0.10)`,
  },
  {
    name: 'floats',
    sql: `CREATE TABLE floats (id INT NOT NULL PRIMARY KEY, f FLOAT, g FLOAT(7,2), h FLOAT(24), n FLOAT NOT NULL DEFAULT '1e-40');
      INSERT INTO floats VALUES (1, 3.4028234e38, 99999.99, 3.4028234e38, 0), (2, 1.17549435e-38, -0.01, 1e-45, 1e-45), (3, 16777217, 0.1, 16777215, 0.1), (4, 0, 0, 0, 0),
      (5, 0.1, 1.5, 0.30000001, 1), (6, -3.4028234e38, -99999.99, 1e-40, 123456789), (7, NULL, NULL, NULL, 1.1754942e-38), (8, 8388608.5, 12345.67, 1e10, 9999999)`,
  },
  {
    name: 'doubles',
    sql: `CREATE TABLE doubles (id INT NOT NULL PRIMARY KEY, d DOUBLE, e DOUBLE(20,5), r REAL, u DOUBLE UNSIGNED);
      INSERT INTO doubles VALUES (1, 1.7976931348623157e308, 123456789012345.67891, 2.2250738585072014e-308, 1.7976931348623157e308), (2, 5e-324, -0.00001, 2.225073858507201e-308, 5e-324),
      (3, 0.1e0 + 0.2e0, 0.3, 1e15, 0), (4, 0, 0, 0, 0), (5, 9007199254740993, 1e14, 1e16, 9007199254740993), (6, NULL, NULL, NULL, NULL), (7, 1e22, 99999999999999.99999, 1e21, 1e23),
      (8, -1.7976931348623157e308, 0.000005, 123456789.123456789, 4.35), (9, 1.0000000000000002, 2.675, 0.1, 1.2345678901234567e-300)`,
  },
  {
    name: 'minus_zero',
    quick: true,
    sql: `CREATE TABLE minus_zero (id INT NOT NULL PRIMARY KEY, d DOUBLE, e DOUBLE(20,5), f FLOAT, c DECIMAL(3,1)); INSERT INTO minus_zero VALUES (1, '-0', '-0', '-0', '-0'), (2, -1e-400, 0, -1e-60, 0)`,
    // MariaDB may hold one and writes it like 0.
    checksum: false,
    says: { on: ['mariadb', 'mariadb11'], code: 'mysql.plan.minusZero' },
  },
  {
    name: 'doubles_random',
    quick: true,
    sql: `CREATE TABLE doubles_random (id INT NOT NULL PRIMARY KEY, d DOUBLE);\nINSERT INTO doubles_random VALUES ${rows(randomDoubles(3000))}`,
  },
  {
    name: 'floats_random',
    sql: `CREATE TABLE floats_random (id INT NOT NULL PRIMARY KEY, f FLOAT);\nINSERT INTO floats_random VALUES ${rows(randomFloats(3000))}`,
  },
  {
    name: 'bits',
    sql: `CREATE TABLE bits (id INT NOT NULL PRIMARY KEY, a BIT(1), b BIT(64), c BIT(9), d BIT(33), e BIT(8) NOT NULL DEFAULT b'1010');
      INSERT INTO bits VALUES (1, b'1', b'${'1'.repeat(64)}', b'100000001', b'1${'0'.repeat(32)}', DEFAULT), (2, b'0', b'0', b'0', b'0', 0), (3, NULL, NULL, NULL, NULL, 39), (4, 1, b'1000000000000000000000000000000000000000000000000000000000000000', 39, 92, 92)`,
  },
  {
    name: 'years',
    sql: `CREATE TABLE years (id INT NOT NULL PRIMARY KEY, y YEAR, n YEAR NOT NULL DEFAULT 2000);
      INSERT INTO years VALUES (1, 1901, 0), (2, 2155, 2155), (3, 0, 1970), (4, NULL, DEFAULT), (5, 2070, 1969)`,
  },
  {
    name: 'dates',
    quick: true,
    sql: `CREATE TABLE dates (id INT NOT NULL PRIMARY KEY, d DATE, n DATE NOT NULL DEFAULT '0000-00-00', dt DATETIME, dn DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00');
      INSERT INTO dates VALUES (1, '0000-00-00', '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00'), (2, '9999-12-31', '1000-01-01', '9999-12-31 23:59:59', '1000-01-01 00:00:00'),
      (3, '2024-02-30', '2023-00-00', '2023-05-00 12:00:00', '2023-02-31 23:59:59'), (4, NULL, '0001-01-01', NULL, '0001-01-01 00:00:00'), (5, '1582-10-10', '0000-01-01', '2024-03-31 02:30:00', '1900-02-29 00:00:00')`,
  },
  {
    name: 'fractions',
    sql: `CREATE TABLE fractions (id INT NOT NULL PRIMARY KEY, a DATETIME(1), b DATETIME(2), c DATETIME(3), d DATETIME(4), e DATETIME(5), f DATETIME(6), t1 TIME(1), t3 TIME(3), t6 TIME(6));
      INSERT INTO fractions VALUES (1, '2024-01-01 00:00:00.9', '2024-01-01 00:00:00.99', '2024-01-01 00:00:00.001', '2024-01-01 00:00:00.0001', '2024-01-01 00:00:00.00001', '2024-01-01 00:00:00.000001', '00:00:00.1', '-00:00:00.001', '-00:00:00.000001'),
      (2, '9999-12-31 23:59:59.9', '9999-12-31 23:59:59.99', '9999-12-31 23:59:59.999', '9999-12-31 23:59:59.9999', '9999-12-31 23:59:59.99999', '9999-12-31 23:59:59.999999', '838:59:58.9', '-838:59:58.999', '838:59:58.999999'),
      (3, '0000-00-00 00:00:00.0', NULL, '2024-10-27 02:30:00.500', NULL, NULL, '0000-00-00 00:00:00.000000', '-838:59:59.0', '838:59:59.000', '-838:59:59.000000')`,
  },
  {
    name: 'timestamps',
    sql: `CREATE TABLE timestamps (id INT NOT NULL PRIMARY KEY, a TIMESTAMP NULL, b TIMESTAMP(6) NULL, c TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
        d TIMESTAMP(3) NOT NULL DEFAULT '2000-01-01 00:00:00.000', z TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00');
      INSERT INTO timestamps VALUES (1, '1970-01-01 00:00:01', '1970-01-01 00:00:01.000001', '1970-01-01 00:00:01', '2038-01-19 03:14:07.999', '0000-00-00 00:00:00'),
      (2, '2038-01-19 03:14:07', '2038-01-19 03:14:07.999999', '2024-10-27 01:30:00', '2024-03-31 02:30:00.5', '2001-01-01 00:00:00'), (3, NULL, NULL, '2024-10-27 00:30:00', DEFAULT, DEFAULT), (4, '0000-00-00', '0000-00-00', '2000-02-29 12:00:00', '1999-12-31 23:59:59.999', DEFAULT)`,
  },
  {
    name: 'timestamps_after_2038',
    on: ['mariadb11'],
    sql: `CREATE TABLE timestamps_after_2038 (id INT NOT NULL PRIMARY KEY, a TIMESTAMP NULL, b TIMESTAMP(6) NULL);
      INSERT INTO timestamps_after_2038 VALUES (1, '2038-01-19 03:14:08', '2106-02-07 06:28:15.999999'), (2, NULL, '2100-01-01 00:00:00')`,
    stops: { on: ['mariadb', 'mysql'], code: 'mysql.statementFailed' },
  },
  {
    name: 'times',
    sql: `CREATE TABLE times (id INT NOT NULL PRIMARY KEY, a TIME, b TIME(6));
      INSERT INTO times VALUES (1, '838:59:59', '838:59:59.000000'), (2, '-838:59:59', '-838:59:59.000000'), (3, '00:00:00', '-00:00:00.000001'), (4, '24:00:00', '100:00:00.999999'), (5, NULL, NULL), (6, '-00:00:01', '00:00:00.1')`,
  },
  {
    name: 'times_longest',
    on: ['mariadb', 'mariadb11'],
    sql: `CREATE TABLE times_longest (id INT NOT NULL PRIMARY KEY, b TIME(6)); INSERT INTO times_longest VALUES (1, '838:59:59.999999'), (2, '-838:59:59.999999')`,
    stops: { on: ['mysql'], code: 'mysql.statementFailed' },
  },
  {
    name: 'text_latin1',
    quick: true,
    sql: `CREATE TABLE text_latin1 (id INT NOT NULL PRIMARY KEY, c CHAR(1) CHARACTER SET latin1, v VARCHAR(600) CHARACTER SET latin1 COLLATE latin1_bin, g TEXT CHARACTER SET latin1 COLLATE latin1_german2_ci) DEFAULT CHARSET = latin1;
      INSERT INTO text_latin1 VALUES ${everyByte.map((hex, at) => `(${at}, _latin1 X'${hex}', _latin1 X'${hex}41${hex}', _latin1 X'${hex.repeat(300)}')`).join(', ')}, (999, '', _latin1 X'${everyByte.join('')}', NULL)`,
  },
  {
    name: 'text_invalid_utf8_in_latin1',
    sql: `CREATE TABLE text_invalid_utf8_in_latin1 (id INT NOT NULL PRIMARY KEY, v VARCHAR(100) CHARACTER SET latin1, k VARCHAR(100) CHARACTER SET koi8r, h CHAR(10) CHARACTER SET hebrew, z VARCHAR(20) CHARACTER SET cp1251);
      INSERT INTO text_invalid_utf8_in_latin1 VALUES (1, _latin1 X'C3A4C328F09F', _koi8r X'C3A4C328F09FFF', _hebrew X'E0E1FA', _cp1251 X'C0FF98'), (2, _latin1 X'80818D8F909DA0FF', _koi8r X'808182', '', _cp1251 X'98'), (3, _latin1 X'EDA080EFBFBF', NULL, NULL, '')`,
  },
  ...unicode,
  ...multibyte,
  {
    name: 'text_gb18030',
    on: ['mysql'],
    sql: `CREATE TABLE text_gb18030 (id INT NOT NULL PRIMARY KEY, v VARCHAR(40) CHARACTER SET gb18030); INSERT INTO text_gb18030 VALUES (1, _gb18030 X'8139EE39'), (2, _gb18030 X'C4E3BAC3'), (3, '')`,
  },
  {
    name: 'text_lengths',
    sql: `CREATE TABLE text_lengths (id INT NOT NULL PRIMARY KEY, t TINYTEXT, x TEXT CHARACTER SET latin1, m MEDIUMTEXT, l LONGTEXT);
      INSERT INTO text_lengths VALUES ${LENGTHS.map((length, at) => `(${at}, REPEAT('a', ${Math.min(length, 255)}), REPEAT(CHAR(${128 + at} USING latin1), ${Math.min(length, 65_535)}), REPEAT('ä', ${length}), REPEAT('''', ${length}))`).join(', ')}`,
  },
  {
    name: 'blob_lengths',
    quick: true,
    sql: `CREATE TABLE blob_lengths (id INT NOT NULL PRIMARY KEY, t TINYBLOB, b BLOB, m MEDIUMBLOB, l LONGBLOB);
      INSERT INTO blob_lengths VALUES ${LENGTHS.map((length, at) => `(${at}, REPEAT(X'00', ${Math.min(length, 255)}), REPEAT(X'27', ${Math.min(length, 65_535)}), REPEAT(X'FB', ${length}), REPEAT(X'1A', ${length}))`).join(', ')}, (99, X'${everyByte.join('')}', NULL, X'${everyByte.join('')}', NULL)`,
  },
  {
    name: 'padding',
    sql: `CREATE TABLE padding (id INT NOT NULL PRIMARY KEY, b BINARY(5), vb VARBINARY(10), c CHAR(6) CHARACTER SET latin1, cu CHAR(6), vc VARCHAR(10), e CHAR(0), eb BINARY(0));
      INSERT INTO padding VALUES (1, 'ab', 'ab  ', 'ab  ', 'ä  ', 'ab  ', '', ''), (2, '', '', '', '', '', NULL, NULL), (3, X'0000000000', X'6100', 'a', 'a', '  ', '', NULL), (4, 'a ', X'20', ' a', ' ä', '\t ', NULL, ''), (5, NULL, NULL, NULL, NULL, NULL, '', '')`,
  },
  {
    name: 'enums',
    quick: true,
    sql: `CREATE TABLE enums (id INT NOT NULL PRIMARY KEY, e ENUM('b', 'a', '0', '1', '2', 'it''s', 'x,y', '\\\\', ' lead', 'ß', '"', '%s') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, l ENUM('ä', 'ÿ') CHARACTER SET latin1, d ENUM('x', 'y') NOT NULL DEFAULT 'y', u ENUM('杭', '州') CHARACTER SET utf16);
      INSERT INTO enums VALUES ${Array.from({ length: 12 }, (_, at) => `(${at}, ${at + 1}, ${(at % 2) + 1}, ${(at % 2) + 1}, ${(at % 2) + 1})`).join(', ')}, (99, NULL, NULL, 'x', NULL)`,
  },
  {
    name: 'enum_with_empty_member',
    sql: `CREATE TABLE enum_with_empty_member (id INT NOT NULL PRIMARY KEY, e ENUM('', 'a')); INSERT INTO enum_with_empty_member VALUES (1, 1), (2, 2), (3, NULL)`,
  },
  {
    name: 'enum_invalid_value',
    sql: "CREATE TABLE enum_invalid_value (id INT NOT NULL PRIMARY KEY, e ENUM('a', 'b')); INSERT INTO enum_invalid_value VALUES (1, 'a'), (2, NULL); SET sql_mode = ''; INSERT INTO enum_invalid_value VALUES (3, 'none of them')",
    stops: { on: ['mariadb', 'mariadb11', 'mysql'], code: 'mysql.statementFailed' },
  },
  {
    name: 'enum_invalid_value_beside_empty',
    quick: true,
    sql: "CREATE TABLE enum_invalid_value_beside_empty (id INT NOT NULL PRIMARY KEY, e ENUM('a', '') CHARACTER SET utf16); INSERT INTO enum_invalid_value_beside_empty VALUES (1, 'a'), (2, ''), (4, NULL); SET sql_mode = ''; INSERT INTO enum_invalid_value_beside_empty VALUES (3, 'none of them')",
    stops: { on: ['mariadb', 'mariadb11', 'mysql'], code: 'mysql.statementFailed' },
  },
  {
    name: 'set_with_empty_member',
    sql: "CREATE TABLE set_with_empty_member (id INT NOT NULL PRIMARY KEY, s SET('a', '', 'b')); INSERT INTO set_with_empty_member VALUES (1, 0), (2, 1), (3, 5), (4, NULL)",
  },
  {
    name: 'set_of_empty_member',
    sql: "CREATE TABLE set_of_empty_member (id INT NOT NULL PRIMARY KEY, s SET('a', '', 'b')); INSERT INTO set_of_empty_member VALUES (1, 0), (2, 2), (3, 7), (4, 3)",
    stops: { on: ['mariadb', 'mariadb11', 'mysql'], code: 'mysql.statementFailed' },
  },
  {
    name: 'sets',
    sql: `CREATE TABLE sets (id INT NOT NULL PRIMARY KEY, s SET(${Array.from({ length: 64 }, (_, at) => `'m${at}'`).join(', ')}), o SET('it''s', '\\\\', 'ü', ' a', '0') CHARACTER SET latin1, n SET('a') NOT NULL DEFAULT 'a');
      INSERT INTO sets VALUES (1, 18446744073709551615, 31, 1), (2, 0, 0, 0), (3, 9223372036854775808, 17, DEFAULT), (4, NULL, NULL, 'a'), (5, 1, 2, 0)`,
  },
  {
    name: 'json_texts',
    on: ['mariadb', 'mariadb11'],
    quick: true,
    sql: `CREATE TABLE json_texts (id INT NOT NULL PRIMARY KEY, j JSON, n JSON NOT NULL DEFAULT '{}');
      INSERT INTO json_texts VALUES (1, '{"a":1,"a":2,"big":12345678901234567890.123456789012345678901234567890}', '  [ 1 , 2 ]  '), (2, '[1.0, 1e400, 0.1000, -0, -0.0, 1E5]', '"\\\\u0000 \\\\ud83d\\\\ude00 \\\\/"'), (3, 'null', 'true'), (4, NULL, DEFAULT),
      (5, '${'['.repeat(30)}${']'.repeat(30)}', '18446744073709551616'), (6, '{"":"","__proto__":{"x":1},"é":"😀"}', '""')`,
  },
  {
    name: 'json_values',
    on: ['mysql'],
    quick: true,
    sql: `CREATE TABLE json_values (id INT NOT NULL PRIMARY KEY, j JSON, n JSON NOT NULL DEFAULT (JSON_OBJECT()));
      INSERT INTO json_values VALUES (1, '{"a":1,"a":2,"bb":18446744073709551615,"c":-9223372036854775808}', '  [ 1 , 2 ]  '), (2, '[1.0, 1e300, 0.1000, -0, -0.0, 1E5, 9007199254740993]', '"\\\\u0000 \\\\ud83d\\\\ude00 \\\\/"'), (3, 'null', 'true'), (4, NULL, DEFAULT),
      (5, '${'['.repeat(30)}${']'.repeat(30)}', '12345678901234567890.123456789'), (6, '{"":"","__proto__":{"x":1},"é":"😀"}', '""'), (7, '[5e-324, 1.7976931348623157e308, 0.1, 0.30000000000000004]', '1.10')`,
  },
  {
    name: 'json_deep',
    on: ['mysql'],
    sql: `CREATE TABLE json_deep (id INT NOT NULL PRIMARY KEY, j JSON); INSERT INTO json_deep VALUES (1, '${'['.repeat(90)}${']'.repeat(90)}')`,
    stops: { on: ['mariadb', 'mariadb11'], code: 'mysql.statementFailed' },
  },
  {
    name: 'json_of_other_types',
    on: ['mysql'],
    sql: `CREATE TABLE json_of_other_types (id INT NOT NULL PRIMARY KEY, j JSON); INSERT INTO json_of_other_types VALUES (1, CAST(1.10 AS JSON)), (2, JSON_ARRAY(12345678901234567890.123456789, CAST('2024-01-01' AS DATE), CAST('10:00:00.5' AS TIME))), (3, CAST(CAST('2024-01-01 00:00:00' AS DATETIME(6)) AS JSON)), (4, CAST(X'00FF' AS JSON))`,
    says: { on: ['mariadb', 'mariadb11', 'mysql'], code: 'mysql.plan.jsonText' },
  },
  {
    name: 'shapes',
    sql: `CREATE TABLE shapes (id INT NOT NULL PRIMARY KEY, g GEOMETRY, p POINT, l LINESTRING, po POLYGON, mp MULTIPOINT, ml MULTILINESTRING, my MULTIPOLYGON, gc GEOMETRYCOLLECTION);
      INSERT INTO shapes VALUES (1, ST_GeomFromText('POINT(1.1 -2.2)', 0), ST_GeomFromText('POINT(0.1 5e-324)'), ST_GeomFromText('LINESTRING(0 0, 1 1e-300)'), ST_GeomFromText('POLYGON((0 0,0 10,10 10,0 0),(1 2,1 3,2 3,1 2))'), ST_GeomFromText('MULTIPOINT(1 1, 2 2)'), ST_GeomFromText('MULTILINESTRING((0 0, 1 1),(2 2,3 3))'), ST_GeomFromText('MULTIPOLYGON(((0 0,0 1,1 1,0 0)))'), ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))')),
      (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (3, ST_GeomFromText('POINT(1 2)', 4326), ST_GeomFromText('POINT(1 2)', 3857), NULL, NULL, NULL, NULL, NULL, ST_GeomFromText('GEOMETRYCOLLECTION EMPTY'))`,
  },
  {
    name: 'addresses',
    on: ['mariadb', 'mariadb11'],
    sql: `CREATE TABLE addresses (u UUID NOT NULL PRIMARY KEY, i6 INET6, i4 INET4);
      INSERT INTO addresses VALUES ('123e4567-e89b-12d3-a456-426655440000', '::1', '10.0.0.1'), ('00000000-0000-0000-0000-000000000000', '2001:db8::ff00:42:8329', NULL), ('ffffffff-ffff-ffff-ffff-ffffffffffff', NULL, '255.255.255.255'), ('01890000-0000-7000-8000-000000000001', '::ffff:1.2.3.4', '0.0.0.0')`,
  },
  {
    name: 'vectors',
    on: ['mysql', 'mariadb11'],
    sql: `CREATE TABLE vectors (id INT NOT NULL PRIMARY KEY, v VECTOR(3) NOT NULL); INSERT INTO vectors VALUES (1, X'0000803F0000004000004040'), (2, X'000000000000008001000000'), (3, X'FFFF7F7FFFFF7FFFCDCCCC3D')`,
  },
  {
    name: 'rows_8_mib',
    sql: `CREATE TABLE rows_8_mib (id INT NOT NULL PRIMARY KEY, b LONGBLOB, t LONGTEXT);
      INSERT INTO rows_8_mib VALUES (1, REPEAT(X'005C27FF', 2097152), ''), (2, '', REPEAT('\\\\''ä😀', 1048576)), (3, REPEAT('a', 16777214), NULL), (4, REPEAT(X'FF', 16777216), 'x'), (5, X'00', 'small')`,
  },
  {
    name: 'wide',
    quick: true,
    sql: `CREATE TABLE wide (id INT NOT NULL PRIMARY KEY, ${Array.from({ length: 999 }, (_, at) => `c${at} ${['TINYINT', 'INT', 'BIT(3)', 'DATE'][at % 4]}`).join(', ')}) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;
      INSERT INTO wide (id) VALUES (1), (2); INSERT INTO wide VALUES (3, ${Array.from({ length: 999 }, (_, at) => ['-7', '9', "b'101'", "'2024-02-30'"][at % 4]).join(', ')}); INSERT INTO wide (id, c0, c998) VALUES (4, 1, b'1')`,
  },
];
