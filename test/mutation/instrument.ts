/** The code under test with all its mutants in it, each behind a switch, so that one process can try them one by one. */
import fs from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Instrumenter } from '@stryker-mutator/instrumenter';

export interface Mutant {
  readonly id: string;
  /** Relative to the repository, with forward slashes. */
  readonly file: string;
  /** The function or constant of the file that it is part of. */
  readonly within: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
}

export interface Instrumented {
  readonly mutants: readonly Mutant[];
  /** JavaScript by file URL. */
  readonly sources: Readonly<Record<string, string>>;
}

export async function instrument(root: string, files: readonly string[]): Promise<Instrumented> {
  const inputs = files.map((name) => ({ name, mutate: true, content: fs.readFileSync(path.join(root, name), 'utf8') }));
  const made = await new Instrumenter(SILENT).instrument(inputs, {
    plugins: null,
    excludedMutations: [],
    ignorers: [],
  });
  const sources = Object.fromEntries(
    made.files.map(({ name, content }) => {
      return [pathToFileURL(path.join(root, name)).href, stripTypeScriptTypes(content)];
    }),
  );
  const textOf = new Map(inputs.map(({ name, content }) => [name, content.split('\n')]));
  const mutants = made.mutants.map(({ id, fileName, location: { start, end }, mutatorName, replacement }) => ({
    id,
    file: fileName,
    within: declarationAt(textOf.get(fileName)!, start.line),
    line: start.line + 1,
    column: start.column + 1,
    mutator: mutatorName,
    original: cut(textOf.get(fileName)!, start, end),
    replacement,
  }));
  return { mutants, sources };
}

interface Position {
  /** From 0. */
  readonly line: number;
  readonly column: number;
}

/** Declarations of a file begin at the beginning of a line. */
function declarationAt(lines: readonly string[], line: number): string {
  for (let at = line; at >= 0; at--) {
    const [, name] = /^(?:export )?(?:const|function\*?|class) (\w+)/.exec(lines[at]!) ?? [];
    if (name !== undefined) return name;
  }
  return '';
}

function cut(lines: readonly string[], start: Position, end: Position): string {
  if (start.line === end.line) return lines[start.line]!.slice(start.column, end.column);
  const between = lines.slice(start.line + 1, end.line);
  return [lines[start.line]!.slice(start.column), ...between, lines[end.line]!.slice(0, end.column)].join('\n');
}

const no = () => false;
const nothing = () => {};
const SILENT = {
  isTraceEnabled: no,
  isDebugEnabled: no,
  isInfoEnabled: no,
  isWarnEnabled: no,
  isErrorEnabled: no,
  isFatalEnabled: no,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
};
