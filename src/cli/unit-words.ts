/** The units that a person's words mean: names, globs, or a filter. */
import { nearest } from '../config/nearest.ts';
import { compileGlob, isGlob } from '../core/glob.ts';
import type { Coded, TaskId, UnitRow } from '../core/model.ts';
import type { TaskManager } from '../engine/api.ts';
import type { UnitWords } from './command.ts';

type Unit = Readonly<UnitRow>;

export interface Chosen {
  /** In the order of the words, globs and filters in that of the plan; none twice. */
  readonly units: readonly Unit[];
  /** Ids of those that were named one by one. */
  readonly named: ReadonlySet<string>;
}

/** Sentences about names that there are not; more of them are counted. */
const MOST_PROBLEMS = 5;
const PAGE = 1_000;

/** All units of a task in plan order. */
export function* unitsOf(manager: TaskManager, taskId: TaskId): Generator<Unit> {
  for (let after = -1, more = true; more; ) {
    const page = manager.units(taskId, null, after, PAGE);
    yield* page.units;
    more = page.more && page.units.length > 0;
    after = page.units.at(-1)?.planOrder ?? after;
  }
}

/**
 * @param fits which of the units that a glob or filter finds are meant; units that are named are always meant
 * @returns what is wrong with the words, when something is: then nothing is to be done
 */
export function chooseUnits(
  units: Iterable<Unit>,
  { words, all, statuses }: UnitWords,
  fits: (unit: Unit) => boolean,
): Chosen | readonly Coded[] {
  const byName = new Map<string, Unit>();
  for (const unit of units) byName.set(unit.name, unit);
  const eligible = (unit: Unit): boolean => (statuses === null || statuses.includes(unit.status)) && fits(unit);
  const chosen = new Map<string, Unit>();
  const named = new Set<string>();
  const problems: Coded[] = [];
  if (all || words.length === 0) {
    for (const unit of byName.values()) if (eligible(unit)) chosen.set(unit.id, unit);
  }
  for (const word of words) {
    const unit = byName.get(word);
    if (unit !== undefined) {
      if (named.has(unit.id)) problems.push({ code: 'cli.unitTwice', args: { unit: word } });
      named.add(unit.id);
      chosen.set(unit.id, unit);
    } else if (isGlob(word)) {
      if (!takeGlob(word, byName, chosen, named, eligible)) {
        problems.push({ code: 'noUnitMatches', args: { units: word } });
      }
    } else {
      problems.push(
        problems.length < MOST_PROBLEMS ? unknownUnit(word, byName) : { code: 'cli.unknownUnit', args: {} },
      );
    }
  }
  if (problems.length > 0) return shorten(problems);
  return { units: [...chosen.values()], named };
}

/** `!glob` takes out again what words before it chose. Answers whether the glob matches any unit at all. */
function takeGlob(
  word: string,
  byName: ReadonlyMap<string, Unit>,
  chosen: Map<string, Unit>,
  named: Set<string>,
  eligible: (unit: Unit) => boolean,
): boolean {
  const exclude = word.startsWith('!');
  const matches = compileGlob(exclude ? word.slice(1) : word);
  let found = false;
  for (const unit of byName.values()) {
    if (!matches(unit.name)) continue;
    found = true;
    if (exclude) {
      chosen.delete(unit.id);
      named.delete(unit.id);
    } else if (eligible(unit)) {
      chosen.set(unit.id, unit);
    }
  }
  return found;
}

function unknownUnit(unit: string, byName: ReadonlyMap<string, Unit>): Coded {
  const meant = nearest(unit, byName.keys());
  if (meant === undefined) return { code: 'cli.unknownUnit', args: { unit } };
  return { code: 'cli.unknownUnitNearest', args: { unit, nearest: meant } };
}

function shorten(problems: readonly Coded[]): readonly Coded[] {
  const more = problems.length - MOST_PROBLEMS;
  if (more <= 0) return problems;
  return [...problems.slice(0, MOST_PROBLEMS), { code: 'cli.moreProblems', args: { count: more } }];
}
