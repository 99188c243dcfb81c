import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Source, Target } from '../../src/connectors/contract.ts';
import { openPoolCount } from '../../src/connectors/mysql/session.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { checksum, connectionTo, connectors, copyPart, copyWhole, settingsFor } from './mysql-copy.ts';

const WITHOUT_KEY = ['enum_key', 'float_key', 'nullable_key', 'prefix_key', 'no_key'];

for (const [way, connector] of connectors())
  describe(`a copy between two servers, ${way}`, () => {
    let from: MariaDb;
    let to: MariaDb;
    let origin: string;
    let source: Source;
    const targets: Target[] = [];

    const freshTarget = async (): Promise<{ target: Target; database: string }> => {
      const database = await to.freshDatabase('copy');
      const target = await connector.openTarget(connectionTo(to, database));
      targets.push(target);
      return { target, database };
    };

    before(async () => {
      [from, to] = await Promise.all([startMariaDb({ name: 'source' }), startMariaDb({ name: 'target' })]);
      origin = await from.freshDatabase('nasty');
      const fixture = from.version.includes('MariaDB') ? 'nasty.sql' : 'nasty-mysql.sql';
      const nasty = await readFile(new URL(`../fixtures/mysql/${fixture}`, import.meta.url), 'utf8');
      await from.query(`USE \`${origin}\`; ${nasty}`);
      source = await connector.openSource(connectionTo(from, origin));
    });
    after(async () => {
      for (const each of targets) await each.close();
      await source?.close();
      assert.equal(openPoolCount(), 0);
      await from?.stop();
      await to?.stop();
    });

    test('leaves every table with the checksum of its source', async () => {
      const { target, database } = await freshTarget();
      const units = await source.listUnits();
      assert.ok(units.length >= 30);
      for (const unit of units) {
        await copyWhole(source, target, unit.name, settingsFor(unit.name));
        assert.equal(await checksum(to, database, unit.name), await checksum(from, origin, unit.name), unit.name);
        const [theirs] = await to.query(`SHOW CREATE TABLE \`${database}\`.\`${unit.name.replaceAll('`', '``')}\``);
        const [ours] = await from.query(`SHOW CREATE TABLE \`${origin}\`.\`${unit.name.replaceAll('`', '``')}\``);
        assert.equal(theirs?.['Create Table'], ours?.['Create Table'], unit.name);
      }
    });

    test('ends with the same checksum when it is interrupted at every border of its batches', async () => {
      const { target, database } = await freshTarget();
      for (const unit of await source.listUnits()) {
        const schema = await source.describe(unit.name, settingsFor(unit.name));
        if (schema.key.length === 0) continue;
        const expected = await checksum(from, origin, unit.name);
        const n = await source.count(schema, null, null);
        for (const batchRows of new Set([1, 2, 3, 7, n - 1, n, n + 1].filter((each) => each > 0))) {
          const settings = settingsFor(unit.name, { batchRows, createTarget: 'recreate' });
          let state = await copyPart(source, target, schema, settings, { after: null, pages: 1, prepare: true });
          let rows = state.rows;
          while (!state.ended) {
            state = await copyPart(source, target, schema, settings, { after: state.last, pages: 1, prepare: false });
            rows += state.rows;
          }
          const where = `${unit.name} with batches of ${batchRows}`;
          assert.equal(rows, n, where);
          assert.equal(await checksum(to, database, unit.name), expected, where);
        }
      }
    });

    test('counts rows up to a key with the comparison of the server, on both sides alike', async () => {
      const { target } = await freshTarget();
      for (const unit of ['composite', 'composite_bytes', 'string_key_ci', 'moments', 'numbers', 'descending']) {
        const settings = settingsFor(unit);
        await copyWhole(source, target, unit, settings);
        const schema = await source.describe(unit, settings);
        let seen = 0;
        let last: string | null = null;
        for (;;) {
          const part = { after: last, pages: 1, prepare: false };
          const step = await copyPart(source, target, schema, { ...settings, batchRows: 3 }, part);
          if (step.rows === 0) break;
          seen += step.rows;
          last = step.last;
          assert.equal(await source.count(schema, null, last), seen, unit);
          assert.equal(await target.count(schema, settings, last), seen, unit);
        }
        assert.equal(last, await source.upperBound(schema, null), unit);
      }
    });

    test('says which tables have no usable key, and copies them as one piece', async () => {
      for (const unit of await source.listUnits()) {
        const { key } = await source.describe(unit.name, settingsFor(unit.name));
        assert.equal(key.length === 0, WITHOUT_KEY.includes(unit.name), unit.name);
      }
      const schema = await source.describe('enum_then_unique', settingsFor('enum_then_unique'));
      assert.deepEqual(schema.key, ['id']);
    });

    test('rolls a table without a key back when it is given up in the middle', async () => {
      const { target, database } = await freshTarget();
      const settings = settingsFor('no_key', { batchRows: 3 });
      const schema = await source.describe('no_key', settings);
      const given = await copyPart(source, target, schema, settings, { after: null, pages: 2, prepare: true });
      assert.equal(given.rows, 6);
      assert.equal(await target.count(schema, settings, null), 0);
      await copyWhole(source, target, 'no_key', settings);
      await copyWhole(source, target, 'no_key', settings);
      assert.equal(await checksum(to, database, 'no_key'), await checksum(from, origin, 'no_key'));
    });

    test('is repeated by an upsert without a trace, whatever stood there', async () => {
      const { target, database } = await freshTarget();
      for (const unit of ['moments', 'numbers', 'words', 'string_key_ci', 'two_uniques', 'composite']) {
        await copyWhole(source, target, unit, settingsFor(unit));
      }
      await to.query(`USE \`${database}\`; SET sql_mode='';
      UPDATE moments SET tm = '01:00:00'; UPDATE numbers SET b = 5; UPDATE words SET u4 = 'changed';
      UPDATE string_key_ci SET k = 'a' WHERE k = 'A'; UPDATE two_uniques SET code = CONCAT(code, '!'); DELETE FROM composite LIMIT 7`);
      for (const unit of ['moments', 'numbers', 'words', 'string_key_ci', 'two_uniques', 'composite']) {
        assert.notEqual(await checksum(to, database, unit), await checksum(from, origin, unit), unit);
        await copyWhole(source, target, unit, settingsFor(unit));
        assert.equal(await checksum(to, database, unit), await checksum(from, origin, unit), unit);
      }
    });
  });
