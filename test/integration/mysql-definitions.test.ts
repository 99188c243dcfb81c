/** What becomes of a table's definition: columns left out, sequences, names, and tables that were there before. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Source, Target } from '../../src/connectors/contract.ts';
import { isCheckpointTable } from '../../src/connectors/mysql/checkpoint-table.ts';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import type { Coded } from '../../src/core/model.ts';
import type { PlanResult } from '../../src/core/ports.ts';
import type { UnitSettings } from '../../src/core/settings.ts';
import { planTask } from '../../src/pipeline/plan.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { checksum, connectionTo, copyWhole, settingsFor } from './mysql-copy.ts';

describe('the definition of a copied MySQL table', () => {
  let server: MariaDb;
  let origin: string;
  let copy: string;
  let source: Source;
  let target: Target;

  const from = (sql: string) => server.query(`USE \`${origin}\`; ${sql}`);
  const to = (sql: string) => server.query(`USE \`${copy}\`; ${sql}`);
  const definition = async (table: string): Promise<string> =>
    (await to(`SHOW CREATE TABLE \`${table.replaceAll('`', '``')}\``))[0]?.['Create Table'] ?? '';
  const planOf = async (unit: string, more: Partial<UnitSettings> = {}) => {
    const settings = settingsFor(more.targetName ?? unit, more);
    const schema = await source.describe(unit, settings);
    return target.plan(schema, settings);
  };
  const codes = (told: readonly Coded[]) => told.map((each) => each.code.replace('mysql.plan.', ''));

  before(async () => {
    // A database of each side on one server, where names of constraints meet.
    server = await startMariaDb({ name: 'both' });
    origin = await server.freshDatabase('origin');
    copy = await server.freshDatabase('copy');
    source = await mysqlConnector.openSource(connectionTo(server, origin));
    target = await mysqlConnector.openTarget(connectionTo(server, copy));
  });
  after(async () => {
    await target?.close();
    await source?.close();
    await server?.stop();
  });

  test('is made without the columns that are not copied, and names what goes with them', async () => {
    await from(
      'CREATE TABLE l (id INT PRIMARY KEY, a INT, b INT NOT NULL, c INT, d INT AS (b + 1) VIRTUAL, e INT AS (d + 1) VIRTUAL, f INT AS (a + 1) STORED, ' +
        'UNIQUE KEY two (a, b), KEY only_b (b), KEY a (a), KEY of_d (d), CONSTRAINT positive CHECK (b > 0), CONSTRAINT a_is CHECK (a <> 99)); ' +
        'INSERT INTO l (id, a, b, c) VALUES (1, 1, 1, 1), (2, 1, 2, 2)',
    );
    const columns = ['*', '!b'];
    const plan = await planOf('l', { columns });
    assert.deepEqual(codes(plan.refusals), []);
    const told = plan.warnings.find((each) => each.code === 'mysql.plan.keysLeftOut');
    assert.match(
      String(told?.args.keys),
      /^d; e; UNIQUE KEY `two` .*; KEY `only_b` .*; KEY `of_d` .*; CONSTRAINT `positive` /,
    );
    await copyWhole(source, target, 'l', settingsFor('l', { columns }));
    const made = await definition('l');
    assert.match(made, /KEY `a` \(`a`\)[\s\S]*CONSTRAINT `a_is`/);
    assert.doesNotMatch(made, /`(?:b|d|e|two|only_b|of_d|positive)`/);
    assert.deepEqual(await to('SELECT id, a, c, f FROM l ORDER BY id'), [
      { id: '1', a: '1', c: '1', f: '2' },
      { id: '2', a: '1', c: '2', f: '2' },
    ]);
  });

  test('is not read with a condition that would leave its own parentheses', async () => {
    await from('CREATE TABLE cond (id INT PRIMARY KEY); INSERT INTO cond VALUES (1), (2), (3)');
    const where = 'id = 1) OR (id = 3';
    const schema = await source.describe('cond', settingsFor('cond', { where }));
    assert.deepEqual(schema.refusals, [{ code: 'where.closedParenthesis', args: { unit: 'cond', position: 7 } }]);
    const refused = (error: { error?: { code: string } }) => error.error?.code === 'where.closedParenthesis';
    await assert.rejects(source.count(schema, where, null), refused);
    await assert.rejects(source.sums!(schema, where).digest({ after: null, upTo: null }), refused);
    assert.equal(await source.count(schema, "id = 1 OR (id = 3) -- ) isn't", null), 2);
  });

  test('says when the key, a partition or a default needs a column that is left out', async () => {
    await from(
      'CREATE TABLE k (id INT, part INT, v INT, PRIMARY KEY (id, part)) PARTITION BY HASH (part) PARTITIONS 2; ' +
        'CREATE TABLE w (id INT, x INT, y INT DEFAULT (x + 1), PRIMARY KEY (id)); INSERT INTO k VALUES (1, 1, 1), (1, 2, 2); INSERT INTO w VALUES (1, 1, 1)',
    );
    const keyless = await planOf('k', { columns: ['id', 'v'] });
    assert.deepEqual(codes(keyless.refusals), ['columnNeeded']);
    assert.deepEqual(keyless.refusals[0]?.args, { unit: 'k', column: 'part', part: 'PARTITION BY' });
    assert.deepEqual((await planOf('w', { columns: ['*', '!x'] })).refusals[0]?.args, {
      unit: 'w',
      column: 'x',
      part: 'y',
    });
    const settings = settingsFor('k', { columns: ['*', '!id'] });
    const schema = await source.describe('k', settings);
    assert.deepEqual(schema.key, []);
    assert.deepEqual(codes(schema.warnings), ['keyNotCopied']);
    await copyWhole(source, target, 'k', settings);
    assert.equal((await to('SELECT COUNT(*) AS n FROM k'))[0]?.n, '2');
  });

  test('leaves the default out that takes its values from a sequence, and lists no sequence', async (t) => {
    if (!server.version.includes('MariaDB')) return t.skip("sequences are MariaDB's");
    await from(
      "CREATE SEQUENCE numbers_of; CREATE TABLE s (id BIGINT NOT NULL DEFAULT (NEXT VALUE FOR numbers_of), v VARCHAR(30) DEFAULT 'nextval(x)', PRIMARY KEY (id)); " +
        "INSERT INTO s (v) VALUES ('a'), ('b')",
    );
    const names = (await source.listUnits()).map((unit) => unit.name);
    assert.deepEqual([names.includes('s'), names.includes('numbers_of')], [true, false]);
    const { warnings } = await planOf('s');
    assert.deepEqual(warnings.find((each) => each.code === 'mysql.plan.sequenceLeftOut')?.args, {
      unit: 's',
      columns: 'id',
    });
    await copyWhole(source, target, 's', settingsFor('s'));
    assert.equal(await checksum(server, copy, 's'), await checksum(server, origin, 's'));
    assert.match(await definition('s'), /`id` bigint\(20\) NOT NULL,\n {2}`v` varchar\(30\) DEFAULT 'nextval\(x\)'/);
  });

  test('is refused under a name that no table can have', async () => {
    await from('CREATE TABLE n (id INT PRIMARY KEY)');
    const table = 'n'.repeat(60);
    assert.deepEqual(codes((await planOf('n', { targetName: `${table}_1234` })).refusals), ['nameNotAllowed']);
    for (const targetName of [`${table}_123`, 'Ünï`cö.dé', '__proto__']) {
      assert.deepEqual(codes((await planOf('n', { targetName })).refusals), []);
      await copyWhole(source, target, 'n', settingsFor(targetName));
    }
    for (const targetName of ['n ', 'n\u{1f600}']) {
      assert.deepEqual(codes((await planOf('n', { targetName })).refusals), ['nameNotAllowed'], targetName);
    }
  });

  test('is told of once when it has no key, and with a foreign key to a table that is copied in part', async () => {
    await from(
      'CREATE TABLE whole_p (id INT PRIMARY KEY); CREATE TABLE part_p (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES part_p (id)); ' +
        'CREATE TABLE child_p (id INT PRIMARY KEY, p INT, w INT, FOREIGN KEY (p) REFERENCES part_p (id), FOREIGN KEY (w) REFERENCES whole_p (id)); ' +
        'CREATE TABLE there_p (id INT PRIMARY KEY, p INT); CREATE TABLE keyless_p (v INT)',
    );
    await to(
      'CREATE TABLE new_part_p (id INT PRIMARY KEY, up INT); ' +
        'CREATE TABLE new_there_p (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES new_part_p (id))',
    );
    const names = { units: ['*_p'], prefix: 'new_', suffix: '', as: {} };
    const fallback = settingsFor('', { names });
    const overrides = {
      part_p: settingsFor('new_part_p', { names, where: 'id < 10' }),
      child_p: settingsFor('new_child_p', { names, where: 'id < 10' }),
    };
    const ends = { source: connectionTo(server, origin), target: connectionTo(server, copy) };
    const settings = { prefix: 'new_', suffix: '', fallback, overrides };
    const { units } = await planTask({ taskId: 'a', ...ends, units: ['*_p'], settings }, source, target);
    const told = (name: string) => {
      const { warnings = [] } = units.find((unit) => unit.name === name) ?? {};
      return warnings.map(({ code, args }) => [code, args.parents ?? '']);
    };
    assert.deepEqual(told('child_p'), [['pipeline.parentInPart', 'part_p']]);
    assert.deepEqual(told('there_p'), [['pipeline.parentInPart', 'part_p']]);
    assert.deepEqual(told('whole_p'), []);
    // Its own foreign key is not one of the table that is there.
    assert.deepEqual(told('part_p'), []);
    assert.deepEqual(told('keyless_p'), [['pipeline.oneTransaction', '']]);
  });

  test('is refused under the name of the table that keeps checkpoints', async () => {
    await from('CREATE TABLE mine (id INT PRIMARY KEY); INSERT INTO mine VALUES (1)');
    for (const checkpoint of ['store', 'target'] as const) {
      const more = { targetName: 'datatrace_checkpoints', checkpoint };
      assert.deepEqual(codes((await planOf('mine', more)).refusals), ['checkpointTarget']);
      const schema = await source.describe('mine', settingsFor('mine'));
      await assert.rejects(target.prepare(schema, settingsFor('mine', more)), /checkpointTarget/);
    }
    assert.equal(isCheckpointTable({ nameCase: 0 }, 'Datatrace_Checkpoints'), false);
    assert.equal(isCheckpointTable({ nameCase: 1 }, 'Datatrace_Checkpoints'), true);
    assert.equal(isCheckpointTable({ nameCase: 2 }, 'Datatrace_Checkpoints'), true);
  });

  test('is compared with the table that is there: computed columns and those that change by themselves', async () => {
    await from(
      "CREATE TABLE g (id INT PRIMARY KEY, a INT AS (id + 1) VIRTUAL, b INT AS (id + 2) STORED, c INT AS (id + 3) VIRTUAL, changed TIMESTAMP NOT NULL DEFAULT '2001-01-01 00:00:00'); " +
        "INSERT INTO g (id, changed) VALUES (1, '2002-02-02 02:02:02')",
    );
    await to(
      "CREATE TABLE g (id INT PRIMARY KEY, a INT NULL, b INT AS (id + 2) VIRTUAL, c INT AS (id + 4) VIRTUAL, changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP); INSERT INTO g (id, changed) VALUES (1, '2009-09-09 09:09:09')",
    );
    const plan = await planOf('g');
    assert.deepEqual(
      plan.refusals.map((each) => [each.code, each.args.column, each.args.target]),
      [['mysql.plan.columnDiffers', 'a', 'int NULL']],
    );
    assert.deepEqual(plan.warnings.find((each) => each.code === 'mysql.plan.generatedDiffers')?.args, {
      table: 'g',
      columns: 'c',
    });
    await to('ALTER TABLE g DROP COLUMN a');
    for (const write of ['upsert', 'replace'] as const) {
      await copyWhole(source, target, 'g', settingsFor('g', { write }));
      assert.equal((await to('SELECT changed FROM g'))[0]?.changed, (await from('SELECT changed FROM g'))[0]?.changed);
    }
  });

  test('never lets two tables meet in one where the target knows no upper and lower case', async () => {
    const folding = await startMariaDb({ name: 'folding', args: ['--lower-case-table-names=1'] }).catch((error) => {
      // MySQL makes its data folder for one way of comparing names.
      assert.doesNotMatch(server.version, /MariaDB/, String(error));
      return null;
    });
    if (folding === null) return;
    const database = await folding.freshDatabase('folded');
    const there = await mysqlConnector.openTarget(connectionTo(folding, database));
    await from('CREATE TABLE Cased (id INT PRIMARY KEY); CREATE TABLE cased (id INT PRIMARY KEY)');
    const plan = await planTask(
      {
        taskId: 't',
        source: connectionTo(server, origin),
        target: connectionTo(folding, database),
        units: ['Cased', 'cased'],
        settings: { prefix: '', suffix: '', fallback: settingsFor(''), overrides: {} },
      },
      source,
      there,
    );
    await there.close();
    await folding.stop();
    assert.deepEqual(refused(plan), ['pipeline.targetShared', 'pipeline.targetShared']);
  });
});

function refused(plan: PlanResult): string[] {
  return plan.units.flatMap((unit) => unit.refusals.map((each) => each.code));
}
