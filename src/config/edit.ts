/** Changes of the file that keep its comments and layout, for wizards, tree actions and quick fixes. */
import { applyEdits, type Edit, modify } from 'jsonc-parser';
import type { Json } from './model.ts';
import type { JsonPath } from './problem.ts';

/** Text edits that set (or, with undefined, remove) the value at a path. */
export function editValue(text: string, path: JsonPath, value: Json | undefined): Edit[] {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  const formattingOptions = {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
  return modify(text, [...path], value, { formattingOptions });
}

/** The text after {@link editValue}. */
export function withValue(text: string, path: JsonPath, value: Json | undefined): string {
  return applyEdits(text, editValue(text, path, value));
}
