/** The schema as other programs read it: JSON Schema with the keywords that VS Code's JSON editor understands. */
import type { Json } from './model.ts';
import { configSchema } from './schema.ts';
import { OPEN_MARK, PROBLEM_MARK, SECRET_MARK, WORDS_MARK } from './schema-parts.ts';

const OWN_MARKS: ReadonlySet<string> = new Set([OPEN_MARK, PROBLEM_MARK, SECRET_MARK, WORDS_MARK]);

/** Text of `schemas/datatrace.schema.json`. */
export function jsonSchemaText(): string {
  const schema = withoutOwnMarks(JSON.parse(JSON.stringify(configSchema)) as Json);
  const head = { $schema: 'http://json-schema.org/draft-07/schema#', allowComments: true, allowTrailingCommas: true };
  return `${JSON.stringify({ ...head, ...(schema as object) }, null, 2)}\n`;
}

function withoutOwnMarks(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutOwnMarks);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([name]) => !OWN_MARKS.has(name));
  return Object.fromEntries(kept.map(([name, part]) => [name, withoutOwnMarks(part)]));
}
