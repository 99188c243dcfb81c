/** The command line as a process of its own, on SQLite files. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type CliDriver, createCliDriver, linesOf, ROWS, TABLES } from './cli-driver.ts';

let cli: CliDriver;
beforeEach(() => {
  cli = createCliDriver();
});
afterEach(() => cli.dispose());

const slowly = { limits: { rowsPerSecond: 600 } };

describe('datatrace on SQLite files', () => {
  test('plan changes nothing and names every unit; run copies, verify agrees, a second run has nothing to do', async () => {
    const plan = await cli.datatrace('plan', 'nightly', '--json');
    assert.equal(plan.code, 0, plan.err);
    const planned = linesOf(plan);
    assert.equal(planned.filter((line) => line.type === 'unit').length, TABLES);
    assert.deepEqual([planned.at(-1)?.type, planned.at(-1)?.units, planned.at(-1)?.refused], ['result', TABLES, 0]);
    assert.deepEqual(readdirSync(cli.folder), ['work']);

    const run = await cli.datatrace('run', 'nightly', '--json');
    assert.equal(run.code, 0, run.out + run.err);
    const lines = linesOf(run);
    for (const line of lines) assert.equal(typeof line.at, 'number');
    const { at: _at, seconds, bytes, ...result } = lines.at(-1)!;
    assert.deepEqual(result, {
      type: 'result',
      completed: TABLES,
      failed: 0,
      paused: 0,
      pending: 0,
      rows: TABLES * ROWS,
      rejected: 0,
      outcome: 'completed',
      state: 'idle',
    });
    assert.ok(Number(seconds) > 0 && Number(bytes) > 0);
    const completed = lines.filter((line) => line.type === 'unit' && line.status === 'completed');
    assert.equal(new Set(completed.map((line) => line.unit)).size, TABLES);
    for (const { processed, total, attempt } of completed)
      assert.deepEqual([processed, total, attempt], [ROWS, ROWS, 1]);
    assert.deepEqual(cli.tableTexts('copy.db'), cli.tableTexts('shop.db'));

    const verify = await cli.datatrace('verify', 'nightly', '--json');
    assert.equal(verify.code, 0, verify.err);
    assert.deepEqual([linesOf(verify).at(-1)?.equal, linesOf(verify).at(-1)?.different], [TABLES, 0]);

    const again = await cli.datatrace('run', 'nightly');
    assert.equal(again.code, 0);
    assert.match(again.err, /Nothing to do: all units are completed\./);

    const status = await cli.datatrace('status', '--json');
    assert.equal(status.code, 0, status.err);
    const [task] = linesOf(status);
    assert.deepEqual([task?.type, task?.task, task?.state, task?.outcome], ['task', 'nightly', 'idle', 'completed']);
  });

  test('verify names the unit that differs and ends with 3', async () => {
    assert.equal((await cli.here('run', 'nightly')).code, 0);
    const copy = new DatabaseSync(path.join(cli.folder, 'work', 'copy.db'));
    copy.exec('DELETE FROM t3 WHERE id = 7');
    copy.close();
    const verify = await cli.here('verify', 'nightly');
    assert.equal(verify.code, 3, verify.err);
    assert.match(verify.out, /t3: different, 200 rows in the source, 199 in the target/);
    assert.match(verify.out, new RegExp(`^${TABLES - 1} units: same count, [\\d,]+ rows$`, 'm'));
    assert.doesNotMatch(verify.out, /^t2:/m);
    assert.match((await cli.here('verify', 'nightly', '--verbose')).out, /^t2: same count, 200 \/ 200 rows$/m);
  });

  test('Ctrl-C pauses at batch borders with 4; the same command goes on to an equal target', async () => {
    cli.configure(slowly);
    const run = cli.start('run', 'nightly', '--json');
    await run.seen(/"status":"completed"/);
    run.child.kill('SIGINT');
    const paused = await run.ended;
    assert.equal(paused.code, 4, paused.out + paused.err);
    const result = linesOf(paused).at(-1)!;
    assert.equal(result.state, 'paused');
    assert.ok(Number(result.paused) > 0 && Number(result.pending) > 0 && Number(result.completed) > 0);

    const status = await cli.here('status', 'nightly');
    assert.match(status.out, /^nightly +paused/);

    cli.configure({});
    const rest = await cli.here('run', 'nightly', '--json');
    assert.equal(rest.code, 0, rest.out + rest.err);
    assert.equal(linesOf(rest).at(-1)?.completed, TABLES);
    assert.deepEqual(cli.tableTexts('copy.db'), cli.tableTexts('shop.db'));
  });

  test('a unit whose source changed while it was copied is named', async () => {
    // One is in its middle when the other one is done.
    const rates = { t0: { limits: { rowsPerSecond: 40 } }, t1: { limits: { rowsPerSecond: 100 } } };
    const two = { units: ['t0', 't1'], batchRows: 10, resume: 'row' };
    cli.configure({ ...two, overrides: rates });
    const run = cli.start('run', 'nightly', '--json');
    await run.seen(/"unit":"t1","status":"completed"/);
    run.child.kill('SIGINT');
    await run.ended;
    const shop = new DatabaseSync(path.join(cli.folder, 'work', 'shop.db'));
    for (let table = 0; table < TABLES; table++) shop.exec(`DELETE FROM t${table} WHERE id = 1`);
    shop.close();
    cli.configure(two);
    const rest = await cli.here('run', 'nightly');
    assert.equal(rest.code, 0, rest.out + rest.err);
    assert.match(rest.err, /Source changed during copy: \d+ rows of t0 were read/);
  });

  test('a run whose output goes into a file says every few seconds how far it is', async () => {
    cli.configure({ limits: { rowsPerSecond: 150 }, concurrency: 1 });
    const run = cli.start('run', 'nightly');
    const started = Date.now();
    await run.seen(/^\[.*\d+ % .*rows\/s/m, 'err');
    assert.ok(Date.now() - started < 30_000, 'every ten seconds at most, and the time to begin');
    run.child.kill('SIGINT');
    assert.equal((await run.ended).code, 4);
  });

  test('a second Ctrl-C ends at once with 130, and nothing is lost', async () => {
    cli.configure(slowly);
    const run = cli.start('run', 'nightly', '--json');
    await run.seen(/"status":"running"/);
    run.child.kill('SIGINT');
    await run.seen(/"code":"cli.pausing"/);
    run.child.kill('SIGINT');
    const { code } = await run.ended;
    assert.ok(code === 130 || code === 4, String(code)); // 4: the pause was faster
    cli.configure({});
    assert.equal((await cli.here('run', 'nightly')).code, 0);
    assert.deepEqual(cli.tableTexts('copy.db'), cli.tableTexts('shop.db'));
  });

  test('a second Ctrl-C ends at once a start that waits for a server which says nothing', async () => {
    const sockets = new Set<net.Socket>();
    const connected = Promise.withResolvers<void>();
    const server = net.createServer((socket) => {
      sockets.add(socket);
      connected.resolve();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as net.AddressInfo;
      const mute = { type: 'mysql', host: '127.0.0.1', port, user: 'u', password: '' };
      cli.configure({}, { shop: { ...mute, database: 'shop' }, copy: { ...mute, database: 'copy' } });
      const run = cli.start('run', 'nightly', '--json');
      await Promise.race([connected.promise, run.ended]);
      run.child.kill('SIGINT');
      await run.seen(/"code":"cli.pausing"/);
      run.child.kill('SIGINT');
      const ended = await run.ended;
      assert.equal(ended.code, 130, ended.out + ended.err);
      assert.equal(linesOf(ended).at(-1)?.type, 'result');
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  test('while a run goes on, status shows it and a second run is refused; after SIGKILL it is interrupted and goes on', async () => {
    cli.configure(slowly);
    const run = cli.start('run', 'nightly', '--json');
    await run.seen(/"status":"completed"/);
    const status = await cli.here('status', 'nightly', '--json');
    assert.equal(status.code, 0, status.out + status.err);
    const task = linesOf(status).find((line) => line.type === 'task');
    assert.equal(task?.state, 'running');
    const second = await cli.here('run', 'nightly');
    assert.equal(second.code, 2);
    assert.match(second.err, /Task nightly is already running\./);
    run.child.kill('SIGKILL');
    await run.ended;

    assert.match((await cli.here('status')).out, /^nightly +interrupted/);
    cli.configure({});
    const rest = await cli.here('run', 'nightly');
    assert.equal(rest.code, 0, rest.err);
    assert.deepEqual(cli.tableTexts('copy.db'), cli.tableTexts('shop.db'));
  });

  test('status starts nothing, even where a task resumes by itself', async () => {
    cli.configure({ ...slowly, resumeOnStart: true });
    const run = cli.start('run', 'nightly', '--json');
    await run.seen(/"status":"completed"/);
    run.child.kill('SIGKILL');
    await run.ended;
    assert.match((await cli.here('status')).out, /^nightly +interrupted/);
    assert.match((await cli.here('status')).out, /^nightly +interrupted/);
  });

  test('--units limits a run, --again repeats it', async () => {
    assert.match(
      (await cli.here('plan', 'nightly')).out,
      /^Unit +-> target +rows +key +resume +target table\nt0 +-> t0 /,
    );
    const some = await cli.here('run', 'nightly', '--units', 't1,t2*', '--json');
    assert.equal(some.code, 0, some.out + some.err);
    assert.deepEqual([linesOf(some).at(-1)?.completed, linesOf(some).at(-1)?.pending], [2, TABLES - 2]);
    assert.match((await cli.here('status')).out, /^nightly +ready {2}auto mode/, 'not completed: units are left');
    assert.equal((await cli.here('run', 'nightly')).code, 0);
    assert.match((await cli.here('status')).out, /^nightly +completed {2}auto mode/);
    const again = await cli.here('run', 'nightly', '--again', '--json');
    assert.equal(again.code, 0);
    assert.equal(linesOf(again).at(-1)?.rows, TABLES * ROWS);
  });

  test('a unit that fails is named with its reason, the others are completed, and the code is 3', async () => {
    const copy = new DatabaseSync(path.join(cli.folder, 'work', 'copy.db'));
    copy.exec('CREATE TABLE t5 (id INTEGER PRIMARY KEY, name TEXT CHECK (length(name) < 5))');
    copy.close();
    const run = await cli.here('run', 'nightly');
    assert.equal(run.code, 3, run.out + run.err);
    assert.match(run.err, /^t5 failed: ./m);
    assert.match(run.out, /11 units completed, 1 failed/);
  });

  test('what is refused says what to do, ends with 2 and touches nothing', async () => {
    const refusals: [object, object, string[], RegExp][] = [
      [
        {},
        { copy: { type: 'sqlite', file: 'copy.db', environment: 'production' } },
        [],
        /add --confirm-production copy/,
      ],
      [{}, { copy: { type: 'sqlite', file: '../up.db' } }, [], /up\.db, which is outside .* --allow-outside/],
      [{}, {}, ['--units', 'nothing*'], /No unit of the task matches nothing\*/],
      [{}, { shop: { type: 'sqlite', file: 'none.db' } }, [], /none\.db/],
      [{ overrides: { t1: { as: 't2' } } }, {}, ['--units', 't1'], /Units t1 and t2 would both be written to t2/],
    ];
    for (const [task, connections, options, sentence] of refusals) {
      cli.configure(task, connections);
      const run = await cli.here('run', 'nightly', ...options);
      assert.equal(run.code, 2, run.out + run.err);
      assert.match(run.err, sentence);
      assert.equal(run.err.match(new RegExp(sentence, 'g'))?.length, 1, `said once: ${run.err}`);
      assert.ok(!readdirSync(path.join(cli.folder, 'work')).includes('copy.db'));
    }
    cli.configure({}, { copy: { type: 'sqlite', file: '../up.db', environment: 'production' } });
    const allowed = await cli.here('run', 'nightly', '--allow-outside', '--confirm-production', 'copy');
    assert.equal(allowed.code, 0, allowed.err);
  });

  test('plan and verify end their JSON with a result when they are refused, too', async () => {
    cli.configure({}, { shop: { type: 'sqlite', file: 'none.db' } });
    for (const name of ['plan', 'verify']) {
      const refused = await cli.here(name, 'nightly', '--json');
      assert.equal(refused.code, 2, refused.out + refused.err);
      const lines = linesOf(refused);
      assert.match(String(lines.find((line) => line.type === 'log')?.message), /none\.db/);
      assert.deepEqual([lines.at(-1)?.type, lines.at(-1)?.units], ['result', 0]);
    }
  });

  test('a start says what its plan warns of, and nothing of failures of an earlier run', async () => {
    const copy = new DatabaseSync(path.join(cli.folder, 'work', 'copy.db'));
    copy.exec('CREATE TABLE t1 (id INTEGER PRIMARY KEY, name TEXT, extra TEXT)');
    copy.exec('CREATE TABLE t5 (id INTEGER PRIMARY KEY, name TEXT CHECK (length(name) < 5))');
    copy.close();
    const first = await cli.here('run', 'nightly');
    assert.equal(first.code, 3, first.out + first.err);
    assert.match(first.err, /^t5 failed: ./m);
    assert.match(first.err, /extra/, 'the plan warns of a column that the source does not have');
    cli.configure({ overrides: { orders: { where: 'id > 5' } } });
    const misspelled = await cli.here('run', 'nightly');
    assert.match(misspelled.err, /There is no unit orders: its settings have no effect/);
    cli.configure({});
    const limited = await cli.here('run', 'nightly', '--units', 't1', '--again');
    assert.equal(limited.code, 0, limited.out + limited.err);
    assert.doesNotMatch(limited.err, /t5 failed/);
  });

  test('wrong words with --json end with a result, too', async () => {
    const run = await cli.here('run', '--json');
    assert.equal(run.code, 2);
    assert.equal(linesOf(run).at(-1)?.type, 'result');
  });

  test('a store that is no database is set aside, and status says so', async () => {
    assert.equal((await cli.here('run', 'nightly')).code, 0);
    const store = readdirSync(path.join(cli.folder, 'store'), { recursive: true, encoding: 'utf8' });
    const file = store.find((name) => name.endsWith('datatrace.db')) as string;
    writeFileSync(path.join(cli.folder, 'store', file), "not a database, but somebody else's text ".repeat(50));
    const status = await cli.here('status');
    assert.equal(status.code, 0, status.err);
    assert.match(status.err, /could not be used \(it is not a database\)\. It was kept as .*store\.corrupt-/);
    assert.equal((await cli.here('run', 'nightly')).code, 0);
  });

  test('a secret is in no output, whatever goes wrong', async () => {
    cli.configure(
      {},
      {
        shop: { type: 'mysql', host: '127.0.0.1', port: 1, user: 'u', database: 'd', connectTimeoutMs: 500 },
        copy: {
          type: 'mysql',
          host: '127.0.0.1',
          port: 2,
          user: 'u',
          password: '',
          database: 'd',
          connectTimeoutMs: 500,
        },
      },
    );
    process.env.DATATRACE_SECRET_SHOP = 'canary-4711';
    try {
      for (const name of ['plan', 'run', 'verify']) {
        const { code, out, err } = await cli.here(name, 'nightly', '--verbose');
        assert.equal(code, 2);
        assert.match(out + err, /shop/);
        assert.doesNotMatch(out + err, /canary/);
      }
    } finally {
      delete process.env.DATATRACE_SECRET_SHOP;
    }
    const missing = await cli.here('plan', 'nightly');
    assert.match(missing.err, /Connection shop has no password yet: .* DATATRACE_SECRET_SHOP/);
    for (const entry of readdirSync(cli.folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile())
        assert.doesNotMatch(readFileSync(path.join(entry.parentPath, entry.name), 'latin1'), /canary/);
    }
  });

  test('a unit that is named but not there is said, in the plan and by a run', async () => {
    cli.configure({ units: ['t0', 'T1', 'x*'] });
    for (const name of ['plan', 'run']) {
      const { code, err } = await cli.here(name, 'nightly');
      assert.equal(code, 0);
      assert.match(err, /"units" names T1, and the source offers no such unit/);
    }
  });

  test('nothing is said of the target of a unit that is refused', async () => {
    cli.configure({ units: ['t0'], overrides: { t0: { where: 'id > (' } } });
    const { code, out } = await cli.here('plan', 'nightly');
    assert.equal(code, 2);
    assert.match(out, /^t0 .* -\n {4}Refused: /m);
    assert.doesNotMatch(out, /exists|will be created/);
  });

  test('a secret that a system repeats in its own words is left out of them', async () => {
    const database = { type: 'mysql', user: 'u', database: 'd', connectTimeoutMs: 500 };
    cli.configure(
      {},
      {
        shop: { ...database, host: 'canary-4711.invalid' },
        copy: { ...database, host: '127.0.0.1', port: 2, password: '' },
      },
    );
    process.env.DATATRACE_SECRET_SHOP = 'canary-4711';
    try {
      for (const form of [[], ['--json']]) {
        const { code, out, err } = await cli.here('run', 'nightly', '--verbose', ...form);
        assert.equal(code, 2);
        assert.match(out + err, /\*\*\*\.invalid/);
        assert.doesNotMatch(out + err, /canary/);
      }
    } finally {
      delete process.env.DATATRACE_SECRET_SHOP;
    }
  });
});
