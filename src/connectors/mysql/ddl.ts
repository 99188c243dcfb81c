/** Makes the statement that creates a copy of a table out of the source's own SHOW CREATE TABLE. */
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
 * Foreign keys stay when the name stays (they are made with checks off and name tables that are copied alike);
 * under another name, or when they point into another database, they are left out.
 * @param flavour of the target
 * @throws Error for text that is not the answer of SHOW CREATE TABLE.
 */
export function adaptDdl(ddl: string, sourceName: string, targetName: string, flavour: Flavour): AdaptedDdl {
  const parts = splitCreateTable(ddl);
  let foreignKeysLeftOut = 0;
  const kept = parts.definitions.filter((definition) => {
    const foreign = FOREIGN_KEY.exec(maskQuoted(definition));
    if (foreign === null) return true;
    const keep = sourceName === targetName && !foreign[1]?.includes('.');
    if (!keep) foreignKeysLeftOut += 1;
    return keep;
  });
  // MySQL knows the names of checks in the whole database: the original's may lie beside its copy.
  const namesClash = flavour === 'mysql' && sourceName !== targetName;
  const definitions = namesClash ? kept.map(withoutCheckName) : kept;
  const options = withoutDirectories(parts.options);
  return {
    sql: `CREATE TABLE ${quoteName(targetName)} (\n  ${definitions.join(',\n  ')}\n)${options}`,
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

/** In masked text every quoted piece is `` `~~~` `` or `'~~~'` of the same length. */
const FOREIGN_KEY = /^(?:CONSTRAINT `~*` )?FOREIGN KEY.*? REFERENCES (`~*`(?:\.`~*`)?)/ds;

type CreateTable = {
  /** Columns, keys and constraints, in order. */
  readonly definitions: readonly string[];
  /** What follows the closing parenthesis, with its leading space. */
  readonly options: string;
};

export function splitCreateTable(ddl: string): CreateTable {
  const masked = maskQuoted(ddl);
  const open = /^CREATE TABLE `[^`]*` \(/.exec(masked);
  if (open === null) throw new Error(`not a table definition: ${ddl.slice(0, 80)}`);
  const definitions: string[] = [];
  let depth = 1;
  let from = open[0].length;
  for (let at = from; at < masked.length; at += 1) {
    const each = masked[at];
    if (each === '(') depth += 1;
    if (each === ')') depth -= 1;
    if (depth === 0 || (depth === 1 && each === ',')) {
      definitions.push(ddl.slice(from, at).trim());
      from = at + 1;
    }
    if (depth === 0) return { definitions, options: ddl.slice(from) };
  }
  throw new Error(`a table definition without its end: ${ddl.slice(0, 80)}`);
}

/**
 * The same text with the inside of every quoted piece replaced by `~`, length unchanged, so that parentheses, commas
 * and keywords inside names, comments and defaults are not taken for syntax.
 */
export function maskQuoted(text: string): string {
  const out: string[] = [];
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const each = text[at] as string;
    if (quote === '') {
      if (each === "'" || each === '`') quote = each;
      out.push(each);
    } else if (quote === "'" && each === '\\') {
      out.push('~~');
      at += 1;
    } else if (each === quote && text[at + 1] === quote) {
      out.push('~~');
      at += 1;
    } else if (each === quote) {
      quote = '';
      out.push(each);
    } else {
      out.push('~');
    }
  }
  return out.join('');
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
