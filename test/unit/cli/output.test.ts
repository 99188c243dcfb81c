import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { optionsOf } from '../../../src/cli/arguments.ts';
import { runCli } from '../../../src/cli/commands.ts';
import { bar, cells, clock, column, fit, grouped, wholePercent } from '../../../src/cli/figures.ts';
import { type CliHost, createVoice, localeOf } from '../../../src/cli/host.ts';
import { progressFrame } from '../../../src/cli/progress-frame.ts';
import type { TaskHeader } from '../../../src/protocol/panel.ts';

let folder: string;
let out: string;
let err: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'datatrace-cli-'));
  out = '';
  err = '';
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function hostWith(env: Record<string, string> = {}): CliHost {
  return {
    cwd: folder,
    env,
    out(text) {
      out += text;
    },
    err(text) {
      err += text;
    },
    terminal: null,
    onInterrupt: () => ({ dispose: () => undefined }),
    ask: null,
    keepAlive: () => ({ dispose: () => undefined }),
    workerFile: 'none',
    wasmFile: 'none',
    nodeVersion: '24.0.0',
    version: () => '1.2.3',
    now: () => 42,
  };
}

/** Of these the usage says all. */
const PLACES = ['top', 'bottom', 'up', 'down', 'before'];

const config = (text: string): void => writeFileSync(path.join(folder, 'datatrace.json'), text);

describe('datatrace validate', () => {
  test('prints each problem where an editor can jump to it, and ends with 2', async () => {
    config('{\n  "tasks": {\n    "t": { "source": "a", "target": "b", "lanes": 99 }\n  }\n}\n');
    assert.equal(await runCli(['validate'], hostWith()), 2);
    assert.deepEqual(out.split('\n'), [
      'datatrace.json:3:22: error: There is no connection "a". (tasks.t.source)',
      'datatrace.json:3:37: error: There is no connection "b". (tasks.t.target)',
      'datatrace.json:3:51: error: 99 is not between 1 and 16. (tasks.t.lanes)',
      'Errors: 3, warnings: 0.',
      '',
    ]);
  });

  test('ends with 2 for warnings too, and with 0 when there is nothing to say', async () => {
    config('{"taks": {}}');
    assert.equal(await runCli(['validate'], hostWith()), 2);
    config('{}');
    assert.equal(await runCli(['validate'], hostWith()), 0);
    assert.match(out, /datatrace\.json is valid: connections 0, tasks 0\.\n$/);
  });

  test('with --json every line is an object, the last one a result', async () => {
    config('{"tasks": 5}');
    assert.equal(await runCli(['validate', '--json'], hostWith()), 2);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      lines.map((line) => [line.type, line.at]),
      [
        ['problem', 42],
        ['result', 42],
      ],
    );
    assert.deepEqual(
      [lines[0]?.code, lines[0]?.line, lines[0]?.column, lines[0]?.path],
      ['value.notObject', 1, 11, 'tasks'],
    );
    assert.deepEqual([lines[1]?.errors, lines[1]?.warnings], [1, 0]);
    assert.equal(err, '');
  });

  test('speaks Chinese where the locale says so', async () => {
    config('{"tasks": 5}');
    await runCli(['validate'], hostWith({ LANG: 'zh_CN.UTF-8' }));
    assert.match(out, /错误: 应为花括号对象。/);
    assert.equal(localeOf({ LC_ALL: 'de_DE', LANG: 'zh_CN' }), 'en');
  });

  test('a control character in a name cannot steer the terminal', async () => {
    config(JSON.stringify({ '\u001b[2J': 1 }));
    await runCli(['validate'], hostWith());
    assert.ok(!out.includes('\u001b'));
    assert.match(out, /\\u\{1b\}/);
  });
});

const COMMANDS = [
  ...['validate', 'plan', 'run', 'verify', 'status', 'queue', 'mode', 'pause', 'resume', 'stop', 'retry', 'abort'],
  ...['restart', 'set', 'reset', 'delete-data', 'runs', 'report'],
];

describe('datatrace', () => {
  test('help and version answer on stdout with 0', async () => {
    assert.equal(await runCli(['help'], hostWith()), 0);
    for (const name of COMMANDS) assert.match(out, new RegExp(`^datatrace ${name} `, 'm'));
    assert.doesNotMatch(out, /cli\./, 'every sentence is there');
    out = '';
    assert.equal(await runCli(['help', 'queue'], hostWith({ LANG: 'zh_CN.UTF-8' })), 0);
    assert.match(out, /datatrace queue TASK add .*--position N/);
    assert.match(out, /显示或更改任务的队列/);
    assert.equal(await runCli(['--version'], hostWith()), 0);
    assert.match(out, /1\.2\.3\n$/);
    assert.equal(err, '');
  });

  test('a wrong command line ends with 2 and shows how it goes', async () => {
    assert.equal(await runCli(['run'], hostWith()), 2);
    assert.match(err, /^Which task\? datatrace run TASK\ndatatrace run TASK \[--again\]/);
    assert.match(err, /\ndatatrace run --help explains it\.\n$/);
    err = '';
    assert.equal(await runCli(['copy'], hostWith()), 2);
    assert.equal(err, 'There is no command copy.\ndatatrace --help lists the commands.\n');
  });

  test('a task that is not there is answered with those that are', async () => {
    const ends = '"connections": {"a": {"type": "sqlite", "file": "a"}, "b": {"type": "sqlite", "file": "b"}}';
    const task = '{"source": "a", "target": "b"}';
    config(`{${ends}, "tasks": {"nightly": ${task}, "weekly": ${task}}}`);
    assert.equal(await runCli(['status', 'shop'], hostWith()), 2);
    assert.equal(err, 'There is no task "shop". There are: nightly, weekly.\n');
  });

  test('help explains every option of every command, in both languages', async () => {
    for (const LANG of ['en_US.UTF-8', 'zh_CN.UTF-8']) {
      for (const name of COMMANDS) {
        out = '';
        assert.equal(await runCli(['help', name], hostWith({ LANG })), 0);
        const explained = out
          .split('\n')
          .filter((line) => /^ {2}--/.test(line))
          .join('\n');
        for (const option of [...optionsOf(name), 'config', 'store', 'json', 'verbose']) {
          assert.ok(out.includes(`--${option}`), `${name} --${option}`);
          if (!PLACES.includes(option)) assert.match(explained, new RegExp(`^ {2}--${option}( .*)? {2}\\S`, 'm'), name);
        }
        assert.ok(!/cli\.help/.test(out), name);
      }
    }
  });

  test('a command on a broken configuration, or for a task that is not there, does nothing and ends with 2', async () => {
    config('{"tasks": 5}');
    assert.equal(await runCli(['run', 't'], hostWith()), 2);
    assert.match(err, /datatrace\.json:1:11: error: An object in braces is expected\. \(tasks\)\n$/);
    config(
      '{"connections": {"a": {"type": "sqlite", "file": "a"}, "b": {"type": "sqlite", "file": "b"}}, "tasks": {"copy": {"source": "a", "target": "b"}}}',
    );
    const more: Record<string, string[]> = { mode: ['auto'], abort: ['u'], restart: ['u'], set: ['concurrency=1'] };
    for (const name of COMMANDS.filter((each) => each !== 'validate')) {
      err = '';
      assert.equal(await runCli([name, 'cpoy', ...(more[name] ?? [])], hostWith()), 2);
      assert.equal(err, 'There is no task "cpoy": did you mean "copy"?\n');
    }
  });

  test('with --json the last line is a result, also of what was refused', async () => {
    config('{"tasks": {}}');
    for (const argv of [
      ['run', 'x'],
      ['run'],
      ['plan', 'x'],
      ['plan'],
      ['verify', 'x'],
      ['queue', 'x', 'add', 'u'],
      ['queue', 'x', 'move', 'u'],
      ['pause', 'x'],
      ['mode', 'x', 'both'],
      ['report', 'x'],
      ['status', 'x'],
      ['nothing'],
    ]) {
      out = '';
      assert.equal(await runCli([...argv, '--json'], hostWith()), 2);
      const lines = out.trim().split('\n');
      const last = JSON.parse(lines.at(-1)!) as Record<string, unknown>;
      assert.equal(last.type, 'result', argv.join(' '));
      assert.equal(lines.filter((line) => line.includes('"type":"result"')).length, 1);
      if (argv[0] === 'plan') assert.deepEqual([last.units, last.refused, last.ok], [0, 0, false]);
      else assert.equal(last.refused, true, argv.join(' '));
    }
  });

  test('what deletes or resets is asked on a terminal, and refused without an answer where nobody can be asked', async () => {
    config(
      '{"connections": {"a": {"type": "sqlite", "file": "a"}, "b": {"type": "sqlite", "file": "b"}}, "tasks": {"copy": {"source": "a", "target": "b"}}}',
    );
    for (const name of ['reset', 'delete-data']) {
      err = '';
      const store = ['--store', path.join(folder, 'store')];
      assert.equal(await runCli([name, 'copy', ...store], hostWith()), 2);
      assert.match(err, /Nobody can be asked here: agree with --yes\.\n$/);
      const asked: string[] = [];
      const ask = async (question: string): Promise<string> => {
        asked.push(question);
        return 'n';
      };
      assert.equal(await runCli([name, 'copy', ...store], { ...hostWith(), ask }), 2);
      assert.match(asked.join(), /copy.*\[y\/N\] $/);
      assert.match(err, /Nothing was done\.\n$/);
    }
  });
});

describe('what a terminal shows of a run', () => {
  const header = (more: Partial<TaskHeader> = {}): TaskHeader => ({
    taskId: 'x/copy',
    name: 'copy',
    description: '',
    source: { name: 'a', system: 'SQLite', environment: null },
    target: { name: 'b', system: 'SQLite', environment: null },
    connections: { source: 0, target: 0 },
    mode: 'auto',
    switchingTo: null,
    queueRev: 0,
    waitsForAdditions: false,
    runState: 'running',
    outcome: null,
    planning: false,
    concurrency: 2,
    counts: { pending: 80, running: 3, completed: 8, failed: 2, paused: 0 },
    rowsProcessed: 570_000,
    rowsTotal: 1_500_000,
    bytesProcessed: 0,
    rejected: 0,
    percent: 38,
    percentBy: 'rows',
    rowsPerSecond: 16_400,
    bytesPerSecond: 0,
    timeLeftMs: 62_000,
    estimating: false,
    startedAt: 0,
    endedAt: null,
    slowSide: null,
    failures: [],
    notices: [],
    blocked: null,
    managedBy: null,
    units: 100,
    now: 0,
    ...more,
  });
  const voice = createVoice(hostWith0(), false);
  const running = [
    { name: 'orders', processed: 78_000, total: 150_000 },
    { name: 'we\u001b[31mird', processed: 10, total: null },
  ];

  test('state, overall bar, a bar for each running unit, and how many more', () => {
    assert.deepEqual(progressFrame(header(), running, 100, voice), [
      'copy: running - 8 of 100 units completed, 2 failed',
      '[#########...............] 38 %  570,000 / 1,500,000 rows  16,400 rows/s  1:02 left',
      '  orders                       [############............]  52 %  78,000 / 150,000',
      `  we\\u{1b}[31mird${' '.repeat(48)}10`,
      '  and 1 more running',
    ]);
  });

  test('a manual run says how many wait in the queue, a switch what it waits for', () => {
    const first = (more: Partial<TaskHeader>): string => progressFrame(header(more), [], 120, voice, 7)[0]!;
    assert.equal(
      first({ mode: 'manual' }),
      'copy: running by hand, 7 in the queue - 8 of 100 units completed, 2 failed',
    );
    assert.equal(
      first({ switchingTo: 'manual' }),
      'copy: switching to manual mode: 3 units still running - 8 of 100 units completed, 2 failed',
    );
    assert.equal(first({ runState: 'pausing' }), 'copy: pausing - 8 of 100 units completed, 2 failed');
  });

  test('no line is longer than the terminal, nor wraps', () => {
    for (const columns of [20, 40, 80]) {
      for (const line of progressFrame(header(), running, columns, voice)) assert.ok([...line].length < columns);
    }
    const [, overall] = progressFrame(header({ rowsProcessed: 1e9, rowsTotal: 2e9 }), [], 80, voice);
    assert.match(overall!, /1:02 left$/);
  });

  test('100 % is shown only at the end', () => {
    assert.equal(wholePercent(99.99), '99 %');
    assert.equal(wholePercent(100), '100 %');
    const [, , unit] = progressFrame(header(), [{ name: 'u', processed: 10, total: 10 }], 100, voice);
    assert.match(unit!, / 99 %/);
  });

  test('figures', () => {
    assert.deepEqual([0, 999, 1_000, 1_234_567.8].map(grouped), ['0', '999', '1,000', '1,234,568']);
    assert.deepEqual([0, 7_000, 750_000, 11_045_000].map(clock), ['0:00', '0:07', '12:30', '3:04:05']);
    assert.deepEqual([bar(0, 4), bar(50, 4), bar(100, 4), bar(150, 4)], ['[....]', '[##..]', '[####]', '[####]']);
    assert.deepEqual([fit('运行中abc', 6), cells(column('运行中', 8)), fit('运行中', 6)], ['运行…', 8, '运行中']);
    assert.deepEqual([fit('abcdef', 4), fit('abc', 4), column('ab', 4)], ['abc…', 'abc', 'ab  ']);
  });
});

function hostWith0(): CliHost {
  return { ...hostWith(), cwd: '/' };
}
