import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Source, Target } from '../../src/connectors/contract.ts';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import type { DataError } from '../../src/core/ports.ts';
import type { UnitSettings } from '../../src/core/settings.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { checksum, connectionTo, copyPart, copyWhole, settingsFor } from './mysql-copy.ts';

const END = Number.POSITIVE_INFINITY;

/** Rejects with this code; answers the error for a closer look. */
async function failsWith(code: string, work: Promise<unknown>): Promise<DataError> {
  let caught: unknown;
  await work.catch((error: unknown) => {
    caught = error;
  });
  assert.ok(caught !== undefined, `expected ${code}`);
  const error = caught as DataError;
  assert.equal(error.error?.code, code, String(error));
  return error;
}

describe('a MySQL target', () => {
  let from: MariaDb;
  let to: MariaDb;
  let origin: string;
  let database: string;
  let source: Source;
  let target: Target;

  const make = (sql: string): Promise<unknown> => from.query(`USE \`${origin}\`; ${sql}`);
  const there = (sql: string): ReturnType<MariaDb['query']> => to.query(`USE \`${database}\`; ${sql}`);
  const refusals = async (unit: string, settings: UnitSettings): Promise<(readonly [string, unknown])[]> => {
    const schema = await source.describe(unit, settings);
    const plan = await target.plan(schema, settings);
    return plan.refusals.map(
      (each) => [each.code, each.args.column ?? each.args.triggers ?? each.args.key ?? each.args.table] as const,
    );
  };
  const equal = async (unit: string, name = unit): Promise<void> =>
    assert.equal(await checksum(to, database, name), await checksum(from, origin, unit), unit);

  before(async () => {
    [from, to] = await Promise.all([
      startMariaDb({ name: 'source' }),
      startMariaDb({ name: 'target', args: ['--max-allowed-packet=2M'] }),
    ]);
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

  test('names every column in which an existing table differs', async () => {
    await make(
      'CREATE TABLE d (id INT PRIMARY KEY, a INT, b VARCHAR(10), c VARCHAR(5) CHARACTER SET latin1, n INT, gone INT, k INT NOT NULL)',
    );
    await there(
      'CREATE TABLE d (id BIGINT PRIMARY KEY, a INT UNSIGNED, b VARCHAR(9), c VARCHAR(5), n INT NOT NULL, k INT NULL, extra INT NOT NULL, fine INT DEFAULT 1)',
    );
    assert.deepEqual(await refusals('d', settingsFor('d')), [
      ['mysql.plan.columnDiffers', 'id'],
      ['mysql.plan.columnDiffers', 'a'],
      ['mysql.plan.columnDiffers', 'b'],
      ['mysql.plan.columnDiffers', 'c'],
      ['mysql.plan.columnDiffers', 'n'],
      ['mysql.plan.columnMissing', 'gone'],
      ['mysql.plan.columnNeedsValue', 'extra'],
    ]);
    const schema = await source.describe('d', settingsFor('d'));
    await failsWith('mysql.plan.columnDiffers', target.prepare(schema, settingsFor('d')));
  });

  test('refuses an existing table with triggers, without the key, or of no kind at all', async () => {
    await make(
      'CREATE TABLE t (id INT PRIMARY KEY); CREATE TABLE k (id INT PRIMARY KEY); CREATE TABLE v (id INT PRIMARY KEY)',
    );
    await there(
      'CREATE TABLE t (id INT PRIMARY KEY); CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.id = NEW.id + 1; ' +
        'CREATE TABLE k (id INT NOT NULL); CREATE VIEW v AS SELECT 1 AS id',
    );
    assert.deepEqual(await refusals('t', settingsFor('t')), [['mysql.plan.targetTriggers', 'tr']]);
    assert.deepEqual(await refusals('k', settingsFor('k')), [['mysql.plan.targetKey', 'id']]);
    assert.deepEqual(await refusals('v', settingsFor('v')), [['mysql.plan.targetIsView', 'v']]);
    assert.deepEqual(await refusals('k', settingsFor('k9', { createTarget: 'never' })), [
      ['mysql.plan.targetMissing', 'k9'],
    ]);
  });

  test('refuses to copy a table onto itself, also through a second connection', async () => {
    await make('CREATE TABLE own (id INT PRIMARY KEY); INSERT INTO own VALUES (1)');
    const same = await mysqlConnector.openTarget(connectionTo(from, origin, { name: 'other name' }));
    try {
      const settings = settingsFor('own', { createTarget: 'recreate' });
      const schema = await source.describe('own', settings);
      assert.deepEqual(
        (await same.plan(schema, settings)).refusals.map((each) => each.code),
        ['mysql.plan.targetIsSource'],
      );
      await failsWith('mysql.plan.targetIsSource', same.prepare(schema, settings));
      assert.equal(await source.count(schema, null, null), 1);
    } finally {
      await same.close();
    }
  });

  test('never overwrites another row that holds the value of a second unique key', async () => {
    await make(
      "CREATE TABLE u (id INT PRIMARY KEY, code VARCHAR(9) UNIQUE); INSERT INTO u VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    );
    const settings = settingsFor('u');
    await copyWhole(source, target, 'u', settings);
    // Swapped within a batch: nobody else is concerned.
    await make(
      "UPDATE u SET code = 'x' WHERE id = 1; UPDATE u SET code = 'a' WHERE id = 2; UPDATE u SET code = 'b' WHERE id = 1",
    );
    await copyWhole(source, target, 'u', settings);
    await equal('u');
    // A row that is only in the target owns the value now.
    await there("DELETE FROM u WHERE id = 3; INSERT INTO u VALUES (99, 'c')");
    const before = await checksum(to, database, 'u');
    const error = await failsWith('mysql.duplicateOther', copyWhole(source, target, 'u', settings));
    assert.match(String(error.error.args.detail), /Duplicate entry 'c'/);
    assert.equal(error.error.class, 'permanent');
    assert.equal(await checksum(to, database, 'u'), before);
    const schema = await source.describe('u', settings);
    assert.deepEqual(
      (await target.plan(schema, settings)).warnings.map((each) => each.code),
      ['mysql.plan.otherUnique'],
    );
  });

  test('empties, replaces or adds as the write mode says', async () => {
    await make("CREATE TABLE w (id INT PRIMARY KEY, v VARCHAR(9)); INSERT INTO w VALUES (1, 'a'), (2, 'b')");
    await copyWhole(source, target, 'w', settingsFor('w', { write: 'insert' }));
    await equal('w');
    const again = await failsWith(
      'mysql.duplicate',
      copyWhole(source, target, 'w', settingsFor('w', { write: 'insert' })),
    );
    assert.match(String(again.error.args.detail), /Duplicate entry '1'/);
    await there("INSERT INTO w VALUES (7, 'stays'); UPDATE w SET v = 'old'");
    await copyWhole(source, target, 'w', settingsFor('w', { write: 'replace' }));
    assert.deepEqual((await there('SELECT GROUP_CONCAT(id, v ORDER BY id) AS r FROM w'))[0]?.r, '1a,2b,7old');
    const schema = await source.describe('w', settingsFor('w'));
    assert.equal(await target.prepare(schema, settingsFor('w')), 'rows');
    assert.equal(await target.prepare(schema, settingsFor('w', { write: 'truncate' })), 'emptied');
    assert.equal(await target.prepare(schema, settingsFor('w', { write: 'truncate' })), 'empty');
    await copyWhole(source, target, 'w', settingsFor('w', { write: 'truncate' }));
    await equal('w');
    await there('ALTER TABLE w ADD COLUMN more INT');
    assert.equal(await target.prepare(schema, settingsFor('w', { createTarget: 'recreate' })), 'created');
    assert.equal(await target.count(schema, settingsFor('w'), null), 0);
  });

  test('goes on after a batch whose commit was not heard of, in the modes that only add rows', async () => {
    await make(
      "CREATE TABLE r (a VARCHAR(5) NOT NULL, b INT NOT NULL, v INT, PRIMARY KEY (a, b)); INSERT INTO r SELECT ELT(1 + seq % 3, 'x', 'Y', ''), seq, seq FROM seq_1_to_20",
    );
    const settings = settingsFor('r', { write: 'insert', batchRows: 6 });
    const schema = await source.describe('r', settings);
    const first = await copyPart(source, target, schema, settings, { after: null, pages: 1, prepare: true });
    // Two more batches are committed, but nobody wrote their checkpoints down.
    await copyPart(source, target, schema, settings, { after: first.last, pages: 2, prepare: false });
    const rest = await copyPart(
      source,
      target,
      schema,
      { ...settings, batchRows: 4 },
      { after: first.last, pages: END, prepare: false },
    );
    assert.equal(rest.rows, 14);
    await equal('r');
  });

  test('keeps the checkpoint with the rows, and forgets it at the end', async () => {
    await make('CREATE TABLE c (id INT PRIMARY KEY); INSERT INTO c SELECT seq FROM seq_1_to_10');
    const settings = settingsFor('c', { checkpoint: 'target', batchRows: 4 });
    const schema = await source.describe('c', settings);
    assert.deepEqual(await target.readCheckpoints(schema, settings), []);
    const first = await copyPart(source, target, schema, settings, { after: null, pages: 1, prepare: true });
    assert.deepEqual(await target.readCheckpoints(schema, settings), [first.last]);
    // A batch that fails takes its checkpoint with it.
    await there('INSERT INTO c VALUES (7)');
    const failing = { ...settings, write: 'insert' as const };
    await failsWith(
      'mysql.duplicate',
      copyPart(source, target, schema, failing, { after: null, pages: END, prepare: false }),
    );
    assert.deepEqual(await target.readCheckpoints(schema, settings), [first.last]);
    assert.equal(await target.prepare(schema, settings), 'rows');
    assert.deepEqual(await target.readCheckpoints(schema, settings), []);
    await copyPart(source, target, schema, settings, { after: null, pages: END, prepare: false });
    await target.finish(schema, settings);
    assert.deepEqual(await target.readCheckpoints(schema, settings), []);
    await equal('c');
    const toOther = await mysqlConnector.openSource(connectionTo(to, database));
    const listed = (await toOther.listUnits()).find((unit) => unit.name === 'datatrace_checkpoints');
    assert.equal(listed?.leftOut?.code, 'mysql.plan.checkpointTable');
    await toOther.close();
  });

  test('carries rows up to the packet limit and names the key of one that is larger', async () => {
    await make(
      'CREATE TABLE big (id INT PRIMARY KEY, b LONGBLOB, t LONGTEXT CHARACTER SET latin1, n DECIMAL(20,5), u CHAR(36))',
    );
    await make(
      "INSERT INTO big VALUES (1, 'small', 'ä', 1.5, UUID()), (2, REPEAT(X'00FF', 600000), REPEAT('ä', 500000), 2.5, UUID()), (3, REPEAT('x', 900000), '', NULL, NULL), (4, REPEAT(X'FF', 990000), NULL, 9, UUID())",
    );
    await copyWhole(source, target, 'big', settingsFor('big'));
    await equal('big');
    await make("INSERT INTO big VALUES (77, REPEAT('x', 2200000), NULL, NULL, NULL)");
    const error = await failsWith('mysql.rowTooLarge', copyWhole(source, target, 'big', settingsFor('big')));
    assert.equal(error.error.args.key, '77');
    assert.equal(error.error.args.limit, 2 * 1024 * 1024);
    assert.equal(error.error.class, 'permanent');
  });

  test('copies a table of 1,000 columns', async () => {
    const columns = Array.from({ length: 999 }, (_, at) => `c${at} TINYINT`).join(', ');
    await make(
      `CREATE TABLE wide (id INT PRIMARY KEY, ${columns}); INSERT INTO wide (id, c998) SELECT seq, seq FROM seq_1_to_100`,
    );
    await copyWhole(source, target, 'wide', settingsFor('wide'));
    await equal('wide');
  });

  test('takes a server warning for an error and writes nothing of the batch', async () => {
    await make('CREATE TABLE warned (id INT PRIMARY KEY, v DECIMAL(5,2)); INSERT INTO warned VALUES (1, 1), (2, 1.23)');
    const settings = settingsFor('warned');
    const schema = await source.describe('warned', settings);
    await target.prepare(schema, settings);
    const writer = await target.write(schema, { settings, format: 'mysql-text', atomic: false });
    const cells = ['1', '1.00', '2', '1.239'].map((text) => Buffer.from(text));
    const page = { rows: 2, bytes: 10, last: null, data: { format: 'mysql-text' as const, cells } };
    const error = await failsWith('mysql.warning', writer.write(page, null));
    assert.match(String(error.error.args.detail), /truncated/i);
    await writer.close();
    assert.equal(await target.count(schema, settings, null), 0);
  });

  test('copies some rows and some columns, under another name, without foreign keys that would point elsewhere', async () => {
    await make(
      'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE f (id INT AUTO_INCREMENT PRIMARY KEY, p INT, secret TEXT, CONSTRAINT fk FOREIGN KEY (p) REFERENCES p (id)) AUTO_INCREMENT = 500',
    );
    await make("INSERT INTO p VALUES (1); INSERT INTO f VALUES (1, 1, 'no'), (2, NULL, 'no'), (3, 1, 'no')");
    const settings = settingsFor('f_v2', { where: 'id <> 2 -- not two', columns: ['*', '!sec*'] });
    const schema = await source.describe('f', settings);
    const plan = await target.plan(schema, settings);
    assert.deepEqual(
      plan.warnings.map((each) => each.code),
      ['mysql.plan.foreignKeysLeftOut'],
    );
    const copied = await copyWhole(source, target, 'f', settings);
    assert.equal(copied.rows, 2);
    assert.equal(await source.count(schema, settings.where, null), 2);
    assert.deepEqual(await there('SELECT * FROM f_v2'), [
      { id: '1', p: '1' },
      { id: '3', p: '1' },
    ]);
    assert.match((await there('SHOW CREATE TABLE f_v2'))[0]?.['Create Table'] ?? '', /AUTO_INCREMENT=500/);
    await there('DELETE FROM f_v2; ALTER TABLE f_v2 AUTO_INCREMENT = 1');
    await copyWhole(source, target, 'f', settings);
    assert.match((await there('SHOW CREATE TABLE f_v2'))[0]?.['Create Table'] ?? '', /AUTO_INCREMENT=500/);
  });

  test('counts every row of a table that keeps the key in another order, and refuses to compare it by checksum', async () => {
    await make(
      "CREATE TABLE sorted (id VARCHAR(10) COLLATE utf8mb4_general_ci PRIMARY KEY); INSERT INTO sorted VALUES ('a'), ('B')",
    );
    await there('CREATE TABLE sorted (id VARCHAR(10) COLLATE utf8mb4_bin NOT NULL)');
    const settings = settingsFor('sorted', { write: 'insert' });
    await copyWhole(source, target, 'sorted', settings);
    const schema = await source.describe('sorted', settings);
    const upTo = await source.upperBound(schema, null);
    assert.equal(await target.count(schema, settings, upTo), 2);
    assert.deepEqual(await refusals('sorted', { ...settings, verify: 'checksum' }), [
      ['mysql.plan.keyCollation', 'id'],
    ]);
  });

  test('finds a table that was made after it was planned as one to be made', async () => {
    await make('CREATE TABLE late (id INT PRIMARY KEY, v INT); INSERT INTO late VALUES (1, 2)');
    const schema = await source.describe('late', settingsFor('late'));
    const planned = async (settings: UnitSettings): Promise<void> => {
      await there('DROP TABLE IF EXISTS late');
      assert.notEqual((await target.plan(schema, settings)).create, null);
    };
    const missing = settingsFor('late', { createTarget: 'missing' });
    await planned(missing);
    await there('CREATE TABLE late (id INT PRIMARY KEY, v INT, own INT NULL); INSERT INTO late VALUES (7, 7, 7)');
    assert.equal(await target.prepare(schema, missing), 'rows');
    await planned(missing);
    await there('CREATE TABLE late (id INT PRIMARY KEY)');
    await failsWith('mysql.plan.columnMissing', target.prepare(schema, missing));
    const anew = settingsFor('late', { createTarget: 'recreate' });
    await planned(anew);
    await there('CREATE TABLE late (id INT PRIMARY KEY)');
    assert.equal(await target.prepare(schema, anew), 'created');
    await planned(anew);
    assert.equal(await target.prepare(schema, anew), 'created');
    await copyWhole(source, target, 'late', anew);
    await equal('late');
  });

  test('copies a view that is named into a table that is there', async () => {
    await make(
      'CREATE TABLE base (id INT PRIMARY KEY, v INT); INSERT INTO base VALUES (1, 2), (3, 4); CREATE VIEW seen AS SELECT id, v * 2 AS twice FROM base',
    );
    assert.deepEqual(
      (await source.listUnits()).filter((unit) => unit.view).map((unit) => unit.name),
      ['seen'],
    );
    assert.deepEqual(await refusals('seen', settingsFor('seen')), [['mysql.plan.viewNeedsTable', 'seen']]);
    await there('CREATE TABLE seen (id INT NOT NULL, twice BIGINT NULL)');
    await copyWhole(source, target, 'seen', settingsFor('seen'));
    assert.deepEqual(await there('SELECT * FROM seen ORDER BY id'), [
      { id: '1', twice: '4' },
      { id: '3', twice: '8' },
    ]);
  });

  test('a table that was looked at before is described as it is now, with the counter of now', async () => {
    await make(
      'CREATE TABLE looked (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(9)); INSERT INTO looked (v) VALUES (1)',
    );
    const settings = settingsFor('looked');
    const planned = await source.describe('looked', settings);
    await make('INSERT INTO looked (v) VALUES (2), (3); DELETE FROM looked WHERE id > 1');
    assert.equal((await source.describe('looked', settings)).fingerprint, planned.fingerprint);
    await copyWhole(source, target, 'looked', settings);
    await there("INSERT INTO looked (v) VALUES ('next')");
    assert.deepEqual(await there('SELECT id FROM looked WHERE id > 1'), [{ id: '4' }]);
    await make('ALTER TABLE looked MODIFY v VARCHAR(19), ADD KEY (v)');
    const types = (await source.describe('looked', settings)).columns.map(({ type }) => type);
    assert.deepEqual(types.slice(1), ['varchar(19)']);
    await make('DROP TABLE looked');
    await failsWith('mysql.unitMissing', source.describe('looked', settings));
  });

  test('refuses what cannot be copied exactly', async () => {
    await make('CREATE TABLE merged (id INT NOT NULL, KEY (id)) ENGINE = MRG_MyISAM');
    const codes = async (unit: string): Promise<string[]> =>
      (await source.describe(unit, settingsFor(unit))).refusals.map((each) => each.code);
    if (from.version.includes('MariaDB')) {
      await make('CREATE TABLE versioned (id INT PRIMARY KEY) WITH SYSTEM VERSIONING');
      assert.deepEqual(await codes('versioned'), ['mysql.plan.systemVersioned']);
    }
    assert.deepEqual(await codes('merged'), ['mysql.plan.engine']);
    await make('CREATE TABLE asked (id INT PRIMARY KEY, e ENUM("a") NOT NULL UNIQUE)');
    assert.deepEqual(
      (await source.describe('asked', settingsFor('asked', { key: ['e'] }))).refusals.map((each) => [
        each.code,
        each.args.type,
      ]),
      [['mysql.plan.keyUnusable', 'enum']],
    );
    assert.deepEqual(
      (await source.describe('asked', settingsFor('asked', { key: ['nope'] }))).refusals.map((each) => each.code),
      ['mysql.plan.keyUnknown'],
    );
  });
});
