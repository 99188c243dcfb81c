import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { after, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sqliteConnector } from '../../src/connectors/sqlite/connector.ts';
import type { Prepared } from '../../src/core/model.ts';
import { readLetters } from '../../src/pipeline/dead-letters.ts';
import { type Ran, type RunOptions, runUnit, type Sides } from '../conformance/run-unit.ts';

const CHILD = fileURLToPath(new URL('./rejected-kill-child.ts', import.meta.url));

/** Ids 1 to 10; ids whose `n` is negative are refused by the target's check. */
function fill(file: string, bad: readonly number[], count = 10): void {
  const db = new DatabaseSync(file);
  db.exec('DROP TABLE IF EXISTS items; CREATE TABLE items(id INTEGER PRIMARY KEY, n INTEGER, name TEXT UNIQUE)');
  const put = db.prepare('INSERT INTO items VALUES(?, ?, ?)');
  for (let id = 1; id <= count; id++) put.run(id, bad.includes(id) ? -id : id, `item ${id}`);
  db.close();
}

describe('rows that a SQLite target rejects', () => {
  let folder = '';
  let sides: Sides;
  let deadLetters = '';
  const folders: string[] = [];

  beforeEach(async () => {
    folder = fs.mkdtempSync(join(tmpdir(), 'dt-rejected-'));
    folders.push(folder);
    const from = { type: 'sqlite', name: 'from', file: join(folder, 'from.db') } as const;
    const to = { type: 'sqlite', name: 'to', file: join(folder, 'to.db') } as const;
    fill(from.file, []);
    const db = new DatabaseSync(to.file);
    db.exec('CREATE TABLE items(id INTEGER PRIMARY KEY, n INTEGER CHECK(n > 0), name TEXT UNIQUE)');
    db.close();
    deadLetters = join(folder, 'dead-letters', 'shop', 'run.jsonl');
    const opened = await Promise.all([sqliteConnector.openSource(from), sqliteConnector.openTarget(to)]);
    sides = { from, to, source: opened[0], target: opened[1] };
  });
  after(() => {
    for (const each of folders) fs.rmSync(each, { recursive: true, force: true });
  });

  async function run(options: RunOptions = {}): Promise<Ran> {
    const settings = { onRowError: 'deadLetter', batchRows: 4, ...options.settings } as const;
    return runUnit(sides, 'items', { ...options, settings, job: { deadLetters, ...options.job } });
  }

  async function listed(): Promise<(string | null)[]> {
    const letters = await readLetters(deadLetters, 'items');
    const keys: (string | null)[] = [];
    for (const each of letters.open) keys.push((await letters.read(each)).key);
    await letters.close();
    return keys;
  }

  function inTarget(): number[] {
    const db = new DatabaseSync(join(folder, 'to.db'), { readOnly: true });
    const ids = db.prepare('SELECT id FROM items ORDER BY id').all() as { id: number }[];
    db.close();
    return ids.map(({ id }) => id);
  }

  for (const [what, bad] of Object.entries({
    'the first row of a batch': [1],
    'a row in the middle of a batch': [6],
    'the last row of a batch': [4],
    'the last row of all': [10],
    'several rows of one batch': [5, 6, 8],
    'a whole batch': [5, 6, 7, 8],
    'every row': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  }))
    for (const checkpoint of ['store', 'target'] as const)
      test(`${what} is set aside and all others are copied (checkpoint in the ${checkpoint})`, async () => {
        fill(sides.from.type === 'sqlite' ? sides.from.file : '', bad);
        const { outcome } = await run({
          settings: { checkpoint, ...(checkpoint === 'target' && { write: 'insert' }) },
        });
        assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
        assert.ok(outcome.kind === 'completed');
        assert.equal(outcome.rejected, bad.length);
        assert.equal(outcome.processed, 10);
        assert.deepEqual(await listed(), bad.map(String));
        assert.deepEqual(
          inTarget(),
          Array.from({ length: 10 }, (_, at) => at + 1).filter((id) => !bad.includes(id)),
        );
      });

  test('a line of the file says the key, the error, the time and the row, and only its user may read it', async () => {
    fill((sides.from as { file: string }).file, [6]);
    await run();
    assert.equal(fs.statSync(deadLetters).mode & 0o777, 0o600);
    const lines = fs.readFileSync(deadLetters, 'utf8').split('\n');
    assert.equal(lines.length, 2);
    const line = JSON.parse(lines[1] ?? '');
    assert.equal(line.unit, 'items');
    assert.equal(line.key, '6');
    assert.deepEqual(line.row, { id: 6, n: -6, name: 'item 6' });
    assert.equal(line.error.code, 'sqlite.constraint');
    assert.match(line.error.message, /CHECK constraint failed/);
    assert.ok(Math.abs(Date.parse(line.at) - Date.now()) < 60_000);
  });

  test('one bad row more than the limit fails the unit with the first error', async () => {
    fill((sides.from as { file: string }).file, [2, 5, 9]);
    const { outcome } = await run({ settings: { deadLetterLimit: 2 } });
    assert.ok(outcome.kind === 'failed');
    assert.equal(outcome.error.code, 'pipeline.deadLetterLimit');
    assert.deepEqual(outcome.error.args, { unit: 'items', limit: 2, file: deadLetters });
    assert.equal(outcome.error.cause?.code, 'sqlite.constraint');
  });

  for (const at of ['listed', 'committed'])
    for (const checkpoint of ['store', 'target'] as const)
      for (const batch of [1, 2, 3])
        test(`killed when batch ${batch} is ${at}, checkpoint in the ${checkpoint}: no row is lost or listed twice`, async () => {
          const bad = [2, 5, 6, 9, 10];
          fill((sides.from as { file: string }).file, bad);
          const kept = await killed(at, batch, checkpoint);
          const { outcome } = await run({ settings: { checkpoint }, ...kept, job: { attempt: 2 } });
          assert.ok(outcome.kind === 'completed', JSON.stringify(outcome));
          assert.deepEqual([outcome.rejected, outcome.processed], [bad.length, 10]);
          assert.deepEqual(await listed(), bad.map(String));
          assert.deepEqual(inTarget(), [1, 3, 4, 7, 8]);
        });

  test('a row that is not refused any more when its batch is repeated is not listed', async () => {
    fill((sides.from as { file: string }).file, [2, 5, 6, 9]);
    const kept = await killed('listed', 2, 'store');
    fill((sides.from as { file: string }).file, [2]);
    const { outcome } = await run({ ...kept, job: { attempt: 2 } });
    assert.ok(outcome.kind === 'completed' && outcome.rejected === 1, JSON.stringify(outcome));
    assert.deepEqual(await listed(), ['2']);
  });

  /** @returns what a host has recorded of an execution that was killed */
  async function killed(
    at: string,
    batch: number,
    checkpoint: string,
  ): Promise<Pick<RunOptions, 'prepared' | 'checkpoint'>> {
    const args = [
      (sides.from as { file: string }).file,
      (sides.to as { file: string }).file,
      deadLetters,
      at,
      String(batch),
    ];
    const child = spawn(process.execPath, [CHILD, ...args, checkpoint], { stdio: ['ignore', 'pipe', 'inherit'] });
    const kept: { prepared?: Prepared; checkpoint?: string } = {};
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as typeof kept & { stands?: true };
      if (said.stands) child.kill('SIGKILL');
      else Object.assign(kept, said);
    }
    return kept;
  }

  describe('written again', () => {
    const copied = { processed: 10, bytes: 100 };
    const change = (sql: string, file = join(folder, 'to.db')) => {
      const db = new DatabaseSync(file);
      db.exec(sql);
      db.close();
    };
    const replay = (options: RunOptions = {}, rejected = 3) =>
      run({ ...options, prepared: 'empty', job: { attempt: 2, replay: { ...copied, rejected } } });
    const LOOSE = 'CREATE TABLE loose(id INTEGER PRIMARY KEY, n INTEGER, name TEXT UNIQUE);';
    const LOOSEN = `${LOOSE} INSERT INTO loose SELECT * FROM items; DROP TABLE items; ALTER TABLE loose RENAME TO items`;

    beforeEach(async () => {
      fill((sides.from as { file: string }).file, [2, 5, 9]);
      await run();
    });

    test('all of them, once the target takes them', async () => {
      change(LOOSEN);
      const { outcome, reports } = await replay();
      assert.deepEqual(outcome, {
        ...{ kind: 'completed', ...copied, rejected: 0, verified: 'count', note: null },
      });
      assert.deepEqual(inTarget(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      assert.deepEqual(await listed(), []);
      assert.ok(reports.every((report) => report.type !== 'prepared' && report.type !== 'checkpoint'));
    });

    test('those that are refused again stay, with the error of now', async () => {
      change(LOOSEN.replace('n INTEGER,', 'n INTEGER CHECK(n <> -5),'));
      const { outcome } = await replay();
      assert.ok(outcome.kind === 'completed');
      assert.equal(outcome.rejected, 1);
      assert.deepEqual(await listed(), ['5']);
      assert.deepEqual(inTarget(), [1, 2, 3, 4, 6, 7, 8, 9, 10]);
      const again = await replay({}, 1);
      assert.ok(again.outcome.kind === 'completed');
      assert.equal(again.outcome.rejected, 1);
      assert.equal(fs.readFileSync(deadLetters, 'utf8').match(/"again":true/g)?.length, 2);
    });

    test('as they were read, whatever the source holds by now', async () => {
      change('UPDATE items SET n = 77 WHERE id = 5', (sides.from as { file: string }).file);
      change(LOOSEN);
      await replay();
      const db = new DatabaseSync(join(folder, 'to.db'), { readOnly: true });
      assert.equal((db.prepare('SELECT n FROM items WHERE id = 5').get() as { n: number }).n, -5);
      db.close();
    });

    test('a replay that was killed behind the commit goes on without a row twice or lost, in every mode', async () => {
      for (const write of ['upsert', 'insert', 'replace'] as const) {
        change(
          'DROP TABLE IF EXISTS items; CREATE TABLE items(id INTEGER PRIMARY KEY, n INTEGER CHECK(n > 0), name TEXT UNIQUE)',
        );
        fs.rmSync(deadLetters);
        await run({ settings: { write } });
        change(LOOSEN);
        const killed = await replay({
          settings: { write, batchRows: 2 },
          afterBatch: () => {
            throw new Error('nobody hears of the commit');
          },
        });
        assert.equal(killed.outcome.kind, 'failed');
        const { outcome } = await replay({ settings: { write, batchRows: 2 } });
        assert.ok(outcome.kind === 'completed', JSON.stringify(outcome));
        assert.equal(outcome.rejected, 0);
        assert.deepEqual(inTarget(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      }
    });

    test('not when the columns are others: the unit has to be run again', async () => {
      change('ALTER TABLE items ADD COLUMN more TEXT', (sides.from as { file: string }).file);
      const { outcome } = await replay();
      assert.ok(outcome.kind === 'failed');
      assert.equal(outcome.error.code, 'pipeline.rejectedSchemaChanged');
      assert.equal((await listed()).length, 3);
    });

    test('a file that is gone is said, and nothing counts as written', async () => {
      fs.rmSync(deadLetters);
      const { outcome } = await replay();
      assert.ok(outcome.kind === 'failed');
      assert.equal(outcome.error.code, 'pipeline.rejectedMissing');
    });

    test('a line that is gone or damaged is said, whichever it was, and no row counts as written', async () => {
      change(LOOSEN);
      const [head = '', ...lines] = fs.readFileSync(deadLetters, 'utf8').split('\n');
      for (const at of lines.keys()) {
        fs.writeFileSync(deadLetters, [head, ...lines.map((line, each) => (each === at ? '{"unit' : line))].join('\n'));
        const { outcome } = await replay();
        assert.ok(outcome.kind === 'failed', `line ${at}`);
        assert.equal(outcome.error.code, 'pipeline.rejectedMissing');
      }
      assert.equal(inTarget().length, 7);
    });

    test('lines that are gone since a replay are noticed, and no row counts as written', async () => {
      for (const resume of ['row', 'unit'] as const) {
        change(
          'DROP TABLE items; CREATE TABLE items(id INTEGER PRIMARY KEY, n INTEGER CHECK(n > 0), name TEXT UNIQUE)',
        );
        fs.rmSync(deadLetters, { force: true });
        const { checkpoint } = await run({ settings: { resume } });
        change(LOOSEN.replace('n INTEGER,', 'n INTEGER CHECK(n <> -5),'));
        const first = await replay({ checkpoint });
        assert.ok(first.outcome.kind === 'completed' && first.outcome.rejected === 1);
        const lines = fs.readFileSync(deadLetters, 'utf8').split('\n');
        assert.equal(lines.length, 7, 'header, three rows, again, sent, written');
        const after = async (kept: readonly string[]) => {
          fs.writeFileSync(deadLetters, kept.join('\n'));
          const { outcome } = await replay({ checkpoint }, 1);
          assert.ok(outcome.kind === 'failed', `${resume} ${kept.length}`);
          return [outcome.error.code, outcome.error.args.rows, outcome.error.args.found];
        };
        assert.deepEqual(await after(lines.slice(0, 3)), ['pipeline.rejectedMissing', 3, 2]);
        assert.deepEqual(await after(lines.slice(0, 1)), ['pipeline.rejectedMissing', 3, 0]);
        assert.deepEqual(await after(lines.slice(0, 4)), ['pipeline.rejectedTooMany', 1, 3]);
        // Its newer line says all that is needed.
        fs.writeFileSync(deadLetters, lines.toSpliced(2, 1).join('\n'));
        assert.deepEqual(await listed(), ['5']);
        assert.deepEqual(inTarget(), [1, 2, 3, 4, 6, 7, 8, 9, 10]);
      }
    });

    test('a line of a row that was written may be gone', async () => {
      change(LOOSEN);
      await replay({
        settings: { batchRows: 1 },
        afterBatch: (rows) => {
          if (rows > 1) throw new Error('nobody hears of the second');
        },
      });
      const lines = fs.readFileSync(deadLetters, 'utf8').split('\n');
      fs.writeFileSync(deadLetters, lines.toSpliced(1, 1).join('\n'));
      const { outcome } = await replay();
      assert.ok(outcome.kind === 'completed', JSON.stringify(outcome));
      assert.deepEqual(inTarget(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });
  });
});
