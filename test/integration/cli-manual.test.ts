/** Two command lines on one store: one runs in manual mode, others queue, reorder, switch and pause. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type CliDriver, createCliDriver, type Ended, type Line, linesOf, TABLES } from './cli-driver.ts';

let cli: CliDriver;
beforeEach(() => {
  cli = createCliDriver();
});
afterEach(() => cli.dispose());

/** Twenty seconds for each unit: nothing ends meanwhile by itself. */
const SLOWLY = { limits: { rowsPerSecond: 10 } };
const FASTER = 'limits.rowsPerSecond=0';
const ONE_BY_ONE = { mode: 'manual', concurrency: 1, ...SLOWLY };

/** Names of units in the order in which they began to run. */
/** In the order of their starts; a small unit may be completed before anybody was told that it runs. */
function started(ended: Ended): unknown[] {
  const lines = linesOf(ended).filter(
    ({ type, status }) => type === 'unit' && (status === 'running' || status === 'completed'),
  );
  return [...new Set(lines.map((line) => line.unit))];
}

function queueOf(ended: Ended): Line {
  const queue = linesOf(ended).findLast((line) => line.type === 'queue');
  assert.ok(queue, ended.out);
  return queue;
}

async function ok(...argv: string[]): Promise<Ended> {
  const ended = await cli.here(...argv);
  assert.equal(ended.code, 0, `${argv.join(' ')}: ${ended.out}${ended.err}`);
  return ended;
}

async function refused(sentence: RegExp, ...argv: string[]): Promise<Ended> {
  const ended = await cli.here(...argv);
  assert.equal(ended.code, 2, `${argv.join(' ')}: ${ended.out}${ended.err}`);
  assert.match(argv.includes('--json') ? ended.out : ended.err, sentence);
  return ended;
}

describe('a manual run beside other commands', () => {
  test('takes its units in the order that others give the queue, and goes on by itself after a switch to auto', async () => {
    cli.configure(ONE_BY_ONE);
    const run = cli.start('run', 'nightly', '--wait', '--json');
    await run.seen(/"waitsForAdditions":true/);

    const added = await ok('queue', 'nightly', 'add', 't3', 't1', 't4', 't2', '--json');
    const rev = queueOf(added).rev as number;
    const moved = await ok('queue', 'nightly', 'move', 't2', '--top', '--json');
    assert.equal((queueOf(moved).units as string[])[0], 't2');
    assert.ok((queueOf(moved).rev as number) > rev);
    await ok('queue', 'nightly', 'remove', 't4');

    const stale = await refused(
      /was changed meanwhile/,
      'queue',
      'nightly',
      'add',
      't5',
      '--rev',
      String(rev),
      '--json',
    );
    assert.ok(queueOf(stale).rev !== rev, 'the new truth comes with the refusal');
    await refused(/no unit "tt9": did you mean "t9"\?/, 'queue', 'nightly', 'add', 't7', 'tt9');
    await refused(/Unit "t7" is named twice/, 'queue', 'nightly', 'add', 't7', 't7');
    await refused(/no unit "__proto__"/, 'queue', 'nightly', 'add', '__proto__');
    await refused(/"t8" is not in the queue/, 'queue', 'nightly', 'move', 't8', '--top');

    const status = await ok('status', 'nightly');
    assert.match(status.out, /^nightly +running +manual mode/m);
    assert.match(status.err, /Managed by another window or command/);
    // It is told with the progress, about once in a second.
    await run.seen(/"type":"queue"/);
    await ok('set', 'nightly', FASTER);
    await run.seen(/"unit":"t1","status":"completed"/);
    await refused(/Completed units run only with --again: t3 \(1\)/, 'queue', 'nightly', 'add', 't3');

    await ok('set', 'nightly', 'concurrency=4');
    await ok('mode', 'nightly', 'auto');
    const ended = await run.ended;
    assert.equal(ended.code, 0, ended.out + ended.err);
    assert.deepEqual(started(ended).slice(0, 3), ['t3', 't2', 't1']);
    assert.deepEqual(linesOf(ended).at(-1)?.completed, TABLES);
    assert.ok(linesOf(ended).some((line) => line.type === 'queue'));
    assert.deepEqual(cli.tableTexts('copy.db'), cli.tableTexts('shop.db'));
  });

  test('switches only when its running units have ended, and refuses edits of the queue meanwhile', async () => {
    cli.configure({ ...ONE_BY_ONE, concurrency: 2 });
    const run = cli.start('run', 'nightly', '--wait', '--json');
    await run.seen(/"waitsForAdditions":true/);
    await ok('queue', 'nightly', 'add', 't0', 't1', 't2');
    await run.seen(/"unit":"t0","status":"running"/);
    const mode = await ok('mode', 'nightly', 'auto');
    assert.match(mode.err, /Switching to auto mode: \d units still running/);
    await refused(/is switching to auto mode/, 'queue', 'nightly', 'add', 't5');
    const cancelled = await ok('mode', 'nightly', 'manual');
    assert.match(cancelled.err, /The switch is cancelled|is in manual mode/);
    await ok('pause', 'nightly');
    assert.equal((await run.ended).code, 4);
  });

  test('pauses for another process, which comes back when nothing runs any more', async () => {
    cli.configure({ ...SLOWLY, concurrency: 2 });
    const run = cli.start('run', 'nightly', '--json');
    await run.seen(/"status":"running"/);
    const paused = await ok('pause', 'nightly', '--json');
    assert.deepEqual([linesOf(paused).at(-1)?.state, linesOf(paused).at(-1)?.running], ['paused', 0]);
    assert.equal((await run.ended).code, 4);
    assert.match((await ok('pause', 'nightly')).err, /paused already/);
    cli.configure({ concurrency: 2 });
    const resumed = await ok('resume', 'nightly', '--json');
    assert.equal(linesOf(resumed).at(-1)?.completed, TABLES);
    await refused(/neither paused nor interrupted/, 'resume', 'nightly');
  });

  test('is stopped, not paused, by stop; the task is idle and its run unfinished', async () => {
    cli.configure({ ...SLOWLY, concurrency: 2 });
    const run = cli.start('run', 'nightly');
    await run.seen(/./, 'err');
    await ok('queue', 'nightly');
    await ok('stop', 'nightly');
    const ended = await run.ended;
    assert.equal(ended.code, 4, ended.out + ended.err);
    assert.match(ended.out, /^Stopped: .*The run is unfinished/m);
    assert.match((await ok('status')).out, /^nightly +stopped/);
    await refused(/does not run/, 'stop', 'nightly');
    await refused(/does not run/, 'pause', 'nightly');
  });
});

describe('a manual run alone', () => {
  test('ends with 4 when nothing in its queue can start; what was queued while idle runs first at the next start', async () => {
    cli.configure({ mode: 'manual' });
    const empty = await cli.here('run', 'nightly', '--json');
    assert.equal(empty.code, 4, empty.out + empty.err);
    assert.deepEqual([linesOf(empty).at(-1)?.pending, linesOf(empty).at(-1)?.outcome], [TABLES, null]);

    const added = await ok('queue', 'nightly', 'add', 't9', 't2*', '--json');
    assert.deepEqual(queueOf(added).units, ['t9', 't2']);
    assert.match((await ok('status')).out, /Queue \(2\): t9, t2/);
    const some = await cli.here('run', 'nightly', '--concurrency', '1', '--json');
    assert.equal(some.code, 4, some.out + some.err);
    assert.deepEqual(started(some), ['t9', 't2']);
    assert.equal(linesOf(some).at(-1)?.completed, 2);

    await ok('queue', 'nightly', 'add', '--all');
    await ok('run', 'nightly');
    assert.deepEqual(cli.tableTexts('copy.db'), cli.tableTexts('shop.db'));
  });

  test('a task that was never planned takes additions, too', async () => {
    cli.configure({ mode: 'manual' });
    const added = await ok('queue', 'nightly', 'add', 't7', 't1', '--json');
    assert.deepEqual(queueOf(added).units, ['t7', 't1']);
    await refused(/no unit "t77": did you mean "t7"\?/, 'queue', 'nightly', 'add', 't77');
    await ok('queue', 'nightly', 'move', 't1', '--position', '1');
    assert.match((await ok('queue', 'nightly')).out, /^ +1 {2}t1\n +2 {2}t7$/m);
    const run = await cli.here('run', 'nightly', '--concurrency', '1', '--json');
    assert.equal(run.code, 4, run.out + run.err);
    assert.deepEqual(started(run), ['t1', 't7']);
  });

  test('in auto mode the queue is not for editing, and a switch while idle is done at once', async () => {
    await ok('run', 'nightly', '--units', 't0');
    await refused(/is in auto mode/, 'queue', 'nightly', 'add', 't1');
    const mode = await ok('mode', 'nightly', 'manual', '--json');
    assert.deepEqual([linesOf(mode).at(-1)?.mode, linesOf(mode).at(-1)?.switchingTo], ['manual', null]);
    await ok('queue', 'nightly', 'add', 't1');
    await ok('queue', 'nightly', 'clear');
    assert.deepEqual(queueOf(await ok('queue', 'nightly', '--json')).units, []);
  });
});

describe('a run that another process manages', () => {
  test('is begun there and followed; Ctrl-C only ends the following', async () => {
    const other = { source: 'shop', target: 'second', concurrency: 2 };
    const second = { second: { type: 'sqlite', file: 'second.db' } };
    cli.configure({ mode: 'manual' }, second, {
      other,
      slow: { ...other, ...SLOWLY, prefix: 'slow_', concurrency: 1 },
    });
    const owner = cli.start('run', 'nightly', '--wait', '--json');
    await owner.seen(/"waitsForAdditions":true/);
    await refused(/already running/, 'run', 'nightly');

    const followed = await ok('run', 'other', '--max-running', '3', '--json');
    assert.match(followed.out, /--max-running 3 does not count/);
    const lines = linesOf(followed);
    assert.equal(lines.at(-1)?.completed, TABLES);
    assert.ok(lines.some((line) => line.type === 'unit' && line.status === 'completed'));
    assert.ok(lines.some((line) => line.type === 'task' && line.managedBy !== null));
    assert.deepEqual(cli.tableTexts('second.db'), cli.tableTexts('shop.db'));

    const slow = cli.start('run', 'slow', '--json');
    await slow.seen(/"status":"running"/);
    slow.child.kill('SIGINT');
    const left = await slow.ended;
    assert.equal(left.code, 130, left.out + left.err);
    assert.match(left.out, /cli\.leftRunning/);
    assert.match((await ok('status', 'slow')).out, /^slow +running/);
    await ok('stop', 'slow');

    await ok('queue', 'nightly', 'add', '--all');
    assert.equal((await owner.ended).code, 0);
  });
});

describe('units by themselves', () => {
  test('an aborted unit leaves an auto run paused with 4, and the same command takes it up again', async () => {
    cli.configure({ ...SLOWLY, units: ['t0', 't1'], concurrency: 2 });
    const run = cli.start('run', 'nightly', '--json');
    await run.seen(/"unit":"t0","status":"running"/);
    await refused(/no unit "t5"/, 'abort', 'nightly', 't5');
    await ok('abort', 'nightly', 't0');
    await ok('set', 'nightly', FASTER);
    const ended = await run.ended;
    assert.equal(ended.code, 4, ended.out + ended.err);
    const result = linesOf(ended).at(-1)!;
    assert.deepEqual([result.completed, result.paused, result.state], [1, 1, 'paused']);
    assert.match((await ok('status', 'nightly')).out, /t0 +paused .*Aborted/);
    await refused(/None of these units .* running/, 'abort', 'nightly', 't0');
    cli.configure({ units: ['t0', 't1'] });
    await ok('run', 'nightly');
  });

  test('a child whose parent failed is named with the reason; retrying the parent releases it', async () => {
    const copy = new DatabaseSync(path.join(cli.folder, 'work', 'copy.db'));
    copy.exec('CREATE TABLE t5 (id INTEGER PRIMARY KEY, name TEXT CHECK (length(name) < 5))');
    cli.configure({ overrides: { t6: { after: ['t5'] } } });
    const run = await cli.here('run', 'nightly');
    assert.equal(run.code, 3, run.out + run.err);
    assert.match(run.err, /^t6: blocked: t5 failed$/m);
    assert.match((await ok('status', 'nightly')).out, /t6 +pending .*blocked: t5 failed/);
    copy.exec('DROP TABLE t5');
    copy.close();
    await refused(/no unit "t55": did you mean "t5"/, 'retry', 'nightly', 't55');
    const retried = await ok('retry', 'nightly', '--json');
    assert.equal(linesOf(retried).at(-1)?.completed, TABLES);
    await refused(/has no failed unit/, 'retry', 'nightly');
  });

  test('a restarted unit of a task at rest runs alone, from its beginning', async () => {
    await ok('run', 'nightly');
    await refused(/Completed units run only/, 'restart', 'nightly', 't3');
    const restarted = await ok('restart', 'nightly', 't3', '--again', '--json');
    assert.deepEqual(started(restarted), ['t3']);
  });

  test('a wait for a retry is told with its countdown and its cause', async () => {
    const retry = { attempts: 3, delayMs: 60_000, maxDelayMs: 60_000, jitter: 0 };
    cli.configure({ ...SLOWLY, units: ['t0'], retry });
    const run = cli.start('run', 'nightly');
    await run.seen(/Auto mode/, 'err');
    const copy = new DatabaseSync(path.join(cli.folder, 'work', 'copy.db'), { timeout: 10_000 });
    copy.exec('BEGIN EXCLUSIVE');
    await ok('set', 'nightly', FASTER);
    await run.seen(/t0: retry 1 of 3 in \d+ s: /, 'err');
    assert.match((await ok('status', 'nightly')).out, /t0 +pending .*retry 1 of 3 in \d+ s: .*lock/);
    copy.exec('ROLLBACK');
    copy.close();
    await ok('retry', 'nightly', 't0');
    assert.equal((await run.ended).code, 0);
  });
});

describe('what happened', () => {
  test('is told by runs and report, in words and as JSON', async () => {
    await refused(/has no run yet/, 'report', 'nightly');
    await ok('run', 'nightly', '--units', 't0');
    await ok('run', 'nightly');
    const runs = await ok('runs', 'nightly', '--json');
    const [newest, first] = linesOf(runs).filter((line) => line.type === 'run');
    assert.deepEqual([newest?.units, newest?.outcome, first?.units], [null, 'completed', ['t0']]);
    assert.equal((await ok('runs', 'nightly')).out.trim().split('\n').length, 2);

    const markdown = await ok('report', 'nightly');
    assert.match(markdown.out, /^# Run of nightly$/m);
    assert.match(markdown.out, /`t1`/);
    const report = linesOf(await ok('report', 'nightly', '--run', String(first?.run), '--json'));
    assert.deepEqual(
      [report[0]?.type, report[0]?.format, report.at(-1)?.type],
      ['report', 'datatrace.run/1', 'result'],
    );
    assert.deepEqual((report[0]?.run as Line | undefined)?.units, ['t0']);
    await refused(/nothing-such/, 'report', 'nightly', '--run', 'nothing-such');
  });

  test('is forgotten by reset and delete-data, which want a word of agreement', async () => {
    await ok('run', 'nightly', '--units', 't0');
    await refused(/--yes/, 'reset', 'nightly');
    const reset = await ok('reset', 'nightly', '--yes', '--json');
    assert.equal(linesOf(reset).at(-1)?.pending, TABLES);
    await ok('delete-data', 'nightly', '--yes');
    assert.match((await ok('runs', 'nightly')).err, /has no run yet/);
    assert.match((await ok('status')).out, /Total 0,/);
    await ok('run', 'nightly');
  });
});
