/** A copy of the sources in which bugs are planted: the tree that people work in is never touched. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './mutant.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Folders that are copied; everything else is reached by links. */
const COPIED: readonly string[] = ['src', 'test'];
const LEFT_OUT: readonly string[] = ['.git', '.vscode-test'];

export interface Copy {
  readonly folder: string;
  /** Plants the bug; the answer takes it out again. */
  plant(mutant: Mutant): () => void;
  remove(): void;
}

export function makeCopy(): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'datatrace-mutants-'));
  for (const name of readdirSync(ROOT)) {
    if (LEFT_OUT.includes(name)) continue;
    if (COPIED.includes(name)) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    else symlinkSync(join(ROOT, name), join(folder, name));
  }
  return {
    folder,
    plant(mutant) {
      const file = join(folder, mutant.file);
      const before = readFileSync(file, 'utf8');
      writeFileSync(file, planted(before, mutant));
      return () => writeFileSync(file, before);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** @throws Error when the source does not hold the text exactly once: the list has to follow it */
function planted(source: string, { name, file, find, replace }: Mutant): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`"${name}": ${file} holds its text ${parts.length - 1} times, not once`);
  return parts.join(replace);
}
