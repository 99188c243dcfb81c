/** Building blocks of the schema: what TypeBox makes, plus the few editor keywords VS Code understands. */

import type { TProperties, TSchema } from 'typebox';
import * as Type from 'typebox';

/** Letters, digits, `-`, `_`, `.`; up to 64. */
export const NAME_PATTERN = '^[A-Za-z0-9._-]{1,64}$';
/** Nothing, `${env:NAME}` or `${file:PATH}`. */
export const SECRET_PATTERN = '^$|^\\$\\{env:[A-Za-z_][A-Za-z0-9_]*\\}$|^\\$\\{file:[^}]+\\}$';
export const TIME_PATTERN = '^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$';
export const DATETIME_PATTERN = '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$';

/** Marks a secret field: a literal there is an error of its own. */
export const SECRET_MARK = 'x-datatrace-secret';

/** Code of the problem when the pattern does not match. */
export const PROBLEM_MARK = 'x-datatrace-problem';

/** The words that a pattern accepts in any case. */
export const WORDS_MARK = 'x-datatrace-words';

/** Marks an object whose members come from elsewhere (mappings, queries): its keys are never "unknown". */
export const OPEN_MARK = 'x-datatrace-open';

export function text(description: string, more: object = {}): TSchema {
  return Type.String({ description, ...more });
}

/** Text that must match a pattern; `code` names the problem, `hint` is what other editors show. */
export function shaped(description: string, pattern: string, code: string, hint: string, more: object = {}): TSchema {
  return text(description, { pattern, patternErrorMessage: hint, [PROBLEM_MARK]: code, ...more });
}

/** Name of a connection, task or schedule. */
export function nameOf(description: string): TSchema {
  return shaped(description, NAME_PATTERN, 'value.name', 'Letters, digits, -, _ and ., up to 64.');
}

/** @param byDefault absent where it hangs on something else, which the description says */
export function flag(description: string, byDefault?: boolean): TSchema {
  return Type.Boolean({ description, ...(byDefault === undefined ? {} : { default: byDefault }) });
}

export function whole(description: string, minimum: number, maximum: number, more: object = {}): TSchema {
  return Type.Integer({ description, minimum, maximum, ...more });
}

export function decimal(description: string, minimum: number, maximum: number, more: object = {}): TSchema {
  return Type.Number({ description, minimum, maximum, ...more });
}

/** One of some words; `choices` maps each to what it means. */
export function oneOf(description: string, choices: Readonly<Record<string, string>>, more: object = {}): TSchema {
  return Type.Enum(Object.keys(choices), { description, enumDescriptions: Object.values(choices), ...more });
}

export function list(description: string, items: TSchema, more: object = {}): TSchema {
  return Type.Array(items, { description, ...more });
}

export function secret(description: string): TSchema {
  return Type.String({
    description: `${description} Never the secret itself: leave it out (it is asked for and kept in secret storage; headless: DATATRACE_SECRET_<CONNECTION>), or write \${env:NAME} or \${file:PATH}. An empty text means that there is none.`,
    pattern: SECRET_PATTERN,
    patternErrorMessage: `A secret must not stand in this file: use \${env:NAME} or \${file:PATH}, or leave it out.`,
    [SECRET_MARK]: true,
  });
}

/** An object by free names. */
export function byName(description: string, value: TSchema, more: object = {}): TSchema {
  return Type.Object({}, { description, additionalProperties: value, ...more });
}

/** An object with known members, all optional but the required ones. Other members are warnings, not schema errors. */
export function object(description: string, members: TProperties, more: object = {}, required: string[] = []): TSchema {
  return Type.Object(optionalBut(members, required), { description, ...more });
}

function optionalBut(members: TProperties, required: readonly string[]): TProperties {
  const result: TProperties = {};
  for (const [name, schema] of Object.entries(members)) {
    result[name] = required.includes(name) ? schema : Type.Optional(schema);
  }
  return result;
}

/** Matches one of the words in any case. */
export function anyCasePattern(words: readonly string[]): string {
  const letters = (word: string): string =>
    word.replace(/[A-Za-z]/g, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);
  return `^(${words.map(letters).join('|')})$`;
}

/** One of some words in any case; upper case is what the editor proposes. */
export function oneOfAnyCase(description: string, choices: Readonly<Record<string, string>>): TSchema {
  const words = Object.keys(choices);
  return Type.String({
    description,
    pattern: anyCasePattern(words),
    patternErrorMessage: `One of ${words.join(', ')}.`,
    defaultSnippets: words.map((word) => ({ label: word, description: choices[word], body: word })),
    [WORDS_MARK]: words,
  });
}

/** `allOf` entry: when member `name` matches, the object has these members too. */
export function whenMember(name: string, condition: TSchema, members: TProperties, required: string[] = []): object {
  return {
    if: { properties: { [name]: condition }, required: [name] },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
    then: Type.Object(optionalBut(members, required)),
  };
}
