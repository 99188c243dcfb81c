import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { Connector } from '../../src/connectors/contract.ts';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import { openPoolCount } from '../../src/connectors/mysql/session.ts';
import { sqliteConnector } from '../../src/connectors/sqlite/connector.ts';
import type { MysqlConnection } from '../../src/core/settings.ts';
import { readLetters } from '../../src/pipeline/dead-letters.ts';
import { type Ran, type RunOptions, runUnit, type Sides } from '../conformance/run-unit.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { connectionTo, connectors } from './mysql-copy.ts';

const TABLE = 'id INT PRIMARY KEY, n INT, name VARCHAR(20), data LONGBLOB';
/** What the target refuses: a check, another unique key, a generated column out of its range. */
const STRICT = `${TABLE}, UNIQUE(name), CHECK(n > 0), tenfold SMALLINT AS (n * 10) STORED`;

describe('rows that a MySQL target rejects', () => {
  let from: MariaDb;
  let to: MariaDb;
  let origin = '';
  let copy = '';
  let folder = '';
  let deadLetters = '';

  before(async () => {
    const small = { name: 'target', args: ['--max-allowed-packet=1M'] };
    [from, to] = await Promise.all([startMariaDb({ name: 'source' }), startMariaDb(small)]);
  });
  after(async () => {
    assert.equal(openPoolCount(), 0);
    await from?.stop();
    await to?.stop();
  });
  beforeEach(async () => {
    folder = fs.mkdtempSync(join(tmpdir(), 'dt-rejected-'));
    deadLetters = join(folder, 'dead-letters', 'shop', 'run.jsonl');
    origin = await from.freshDatabase('origin');
    copy = await to.freshDatabase('copy');
    await from.query(`USE \`${origin}\`; CREATE TABLE t(${TABLE});
      INSERT INTO t SELECT seq, seq, CONCAT('row ', seq), REPEAT('x', 10) FROM seq_1_to_40`);
    await to.query(`USE \`${copy}\`; CREATE TABLE t(${STRICT})`);
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  async function between<T>(connector: Connector<MysqlConnection>, work: (sides: Sides) => Promise<T>): Promise<T> {
    const ends = { from: connectionTo(from, origin), to: connectionTo(to, copy) };
    const source = await connector.openSource(ends.from);
    const target = await connector.openTarget(ends.to);
    try {
      return await work({ ...ends, source, target });
    } finally {
      await source.close();
      await target.close();
    }
  }

  function run(options: RunOptions = {}, connector: Connector<MysqlConnection> = mysqlConnector): Promise<Ran> {
    const settings = { onRowError: 'deadLetter', batchRows: 8, ...options.settings } as const;
    return between(connector, (sides) =>
      runUnit(sides, 't', { ...options, settings, job: { deadLetters, ...options.job } }),
    );
  }

  async function listed(): Promise<Record<string, string>> {
    const letters = await readLetters(deadLetters, 't');
    const found: Record<string, string> = {};
    for (const each of letters.open) {
      const { key, error } = await letters.read(each);
      found[key ?? ''] = error.code;
    }
    await letters.close();
    return found;
  }

  async function ids(): Promise<number[]> {
    const rows = await to.query(`SELECT id FROM \`${copy}\`.t ORDER BY id`);
    return rows.map((row) => Number(row.id));
  }

  const all = (bad: readonly number[]) =>
    Array.from({ length: 40 }, (_, at) => at + 1).filter((id) => !bad.includes(id));
  const BAD = {
    1: 'check',
    13: 'out of range',
    17: 'too large',
    24: 'unique',
    33: '',
    34: '',
    35: '',
    36: '',
    37: '',
    38: '',
    39: '',
    40: '',
  };
  const spoil = () =>
    from.query(`USE \`${origin}\`; UPDATE t SET n = -n WHERE id = 1 OR id >= 33; UPDATE t SET n = 5000 WHERE id = 13;
      UPDATE t SET data = REPEAT('y', 2000000) WHERE id = 17; UPDATE t SET name = 'row 23' WHERE id = 24`);

  for (const [way, connector] of connectors())
    for (const checkpoint of ['store', 'target'] as const)
      test(`${way}, checkpoint in the ${checkpoint}: bad rows at every place of a batch, and a whole batch`, async () => {
        await spoil();
        const { outcome } = await run({ settings: { checkpoint } }, connector);
        assert.ok(outcome.kind === 'completed', JSON.stringify(outcome));
        assert.equal(outcome.rejected, 12);
        assert.equal(outcome.processed, 40);
        const found = await listed();
        assert.deepEqual(Object.keys(found), Object.keys(BAD));
        assert.deepEqual(
          [found[1], found[13], found[17], found[24]],
          ['mysql.statementFailed', 'mysql.statementFailed', 'mysql.rowTooLarge', 'mysql.duplicateOther'],
        );
        assert.deepEqual(await ids(), all(Object.keys(BAD).map(Number)));
      });

  for (const checkpoint of ['store', 'target'] as const)
    test(`several lanes, paused again and again, checkpoint in the ${checkpoint}: each row is listed once`, async () => {
      await from.query(
        `USE \`${origin}\`; INSERT INTO t SELECT seq, IF(seq % 17 = 0, -seq, 1), seq, 'x' FROM seq_41_to_2000`,
      );
      const bad = Array.from({ length: 2_000 }, (_, at) => at + 1).filter((id) => id > 40 && id % 17 === 0);
      const kept: Pick<RunOptions, 'checkpoint' | 'prepared'> = {};
      for (let attempt = 1; ; attempt += 1) {
        assert.ok(attempt < 100, 'comes to its end');
        const ran = await run({
          ...{ ...kept, settings: { checkpoint, lanes: 3, batchRows: 50 }, lanesFrom: { rows: 1, bytes: 1 } },
          job: { attempt },
          afterBatch: (written, stop) => written > 200 && stop(),
        });
        Object.assign(kept, { checkpoint: ran.checkpoint, prepared: ran.prepared });
        if (checkpoint === 'store') assert.match(String(ran.checkpoint), /"lanes"/);
        if (ran.outcome.kind === 'stopped') continue;
        assert.ok(ran.outcome.kind === 'completed', JSON.stringify(ran.outcome));
        assert.deepEqual([ran.outcome.rejected, ran.outcome.processed], [bad.length, 2_000]);
        break;
      }
      assert.deepEqual(Object.keys(await listed()).map(Number), bad);
      assert.deepEqual((await ids()).length, 2_000 - bad.length);
    });

  test('rows that are there already, in the mode insert', async () => {
    await to.query(`INSERT INTO \`${copy}\`.t (id, n, name) VALUES (5, 1, 'own'), (12, 1, 'own too')`);
    const { outcome } = await run({ settings: { write: 'insert' } });
    assert.ok(outcome.kind === 'completed', JSON.stringify(outcome));
    assert.deepEqual(await listed(), { 5: 'mysql.duplicate', 12: 'mysql.duplicate' });
    const [own] = await to.query(`SELECT name FROM \`${copy}\`.t WHERE id = 5`);
    assert.equal(own?.name, 'own');
  });

  for (const at of [1, 2, 4, 5])
    test(`in the mode insert no row is a duplicate of a commit that nobody heard of (batch ${at})`, async () => {
      await spoil();
      let batch = 0;
      const first = await run({
        settings: { write: 'insert' },
        afterBatch: () => {
          batch += 1;
          if (batch === at) throw new Error('nobody hears of the commit');
        },
      });
      assert.equal(first.outcome.kind, 'failed');
      const { checkpoint, prepared } = first;
      const { outcome } = await run({ settings: { write: 'insert' }, checkpoint, prepared, job: { attempt: 2 } });
      assert.ok(outcome.kind === 'completed', JSON.stringify(outcome));
      assert.deepEqual([outcome.rejected, outcome.processed], [12, 40]);
      assert.deepEqual(Object.keys(await listed()), Object.keys(BAD));
      assert.deepEqual(await ids(), all(Object.keys(BAD).map(Number)));
    });

  test('in the mode insert neither when the batches that go on are smaller, and the first of them all bad', async () => {
    await from.query(`UPDATE \`${origin}\`.t SET n = -n WHERE id BETWEEN 9 AND 12`);
    let batch = 0;
    const first = await run({
      settings: { write: 'insert' },
      afterBatch: () => {
        batch += 1;
        if (batch === 2) throw new Error('nobody hears of the commit');
      },
    });
    const { checkpoint, prepared } = first;
    const again = { settings: { write: 'insert', batchRows: 2 }, checkpoint, prepared, job: { attempt: 2 } } as const;
    const { outcome } = await run(again);
    assert.ok(outcome.kind === 'completed', JSON.stringify(outcome));
    assert.deepEqual(Object.keys(await listed()), ['9', '10', '11', '12']);
    assert.deepEqual(await ids(), all([9, 10, 11, 12]));
  });

  test('a whole table of bad rows ends soon after the limit, with the first error', async () => {
    await from.query(`UPDATE \`${origin}\`.t SET n = -n`);
    const { outcome } = await run({ settings: { deadLetterLimit: 10 } });
    assert.ok(outcome.kind === 'failed');
    assert.equal(outcome.error.code, 'pipeline.deadLetterLimit');
    assert.equal(outcome.error.cause?.code, 'mysql.statementFailed');
    assert.match(String(outcome.error.cause?.args.detail), /CONSTRAINT|Check constraint/i);
  });

  test('what is no matter of rows fails the unit: a right that is missing', async () => {
    await to.query(
      `CREATE USER IF NOT EXISTS reader@'%' IDENTIFIED BY 'r'; GRANT SELECT ON \`${copy}\`.* TO reader@'%'`,
    );
    const end = { ...connectionTo(to, copy), user: 'reader', password: 'r' };
    const source = await mysqlConnector.openSource(connectionTo(from, origin));
    const target = await mysqlConnector.openTarget(end);
    const settings = { onRowError: 'deadLetter', batchRows: 8, createTarget: 'never' } as const;
    const { outcome } = await runUnit({ from: connectionTo(from, origin), to: end, source, target }, 't', {
      settings,
      job: { deadLetters },
    });
    await source.close();
    await target.close();
    assert.ok(outcome.kind === 'failed');
    assert.equal(outcome.error.code, 'mysql.permission');
    assert.ok(!fs.existsSync(deadLetters));
  });

  for (const [way, connector] of connectors())
    test(`${way}: they are written again exactly as they were read`, async () => {
      await spoil();
      await from.query(`UPDATE \`${origin}\`.t SET data = 0x00ff27225c0a80 WHERE id = 33`);
      await run({}, connector);
      await to.query(`USE \`${copy}\`; DROP TABLE IF EXISTS kept; CREATE TABLE kept(${TABLE});
        INSERT INTO kept SELECT id, n, name, data FROM t; DROP TABLE t; RENAME TABLE kept TO t`);
      const { outcome } = await run(
        { prepared: 'empty', job: { attempt: 2, replay: { processed: 40, bytes: 1, rejected: 12 } } },
        connector,
      );
      assert.ok(outcome.kind === 'completed', JSON.stringify(outcome));
      assert.equal(outcome.rejected, 1);
      assert.deepEqual(await listed(), { 17: 'mysql.rowTooLarge' });
      const text = `SELECT SHA2(GROUP_CONCAT(id, n, name, HEX(data) ORDER BY id), 256) AS sum FROM`;
      const [theirs] = await to.query(`SET SESSION group_concat_max_len = 1000000; ${text} \`${copy}\`.t`);
      const [ours] = await from.query(
        `SET SESSION group_concat_max_len = 1000000; ${text} \`${origin}\`.t WHERE id <> 17`,
      );
      assert.equal(theirs?.sum, ours?.sum);
    });

  test('values of another engine that do not fit: a text that is none, text for a number', async () => {
    const file = join(folder, 'from.db');
    const db = new DatabaseSync(file);
    db.exec(`CREATE TABLE u(id INTEGER PRIMARY KEY, name TEXT, n INTEGER);
      INSERT INTO u VALUES (1, 'fine', 1), (2, CAST(x'ff00' AS TEXT), 2), (3, 'fine', 3), (4, 'fine', 'four'), (5, NULL, 5)`);
    db.close();
    const end = { type: 'sqlite', name: 'from', file } as const;
    const source = await sqliteConnector.openSource(end);
    const target = await mysqlConnector.openTarget(connectionTo(to, copy));
    const { outcome } = await runUnit({ from: end, to: connectionTo(to, copy), source, target }, 'u', {
      settings: { onRowError: 'deadLetter' },
      job: { deadLetters },
    });
    await source.close();
    await target.close();
    assert.ok(outcome.kind === 'completed', JSON.stringify(outcome));
    const kept = await to.query(`SELECT id FROM \`${copy}\`.u ORDER BY id`);
    assert.deepEqual([outcome.rejected, kept.map((row) => row.id)], [2, ['1', '3', '5']]);
  });
});
