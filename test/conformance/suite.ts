/**
 * What every connector has to pass as source and target of the same engine. A system gives two empty places and a way
 * to say SQL there; statements keep to what all of them understand.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Source } from '../../src/connectors/contract.ts';
import type { UnitOutcome } from '../../src/core/events.ts';
import type { DataError, PlanRequest, UnitReport } from '../../src/core/ports.ts';
import type { UnitSettings } from '../../src/core/settings.ts';
import { planTask } from '../../src/pipeline/plan.ts';
import { verifyUnit } from '../../src/pipeline/verify-unit.ts';
import { ABORTED, type Ends, type Ran, type RunOptions, runUnit, SETTINGS, type Sides } from './run-unit.ts';

export interface System extends Sides {
  /** Runs one statement there, on a connection of its own. */
  sql(side: 'source' | 'target', statement: string): Promise<void>;
  /** All rows as text that differs when any value or its type differs, sorted. */
  rows(side: 'source' | 'target', table: string): Promise<readonly string[]>;
  /** Drops every table on both sides. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** What a side cannot do by its nature. */
export interface Traits {
  /** A file is copied whole and must not change meanwhile. */
  readonly sourceIsFile?: boolean;
  /** A file is replaced whole: rows that were there are not kept, and not written one by one. */
  readonly targetIsFile?: boolean;
  /** Documents are taken one by one: no transaction holds them, and nothing but their id is unique. */
  readonly targetIsSearch?: boolean;
  /** So many ranges at a time, also of small units. */
  readonly lanes?: number;
}

const ROWS = 12;

const leftOut: (name: string, body: () => Promise<void>) => void = () => undefined;

/** A checkpoint after rows; before the first one, what was prepared is kept. */
function isBatch(report: UnitReport): report is UnitReport & { readonly type: 'checkpoint' } {
  return report.type === 'checkpoint' && report.processed > 0;
}

export function runConformance(name: string, makeSystem: () => Promise<System>, traits: Traits = {}): void {
  const { sourceIsFile = false, targetIsFile = false, targetIsSearch = false, lanes = 1 } = traits;
  const inLanes = lanes > 1;
  const ofLiveSources = sourceIsFile ? leftOut : test;
  const ofTargetsWithRows = targetIsFile ? leftOut : test;
  const ofTables = sourceIsFile || targetIsFile || targetIsSearch ? leftOut : test;
  const ofTransactions = targetIsSearch ? leftOut : test;
  const checkpoints = targetIsSearch ? (['store'] as const) : (['store', 'target'] as const);
  describe(`${name} keeps the contract of a connector`, () => {
    let system: System;
    before(async () => {
      system = await makeSystem();
    });
    afterEach(() => system.clear());
    after(() => system.close());

    const run = (unit: string, options: RunOptions = {}) => {
      if (!inLanes) return runUnit(system, unit, options);
      const settings = { lanes, ...options.settings };
      return runUnit(system, unit, { ...options, settings, lanesFrom: { rows: 1, bytes: 1 } });
    };

    async function makeItems(rows = ROWS): Promise<void> {
      await system.sql(
        'source',
        'CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, label VARCHAR(50), amount BIGINT)',
      );
      const values = Array.from(
        { length: rows },
        (_, at) => `(${(at + 1) * 10}, 'item ${at}', ${at % 3 ? at * 7 : 'NULL'})`,
      );
      if (rows > 0) await system.sql('source', `INSERT INTO items VALUES ${values.join(', ')}`);
    }

    async function assertEqual(table: string): Promise<void> {
      assert.deepEqual(await system.rows('target', table), await system.rows('source', table));
    }

    for (const batchRows of [1, 2, 3, 7, ROWS - 1, ROWS, ROWS + 1]) {
      test(`a table arrives whole in batches of ${batchRows}`, async () => {
        await makeItems();
        const ran = await run('items', { settings: { batchRows } });
        assertCompleted(ran, ROWS);
        assert.equal(ran.prepared, 'created');
        const records = ran.reports.filter(isBatch).length;
        // What is known to be all of a unit is recorded with its outcome.
        if (!inLanes && batchRows < ROWS) assert.equal(records, Math.ceil(ROWS / batchRows));
        assert.ok(inLanes || batchRows < ROWS || records <= 1);
        await assertEqual('items');
      });

      test(`a copy stopped at any border of batches of ${batchRows} goes on after it`, async () => {
        await makeItems();
        for (let border = 0; border * batchRows < ROWS; border++) {
          let seen = 0;
          const first = await run('items', {
            settings: { batchRows, createTarget: 'recreate' },
            at: (report, stop) => {
              if (report.type === 'prepared' && border === 0) stop();
              if (isBatch(report) && ++seen === border) stop();
            },
          });
          const { checkpoint, prepared, outcome } = first;
          if (!inLanes || border === 0) {
            assert.equal(outcome.kind, 'stopped');
            assert.equal(outcome.processed, border * batchRows);
          }
          const second = await run('items', { settings: { batchRows }, checkpoint, prepared });
          assertCompleted(second, ROWS);
          assert.equal(second.written, ROWS - outcome.processed);
          await assertEqual('items');
        }
      });
    }

    for (const batchRows of [1, 5]) {
      test(`a batch of ${batchRows} whose record was lost is repeated without harm`, async () => {
        await makeItems();
        let before: string | null = null;
        let last: string | null = null;
        const first = await run('items', {
          settings: { batchRows },
          at: (report, stop) => {
            if (!isBatch(report)) return;
            before = last;
            last = report.checkpoint;
            if (report.processed >= 2 * batchRows) stop();
          },
        });
        const second = await run('items', { settings: { batchRows }, checkpoint: before, prepared: first.prepared });
        assertCompleted(second, ROWS);
        await assertEqual('items');
      });
    }

    test('a size in bytes ends a batch, but never before its first row', async () => {
      await makeItems();
      const ran = await run('items', { settings: { batchBytes: 1 } });
      assertCompleted(ran, ROWS);
      if (!inLanes) assert.equal(ran.reports.filter(isBatch).length, ROWS);
      await assertEqual('items');
    });

    test('an empty table is made and is complete', async () => {
      await makeItems(0);
      const ran = await run('items');
      assertCompleted(ran, 0);
      await assertEqual('items');
    });

    test('a stop before the first batch writes nothing', async () => {
      await makeItems();
      const ran = await run('items', { at: (report, stop) => report.type === 'prepared' && stop() });
      assert.equal(ran.outcome.kind, 'stopped');
      assert.deepEqual(await system.rows('target', 'items'), []);
    });

    test('an execution that failed while its host records a batch leaves no timer behind', async () => {
      await makeItems();
      const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
      const before = timers();
      // The second page cannot be read, while nobody answers for the first one.
      const failing = (source: Source): Source => ({
        ...source,
        within: (scope) => failing(source.within(scope)),
        read: async (schema, options) => {
          const reader = await source.read(schema, options);
          let pages = 0;
          return { ...reader, next: async () => (pages++ === 0 ? reader.next() : Promise.reject(new Error('lost'))) };
        },
      });
      const ran = await runUnit({ ...system, source: failing(system.source) }, 'items', {
        settings: { batchRows: 2, stallMs: 1_000 },
        at: (report) => (isBatch(report) ? new Promise(() => undefined) : undefined),
      });
      assert.equal(ran.outcome.kind, 'failed');
      assert.equal(timers(), before);
    });

    test('progress never falls and the last figures come before the end', async () => {
      await makeItems();
      const ran = await run('items', { settings: { batchRows: 1 } });
      const figures = ran.reports.flatMap((report) => ('processed' in report ? [report.processed] : []));
      assert.deepEqual(
        figures,
        figures.toSorted((a, b) => a - b),
      );
      assert.equal(figures.at(-1), ROWS);
    });

    test('a column added in mid-copy fails the unit and is named', async () => {
      await makeItems();
      const error = await failsAfterFirstBatch(() =>
        system.sql('source', 'ALTER TABLE items ADD COLUMN added_later BIGINT'),
      );
      assert.match(error.code, /\.schemaChanged$/);
      assert.match(JSON.stringify(error.args), /added_later/);
      assert.equal(error.class, 'permanent');
    });

    test('a table removed in mid-copy fails the unit', async () => {
      await makeItems();
      const error = await failsAfterFirstBatch(() => system.sql('source', 'DROP TABLE items'));
      assert.match(error.code, /\.unit(Removed|Missing)$/);
      assert.equal(error.class, 'permanent');
    });

    async function failsAfterFirstBatch(act: () => Promise<void>) {
      let acted = false;
      const ran = await run('items', {
        settings: { batchRows: 1 },
        at: async (report) => {
          if (!isBatch(report) || acted) return;
          acted = true;
          await act();
        },
      });
      return failure(ran.outcome);
    }

    ofLiveSources('rows that appear after the upper bound are left for the next run', async () => {
      await makeItems();
      const ran = await run('items', {
        settings: { batchRows: 3 },
        at: async (report) => {
          if (report.type === 'prepared') await system.sql('source', "INSERT INTO items VALUES (9999, 'late', 1)");
        },
      });
      assertCompleted(ran, ROWS);
      assert.equal((await system.rows('target', 'items')).length, ROWS);
    });

    ofLiveSources('rows that vanish from the source during the copy are said', async () => {
      await makeItems();
      let acted = false;
      const ran = await run('items', {
        settings: { batchRows: 2 },
        at: async (report) => {
          if (report.type !== 'checkpoint' || report.processed < 8 || acted) return;
          acted = true;
          await system.sql('source', 'DELETE FROM items WHERE id=10');
        },
      });
      assert.equal(ran.outcome.kind, 'completed');
      assert.equal(ran.outcome.kind === 'completed' && ran.outcome.note?.code, 'pipeline.sourceChanged');
    });

    ofTargetsWithRows('upsert and replace change rows that are there and keep the others', async () => {
      for (const write of ['upsert', 'replace'] as const) {
        await makeItems();
        await system.sql(
          'target',
          'CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, label VARCHAR(50), amount BIGINT)',
        );
        await system.sql('target', "INSERT INTO items VALUES (10, 'old', 1), (11, 'own', 2)");
        const ran = await run('items', { settings: { write, batchRows: 5 } });
        assertCompleted(ran, ROWS);
        assert.equal(ran.prepared, 'rows');
        const rows = await system.rows('target', 'items');
        assert.equal(rows.length, ROWS + 1);
        for (const row of await system.rows('source', 'items')) assert.ok(rows.includes(row), row);
        await system.clear();
      }
    });

    ofTransactions('insert refuses a key that is there and overwrites nothing', async () => {
      await makeItems();
      await system.sql(
        'target',
        'CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, label VARCHAR(50), amount BIGINT)',
      );
      await system.sql('target', "INSERT INTO items VALUES (20, 'own', 2)");
      const before = await system.rows('target', 'items');
      const ran = await run('items', { settings: { write: 'insert' } });
      assert.equal(failure(ran.outcome).class, 'permanent');
      const rows = await system.rows('target', 'items');
      // What other ranges have committed until then stays.
      assert.deepEqual(inLanes ? rows.filter((row) => before.includes(row)) : rows, before);
    });

    test('truncate removes what was there', async () => {
      await makeItems();
      await system.sql(
        'target',
        'CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, label VARCHAR(50), amount BIGINT)',
      );
      await system.sql('target', "INSERT INTO items VALUES (11, 'own', 2)");
      const ran = await run('items', { settings: { write: 'truncate' } });
      assertCompleted(ran, ROWS);
      assert.equal(ran.prepared, 'emptied');
      await assertEqual('items');
    });

    (targetIsSearch ? leftOut : ofTargetsWithRows)(
      'another unique value of the target is never overwritten',
      async () => {
        const ddl = 'CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, label VARCHAR(50) NOT NULL UNIQUE)';
        for (const write of ['upsert', 'replace'] as const) {
          await system.sql('source', ddl);
          await system.sql('target', ddl);
          await system.sql('source', "INSERT INTO items VALUES (1, 'same')");
          await system.sql('target', "INSERT INTO items VALUES (2, 'same')");
          const before = await system.rows('target', 'items');
          const ran = await run('items', { settings: { write, key: ['id'] } });
          assert.equal(failure(ran.outcome).class, 'permanent');
          assert.deepEqual(await system.rows('target', 'items'), before);
          await system.clear();
        }
      },
    );

    for (const write of ['insert', 'truncate'] as const) {
      test(`an interrupted ${write} into a table that was empty begins again`, async () => {
        await makeItems();
        const first = await stopsAfterTwoBatches({ write, batchRows: 3 });
        const { checkpoint, prepared } = first;
        const second = await run('items', { settings: { write, batchRows: 3 }, checkpoint, prepared });
        assertCompleted(second, ROWS);
        await assertEqual('items');
      });

      ofTransactions(`an interrupted ${write} with its checkpoint in the target goes on`, async () => {
        await makeItems();
        const settings = { write, batchRows: 3, checkpoint: 'target' } as const;
        const first = await stopsAfterTwoBatches(settings);
        const second = await run('items', { settings, prepared: first.prepared });
        assertCompleted(second, ROWS);
        assert.equal(second.written, ROWS - first.outcome.processed);
        await assertEqual('items');
      });
    }

    ofTargetsWithRows('an interrupted insert into a table with rows fails and says why', async () => {
      await makeItems();
      await system.sql(
        'target',
        'CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, label VARCHAR(50), amount BIGINT)',
      );
      await system.sql('target', "INSERT INTO items VALUES (11, 'own', 2)");
      const first = await stopsAfterTwoBatches({ write: 'insert', batchRows: 3 });
      const second = await run('items', { settings: { write: 'insert' }, prepared: first.prepared });
      assert.equal(failure(second.outcome).code, 'pipeline.restartWouldRepeat');
      assert.equal((await system.rows('target', 'items')).length, 7);
    });

    for (const resume of ['unit', 'row'] as const) {
      ofTargetsWithRows(
        `an interrupted insert (resume ${resume}) that goes on with another target keeps the rows that are there`,
        async () => {
          await makeItems();
          await system.sql(
            'target',
            'CREATE TABLE others (id BIGINT NOT NULL PRIMARY KEY, label VARCHAR(50), amount BIGINT)',
          );
          await system.sql('target', "INSERT INTO others VALUES (11, 'own', 2)");
          const first = await stopsAfterTwoBatches({ write: 'insert', resume, batchRows: 3 });
          assert.equal(first.prepared, 'created');
          const { checkpoint, prepared } = first;
          const settings = { write: 'insert', resume, targetName: 'others' } as const;
          const second = await run('items', { settings, checkpoint, prepared });
          assertCompleted(second, ROWS);
          assert.equal(second.prepared, 'rows');
          assert.equal((await system.rows('target', 'others')).length, ROWS + 1);
        },
      );
    }

    for (const write of ['upsert', 'insert'] as const) {
      test(`an interrupted ${write} whose target was dropped begins anew`, async () => {
        await makeItems();
        const first = await stopsAfterTwoBatches({ write, batchRows: 3 });
        await system.sql('target', 'DROP TABLE items');
        const { checkpoint, prepared } = first;
        const second = await run('items', { settings: { write, batchRows: 3 }, checkpoint, prepared });
        assertCompleted(second, ROWS);
        await assertEqual('items');
      });
    }

    async function stopsAfterTwoBatches(settings: RunOptions['settings'] & object): Promise<Ran> {
      const at = { ...settings, lanes: 1 };
      const ran = await run('items', { settings: at, afterBatch: (written, stop) => written === 6 && stop() });
      assert.equal(ran.outcome.kind, 'stopped');
      return ran;
    }

    test('a composite key of numbers, text and bytes is followed in the order of the database', async () => {
      await system.sql(
        'source',
        'CREATE TABLE parts (a BIGINT NOT NULL, b VARCHAR(20) NOT NULL, c VARBINARY(8) NOT NULL, v BIGINT, PRIMARY KEY (a, b, c))',
      );
      const values: string[] = [];
      for (const a of ['-9223372036854775808', '-1', '9007199254740993', '9223372036854775807'])
        for (const b of ['', 'A', 'b', 'Zoë', '杭州'])
          for (const c of ["X'00'", "X'FF00'"]) values.push(`(${a}, '${b}', ${c}, 1)`);
      await system.sql('source', `INSERT INTO parts VALUES ${values.join(', ')}`);
      for (const batchRows of [1, 3, 40]) {
        const ran = await run('parts', { settings: { batchRows, createTarget: 'recreate' } });
        assertCompleted(ran, values.length);
        await assertEqual('parts');
      }
    });

    test('a table without a key is copied whole, also when it begins again', async () => {
      await system.sql('source', 'CREATE TABLE heap (a BIGINT, b VARCHAR(20))');
      const values = Array.from({ length: ROWS }, (_, at) => `(${at % 4}, 'same')`);
      await system.sql('source', `INSERT INTO heap VALUES ${values.join(', ')}`);
      const first = await run('heap', { settings: { batchRows: 5 } });
      assertCompleted(first, ROWS);
      await assertEqual('heap');
      const second = await run('heap', { settings: { batchRows: 5 }, prepared: first.prepared });
      assertCompleted(second, ROWS);
      await assertEqual('heap');
      const again = await run('heap', { settings: { batchRows: 5 } });
      assertCompleted(again, ROWS);
      await assertEqual('heap');
    });

    ofLiveSources('only the rows and columns that were asked for are copied', async () => {
      await makeItems();
      const ran = await run('items', { settings: { where: 'id > 50 -- only some', columns: ['*', '!amount'] } });
      assertCompleted(ran, ROWS - 5);
      assert.equal((await system.rows('target', 'items')).length, ROWS - 5);
    });

    test('a column that is to be left out and is not there stops the unit: another one may have been meant', async () => {
      await makeItems();
      const { outcome } = await run('items', { settings: { columns: ['*', '!amuont'] } });
      assert.ok(outcome.kind === 'failed');
      assert.match(outcome.error.code, /noSuchColumn$/);
      assert.equal(outcome.error.args.column, 'amuont');
    });

    test('a checkpoint of another copy is not used', async () => {
      await makeItems();
      const first = await run('items', {
        settings: { batchRows: 3 },
        at: (report, stop) => isBatch(report) && stop(),
      });
      await system.sql('source', 'ALTER TABLE items ADD COLUMN more BIGINT');
      await system.sql('target', 'ALTER TABLE items ADD COLUMN more BIGINT');
      const { checkpoint, prepared } = first;
      const second = await run('items', { settings: { batchRows: 3 }, checkpoint, prepared });
      assertCompleted(second, ROWS);
      assert.equal(second.written, ROWS);
      await assertEqual('items');
    });

    let combination = 0;
    for (const write of ['upsert', 'replace', 'insert', 'truncate'] as const) {
      for (const checkpoint of checkpoints) {
        for (const way of ['pause', 'abort', 'kill'] as const) {
          test(`a ${way} at any moment of a copy (${write}, checkpoint in the ${checkpoint}) repeats one batch at most`, async () => {
            await makeItems();
            const settings = { write, checkpoint, batchRows: 4, createTarget: 'missing' } as const;
            const finds = system.target.findsOpenBatch === true;
            const byRow = write === 'upsert' || write === 'replace' || checkpoint === 'target' || finds;
            for (const moment of momentsOf(combination++)) {
              const first = await run('items', { settings, ...endsAt(moment, way) });
              const what = `${way} ${moment}: ${JSON.stringify(first.outcome)}`;
              if (way === 'pause') assert.ok(first.outcome.kind !== 'failed', what);
              else if (first.outcome.kind !== 'completed') assert.deepEqual(failure(first.outcome), ABORTED, what);
              const { prepared } = first;
              const second = await run('items', { settings, checkpoint: first.checkpoint, prepared });
              assertCompleted(second, ROWS);
              await assertEqual('items');
              const repeated = first.written + second.written - ROWS;
              // Another lane's commit may be heard of by nobody.
              const [least, most] = [inLanes ? -lanes * settings.batchRows : 0, lanes * settings.batchRows];
              if (byRow) assert.ok(repeated >= least && repeated <= most, `${repeated} rows again, ${what}`);
              await system.sql('target', 'DROP TABLE items');
            }
          });
        }

        for (const [damage, statement] of [
          ['a row', 'DELETE FROM items WHERE id=20'],
          ['nothing', "INSERT INTO items VALUES (21, 'stranger', 1)"],
        ] as const) {
          test(`a failed verification (${write}, checkpoint in the ${checkpoint}, ${damage} missing) is not gone on from: the next execution ends exact`, async () => {
            await makeItems();
            const settings = { write, checkpoint, batchRows: 4 } as const;
            const afterBatch = (written: number) => (written === ROWS ? system.sql('target', statement) : undefined);
            const first = await run('items', { settings, afterBatch });
            assert.equal(failure(first.outcome).code, 'pipeline.verifyFailed');
            assert.equal(failure(first.outcome).class, 'permanent');
            assert.equal(first.outcome.kind === 'failed' && first.outcome.forget, true);
            const { prepared } = first;
            const second = await run('items', { settings, checkpoint: first.checkpoint, prepared });
            assertCompleted(second, ROWS);
            await assertEqual('items');
          });
        }
      }
    }

    test('values are compared one by one where that is asked for: a row that another took the place of is named', async () => {
      await makeItems();
      const settings = { verify: 'checksum', batchRows: 4 } as const;
      const whole = await run('items', { settings });
      assertCompleted(whole, ROWS);
      await assertEqual('items');
      const compared = () =>
        verifyUnit(planRequest({ items: { verify: 'checksum' } }), 'items', system.source, system.target);
      assert.deepEqual(await compared(), {
        ...{ unit: 'items', sourceRows: ROWS, targetRows: ROWS, equal: true },
        ...{ by: 'checksum', difference: null, error: null },
      });
      const afterBatch = async (written: number) => {
        if (written !== ROWS) return;
        await system.sql('target', 'DELETE FROM items WHERE id=20');
        await system.sql('target', "INSERT INTO items VALUES (21, 'stranger', 1)");
      };
      const bad = await run('items', { settings: { ...settings, createTarget: 'recreate' }, afterBatch });
      assert.deepEqual([failure(bad.outcome).code, failure(bad.outcome).args.key], ['pipeline.checksumMissing', '20']);
    });

    test('rows without a key are compared as often as they are there', async () => {
      await system.sql('source', 'CREATE TABLE notes (text VARCHAR(50), n BIGINT)');
      await system.sql('source', "INSERT INTO notes VALUES ('same', 1), ('same', 1), (NULL, 2), ('', 2)");
      const settings = { verify: 'checksum', createTarget: 'recreate' } as const;
      assertCompleted(await run('notes', { settings }), 4);
      await assertEqual('notes');
    });

    ofTargetsWithRows('rows that were in the target before are not in the way when values are compared', async () => {
      await makeItems();
      const table = 'CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, label VARCHAR(50), amount BIGINT)';
      await system.sql('target', table);
      await system.sql('target', "INSERT INTO items VALUES (11, 'own', 2)");
      assertCompleted(await run('items', { settings: { verify: 'checksum' } }), ROWS);
      const afterBatch = (written: number) =>
        written === ROWS ? system.sql('target', "UPDATE items SET label='other' WHERE id=30") : undefined;
      const bad = await run('items', { settings: { verify: 'checksum' }, afterBatch });
      assert.deepEqual([failure(bad.outcome).code, failure(bad.outcome).args.key], ['pipeline.checksumDiffers', '30']);
    });

    ofTargetsWithRows('a failed verification keeps rows that were in the target before', async () => {
      await makeItems();
      await system.sql(
        'target',
        'CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, label VARCHAR(50), amount BIGINT)',
      );
      await system.sql('target', "INSERT INTO items VALUES (11, 'own', 2)");
      const afterBatch = (written: number) =>
        written === ROWS ? system.sql('target', 'DELETE FROM items WHERE id IN (20, 30)') : undefined;
      const first = await run('items', { settings: { batchRows: 4 }, afterBatch });
      assert.equal(failure(first.outcome).code, 'pipeline.verifyFailed');
      const { checkpoint, prepared } = first;
      const second = await run('items', { settings: { batchRows: 4 }, checkpoint, prepared });
      assert.equal(second.outcome.kind, 'completed');
      assert.equal((await system.rows('target', 'items')).length, ROWS + 1);
    });

    ofTables('a plan has the parents of foreign keys first, whatever they are called', async () => {
      await system.sql('source', 'CREATE TABLE m_customers (id BIGINT NOT NULL PRIMARY KEY)');
      await system.sql(
        'source',
        'CREATE TABLE z_orders (id BIGINT NOT NULL PRIMARY KEY, c BIGINT, up BIGINT, FOREIGN KEY (c) REFERENCES m_customers (id), FOREIGN KEY (up) REFERENCES z_orders (id))',
      );
      await system.sql(
        'source',
        'CREATE TABLE a_items (id BIGINT NOT NULL PRIMARY KEY, o BIGINT, FOREIGN KEY (o) REFERENCES z_orders (id))',
      );
      await system.sql('source', 'CREATE TABLE b_other (id BIGINT NOT NULL PRIMARY KEY)');
      const names = async (request: PlanRequest) =>
        (await planTask(request, system.source, system.target)).units.map((unit) => unit.name);
      assert.deepEqual(await names(planRequest()), ['m_customers', 'z_orders', 'a_items', 'b_other']);
      assert.deepEqual(await names(planRequest({ a_items: { after: ['b_other'] } })), [
        'm_customers',
        'z_orders',
        'b_other',
        'a_items',
      ]);
      // Those of a table that is there count, too.
      await system.sql('target', 'CREATE TABLE b_other (id BIGINT NOT NULL PRIMARY KEY)');
      await system.sql(
        'target',
        'CREATE TABLE m_customers (id BIGINT NOT NULL PRIMARY KEY, FOREIGN KEY (id) REFERENCES b_other (id))',
      );
      assert.deepEqual(await names(planRequest()), ['b_other', 'm_customers', 'z_orders', 'a_items']);
    });

    test('a plan says what each unit waits for, and is refused where that is not one of its units', async () => {
      await makeItems();
      await system.sql('source', 'CREATE TABLE first (id BIGINT NOT NULL PRIMARY KEY)');
      const plan = await planTask(planRequest({ items: { after: ['first'] } }), system.source, system.target);
      assert.deepEqual(
        plan.units.map((unit) => [unit.name, unit.after]),
        [
          ['first', []],
          ['items', ['first']],
        ],
      );
      await assert.rejects(
        planTask({ ...planRequest({ items: { after: ['first'] } }), units: ['items'] }, system.source, system.target),
        (error: DataError) => {
          assert.deepEqual(error.error.args, { unit: 'items', parent: 'first' });
          return error.error.code === 'after.unknownUnit';
        },
      );
    });

    function planRequest(overrides: Record<string, Partial<UnitSettings>> = {}): PlanRequest {
      const own = Object.entries(overrides).map(
        ([unit, more]) => [unit, { ...SETTINGS, targetName: unit, ...more }] as const,
      );
      return {
        ...{ taskId: 'task', source: system.from, target: system.to, units: ['*'] },
        settings: { prefix: '', suffix: '', fallback: SETTINGS, overrides: Object.fromEntries(own) },
      };
    }

    test('a unit that is not there fails and is not retried', async () => {
      const ran = await run('nothing');
      assert.match(failure(ran.outcome).code, /\.unitMissing$/);
      assert.equal(failure(ran.outcome).class, 'permanent');
    });
  });
}

/** When a copy of three batches is ended. */
const MOMENTS = [
  'when the target is prepared',
  ...[1, 2, 3].flatMap((batch) => [`after batch ${batch}`, `at the record of batch ${batch}`]),
  'when it verifies',
] as const;

/** Every third moment for each combination, so that together they meet all; DATATRACE_RESUME_PROOF=full takes all. */
function momentsOf(combination: number): readonly (typeof MOMENTS)[number][] {
  if (process.env.DATATRACE_RESUME_PROOF === 'full') return MOMENTS;
  return MOMENTS.filter((_, at) => (at + combination) % 3 === 0);
}

/** Ends a copy in batches of four rows at a moment of `MOMENTS`. */
function endsAt(moment: (typeof MOMENTS)[number], way: 'pause' | 'abort' | 'kill'): RunOptions {
  const batch = Number(/batch (\d)/.exec(moment)?.[1] ?? 0);
  const isMoment = (report: UnitReport): boolean => {
    if (moment === 'when the target is prepared') return report.type === 'prepared';
    if (moment === 'when it verifies') return report.type === 'progress' && report.phase === 'verifying';
    return moment.startsWith('at the record') && isBatch(report) && report.processed === batch * 4;
  };
  const act = (stop: () => void, end: Ends) => (way === 'pause' ? stop() : end[way]());
  return {
    at: (report, stop, end) => isMoment(report) && act(stop, end),
    afterBatch: (written, stop, end) => moment.startsWith('after') && written === batch * 4 && act(stop, end),
  };
}

function assertCompleted(ran: Ran, rows: number): void {
  const { outcome } = ran;
  assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
  assert.equal(outcome.processed, rows);
  assert.equal(outcome.kind === 'completed' && outcome.note, null);
}

function failure(outcome: UnitOutcome) {
  if (outcome.kind !== 'failed') assert.fail(`the unit should have failed: ${JSON.stringify(outcome)}`);
  return outcome.error;
}
