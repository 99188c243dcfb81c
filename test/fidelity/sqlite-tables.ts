/** Databases that a careless copy changes silently: each entry is the SQL that makes a source file. */

/** Values of every storage class, with the ones at the edges. */
const VALUES = [
  'NULL',
  '0',
  '-1',
  '9007199254740993',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '0.1',
  '1e308',
  '-1e308',
  '5e-324',
  '2.2250738585072014e-308',
  '9e999',
  '-9e999',
  '-0.0',
  '123456789.123456789',
  "''",
  "x''",
  "'text'",
  "'12'",
  "'1e5'",
  "' 7 '",
  "'9223372036854775808'",
  "x'00'",
  "x'ff00fe'",
  "CAST(x'ff41' AS TEXT)",
  "CAST(x'c3' AS TEXT)",
  "CAST(x'eda080' AS TEXT)",
  "CAST(x'00' AS TEXT)",
  "CAST(x'610062' AS TEXT)",
  "CAST(x'1a0d0a' AS TEXT)",
  "'ÄÖÜ 杭州 😀'",
  "'2026-02-30'",
  "'null'",
  'zeroblob(100000)',
  "printf('%.*c', 100000, 'x')",
];

const inserts = (table: string, columns: number) =>
  VALUES.map((value, at) => `INSERT INTO ${table} VALUES (${[at, ...Array(columns).fill(value)].join(', ')});`).join(
    '\n',
  );

const NAMES = [
  "we\"ird 'x'; --",
  'back`tick',
  '[brackets]',
  'with.dot',
  'with space',
  'line\nbreak',
  'select',
  'table',
  '__proto__',
  'constructor',
  'toString',
  '杭州😀',
  '%s %n',
  '../up',
  'a'.repeat(200),
  'rowid',
  "it's",
  'tab\there',
  '-- comment',
  '?1',
];

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

const wide = Array.from({ length: 1000 }, (_, at) => `c${at}`);

const storage = `
  CREATE TABLE every_class (id INTEGER PRIMARY KEY, v);
  ${inserts('every_class', 1)}
  CREATE TABLE every_affinity (id INTEGER PRIMARY KEY, i INTEGER, t TEXT, b BLOB, r REAL, n NUMERIC, u);
  ${inserts('every_affinity', 6)}
  CREATE TABLE strict_any (id INTEGER PRIMARY KEY, v ANY) STRICT;
  ${inserts('strict_any', 1)}
  CREATE TABLE strict_types (id INT PRIMARY KEY NOT NULL, t TEXT, b BLOB, r REAL) STRICT, WITHOUT ROWID;
  INSERT INTO strict_types VALUES (1, 'a', x'00', 1.5), (2, CAST(x'ff' AS TEXT), x'', -0.0), (3, NULL, NULL, 9e999);
  CREATE TABLE key_of_anything (k NOT NULL UNIQUE, v);
  INSERT INTO key_of_anything SELECT v, id FROM every_class WHERE v IS NOT NULL GROUP BY v;
  CREATE TABLE key_of_text (k TEXT PRIMARY KEY NOT NULL, v) WITHOUT ROWID;
  INSERT INTO key_of_text SELECT k, max(v) FROM (SELECT CAST(v AS TEXT) AS k, id AS v FROM every_class WHERE v IS NOT NULL) GROUP BY k;
  CREATE TABLE key_of_bytes (k BLOB PRIMARY KEY NOT NULL, v);
  INSERT INTO key_of_bytes SELECT DISTINCT CAST(v AS BLOB), 1 FROM every_class WHERE v IS NOT NULL;
  CREATE TABLE key_of_doubles (k REAL PRIMARY KEY NOT NULL, v);
  INSERT INTO key_of_doubles SELECT DISTINCT v, 1 FROM every_class WHERE typeof(v) = 'real';
`;

const keys = `
  CREATE TABLE no_case (k TEXT PRIMARY KEY COLLATE NOCASE NOT NULL, v);
  INSERT INTO no_case VALUES ('b', 1), ('A', 2), ('C', 3), ('ä', 4), ('Ä', 5), ('', 6), ('a ', 7);
  CREATE TABLE trimmed (k TEXT COLLATE RTRIM NOT NULL UNIQUE, v);
  INSERT INTO trimmed VALUES ('a  ', 1), ('b', 2), ('A', 3), ('', 4);
  CREATE TABLE other_collation (k TEXT NOT NULL, v, UNIQUE (k COLLATE NOCASE));
  INSERT INTO other_collation VALUES ('b', 1), ('A', 2), ('c', 3);
  CREATE TABLE composite (a INTEGER, b TEXT, c BLOB, v, PRIMARY KEY (c, a, b)) WITHOUT ROWID;
  INSERT INTO composite WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
    SELECT i % 5, char(65 + i % 7), CAST(printf('%d', i % 11) AS BLOB), i FROM n WHERE true ON CONFLICT DO NOTHING;
  CREATE TABLE descending (a INTEGER NOT NULL, b INTEGER NOT NULL, v, PRIMARY KEY (a DESC, b DESC)) WITHOUT ROWID;
  INSERT INTO descending VALUES (1, 1, 1), (1, 2, 2), (2, 1, 3), (3, 9, 4);
  CREATE TABLE mixed_order (a INTEGER NOT NULL, b INTEGER NOT NULL, v, PRIMARY KEY (a, b DESC));
  INSERT INTO mixed_order VALUES (1, 1, 1), (1, 2, 2), (2, 1, 3), (3, 9, 4);
  CREATE TABLE nullable_key (k TEXT PRIMARY KEY, v);
  INSERT INTO nullable_key VALUES (NULL, 1), (NULL, 2), ('a', 3);
  CREATE TABLE nullable_unique (k TEXT UNIQUE, v);
  INSERT INTO nullable_unique VALUES (NULL, 1), (NULL, 2), ('a', 3);
  CREATE TABLE partial_unique (k TEXT NOT NULL, v);
  CREATE UNIQUE INDEX partial_unique_k ON partial_unique (k) WHERE v > 1;
  INSERT INTO partial_unique VALUES ('a', 1), ('a', 0), ('a', 2);
  CREATE TABLE unique_expression (k TEXT NOT NULL, v);
  CREATE UNIQUE INDEX unique_expression_k ON unique_expression (lower(k));
  INSERT INTO unique_expression VALUES ('a', 1), ('B', 2);
  CREATE TABLE heap (a, b);
  INSERT INTO heap(rowid, a, b) VALUES (-5, 'same', 1), (7, 'same', 1), (9223372036854775807, NULL, NULL);
  CREATE TABLE heap_all_names (rowid TEXT, oid TEXT, _rowid_ TEXT);
  INSERT INTO heap_all_names VALUES ('a', 'b', 'c'), ('a', 'b', 'c'), (NULL, NULL, NULL);
  CREATE TABLE heap_hidden_rowid (rowid TEXT, v);
  INSERT INTO heap_hidden_rowid VALUES ('x', 1), ('x', 1);
  CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, v);
  INSERT INTO counted VALUES (1, 'a'), (500, 'b'), (900, 'c');
  DELETE FROM counted WHERE id = 900;
  CREATE TABLE conflict_ignored (id INTEGER PRIMARY KEY ON CONFLICT IGNORE, u TEXT UNIQUE ON CONFLICT REPLACE);
  INSERT INTO conflict_ignored VALUES (1, 'a'), (2, 'b'), (3, NULL);
  CREATE TABLE empty_table (id INTEGER PRIMARY KEY, v);
  CREATE TABLE empty_heap (v);
`;

const columns = `
  CREATE TABLE generated (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER AS (a * 2) STORED, c TEXT AS (a || 'x') VIRTUAL, d);
  INSERT INTO generated(id, a, d) VALUES (1, 5, x'01'), (2, NULL, 'text');
  CREATE TABLE parent (id INTEGER PRIMARY KEY);
  CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parent(id) ON DELETE CASCADE, CHECK (id > 0));
  INSERT INTO parent VALUES (1), (2);
  INSERT INTO child VALUES (1, 1), (2, 2), (3, 99);
  CREATE TABLE self (id INTEGER PRIMARY KEY, up INTEGER REFERENCES self(id), CHECK (self.id <> self.up));
  INSERT INTO self VALUES (1, 2), (2, 1);
  CREATE TABLE defaults (id INTEGER PRIMARY KEY, d TEXT DEFAULT 'x' NOT NULL, n INTEGER DEFAULT (1 + 1));
  INSERT INTO defaults VALUES (1, '', NULL);
  CREATE INDEX defaults_d ON defaults (d DESC, lower(d)) WHERE n IS NULL;
  CREATE TABLE triggered (id INTEGER PRIMARY KEY, v);
  CREATE TRIGGER triggered_up AFTER INSERT ON triggered BEGIN UPDATE triggered SET v = v || '!' WHERE id = new.id; END;
  INSERT INTO triggered VALUES (1, 'a');
  CREATE TABLE wide (id INTEGER PRIMARY KEY, ${wide.join(', ')});
  INSERT INTO wide(id, c0, c29, c30, c59, c60, c999) VALUES (1, 'a', x'62', 'c', x'64', 'e', 'f'), (2, NULL, 1, 2.5, '3', x'', '');
  CREATE TABLE as_select AS SELECT 1 AS a, 'b' AS b, x'63' AS c, 1.5 AS d;
  CREATE TABLE big (id INTEGER PRIMARY KEY, v BLOB);
  INSERT INTO big VALUES (1, randomblob(8388608)), (2, x''), (3, CAST(randomblob(3000000) AS TEXT));
`;

const names = `
  ${NAMES.map((name, at) => `CREATE TABLE ${quote(name)} (${at % 2 ? 'id INTEGER PRIMARY KEY, ' : ''}${quote(name)} TEXT);`).join('\n')}
  ${NAMES.map((name) => `INSERT INTO ${quote(name)} (${quote(name)}) VALUES ('a'), (NULL), (x'00');`).join('\n')}
  ${NAMES.map((name) => `CREATE INDEX ${quote(`ix ${name}`)} ON ${quote(name)} (${quote(name)});`).join('\n')}
`;

const utf16 = `
  PRAGMA encoding='UTF-16le';
  ${storage}
`;

const virtual = `
  CREATE TABLE plain (id INTEGER PRIMARY KEY);
  INSERT INTO plain VALUES (1);
  CREATE VIRTUAL TABLE search USING fts5(body);
  INSERT INTO search VALUES ('hello');
`;

export const DATABASES: Readonly<Record<string, string>> = {
  storage,
  keys,
  columns,
  names,
  utf16,
  'utf16 big-endian': utf16.replace('UTF-16le', 'UTF-16be'),
  virtual,
};
