/** `queue TASK [add|remove|move|clear] ..`: what the words ask for. */
import { type Coded, UNIT_STATUSES, type UnitStatus } from '../core/model.ts';
import type { PlaceWords, QueueCommand, QueueEdit, UnitWords } from './command.ts';
import { isProblem, type Line, listOf, type Options, wholeNumber } from './options.ts';

export const QUEUE_OPTIONS: Options = {
  all: 'flag',
  status: 'text',
  top: 'flag',
  bottom: 'flag',
  up: 'flag',
  down: 'flag',
  before: 'text',
  position: 'text',
  again: 'flag',
  rev: 'text',
  'allow-outside': 'flag',
};

const ACTIONS = ['add', 'remove', 'move', 'clear'] as const;
type Action = (typeof ACTIONS)[number];

const SIMPLE_PLACES = ['top', 'bottom', 'up', 'down'] as const;

/** Options beyond those of every command, by action. */
const FITTING: Readonly<Record<Action | 'show', readonly string[]>> = {
  show: [],
  add: ['all', 'status', 'top', 'bottom', 'before', 'position', 'again', 'rev', 'allow-outside'],
  remove: ['all', 'status', 'rev'],
  move: ['top', 'bottom', 'up', 'down', 'before', 'position', 'rev'],
  clear: ['rev'],
};

/** More entries than any queue has. */
const MOST_UNITS = 1_000_000;

export function queueArguments(line: Line): QueueCommand | Coded {
  const [task = '', action = 'show', ...words] = line.words;
  if (!isAction(action) && action !== 'show') return { code: 'cli.queueAction', args: { value: action } };
  const fitting = FITTING[action];
  const unfit = Object.keys(QUEUE_OPTIONS).find(
    (option) => (line.flags.has(option) || line.texts.has(option)) && !fitting.includes(option),
  );
  if (unfit !== undefined) return { code: 'cli.unknownOption', args: { option: `--${unfit}` } };
  const rev = wholeNumber(line, 'rev', 0, Number.MAX_SAFE_INTEGER);
  if (isProblem(rev)) return rev;
  const edit = editOf(action, words, line);
  if (isProblem(edit)) return edit;
  const allowOutside = line.flags.has('allow-outside');
  return { name: 'queue', ...line.common, task, edit, rev: rev ?? null, allowOutside };
}

function isAction(word: string): word is Action {
  return (ACTIONS as readonly string[]).includes(word);
}

function editOf(action: Action | 'show', words: readonly string[], line: Line): QueueEdit | Coded {
  if (action === 'clear' || action === 'show') {
    return words.length === 0 ? { action } : { code: 'cli.tooManyWords', args: { word: words[0]! } };
  }
  const units = unitWords(line, words, `queue TASK ${action}`);
  if (isProblem(units)) return units;
  if (action === 'remove') return { action, units };
  const to = placeOf(line);
  if (isProblem(to)) return to;
  if (action === 'add') return { action, units, to: to ?? { kind: 'bottom' }, again: line.flags.has('again') };
  return to === undefined ? { code: 'cli.whereTo', args: {} } : { action, units, to };
}

/** Names, globs, `--all` or `--status`; one of them has to be there unless `orNone`. */
export function unitWords(line: Line, words: readonly string[], command: string, orNone = false): UnitWords | Coded {
  const statuses = listOf(line, 'status');
  if (isProblem(statuses)) return statuses;
  const unknown = statuses?.find((status) => !(UNIT_STATUSES as readonly string[]).includes(status));
  if (unknown !== undefined) {
    return { code: 'cli.badChoice', args: { option: '--status', value: unknown, choices: UNIT_STATUSES.join(', ') } };
  }
  const all = line.flags.has('all');
  if (words.length === 0 && !all && statuses === undefined && !orNone) {
    return { code: 'cli.unitsMissing', args: { command } };
  }
  if (all && words.length > 0) return { code: 'cli.allOrWords', args: {} };
  return { words, all, statuses: (statuses as readonly UnitStatus[] | undefined) ?? null };
}

function placeOf(line: Line): PlaceWords | undefined | Coded {
  const position = wholeNumber(line, 'position', 1, MOST_UNITS);
  if (isProblem(position)) return position;
  const before = line.texts.get('before');
  const places: PlaceWords[] = SIMPLE_PLACES.filter((kind) => line.flags.has(kind)).map((kind) => ({ kind }));
  if (before !== undefined) places.push({ kind: 'before', unit: before });
  if (position !== undefined) places.push({ kind: 'position', position });
  return places.length > 1 ? { code: 'cli.onePlace', args: {} } : places[0];
}
