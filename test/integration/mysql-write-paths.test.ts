/** Every way of reading and writing keeps the rules of the target, not only the one that is taken by itself. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Source, Target } from '../../src/connectors/contract.ts';
import { openPoolCount } from '../../src/connectors/mysql/session.ts';
import type { DataError } from '../../src/core/ports.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { checksum, connectionTo, connectors, copyWhole, settingsFor } from './mysql-copy.ts';

async function codeOf(work: Promise<unknown>): Promise<DataError['error']> {
  const error = await work.then(
    () => undefined,
    (reason: DataError) => reason,
  );
  assert.ok(error?.error !== undefined, String(error));
  return error.error;
}

describe('rows on their way into MySQL tables', () => {
  let from: MariaDb;
  let to: MariaDb;
  let origin: string;

  before(async () => {
    [from, to] = await Promise.all([startMariaDb({ name: 'source' }), startMariaDb({ name: 'target' })]);
    origin = await from.freshDatabase('origin');
    await from.query(`USE \`${origin}\`;
      CREATE TABLE items (id INT PRIMARY KEY, v VARCHAR(50) NOT NULL, n DECIMAL(9,3), UNIQUE (v));
      INSERT INTO items SELECT seq, CONCAT('item ', seq), IF(seq % 3, seq / 8, NULL) FROM seq_1_to_5000;
      CREATE TABLE plain (id INT PRIMARY KEY, v VARCHAR(50), n DECIMAL(9,3));
      INSERT INTO plain SELECT * FROM items;
      CREATE TABLE huge (id INT, b LONGBLOB);
      INSERT INTO huge VALUES (1, 'small'), (2, REPEAT(X'00fb', 9000000)), (3, NULL), (4, REPEAT('x', 16777209)), (5, '');
      CREATE TABLE huge_keyed (id INT PRIMARY KEY, b LONGBLOB);
      INSERT INTO huge_keyed SELECT * FROM huge`);
  });
  after(async () => {
    assert.equal(openPoolCount(), 0);
    await from?.stop();
    await to?.stop();
  });

  for (const [way, connector] of connectors()) {
    describe(way, () => {
      let source: Source;
      let target: Target;
      let database: string;
      const there = (sql: string): ReturnType<MariaDb['query']> => to.query(`USE \`${database}\`; ${sql}`);
      const equal = async (table: string): Promise<void> =>
        assert.equal(await checksum(to, database, table), await checksum(from, origin, table), table);

      before(async () => {
        database = await to.freshDatabase('copy');
        source = await connector.openSource(connectionTo(from, origin));
        target = await connector.openTarget(connectionTo(to, database));
      });
      after(async () => {
        await target?.close();
        await source?.close();
      });

      test('says in the plan which way it is', async () => {
        const format = source.formats[0] ?? 'neutral';
        const inBulk = /mariadb/i.test(to.version) ? 'mysql.plan.writesBulk' : 'mysql.plan.writesPrepared';
        const codes: Record<string, string> = {
          'raw rows in bulk': inBulk,
          'raw rows as placeholders': 'mysql.plan.writesPrepared',
          'raw rows as text': 'mysql.plan.writesText',
          'values apart as text': 'mysql.plan.writesValues',
        };
        assert.equal((await target.way?.(format))?.code, codes[way]);
      });

      test('takes a warning for an error that names the value, and writes nothing of the batch', async () => {
        await there('CREATE TABLE twin (id INT PRIMARY KEY, v VARCHAR(50), n DECIMAL(9,3))');
        const settings = settingsFor('twin', { createTarget: 'never', batchRows: 400 });
        const schema = await source.describe('plain', settings);
        // The column loses a digit after it has been looked at.
        const writerOf = async (): Promise<number> => {
          const format = source.formats[0] ?? 'neutral';
          const writer = await target.write(schema, { settings, format, atomic: false });
          const reader = await source.read(schema, {
            ...{ where: null, after: null, upTo: null, pageRows: 400, pageBytes: 1e6, format },
          });
          try {
            const [first, second] = [await reader.next(), await reader.next()];
            assert.ok(first !== null && second !== null);
            assert.equal(await writer.write(first, null), 400);
            await there('ALTER TABLE twin MODIFY n DECIMAL(9,2)');
            return await writer.write(second, null);
          } finally {
            await reader.close();
            await writer.close();
          }
        };
        const error = await codeOf(writerOf());
        assert.equal(error.code, 'mysql.warning');
        assert.match(String(error.args.detail), /truncated/i);
        assert.equal((await there('SELECT COUNT(*) AS c FROM twin'))[0]?.c, '400');
      });

      test('overwrites, replaces and adds as it was asked to', async () => {
        await copyWhole(source, target, 'items', settingsFor('items'));
        await equal('items');
        await there("UPDATE items SET n = 1, v = CONCAT(v, '!') WHERE id % 7 = 0; DELETE FROM items WHERE id % 11 = 0");
        await copyWhole(source, target, 'items', settingsFor('items', { batchRows: 700 }));
        await equal('items');
        await there('UPDATE items SET n = NULL');
        await copyWhole(source, target, 'items', settingsFor('items', { write: 'replace' }));
        await equal('items');
        await there('DELETE FROM items WHERE id > 4000; UPDATE items SET n = 5 WHERE id = 4000');
        const adding = settingsFor('items', { write: 'insert' });
        const error = await codeOf(copyWhole(source, target, 'items', adding));
        assert.equal(error.code, 'mysql.duplicate');
        assert.equal((await there('SELECT COUNT(*) AS c FROM items'))[0]?.c, '4000');
        await copyWhole(source, target, 'items', { ...adding, where: 'id > 4000' });
        await copyWhole(source, target, 'items', settingsFor('items', { where: 'id = 4000' }));
        await equal('items');
      });

      test('is the way that is really taken', async () => {
        const prepares = async (): Promise<number> =>
          Number((await to.query("SHOW GLOBAL STATUS LIKE 'Com_stmt_prepare'"))[0]?.Value);
        const before = await prepares();
        const settings = settingsFor('plain', { createTarget: 'recreate', batchRows: 900 });
        await copyWhole(source, target, 'plain', settings);
        const prepared = (await prepares()) - before;
        // In bulk one statement of one row, where the server can; placeholders in several sizes.
        const inBulk = way.endsWith('in bulk');
        if (inBulk && to.version.includes('MariaDB')) assert.equal(prepared, 1);
        else if (inBulk || way.endsWith('as placeholders')) assert.ok(prepared > 1 && prepared < 12, String(prepared));
        else assert.equal(prepared, 0);
      });

      test('carries pages that need more than one statement', async () => {
        await copyWhole(
          source,
          target,
          'plain',
          settingsFor('plain', { batchRows: 5_000, batchBytes: 64 * 1024 * 1024 }),
        );
        await equal('plain');
      });

      test('carries rows whose packets come in parts, also within one transaction', async () => {
        for (const [table, batchRows] of [
          ['huge', 1],
          ['huge', 100],
          ['huge_keyed', 2],
        ] as const) {
          const more = { batchRows, batchBytes: 64 * 1024 * 1024, createTarget: 'recreate' } as const;
          const copied = await copyWhole(source, target, table, settingsFor(table, more));
          assert.equal(copied.rows, 5);
          await equal(table);
        }
      });

      test('does without prepared statements where there are none to be had', async () => {
        const [former] = await to.query('SELECT @@max_prepared_stmt_count AS n');
        await to.query('SET GLOBAL max_prepared_stmt_count = 0');
        try {
          const settings = settingsFor('plain', { createTarget: 'recreate', batchRows: 900 });
          await copyWhole(source, target, 'plain', settings);
          await equal('plain');
        } finally {
          await to.query(`SET GLOBAL max_prepared_stmt_count = ${former?.n}`);
        }
      });

      test('leaves no prepared statement behind', async () => {
        assert.equal((await to.query("SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'"))[0]?.Value, '0');
      });
    });
  }
});
