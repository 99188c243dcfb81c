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
      'run --json copy --again --mode auto --concurrency 10 --max-running=20 --units a*,!b --confirm-production shop --allow-outside --config x.json --store s --verbose';
    assert.deepEqual(command(...line.split(' ')), {
      name: 'run',
      config: 'x.json',
      store: 's',
      json: true,
      verbose: true,
      task: 'copy',
      again: true,
      mode: 'auto',
      concurrency: 10,
      maxRunning: 20,
      units: ['a*', '!b'],
      confirmProduction: 'shop',
      allowOutside: true,
    });
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
    assert.equal(sentence('run', 'a', '--mode', 'both'), '--mode is auto or manual, not both.');
    assert.equal(sentence('run', 'a', '--rejected'), 'Option --rejected is not available in this version.');
    for (const value of ['0', '-1', '1.5', 'NaN', '1e9', '65', 'x', '٣']) {
      assert.equal(
        sentence('run', 'a', '--concurrency', value),
        `--concurrency must be a whole number from 1 to 64, not ${value}.`,
      );
    }
  });

  test('nothing throws', () => {
    const piece = fc.oneof(
      fc.constantFrom('run', 'status', '--json', '--units', '-x', '--', '--__proto__', '--=', '-', 't'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (argv) => void parseArguments(argv)),
      { numRuns: 500 },
    );
  });
});
