/** What becomes of a table's foreign keys when it is created under its own or another name. */
import type { UnitNames } from '../../core/settings.ts';
import { nameMatcher } from '../../core/unit-selection.ts';
import { FOREIGN_KEY, maskQuoted } from './create-table.ts';
import { quoteName } from './quoting.ts';

export type Renaming = {
  readonly source: string;
  readonly target: string;
  /** How the task calls its units in the target; undefined = as in the source, as far as is known. */
  readonly names: UnitNames | undefined;
};

/**
 * The definition as it is to stand in the target; null when it would point at a table that is not the parent's copy.
 * Names of constraints belong to the whole database: a renamed table's are left to the server.
 */
export function adaptForeignKey(definition: string, renaming: Renaming): string | null {
  const at = FOREIGN_KEY.exec(maskQuoted(definition))?.indices?.[1];
  if (at === undefined) return definition;
  const quoted = definition.slice(at[0], at[1]);
  if (!/^`(?:[^`]|``)*`$/.test(quoted)) return null;
  const parent = quoted.slice(1, -1).replaceAll('``', '`');
  const name = targetNameOf(parent, renaming);
  if (name === null) return null;
  const pointed = definition.slice(0, at[0]) + quoteName(name) + definition.slice(at[1]);
  if (renaming.source === renaming.target) return pointed;
  return pointed.slice(/^CONSTRAINT `~*` /.exec(maskQuoted(pointed))?.[0].length ?? 0);
}

function targetNameOf(parent: string, { source, target, names }: Renaming): string | null {
  if (parent === source) return target;
  if (names !== undefined && nameMatcher(names.units)(parent)) {
    return Object.hasOwn(names.as, parent) ? (names.as[parent] ?? null) : `${names.prefix}${parent}${names.suffix}`;
  }
  // Not one of the task's units: under its own name the table is taken for the same, as is its parent.
  return source === target ? parent : null;
}
