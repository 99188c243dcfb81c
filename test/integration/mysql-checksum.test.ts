import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { RowSums, Source, Target } from '../../src/connectors/contract.ts';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import { compareSums } from '../../src/pipeline/checksum.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { connectionTo, copyWhole, settingsFor } from './mysql-copy.ts';

/** A column of each kind, and two values of it that are hard to tell apart. */
const KINDS: readonly (readonly [type: string, a: string, b: string])[] = [
  ['BIGINT', '9007199254740993', '9007199254740992'],
  ['BIGINT UNSIGNED', '18446744073709551615', '18446744073709551614'],
  ['DECIMAL(65,30)', '0.000000000000000000000000000001', '0.000000000000000000000000000002'],
  ['DOUBLE', '0.1', '0.10000000000000002'],
  ['FLOAT', '16777216', '16777215'],
  ['DOUBLE(30,5)', '-123456789012345.125', '-123456789012345.14063'],
  ['DATETIME(6)', "'2026-01-01 00:00:00.000001'", "'2026-01-01 00:00:00.000002'"],
  ['TIMESTAMP(6) NULL', "'2026-01-01 00:00:00.000001'", "'2026-01-01 00:00:00.000002'"],
  ['TIME(6)', "'-838:59:59.000000'", "'838:59:59.000000'"],
  ['YEAR', '2026', '2027'],
  ['BIT(64)', "b'1'", "b'11'"],
  ['VARCHAR(50)', "'a'", "'A'"],
  ['VARCHAR(50)', "'a'", "'a '"],
  ['VARCHAR(50)', "''", 'NULL'],
  ['VARCHAR(50) CHARACTER SET latin1', "'ü'", "'u'"],
  ['VARBINARY(50)', "X'00'", "X'0000'"],
  ['TEXT', "'x'", "'y'"],
  ['LONGBLOB', "REPEAT('a', 3000000)", "CONCAT(REPEAT('a', 2999999), 'b')"],
  ['JSON', `'{"a": 1}'`, `'{"a": 1.0}'`],
  ["ENUM('a','b')", "'a'", "'b'"],
  ["SET('a','b')", "'a'", "'a,b'"],
  ['GEOMETRY', "ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('POINT(2 1)')"],
  ['UUID', "'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0000-0000-000000000002'"],
  ['INET6', "'::1'", "'::2'"],
];

describe('MySQL rows compared by their sums', () => {
  let from: MariaDb;
  let to: MariaDb;
  let origin: string;
  let database: string;
  let source: Source;
  let target: Target;

  before(async () => {
    [from, to] = await Promise.all([startMariaDb({ name: 'source' }), startMariaDb({ name: 'target' })]);
  });
  beforeEach(async () => {
    await target?.close();
    await source?.close();
    origin = await from.freshDatabase('origin');
    database = await to.freshDatabase('copy');
    source = await mysqlConnector.openSource(connectionTo(from, origin));
    target = await mysqlConnector.openTarget(connectionTo(to, database));
  });
  after(async () => {
    await target?.close();
    await source?.close();
    await from?.stop();
    await to?.stop();
  });

  const here = (sql: string) => from.query(`USE \`${origin}\`; ${sql}`);
  const there = (sql: string) => to.query(`USE \`${database}\`; ${sql}`);

  async function compare(unit: string, how: { readonly chunk?: number; readonly othersAllowed?: boolean } = {}) {
    const schema = await source.describe(unit, settingsFor(unit));
    const sized = (sums: RowSums): RowSums => ({ ...sums, chunkRows: how.chunk ?? sums.chunkRows });
    const difference = await compareSums({
      unit,
      source: sized(source.sums!(schema, null)),
      target: target.sums!(schema, settingsFor(unit)),
      keyed: schema.key.length > 0,
      upTo: await source.upperBound(schema, null),
      othersAllowed: how.othersAllowed ?? false,
    });
    return difference && `${difference.code.replace('pipeline.checksum', '')} ${difference.args.key ?? ''}`.trim();
  }

  test('are equal after a copy and differ by the smallest change of a value of any type', async () => {
    // Types that only one product has.
    const kinds = KINDS.filter(([type]) => from.version.includes('MariaDB') || !/^(?:UUID|INET6)$/.test(type));
    const columns = kinds.map(([type], at) => `c${at} ${type}`).join(', ');
    await here(`CREATE TABLE kinds (id INT PRIMARY KEY, ${columns}) CHARACTER SET utf8mb4`);
    const values = (which: 1 | 2) => kinds.map((kind) => kind[which]).join(', ');
    await here(`INSERT INTO kinds VALUES (1, ${values(1)}), (2, ${values(2)}), (3, ${values(1)})`);
    await copyWhole(source, target, 'kinds', settingsFor('kinds'));
    assert.equal(await compare('kinds'), null);
    for (const [at, [type, a, b]] of kinds.entries()) {
      await there(`SET NAMES utf8mb4; UPDATE kinds SET c${at} = ${b} WHERE id = 3`);
      assert.equal(await compare('kinds'), 'Differs 3', `${type}: ${b} for ${a}`);
      await there(`SET NAMES utf8mb4; UPDATE kinds SET c${at} = ${a} WHERE id = 3`);
    }
    assert.equal(await compare('kinds'), null);
  });

  test('name the first row that is missing, foreign or different, wherever it lies and however chunks fall', async () => {
    await here('CREATE TABLE pairs (a VARCHAR(20) COLLATE utf8mb4_general_ci, b INT, v INT, PRIMARY KEY (a, b))');
    const rows = ['x', 'Y', 'z'].flatMap((a) => Array.from({ length: 7 }, (_, b) => `('${a}', ${b}, ${b})`));
    await here(`INSERT INTO pairs VALUES ${rows.join(', ')}`);
    await copyWhole(source, target, 'pairs', settingsFor('pairs'));
    for (const chunk of [1, 2, 3, 7, 20, 21, 22]) {
      assert.equal(await compare('pairs', { chunk }), null);
      for (const [change, undo, expected] of [
        ["DELETE FROM pairs WHERE a = 'x' AND b = 0", "INSERT INTO pairs VALUES ('x', 0, 0)", 'Missing x, 0'],
        ["DELETE FROM pairs WHERE a = 'z' AND b = 6", "INSERT INTO pairs VALUES ('z', 6, 6)", 'Missing z, 6'],
        ["UPDATE pairs SET v = 9 WHERE a = 'y' AND b = 3", 'UPDATE pairs SET v = 3 WHERE v = 9', 'Differs Y, 3'],
        ["INSERT INTO pairs VALUES ('x', 99, 0)", 'DELETE FROM pairs WHERE b = 99', 'Extra x, 99'],
      ] as const) {
        await there(change);
        assert.equal(await compare('pairs', { chunk }), expected, `${change}, ${chunk} rows a chunk`);
        await there(undo);
      }
    }
    await there("INSERT INTO pairs VALUES ('x', 99, 0)");
    assert.equal(await compare('pairs', { othersAllowed: true }), null);
    await there("UPDATE pairs SET v = 9 WHERE a = 'z' AND b = 6");
    assert.equal(await compare('pairs', { othersAllowed: true }), 'Differs z, 6');
  });

  test('of a table without a key are told apart by how often each is there', async () => {
    await here('CREATE TABLE heap (v INT)');
    await here('INSERT INTO heap VALUES (1), (1), (2), (2), (NULL)');
    await copyWhole(source, target, 'heap', settingsFor('heap'));
    assert.equal(await compare('heap'), null);
    await there('UPDATE heap SET v = 3 WHERE v = 2');
    assert.equal(await compare('heap'), 'Rows');
    await there('UPDATE heap SET v = 2 WHERE v = 3; DELETE FROM heap WHERE v IS NULL; INSERT INTO heap VALUES (1)');
    assert.equal(await compare('heap'), 'Rows');
  });

  test('are found among any number of rows that the target had of its own', async () => {
    await here('CREATE TABLE t (id INT PRIMARY KEY, v INT); INSERT INTO t VALUES (1, 1), (150000, 1), (300000, 1)');
    await copyWhole(source, target, 't', settingsFor('t'));
    const digits = '(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4)';
    const numbers = Array.from({ length: 8 }, (_, at) => `${digits} AS n${at}`).join(', ');
    const number = Array.from({ length: 8 }, (_, at) => `n${at}.d * ${5 ** at}`).join(' + ');
    await there(`INSERT IGNORE INTO t SELECT ${number}, 7 FROM ${numbers} WHERE ${number} < 299999`);
    assert.equal(await compare('t', { othersAllowed: true }), null);
    await there('UPDATE t SET v = 2 WHERE id = 300000');
    assert.equal(await compare('t', { othersAllowed: true }), 'Differs 300000');
    await there('DELETE FROM t WHERE id = 150000');
    assert.equal(await compare('t', { othersAllowed: true }), 'Missing 150000');
  });

  test('are compared up to the rows that were there when the copy began', async () => {
    await here('CREATE TABLE grows (id INT PRIMARY KEY); INSERT INTO grows VALUES (1), (2)');
    const schema = await source.describe('grows', settingsFor('grows'));
    const upTo = await source.upperBound(schema, null);
    await copyWhole(source, target, 'grows', settingsFor('grows'));
    await here('INSERT INTO grows VALUES (3)');
    const sides = { source: source.sums!(schema, null), target: target.sums!(schema, settingsFor('grows')) };
    const all = { unit: 'grows', keyed: true, othersAllowed: false };
    assert.equal(await compareSums({ ...all, ...sides, upTo }), null);
    assert.equal((await compareSums({ ...all, ...sides, upTo: null }))?.code, 'pipeline.checksumMissing');
  });
});
