/** The words after `datatrace`, as a command or as one sentence about what is wrong with them. */
import { nearest } from '../config/nearest.ts';
import type { Coded } from '../core/model.ts';
import type { Command, Consent, ExecuteCommand } from './command.ts';
import { isProblem, type Line, listOf, type Options, readLine, wholeNumber } from './options.ts';
import { QUEUE_OPTIONS, queueArguments, unitWords } from './queue-arguments.ts';
import { setArguments } from './set-arguments.ts';

export type Arguments =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly problem: Coded; readonly command: string | undefined };

interface Definition {
  /** Beyond {@link COMMON}. */
  readonly options: Options;
  readonly task: 'none' | 'one' | 'optional';
  /** Most words after the task. */
  readonly more: number;
  build(line: Line): Command | Coded;
}

const COMMON: Options = { config: 'text', store: 'text', json: 'flag', verbose: 'flag', help: 'flag' };
const CONSENT: Options = { 'confirm-production': 'text', 'allow-outside': 'flag', 'ignore-after': 'flag' };
const FILTER: Options = { all: 'flag', status: 'text' };
const OUTSIDE: Options = { 'allow-outside': 'flag' };
const YES: Options = { yes: 'flag' };
const RUN: Options = {
  again: 'flag',
  mode: 'text',
  concurrency: 'text',
  'max-running': 'text',
  units: 'text',
  rejected: 'flag',
  wait: 'flag',
};

const ANY = Number.POSITIVE_INFINITY;
const RUNS_SHOWN = 20;
const MOST_RUNS = 10_000;

const COMMANDS: Readonly<Record<string, Definition>> = {
  validate: { options: {}, task: 'none', more: 0, build: ({ common }) => ({ name: 'validate', ...common }) },
  plan: { options: OUTSIDE, task: 'one', more: 0, build: (line) => lookArguments('plan', line) },
  run: { options: { ...RUN, ...CONSENT }, task: 'one', more: 0, build: runArguments },
  verify: { options: OUTSIDE, task: 'one', more: 0, build: (line) => lookArguments('verify', line) },
  status: {
    options: {},
    task: 'optional',
    more: 0,
    build: ({ common, words }) => ({ name: 'status', ...common, task: words[0] }),
  },
  queue: { options: QUEUE_OPTIONS, task: 'one', more: ANY, build: queueArguments },
  mode: { options: {}, task: 'one', more: 1, build: modeArguments },
  pause: { options: {}, task: 'one', more: 0, build: (line) => controlArguments('pause', line) },
  resume: {
    options: { ...CONSENT, wait: 'flag' },
    task: 'one',
    more: 0,
    build: (line) => executeArguments('resume', line),
  },
  stop: { options: {}, task: 'one', more: 0, build: (line) => controlArguments('stop', line) },
  retry: {
    options: { ...CONSENT, ...FILTER, wait: 'flag' },
    task: 'one',
    more: ANY,
    build: (line) => executeArguments('retry', line),
  },
  abort: { options: FILTER, task: 'one', more: ANY, build: abortArguments },
  restart: {
    options: { ...CONSENT, ...FILTER, again: 'flag', wait: 'flag' },
    task: 'one',
    more: ANY,
    build: (line) => executeArguments('restart', line),
  },
  set: { options: {}, task: 'one', more: ANY, build: setArguments },
  reset: { options: YES, task: 'one', more: 0, build: (line) => controlArguments('reset', line) },
  'delete-data': { options: YES, task: 'one', more: 0, build: (line) => controlArguments('delete-data', line) },
  runs: { options: { limit: 'text' }, task: 'one', more: 0, build: runsArguments },
  report: {
    options: { run: 'text' },
    task: 'one',
    more: 0,
    build: ({ common, words, texts }) => ({ name: 'report', ...common, task: words[0]!, run: texts.get('run') }),
  },
};

/** The options of every command beyond the common ones, as far as they are available. */
export function optionsOf(command: string): readonly string[] {
  return Object.keys(COMMANDS[command]?.options ?? {});
}

/** Documented commands that come with a later version: said, never ignored. */
const COMMANDS_NOT_YET = ['next', 'schedule', 'serve', 'token', 'worker'];

export function parseArguments(argv: readonly string[]): Arguments {
  const [first, ...rest] = argv;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    return { ok: true, command: { name: 'help', topic: rest[0] } };
  }
  if (first === 'version' || first === '--version' || first === '-v') return { ok: true, command: { name: 'version' } };
  const definition = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (definition === undefined) return { ok: false, problem: unknownCommand(first), command: undefined };
  const command = commandOf(first, definition, rest);
  return isProblem(command) ? { ok: false, problem: command, command: first } : { ok: true, command };
}

function commandOf(name: string, definition: Definition, rest: readonly string[]): Command | Coded {
  const line = readLine(rest, { ...COMMON, ...definition.options });
  if (isProblem(line)) return line;
  const { flags, words } = line;
  if (flags.has('help')) return { name: 'help', topic: name };
  const most = (definition.task === 'none' ? 0 : 1) + definition.more;
  if (words.length > most) return { code: 'cli.tooManyWords', args: { word: words[most]! } };
  if (definition.task === 'one' && words.length === 0) return { code: 'cli.taskMissing', args: { command: name } };
  return definition.build(line);
}

function lookArguments(name: 'plan' | 'verify', { common, words, flags }: Line): Command {
  return { name, ...common, task: words[0]!, allowOutside: flags.has('allow-outside') };
}

function consentOf({ flags, texts }: Line): Consent {
  return {
    confirmProduction: texts.get('confirm-production'),
    allowOutside: flags.has('allow-outside'),
    ignoreAfter: flags.has('ignore-after'),
  };
}

function runArguments(line: Line): Command | Coded {
  const { common, words, flags, texts } = line;
  const mode = texts.get('mode');
  if (mode !== undefined && mode !== 'auto' && mode !== 'manual') return badMode('--mode', mode);
  const concurrency = wholeNumber(line, 'concurrency', 1, 64);
  if (isProblem(concurrency)) return concurrency;
  const maxRunning = wholeNumber(line, 'max-running', 1, 1_024);
  if (isProblem(maxRunning)) return maxRunning;
  const units = listOf(line, 'units');
  if (isProblem(units)) return units;
  const again = flags.has('again');
  const rejected = flags.has('rejected');
  if (again && rejected) return { code: 'cli.againOrRejected', args: {} };
  const wait = flags.has('wait');
  const limits = { concurrency, maxRunning, units };
  return { name: 'run', ...common, task: words[0]!, again, rejected, mode, ...limits, ...consentOf(line), wait };
}

function modeArguments({ common, words }: Line): Command | Coded {
  const [task = '', mode] = words;
  if (mode === 'auto' || mode === 'manual') return { name: 'mode', ...common, task, mode };
  return mode === undefined ? { code: 'cli.modeMissing', args: {} } : badMode('mode TASK', mode);
}

function badMode(option: string, value: string): Coded {
  return { code: 'cli.badChoice', args: { option, value, choices: 'auto, manual' } };
}

function controlArguments(name: 'pause' | 'stop' | 'reset' | 'delete-data', { common, words, flags }: Line): Command {
  return { name, ...common, task: words[0]!, yes: flags.has('yes') };
}

function abortArguments(line: Line): Command | Coded {
  const [task = '', ...words] = line.words;
  const units = unitWords(line, words, 'abort TASK');
  return isProblem(units) ? units : { name: 'abort', ...line.common, task, units };
}

function executeArguments(name: ExecuteCommand['name'], line: Line): Command | Coded {
  const [task = '', ...words] = line.words;
  const units = unitWords(line, words, `${name} TASK`, name !== 'restart');
  if (isProblem(units)) return units;
  const { common, flags } = line;
  return { name, ...common, task, units, again: flags.has('again'), ...consentOf(line), wait: flags.has('wait') };
}

function runsArguments(line: Line): Command | Coded {
  const limit = wholeNumber(line, 'limit', 1, MOST_RUNS);
  return isProblem(limit) ? limit : { name: 'runs', ...line.common, task: line.words[0]!, limit: limit ?? RUNS_SHOWN };
}

function unknownCommand(command: string): Coded {
  if (COMMANDS_NOT_YET.includes(command)) return { code: 'cli.commandNotYet', args: { command } };
  const meant = nearest(command, Object.keys(COMMANDS));
  if (meant === undefined) return { code: 'cli.unknownCommand', args: { command } };
  return { code: 'cli.unknownCommandNearest', args: { command, nearest: meant } };
}
