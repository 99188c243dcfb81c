import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import { openPoolCount, openSessions, type Session, type Sessions } from '../../src/connectors/mysql/session.ts';
import type { Prepared } from '../../src/core/model.ts';
import type { MysqlConnection, UnitSettings } from '../../src/core/settings.ts';
import { type Ran, type RunOptions, runUnit, type Sides } from '../conformance/run-unit.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { eventually } from './attempts.ts';
import { checksum, connectionTo, connectors } from './mysql-copy.ts';

const ROWS = 2000;
const LANES = 4;
const ALWAYS = { rows: 1, bytes: 1 };

interface KeptLane {
  readonly end: string | null;
  readonly cursor: string | null;
  readonly rows: number;
  readonly done: boolean;
}

function lanesIn(checkpoint: string | null): readonly KeptLane[] {
  return (JSON.parse(checkpoint ?? '{}') as { lanes?: readonly KeptLane[] }).lanes ?? [];
}

describe('the lanes of a big MySQL table', () => {
  let from: MariaDb;
  let to: MariaDb;
  let origin: string;
  let copy: string;
  let sides: Sides;
  let connectionsBefore = 0;

  before(async () => {
    [from, to] = await Promise.all([
      startMariaDb({ name: 'source' }),
      startMariaDb({ name: 'target', args: ['--innodb-lock-wait-timeout=1'] }),
    ]);
    origin = await from.freshDatabase('origin');
    copy = await to.freshDatabase('copy');
    const numbers = Array.from({ length: ROWS }, (_, at) => `(${at + 1})`).join(', ');
    await from.query(
      `USE \`${origin}\`; CREATE TABLE numbers (seq BIGINT UNSIGNED); INSERT INTO numbers VALUES ${numbers}`,
    );
    await make('items', 'id BIGINT PRIMARY KEY, v VARCHAR(50)', `seq * 3, LEFT(SHA2(seq, 256), 32) FROM numbers`);
    const ends = { from: connectionTo(from, origin), to: connectionTo(to, copy) };
    sides = {
      ...ends,
      source: await mysqlConnector.openSource(ends.from),
      target: await mysqlConnector.openTarget(ends.to),
    };
  });
  after(async () => {
    await sides?.source.close();
    await sides?.target.close();
    await from?.stop();
    await to?.stop();
    assert.equal(openPoolCount(), 0);
  });

  async function make(table: string, columns: string, select: string): Promise<void> {
    await from.query(`USE \`${origin}\`; CREATE TABLE ${table} (${columns}); INSERT INTO ${table} SELECT ${select}`);
    await from.query(`ANALYZE TABLE \`${origin}\`.${table}`);
  }
  const run = (
    unit: string,
    settings: Partial<UnitSettings>,
    options: RunOptions = {},
    between = sides,
  ): Promise<Ran> =>
    runUnit(between, unit, {
      lanesFrom: ALWAYS,
      ...options,
      settings: { lanes: LANES, batchRows: 50, createTarget: 'recreate', ...settings },
    });
  const completed = ({ outcome }: Ran, rows = ROWS): void => {
    assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
    assert.equal(outcome.processed, rows);
    assert.equal(outcome.kind === 'completed' && outcome.note, null);
  };
  const equal = async (unit: string): Promise<void> =>
    assert.equal(await checksum(to, copy, unit), await checksum(from, origin, unit), unit);

  for (const checkpoint of ['store', 'target'] as const) {
    test(`copy it at the same time, each from a border of its own (checkpoint in the ${checkpoint})`, async () => {
      const ran = await run('items', { checkpoint });
      completed(ran);
      await equal('items');
      const lanes = lanesIn(ran.checkpoint);
      assert.equal(lanes.length, LANES);
      for (const lane of lanes)
        assert.ok(lane.rows >= ROWS / LANES / 2 && lane.rows <= (2 * ROWS) / LANES, `${lane.rows}`);
    });
  }

  for (const [name, columns, select] of [
    [
      'large_numbers',
      'id BIGINT UNSIGNED PRIMARY KEY, v INT',
      `18446744073709551615 - seq * seq * seq * seq, seq FROM numbers`,
    ],
    ['decimals', 'id DECIMAL(20,4) PRIMARY KEY, v INT', `(CAST(seq AS SIGNED) - 1000) * 0.0007, seq FROM numbers`],
    [
      'dates',
      'id DATETIME(6) PRIMARY KEY, v INT',
      `TIMESTAMPADD(SECOND, seq * 977, '1999-12-31 23:00:00.000001'), seq FROM numbers`,
    ],
    [
      'texts',
      'id VARCHAR(40) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT',
      `CONCAT(LEFT(SHA2(seq, 256), 32), "'\\\\"), seq FROM numbers`,
    ],
    ['bytes', 'id VARBINARY(20) PRIMARY KEY, v INT', `UNHEX(LEFT(SHA2(seq, 256), 40)), seq FROM numbers`],
    ['skewed', 'a INT, b BIGINT, PRIMARY KEY (a, b)', `IF(seq % 50 = 0, seq, 7), seq * seq FROM numbers`],
    ['few', 'a CHAR(2), b VARCHAR(10), PRIMARY KEY (b, a)', `'x', seq FROM numbers`],
    ['beside', 'id BIGINT NULL, k INT NOT NULL UNIQUE, v VARCHAR(10)', `NULL, seq * seq, seq FROM numbers`],
  ] as const) {
    test(`are about as large as each other in a table of ${name}`, async () => {
      await make(name, columns, select);
      const ran = await run(name, { batchRows: 33 });
      completed(ran);
      await equal(name);
      const sizes = lanesIn(ran.checkpoint).map((lane) => lane.rows);
      assert.equal(sizes.length, LANES, sizes.join());
      assert.ok(Math.max(...sizes) <= (2 * ROWS) / LANES, sizes.join());
    });
  }

  test('are not opened for a table that is small, without a key, or written by somebody who takes one at a time', async () => {
    completed(await run('items', {}, { lanesFrom: { rows: ROWS + 1, bytes: 1e9 } }));
    await make('keyless', 'v INT', `seq FROM numbers`);
    const ran = await run('keyless', {});
    completed(ran);
    await equal('keyless');
    assert.deepEqual(lanesIn(ran.checkpoint), []);
  });

  test('copy only the rows that a condition chooses', async () => {
    const ran = await run('items', { where: 'id % 2 = 0 OR id > 5500' });
    const [{ n } = {}] = await from.query(
      `SELECT COUNT(*) AS n FROM \`${origin}\`.items WHERE id % 2 = 0 OR id > 5500`,
    );
    completed(ran, Number(n));
  });

  test('share the limits of their unit', async () => {
    const began = performance.now();
    completed(await run('items', { limits: { rowsPerSecond: ROWS, bytesPerSecond: 0 } }));
    const seconds = (performance.now() - began) / 1000;
    assert.ok(seconds > 0.7 && seconds < 5, `${seconds} s`);
    await equal('items');
  });

  test('end at a pause: no batch begins in any of them after it', async () => {
    let after = 0;
    let paused = false;
    const ran = await run(
      'items',
      { batchRows: 20 },
      {
        afterBatch: (written, stop) => {
          if (paused) after += 1;
          if (written < 300 || paused) return;
          paused = true;
          stop();
        },
      },
    );
    assert.equal(ran.outcome.kind, 'stopped');
    assert.ok(after < LANES, `${after} batches ended after the pause`);
    const kept = lanesIn(ran.outcome.kind === 'stopped' ? ran.outcome.checkpoint : null);
    assert.equal(
      kept.reduce((sum, lane) => sum + lane.rows, 0),
      ran.outcome.processed,
    );
    assert.equal(await rowsIn('items'), ran.outcome.processed);
  });

  for (const write of ['upsert', 'replace', 'insert', 'truncate'] as const) {
    for (const checkpoint of ['store', 'target'] as const) {
      test(`go on where each of them stood (${write}, checkpoint in the ${checkpoint})`, async () => {
        const settings = { write, checkpoint, createTarget: 'missing' } as const;
        for (const way of ['pause', 'abort', 'kill'] as const) {
          await to.query(`DROP TABLE IF EXISTS \`${copy}\`.items`);
          const moment = 50 + Math.floor(Math.random() * (ROWS - 300));
          let ended = false;
          const first = await run('items', settings, {
            afterBatch: (written, stop, end) => {
              if (written < moment || ended) return;
              ended = true;
              if (way === 'pause') stop();
              else end[way]();
            },
          });
          assert.notEqual(first.outcome.kind, 'completed', way);
          const { prepared, checkpoint: kept } = first;
          // Ranges stay as they are, however many are copied at a time.
          const second = await run(
            'items',
            { ...settings, lanes: 2, verify: 'checksum' },
            { prepared, checkpoint: kept },
          );
          completed(second);
          await equal('items');
          // A batch whose commit was not heard of may be there, or not.
          const repeated = first.written + second.written - ROWS;
          assert.ok(Math.abs(repeated) <= LANES * 50, `${way} at ${moment}: ${repeated} rows again`);
          assert.equal(lanesIn(second.checkpoint).length, LANES);
        }
      });
    }
  }

  test('of a copy that began with one lane stay one', async () => {
    for (const checkpoint of ['store', 'target'] as const) {
      const first = await run(
        'items',
        { lanes: 1, checkpoint },
        { afterBatch: (written, stop) => written >= 500 && stop() },
      );
      assert.equal(first.outcome.kind, 'stopped');
      const again = { prepared: first.prepared, checkpoint: first.checkpoint };
      const second = await run('items', { createTarget: 'missing', checkpoint }, again);
      completed(second);
      assert.equal(second.written, ROWS - first.written);
      await equal('items');
    }
  });

  test('go on from a table of checkpoints of before there were lanes', async () => {
    const first = await run(
      'items',
      { lanes: 1, checkpoint: 'target' },
      { afterBatch: (written, stop) => written >= 500 && stop() },
    );
    await to.query(
      `ALTER TABLE \`${copy}\`.datatrace_checkpoints DROP PRIMARY KEY, DROP COLUMN lane, ADD PRIMARY KEY (target_table, source_unit)`,
    );
    const second = await run('items', { createTarget: 'missing', checkpoint: 'target' }, { prepared: first.prepared });
    completed(second);
    assert.equal(second.written, ROWS - first.written);
    await equal('items');
  });

  test('begin again when somebody dropped the table of checkpoints, which is made anew', async () => {
    for (const write of ['upsert', 'insert'] as const) {
      const settings = { write, checkpoint: 'target', createTarget: 'missing' } as const;
      await to.query(`DROP TABLE IF EXISTS \`${copy}\`.items`);
      const first = await run('items', settings, { afterBatch: (written, stop) => written >= 500 && stop() });
      assert.equal(first.outcome.kind, 'stopped');
      await to.query(`DROP TABLE \`${copy}\`.datatrace_checkpoints`);
      completed(await run('items', settings, { prepared: first.prepared }));
      await equal('items');
    }
  });

  test('end when one of them fails: its error is the unit’s, and nothing is left open', async () => {
    for (const checkpoint of ['store', 'target'] as const) {
      await to.query(`DROP TABLE IF EXISTS \`${copy}\`.items`);
      await to.query(
        `CREATE TABLE \`${copy}\`.items (id BIGINT PRIMARY KEY, v VARCHAR(50)); INSERT INTO \`${copy}\`.items VALUES (4800, 'own')`,
      );
      const settings = { write: 'insert', checkpoint, createTarget: 'missing' } as const;
      const first = await run('items', settings);
      assert.equal(first.outcome.kind === 'failed' && first.outcome.error.code, 'mysql.duplicate');
      const [{ n } = {}] = await to.query(
        `SELECT COUNT(*) AS n FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id WHERE p.DB = '${copy}'`,
      );
      assert.equal(n, '0');
      assert.ok(first.outcome.processed < ROWS);
    }
    await to.query(`DROP TABLE \`${copy}\`.items`);
  });

  for (const [checkpoint, writes] of [
    ['store', ['upsert', 'insert']],
    ['target', ['upsert', 'truncate']],
  ] as const) {
    for (const write of writes) {
      test(`repeat one batch each at most when their process is killed (${write}, checkpoint in the ${checkpoint})`, async () => {
        await to.query(`DROP TABLE IF EXISTS \`${copy}\`.items`);
        const settings = { lanes: LANES, batchRows: 50, write, checkpoint, verify: 'checksum' } as const;
        const batches = 1 + Math.floor(Math.random() * (ROWS / 50 - LANES - 1));
        const kept = await copyUntilKilled(settings, batches);
        await eventually(
          async () => (await connectionsTo(copy)) <= connectionsBefore,
          'the server lets go of the process',
        );
        const there = kept.prepared === null ? 0 : await rowsIn('items');
        const second = await run('items', { ...settings, createTarget: 'missing' }, kept);
        completed(second);
        await equal('items');
        const repeated = there + second.written - ROWS;
        assert.ok(repeated >= 0 && repeated <= LANES * 50, `${repeated} rows again after ${batches} batches`);
      });
    }
  }

  async function copyUntilKilled(settings: Partial<UnitSettings>, batches: number) {
    connectionsBefore = await connectionsTo(copy);
    const script = fileURLToPath(new URL('mysql-lanes-child.ts', import.meta.url));
    const args = [sides.from, sides.to, settings].map((each) => JSON.stringify(each));
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    const kept: { checkpoint: string | null; prepared: Prepared | null } = { checkpoint: null, prepared: null };
    let seen = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as { prepared?: Prepared; checkpoint?: string; written?: number };
      kept.prepared = said.prepared ?? kept.prepared;
      kept.checkpoint = said.checkpoint ?? kept.checkpoint;
      if (said.written !== undefined && ++seen === batches) child.kill('SIGKILL');
    }
    await exit;
    assert.equal(child.signalCode, 'SIGKILL', 'the child ended before it was killed');
    return kept;
  }

  async function connectionsTo(database: string): Promise<number> {
    const [{ n } = {}] = await to.query(
      `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE DB = '${database}'`,
    );
    return Number(n);
  }

  async function rowsIn(table: string): Promise<number> {
    const [{ n } = {}] = await to.query(`SELECT COUNT(*) AS n FROM \`${copy}\`.${table}`);
    return Number(n);
  }

  describe('that meet somebody else’s lock', () => {
    let others: Sessions;
    let other: Session;
    before(async () => {
      others = openSessions(connectionTo(to, copy, { name: 'other' }));
      await to.query(`USE \`${copy}\`; CREATE TABLE heavy (id INT PRIMARY KEY, v INT)`);
      await from.query(`CREATE TABLE \`${origin}\`.heavy AS SELECT seq AS id FROM \`${origin}\`.numbers`);
      const values = Array.from({ length: ROWS }, (_, at) => `(${at}, 0)`).join(', ');
      await to.query(`INSERT INTO \`${copy}\`.heavy VALUES ${values}`);
    });
    beforeEach(async () => {
      await to.query(
        `USE \`${copy}\`; DROP TABLE IF EXISTS items; CREATE TABLE items (id BIGINT PRIMARY KEY, v VARCHAR(50))`,
      );
      other = await others.session();
      await other.run('START TRANSACTION');
    });
    // Whatever it holds must not outlive a test that fails.
    afterEach(() => other.destroy());
    after(() => others?.close());

    const waitsForUs = () =>
      eventually(async () => {
        const [row] = await to.query("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'");
        return row?.Value !== '0';
      }, 'a lane waits');

    for (const checkpoint of ['store', 'target'] as const) {
      test(`write the batch of a deadlock again (checkpoint in the ${checkpoint})`, async () => {
        // Whoever has changed less is the victim.
        await other.run('UPDATE heavy SET v = v + 1');
        await other.run("INSERT INTO items VALUES (150, 'other')");
        const before = await deadlocks();
        const running = run('items', { createTarget: 'missing', checkpoint });
        await waitsForUs();
        await other.rows('SELECT v FROM items WHERE id = 3 FOR UPDATE');
        await other.run('ROLLBACK');
        completed(await running);
        await equal('items');
        assert.ok((await deadlocks()) > before, 'there was a deadlock');
      });
    }

    for (const [name, connector] of connectors()) {
      test(`leave nothing of a batch that lost a deadlock, nor a checkpoint of it: ${name}`, async () => {
        await other.run('UPDATE heavy SET v = v + 1');
        await other.run("INSERT INTO items VALUES (60, 'other')");
        const before = await deadlocks();
        const target = await connector.openTarget(sides.to as MysqlConnection);
        const source = await connector.openSource(sides.from as MysqlConnection);
        const settings = { write: 'insert', createTarget: 'missing', checkpoint: 'target', lanes: 1 } as const;
        const running = run('items', settings, {}, { ...sides, source, target });
        await waitsForUs();
        await other.rows('SELECT v FROM items WHERE id = 3 FOR UPDATE');
        await eventually(async () => (await deadlocks()) > before, 'there was a deadlock');
        // Now the batch is written again, and waits.
        await waitsForUs();
        const [{ n } = {}] = await to.query(
          `SELECT COUNT(*) AS n FROM \`${copy}\`.datatrace_checkpoints WHERE target_table = 'items'`,
        );
        await other.run('ROLLBACK');
        const ran = await running;
        await source.close();
        await target.close();
        assert.equal(n, '0');
        completed(ran);
        await equal('items');
      });
    }

    test('wait for a batch of a connection that is gone, which the server still commits', async () => {
      const settings = { write: 'insert', createTarget: 'missing', lanes: 1 } as const;
      const first = await run('items', settings, { afterBatch: (written, stop) => written === 500 && stop() });
      // The rows of the next batch.
      await other.run(
        'INSERT INTO items SELECT (id + 501) * 3, LEFT(SHA2(id + 501, 256), 32) FROM heavy WHERE id < 50',
      );
      const second = run('items', settings, { prepared: first.prepared, checkpoint: first.checkpoint });
      await waitsForUs();
      await other.run('COMMIT');
      completed(await second);
      await equal('items');
    });

    test('write the batch again that waited too long', async () => {
      await other.run("INSERT INTO items VALUES (150, 'other')");
      const running = run('items', { createTarget: 'missing' });
      await waitsForUs();
      await eventually(async () => (await rowsIn('items')) > ROWS / 2, 'the other lanes go on');
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await other.run('ROLLBACK');
      completed(await running);
      await equal('items');
    });

    async function deadlocks(): Promise<number> {
      const [row] = await to.query(
        "SELECT COUNT AS n FROM information_schema.INNODB_METRICS WHERE NAME = 'lock_deadlocks'",
      );
      return Number(row?.n);
    }
  });
});
