/** Takes the words of a command line apart: options by their definitions, and the rest. */
import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import type { Coded } from '../core/model.ts';
import type { Common } from './command.ts';

export type Options = Readonly<Record<string, 'flag' | 'text'>>;

/** A command line after the command itself. */
export interface Line {
  readonly flags: ReadonlySet<string>;
  readonly texts: ReadonlyMap<string, string>;
  readonly words: readonly string[];
  readonly common: Common;
}

/** A whole number of an option in digits, or what is wrong with it; undefined = the option is not given. */
export function wholeNumber(line: Line, option: string, least: number, most: number): number | undefined | Coded {
  const value = line.texts.get(option);
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  return { code: 'cli.badNumber', args: { option: `--${option}`, value, least, most } };
}

/** A list with commas in between, or what is wrong with it; undefined = the option is not given. */
export function listOf(line: Line, option: string): readonly string[] | undefined | Coded {
  const parts = line.texts
    .get(option)
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts?.length === 0 ? { code: 'cli.noValue', args: { option: `--${option}` } } : parts;
}

export function isProblem(value: unknown): value is Coded {
  return typeof value === 'object' && value !== null && 'code' in value;
}

/** Everything after `--` is a word. */
export function readLine(argv: readonly string[], options: Options): Line | Coded {
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
    if (kind === undefined) return unknownOption(rawName, Object.keys(options));
    if (kind === 'flag') {
      if (value !== undefined) return { code: 'cli.valueNotExpected', args: { option: rawName } };
      flags.add(name);
    } else {
      if (value === undefined || value === '') return { code: 'cli.noValue', args: { option: rawName } };
      if (texts.has(name)) return { code: 'cli.optionTwice', args: { option: rawName } };
      texts.set(name, value);
    }
  }
  const common: Common = {
    config: texts.get('config'),
    store: texts.get('store'),
    json: flags.has('json'),
    verbose: flags.has('verbose'),
  };
  return { flags, texts, words: positionals, common };
}

function unknownOption(option: string, known: readonly string[]): Coded {
  const meant = nearest(option.replace(/^-+/, ''), known);
  if (meant === undefined) return { code: 'cli.unknownOption', args: { option } };
  return { code: 'cli.unknownOptionNearest', args: { option, nearest: `--${meant}` } };
}
