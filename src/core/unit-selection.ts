/** Which units of a source a task copies: globs in order, `!` excludes, the last pattern that matches decides. */
import { compileGlob, isGlob } from './glob.ts';

export interface NamedUnit {
  readonly name: string;
  /** A view is copied only when it is named exactly. */
  readonly view?: boolean;
}

/** The units to copy, in the order of `units`. Names compare with regard to case. */
export function selectUnits<U extends NamedUnit>(units: readonly U[], patterns: readonly string[]): U[] {
  const rules = patterns.map(toRule);
  return units.filter((unit) => {
    let chosen = false;
    for (const rule of rules) {
      if (rule.exclude) chosen &&= !rule.matches(unit.name);
      else chosen ||= unit.view === true ? rule.text === unit.name : rule.matches(unit.name);
    }
    return chosen;
  });
}

/** Columns by globs in order, as for units. */
export function selectColumns(columns: readonly string[], patterns: readonly string[]): string[] {
  const matches = nameMatcher(patterns);
  return columns.filter(matches);
}

/** Whether a name is chosen by globs in order. */
export function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const rules = patterns.map(toRule);
  return (name) => {
    let chosen = false;
    for (const rule of rules) {
      if (rule.exclude) chosen &&= !rule.matches(name);
      else chosen ||= rule.matches(name);
    }
    return chosen;
  };
}

interface Rule {
  readonly exclude: boolean;
  readonly text: string;
  matches(name: string): boolean;
}

function toRule(pattern: string): Rule {
  const exclude = pattern.startsWith('!');
  const text = exclude ? pattern.slice(1) : pattern;
  if (!isGlob(text)) return { exclude, text, matches: (name) => name === text };
  const glob = compileGlob(text);
  // A table may really be called `a[1]`: the literal name counts as well.
  return { exclude, text, matches: (name) => name === text || glob(name) };
}
