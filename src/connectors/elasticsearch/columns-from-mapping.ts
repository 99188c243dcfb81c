/** The columns of an index for systems of rows: docs/elasticsearch.md is the table of it. */
import type { Coded } from '../../core/model.ts';
import type { NeutralType, NeutralUnit } from '../contract.ts';
import { isFields, parseType } from '../neutral-unit.ts';
import { type FieldMapping, STRINGS, typeOf } from './field-mapping.ts';
import { type KeptUnit, parseKeptUnit } from './kept-unit.ts';

/** What a column is filled with. */
export type From = 'id' | 'routing' | 'field' | 'rest';

export interface ReadColumn {
  readonly name: string;
  /** The type as the mapping says it. */
  readonly shown: string;
  readonly type: NeutralType;
  readonly nullable: boolean;
  readonly from: From;
  /** JSON is kept as text in this field. */
  readonly quoted: boolean;
}

export interface MappedColumns {
  readonly columns: readonly ReadColumn[];
  readonly key: readonly string[];
  readonly origin: NeutralUnit['origin'];
  /** Members of documents that may stand there without a column; any other is refused where no column takes the rest. */
  readonly refusals: readonly Coded[];
}

/** Column of what the mapping does not know of. */
const REST = '_rest';
/** Longest id, characters: it has 512 bytes. */
const MOST_ID = 512;

const ID: ReadColumn = {
  ...{ name: '_id', shown: '_id', nullable: false, from: 'id', quoted: false },
  type: { kind: 'text', length: MOST_ID },
};
const TEXT: NeutralType = { kind: 'text', length: null };
const JSON_TEXT: NeutralType = { kind: 'json' };

/**
 * @param mappings JSON text
 * @param asked what the file says of single columns
 * @param isOneOfSeveral the mapping is that of one index: others behind the same name may know other fields
 */
export function columnsFromMapping(
  unit: string,
  mappings: string,
  asked: Readonly<Record<string, unknown>>,
  isOneOfSeveral = false,
): MappedColumns {
  const parsed: unknown = JSON.parse(mappings);
  const mapping = isFields(parsed) ? parsed : {};
  const properties = Object.entries(isFields(mapping.properties) ? mapping.properties : {}).filter(
    // An alias is another name for the value of another field.
    (entry): entry is [string, FieldMapping] => isFields(entry[1]) && typeOf(entry[1]) !== 'alias',
  );
  const kept = isOneOfSeveral ? null : ownTable(parseKeptUnit(mapping._meta), properties, asked);
  if (kept !== null) return kept;
  const refusals: Coded[] = [];
  const names = new Set(properties.map(([name]) => name));
  for (const field of Object.keys(asked))
    if (!names.has(field)) refusals.push({ code: 'elasticsearch.plan.noSuchField', args: { unit, field } });
  const fields = properties.map(([name, field]): ReadColumn => {
    const wanted = Object.hasOwn(asked, name) ? askedType(asked[name]) : neutralType(field);
    if (wanted === null) refusals.push({ code: 'elasticsearch.plan.fieldType', args: { unit, field: name } });
    const type = wanted ?? JSON_TEXT;
    return { name, shown: typeOf(field), type, nullable: true, from: 'field', quoted: false };
  });
  const more = { quoted: false } as const;
  const columns: ReadColumn[] = [
    ID,
    { name: '_routing', shown: '_routing', type: TEXT, nullable: true, from: 'routing', ...more },
    ...fields,
  ];
  if (mapping.dynamic !== 'strict' || isOneOfSeveral) {
    let name = REST;
    while (names.has(name)) name += '_';
    columns.push({ name, shown: 'object', type: JSON_TEXT, nullable: true, from: 'rest', ...more });
  }
  return { columns, key: ['_id'], origin: null, refusals };
}

/** The table whose rows these documents are; null where it is not, or fields came or went since. */
function ownTable(
  kept: KeptUnit | null,
  properties: readonly [string, FieldMapping][],
  asked: Readonly<Record<string, unknown>>,
): MappedColumns | null {
  if (kept === null || Object.keys(asked).length > 0 || properties.length !== kept.columns.length) return null;
  const fields = new Map(properties);
  if (!kept.columns.every(({ name }) => fields.has(name))) return null;
  const columns = kept.columns.map(({ name, holds, nullable }): ReadColumn => {
    const field = fields.get(name) as FieldMapping;
    return { name, shown: typeOf(field), type: holds, nullable, from: 'field', quoted: STRINGS.has(typeOf(field)) };
  });
  // Where only its position told a row from others, its document's id does.
  if (kept.key.length === 0) return { columns: [ID, ...columns], key: [ID.name], origin: null, refusals: [] };
  return { columns, key: kept.key, origin: kept.origin, refusals: [] };
}

/** As the file asks for it, in the words of the neutral types; null = not understood. */
function askedType(value: unknown): NeutralType | null {
  if (!isFields(value)) return null;
  const { type, ...more } = value;
  return parseType({ length: null, fraction: 0, bits: 64, unsigned: false, ...more, kind: type });
}

function neutralType(field: FieldMapping): NeutralType {
  const type = typeOf(field);
  const integer = (bits: 8 | 16 | 32 | 64, unsigned = false): NeutralType => ({ kind: 'integer', bits, unsigned });
  switch (type) {
    case 'byte':
    case 'boolean':
      return integer(8);
    case 'short':
      return integer(16);
    case 'integer':
    case 'token_count':
      return integer(32);
    case 'long':
      return integer(64);
    case 'unsigned_long':
      return integer(64, true);
    // A document may hold more digits than a field of single precision, which only looks for it.
    case 'double':
    case 'float':
    case 'half_float':
    case 'scaled_float':
    case 'rank_feature':
      return { kind: 'real', single: false };
    case 'binary':
      return { kind: 'bytes', length: null };
    case 'date':
    case 'date_nanos':
      return TEXT;
  }
  return STRINGS.has(type) ? TEXT : JSON_TEXT;
}
