/**
 * The survivors that survivors.md explains: a line `file function: original => replacement` in code marks, and why. A line
 * explains one mutant: of two that read the same one may be noticed tomorrow, and the other not.
 */
import fs from 'node:fs';
import type { Mutant } from './instrument.ts';

export interface Explained {
  /** Ids of the mutants that are explained there. */
  readonly ids: ReadonlySet<string>;
  /** Lines about the files that were tried which explain nothing: what they speak of is noticed, or is not there any more. */
  readonly idle: readonly string[];
}

export function explained(surviving: readonly Mutant[], files: readonly string[]): Explained {
  const left = new Map<string, number>();
  for (const line of fs.readFileSync(new URL('./survivors.md', import.meta.url), 'utf8').split('\n')) {
    const [, key] = /^\* `` (.*) ``/.exec(line) ?? [];
    if (key !== undefined) left.set(key, (left.get(key) ?? 0) + 1);
  }
  const ids = new Set<string>();
  for (const mutant of surviving) {
    const key = keyOf(mutant);
    const lines = left.get(key) ?? 0;
    if (lines === 0) continue;
    left.set(key, lines - 1);
    ids.add(mutant.id);
  }
  const tried = new Set(files.map(nameOf));
  const idle = [...left].flatMap(([key, lines]) =>
    tried.has(key.split(' ')[0]!) ? Array<string>(lines).fill(key) : [],
  );
  return { ids, idle };
}

export function keyOf({ file, within, original, replacement }: Mutant): string {
  return `${nameOf(file)} ${within}: ${inLine(original)} => ${inLine(replacement)}`;
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

function inLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
