/** Makes the statement that creates a copy of a table out of the source's own SHOW CREATE TABLE. */
import { FOREIGN_KEY, maskQuoted, splitCreateTable } from './create-table.ts';
import { adaptForeignKey, type Renaming } from './foreign-keys.ts';
import { quoteName } from './quoting.ts';
import type { Flavour } from './schema.ts';

export type AdaptedDdl = {
  readonly sql: string;
  /** Foreign keys that are not in it. */
  readonly foreignKeysLeftOut: number;
  /** A DATA or INDEX DIRECTORY of the source's machine was left out. */
  readonly directoryLeftOut: boolean;
};

/**
 * Renames the table and leaves out what belongs to the source's machine or would point at the wrong table.
 * Foreign keys follow their parents' names (they are made with checks off, so that no order of tables is needed).
 * @param flavour of the target
 * @throws Error for text that is not the answer of SHOW CREATE TABLE.
 */
export function adaptDdl(ddl: string, renaming: Renaming, flavour: Flavour): AdaptedDdl {
  const { source, target } = renaming;
  const parts = splitCreateTable(ddl);
  let foreignKeysLeftOut = 0;
  const kept = parts.definitions.flatMap((definition) => {
    const adapted = adaptForeignKey(definition, renaming);
    if (adapted === null) foreignKeysLeftOut += 1;
    return adapted ?? [];
  });
  // MySQL knows the names of checks in the whole database: the original's may lie beside its copy.
  const namesClash = flavour === 'mysql' && source !== target;
  const definitions = namesClash ? kept.map(withoutCheckName) : kept;
  const options = withoutDirectories(parts.options);
  return {
    sql: `CREATE TABLE ${quoteName(target)} (\n  ${definitions.join(',\n  ')}\n)${options}`,
    foreignKeysLeftOut,
    directoryLeftOut: options !== parts.options,
  };
}

function withoutCheckName(definition: string): string {
  const name = /^CONSTRAINT `~*` (?=CHECK )/.exec(maskQuoted(definition));
  return definition.slice(name?.[0].length ?? 0);
}

/** The next AUTO_INCREMENT value a table's DDL states, as digits; null when it states none. */
export function autoIncrementOf(ddl: string): string | null {
  const { options } = splitCreateTable(ddl);
  return /\bAUTO_INCREMENT=(\d+)/.exec(maskQuoted(options))?.[1] ?? null;
}

/** Tables of the same database that foreign keys of a table point at; none for a view (no text). */
export function referencedTables(ddl: string): string[] {
  if (ddl === '') return [];
  const tables = splitCreateTable(ddl).definitions.flatMap((definition) => {
    const at = FOREIGN_KEY.exec(maskQuoted(definition))?.indices?.[1];
    const name = at === undefined ? '' : definition.slice(at[0], at[1]);
    return /^`(?:[^`]|``)*`$/.test(name) ? [name.slice(1, -1).replaceAll('``', '`')] : [];
  });
  return [...new Set(tables)];
}

function withoutDirectories(options: string): string {
  const pattern = /\s*\b(?:DATA|INDEX) DIRECTORY\s*=\s*'~*'/g;
  let kept = '';
  let from = 0;
  const masked = maskQuoted(options);
  for (const found of masked.matchAll(pattern)) {
    kept += options.slice(from, found.index);
    from = found.index + found[0].length;
  }
  return kept + options.slice(from);
}
