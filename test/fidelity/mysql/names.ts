/** Names that break quoting, objects or paths: each is a table's name and a column's. */
import { type NastyTable, quoted } from './tables.ts';

const ODD = [
  "we`ird 'x'; --",
  'back`tick',
  '"double"',
  'with.dot',
  'with space',
  'select',
  'table',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '杭州☃',
  '%s %n',
  '../up',
  'a'.repeat(64),
  // Each takes five bytes of the name of the table's file.
  '州'.repeat(40),
  "it's",
  '-- comment',
  '#hash',
  '?1',
  ':name',
  '123',
  '1e5',
  ' AS c0,y',
  ' leading space',
  '(',
  'a,b',
  '*',
  '/* x */',
  '\\n',
  '\\',
  '$$',
];

export const NAMES: readonly NastyTable[] = [
  ...ODD.map((name, at) => ({
    name,
    quick: at < 2 || name === '__proto__',
    sql:
      `CREATE TABLE ${quoted(name)} (${at % 3 === 2 ? '' : 'id INT NOT NULL PRIMARY KEY, '}${quoted(name)} VARCHAR(20), ${quoted(`x${name.slice(1)}`)} INT COMMENT 'x', KEY ${quoted(name)} (${quoted(name)}));` +
      `INSERT INTO ${quoted(name)} (${at % 3 === 2 ? '' : 'id, '}${quoted(name)}) VALUES ${["'a'", 'NULL', "'''); DROP TABLE x; --'"].map((value, row) => `(${at % 3 === 2 ? '' : `${row}, `}${value})`).join(', ')}`,
  })),
  {
    name: 'key_of_odd_names',
    sql: "CREATE TABLE key_of_odd_names (`a``b` INT NOT NULL, `__proto__` VARCHAR(20) NOT NULL, `c.d` INT NOT NULL, `select` INT, PRIMARY KEY (`c.d`, `__proto__`, `a``b`)); INSERT INTO key_of_odd_names VALUES (1, 'x', 1, 1), (2, '`', 1, 2), (1, '''', 2, NULL), (3, '', 2, 4)",
  },
  {
    name: 'Case_Differs',
    quick: true,
    sql: "CREATE TABLE Case_Differs (id INT NOT NULL PRIMARY KEY, v VARCHAR(5)); INSERT INTO Case_Differs VALUES (1, 'upper')",
  },
  {
    name: 'case_differs',
    quick: true,
    sql: 'CREATE TABLE case_differs (id INT NOT NULL PRIMARY KEY, v INT); INSERT INTO case_differs VALUES (1, 1), (2, 2)',
  },
  {
    name: 'columns_like_ours',
    sql: 'CREATE TABLE columns_like_ours (c0 INT NOT NULL PRIMARY KEY, c1 INT, c2 INT, k0 INT, datatrace_new INT); INSERT INTO columns_like_ours VALUES (5, 4, 3, 2, 1), (1, 2, 3, 4, 5)',
  },
  {
    name: 'datatrace_new',
    sql: 'CREATE TABLE datatrace_new (id INT NOT NULL PRIMARY KEY, datatrace_new INT); INSERT INTO datatrace_new VALUES (1, 2), (2, NULL)',
  },
];
