/** Rejected rows, from the command line. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type CliDriver, createCliDriver, type Ended, linesOf, ROWS, TABLES } from './cli-driver.ts';

let cli: CliDriver;
beforeEach(() => {
  cli = createCliDriver();
  cli.configure({ onRowError: 'deadLetter' });
});
afterEach(() => cli.dispose());

function sql(text: string): void {
  const db = new DatabaseSync(path.join(cli.folder, 'work', 'copy.db'));
  db.exec(text);
  db.close();
}

/** The target's own tables: what they refuse is set aside. */
const REFUSING = `CREATE TABLE t3 (id INTEGER PRIMARY KEY, name TEXT, CHECK(id NOT IN (7, 8)));
  CREATE TABLE t5 (id INTEGER PRIMARY KEY, name TEXT, CHECK(id <> 9));`;
/** Takes the check of a table away. */
const loosen = (table: string) =>
  `CREATE TABLE loose (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO loose SELECT * FROM ${table};
   DROP TABLE ${table}; ALTER TABLE loose RENAME TO ${table}`;

function fileOf(run: Ended): string {
  const told = linesOf(run).find((line) => line.code === 'cli.result.rejected')?.args as
    | Record<string, string>
    | undefined;
  return String(told?.file);
}

describe('datatrace run --rejected', () => {
  test('writes the rejected rows again and nothing else; 3 as long as some are left', async () => {
    sql(REFUSING);
    const run = await cli.here('run', 'nightly', '--json');
    assert.equal(run.code, 3, run.out + run.err);
    const result = linesOf(run).at(-1)!;
    assert.deepEqual(
      [result.completed, result.failed, result.rejected, result.outcome],
      [TABLES, 0, 3, 'completed_with_errors'],
    );
    const file = fileOf(run);
    assert.ok(file.startsWith(path.join(cli.folder, 'store')));
    assert.equal(readFileSync(file, 'utf8').match(/"key":"(7|8|9)"/g)?.length, 3);
    const status = linesOf(await cli.here('status', 'nightly', '--json')).find((line) => line.unit === 't3');
    assert.deepEqual([status?.status, status?.rejected], ['completed', 2]);
    assert.match((await cli.here('runs', 'nightly')).out, /completed with errors .* rejected rows: 3\n/);

    sql(`${loosen('t3')}; UPDATE t4 SET id = id + 1000`);
    const some = await cli.here('run', 'nightly', '--rejected', '--json');
    assert.equal(some.code, 3, some.out + some.err);
    const { rows, rejected } = linesOf(some).at(-1)!;
    assert.deepEqual([rows, rejected], [2, 1]);
    const executed = linesOf(some).filter((line) => line.type === 'unit' && line.status === 'completed');
    assert.deepEqual(executed.map((line) => line.unit).sort(), ['t3', 't5']);

    sql(`${loosen('t5')}; UPDATE t4 SET id = id - 1000`);
    const rest = await cli.datatrace('run', 'nightly', '--rejected', '--units', 't5');
    assert.equal(rest.code, 0, rest.out + rest.err);
    assert.deepEqual(cli.tableTexts('copy.db'), cli.tableTexts('shop.db'));

    const none = await cli.here('run', 'nightly', '--rejected');
    assert.equal(none.code, 0, none.out + none.err);
    assert.match(none.err, /Task nightly has no rejected rows\./);
    assert.match((await cli.here('run', 'nightly')).err, /Nothing to do/);
  });

  test('a unit with more bad rows than the limit fails, with the first error', async () => {
    cli.configure({ onRowError: 'deadLetter', deadLetterLimit: 1 });
    sql(REFUSING);
    const run = await cli.here('run', 'nightly');
    assert.equal(run.code, 3, run.out + run.err);
    assert.match(
      run.err + run.out,
      /Rejected rows of t3: more than 1\. Those found are in .*\.jsonl\. The first one: .*CHECK constraint failed/,
    );
  });

  test('a replay that was killed goes on as a replay: what was copied is not copied again', async () => {
    const slow = { onRowError: 'deadLetter', limits: { rowsPerSecond: 50 } };
    sql('CREATE TABLE t3 (id INTEGER PRIMARY KEY, name TEXT, CHECK(id > 150))');
    const file = fileOf(await cli.here('run', 'nightly', '--json'));
    cli.configure(slow);
    sql(`${loosen('t3')}; UPDATE t3 SET name = 'own' WHERE id = 200`);
    const { child, ended } = cli.start('run', 'nightly', '--rejected', '--json');
    const deadline = Date.now() + 20_000;
    while (!readFileSync(file, 'utf8').includes('"written"')) {
      assert.ok(Date.now() < deadline, 'writes some of the rows');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill('SIGKILL');
    await ended;
    const left = await cli.here('status', 'nightly', '--json');
    assert.equal(linesOf(left).find((line) => line.type === 'task')?.state, 'interrupted', left.out);
    cli.configure({ onRowError: 'deadLetter' });
    const run = await cli.here('run', 'nightly', '--json');
    assert.equal(run.code, 0, run.out + run.err);
    assert.deepEqual([linesOf(run).at(-1)?.rejected, linesOf(run).at(-1)?.rows], [0, 150]);
    sql("UPDATE t3 SET name = 'row 200 of 3' WHERE name = 'own' AND id = 200");
    assert.deepEqual(cli.tableTexts('copy.db'), cli.tableTexts('shop.db'));
  });

  test('the files go with the stored data', async () => {
    sql(REFUSING);
    const file = fileOf(await cli.here('run', 'nightly', '--json'));
    assert.ok(existsSync(file));
    assert.equal((await cli.here('delete-data', 'nightly', '--yes')).code, 0);
    assert.ok(!existsSync(path.dirname(file)));
  });

  test('a table without them is copied as always', async () => {
    const run = await cli.here('run', 'nightly', '--json');
    assert.equal(linesOf(run).at(-1)?.rows, TABLES * ROWS);
    assert.deepEqual(cli.tableTexts('copy.db'), cli.tableTexts('shop.db'));
  });
});
