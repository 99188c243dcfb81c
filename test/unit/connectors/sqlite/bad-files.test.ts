import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { sqliteConnector } from '../../../../src/connectors/sqlite/connector.ts';
import { DataError } from '../../../../src/core/ports.ts';
import { runUnit, SETTINGS } from '../../../conformance/run-unit.ts';

describe('a SQLite file that cannot be used', () => {
  let folder: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-bad-'));
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  const at = (name: string) => ({ type: 'sqlite', name: 'shop', file: path.join(folder, name) }) as const;
  const write = (name: string, content: string | Buffer) => fs.writeFileSync(path.join(folder, name), content);

  async function assertCode(call: Promise<unknown>, code: string): Promise<void> {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof DataError, String(error));
      assert.equal(error.error.code, code);
      assert.equal(error.error.args.connection, 'shop');
      return true;
    });
  }

  test('is named when it is missing, and is not made by looking', async () => {
    await assertCode(sqliteConnector.openSource(at('none.db')), 'sqlite.fileMissing');
    assert.equal(fs.existsSync(path.join(folder, 'none.db')), false);
  });

  test('is named when it is a folder', async () => {
    fs.mkdirSync(path.join(folder, 'sub'));
    await assertCode(sqliteConnector.openSource(at('sub')), 'sqlite.notAFile');
  });

  test('is named when it holds something else', async () => {
    write('text.db', 'this is a text file that is long enough to have a header of one hundred bytes. '.repeat(20));
    await assertCode(sqliteConnector.openSource(at('text.db')), 'sqlite.notADatabase');
    await assertCode(sqliteConnector.test(at('text.db')), 'sqlite.notADatabase');
  });

  test('is named when its pages are damaged', async () => {
    const db = new DatabaseSync(at('damaged.db').file);
    db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); BEGIN');
    const insert = db.prepare('INSERT INTO t VALUES (?, ?)');
    for (let id = 1; id < 2000; id++) insert.run(id, 'x'.repeat(50));
    db.exec('COMMIT');
    db.close();
    const bytes = fs.readFileSync(at('damaged.db').file);
    bytes.fill(0xa5, 4096 * 3, 4096 * 12);
    write('damaged.db', bytes);
    const [source, target] = [
      await sqliteConnector.openSource(at('damaged.db')),
      await sqliteConnector.openTarget(at('to.db')),
    ];
    const ran = await runUnit({ source, target, from: at('damaged.db'), to: at('to.db') }, 't');
    assert.equal(ran.outcome.kind === 'failed' && ran.outcome.error.code, 'sqlite.corrupt');
    await source.close();
    await target.close();
  });

  test("is a target that a link leads to the source's own file: refused, and nothing is emptied", async () => {
    const source = await sourceOf('own.db', "CREATE TABLE t (k TEXT PRIMARY KEY); INSERT INTO t VALUES ('a'), ('b')");
    const schema = await source.describe('t', SETTINGS);
    fs.symlinkSync('own.db', at('soft.db').file);
    fs.linkSync(at('own.db').file, at('hard.db').file);
    for (const link of ['own.db', 'soft.db', 'hard.db']) {
      const target = await sqliteConnector.openTarget(at(link));
      const settings = { ...SETTINGS, targetName: link === 'hard.db' ? 'other' : 't' };
      const { refusals } = await target.plan(schema, settings);
      assert.deepEqual(
        refusals.map((refusal) => refusal.code),
        ['sqlite.targetIsSource'],
      );
      await assertCode(target.prepare(schema, settings), 'sqlite.targetIsSource');
      await assertCode(target.empty(schema, settings), 'sqlite.targetIsSource');
      await target.close();
    }
    assert.equal(await source.count(schema, null, null), 2);
    await source.close();
  });

  test('is a target that is a folder, or a circle of links', async () => {
    const source = await sourceOf('round.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY)');
    const schema = await source.describe('t', SETTINGS);
    fs.mkdirSync(at('folder.db').file);
    fs.symlinkSync('circle.db', at('circle.db').file);
    const settings = { ...SETTINGS, targetName: 't' };
    const folderTarget = await sqliteConnector.openTarget(at('folder.db'));
    await assertCode(folderTarget.prepare(schema, settings), 'sqlite.notAFile');
    const circle = await sqliteConnector.openTarget(at('circle.db'));
    await assertCode(circle.prepare(schema, settings), 'sqlite.cannotOpen');
    await assertCode(sqliteConnector.openSource(at('circle.db')), 'sqlite.cannotOpen');
    await source.close();
  });

  test('is a target that is removed while rows are written: the unit fails, and begins anew in a new file', async () => {
    const source = await sourceOf('kept.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)');
    const sides = async () => {
      const target = await sqliteConnector.openTarget(at('gone.db'));
      return { source, target, from: at('kept.db'), to: at('gone.db') };
    };
    const first = await sides();
    const remove = () => {
      for (const suffix of ['', '-wal', '-shm']) fs.rmSync(`${at('gone.db').file}${suffix}`, { force: true });
    };
    const ran = await runUnit(first, 't', { afterBatch: remove });
    assert.equal(ran.outcome.kind === 'failed' && ran.outcome.error.code, 'sqlite.targetReplaced');
    await first.target.close();
    const second = await sides();
    const { checkpoint, prepared } = ran;
    const again = await runUnit(second, 't', { checkpoint, prepared });
    assert.equal(again.outcome.kind, 'completed', JSON.stringify(again.outcome));
    await second.target.close();
    const found = new DatabaseSync(at('gone.db').file);
    assert.equal(found.prepare('SELECT count(*) AS n FROM t').get()?.n, 2);
    found.close();
    await source.close();
  });

  test('is a target whose folder is missing', async () => {
    const target = await sqliteConnector.openTarget(at('no/such/to.db'));
    const source = await sourceOf('plain.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY)');
    const schema = await source.describe('t', SETTINGS);
    const plan = await target.plan(schema, { ...SETTINGS, targetName: 't' });
    assert.deepEqual(
      plan.refusals.map((refusal) => refusal.code),
      ['sqlite.folderMissing'],
    );
    await assertCode(target.prepare(schema, { ...SETTINGS, targetName: 't' }), 'sqlite.folderMissing');
    await source.close();
  });

  test('is a full target: the batch fails, what was committed stays', async () => {
    const source = await sourceOf(
      'much.db',
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) SELECT i, printf('%.*c', 1000, 'x') FROM n",
    );
    const full = new DatabaseSync(at('full.db').file);
    full.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)');
    full.close();
    const target = await sqliteConnector.openTarget(at('full.db'));
    const sides = { source, target, from: at('much.db'), to: at('full.db') };
    // What the file system would do: no page more. It is a limit of a connection, so it is set on the target's own.
    const exec = DatabaseSync.prototype.exec;
    const limitPages = () => {
      DatabaseSync.prototype.exec = function (sql) {
        if (sql === 'BEGIN IMMEDIATE') exec.call(this, 'PRAGMA max_page_count=40');
        exec.call(this, sql);
      };
    };
    try {
      const ran = await runUnit(sides, 't', {
        settings: { batchRows: 50 },
        at: (report) => report.type === 'prepared' && limitPages(),
      });
      assert.equal(ran.outcome.kind === 'failed' && ran.outcome.error.code, 'sqlite.diskFull');
      assert.ok(ran.written > 0);
      assert.equal(ran.written, ran.outcome.processed);
    } finally {
      DatabaseSync.prototype.exec = exec;
      await source.close();
      await target.close();
    }
  });

  test('is locked by another program for a while: the unit waits', async () => {
    const source = await sourceOf('calm.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)');
    const other = new DatabaseSync(at('busy.db').file);
    other.exec('CREATE TABLE t (id INTEGER PRIMARY KEY); BEGIN EXCLUSIVE');
    const target = await sqliteConnector.openTarget(at('busy.db'));
    const running = runUnit({ source, target, from: at('calm.db'), to: at('busy.db') }, 't');
    setTimeout(() => other.exec('COMMIT'), 150);
    const ran = await running;
    assert.equal(ran.outcome.kind, 'completed', JSON.stringify(ran.outcome));
    other.close();
    await source.close();
    await target.close();
  });

  async function sourceOf(name: string, sql: string) {
    const db = new DatabaseSync(at(name).file);
    db.exec(sql);
    db.close();
    return sqliteConnector.openSource(at(name));
  }
});
