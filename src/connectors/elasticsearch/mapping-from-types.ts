/** The mapping of an index for the rows of a table: docs/elasticsearch.md is the table of it. */
import type { Coded } from '../../core/model.ts';
import type { NeutralType, UnitSchema } from '../contract.ts';
import { type FieldMapping, typeOf } from './field-mapping.ts';
import { type Encode, encoderOf } from './field-values.ts';
import { keptText, keptUnitOf, META } from './kept-unit.ts';

/** What not every server has. */
export interface ServerTypes {
  readonly unsignedLong: boolean;
}

/** A column as it is written. */
export interface WrittenColumn {
  readonly name: string;
  readonly type: NeutralType;
  readonly field: FieldMapping;
  readonly encode: Encode;
}

export interface RowMapping {
  readonly columns: readonly WrittenColumn[];
  /** `mappings` of the index, as JSON text. */
  readonly mappings: string;
  /** Fields, those within fields too. */
  readonly fields: number;
  readonly refusals: readonly Coded[];
}

/** Fields of an index, unless it is told otherwise. */
export const USUAL_FIELDS = 1_000;

const INTEGERS = { 8: 'byte', 16: 'short', 24: 'integer', 32: 'integer', 64: 'long' } as const;
/** Unsigned ones need the next size. */
const UNSIGNED = { 8: 'short', 16: 'integer', 24: 'integer', 32: 'long', 64: 'unsigned_long' } as const;
/** Characters of a text that is looked for as a whole: as a server maps text that it is not told of. */
const WHOLE_TEXT = 256;
/** Characters of a term that fit into the index whatever they are. */
const MOST_TERM = 8_191;

/** A field that keeps every value of a type, or refuses it. */
export function fieldFor(type: NeutralType, isKey: boolean, { unsignedLong }: ServerTypes): FieldMapping {
  switch (type.kind) {
    case 'integer': {
      const name = type.unsigned ? UNSIGNED[type.bits] : INTEGERS[type.bits];
      return { type: name === 'unsigned_long' && !unsignedLong ? 'keyword' : name };
    }
    case 'real':
      return { type: type.single ? 'float' : 'double' };
    case 'decimal':
    case 'time':
      return { type: 'keyword' };
    case 'text':
      if (isKey) return { type: 'keyword' };
      return { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: WHOLE_TEXT } } };
    case 'bytes':
      return { type: 'binary' };
    case 'date':
      return { type: 'date' };
    case 'datetime':
    case 'instant':
      return { type: type.fraction > 3 ? 'date_nanos' : 'date' };
    case 'json':
      return { type: 'object', enabled: false };
    case 'any':
      return isKey ? { type: 'keyword' } : { type: 'keyword', ignore_above: MOST_TERM };
  }
}

/** What a mapping that is there says. */
export interface ThereMapping {
  readonly properties: Readonly<Record<string, FieldMapping>>;
}

/**
 * @param wanted fields that the file asks for, by column
 * @param there the mapping of the index that is there and stays; null: one is made
 */
export function mappingOf(
  schema: UnitSchema,
  wanted: Readonly<Record<string, unknown>>,
  has: ServerTypes,
  there: ThereMapping | null,
): RowMapping {
  const { unit, neutral } = schema;
  const refusals: Coded[] = [...(neutral?.refusals ?? [])];
  if (neutral === undefined)
    refusals.push({ code: 'elasticsearch.plan.otherEngine', args: { unit, engine: schema.engine } });
  const names = new Set(schema.columns.map(({ name }) => name));
  for (const field of Object.keys(wanted))
    if (!names.has(field)) refusals.push({ code: 'elasticsearch.plan.noSuchColumn', args: { unit, field } });
  const types = neutral?.types ?? [];
  const columns = schema.columns.flatMap(({ name, type: shown }, at): WrittenColumn[] => {
    const type = types[at] ?? { kind: 'any' };
    if (!isFieldName(name)) {
      refusals.push({ code: 'elasticsearch.plan.fieldName', args: { unit, column: name } });
      return [];
    }
    const asked = Object.hasOwn(wanted, name) ? asField(wanted[name]) : undefined;
    const found = there !== null && Object.hasOwn(there.properties, name) ? there.properties[name] : undefined;
    if (there !== null && found === undefined) {
      refusals.push({ code: 'elasticsearch.plan.fieldMissing', args: { unit, column: name } });
      return [];
    }
    const field = found ?? asked ?? fieldFor(type, neutral?.key.includes(name) ?? false, has);
    if (found !== undefined && asked && typeOf(found) !== typeOf(asked)) {
      const args = { unit, column: name, field: typeOf(found), asked: typeOf(asked) };
      refusals.push({ code: 'elasticsearch.plan.fieldDiffers', args });
    }
    const encode = field === null || asked === null ? null : encoderOf(type, field);
    if (field === null || encode === null) {
      const args = { unit, column: name, type: shown || type.kind, field: field === null ? '?' : typeOf(field) };
      refusals.push({ code: 'elasticsearch.plan.fieldCannotHold', args });
      return [];
    }
    return [{ name, type, field, encode }];
  });
  const properties = Object.fromEntries(columns.map(({ name, field }) => [name, field]));
  const kept = keptUnitOf(schema);
  const meta = kept === null ? {} : { _meta: { [META]: keptText(kept) } };
  const mappings = JSON.stringify({ dynamic: 'strict', ...meta, properties });
  const fields = columns.reduce((sum, { field }) => sum + 1 + Object.keys((field.fields as object) ?? {}).length, 0);
  return { columns, mappings, fields, refusals };
}

/** null = nothing that a mapping could say. */
function asField(value: unknown): FieldMapping | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as FieldMapping) : null;
}

/** Names that a server keeps for itself. */
const METADATA: ReadonlySet<string> = new Set([
  '_id',
  '_index',
  '_type',
  '_source',
  '_routing',
  '_field_names',
  '_ignored',
  '_ignored_source',
  '_size',
  '_doc_count',
  '_nested_path',
  '_seq_no',
  '_primary_term',
  '_version',
  '_tier',
  '_data_stream_timestamp',
  '_tsid',
  '_feature',
  '_uid',
  '_parent',
  '_all',
  '_recovery_source',
]);

/** A dot would make one field within another of it. */
function isFieldName(name: string): boolean {
  return (
    name.trim() !== '' && !name.includes('.') && !METADATA.has(name) && !name.includes('\0') && name.isWellFormed()
  );
}
