/**
 * Globs over names: `*` any characters, `?` one character, `[a-z]` and `[!a-z]` one of (not) these, `{a,b}` either,
 * `\` takes the next character literally. Names are not paths: nothing is special about dots and slashes.
 * The file is input from outside, so matching takes at most pattern times name steps; translating to a regular
 * expression (as glob libraries do) would let a pattern such as `*a*a*a*a*b` stop the editor.
 */

type Token =
  | { readonly kind: 'many' }
  | { readonly kind: 'one' }
  | { readonly kind: 'text'; readonly char: string }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] };

/** Most alternatives that the braces of one pattern may stand for; beyond it braces are taken literally. */
const MAX_ALTERNATIVES = 1_000;

/** Whether a pattern may match anything but its own text. */
export function isGlob(pattern: string): boolean {
  return pattern.startsWith('!') || /[*?[\]{}\\]/.test(pattern);
}

/** Never throws; brackets and braces that are not closed stand for themselves. */
export function compileGlob(pattern: string): (name: string) => boolean {
  const alternatives = expandBraces(pattern).map(tokenize);
  return (name) => {
    const characters = [...name];
    return alternatives.some((tokens) => matches(tokens, characters));
  };
}

function matches(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0;
  let char = 0;
  let star = -1;
  let starChar = 0;
  while (char < name.length) {
    const current = tokens[token];
    if (current?.kind === 'many') {
      star = token++;
      starChar = char;
    } else if (current !== undefined && fits(current, name[char]!)) {
      token++;
      char++;
    } else if (star >= 0) {
      // Let the last * take one character more: earlier ones never have to be tried again.
      token = star + 1;
      char = ++starChar;
    } else {
      return false;
    }
  }
  while (tokens[token]?.kind === 'many') token++;
  return token === tokens.length;
}

function fits(token: Token, char: string): boolean {
  switch (token.kind) {
    case 'one':
      return true;
    case 'text':
      return token.char === char;
    case 'class':
      return token.ranges.some(([from, to]) => from <= char && char <= to) !== token.negated;
    case 'many':
      return false;
  }
}

function tokenize(pattern: string): Token[] {
  const characters = [...pattern];
  const tokens: Token[] = [];
  let at = 0;
  while (at < characters.length) {
    const char = characters[at]!;
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'many') tokens.push({ kind: 'many' });
      at++;
    } else if (char === '?') {
      tokens.push({ kind: 'one' });
      at++;
    } else if (char === '[') {
      const parsed = readClass(characters, at);
      tokens.push(parsed?.token ?? { kind: 'text', char });
      at = parsed?.end ?? at + 1;
    } else {
      const literal = char === '\\' && at + 1 < characters.length;
      tokens.push({ kind: 'text', char: literal ? characters[at + 1]! : char });
      at += literal ? 2 : 1;
    }
  }
  return tokens;
}

function readClass(characters: readonly string[], start: number): { token: Token; end: number } | undefined {
  let at = start + 1;
  const negated = characters[at] === '!' || characters[at] === '^';
  if (negated) at++;
  const end = characters.indexOf(']', at + 1);
  if (end < 0) return undefined;
  const ranges: [string, string][] = [];
  while (at < end) {
    const from = characters[at]!;
    const isRange = characters[at + 1] === '-' && at + 2 < end;
    ranges.push([from, isRange ? characters[at + 2]! : from]);
    at += isRange ? 3 : 1;
  }
  return { token: { kind: 'class', negated, ranges }, end: end + 1 };
}

/** `a{b,c}d` as `abd` and `acd`; nested ones too. The pattern alone when that would be too many. */
function expandBraces(pattern: string): string[] {
  let pending = [pattern];
  const done: string[] = [];
  while (pending.length > 0) {
    const next: string[] = [];
    for (const text of pending) {
      const group = firstGroup(text);
      if (group === undefined) done.push(text);
      else for (const part of group.parts) next.push(`${text.slice(0, group.start)}${part}${text.slice(group.end)}`);
      if (done.length + next.length > MAX_ALTERNATIVES) return [pattern];
    }
    pending = next;
  }
  return done;
}

/** The innermost first `{..,..}`: without braces inside, with a comma. */
function firstGroup(text: string): { start: number; end: number; parts: string[] } | undefined {
  let start = -1;
  let commas: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '{') {
      start = at;
      commas = [];
    } else if (char === ',' && start >= 0) commas.push(at);
    else if (char === '}' && start >= 0) {
      if (commas.length === 0) start = -1;
      else {
        const borders = [start, ...commas, at];
        const parts = borders.slice(1).map((border, index) => text.slice(borders[index]! + 1, border));
        return { start, end: at + 1, parts };
      }
    }
  }
  return undefined;
}
