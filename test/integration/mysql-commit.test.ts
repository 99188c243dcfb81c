/**
 * A connection that is lost around a COMMIT: nobody knows whether the server has carried it out. Whatever it did, no row
 * may be missing or there twice in the end.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Target } from '../../src/connectors/contract.ts';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import type { Prepared } from '../../src/core/model.ts';
import type { UnitSettings } from '../../src/core/settings.ts';
import { type Ran, runUnit, SETTINGS } from '../conformance/run-unit.ts';
import type { System } from '../conformance/suite.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { startProxy, type WireProxy } from '../servers/wire-proxy.ts';
import { systemBetween } from './mysql-system.ts';

const ROWS = 7;
const BATCH = 3;

describe('a connection that is lost around a COMMIT', () => {
  let server: MariaDb;
  let system: System;
  let proxy: WireProxy;
  let databases: { readonly from: string; readonly to: string };

  before(async () => {
    server = await startMariaDb({ name: 'commit' });
    system = await systemBetween(server, server);
    proxy = await startProxy(server.port);
    assert.ok(system.from.type === 'mysql' && system.to.type === 'mysql');
    databases = { from: system.from.database, to: system.to.database };
    const rows = Array.from({ length: ROWS }, (_, at) => `(${at * 2}, 'row ${at % 3}', ${at})`).join(', ');
    await server.query(
      `USE \`${databases.from}\`; CREATE TABLE keyed (id INT PRIMARY KEY, v VARCHAR(20), n INT UNIQUE); INSERT INTO keyed VALUES ${rows}; ` +
        `CREATE TABLE heap (id INT, v VARCHAR(20), n INT); INSERT INTO heap VALUES ${rows}, ${rows}`,
    );
  });
  after(async () => {
    await proxy?.close();
    await system?.close();
    await server?.stop();
  });

  async function execute(
    unit: string,
    settings: Partial<UnitSettings>,
    kept: Pick<Ran, 'checkpoint' | 'prepared'>,
  ): Promise<Ran> {
    assert.ok(system.to.type === 'mysql');
    const to = { ...system.to, port: proxy.port };
    const target: Target = await mysqlConnector.openTarget(to);
    try {
      return await runUnit({ ...system, target, to }, unit, { ...kept, settings: { batchRows: BATCH, ...settings } });
    } finally {
      await target.close();
    }
  }

  /** Copies with one cut around the `nth` COMMIT; answers how many executions it took. */
  async function copyWithCut(
    unit: string,
    settings: Partial<UnitSettings>,
    nth: number,
    when: 'unseen' | 'answered',
  ): Promise<number> {
    proxy.cutAt('\u0003COMMIT', nth, when);
    let kept: { checkpoint: string | null; prepared: Prepared | null } = { checkpoint: null, prepared: null };
    for (let executions = 1; ; executions += 1) {
      const { outcome, checkpoint, prepared } = await execute(unit, settings, kept);
      if (outcome.kind === 'completed') return executions;
      assert.ok(outcome.kind === 'failed' && outcome.error.class === 'retryable', JSON.stringify(outcome));
      assert.ok(executions < 3);
      kept = { checkpoint, prepared };
    }
  }

  const rowsOf = async (side: 'source' | 'target', unit: string) => system.rows(side, unit);

  for (const write of ['upsert', 'insert', 'replace', 'truncate'] as const) {
    for (const checkpoint of ['store', 'target'] as const) {
      test(`ends exact: ${write}, checkpoint in the ${checkpoint}`, async () => {
        for (const [resume, commits] of [
          ['row', [1, 2, 3]],
          ['unit', [2]],
        ] as const) {
          for (const when of ['unseen', 'answered'] as const) {
            for (const nth of commits) {
              await server.query(`DROP TABLE IF EXISTS \`${databases.to}\`.keyed`);
              const executions = await copyWithCut('keyed', { write, checkpoint, resume }, nth, when);
              assert.equal(executions, 2, `${resume}, COMMIT ${nth} ${when}`);
              assert.deepEqual(await rowsOf('target', 'keyed'), await rowsOf('source', 'keyed'));
            }
          }
        }
      });

      // Kept in the store, a checkpoint does not tell whether an insert was carried out: such a unit is not gone on from.
      if (write === 'insert' && checkpoint === 'store') continue;
      test(`ends exact over rows that were there: ${write}, checkpoint in the ${checkpoint}`, async () => {
        for (const when of ['unseen', 'answered'] as const) {
          for (const nth of write === 'insert' ? [2, 3] : [1, 3]) {
            await server.query(
              `DROP TABLE IF EXISTS \`${databases.to}\`.keyed; CREATE TABLE \`${databases.to}\`.keyed LIKE \`${databases.from}\`.keyed; ` +
                `INSERT INTO \`${databases.to}\`.keyed VALUES (99, 'own', 99)${write === 'insert' ? '' : ", (4, 'old', 98)"}`,
            );
            await copyWithCut('keyed', { write, checkpoint, resume: 'row' }, nth, when);
            const own =
              write === 'truncate' ? [] : (await rowsOf('target', 'keyed')).filter((row) => row.includes('"own"'));
            assert.equal(own.length, write === 'truncate' ? 0 : 1);
            assert.deepEqual(await rowsOf('target', 'keyed'), [...(await rowsOf('source', 'keyed')), ...own].sort());
          }
        }
      });
    }

    if (write === 'insert') {
      test('neither empties a table that held rows nor adds any twice, when the first batch of an insert is lost', async () => {
        await server.query(
          `DROP TABLE IF EXISTS \`${databases.to}\`.keyed; CREATE TABLE \`${databases.to}\`.keyed LIKE \`${databases.from}\`.keyed; INSERT INTO \`${databases.to}\`.keyed VALUES (99, 'own', 99)`,
        );
        proxy.cutAt('\u0003COMMIT', 1, 'answered');
        const first = await execute('keyed', { write }, { checkpoint: null, prepared: null });
        const { outcome } = await execute('keyed', { write }, first);
        assert.ok(outcome.kind === 'failed' && outcome.error.code === 'pipeline.restartWouldRepeat');
        assert.equal((await rowsOf('target', 'keyed')).length, BATCH + 1);
      });
    }

    test(`ends exact without a key, also over rows that were there: ${write}`, async () => {
      for (const when of ['unseen', 'answered'] as const) {
        for (const before of ['nothing', 'rows'] as const) {
          await server.query(`DROP TABLE IF EXISTS \`${databases.to}\`.heap`);
          if (before === 'rows') {
            await server.query(
              `CREATE TABLE \`${databases.to}\`.heap LIKE \`${databases.from}\`.heap; INSERT INTO \`${databases.to}\`.heap VALUES (0, 'row 0', 0), (1, 'own', 1)`,
            );
            const schema = await system.source.describe('heap', { ...SETTINGS, targetName: 'heap', write });
            const { warnings } = await system.target.plan(schema, { ...SETTINGS, targetName: 'heap', write });
            assert.ok(
              warnings.some((each) => each.code === 'mysql.plan.willEmpty'),
              'the plan says so',
            );
          }
          // The whole unit is one transaction.
          assert.equal(await copyWithCut('heap', { write, resume: 'row' }, 1, when), 2);
          assert.deepEqual(await rowsOf('target', 'heap'), await rowsOf('source', 'heap'));
        }
      }
    });
  }
});
