import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseArguments } from '../../../src/cli/arguments.ts';
import { word } from '../../../src/wording/word.ts';

const COMMON = { config: undefined, store: undefined, json: false, verbose: false };

function sentence(...argv: string[]): string {
  const parsed = parseArguments(argv);
  assert.ok(!parsed.ok, argv.join(' '));
  return word(parsed.problem, 'en');
}

function command(...argv: string[]): unknown {
  const parsed = parseArguments(argv);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.command;
}

describe('the arguments of datatrace', () => {
  test('a run takes all its options, in any order', () => {
    const line =
      'run --json copy --again --mode auto --concurrency 10 --max-running=20 --units a*,!b --confirm-production shop --allow-outside --config x.json --store s --verbose --wait --ignore-after';
    assert.deepEqual(command(...line.split(' ')), {
      name: 'run',
      config: 'x.json',
      store: 's',
      json: true,
      verbose: true,
      task: 'copy',
      again: true,
      rejected: false,
      mode: 'auto',
      concurrency: 10,
      maxRunning: 20,
      units: ['a*', '!b'],
      confirmProduction: 'shop',
      allowOutside: true,
      ignoreAfter: true,
      wait: true,
    });
  });

  test('the queue is shown, and changed by names, globs and filters', () => {
    const queue = { name: 'queue', ...COMMON, task: 't', rev: null, allowOutside: false };
    const units = (...words: string[]): object => ({ words, all: false, statuses: null });
    assert.deepEqual(command('queue', 't'), { ...queue, edit: { action: 'show' } });
    assert.deepEqual(command('queue', 't', 'add', 'b', 'a*'), {
      ...queue,
      edit: { action: 'add', units: units('b', 'a*'), to: { kind: 'bottom' }, again: false },
    });
    assert.deepEqual(command('queue', 't', 'add', '--status', 'failed,paused', '--top', '--again', '--rev', '7'), {
      ...queue,
      rev: 7,
      edit: {
        action: 'add',
        units: { words: [], all: false, statuses: ['failed', 'paused'] },
        to: { kind: 'top' },
        again: true,
      },
    });
    assert.deepEqual(command('queue', 't', 'move', 'a', '--before', 'b'), {
      ...queue,
      edit: { action: 'move', units: units('a'), to: { kind: 'before', unit: 'b' } },
    });
    assert.deepEqual(command('queue', 't', 'move', 'a', '--position', '3'), {
      ...queue,
      edit: { action: 'move', units: units('a'), to: { kind: 'position', position: 3 } },
    });
    assert.deepEqual(command('queue', 't', 'remove', '--', '--odd'), {
      ...queue,
      edit: { action: 'remove', units: units('--odd') },
    });
    assert.deepEqual(command('queue', 't', 'clear', '--rev=0'), { ...queue, rev: 0, edit: { action: 'clear' } });
  });

  test('tasks and units are controlled', () => {
    const consent = { confirmProduction: undefined, allowOutside: false, ignoreAfter: false };
    const none = { words: [], all: false, statuses: null };
    assert.deepEqual(command('mode', 't', 'manual'), { name: 'mode', ...COMMON, task: 't', mode: 'manual' });
    assert.deepEqual(command('pause', 't'), { name: 'pause', ...COMMON, task: 't', yes: false });
    assert.deepEqual(command('reset', 't', '--yes'), { name: 'reset', ...COMMON, task: 't', yes: true });
    assert.deepEqual(command('retry', 't'), {
      name: 'retry',
      ...COMMON,
      task: 't',
      units: none,
      again: false,
      ...consent,
      wait: false,
    });
    assert.deepEqual(command('abort', 't', 'a', 'b'), {
      name: 'abort',
      ...COMMON,
      task: 't',
      units: { ...none, words: ['a', 'b'] },
    });
    assert.deepEqual(
      command('set', 't', 'concurrency=4', 'onError=pause', 'limits.rowsPerSecond=0', 'retry.jitter=0.5'),
      {
        name: 'set',
        ...COMMON,
        task: 't',
        settings: { concurrency: 4, onError: 'pause', limits: { rowsPerSecond: 0 }, retry: { jitter: 0.5 } },
      },
    );
    assert.deepEqual(command('report', 't', '--run', 'r'), { name: 'report', ...COMMON, task: 't', run: 'r' });
    assert.deepEqual(command('runs', 't'), { name: 'runs', ...COMMON, task: 't', limit: 20 });
  });

  test('the other commands', () => {
    assert.deepEqual(command('validate'), { name: 'validate', ...COMMON });
    assert.deepEqual(command('plan', 't'), { name: 'plan', ...COMMON, task: 't', allowOutside: false });
    assert.deepEqual(command('verify', '--', '--odd'), {
      name: 'verify',
      ...COMMON,
      task: '--odd',
      allowOutside: false,
    });
    assert.deepEqual(command('status'), { name: 'status', ...COMMON, task: undefined });
    assert.deepEqual(command('status', 't'), { name: 'status', ...COMMON, task: 't' });
    for (const argv of [[], ['help'], ['--help'], ['-h']])
      assert.deepEqual(command(...argv), { name: 'help', topic: undefined });
    assert.deepEqual(command('run', '--help'), { name: 'help', topic: 'run' });
    assert.deepEqual(command('--version'), { name: 'version' });
  });

  test('what is wrong is said in one sentence', () => {
    assert.equal(sentence('rnu', 't'), 'There is no command rnu: did you mean run?');
    assert.equal(sentence('constructor'), 'There is no command constructor.');
    assert.equal(sentence('serve'), 'Command serve is not available in this version.');
    assert.equal(sentence('run'), 'Which task? datatrace run TASK');
    assert.equal(sentence('run', 'a', 'b'), '"b" is one word too many.');
    assert.equal(
      sentence('run', 'a', '--concurency', '3'),
      'There is no option --concurency here: did you mean --concurrency?',
    );
    assert.equal(sentence('validate', '--again'), 'There is no option --again here.');
    assert.equal(sentence('run', 'a', '--units'), 'Option --units needs a value.');
    assert.equal(sentence('run', 'a', '--units', ','), 'Option --units needs a value.');
    assert.equal(sentence('run', 'a', '--again=yes'), 'Option --again takes no value.');
    assert.equal(sentence('run', 'a', '--store', 'x', '--store', 'y'), 'Option --store is given twice.');
    assert.equal(sentence('run', 'a', '--mode', 'both'), '--mode takes one of auto, manual, not both.');
    assert.equal(
      sentence('run', 'a', '--rejected', '--again'),
      'Options --again and --rejected exclude each other: all rows are copied anew, or only the rejected ones.',
    );
    for (const value of ['0', '-1', '1.5', 'NaN', '1e9', '65', 'x', '٣']) {
      assert.equal(
        sentence('run', 'a', '--concurrency', value),
        `--concurrency must be a whole number from 1 to 64, not ${value}.`,
      );
    }
  });

  test('bad orders for queues, modes and settings are refused before anything is opened', () => {
    assert.equal(
      sentence('queue', 't', 'ad', 'u'),
      'The queue can be changed by add, remove, move and clear, not by ad.',
    );
    assert.match(sentence('queue', 't', 'add'), /^Which units\? datatrace queue TASK add UNIT\.\./);
    assert.match(sentence('queue', 't', 'move', 'u'), /^Move them where\?/);
    assert.match(sentence('queue', 't', 'move', 'u', '--top', '--bottom'), /^Only one place/);
    assert.equal(sentence('queue', 't', 'add', 'u', '--up'), 'There is no option --up here.');
    assert.equal(sentence('queue', 't', '--rev', '1'), 'There is no option --rev here.');
    assert.equal(sentence('queue', 't', 'clear', 'u'), '"u" is one word too many.');
    assert.equal(sentence('queue', 't', 'add', '--all', 'u'), 'Name units or say --all, not both.');
    assert.match(sentence('queue', 't', 'add', '--status', 'broken'), /^--status takes one of pending, running/);
    for (const value of ['-1', '1.5', 'NaN', '1e3', '9'.repeat(16)]) {
      assert.match(sentence('queue', 't', 'clear', `--rev=${value}`), /^--rev must be a whole number from 0 /);
    }
    assert.match(sentence('queue', 't', 'add', 'u', '--position', '0'), /^--position must be a whole number from 1 /);
    assert.match(sentence('mode', 't'), /^Which mode\?/);
    assert.equal(sentence('mode', 't', '__proto__'), 'mode TASK takes one of auto, manual, not __proto__.');
    for (const value of ['0', '-1', '1.5', 'NaN', '3; rm', '1e9', '']) {
      assert.equal(
        sentence('set', 't', `concurrency=${value}`),
        `concurrency must be a whole number from 1 to 64, not ${value}.`,
      );
    }
    assert.equal(sentence('set', 't', 'onError=stop'), 'onError takes one of skip, pause, not stop.');
    assert.match(sentence('set', 't', 'concurency=1'), /did you mean concurrency\?$/);
    for (const setting of ['__proto__', 'constructor.prototype', 'limits']) {
      assert.match(sentence('set', 't', `${setting}=1`), /^There is no setting /);
    }
    assert.equal(sentence('set', 't', 'concurrency=1', 'concurrency=2'), 'Option concurrency is given twice.');
  });

  test('nothing throws', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'run',
        'status',
        'queue',
        'set',
        'move',
        '--up',
        'retry',
        '--json',
        '--units',
        '-x',
        '--',
        '--__proto__',
        '--=',
        '-',
        't',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (argv) => void parseArguments(argv)),
      { numRuns: 500 },
    );
  });
});
