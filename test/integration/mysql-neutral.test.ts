import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import type { MysqlConnection, ResolvedConnection } from '../../src/core/settings.ts';
import { exactRows } from '../conformance/sqlite-system.ts';
import type { MariaDb } from '../servers/mysql/instance.ts';
import { sharedServer, stopSharedServers } from '../servers/mysql/shared.ts';
import { copied, copy, makePlace, type Place, plan, refused } from './files-copy.ts';
import { connectionTo } from './mysql-copy.ts';

const NASTY = `CREATE TABLE nasty (
  id BIGINT UNSIGNED NOT NULL, k VARCHAR(40) NOT NULL, ti TINYINT, su SMALLINT UNSIGNED, me MEDIUMINT, i INT, b BIGINT,
  d DECIMAL(65,30), f FLOAT, db DOUBLE, y YEAR, da DATE, t TIME(6), dt DATETIME(6), ts TIMESTAMP(3) NULL,
  c CHAR(5), v VARCHAR(300), la VARCHAR(50) CHARACTER SET latin1, tx LONGTEXT, e ENUM('a','b''c',''), s SET('x','y'),
  bi BINARY(4), vb VARBINARY(300), bl LONGBLOB, bt BIT(9), p POINT, j JSON, PRIMARY KEY (id, k)) CHARACTER SET utf8mb4`;

const ROWS = [
  `(1, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
  `(9223372036854775807, 'a', -128, 65535, -8388608, -2147483648, -9223372036854775808,
    12345678901234567890123456789012345.123456789012345678901234567890, 1.1, 0.1, 2155, '9999-12-31', '-838:59:59.000000',
    '1000-01-01 00:00:00.000001', '2038-01-19 03:14:07.999', 'ab', '', 'Grüße €', '', 'b''c', 'x,y', X'00FF0000', X'', X'', b'101010101', ST_GeomFromText('POINT(1 -2.5)'), '{"a": [1, "ü", 1.50, 12345678901234567890]}')`,
  `(2, 'A', 127, 0, 8388607, 2147483647, 9223372036854775807, -0.000000000000000000000000000001, 3.4028234e38, 1.7976931348623157e308, 1901,
    '1000-01-01', '838:59:59', '9999-12-31 23:59:59.999999', '1970-01-01 00:00:01', '', 'a,"b"\\r\\n\\0\\\\', 'ÿ', '😀 \\u0000', 'a', '', X'0D0A2C22', X'0D0A2C22', X'FF00', b'0', ST_GeomFromText('POINT(0 0)'), 'null')`,
  `(2, 'b', 0, 1, 0, 0, 9007199254740993, 0, 1e-38, 5e-324, 2000, '2024-02-29', '00:00:00.000001', '2024-02-29 12:00:00',
    '2000-01-01', 'é', ' ', ' ', 'null', '', 'y', X'31323334', X'6E756C6C', X'31', b'111111111', NULL, '"\\u0000"')`,
];

for (const kind of ['mariadb', 'mysql'] as const) {
  describe(`tables of ${kind} and other engines`, {
    skip: process.env.DATATRACE_SKIP_SERVERS?.includes(kind) === true,
  }, () => {
    let place: Place;
    let server: MariaDb;
    let copies = 0;
    before(async () => {
      place = makePlace();
      server = await sharedServer(kind);
    });
    after(async () => {
      place.remove();
      await stopSharedServers();
    });

    async function database(...statements: string[]): Promise<MysqlConnection> {
      const name = await server.freshDatabase('neutral');
      for (const statement of statements) await server.query(`USE \`${name}\`; ${statement}`);
      return connectionTo(server, name);
    }
    async function rows(connection: MysqlConnection, table: string): Promise<string[]> {
      const found = await server.query(`SELECT * FROM \`${connection.database}\`.\`${table}\``);
      return found.map((row) => JSON.stringify(row)).sort();
    }
    async function types(connection: MysqlConnection, table: string) {
      return server.query(
        `SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='${connection.database}' AND TABLE_NAME='${table}' ORDER BY ORDINAL_POSITION`,
      );
    }
    const chain = async (unit: string, ...stops: ResolvedConnection[]) => {
      for (const [at, to] of stops.slice(1).entries())
        await copied(stops[at] as ResolvedConnection, to, unit, { batchRows: 2 });
    };

    for (const [name, over, sameTypes] of [
      ['JSON Lines', () => [place.files(`jsonl-${++copies}`)], true],
      ['packed CSV', () => [place.files(`csv-${++copies}`, { format: 'csv', compress: 'gzip' })], true],
      ['SQLite', () => [place.sqlite(`over-${++copies}`)], false],
      [
        'JSON Lines, SQLite and CSV',
        () => [
          place.files(`a-${++copies}`),
          place.sqlite(`b-${copies}`),
          place.files(`c-${copies}`, { format: 'csv' }),
        ],
        false,
      ],
    ] as const) {
      test(`nasty values come home over ${name}`, async () => {
        const from = await database(NASTY, `INSERT INTO nasty VALUES ${ROWS.join(', ')}`);
        const to = await database();
        await chain('nasty', from, ...over(), to);
        assert.deepEqual(await rows(to, 'nasty'), await rows(from, 'nasty'));
        if (sameTypes) assert.deepEqual(await types(to, 'nasty'), await types(from, 'nasty'));
      });
    }

    function exact({ file }: { readonly file: string }, table: string): string[] {
      const db = new DatabaseSync(file, { readOnly: true });
      try {
        return exactRows(db, table);
      } finally {
        db.close();
      }
    }

    test('a value that SQLite has no room for is refused, and named', async () => {
      const from = await database(
        'CREATE TABLE big (id INT PRIMARY KEY, n BIGINT UNSIGNED)',
        'INSERT INTO big VALUES (1, 9223372036854775807), (2, 18446744073709551615)',
      );
      const { code, args } = await refused(from, place.sqlite(`big-${++copies}`), 'big');
      assert.deepEqual([code, args.column], ['sqlite.valueDoesNotFit', 'n']);
      const over = place.files(`big-${copies}`);
      const to = await database();
      await chain('big', from, over, to);
      assert.match(
        fs.readFileSync(path.join(over.folder, 'big.jsonl'), 'utf8'),
        /"n":\{"\$integer":"18446744073709551615"\}/,
      );
      assert.deepEqual(await rows(to, 'big'), await rows(from, 'big'));
    });

    test('a character set that only the server knows is refused in the plan', async () => {
      const from = await database('CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9) CHARACTER SET sjis)');
      const planned = await plan(from, place.sqlite(`sjis-${++copies}`));
      assert.equal(planned.units[0]?.refusals[0]?.code, 'mysql.plan.charsetElsewhere');
    });

    test('tables of SQLite become tables here, and what does not fit is refused', async () => {
      const sqlite = place.sqlite(`own-${++copies}`);
      const db = new DatabaseSync(sqlite.file);
      db.exec(`CREATE TABLE good (id INTEGER PRIMARY KEY, k TEXT, r REAL, b BLOB, n INT, loose DATETIME);
        INSERT INTO good VALUES (-5, 'a', 0.1, x'00ff', 9223372036854775807, '2024-01-01'), (9, '', 1e300, x'', NULL, NULL);
        CREATE TABLE words (w TEXT NOT NULL PRIMARY KEY, v TEXT); INSERT INTO words VALUES ('a', '1'), ('A', '2'), ('á', '3'), ('a ', '4');
        CREATE TABLE heap (a TEXT, b INTEGER); INSERT INTO heap VALUES ('x', 1), ('x', 1), (NULL, 2);
        CREATE TABLE bad (id INTEGER PRIMARY KEY, n INT); INSERT INTO bad VALUES (1, 'text');
        CREATE TABLE infinite (id INTEGER PRIMARY KEY, r REAL); INSERT INTO infinite VALUES (1, 9e999);
        CREATE TABLE invalid (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO invalid VALUES (1, CAST(x'ff' AS TEXT));
        CREATE TABLE epoch (id INTEGER PRIMARY KEY, at DATETIME); INSERT INTO epoch VALUES (1, 1700000000)`);
      db.close();
      const to = await database();
      for (const unit of ['good', 'words', 'heap']) {
        assert.ok((await copied(sqlite, to, unit)) > 0);
        const back = place.sqlite(`back-${++copies}`);
        await copied(to, back, unit);
        assert.deepEqual(exact(back, unit), exact(sqlite, unit), unit);
      }
      for (const [unit, column] of Object.entries({ bad: 'n', infinite: 'r', invalid: 't', epoch: 'at' })) {
        const { code, args } = await refused(sqlite, to, unit);
        assert.deepEqual([code, args.column], ['mysql.valueElsewhere', column]);
      }
    });

    test('rows that only their position tells are one transaction, which a stop takes back', async () => {
      const files = place.files(`heap-${++copies}`, { format: 'csv' });
      fs.writeFileSync(path.join(files.folder, 'heap.csv'), 'a,b\n1,2\n1,2\n1,2\n');
      const to = await database();
      assert.equal((await plan(files, to)).units[0]?.resume, 'unit');
      const stopped = await copy(files, to, 'heap', {
        settings: { batchRows: 1 },
        afterBatch: (written, stop) => written === 2 && stop(),
      });
      assert.equal(stopped.outcome.kind, 'stopped');
      assert.deepEqual(await rows(to, 'heap'), []);
      const { checkpoint, prepared } = stopped;
      const again = await copy(files, to, 'heap', { checkpoint, prepared });
      assert.equal(again.outcome.kind, 'completed', JSON.stringify(again.outcome));
      assert.equal((await rows(to, 'heap')).length, 3);
    });

    test('a negative zero keeps its sign, or is refused where the server would drop it', async () => {
      const files = place.files(`zero-${++copies}`);
      const text = '{"id":1,"r":-0.0}\n';
      fs.writeFileSync(path.join(files.folder, 'zero.jsonl'), text);
      const columns = [
        { name: 'id', type: 'INT', nullable: false, holds: { kind: 'integer', bits: 32, unsigned: false } },
        { name: 'r', type: 'DOUBLE', nullable: true, holds: { kind: 'real', single: false } },
      ];
      const described = { datatrace: 1, unit: 'zero', rows: 1, bytes: text.length, key: ['id'], columns };
      fs.writeFileSync(path.join(files.folder, 'zero.jsonl.schema.json'), JSON.stringify(described));
      const to = await database();
      if (kind === 'mariadb') {
        assert.equal((await refused(files, to, 'zero')).code, 'mysql.valueElsewhere');
        return;
      }
      const back = place.files(`back-${copies}`);
      await chain('zero', files, to, back);
      assert.equal(fs.readFileSync(path.join(back.folder, 'zero.jsonl'), 'utf8'), text);
    });

    test('a type that a file says is a type, and nothing else', async () => {
      const from = await database('CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9))', "INSERT INTO t VALUES (1, 'x')");
      const files = place.files(`evil-${++copies}`);
      await copied(from, files, 't');
      const schema = path.join(files.folder, 't.jsonl.schema.json');
      const text = fs.readFileSync(schema, 'utf8');
      const evil = 'varchar(9), PRIMARY KEY (id)); DROP TABLE x; -- ';
      const described = JSON.parse(text) as { origin: { native: { columns: { type: string }[] } } };
      for (const column of described.origin.native.columns) column.type = evil;
      fs.writeFileSync(schema, JSON.stringify(described));
      const to = await database();
      await copied(files, to, 't');
      assert.deepEqual(await rows(to, 't'), await rows(from, 't'));
    });
  });
}
