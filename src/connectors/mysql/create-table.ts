/** Takes the text of a CREATE TABLE apart, as SHOW CREATE TABLE writes it, without understanding more than it has to. */

import { printable } from '../printable.ts';
import { mysqlError } from './errors.ts';

/** In masked text every quoted piece is `` `~~~` `` or `'~~~'` of the same length. */
export const FOREIGN_KEY = /^(?:CONSTRAINT `~*` )?FOREIGN KEY.*? REFERENCES (`~*`(?:\.`~*`)?)/ds;

type CreateTable = {
  /** Quoted. */
  readonly name: string;
  /** Columns, keys and constraints, in order. */
  readonly definitions: readonly string[];
  /** What follows the closing parenthesis, with its leading space. */
  readonly options: string;
};

/** Of a server that lies, or of a product that writes definitions otherwise. */
function noDefinition(ddl: string): Error {
  const detail = printable(ddl.slice(0, 80));
  return mysqlError('mysql.definitionUnread', { detail }, `No definition of a table: ${detail}`);
}

/** @throws DataError `mysql.definitionUnread` */
export function splitCreateTable(ddl: string): CreateTable {
  const masked = maskQuoted(ddl);
  const open = /^CREATE TABLE `[^`]*` \(/.exec(masked);
  if (open === null) throw noDefinition(ddl);
  const name = ddl.slice('CREATE TABLE '.length, open[0].length - ' ('.length);
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
    if (depth === 0) return { name, definitions, options: ddl.slice(from) };
  }
  throw noDefinition(ddl);
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

/** The names in a definition, in order, without their quotes. */
export function quotedNames(text: string): string[] {
  return [...maskQuoted(text).matchAll(/`~*`/g)].map((found) =>
    text.slice(found.index + 1, found.index + found[0].length - 1).replaceAll('``', '`'),
  );
}

/** The column that counts by itself; null = none. */
export function autoIncrementColumn(definitions: readonly string[]): string | null {
  const counter = definitions.find((each) => each.startsWith('`') && / AUTO_INCREMENT\b/.test(maskQuoted(each)));
  return counter === undefined ? null : (quotedNames(counter)[0] ?? null);
}

/** Position behind the parenthesis that closes the one at `open`. */
export function closing(masked: string, open: number): number {
  let depth = 0;
  for (let at = open; at < masked.length; at += 1) {
    if (masked[at] === '(') depth += 1;
    if (masked[at] === ')') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return masked.length;
}
