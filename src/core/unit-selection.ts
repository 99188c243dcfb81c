/** Which units of a source a task copies: globs in order, `!` excludes, the last pattern that matches decides. */
import { compileGlob, isGlob } from './glob.ts';

export interface NamedUnit {
  readonly name: string;
  /** A view is copied only when it is named exactly. */
  readonly view?: boolean;
}

/** The units to copy, in the order of `units`. Names compare with regard to case. */
export function selectUnits<U extends NamedUnit>(units: readonly U[], patterns: readonly string[]): U[] {
  const decide = compile(patterns);
  return units.filter((unit) => decide(unit.name, unit.view === true));
}

/** The patterns that are plain names, and chosen, of no unit: misspelled ones, or of what is gone. */
export function unknownUnits(units: readonly NamedUnit[], patterns: readonly string[]): string[] {
  const known = new Set(units.map(({ name }) => name));
  return patterns.filter((pattern) => !pattern.startsWith('!') && !isGlob(pattern) && !known.has(pattern));
}

/** Columns by globs in order, as for units. */
export function selectColumns(columns: readonly string[], patterns: readonly string[]): string[] {
  return columns.filter(nameMatcher(patterns));
}

/** The patterns that are plain names, chosen or excluded, of no column: misspelled ones, most of the time. */
export function unknownColumns(columns: readonly string[], patterns: readonly string[]): string[] {
  const known = new Set(columns);
  const names = patterns.map((pattern) => (pattern.startsWith('!') ? pattern.slice(1) : pattern));
  return names.filter((name) => !isGlob(name) && !known.has(name));
}

/** Whether a name is chosen by globs in order. */
export function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const decide = compile(patterns);
  return (name) => decide(name, false);
}

interface Rule {
  readonly order: number;
  readonly exclude: boolean;
}

interface GlobRule extends Rule {
  matches(name: string): boolean;
}

/** Plain names are looked up, not compared one after the other: a task may name 100,000 units. */
function compile(patterns: readonly string[]): (name: string, onlyExact: boolean) => boolean {
  const exact = new Map<string, Rule>();
  const globs: GlobRule[] = [];
  for (const [order, pattern] of patterns.entries()) {
    const exclude = pattern.startsWith('!');
    const text = exclude ? pattern.slice(1) : pattern;
    // A table may really be called `a[1]`: the literal name counts as well.
    exact.set(text, { order, exclude });
    if (isGlob(text)) globs.push({ order, exclude, matches: compileGlob(text) });
  }
  globs.reverse();
  return (name, onlyExact) => {
    const named = exact.get(name);
    for (const glob of globs) {
      if (named !== undefined && named.order >= glob.order) break;
      if ((glob.exclude || !onlyExact) && glob.matches(name)) return !glob.exclude;
    }
    return named !== undefined && !named.exclude;
  };
}
