/** The words after `datatrace`, as a command or as one sentence about what is wrong with them. */
import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import type { Coded, Mode } from '../core/model.ts';

interface Common {
  /** undefined: `datatrace.json` of the working folder. */
  readonly config: string | undefined;
  readonly store: string | undefined;
  readonly json: boolean;
  readonly verbose: boolean;
}

export interface RunCommand extends Common {
  readonly name: 'run';
  readonly task: string;
  readonly again: boolean;
  readonly mode: Mode | undefined;
  readonly concurrency: number | undefined;
  readonly maxRunning: number | undefined;
  readonly units: readonly string[] | undefined;
  readonly confirmProduction: string | undefined;
  readonly allowOutside: boolean;
}

export interface TaskCommand extends Common {
  readonly name: 'plan' | 'verify';
  readonly task: string;
  readonly allowOutside: boolean;
}

export type Command =
  | { readonly name: 'help'; readonly topic: string | undefined }
  | { readonly name: 'version' }
  | (Common & { readonly name: 'validate' })
  | TaskCommand
  | RunCommand
  | (Common & { readonly name: 'status'; readonly task: string | undefined });

export type Arguments =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly problem: Coded; readonly command: string | undefined };

type Options = Readonly<Record<string, 'flag' | 'text'>>;

const COMMON: Options = { config: 'text', store: 'text', json: 'flag', verbose: 'flag', help: 'flag' };
const RUN: Options = {
  again: 'flag',
  mode: 'text',
  concurrency: 'text',
  'max-running': 'text',
  units: 'text',
  'confirm-production': 'text',
  'allow-outside': 'flag',
  rejected: 'flag',
  wait: 'flag',
  'ignore-after': 'flag',
};

const COMMANDS: Readonly<Record<string, { readonly options: Options; readonly task: 'none' | 'one' | 'optional' }>> = {
  validate: { options: COMMON, task: 'none' },
  plan: { options: { ...COMMON, 'allow-outside': 'flag' }, task: 'one' },
  run: { options: { ...COMMON, ...RUN }, task: 'one' },
  verify: { options: { ...COMMON, 'allow-outside': 'flag' }, task: 'one' },
  status: { options: COMMON, task: 'optional' },
};

/** Documented commands and options that come with a later version: said, never ignored. */
const COMMANDS_NOT_YET = [
  ...['queue', 'mode', 'pause', 'resume', 'stop', 'reset'],
  ...['next', 'schedule', 'serve', 'token', 'worker'],
];
const OPTIONS_NOT_YET = ['rejected', 'wait', 'ignore-after'];

export function parseArguments(argv: readonly string[]): Arguments {
  const [first, ...rest] = argv;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    return { ok: true, command: { name: 'help', topic: rest[0] } };
  }
  if (first === 'version' || first === '--version' || first === '-v') return { ok: true, command: { name: 'version' } };
  const definition = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (definition === undefined) return { ok: false, problem: unknownCommand(first), command: undefined };
  const fail = (code: string, args: Coded['args'] = {}): Arguments => ({
    ok: false,
    problem: { code, args },
    command: first,
  });

  const read = readOptions(rest, definition.options);
  if ('problem' in read) return fail(read.problem.code, read.problem.args);
  const { flags, texts, words } = read;
  if (flags.has('help')) return { ok: true, command: { name: 'help', topic: first } };
  const most = definition.task === 'none' ? 0 : 1;
  if (words.length > most) return fail('cli.tooManyWords', { word: words[most]! });
  const task = words[0];
  if (definition.task === 'one' && task === undefined) return fail('cli.taskMissing', { command: first });
  const later = OPTIONS_NOT_YET.find((option) => flags.has(option));
  if (later !== undefined) return fail('cli.optionNotYet', { option: `--${later}` });

  const common: Common = {
    config: texts.get('config'),
    store: texts.get('store'),
    json: flags.has('json'),
    verbose: flags.has('verbose'),
  };
  const allowOutside = flags.has('allow-outside');
  switch (first) {
    case 'validate':
      return { ok: true, command: { name: 'validate', ...common } };
    case 'status':
      return { ok: true, command: { name: 'status', ...common, task } };
    case 'run':
      return runArguments(common, task ?? '', flags, texts);
    default:
      return {
        ok: true,
        command: { name: first === 'plan' ? 'plan' : 'verify', ...common, task: task ?? '', allowOutside },
      };
  }
}

function runArguments(
  common: Common,
  task: string,
  flags: ReadonlySet<string>,
  texts: ReadonlyMap<string, string>,
): Arguments {
  const fail = (code: string, args: Coded['args'] = {}): Arguments => ({
    ok: false,
    problem: { code, args },
    command: 'run',
  });
  const mode = texts.get('mode');
  if (mode !== undefined && mode !== 'auto' && mode !== 'manual') return fail('cli.badMode', { value: mode });
  for (const [option, most] of [
    ['concurrency', 64],
    ['max-running', 1_024],
  ] as const) {
    const value = texts.get(option);
    if (value !== undefined && !isWhole(value, most)) {
      return fail('cli.badNumber', { option: `--${option}`, value, least: 1, most });
    }
  }
  const number = (option: string): number | undefined => {
    const value = texts.get(option);
    return value === undefined ? undefined : Number(value);
  };
  const units = texts
    .get('units')
    ?.split(',')
    .map((glob) => glob.trim())
    .filter((glob) => glob !== '');
  if (units !== undefined && units.length === 0) return fail('cli.noValue', { option: '--units' });
  const command: RunCommand = {
    name: 'run',
    ...common,
    task,
    again: flags.has('again'),
    mode,
    concurrency: number('concurrency'),
    maxRunning: number('max-running'),
    units,
    confirmProduction: texts.get('confirm-production'),
    allowOutside: flags.has('allow-outside'),
  };
  return { ok: true, command };
}

function isWhole(text: string, most: number): boolean {
  return /^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= most;
}

type Read =
  | { readonly flags: Set<string>; readonly texts: Map<string, string>; readonly words: string[] }
  | { readonly problem: Coded };

function readOptions(argv: readonly string[], options: Options): Read {
  const definitions = Object.entries(options).map(([name, kind]) => [
    name,
    { type: kind === 'flag' ? 'boolean' : 'string' },
  ]);
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(definitions) as Record<string, { type: 'boolean' | 'string' }>,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = new Set<string>();
  const texts = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    const kind = Object.hasOwn(options, name) ? options[name] : undefined;
    if (kind === undefined) return { problem: unknownOption(rawName, Object.keys(options)) };
    if (kind === 'flag') {
      if (value !== undefined) return { problem: { code: 'cli.valueNotExpected', args: { option: rawName } } };
      flags.add(name);
    } else {
      if (value === undefined || value === '') return { problem: { code: 'cli.noValue', args: { option: rawName } } };
      if (texts.has(name)) return { problem: { code: 'cli.optionTwice', args: { option: rawName } } };
      texts.set(name, value);
    }
  }
  return { flags, texts, words: positionals };
}

function unknownCommand(command: string): Coded {
  if (COMMANDS_NOT_YET.includes(command)) return { code: 'cli.commandNotYet', args: { command } };
  const meant = nearest(command, Object.keys(COMMANDS));
  if (meant === undefined) return { code: 'cli.unknownCommand', args: { command } };
  return { code: 'cli.unknownCommandNearest', args: { command, nearest: meant } };
}

function unknownOption(option: string, known: readonly string[]): Coded {
  const meant = nearest(option.replace(/^-+/, ''), known);
  if (meant === undefined) return { code: 'cli.unknownOption', args: { option } };
  return { code: 'cli.unknownOptionNearest', args: { option, nearest: `--${meant}` } };
}
