import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import { openPoolCount } from '../../src/connectors/mysql/session.ts';
import type { UnitOutcome } from '../../src/core/events.ts';
import type { Prepared } from '../../src/core/model.ts';
import type { UnitJob, UnitReport } from '../../src/core/ports.ts';
import type { MysqlConnection, UnitSettings } from '../../src/core/settings.ts';
import { createBuffers } from '../../src/pipeline/buffers.ts';
import { copyUnit } from '../../src/pipeline/copy.ts';
import { createThrottle } from '../../src/pipeline/throttle.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { startProxy } from '../servers/wire-proxy.ts';
import { checksum, connectionTo, settingsFor } from './mysql-copy.ts';

/** What a host keeps of a unit between its executions. */
type Kept = { checkpoint: string | null; prepared: Prepared | null; attempt: number };

const NO_LIMITS = { rowsPerSecond: 0, bytesPerSecond: 0 };

describe('the pipeline between two MySQL servers', () => {
  let from: MariaDb;
  let to: MariaDb;
  let origin: string;
  let copy: string;

  before(async () => {
    [from, to] = await Promise.all([startMariaDb({ name: 'source' }), startMariaDb({ name: 'target' })]);
    origin = await from.freshDatabase('nasty');
    copy = await to.freshDatabase('copy');
    const fixture = from.version.includes('MariaDB') ? 'nasty.sql' : 'nasty-mysql.sql';
    const nasty = await readFile(new URL(`../fixtures/mysql/${fixture}`, import.meta.url), 'utf8');
    await from.query(`USE \`${origin}\`; ${nasty}`);
  });
  after(async () => {
    assert.equal(openPoolCount(), 0);
    await from?.stop();
    await to?.stop();
  });

  /** Executes a unit once; `stopAfter` batches a pause is asked for. Every execution opens both sides anew, as after a kill. */
  async function execute(
    unit: string,
    settings: UnitSettings,
    kept: Kept,
    stopAfter: number,
    at: MysqlConnection = connectionTo(to, copy),
  ): Promise<UnitOutcome> {
    kept.attempt += 1;
    const source = connectionTo(from, origin);
    const job: UnitJob = {
      taskId: 't',
      unitId: unit,
      attempt: kept.attempt,
      unitName: unit,
      unitType: 'table',
      source,
      target: at,
      settings,
      limits: NO_LIMITS,
      checkpoint: kept.checkpoint,
      prepared: kept.prepared,
    };
    const control = new AbortController();
    let batches = 0;
    let outcome: UnitOutcome | undefined;
    const report = (each: UnitReport): void => {
      if (each.type === 'prepared') Object.assign(kept, { prepared: each.prepared, checkpoint: each.place });
      if (each.type === 'finished') outcome = each.outcome;
      if (each.type !== 'checkpoint') return;
      kept.checkpoint = each.checkpoint;
      batches += 1;
    };
    const opened = await mysqlConnector.openSource(source);
    try {
      const target = await mysqlConnector.openTarget(at);
      try {
        await copyUnit(job, opened, target, {
          report,
          proceed: () => Promise.resolve(),
          stopped: () => batches >= stopAfter,
          signal: control.signal,
          cut: new AbortController().signal,
          throttle: createThrottle(NO_LIMITS, () => performance.now()),
          buffers: createBuffers(16e6),
          now: () => performance.now(),
        });
      } finally {
        await target.close();
      }
    } finally {
      await opened.close();
    }
    assert.ok(outcome !== undefined);
    return outcome;
  }

  const units = async (): Promise<string[]> => {
    const source = await mysqlConnector.openSource(connectionTo(from, origin));
    const listed = await source.listUnits();
    await source.close();
    return listed.map((unit) => unit.name);
  };
  const equal = async (unit: string): Promise<void> =>
    assert.equal(await checksum(to, copy, unit), await checksum(from, origin, unit), unit);

  test('completes every table, paused and resumed at every batch border', async () => {
    for (const checkpoint of ['store', 'target'] as const) {
      for (const unit of await units()) {
        const settings = settingsFor(unit, { batchRows: 3, createTarget: 'recreate', checkpoint });
        const kept: Kept = { checkpoint: null, prepared: null, attempt: 0 };
        let outcome = await execute(unit, settings, kept, 1);
        while (outcome.kind === 'stopped') outcome = await execute(unit, settings, kept, 1);
        assert.equal(outcome.kind, 'completed', `${unit}: ${JSON.stringify(outcome)}`);
        assert.ok(outcome.kind === 'completed' && outcome.note === null, unit);
        await equal(unit);
      }
    }
  });

  test('completes in every write mode, also when it is started twice', async () => {
    for (const write of ['upsert', 'insert', 'replace', 'truncate'] as const) {
      for (const unit of ['numbers', 'composite', 'no_key', 'two_uniques', 'words']) {
        const fresh = settingsFor(unit, { write, batchRows: 4, createTarget: 'recreate', resume: 'unit' });
        const kept: Kept = { checkpoint: null, prepared: null, attempt: 0 };
        assert.equal(
          (await execute(unit, fresh, kept, Number.POSITIVE_INFINITY)).kind,
          'completed',
          `${write} ${unit}`,
        );
        // As after a kill before the outcome was recorded.
        assert.equal(
          (await execute(unit, fresh, kept, Number.POSITIVE_INFINITY)).kind,
          'completed',
          `${write} ${unit} again`,
        );
        await equal(unit);
      }
    }
  });

  test('takes any name a table can have', async () => {
    const names = [
      'x'.repeat(64),
      '☃'.repeat(40),
      'we``ird"x\'; -- ',
      'two words',
      'dot.dot',
      'line\nfeed\ttab',
      '; DROP TABLE parent; -- x',
      '__proto__',
      'constructor',
      'select',
      'NULL',
      '%s{0}\u0024{x}',
      '../../etc/passwd',
      '\\',
      'ünïcödé',
      '<b>x</b>',
      "'",
      '`',
    ].map((name) => name.trim());
    for (const [at, name] of names.entries()) {
      const quoted = `\`${name.replaceAll('`', '``')}\``;
      await from.query(
        `CREATE TABLE \`${origin}\`.${quoted} (${quoted} INT NOT NULL, v TEXT, CONSTRAINT \`c),(${at}\` CHECK (${quoted} > 0), UNIQUE KEY ${quoted} (${quoted})); ` +
          `INSERT INTO \`${origin}\`.${quoted} VALUES (1, 'a'), (2, NULL), (3, 'c')`,
      );
    }
    const listed = await units();
    for (const name of names) {
      assert.ok(listed.includes(name), name);
      const kept: Kept = { checkpoint: null, prepared: null, attempt: 0 };
      const settings = settingsFor(name, { batchRows: 2, checkpoint: 'target' });
      let outcome = await execute(name, settings, kept, 1);
      while (outcome.kind === 'stopped') outcome = await execute(name, settings, kept, 1);
      assert.equal(outcome.kind, 'completed', `${name}: ${JSON.stringify(outcome)}`);
      await equal(name);
    }
  });

  test('ends exact when the connection to the target is cut again and again', async () => {
    await from.query(
      `USE \`${origin}\`; CREATE TABLE many (id BIGINT PRIMARY KEY, v VARCHAR(50)); INSERT INTO many SELECT seq, LEFT(SHA2(seq, 256), 32) FROM seq_1_to_5000`,
    );
    const proxy = await startProxy(to.port);
    const at = connectionTo(to, copy, { port: proxy.port });
    for (const checkpoint of ['store', 'target'] as const) {
      const settings = settingsFor('many', { batchRows: 300, createTarget: 'recreate', checkpoint });
      const kept: Kept = { checkpoint: null, prepared: null, attempt: 0 };
      for (let attempt = 0; ; attempt += 1) {
        assert.ok(attempt < 200);
        proxy.failAfter(15_000 + attempt * 2_311, 'cut');
        const outcome = await execute('many', settings, kept, Number.POSITIVE_INFINITY, at).catch((error: unknown) => {
          // The connection did not even open.
          assert.equal((error as { error?: { class?: string } }).error?.class, 'retryable', String(error));
          return null;
        });
        if (outcome?.kind === 'completed') break;
        if (outcome !== null)
          assert.ok(outcome.kind === 'failed' && outcome.error.class === 'retryable', JSON.stringify(outcome));
      }
      proxy.heal();
      await equal('many');
    }
    await proxy.close();
  });
});
