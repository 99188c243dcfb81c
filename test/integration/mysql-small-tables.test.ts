/** Many small tables: what is asked about them together, or not at all, says the same as what is asked about each. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Source } from '../../src/connectors/contract.ts';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import {
  type MysqlTable,
  readServer,
  readTable,
  requireTable,
  type ServerInfo,
} from '../../src/connectors/mysql/schema.ts';
import { openSessions, type Session, type Sessions } from '../../src/connectors/mysql/session.ts';
import { makeTable, presentNames, requireTables } from '../../src/connectors/mysql/tables.ts';
import { runUnit, SETTINGS } from '../conformance/run-unit.ts';
import type { System } from '../conformance/suite.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { connectionTo } from './mysql-copy.ts';
import { systemBetween } from './mysql-system.ts';

const TABLES: Readonly<Record<string, string>> = {
  plain: '(id INT PRIMARY KEY, v VARCHAR(20))',
  Plain: '(other DECIMAL(9,3) NOT NULL, KEY (other))',
  latin: '(id INT PRIMARY KEY, v VARCHAR(20) CHARACTER SET latin1) DEFAULT CHARSET = utf8mb4',
  bytes: "(id VARBINARY(9) PRIMARY KEY, e ENUM('', 'a') NOT NULL, s SET('x', 'y')) COMMENT = 'CHARACTER SET none'",
  keys: '(a INT, b TEXT, c INT UNIQUE, PRIMARY KEY (a), KEY part (b(7)), KEY two (c, a), FULLTEXT (b)) AUTO_INCREMENT = 77',
  computed: '(id INT PRIMARY KEY, n INT, twice INT AS (n * 2) STORED, hidden INT INVISIBLE DEFAULT 5, CHECK (n > 0))',
  pieces: '(id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 3',
  child: '(id INT PRIMARY KEY, p INT, CONSTRAINT `f` FOREIGN KEY (p) REFERENCES plain (id))',
  aria: '(id INT PRIMARY KEY) ENGINE = Aria',
};
const NAMES = Object.keys(TABLES);

describe('many small tables', () => {
  let server: MariaDb;
  let system: System;
  let sides: { readonly from: Sessions; readonly to: Sessions };
  let info: ServerInfo;

  const on = <T>(side: Sessions, work: (session: Session) => Promise<T>): Promise<T> => side.use(work);

  before(async () => {
    server = await startMariaDb({ name: 'small' });
    system = await systemBetween(server, server);
    assert.ok(system.from.type === 'mysql' && system.to.type === 'mysql');
    sides = { from: openSessions(system.from), to: openSessions(system.to) };
    for (const name of NAMES) await system.sql('source', `CREATE TABLE \`${name}\` ${TABLES[name]}`);
    await system.sql('source', 'CREATE TRIGGER t BEFORE INSERT ON plain FOR EACH ROW SET NEW.v = 1');
    await system.sql('source', 'CREATE VIEW seen AS SELECT * FROM plain');
    info = await on(sides.from, readServer);
  });
  after(async () => {
    await sides?.from.close();
    await sides?.to.close();
    await system?.close();
    await server?.stop();
  });

  test('are described together as each for itself, and one that is missing is missing alone', async () => {
    const asked = ['seen', ...NAMES, 'nowhere'];
    await on(sides.from, async (session) => {
      const together = await requireTables(session, info, asked);
      for (const [at, name] of asked.entries()) {
        if (name === 'nowhere') await assert.rejects((together[at] as () => Promise<MysqlTable>)(), /no table nowhere/);
        else assert.deepEqual(await together[at]?.(), await requireTable(session, info, name), name);
      }
    });
  });

  test('are looked for by one question', async () => {
    await on(sides.from, async (session) => {
      const present = await presentNames(session, ['plain', 'nowhere', 'seen', 'keys']);
      assert.deepEqual(['plain', 'nowhere', 'seen', 'keys'].map(present), [true, false, true, true]);
    });
  });

  for (const name of NAMES) {
    test(`a table that was made like its source is what the server says of it: ${name}`, async () => {
      const model = await on(sides.from, (session) => requireTable(session, info, name));
      await on(sides.to, async (session) => {
        const target = { ...info, database: '' };
        for (const as of [name, `${name} 2`]) {
          const sql = model.ddl
            .replace(/^CREATE TABLE `\w+`/, `CREATE TABLE \`${as}\``)
            .replace(/CONSTRAINT `f`/, 'CONSTRAINT');
          const made = await makeTable(session, target, as, sql, model);
          const read = (await readTable(session, target, as)) as MysqlTable;
          const estimates = { meanRowBytes: 0, dataBytes: 0 };
          assert.deepEqual({ ...made, ...estimates }, { ...read, ...estimates });
        }
      });
    });
  }

  test('a table that the server made otherwise than its source is read', async () => {
    const model = await on(sides.from, (session) => requireTable(session, info, 'plain'));
    const made = await on(sides.to, (session) =>
      makeTable(session, info, 'other', 'CREATE TABLE other (id BIGINT PRIMARY KEY)', model),
    );
    assert.deepEqual(
      made.columns.map(({ name, dataType }) => [name, dataType]),
      [['id', 'bigint']],
    );
  });

  describe('that were planned', () => {
    let source: Source;
    const begin = (unit: string, where: string | null = null) =>
      (source.begin as NonNullable<Source['begin']>)(unit, { ...SETTINGS, targetName: unit, where }, 'mysql-rows');
    const copy = async (unit: string, settings = {}) => {
      const { outcome } = await runUnit({ ...system, source }, unit, { settings });
      assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
      assert.deepEqual(await system.rows('target', unit), await system.rows('source', unit));
      return outcome;
    };
    const planned = async (unit: string, create: string): Promise<void> => {
      await system.sql('source', `CREATE TABLE ${unit} ${create}`);
      await source.describe(unit, { ...SETTINGS, targetName: unit });
    };

    before(async () => {
      assert.ok(system.from.type === 'mysql');
      source = await mysqlConnector.openSource(connectionTo(server, system.from.database));
    });
    after(() => source?.close());

    test('tell their rows and bound at once', async () => {
      await planned('few', '(a INT, b VARCHAR(9), PRIMARY KEY (b, a))');
      assert.deepEqual((await begin('few')).extent, { upTo: null, rows: 0 });
      await system.sql('source', "INSERT INTO few VALUES (1, 'ä'), (2, ''), (3, 'z'), (4, 'a')");
      const { schema, extent } = await begin('few');
      assert.deepEqual(extent, await source.extent?.(schema, null));
      assert.deepEqual((await begin('few', 'a < 3')).extent, await source.extent?.(schema, 'a < 3'));
      await copy('few');
      for (const batchRows of [1, 3, 4, 5]) await copy('few', { batchRows, createTarget: 'recreate' });
    });

    test('are copied whole where they are larger by far than their server thinks', async () => {
      await planned('grown', '(id INT PRIMARY KEY, v LONGTEXT) STATS_AUTO_RECALC = 0');
      await system.sql('source', "INSERT INTO grown SELECT seq, REPEAT('x', 40) FROM seq_1_to_1001");
      assert.equal((await begin('grown')).extent, null);
      await copy('grown');
      await system.sql('source', "DELETE FROM grown WHERE id > 9; UPDATE grown SET v = REPEAT('y', 300000)");
      assert.equal((await begin('grown')).extent, null);
      await copy('grown', { createTarget: 'recreate' });
    });

    test('are described anew where they changed since', async () => {
      await planned('altered', '(id INT PRIMARY KEY)');
      await system.sql('source', 'INSERT INTO altered VALUES (1); ALTER TABLE altered ADD COLUMN v INT DEFAULT 7');
      const { schema } = await begin('altered');
      assert.deepEqual(
        schema.columns.map(({ name }) => name),
        ['id', 'v'],
      );
      await copy('altered');
      await assert.rejects(begin('nowhere'), /no table nowhere/);
    });

    test('are looked at again at their end, and read again by a second reader', async () => {
      await planned('late', '(id INT PRIMARY KEY, v INT)');
      await system.sql('source', 'INSERT INTO late VALUES (1, 1)');
      const { schema, extent } = await begin('late');
      const options = { where: null, after: null, upTo: extent?.upTo ?? null, pageRows: 9, pageBytes: 999 } as const;
      const reader = await source.read(schema, { ...options, format: 'mysql-rows', confirmed: false });
      assert.equal((await reader.next())?.rows, 1);
      await system.sql('source', 'ALTER TABLE late ADD COLUMN more INT');
      await assert.rejects(reader.next(), /changed/);
      await reader.close();
      // The rows went with the first reader.
      const again = await source.read(schema, { ...options, format: 'mysql-rows', confirmed: true });
      assert.equal((await again.next())?.rows, 1);
      await again.close();
    });
  });

  test('a table of one batch keeps its checkpoint when its verification is not reached', async () => {
    await system.sql('source', 'CREATE TABLE single (id INT PRIMARY KEY); INSERT INTO single VALUES (1), (2)');
    const ran = await runUnit(system, 'single', { afterBatch: (_, __, end) => end.abort() });
    assert.equal(ran.outcome.kind, 'failed');
    assert.equal(JSON.parse(ran.checkpoint ?? 'null')?.rows, 2);
  });
});
