/** The survivors that survivors.md explains: a line `file: original => replacement` in code marks, and why. */
import fs from 'node:fs';
import type { Mutant } from './instrument.ts';

/** Ids of the mutants that are explained there. */
export function explained(mutants: readonly Mutant[]): Set<string> {
  const lines = new Set<string>();
  for (const line of fs.readFileSync(new URL('./survivors.md', import.meta.url), 'utf8').split('\n')) {
    const [, known] = /^\* `` (.*) ``/.exec(line) ?? [];
    if (known !== undefined) lines.add(known);
  }
  return new Set(mutants.filter((mutant) => lines.has(keyOf(mutant))).map(({ id }) => id));
}

export function keyOf({ file, original, replacement }: Mutant): string {
  return `${file.slice(file.lastIndexOf('/') + 1)}: ${inLine(original)} => ${inLine(replacement)}`;
}

function inLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
