import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Source } from '../../src/connectors/contract.ts';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import { openPoolCount } from '../../src/connectors/mysql/session.ts';
import type { DataError, PlanRequest } from '../../src/core/ports.ts';
import type { UnitSettings } from '../../src/core/settings.ts';
import { planTask } from '../../src/pipeline/plan.ts';
import { type Ran, type RunOptions, runUnit, SETTINGS, type Sides } from '../conformance/run-unit.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { eventually } from './attempts.ts';
import { checksum, connectionTo } from './mysql-copy.ts';

const ROWS = 1000;
const BATCH = 50;

describe('a MySQL table that is written to while it is copied', () => {
  let from: MariaDb;
  let to: MariaDb;
  let origin: string;
  let copy: string;
  let sides: Sides;

  before(async () => {
    [from, to] = await Promise.all([startMariaDb({ name: 'source' }), startMariaDb({ name: 'target' })]);
    origin = await from.freshDatabase('origin');
    copy = await to.freshDatabase('copy');
    const ends = { from: connectionTo(from, origin), to: connectionTo(to, copy) };
    sides = {
      ...ends,
      source: await mysqlConnector.openSource(ends.from),
      target: await mysqlConnector.openTarget(ends.to),
    };
  });
  beforeEach(async () => {
    await to.query(`DROP DATABASE \`${copy}\`; CREATE DATABASE \`${copy}\``);
    const rows = Array.from({ length: ROWS }, (_, at) => `(${(at + 1) * 10}, 'row ${at}')`).join(', ');
    await source(`DROP TABLE IF EXISTS items, was; CREATE TABLE items (id BIGINT PRIMARY KEY, v VARCHAR(50));
      INSERT INTO items VALUES ${rows}; CREATE TABLE was LIKE items; INSERT INTO was SELECT * FROM items`);
  });
  after(async () => {
    await sides?.source.close();
    await sides?.target.close();
    await from?.stop();
    await to?.stop();
    assert.equal(openPoolCount(), 0);
  });

  const source = (sql: string) => from.query(`USE \`${origin}\`; ${sql}`);
  const run = (unit: string, settings: Partial<UnitSettings> = {}, options: RunOptions = {}): Promise<Ran> =>
    runUnit(sides, unit, { ...options, settings: { snapshot: true, batchRows: BATCH, ...settings } });
  const completed = ({ outcome }: Ran, rows = ROWS): void => {
    assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
    assert.equal(outcome.processed, rows);
    assert.equal(outcome.kind === 'completed' && outcome.note, null);
  };
  const noteOf = ({ outcome }: Ran) => (outcome.kind === 'completed' ? outcome.note?.code : JSON.stringify(outcome));
  const asItWas = async (unit = 'items', was = 'was'): Promise<void> =>
    assert.equal(await checksum(to, copy, unit), await checksum(from, origin, was), unit);
  /** Once, after so many rows. */
  const onceAfter = (rows: number, act: RunOptions['afterBatch'] & object): RunOptions => {
    let acted = false;
    return {
      afterBatch: (written, stop, end) => {
        if (acted || written < rows) return undefined;
        acted = true;
        return act(written, stop, end);
      },
    };
  };
  const openTransactions = async (): Promise<number> => {
    // What it shows is 100 ms old.
    const rows = await from.query(
      `DO SLEEP(0.11); SELECT 1 AS x FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id WHERE p.DB = '${origin}'`,
    );
    return rows.length;
  };
  const nothingIsHeld = () => eventually(async () => (await openTransactions()) === 0, 'the snapshot ends', 3_000);

  const WRITES = `DELETE FROM items WHERE id IN (10, 20, 9000); INSERT INTO items VALUES (15, 'behind'), (8005, 'ahead'), (99999, 'beyond');
    UPDATE items SET v = 'changed' WHERE id IN (30, 9010); UPDATE items SET id = id + 1 WHERE id = 9500`;

  for (const verify of ['none', 'count', 'checksum'] as const) {
    test(`arrives as it was when its snapshot began (verified by ${verify})`, async () => {
      const ran = await run(
        'items',
        { verify },
        onceAfter(300, () => source(WRITES)),
      );
      completed(ran);
      await asItWas();
      await nothingIsHeld();
    });
  }

  test('arrives as it was without a key, too, and into another engine’s form', async () => {
    await source(
      'DROP TABLE IF EXISTS heap, heap_was; CREATE TABLE heap AS SELECT v FROM items; CREATE TABLE heap_was AS SELECT v FROM heap',
    );
    const ran = await run(
      'heap',
      { batchRows: 10 },
      onceAfter(300, () => source("DELETE FROM heap WHERE v LIKE '%9'; INSERT INTO heap VALUES ('late')")),
    );
    completed(ran);
    await asItWas('heap', 'heap_was');
    await nothingIsHeld();
  });

  test('starts from its beginning after an interruption, and keeps no row of an older snapshot', async () => {
    for (const write of ['upsert', 'insert'] as const) {
      const first = await run(
        'items',
        { write, resume: 'row' },
        onceAfter(300, (_written, stop) => stop()),
      );
      assert.equal(first.outcome.kind, 'stopped');
      await nothingIsHeld();
      await source('DELETE FROM items WHERE id = 20; DELETE FROM was WHERE id = 20');
      const { prepared, checkpoint } = first;
      const second = await run('items', { write, resume: 'row' }, { prepared, checkpoint });
      const rows = Number((await source('SELECT COUNT(*) AS n FROM items'))[0]?.n);
      completed(second, rows);
      assert.equal(second.written, rows);
      await asItWas();
      await to.query(`DROP TABLE \`${copy}\`.items`);
      await source("INSERT IGNORE INTO items VALUES (20, 'again'); INSERT IGNORE INTO was VALUES (20, 'again')");
    }
  });

  test('ends for now when the connection of its snapshot is cut, and begins again', async () => {
    const kill = async () => {
      const there = await from.query(
        `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB = '${origin}' AND ID <> CONNECTION_ID()`,
      );
      for (const { id } of there) await from.query(`KILL ${id}`);
    };
    const first = await run('items', {}, onceAfter(300, kill));
    assert.equal(first.outcome.kind === 'failed' && first.outcome.error.code, 'mysql.connectionLost');
    assert.equal(first.outcome.kind === 'failed' && first.outcome.error.class, 'retryable');
    const second = await run('items', {}, { prepared: first.prepared, checkpoint: first.checkpoint });
    completed(second);
    await asItWas();
    await nothingIsHeld();
  });

  test('is said to have changed when it is read without a snapshot', async () => {
    for (const [what, statement] of [
      ['rows behind', "INSERT INTO items VALUES (15, 'behind')"],
      ['rows gone', 'DELETE FROM items WHERE id = 10'],
      ['a row moved back', 'UPDATE items SET id = 16 WHERE id = 9000'],
      ['a row moved ahead', 'UPDATE items SET id = 8001 WHERE id = 20'],
    ] as const) {
      const ran = await run(
        'items',
        { snapshot: false, createTarget: 'recreate' },
        onceAfter(300, () => source(statement)),
      );
      assert.equal(noteOf(ran), 'pipeline.sourceChanged', what);
    }
  });

  test('is said to have changed while somebody writes all the time; lanes or not, nothing that stayed is lost', async () => {
    // No row is written twice.
    let writes = 0;
    for (const lanes of [1, 4]) {
      let writing = true;
      const writer = (async () => {
        for (; writing; writes += 1) {
          const [hundreds, tens] = [Math.floor(writes / ROWS), writes % ROWS];
          const gone = writes % 3 === 0 ? 10 * (((writes * 7) % (ROWS / 10)) + 1) : 0;
          await source(
            `INSERT IGNORE INTO items VALUES (${10 * tens + 1 + (hundreds % 9)}, 'new'); DELETE FROM items WHERE id = ${gone}`,
          );
        }
      })();
      const settings = { snapshot: false, lanes, batchRows: 20, createTarget: 'recreate' } as const;
      const someMore = async () => {
        const until = writes + 6;
        await eventually(() => writes >= until, 'the writer goes on');
      };
      const ran = await run('items', settings, { lanesFrom: { rows: 1, bytes: 1 }, ...onceAfter(300, someMore) });
      writing = false;
      await writer;
      assert.match(noteOf(ran) ?? '', /^pipeline.source(Changed|Moved)$/, JSON.stringify(ran.outcome));
      const missing = await lost();
      assert.deepEqual(missing, [], 'rows that nobody wrote to are all there');
    }
  });

  async function lost(): Promise<string[]> {
    const there = new Set((await to.query(`SELECT id FROM \`${copy}\`.items`)).map(({ id }) => id));
    const stayed = await source('SELECT w.id AS id FROM was w JOIN items i ON i.id = w.id');
    return stayed.flatMap(({ id }) => (id !== null && id !== undefined && !there.has(id) ? [id] : []));
  }

  test('says in the plan what a snapshot means, and refuses it where there is none', async () => {
    await source('DROP TABLE IF EXISTS old; CREATE TABLE old (id INT PRIMARY KEY) ENGINE=MyISAM');
    const settings = { ...SETTINGS, snapshot: true, lanes: 4 };
    const request: PlanRequest = {
      ...{ taskId: 'task', source: sides.from, target: sides.to, units: ['items', 'old'] },
      settings: { prefix: '', suffix: '', fallback: settings, overrides: {} },
    };
    const { units, warnings } = await planTask(request, sides.source, sides.target, 4);
    const [items, old] = units;
    assert.deepEqual([items?.resume, items?.lanes, items?.refusals], ['unit', 1, []]);
    assert.deepEqual(warnings, [{ code: 'pipeline.snapshotUnits', args: { units: 2 } }]);
    assert.ok(!items?.warnings.some(({ code }) => code === 'pipeline.snapshotUnit'));
    assert.deepEqual(
      old?.refusals.map(({ code }) => code),
      ['mysql.plan.snapshotEngine'],
    );
    assert.equal((await run('old')).outcome.kind, 'failed');
    const { snapshot: _, ...without } = sides.source;
    const live = { ...without, within: () => live } as Source;
    const refused = await planTask(request, live, sides.target);
    assert.ok(refused.units[0]?.refusals.some(({ code }) => code === 'pipeline.snapshotNotAvailable'));
    await source('DROP TABLE old');
  });

  test('says that it was stopped when it is stopped while the table is described', async () => {
    const wait = <T>(turn: Promise<T>) => turn;
    const whole = await sides.source.snapshot?.({ signal: new AbortController().signal, wait });
    assert.ok(whole !== undefined);
    const stop = new AbortController();
    const described = whole.within({ signal: stop.signal, wait }).describe('items', SETTINGS);
    stop.abort();
    await assert.rejects(described, (error: DataError) => error.error.code === 'mysql.stopped');
    await whole.close();
  });
});
