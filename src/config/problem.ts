/** What is wrong with a configuration, where, and what an editor could do about it. */
import type { Coded } from '../core/model.ts';

export type JsonPath = readonly (string | number)[];

/** What an editor can offer; it finds the text to change by the problem's own range. */
export type Fix =
  | { readonly kind: 'renameKey'; readonly to: string }
  | { readonly kind: 'replaceValue'; readonly to: string }
  /** Take the literal out of the file and keep it in secret storage. */
  | { readonly kind: 'moveToSecretStorage'; readonly connection: string; readonly field: string };

export interface Problem extends Coded {
  /** An error keeps the file from coming into force; a warning does not. */
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** 1-based; columns count UTF-16 units, the end is exclusive. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly path: JsonPath;
  readonly fix?: Fix;
}

/** `["tasks", "a.b", 0]` as `tasks["a.b"][0]`, for people. */
export function formatPath(path: JsonPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** In file order, errors before warnings at the same place, nothing twice. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems
    .filter((problem) => {
      const key = JSON.stringify([
        problem.line,
        problem.column,
        problem.endLine,
        problem.endColumn,
        problem.code,
        problem.args,
      ]);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .sort(
      (a, b) =>
        a.line - b.line || a.column - b.column || (a.severity === b.severity ? 0 : a.severity === 'error' ? -1 : 1),
    );
}
