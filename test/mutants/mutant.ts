/** A planted bug: an exact text of a source, and what takes its place. */
export interface Mutant {
  /** What the bug does, as people would tell it. */
  readonly name: string;
  /** Path from the root of the project. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Test files (`FILE#WORDS` = some of its tests) that should notice, the likeliest first; `sim` = a short simulation. */
  readonly suites: readonly string[];
}

/** The name of a simulation among the suites. */
export const SIM = 'sim';
