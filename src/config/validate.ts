/**
 * Holds a document against the schema and says everything that is wrong, each at its place.
 * It walks the TypeBox schema itself (the part of JSON Schema that ours uses) over the tree of the document instead of
 * over JavaScript objects: that keeps positions, survives names such as `__proto__`, and lets a wrong value be
 * explained by the one branch that its `type` selects. A test compares its verdicts with TypeBox's own validator.
 */
import type { Coded } from '../core/model.ts';
import type { DocNode, Reporter } from './document.ts';
import { nearest } from './nearest.ts';
import type { Fix } from './problem.ts';
import { OPEN_MARK, PROBLEM_MARK, SECRET_MARK, WORDS_MARK } from './schema-parts.ts';

/** The keywords this walker knows. */
interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly enum?: readonly (string | number)[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly { readonly if: Schema; readonly then: Schema }[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly propertyNames?: Schema;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly [OPEN_MARK]?: boolean;
  readonly [SECRET_MARK]?: boolean;
  readonly [PROBLEM_MARK]?: string;
  readonly [WORDS_MARK]?: readonly string[];
}

type Sink = Pick<Reporter, 'error' | 'warning'>;

/** Reports what `schema` (made by TypeBox) does not allow at `node`. */
export function validate(node: DocNode, schema: object, sink: Sink): void {
  check(node, schema as Schema, sink);
}

function check(node: DocNode, schema: Schema, sink: Sink): void {
  const fail = (code: string, args: Coded['args'] = {}, fix?: Fix): void =>
    sink.error(node, node.path, { code, args }, fix);
  if (schema.anyOf !== undefined) {
    checkChoice(node, schema.anyOf, sink);
    return;
  }
  if (schema.enum !== undefined) {
    checkWord(node, schema.enum, fail, schema[PROBLEM_MARK]);
    return;
  }
  switch (schema.type) {
    case 'object':
      checkObject(node, schema, sink);
      return;
    case 'array':
      checkList(node, schema, sink);
      return;
    case 'string':
      checkText(node, schema, fail);
      return;
    case 'integer':
    case 'number':
      checkNumber(node, schema, fail);
      return;
    case 'boolean':
      if (node.value.kind !== 'boolean') fail('value.notFlag');
      return;
    default:
  }
}

type Fail = (code: string, args?: Coded['args'], fix?: Fix) => void;

/** Alternatives differ by their JSON type: the fitting one explains what is wrong. */
function checkChoice(node: DocNode, branches: readonly Schema[], sink: Sink): void {
  const list = node.value.kind === 'array';
  const branch = branches.find((candidate) => (candidate.type === 'array') === list) ?? branches[0];
  if (branch !== undefined) check(node, branch, sink);
}

function checkWord(node: DocNode, words: readonly (string | number)[], fail: Fail, problem?: string): void {
  const { value } = node;
  if ((value.kind === 'string' || value.kind === 'number') && words.includes(value.value)) return;
  const allowed = words.join(', ');
  if (problem !== undefined || value.kind !== 'string') {
    fail(problem ?? 'value.notWord', { allowed });
    return;
  }
  const meant = nearest(
    value.value,
    words.filter((word) => typeof word === 'string'),
  );
  if (meant === undefined) {
    fail('value.notOneOf', { value: shorten(value.value), allowed });
    return;
  }
  fail(
    'value.notOneOfNearest',
    { value: shorten(value.value), allowed, nearest: meant },
    { kind: 'replaceValue', to: meant },
  );
}

function checkText(node: DocNode, schema: Schema, fail: Fail): void {
  const { value } = node;
  if (schema[SECRET_MARK] === true) {
    // The value is never part of the message.
    if (value.kind !== 'string') {
      fail('value.notText');
      return;
    }
    if (!matchesPattern(schema.pattern, value.value)) {
      fail('secret.literal', { field: String(node.path.at(-1)) }, secretFix(node));
    }
    return;
  }
  if (value.kind !== 'string') {
    fail('value.notText');
    return;
  }
  const length = [...value.value].length;
  if (schema.minLength !== undefined && length < schema.minLength) {
    fail('value.empty');
    return;
  }
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    fail('value.tooLong', { length, limit: schema.maxLength });
    return;
  }
  if (matchesPattern(schema.pattern, value.value)) return;
  const words = schema[WORDS_MARK];
  if (words !== undefined) {
    checkWord(node, words, fail);
    return;
  }
  fail(schema[PROBLEM_MARK] ?? 'value.pattern', { value: shorten(value.value) });
}

function secretFix(node: DocNode): Fix | undefined {
  const [section, connection, ...rest] = node.path;
  if (section !== 'connections' || typeof connection !== 'string') return undefined;
  return { kind: 'moveToSecretStorage', connection, field: rest.join('.') };
}

function checkNumber(node: DocNode, schema: Schema, fail: Fail): void {
  const { value } = node;
  if (value.kind !== 'number' || !Number.isFinite(value.value)) {
    fail(schema.type === 'integer' ? 'value.notWhole' : 'value.notNumber');
    return;
  }
  if (schema.type === 'integer' && !Number.isInteger(value.value)) {
    fail('value.notWhole');
    return;
  }
  const { minimum = -Infinity, maximum = Infinity } = schema;
  if (value.value < minimum || value.value > maximum) {
    fail('value.outOfRange', { value: value.value, minimum, maximum });
  }
}

function checkList(node: DocNode, schema: Schema, sink: Sink): void {
  const { value } = node;
  const fail = (code: string, args: Coded['args'] = {}): void => sink.error(node, node.path, { code, args });
  if (value.kind !== 'array') {
    fail('value.notList');
    return;
  }
  if (schema.minItems !== undefined && value.items.length < schema.minItems) fail('list.empty');
  if (schema.maxItems !== undefined && value.items.length > schema.maxItems) {
    fail('list.tooLong', { count: value.items.length, limit: schema.maxItems });
    return;
  }
  if (schema.items === undefined) return;
  for (const item of value.items) check(item, schema.items, sink);
}

function checkObject(node: DocNode, schema: Schema, sink: Sink): void {
  const { value } = node;
  if (value.kind !== 'object') {
    sink.error(node, node.path, { code: 'value.notObject', args: {} });
    return;
  }
  const { members } = value;
  if (schema.maxProperties !== undefined && members.size > schema.maxProperties) {
    const args = { count: members.size, limit: schema.maxProperties };
    sink.error(node.key ?? node, node.path, { code: 'object.tooMany', args });
    return;
  }
  if (schema.propertyNames !== undefined) checkNames(members, schema.propertyNames, sink);
  if (schema.additionalProperties !== undefined) {
    for (const child of members.values()) check(child, schema.additionalProperties, sink);
    return;
  }
  const conditional = schema.allOf ?? [];
  const selected = conditional.filter((branch) => matches(node, branch.if)).map((branch) => branch.then);
  const parts = [schema, ...selected];
  for (const name of parts.flatMap((part) => part.required ?? [])) {
    if (!members.has(name))
      sink.error(node.key ?? startOf(node), node.path, { code: 'value.required', args: { name } });
  }
  // Without a valid type nobody can say which members belong here.
  const closed = schema[OPEN_MARK] !== true && (conditional.length === 0 || selected.length > 0);
  for (const [name, child] of members) {
    let known = false;
    for (const part of parts) {
      const { properties = {} } = part;
      const expected = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (expected === undefined) continue;
      known = true;
      check(child, expected, sink);
    }
    if (!known && closed)
      warnUnknown(
        name,
        child,
        parts.flatMap((part) => Object.keys(part.properties ?? {})),
        sink,
      );
  }
}

/** The opening brace: marking a whole object would paint half the file. */
function startOf(node: DocNode): { offset: number; length: number } {
  return { offset: node.offset, length: Math.min(1, node.length) };
}

function checkNames(members: ReadonlyMap<string, DocNode>, schema: Schema, sink: Sink): void {
  for (const [name, child] of members) {
    if (matchesPattern(schema.pattern, name)) continue;
    sink.error(child.key ?? child, child.path, { code: 'name.invalid', args: { name: shorten(name) } });
  }
}

function warnUnknown(name: string, child: DocNode, known: Iterable<string>, sink: Sink): void {
  const meant = nearest(name, known);
  const place = child.key ?? child;
  if (meant === undefined) sink.warning(place, child.path, { code: 'key.unknown', args: { name: shorten(name) } });
  else {
    const coded = { code: 'key.unknownNearest', args: { name: shorten(name), nearest: meant } };
    sink.warning(place, child.path, coded, { kind: 'renameKey', to: meant });
  }
}

/** Whether the `if` of a branch holds. */
function matches(node: DocNode, schema: Schema): boolean {
  let errors = 0;
  const count = { error: () => errors++, warning: () => undefined };
  check(node, { type: 'object', [OPEN_MARK]: true, ...schema }, count);
  return errors === 0;
}

const compiled = new Map<string, RegExp>();

function matchesPattern(pattern: string | undefined, value: string): boolean {
  if (pattern === undefined) return true;
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = new RegExp(pattern, 'u');
    compiled.set(pattern, expression);
  }
  return expression.test(value);
}

/** Enough of a value to recognise it. */
function shorten(value: string): string {
  return value.length > 80 ? `${value.slice(0, 77)}...` : value;
}
