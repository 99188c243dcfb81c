/** Secondary indexes and foreign keys that are added after the data, whatever happens on the way. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import type { UnitReport } from '../../src/core/ports.ts';
import type { UnitSettings } from '../../src/core/settings.ts';
import { type Ran, type RunOptions, runUnit, SETTINGS } from '../conformance/run-unit.ts';
import type { System } from '../conformance/suite.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { systemBetween } from './mysql-system.ts';

const EVERYTHING =
  'CREATE TABLE t (id BIGINT NOT NULL, code VARCHAR(20) NOT NULL, word VARCHAR(50), body TEXT, place POINT NOT NULL SRID_0, ' +
  'twice BIGINT AS (id * 2) VIRTUAL, n INT NOT NULL AUTO_INCREMENT, PRIMARY KEY (id), UNIQUE KEY code (code), ' +
  "KEY n (n), KEY word (word(5), id), KEY `two ``words` (word DESC) COMMENT 'it''s, (odd)', KEY twice (twice), " +
  "FULLTEXT KEY body (body), FULLTEXT KEY both_texts (body, word), SPATIAL KEY place (place)) ENGINE=InnoDB COMMENT='of the source''s'";

describe('indexes that are made after the data', () => {
  let server: MariaDb;
  let system: System;
  const isMySql = () => !server.version.includes('MariaDB');

  before(async () => {
    server = await startMariaDb({ name: 'indexes' });
    system = await systemBetween(server, server);
  });
  afterEach(() => system.clear());
  after(async () => {
    await system?.close();
    await server?.stop();
  });

  const from = (sql: string) => server.query(`USE \`${database('from')}\`; ${sql}`);
  const to = (sql: string) => server.query(`USE \`${database('to')}\`; ${sql}`);
  const database = (side: 'from' | 'to') => (system[side] as { readonly database: string }).database;
  const definition = async (ask: typeof from, table = 't') =>
    ((await ask(`SHOW CREATE TABLE \`${table}\``))[0]?.['Create Table'] ?? '').replace(/ AUTO_INCREMENT=\d+/, '');
  const run = (unit: string, options: RunOptions = {}, settings: Partial<UnitSettings> = {}): Promise<Ran> =>
    runUnit(system, unit, {
      ...options,
      settings: { indexesAfter: true, batchRows: 3, ...options.settings, ...settings },
    });
  const completed = (ran: Ran) => assert.equal(ran.outcome.kind, 'completed', JSON.stringify(ran.outcome));

  async function makeEverything(): Promise<void> {
    await from(EVERYTHING.replace('SRID_0', isMySql() ? 'SRID 0' : ''));
    await from(
      "INSERT INTO t (id, code, word, body, place) SELECT seq, CONCAT('c', seq), ELT(seq % 3 + 1, 'a', NULL, 'word'), 'some text', POINT(seq, 1) FROM seq_1_to_10",
    );
  }
  async function assertSame(): Promise<void> {
    assert.equal(await definition(to), await definition(from));
    assert.deepEqual(await system.rows('target', 't'), await system.rows('source', 't'));
  }

  test('are left out at first, but for what is unique or counts, and then as in the source', async () => {
    await makeEverything();
    let during = '';
    const schema = await system.source.describe('t', { ...SETTINGS, targetName: 't' });
    const plan = await system.target.plan(schema, { ...SETTINGS, targetName: 't', indexesAfter: true });
    assert.match(plan.create ?? '', /;\nALTER TABLE `t` ADD KEY `word`/);
    const [told] = plan.warnings.filter((each) => each.code === 'mysql.plan.indexesAfter');
    assert.deepEqual(String(told?.args.keys).split(', ').sort(), [
      'body',
      'both_texts',
      'place',
      'twice',
      'two `words',
      'word',
    ]);
    const ran = await run('t', {
      afterBatch: async () => {
        during ||= await definition(to);
      },
    });
    completed(ran);
    assert.match(during, /PRIMARY KEY[\s\S]*UNIQUE KEY `code`[\s\S]*KEY `n`/);
    assert.doesNotMatch(during, /KEY `(?:word|twice|body|place)`/);
    assert.match(during, /COMMENT='datatrace: secondary indexes/);
    await assertSame();
    completed(await run('t', { checkpoint: ran.checkpoint, prepared: ran.prepared }));
    await assertSame();
  });

  test('are there in the end wherever the host was killed, also when the setting was taken back', async () => {
    await makeEverything();
    const whole: UnitReport['type'][] = (await run('t')).reports.map((report) => report.type);
    for (const [place] of whole.entries()) {
      await to('DROP TABLE IF EXISTS t');
      let seen = 0;
      const first = await run('t', { at: (_report, _stop, end) => seen++ === place && end.kill() });
      const kept = { checkpoint: first.checkpoint, prepared: first.prepared };
      completed(await run('t', kept, place % 2 === 0 ? {} : { indexesAfter: false }));
      await assertSame();
    }
  });

  test('are there in the end when the table was created, and nothing else is known of that', async () => {
    await makeEverything();
    for (const write of ['upsert', 'truncate', 'insert'] as const) {
      await to('DROP TABLE IF EXISTS t');
      await run('t', { at: (report, _stop, end) => report.type === 'prepared' && end.kill() });
      completed(await run('t', {}, { write }));
      await assertSame();
    }
  });

  test('of a table that was there before are neither taken nor added', async () => {
    await from('CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY a (a)); INSERT INTO t VALUES (1, 1, 1)');
    await to('CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY b (b))');
    const before = await definition(to);
    completed(await run('t'));
    assert.equal(await definition(to), before);
    assert.equal((await to('SELECT COUNT(*) AS n FROM t'))[0]?.n, '1');
  });

  test('whose name somebody gave to another index meanwhile are not taken for made', async () => {
    await from(
      'CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY a (a, b)); INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)',
    );
    let made = false;
    const first = await run('t', {
      afterBatch: async () => {
        if (!made) await to('CREATE INDEX A ON t (b)');
        made = true;
      },
    });
    assert.ok(first.outcome.kind === 'failed', JSON.stringify(first.outcome));
    assert.equal(first.outcome.error.code, 'mysql.indexOtherwise');
    assert.equal(first.outcome.error.args.index, 'a');
    assert.match(String(first.outcome.error.args.present), /^KEY `A` \(`b`\)/);
    await to('DROP INDEX A ON t');
    completed(await run('t', { checkpoint: first.checkpoint, prepared: first.prepared }));
    await assertSame();
  });

  test('of a table that somebody gives a trigger meanwhile: the unit fails, and is copied from its beginning', async () => {
    const fill = 'INSERT INTO t VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 7)';
    await from(`CREATE TABLE t (id INT PRIMARY KEY, a INT); ${fill}`);
    const trigger = 'CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 0';
    for (const stops of [false, true]) {
      await to('DROP TABLE IF EXISTS t; CREATE TABLE t (id INT PRIMARY KEY, a INT)');
      let made = false;
      let ran = await run('t', {
        settings: { resume: 'row' },
        afterBatch: async (written, stop) => {
          if (!made) await to(trigger);
          made = true;
          if (stops && written > 3) stop();
        },
      });
      if (stops) {
        assert.equal(ran.outcome.kind, 'stopped');
        ran = await run('t', { checkpoint: ran.checkpoint, prepared: ran.prepared, settings: { resume: 'row' } });
      }
      assert.ok(ran.outcome.kind === 'failed', JSON.stringify(ran.outcome));
      assert.equal(ran.outcome.error.code, 'mysql.plan.triggersMeanwhile');
      assert.equal(ran.outcome.error.args.triggers, 'tr');
      await to('DROP TRIGGER tr');
      completed(await run('t', { checkpoint: ran.checkpoint, prepared: ran.prepared, settings: { resume: 'row' } }));
      assert.deepEqual(await system.rows('target', 't'), await system.rows('source', 't'));
    }
  });

  test('that cannot be added say so; the rows stay, and a retry adds them', async () => {
    await from('CREATE TABLE t (id INT PRIMARY KEY, a INT, KEY a (a)); INSERT INTO t VALUES (1, 1), (2, 2)');
    const user = `'poor_${process.pid}'@'%'`;
    const name = database('to');
    await server.query(
      `CREATE USER ${user} IDENTIFIED BY 'p00r-one'; GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP ON \`${name}\`.* TO ${user}`,
    );
    const account = { ...system.to, user: `poor_${process.pid}`, password: 'p00r-one', tls: 'preferred' as const };
    assert.ok(account.type === 'mysql');
    const settings = { indexesAfter: true };
    const execute = async (options: RunOptions): Promise<Ran> => {
      const target = await mysqlConnector.openTarget(account);
      const ran = await runUnit({ ...system, target, to: account }, 't', { ...options, settings });
      await target.close();
      return ran;
    };
    const first = await execute({});
    assert.ok(first.outcome.kind === 'failed', JSON.stringify(first.outcome));
    assert.deepEqual([first.outcome.error.code, first.outcome.error.class], ['mysql.indexesFailed', 'permanent']);
    assert.match(String(first.outcome.error.args.detail), /ALTER command denied/);
    await server.query(`GRANT ALL ON \`${name}\`.* TO ${user}`);
    const second = await execute({ checkpoint: first.checkpoint, prepared: first.prepared });
    completed(second);
    assert.equal(second.written, 0);
    await server.query(`DROP USER ${user}`);
    await assertSame();
  });

  test('wait as long as the server needs, and for a statement that a lost connection has left behind', async () => {
    await from('CREATE TABLE t (id INT PRIMARY KEY, a INT, KEY a (a)); INSERT INTO t VALUES (1, 1), (2, 2)');
    const impatient = { ...system.to, queryTimeoutMs: 400 };
    assert.ok(impatient.type === 'mysql');
    const target = await mysqlConnector.openTarget(impatient);
    const sides = { ...system, target, to: impatient };
    const settings = { indexesAfter: true };
    const altering = async () => {
      const rows = await server.query('SHOW FULL PROCESSLIST');
      return rows.some((row) => String(row.Info).startsWith('ALTER TABLE `t` ADD'));
    };
    const until = async (isSo: () => Promise<boolean>) => {
      for (const deadline = Date.now() + 10_000; !(await isSo()); ) assert.ok(Date.now() < deadline);
    };
    // Somebody reads the table in a transaction that stays open: the server waits for its end.
    let release: (() => Promise<void>) | undefined;
    const hold = async () => {
      release ??= await holdTable(server, database('to'), 't');
    };
    let abort: (() => void) | undefined;
    const first = runUnit(sides, 't', {
      settings,
      afterBatch: hold,
      at: (_report, _stop, end) => {
        abort = end.abort;
      },
    });
    await until(altering);
    const waited = Date.now();
    await until(async () => Date.now() - waited > 600);
    abort?.();
    const { outcome, checkpoint, prepared } = await first;
    assert.equal(outcome.kind, 'failed');
    assert.ok(await altering(), 'the server works on');
    const second = runUnit(sides, 't', { settings, checkpoint, prepared });
    await until(async () => (await to("SHOW TABLE STATUS LIKE 't'")).length === 1);
    await release?.();
    completed(await second);
    await target.close();
    await assertSame();
  });

  test('bring the foreign keys with them, whatever the order of the tables', async () => {
    await from(
      'CREATE TABLE a (id INT PRIMARY KEY, b INT, up INT, code INT, KEY code (code), CONSTRAINT a_up FOREIGN KEY (up) REFERENCES a (id)); ' +
        'CREATE TABLE b (id INT PRIMARY KEY, a INT NOT NULL, CONSTRAINT b_a FOREIGN KEY (a) REFERENCES a (id) ON DELETE CASCADE); ' +
        'ALTER TABLE a ADD CONSTRAINT a_b FOREIGN KEY (b) REFERENCES b (id); ' +
        'SET foreign_key_checks = 0; INSERT INTO a VALUES (1, 1, NULL, 5), (2, 2, 1, 5); INSERT INTO b VALUES (1, 1), (2, 1); SET foreign_key_checks = 1',
    );
    for (const indexesAfter of [false, true]) {
      for (const order of [
        ['b', 'a'],
        ['a', 'b'],
      ]) {
        await to('SET foreign_key_checks = 0; DROP TABLE IF EXISTS a, b; SET foreign_key_checks = 1');
        for (const unit of order) completed(await run(unit, {}, { indexesAfter }));
        for (const unit of order) assert.equal(await definition(to, unit), await definition(from, unit));
        await assert.rejects(to('INSERT INTO b VALUES (9, 99)'), /foreign key constraint fails/i);
        await assert.rejects(to('INSERT INTO a VALUES (9, 99, NULL, NULL)'), /foreign key constraint fails/i);
      }
    }
  });

  test('point at the copies when all tables get another name', async () => {
    await from(
      'CREATE TABLE p (id INT PRIMARY KEY, up INT, CONSTRAINT same FOREIGN KEY (up) REFERENCES p (id)); INSERT INTO p VALUES (1, NULL), (2, 1); ' +
        'CREATE TABLE `c``h` (id INT PRIMARY KEY, p INT, CONSTRAINT to_p FOREIGN KEY (p) REFERENCES p (id)); INSERT INTO `c``h` VALUES (1, 2)',
    );
    // The originals lie beside them, and so do the names of their constraints.
    await to(
      `CREATE TABLE p (id INT PRIMARY KEY, up INT, CONSTRAINT same FOREIGN KEY (up) REFERENCES p (id)); CREATE TABLE q (id INT PRIMARY KEY, p INT, CONSTRAINT to_p FOREIGN KEY (p) REFERENCES p (id))`,
    );
    for (const indexesAfter of [false, true]) {
      const names = { units: ['*'], prefix: 'x_', suffix: '.new', as: { p: 'parents' } };
      await to('DROP TABLE IF EXISTS `x_c``h.new`, parents');
      completed(await run('c`h', {}, { targetName: 'x_c`h.new', names, indexesAfter }));
      completed(await run('p', {}, { targetName: 'parents', names, indexesAfter }));
      assert.match(await definition(to, 'x_c``h.new'), /FOREIGN KEY \(`p`\) REFERENCES `parents` \(`id`\)/);
      assert.match(await definition(to, 'parents'), /FOREIGN KEY \(`up`\) REFERENCES `parents` \(`id`\)/);
      await assert.rejects(to('INSERT INTO `x_c``h.new` VALUES (7, 7)'), /foreign key constraint fails/i);
    }
  });
});

/** Reads the table in a transaction of its own; answers how to end it. */
async function holdTable(server: MariaDb, database: string, table: string): Promise<() => Promise<void>> {
  const { createConnection } = await import('mysql2/promise');
  const { host, port, user, password } = server;
  const other = await createConnection({ host, port, user, password, database });
  await other.query('START TRANSACTION');
  await other.query(`SELECT * FROM \`${table}\``);
  return () => other.end();
}
