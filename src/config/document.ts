/**
 * The text of a configuration as a tree whose every node knows its place.
 * Objects keep their members in order and as pairs, never as properties of a JavaScript object, so that a member named
 * `__proto__` or `constructor` is a member like any other and a key that stands twice can be reported.
 */
import {
  createScanner,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
  type SyntaxKind,
} from 'jsonc-parser';
import type { Coded } from '../core/model.ts';
import type { Json } from './model.ts';
import type { Fix, JsonPath, Problem } from './problem.ts';

export const MAX_BYTES = 1024 * 1024;
export const MAX_DEPTH = 32;

interface Place {
  readonly offset: number;
  readonly length: number;
}

/** One value of the document. `key` is the place of its member name, when it stands in an object. */
export interface DocNode extends Place {
  readonly path: JsonPath;
  readonly key: Place | null;
  readonly value: DocValue;
}

export type DocValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly DocNode[] }
  /** Of a key that stands twice the last one counts, as everywhere else; `repeated` are the later ones. */
  | {
      readonly kind: 'object';
      readonly members: ReadonlyMap<string, DocNode>;
      readonly repeated: readonly { readonly name: string; readonly node: DocNode }[];
    };

/** Collects problems and turns offsets into lines and columns. */
export interface Reporter {
  readonly problems: Problem[];
  error(place: Place, path: JsonPath, coded: Coded, fix?: Fix): void;
  warning(place: Place, path: JsonPath, coded: Coded, fix?: Fix): void;
}

/** Offsets of line starts; `\r\n`, `\n` and a lone `\r` end a line, as in the editor. */
function lineStarts(text: string): number[] {
  const starts = [0];
  const breaks = /\r\n|\n|\r/g;
  for (let match = breaks.exec(text); match !== null; match = breaks.exec(text)) starts.push(breaks.lastIndex);
  return starts;
}

export function createReporter(text: string, file: string): Reporter {
  const starts = lineStarts(text);
  const position = (offset: number): { line: number; column: number } => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
  const problems: Problem[] = [];
  const add = (severity: Problem['severity'], place: Place, path: JsonPath, coded: Coded, fix?: Fix): void => {
    const start = position(Math.min(place.offset, text.length));
    const end = position(Math.min(place.offset + place.length, text.length));
    problems.push({
      severity,
      code: coded.code,
      args: coded.args,
      file,
      ...start,
      endLine: end.line,
      endColumn: end.column,
      path,
      ...(fix === undefined ? {} : { fix }),
    });
  };
  return {
    problems,
    error: (place, path, coded, fix) => add('error', place, path, coded, fix),
    warning: (place, path, coded, fix) => add('warning', place, path, coded, fix),
  };
}

// Numbers of jsonc-parser's const enum SyntaxKind, which type stripping cannot inline.
const OPEN_BRACE = 1 as SyntaxKind;
const CLOSE_BRACE = 2 as SyntaxKind;
const OPEN_BRACKET = 3 as SyntaxKind;
const CLOSE_BRACKET = 4 as SyntaxKind;
const END_OF_FILE = 17 as SyntaxKind;

/** Place where the nesting passes the limit, or null. Looks before the (recursive) parser does. */
function tooDeep(text: string): Place | null {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token = scanner.scan(); token !== END_OF_FILE; token = scanner.scan()) {
    if (token === OPEN_BRACE || token === OPEN_BRACKET) {
      depth++;
      if (depth > MAX_DEPTH) return { offset: scanner.getTokenOffset(), length: scanner.getTokenLength() };
    } else if (token === CLOSE_BRACE || token === CLOSE_BRACKET) {
      depth--;
    }
  }
  return null;
}

/** The tree of `text` (without a byte order mark), or null when there is none; says all that is wrong with the syntax. */
export function readDocument(text: string, reporter: Reporter): DocNode | null {
  const whole = { offset: 0, length: 0 };
  if (new TextEncoder().encode(text).length > MAX_BYTES) {
    reporter.error(whole, [], { code: 'config.tooLarge', args: { limit: MAX_BYTES } });
    return null;
  }
  const deep = tooDeep(text);
  if (deep !== null) {
    reporter.error(deep, [], { code: 'config.tooDeep', args: { limit: MAX_DEPTH } });
    return null;
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  reportSyntax(text, errors, reporter);
  if (root === undefined) {
    if (errors.length === 0) reporter.error(whole, [], { code: 'config.empty', args: {} });
    return null;
  }
  const tree = toDocNode(root, [], null);
  reportRepeatedKeys(tree, reporter);
  return tree;
}

/** The first error of each line: the others mostly follow from it. */
function reportSyntax(text: string, errors: readonly ParseError[], reporter: Reporter): void {
  let reportedUntil = -1;
  for (const error of [...errors].sort((a, b) => a.offset - b.offset)) {
    if (error.offset <= reportedUntil) continue;
    reporter.error(error, [], { code: 'config.syntax', args: { detail: describeSyntaxError(error) } });
    const lineEnd = /[\r\n]/g;
    lineEnd.lastIndex = error.offset;
    reportedUntil = lineEnd.exec(text)?.index ?? text.length;
  }
}

/** `CloseBraceExpected` as "close brace expected". */
function describeSyntaxError(error: ParseError): string {
  return printParseErrorCode(error.error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}

function toDocNode(node: Node, path: JsonPath, key: Place | null): DocNode {
  return { offset: node.offset, length: node.length, path, key, value: toDocValue(node, path) };
}

function toDocValue(node: Node, path: JsonPath): DocValue {
  switch (node.type) {
    case 'object': {
      const members = new Map<string, DocNode>();
      const repeated: { name: string; node: DocNode }[] = [];
      for (const property of node.children ?? []) {
        const [name, value] = property.children ?? [];
        if (name === undefined || value === undefined) continue;
        const text = String(name.value);
        const child = toDocNode(value, [...path, text], { offset: name.offset, length: name.length });
        if (members.has(text)) repeated.push({ name: text, node: child });
        members.set(text, child);
      }
      return { kind: 'object', members, repeated };
    }
    case 'array':
      return {
        kind: 'array',
        items: (node.children ?? []).map((child, index) => toDocNode(child, [...path, index], null)),
      };
    case 'string':
      return { kind: 'string', value: String(node.value) };
    case 'number':
      return { kind: 'number', value: Number(node.value) };
    case 'boolean':
      return { kind: 'boolean', value: node.value === true };
    default:
      return { kind: 'null' };
  }
}

function reportRepeatedKeys(node: DocNode, reporter: Reporter): void {
  if (node.value.kind === 'array') {
    for (const item of node.value.items) reportRepeatedKeys(item, reporter);
  } else if (node.value.kind === 'object') {
    for (const { name, node: child } of node.value.repeated) {
      reporter.error(child.key ?? child, child.path, { code: 'config.duplicateKey', args: { name } });
    }
    for (const member of node.value.members.values()) reportRepeatedKeys(member, reporter);
  }
}

/** The value as plain JSON; objects have no prototype. */
export function toJson(node: DocNode): Json {
  const { value } = node;
  switch (value.kind) {
    case 'null':
      return null;
    case 'array':
      return value.items.map(toJson);
    case 'object': {
      const object: Record<string, Json> = Object.create(null);
      for (const [name, member] of value.members) object[name] = toJson(member);
      return object;
    }
    default:
      return value.value;
  }
}

/** Readers that answer "not there" for a value of another type: its type has been complained about already. */
export function member(node: DocNode | undefined, name: string): DocNode | undefined {
  return node?.value.kind === 'object' ? node.value.members.get(name) : undefined;
}

export function membersOf(node: DocNode | undefined): ReadonlyMap<string, DocNode> {
  return node?.value.kind === 'object' ? node.value.members : new Map();
}

export function itemsOf(node: DocNode | undefined): readonly DocNode[] {
  return node?.value.kind === 'array' ? node.value.items : [];
}

export function textOf(node: DocNode | undefined): string | undefined {
  return node?.value.kind === 'string' ? node.value.value : undefined;
}

export function numberOf(node: DocNode | undefined): number | undefined {
  return node?.value.kind === 'number' ? node.value.value : undefined;
}

export function flagOf(node: DocNode | undefined): boolean | undefined {
  return node?.value.kind === 'boolean' ? node.value.value : undefined;
}

/** Texts of an array, or undefined when it is not one. */
export function textsOf(node: DocNode | undefined): string[] | undefined {
  if (node?.value.kind !== 'array') return undefined;
  return node.value.items.flatMap((item) => (item.value.kind === 'string' ? [item.value.value] : []));
}
