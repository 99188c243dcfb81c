/** Command lines and what is around them: others on a store which nobody manages for long, an output that is full. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dataFolder } from '../../src/host/data-folder.ts';
import { acquireOwner } from '../../src/host/owner-lock.ts';
import { socketAddress } from '../../src/host/socket.ts';
import { type CliDriver, createCliDriver, type Ended, linesOf, TABLES } from './cli-driver.ts';

let cli: CliDriver;
beforeEach(() => {
  cli = createCliDriver();
});
afterEach(() => cli.dispose());

const textOf = (ended: Ended): string => `${ended.out}${ended.err}`;

describe('commands at the same time', () => {
  test('are all done, one after the other', async () => {
    cli.configure({ mode: 'manual' });
    const units = Array.from({ length: TABLES }, (_, table) => `t${table}`);
    const all = await Promise.all(units.map((unit) => cli.here('queue', 'nightly', 'add', unit)));
    for (const ended of all) assert.equal(ended.code, 0, textOf(ended));
    const queue = linesOf(await cli.here('queue', 'nightly', '--json')).find(({ type }) => type === 'queue');
    assert.deepEqual(new Set(queue?.units as string[]), new Set(units));
  });

  test('do not keep a run from beginning, which is not begun in a process that ends', async () => {
    const short = [
      ['status', 'nightly'],
      ['set', 'nightly', 'concurrency=2'],
      ['queue', 'nightly'],
      ['mode', 'nightly', 'auto'],
    ];
    const beside = short.map((words) => cli.here(...words));
    const run = cli.start('run', 'nightly', '--json');
    const later = run.seen(/"type":"task"/).then(() => Promise.all(short.map((words) => cli.here(...words))));
    for (const ended of [...(await Promise.all(beside)), ...(await later)]) assert.equal(ended.code, 0, textOf(ended));
    const ended = await run.ended;
    assert.equal(ended.code, 0, textOf(ended));
    assert.equal(linesOf(ended).at(-1)?.completed, TABLES);
    assert.deepEqual(cli.tableTexts('copy.db'), cli.tableTexts('shop.db'));
  });

  test('a run that was handed to the process of another one is not ended with it', async () => {
    const slowly = (rowsPerSecond: number) => ({ limits: { rowsPerSecond } });
    const other = { source: 'shop', target: 'second', batchRows: 20, ...slowly(400) };
    cli.configure(slowly(2_400), { second: { type: 'sqlite', file: 'second.db' } }, { other });
    const first = cli.start('run', 'nightly', '--json');
    await first.seen(/"status":"running"/);
    const second = cli.here('run', 'other', '--json');
    assert.equal(linesOf(await first.ended).at(-1)?.completed, TABLES);
    const ended = await second;
    assert.equal(ended.code, 0, textOf(ended));
    assert.match(ended.out, /"folder.managed"/, 'it was handed over');
    assert.deepEqual(cli.tableTexts('second.db'), cli.tableTexts('shop.db'));
  });

  test('as processes, too: each says what it has to say before it ends', async () => {
    const both = [cli.start('status', 'nightly', '--json'), cli.start('runs', 'nightly', '--json')];
    for (const ended of await Promise.all(both.map((each) => each.ended))) {
      assert.equal(ended.code, 0, textOf(ended));
      assert.equal(linesOf(ended).at(-1)?.type, 'result');
    }
  });
});

describe('a task that was never started', () => {
  test('is called so, not unknown', async () => {
    for (const words of [['pause'], ['resume'], ['reset', '--yes']]) {
      const [command = '', ...rest] = words;
      const ended = await cli.here(command, 'nightly', ...rest);
      assert.equal(ended.code, 2);
      assert.match(ended.err, /^Task nightly was never started/);
    }
  });
});

describe('a store that tells nothing', () => {
  test('is called so by status, with 2: its tasks are not idle for all anybody knows', async () => {
    await cli.here('queue', 'nightly');
    const { folder } = dataFolder({
      workspaceFolder: path.join(cli.folder, 'work'),
      storeFolder: path.join(cli.folder, 'store'),
    });
    const address = socketAddress(folder);
    const { lock } = await acquireOwner({ folder, app: 'an older one', socket: address });
    assert.ok(lock !== null);
    const answer = JSON.stringify({ id: 1, ok: true, result: { version: 0, owner: { app: 'an older one' } } });
    const older = createServer((socket) => socket.once('data', () => socket.write(`${answer}\n`))).listen(address);
    try {
      const told = await cli.here('status', 'nightly');
      assert.match(told.out, /^nightly +not known$/m);
      assert.match(told.err, /another version of DataTrace/);
      const lines = linesOf(await cli.here('status', '--json'));
      assert.equal(lines.find(({ type }) => type === 'task')?.state, 'unknown');
      assert.equal(told.code, 2);
    } finally {
      older.close();
      lock.release();
    }
    assert.match((await cli.here('status')).out, /^nightly +ready/m);
  });
});

describe('an output that cannot be written', () => {
  const CLI = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

  test('is said once; the run goes on to its end and the code is not 0', {
    skip: process.platform !== 'linux',
  }, async () => {
    const full = openSync('/dev/full', 'w');
    const env = {
      ...process.env,
      DATATRACE_STORE: path.join(cli.folder, 'store'),
      LANG: 'C',
      LC_ALL: '',
      LC_MESSAGES: '',
    };
    const options = { cwd: path.join(cli.folder, 'work'), env };
    const child = spawn(process.execPath, [CLI, 'run', 'nightly', '--json'], {
      ...options,
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    let err = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.match(err, /^The output cannot be written \(ENOSPC.*\n$/);
    assert.equal(code, 1);
    assert.deepEqual(cli.tableTexts('copy.db'), cli.tableTexts('shop.db'));
  });
});
