/** Rows of databases as documents of real search servers and back, and documents in files. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type {
  ElasticsearchConnection,
  MysqlConnection,
  ResolvedConnection,
  SqliteConnection,
  UnitSettings,
} from '../../src/core/settings.ts';
import type { Ran, RunOptions } from '../conformance/run-unit.ts';
import { exactRows } from '../conformance/sqlite-system.ts';
import type { SearchServer } from '../servers/elasticsearch/instance.ts';
import { isSearchKind } from '../servers/elasticsearch/kinds.ts';
import { sharedSearchServer, stopSharedSearchServers } from '../servers/elasticsearch/shared.ts';
import { suiteKind } from '../servers/mysql/instance.ts';
import { sharedServer, stopSharedServers } from '../servers/mysql/shared.ts';
import { copied, copy, makePlace, type Place, plan, refused, rowsIn } from './files-copy.ts';
import { connectionTo as mysqlConnectionTo } from './mysql-copy.ts';
import { connectionTo, storedDocs } from './search-documents.ts';

const KINDS = (process.env.DATATRACE_TEST_SEARCH_KINDS || 'elasticsearch8,opensearch2').split(',');

const NASTY = `CREATE TABLE nasty (
  id BIGINT UNSIGNED NOT NULL, k VARCHAR(40) NOT NULL, ti TINYINT, su SMALLINT UNSIGNED, me MEDIUMINT, i INT, b BIGINT,
  d DECIMAL(65,30), f FLOAT, db DOUBLE, y YEAR, da DATE, t TIME(6), dt DATETIME(6), ts TIMESTAMP(3) NULL,
  c CHAR(5), v VARCHAR(300), la VARCHAR(50) CHARACTER SET latin1, tx LONGTEXT, e ENUM('a','b''c',''), s SET('x','y'),
  bi BINARY(4), vb VARBINARY(300), bl LONGBLOB, bt BIT(9), p POINT, j JSON, PRIMARY KEY (id, k)) CHARACTER SET utf8mb4`;
const ROWS = [
  `(1, '', ${Array(25).fill('NULL').join(', ')})`,
  `(18446744073709551615, 'a|\\\\', -128, 65535, -8388608, -2147483648, -9223372036854775808,
    12345678901234567890123456789012345.123456789012345678901234567890, 1.1, 0.1, 2155, '9999-12-31', '-838:59:59.000000',
    '1970-01-01 00:00:00.000001', '2038-01-19 03:14:07.999', 'ab', '', 'Grüße €', '', 'b''c', 'x,y', X'00FF0000', X'', X'', b'101010101', ST_GeomFromText('POINT(1 -2.5)'), '{"a": [1, "ü", 1.50, 12345678901234567890]}')`,
  `(2, 'A', 127, 0, 8388607, 2147483647, 9223372036854775807, -0.000000000000000000000000000001, 3.4028234e38, 1.7976931348623157e308, 1901,
    '1000-01-01', '838:59:59', '2262-04-11 23:47:15.999999', '1970-01-01 00:00:01', '', 'a,"b"\\r\\n\\0\\\\', 'ÿ', '😀 \\u0000', 'a', '', X'0D0A2C22', X'0D0A2C22', X'FF00', b'0', ST_GeomFromText('POINT(0 0)'), '[]')`,
];

/** A table of SQLite whose rows are all different in kind. */
const ITEMS = `CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, price DECIMAL_TEXT(10,2), at DATETIME_TEXT(6), b BLOB, doc JSON_TEXT, x, r DOUBLE);
  INSERT INTO items WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 13)
    SELECT i * 3, 'row "' || i || char(10), i || '.50', '2024-01-02 03:04:05.' || (100000 + i), x'00ff', '{"i": ' || i || '.10}',
      CASE i % 3 WHEN 0 THEN i WHEN 1 THEN 'text' ELSE i / 8.0 END, i / 3.0 FROM n`;
const COUNT = 13;

let place: Place;
before(() => {
  place = makePlace();
});
after(async () => {
  place.remove();
  await stopSharedSearchServers();
  await stopSharedServers();
});

let names = 0;
function fresh(prefix = 'mixed'): string {
  names += 1;
  return `${prefix}-${process.pid}-${names}`;
}

function sqlite(sql = ''): SqliteConnection {
  const connection = place.sqlite(fresh('db'));
  const db = new DatabaseSync(connection.file);
  if (sql !== '') db.exec(sql);
  db.close();
  return connection;
}

function exact({ file }: SqliteConnection, table: string): string[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return exactRows(db, table);
  } finally {
    db.close();
  }
}

async function database(...statements: string[]): Promise<MysqlConnection> {
  const server = await sharedServer(suiteKind());
  const name = await server.freshDatabase('search');
  for (const statement of statements) await server.query(`USE \`${name}\`; ${statement}`);
  return mysqlConnectionTo(server, name);
}

async function tableOf(connection: MysqlConnection, table: string) {
  const server = await sharedServer(suiteKind());
  const where = `TABLE_SCHEMA='${connection.database}' AND TABLE_NAME='${table}'`;
  const types = await server.query(
    `SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY FROM information_schema.COLUMNS WHERE ${where} ORDER BY ORDINAL_POSITION`,
  );
  const rows = await server.query(`SELECT * FROM \`${connection.database}\`.\`${table}\``);
  return { types, rows: rows.map((row) => JSON.stringify(row)).sort() };
}

for (const kind of KINDS) {
  assert.ok(isSearchKind(kind));
  /** What does not depend on the server is tried with one of them. */
  const isFirst = kind === KINDS[0];
  const once: (name: string, body: () => Promise<void>) => void = isFirst ? test : () => undefined;
  describe(`rows and documents of ${kind}`, () => {
    let server: SearchServer;
    let search: ElasticsearchConnection;
    before(async () => {
      server = await sharedSearchServer(kind);
      search = connectionTo(server);
    });
    const into = async (
      from: ResolvedConnection,
      unit: string,
      settings: Partial<UnitSettings> = {},
    ): Promise<string> => {
      const index = settings.targetName ?? fresh();
      await copied(from, search, unit, { ...settings, targetName: index });
      return index;
    };
    const outOf = async (index: string, to: ResolvedConnection, targetName: string, more: Partial<UnitSettings> = {}) =>
      copied(search, to, index, { ...more, targetName });
    const documents = async (
      index: string,
      docs: readonly (readonly [id: string, source: string, routing?: string])[],
    ) => {
      for (const [id, source, routing] of docs) {
        const query = routing === undefined ? '' : `?routing=${encodeURIComponent(routing)}`;
        const { status, text } = await server.request(
          'PUT',
          `/${index}/_doc/${encodeURIComponent(id)}${query}`,
          source,
        );
        assert.ok(status < 300, text);
      }
      await server.request('POST', `/${index}/_refresh`);
    };

    test('nasty rows of MySQL come home, with their types and their key', async () => {
      const from = await database(NASTY, `INSERT INTO nasty VALUES ${ROWS.join(', ')}`);
      const index = await into(from, 'nasty', { batchRows: 2 });
      assert.deepEqual([...(await storedDocs(server, index)).keys()].sort(), [
        '18446744073709551615|a\\|\\\\',
        '1|',
        '2|A',
      ]);
      const to = await database();
      await outOf(index, to, 'nasty', { batchRows: 2 });
      assert.deepEqual(await tableOf(to, 'nasty'), await tableOf(from, 'nasty'));
    });

    once(
      'what a field would change is refused with its column and its row, unless another type is asked for',
      async () => {
        const from = await database(
          'CREATE TABLE t (id INT PRIMARY KEY, d DATE, m DATETIME(6), p DECIMAL(9,3))',
          "INSERT INTO t VALUES (1, '2024-01-01', '2024-01-01', 1.5), (2, '2024-01-01', '1969-01-01', 1.234)",
        );
        const { code, args } = await refused(from, search, 't', { targetName: fresh() });
        assert.deepEqual(
          [code, args.column, args.key, args.field],
          ['elasticsearch.valueElsewhere', 'm', '2', 'date_nanos'],
        );
        const fields = { m: { type: 'date' }, p: { type: 'keyword', index: false } };
        const index = await into(from, 't', { fields });
        const found = await storedDocs(server, index);
        assert.equal(found.get('2'), '{"id":2,"d":"2024-01-01","m":"1969-01-01T00:00:00.000000","p":"1.234"}');
        const kept = await copy(from, search, 't', {
          settings: { targetName: fresh(), onRowError: 'deadLetter' },
          job: { deadLetters: path.join(place.folder, fresh('letters')) },
        });
        assert.equal(kept.outcome.kind === 'completed' ? kept.outcome.rejected : JSON.stringify(kept.outcome), 1);
      },
    );

    for (const batchRows of [1, 2, COUNT - 1, COUNT, COUNT + 1])
      once(`rows of SQLite go there and back in batches of ${batchRows}`, async () => {
        const from = sqlite(ITEMS);
        const index = await into(from, 'items', { batchRows });
        const to = sqlite();
        assert.equal(await outOf(index, to, 'items', { batchRows }), COUNT);
        assert.deepEqual(exact(to, 'items'), exact(from, 'items'));
      });

    once('a row that somebody changes before the copy is verified is named by its key, on either side', async () => {
      const from = sqlite(ITEMS);
      const index = fresh();
      const settings = { verify: 'checksum', targetName: index } as const;
      const spoilt = await copy(from, search, 'items', {
        settings,
        afterBatch: () => server.request('POST', `/${index}/_update/9?refresh=true`, { doc: { name: 'other' } }),
      });
      const named = ({ outcome }: Ran) =>
        outcome.kind === 'failed' ? [outcome.error.code, outcome.error.args.key] : outcome;
      assert.deepEqual(named(spoilt), ['pipeline.checksumDiffers', '9']);
      await into(from, 'items', { targetName: index, createTarget: 'recreate' });
      const to = sqlite();
      const back = await copy(search, to, index, {
        settings: { verify: 'checksum', targetName: 'items' },
        afterBatch: () => {
          const db = new DatabaseSync(to.file);
          db.exec("UPDATE items SET x='other' WHERE id=12");
          db.close();
        },
      });
      assert.deepEqual(named(back), ['pipeline.checksumDiffers', '12']);
    });

    /** Every third batch is the last one of a host. */
    const killed = async (from: ResolvedConnection, to: ResolvedConnection, unit: string, targetName: string) => {
      const settings = { batchRows: 2, targetName, resume: 'row' } as const;
      let state: Pick<RunOptions, 'checkpoint' | 'prepared'> = {};
      let written = 0;
      let kills = 0;
      for (;;) {
        let batches = 0;
        const ran = await copy(from, to, unit, {
          ...state,
          settings,
          afterBatch: (_rows, _stop, end) => {
            batches += 1;
            if (batches === 3) end.kill();
          },
        });
        written += ran.written;
        state = { checkpoint: ran.checkpoint, prepared: ran.prepared };
        if (ran.outcome.kind === 'completed') return { written, kills };
        kills += 1;
        assert.ok(kills < 20, JSON.stringify(ran.outcome));
      }
    };

    test('a copy in either direction whose host is killed again and again goes on by row', async () => {
      const from = sqlite(ITEMS);
      const index = fresh();
      const there = await killed(from, search, 'items', index);
      const to = sqlite();
      const back = await killed(search, to, index, 'items');
      assert.deepEqual(exact(to, 'items'), exact(from, 'items'));
      for (const { written, kills } of [there, back]) {
        assert.ok(kills >= 2, `${kills}`);
        assert.ok(written <= COUNT + 2 * kills, `${written} of ${COUNT} after ${kills} kills`);
      }
    });

    once('rows that nothing but their position tells have it as their id', async () => {
      const file = place.files(fresh('csv'), { format: 'csv' });
      fs.writeFileSync(path.join(file.folder, 'loose.csv'), 'a,b\n1,x\n2,\n');
      const index = await into(file, 'loose', { fields: { a: { type: 'integer' } } });
      assert.deepEqual([...(await storedDocs(server, index))].sort(), [
        ['1', '{"a":1,"b":"x"}'],
        ['2', '{"a":2,"b":null}'],
      ]);
      const to = sqlite();
      await outOf(index, to, 'loose');
      assert.deepEqual(rowsIn(to, 'loose'), [
        ['1', '1', 'x'],
        ['2', '2', null],
      ]);
    });

    once('a table whose name has capitals comes home under one without', async () => {
      const from = sqlite('CREATE TABLE Orders (id INTEGER PRIMARY KEY, n INT); INSERT INTO Orders VALUES (1, 2)');
      const index = await into(from, 'Orders');
      const to = sqlite();
      await outOf(index, to, 'ORDERS');
      assert.deepEqual(exact(to, 'ORDERS'), exact(from, 'Orders'));
      const again = sqlite();
      await copied(from, again, 'Orders', { targetName: 'orders' });
      assert.deepEqual(exact(again, 'orders'), exact(from, 'Orders'));
    });

    once('a table without a key is refused in the plan', async () => {
      const from = await database('CREATE TABLE heap (a INT)');
      const { units } = await plan(from, search);
      assert.deepEqual(
        units[0]?.refusals.map(({ code }) => code),
        ['elasticsearch.plan.noKey'],
      );
    });

    once('the plan shows the mapping, and an index that is there keeps its own', async () => {
      const from = sqlite(
        'CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, gone TEXT); INSERT INTO t VALUES (1, 2, NULL)',
      );
      const { units } = await plan(from, search);
      assert.match(units[0]?.create ?? '', /"dynamic": "strict"[\s\S]*"n": \{\s*"type": "long"/);
      const index = fresh();
      await server.request('PUT', `/${index}`, {
        mappings: { properties: { id: { type: 'integer' }, n: { type: 'keyword' } } },
      });
      const { code, args } = await refused(from, search, 't', { targetName: index });
      assert.deepEqual([code, args.column], ['elasticsearch.plan.fieldMissing', 'gone']);
      await into(from, 't', { targetName: index, columns: ['*', '!gone'] });
      assert.equal((await storedDocs(server, index)).get('1'), '{"id":1,"n":"2"}');
    });

    const FOREIGN = [
      [
        'a/1',
        '{"n":9007199254740993,"price":1.10,"tags":["a","b"],"user":{"name":"ü","x":[1, 2]},"at":"2024-01-02T03:04:05Z"}',
      ],
      ['b 😀', '{ "price" : 2, "new": {"deep":[{"a":1.0}]},"user.name":"dotted","n":null}', 'r'],
      ['c', '{}'],
    ] as const;
    const foreign = async (): Promise<string> => {
      const index = fresh('foreign');
      const properties = {
        ...{ n: { type: 'long' }, price: { type: 'double' }, tags: { type: 'keyword' } },
        ...{ user: { properties: { name: { type: 'keyword' }, x: { type: 'long' } } }, at: { type: 'date' } },
      };
      await server.request('PUT', `/${index}`, { mappings: { dynamic: false, properties } });
      await documents(index, FOREIGN);
      return index;
    };

    test('documents of others become rows: a column for each field, and one for what the mapping does not know', async () => {
      const index = await foreign();
      const to = sqlite();
      await outOf(index, to, 'docs', { fields: { at: { type: 'instant' } } });
      const db = new DatabaseSync(to.file, { readOnly: true });
      const statement = db.prepare('SELECT * FROM docs ORDER BY _id');
      statement.setReadBigInts(true);
      const rows = statement.all().map((row) => ({ ...row }));
      db.close();
      const none = { _routing: null, at: null, n: null, price: null, tags: null, user: null, _rest: null };
      assert.deepEqual(rows, [
        {
          ...{ ...none, _id: 'a/1', n: 9007199254740993n, price: 1.1, tags: '["a","b"]', at: '2024-01-02 03:04:05' },
          user: '{"name":"ü","x":[1, 2]}',
        },
        {
          ...{ ...none, _id: 'b 😀', _routing: 'r', price: 2 },
          _rest: '{"new": {"deep":[{"a":1.0}]},"user.name":"dotted"}',
        },
        { ...none, _id: 'c' },
      ]);
      const error = await refused(search, sqlite(), index, { fields: { tags: { type: 'integer' } } });
      assert.deepEqual([error.code, error.args.field, error.args.id], ['elasticsearch.fieldElsewhere', 'tags', 'a/1']);
      const fewer = sqlite();
      await outOf(index, fewer, 'docs', { columns: ['price', 'user.name'] });
      assert.equal(exact(fewer, 'docs').length, FOREIGN.length);
      const mysql = await database();
      await outOf(index, mysql, 'docs');
      assert.equal((await tableOf(mysql, 'docs')).rows.length, FOREIGN.length);
    });

    const DOCUMENTS = [
      ...FOREIGN,
      ['lines', '{\n  "price": 1.0e0,\r\n  "a": -0.0\n}'],
      ['"quoted"\\', `{"price":1,"deep":${'['.repeat(15)}1${']'.repeat(15)},"text":"\\ud83d\\ude00 \\u0000 }{"}`],
    ] as const;

    const formats = [
      ['JSON Lines', {}],
      ['packed CSV', { format: 'csv', compress: 'gzip' }],
    ] as const;
    for (const [what, format] of isFirst ? formats : formats.slice(0, 1))
      test(`documents come home over ${what} byte for byte, into the same index`, async () => {
        const index = await foreign();
        await documents(index, DOCUMENTS.slice(FOREIGN.length));
        const over = place.files(fresh('files'), format);
        await outOf(index, over, 'docs', { batchRows: 2 });
        const again = await into(over, 'docs', { batchRows: 2 });
        assert.deepEqual(await storedDocs(server, again), await storedDocs(server, index));
        const mappingOf = async (name: string) =>
          ((await server.request('GET', `/${name}/_mapping`)).json() as Record<string, { mappings: object }>)[name]
            ?.mappings;
        // A server keeps an empty `_meta` where there once was something in it.
        assert.deepEqual({ _meta: {}, ...(await mappingOf(again)) }, { _meta: {}, ...(await mappingOf(index)) });
      });

    once('a copy into a file that is killed again and again holds every document once', async () => {
      const index = await into(sqlite(ITEMS), 'items');
      const over = place.files(fresh('killed'));
      await killed(search, over, index, 'docs');
      const lines = fs.readFileSync(path.join(over.folder, 'docs.jsonl'), 'utf8').trimEnd().split('\n');
      const ids = lines.map((line) => (JSON.parse(line) as { _id: string })._id);
      assert.deepEqual(
        ids.map(Number).sort((a, b) => a - b),
        Array.from({ length: COUNT }, (_, at) => 3 * (at + 1)),
      );
    });

    once('lines of other tools are read, and a document that is none is named', async () => {
      const over = place.files(fresh('dump'), { compress: 'gzip' });
      const lines = [
        '{"_index":"old","_type":"_doc","_id":"1","_score":1,"_source":{"a":1.10,"b":[12345678901234567890]}}',
        '{"_index":"old","_id":"2","_score":1,"_routing":"r","_source":{ "a" : 2 }}',
      ];
      fs.writeFileSync(path.join(over.folder, 'dump.jsonl.gz'), gzipSync(lines.join('\n')));
      const index = fresh('dump');
      await server.request('PUT', `/${index}`, { mappings: { dynamic: false } });
      await into(over, 'dump', { targetName: index });
      assert.deepEqual([...(await storedDocs(server, index))].sort(), [
        ['1', '{"a":1.10,"b":[12345678901234567890]}'],
        ['2', '{ "a" : 2 }'],
      ]);
      const { units } = await plan(over, search);
      assert.deepEqual(
        units[0]?.warnings.map(({ code }) => code),
        ['elasticsearch.plan.mappingGuessed'],
      );
      fs.writeFileSync(path.join(over.folder, 'bad.jsonl.gz'), gzipSync('{"_id":"x","_source":[1]}'));
      const { code, args } = await refused(over, search, 'bad', { targetName: index });
      assert.deepEqual([code, args.id], ['elasticsearch.notADocument', 'x']);
    });
  });
}
