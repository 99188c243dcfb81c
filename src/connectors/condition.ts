/**
 * A person's own condition ("where") becomes a part of our statements, in parentheses. It is read as its server will read
 * it, as far as that decides where quotes, comments and parentheses end: a condition that does not keep them to itself
 * would change which rows a page has, so that a copy lacks rows or has others without anybody noticing.
 */
import type { Coded } from '../core/model.ts';
import { DataError } from '../core/ports.ts';

/** How a kind of server reads quotes and comments. */
export type ConditionSyntax = {
  /** What begins a quoted part, and what ends it. An end that stands twice is a part of what is quoted. */
  readonly quotes: ReadonlyMap<string, QuoteEnd>;
  /** From where a comment goes to the end of the line. */
  readonly lineComment: RegExp;
  /** Comments that the server acts on, or whose end it finds in another way. */
  readonly activeComment: RegExp | null;
  /** What stands for a value that somebody else supplies. */
  readonly parameter: RegExp | null;
};

type QuoteEnd = { readonly end: string; readonly backslash: boolean; readonly doubled: boolean };

const PLAIN: Omit<QuoteEnd, 'end'> = { backslash: false, doubled: true };
const ESCAPED: Omit<QuoteEnd, 'end'> = { backslash: true, doubled: true };

/** MySQL and MariaDB with the `sql_mode` of our sessions: backslashes escape, double quotes are texts. */
export const MYSQL_CONDITION: ConditionSyntax = {
  quotes: new Map([
    ["'", { ...ESCAPED, end: "'" }],
    ['"', { ...ESCAPED, end: '"' }],
    ['`', { ...PLAIN, end: '`' }],
  ]),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these, and no blanks beyond ASCII, make it a comment.
  lineComment: /#|--(?=[\x01-\x20\x7f]|$)/y,
  activeComment: /\/\*(?:[A-Za-z]?!|\+)/y,
  parameter: null,
};

export const SQLITE_CONDITION: ConditionSyntax = {
  quotes: new Map([
    ["'", { ...PLAIN, end: "'" }],
    ['"', { ...PLAIN, end: '"' }],
    ['`', { ...PLAIN, end: '`' }],
    ['[', { end: ']', backslash: false, doubled: false }],
  ]),
  lineComment: /--/y,
  activeComment: null,
  parameter: /[?:@$]/y,
};

/** Names and numbers: a `$` inside one is a letter of it. */
const WORD = /[\p{L}\p{N}_\u{80}-\u{10ffff}][\p{L}\p{N}_$\u{80}-\u{10ffff}]*/uy;

/**
 * Why a condition cannot be used; null when it keeps to itself. Whether the server understands it is not looked at.
 * `position` counts characters from 1.
 */
export function conditionFlaw(where: string, syntax: ConditionSyntax, unit: string): Coded | null {
  const flaw = (code: string, at: number, args: Coded['args'] = {}): Coded => ({
    code,
    args: { unit, position: at + 1, ...args },
  });
  const opened: number[] = [];
  const zero = where.indexOf('\0');
  if (zero >= 0) return flaw('where.zero', zero);
  for (let at = 0; at < where.length; ) {
    const char = where[at] as string;
    const quote = syntax.quotes.get(char);
    if (quote !== undefined) {
      const end = quoteEnd(where, at + 1, quote);
      if (end < 0) return flaw('where.openQuote', at, { quote: char });
      at = end;
    } else if (found(syntax.activeComment, where, at) > 0) {
      return flaw('where.activeComment', at);
    } else if (where.startsWith('/*', at)) {
      const end = where.indexOf('*/', at + 2);
      if (end < 0) return flaw('where.openComment', at);
      at = end + 2;
    } else if (found(syntax.lineComment, where, at) > 0) {
      const end = where.indexOf('\n', at);
      at = end < 0 ? where.length : end;
    } else if (found(syntax.parameter, where, at) > 0) {
      return flaw('where.parameter', at, { sign: char });
    } else if (char === ';') {
      return flaw('where.semicolon', at);
    } else {
      if (char === '(') opened.push(at);
      if (char === ')' && opened.pop() === undefined) return flaw('where.closedParenthesis', at);
      at += found(WORD, where, at) || 1;
    }
  }
  const last = opened.at(-1);
  return last === undefined ? null : flaw('where.openParenthesis', last);
}

/** The condition as a part of a statement, its last comment ended; empty where there is none. @throws DataError its flaw */
export function conditionPart(where: string | null, syntax: ConditionSyntax, unit: string): string {
  if (where === null || where.trim() === '') return '';
  const flaw = conditionFlaw(where, syntax, unit);
  if (flaw === null) return `(${where}\n)`;
  const message = `${flaw.code} at character ${flaw.args.position} of the condition for ${unit}`;
  throw new DataError({ ...flaw, message, class: 'permanent' });
}

/** Behind the end of what is quoted; -1 = it has none. */
function quoteEnd(text: string, from: number, { end, backslash, doubled }: QuoteEnd): number {
  for (let at = from; at < text.length; at++) {
    if (backslash && text[at] === '\\') at++;
    else if (text[at] === end) {
      if (!doubled || text[at + 1] !== end) return at + 1;
      at++;
    }
  }
  return -1;
}

/** Length of what an expression finds at a place; 0 = nothing. @param expression sticky */
function found(expression: RegExp | null, text: string, at: number): number {
  if (expression === null) return 0;
  expression.lastIndex = at;
  return expression.exec(text)?.[0].length ?? 0;
}
