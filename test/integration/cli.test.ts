/** The command line as a process of its own, on SQLite files. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const TABLES = 12;
const ROWS = 200;

let folder: string;
const children = new Set<ChildProcess>();

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'datatrace-cli-'));
  mkdirSync(path.join(folder, 'work'));
  const shop = new DatabaseSync(path.join(folder, 'work', 'shop.db'));
  shop.exec('BEGIN');
  for (let table = 0; table < TABLES; table++) {
    shop.exec(`CREATE TABLE t${table} (id INTEGER PRIMARY KEY, name TEXT)`);
    const insert = shop.prepare(`INSERT INTO t${table} VALUES (?, ?)`);
    for (let id = 1; id <= ROWS; id++) insert.run(id, `row ${id} of ${table}`);
  }
  shop.exec('COMMIT');
  shop.close();
  configure({});
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function configure(task: object, connections: object = {}): void {
  const config = {
    connections: {
      shop: { type: 'sqlite', file: 'shop.db' },
      copy: { type: 'sqlite', file: 'copy.db' },
      ...connections,
    },
    tasks: { nightly: { source: 'shop', target: 'copy', resume: 'row', batchRows: 20, concurrency: 3, ...task } },
  };
  writeFileSync(path.join(folder, 'work', 'datatrace.json'), JSON.stringify(config));
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout matches; fails when the process ends before. */
  seen(pattern: RegExp): Promise<void>;
}

function start(...argv: string[]): Running {
  const env = { ...process.env, DATATRACE_STORE: path.join(folder, 'store'), LANG: 'C', LC_ALL: '', LC_MESSAGES: '' };
  const child = spawn(process.execPath, [CLI, ...argv], { cwd: path.join(folder, 'work'), env });
  children.add(child);
  let out = '';
  let err = '';
  const looks: (() => void)[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    for (const look of looks) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  return {
    child,
    ended,
    seen(pattern) {
      const found = new Promise<void>((resolve) => {
        const look = (): void => {
          if (pattern.test(out)) resolve();
        };
        looks.push(look);
        look();
      });
      const over = ended.then(({ code }) => {
        throw new Error(`ended with ${code} before ${pattern}: ${out}${err}`);
      });
      return Promise.race([found, over]);
    },
  };
}

const datatrace = (...argv: string[]): Promise<Ended> => start(...argv).ended;

type Line = Record<string, unknown>;

function linesOf(ended: Ended): Line[] {
  return ended.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

function tableTexts(file: string): string[] {
  const database = new DatabaseSync(path.join(folder, 'work', file), { readOnly: true });
  try {
    return Array.from({ length: TABLES }, (_, table) =>
      JSON.stringify(database.prepare(`SELECT * FROM t${table} ORDER BY id`).all()),
    );
  } finally {
    database.close();
  }
}

const slowly = { limits: { rowsPerSecond: 600 } };

describe('datatrace on SQLite files', () => {
  test('plan changes nothing and names every unit; run copies, verify agrees, a second run has nothing to do', async () => {
    const plan = await datatrace('plan', 'nightly', '--json');
    assert.equal(plan.code, 0, plan.err);
    const planned = linesOf(plan);
    assert.equal(planned.filter((line) => line.type === 'unit').length, TABLES);
    assert.deepEqual([planned.at(-1)?.type, planned.at(-1)?.units, planned.at(-1)?.refused], ['result', TABLES, 0]);
    assert.deepEqual(readdirSync(folder), ['work']);

    const run = await datatrace('run', 'nightly', '--json');
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
    assert.deepEqual(tableTexts('copy.db'), tableTexts('shop.db'));

    const verify = await datatrace('verify', 'nightly', '--json');
    assert.equal(verify.code, 0, verify.err);
    assert.deepEqual([linesOf(verify).at(-1)?.equal, linesOf(verify).at(-1)?.different], [TABLES, 0]);

    const again = await datatrace('run', 'nightly');
    assert.equal(again.code, 0);
    assert.match(again.err, /Nothing to do: all units are completed\./);

    const status = await datatrace('status', '--json');
    assert.equal(status.code, 0, status.err);
    const [task] = linesOf(status);
    assert.deepEqual([task?.type, task?.task, task?.state, task?.outcome], ['task', 'nightly', 'idle', 'completed']);
  });

  test('verify names the unit that differs and ends with 3', async () => {
    assert.equal((await datatrace('run', 'nightly')).code, 0);
    const copy = new DatabaseSync(path.join(folder, 'work', 'copy.db'));
    copy.exec('DELETE FROM t3 WHERE id = 7');
    copy.close();
    const verify = await datatrace('verify', 'nightly');
    assert.equal(verify.code, 3, verify.err);
    assert.match(verify.out, /t3: different, 200 rows in the source, 199 in the target/);
  });

  test('Ctrl-C pauses at batch borders with 4; the same command goes on to an equal target', async () => {
    configure(slowly);
    const run = start('run', 'nightly', '--json');
    await run.seen(/"status":"completed"/);
    run.child.kill('SIGINT');
    const paused = await run.ended;
    assert.equal(paused.code, 4, paused.out + paused.err);
    const result = linesOf(paused).at(-1)!;
    assert.equal(result.state, 'paused');
    assert.ok(Number(result.paused) > 0 && Number(result.pending) > 0 && Number(result.completed) > 0);

    const status = await datatrace('status', 'nightly');
    assert.match(status.out, /^nightly +paused/);

    configure({});
    const rest = await datatrace('run', 'nightly', '--json');
    assert.equal(rest.code, 0, rest.out + rest.err);
    assert.equal(linesOf(rest).at(-1)?.completed, TABLES);
    assert.deepEqual(tableTexts('copy.db'), tableTexts('shop.db'));
  });

  test('a second Ctrl-C ends at once with 130, and nothing is lost', async () => {
    configure(slowly);
    const run = start('run', 'nightly', '--json');
    await run.seen(/"status":"running"/);
    run.child.kill('SIGINT');
    await run.seen(/"code":"cli.pausing"/);
    run.child.kill('SIGINT');
    const { code } = await run.ended;
    assert.ok(code === 130 || code === 4, String(code)); // 4: the pause was faster
    configure({});
    assert.equal((await datatrace('run', 'nightly')).code, 0);
    assert.deepEqual(tableTexts('copy.db'), tableTexts('shop.db'));
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
      configure({}, { shop: { ...mute, database: 'shop' }, copy: { ...mute, database: 'copy' } });
      const run = start('run', 'nightly', '--json');
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
    configure(slowly);
    const run = start('run', 'nightly', '--json');
    await run.seen(/"status":"completed"/);
    const status = await datatrace('status', 'nightly', '--json');
    assert.equal(status.code, 0, status.out + status.err);
    const task = linesOf(status).find((line) => line.type === 'task');
    assert.equal(task?.state, 'running');
    const second = await datatrace('run', 'nightly');
    assert.equal(second.code, 2);
    assert.match(second.err, /Managed by another window or command/);
    run.child.kill('SIGKILL');
    await run.ended;

    assert.match((await datatrace('status')).out, /^nightly +interrupted/);
    configure({});
    const rest = await datatrace('run', 'nightly');
    assert.equal(rest.code, 0, rest.err);
    assert.deepEqual(tableTexts('copy.db'), tableTexts('shop.db'));
  });

  test('status starts nothing, even where a task resumes by itself', async () => {
    configure({ ...slowly, resumeOnStart: true });
    const run = start('run', 'nightly', '--json');
    await run.seen(/"status":"completed"/);
    run.child.kill('SIGKILL');
    await run.ended;
    assert.match((await datatrace('status')).out, /^nightly +interrupted/);
    assert.match((await datatrace('status')).out, /^nightly +interrupted/);
  });

  test('--units limits a run, --again repeats it', async () => {
    const some = await datatrace('run', 'nightly', '--units', 't1,t2*', '--json');
    assert.equal(some.code, 0, some.out + some.err);
    assert.deepEqual([linesOf(some).at(-1)?.completed, linesOf(some).at(-1)?.pending], [2, TABLES - 2]);
    assert.equal((await datatrace('run', 'nightly')).code, 0);
    const again = await datatrace('run', 'nightly', '--again', '--json');
    assert.equal(again.code, 0);
    assert.equal(linesOf(again).at(-1)?.rows, TABLES * ROWS);
  });

  test('a unit that fails is named with its reason, the others are completed, and the code is 3', async () => {
    const copy = new DatabaseSync(path.join(folder, 'work', 'copy.db'));
    copy.exec('CREATE TABLE t5 (id INTEGER PRIMARY KEY, name TEXT CHECK (length(name) < 5))');
    copy.close();
    const run = await datatrace('run', 'nightly');
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
      [{ mode: 'manual' }, {}, [], /"mode": manual is not available in this version/],
      [{}, {}, ['--units', 'nothing*'], /No unit of the task matches nothing\*/],
      [{}, {}, ['--mode', 'manual'], /Manual mode is not available in this version/],
      [{}, { shop: { type: 'sqlite', file: 'none.db' } }, [], /none\.db/],
    ];
    for (const [task, connections, options, sentence] of refusals) {
      configure(task, connections);
      const run = await datatrace('run', 'nightly', ...options);
      assert.equal(run.code, 2, run.out + run.err);
      assert.match(run.err, sentence);
      assert.equal(run.err.match(new RegExp(sentence, 'g'))?.length, 1, `said once: ${run.err}`);
      assert.ok(!readdirSync(path.join(folder, 'work')).includes('copy.db'));
    }
    configure({}, { copy: { type: 'sqlite', file: '../up.db', environment: 'production' } });
    const allowed = await datatrace('run', 'nightly', '--allow-outside', '--confirm-production', 'copy');
    assert.equal(allowed.code, 0, allowed.err);
  });

  test('wrong words with --json end with a result, too', async () => {
    const run = await datatrace('run', '--json');
    assert.equal(run.code, 2);
    assert.equal(linesOf(run).at(-1)?.type, 'result');
  });

  test('a store that is no database is set aside, and status says so', async () => {
    assert.equal((await datatrace('run', 'nightly')).code, 0);
    const store = readdirSync(path.join(folder, 'store'), { recursive: true, encoding: 'utf8' });
    const file = store.find((name) => name.endsWith('datatrace.db')) as string;
    writeFileSync(path.join(folder, 'store', file), "not a database, but somebody else's text ".repeat(50));
    const status = await datatrace('status');
    assert.equal(status.code, 0, status.err);
    assert.match(status.err, /could not be used \(it is not a database\)\. It was kept as .*store\.corrupt-/);
    assert.equal((await datatrace('run', 'nightly')).code, 0);
  });

  test('a secret is in no output, whatever goes wrong', async () => {
    configure(
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
        const { code, out, err } = await datatrace(name, 'nightly', '--verbose');
        assert.equal(code, 2);
        assert.match(out + err, /shop/);
        assert.doesNotMatch(out + err, /canary/);
      }
    } finally {
      delete process.env.DATATRACE_SECRET_SHOP;
    }
    const missing = await datatrace('plan', 'nightly');
    assert.match(missing.err, /Connection shop has no password yet: .* DATATRACE_SECRET_SHOP/);
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile())
        assert.doesNotMatch(readFileSync(path.join(entry.parentPath, entry.name), 'latin1'), /canary/);
    }
  });
});
