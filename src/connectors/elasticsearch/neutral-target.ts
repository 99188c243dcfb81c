/** A search target that takes the units of other engines, too: it is told of them as of indexes. */
import type { Coded } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { UnitSettings } from '../../core/settings.ts';
import type { Page, RefusedRow, Target, UnitSchema, Writer } from '../contract.ts';
import { isFields } from '../neutral-unit.ts';
import { createOutput, type Output } from '../output.ts';
import { documentsFromRows, type MadeDocuments } from './documents-from-rows.ts';
import type { FieldMapping } from './field-mapping.ts';
import type { FoundIndex } from './found-index.ts';
import { objectIn } from './index-definition.ts';
import { mappingOf, type ServerTypes, USUAL_FIELDS } from './mapping-from-types.ts';
import type { SearchNative } from './native.ts';
import type { SearchServer } from './server.ts';
import { documentsOfCells } from './whole-documents.ts';

/** What has to be known of the cluster besides its target. */
export interface Surroundings {
  readonly server: SearchServer;
  /** The index that a unit goes into and that stays, if it is there. */
  find(settings: UnitSettings, signal: AbortSignal | undefined): Promise<FoundIndex | null>;
  types(signal: AbortSignal | undefined): Promise<ServerTypes>;
}

/** A unit of another engine as an index of this one. */
interface Adopted {
  readonly schema: UnitSchema;
  readonly warnings: readonly Coded[];
  readonly refusals: readonly Coded[];
  /** Rows of its pages as documents, in memory of their own where none is given. */
  made(page: Page, out?: Output): MadeDocuments;
}

/** What can stand in a row and its id, and is the matter of that row alone. */
const OF_ROWS: ReadonlySet<string> = new Set([
  'elasticsearch.valueElsewhere',
  'elasticsearch.keyNoId',
  'elasticsearch.notADocument',
]);

export function takingNeutralPages(inner: Target, around: Surroundings, signal?: AbortSignal): Target {
  const look = async (schema: UnitSchema, settings: UnitSettings): Promise<Adopted> => {
    const isMade = settings.createTarget === 'recreate' || Boolean(settings.swapAlias);
    const there = isMade ? null : await around.find(settings, signal);
    if (schema.neutral?.documents) return adoptDocuments(schema, around.server, there);
    return adoptRows(schema, settings, around.server, await around.types(signal), there);
  };
  /** The unit as one of this engine; it is described anew only where it has to be made. */
  const own = async (schema: UnitSchema, settings: UnitSettings): Promise<UnitSchema> => {
    if (schema.engine === 'elasticsearch') return schema;
    const adopted = await look(schema, settings);
    throwFirst(adopted);
    return adopted.schema;
  };
  /** Where nothing is made it does not matter what the index would be. */
  const named = (schema: UnitSchema): UnitSchema =>
    schema.engine === 'elasticsearch' ? schema : asIndex(schema, around.server, '{}', '{}');
  const { holds, leave, isRowError, stored } = inner;
  return {
    ...inner,
    formats: [...inner.formats, 'neutral'],
    keepsPositions: true,
    isRowError: (error) => OF_ROWS.has(error.error.code) || isRowError?.(error) === true,
    plan: async (schema, settings) => {
      if (schema.engine === 'elasticsearch') return inner.plan(schema, settings);
      const adopted = await look(schema, settings);
      if (adopted.refusals.length > 0) return { create: null, warnings: adopted.warnings, refusals: adopted.refusals };
      const planned = await inner.plan(adopted.schema, settings);
      return { ...planned, warnings: [...adopted.warnings, ...planned.warnings] };
    },
    ...(holds === undefined ? {} : { holds: async (schema, settings) => holds(named(schema), settings) }),
    prepare: async (schema, settings) => inner.prepare(await own(schema, settings), settings),
    // Beside what an alias points at another index is made.
    empty: async (schema, settings) =>
      inner.empty(settings.swapAlias ? await own(schema, settings) : named(schema), settings),
    readCheckpoints: async (schema, settings) => inner.readCheckpoints(named(schema), settings),
    forgetCheckpoint: async (schema, settings) => inner.forgetCheckpoint(named(schema), settings),
    // A bound of another engine means nothing here: then all documents count.
    count: async (schema, settings, upTo) =>
      inner.count(named(schema), settings, schema.engine === 'elasticsearch' ? upTo : null),
    ...(stored === undefined
      ? {}
      : {
          stored: async (schema, settings) => {
            if (schema.engine === 'elasticsearch') return stored(schema, settings);
            const { made } = await look(schema, { ...settings, createTarget: 'missing' });
            const expected = (page: Page): Page => made(page).page;
            // Documents made of rows have no routing: the id alone is their key.
            const places = schema.neutral?.documents ? {} : { key: [0], values: [1, 2] };
            return { ...(await stored(named(schema), settings)), ...places, format: 'neutral', expected };
          },
        }),
    finish: async (schema, settings) => inner.finish(named(schema), settings),
    ...(leave === undefined ? {} : { leave: async (settings) => leave(settings) }),
    write: async (schema, options) => {
      if (options.format !== 'neutral') return inner.write(schema, options);
      const adopted = await look(schema, { ...options.settings, createTarget: 'missing' });
      throwFirst(adopted);
      return neutralWriter(await inner.write(adopted.schema, { ...options, format: 'search-hits' }), adopted);
    },
    within: (scope) => takingNeutralPages(inner.within(scope), around, scope.signal),
  };
}

function adoptRows(
  schema: UnitSchema,
  settings: UnitSettings,
  server: SearchServer,
  has: ServerTypes,
  there: FoundIndex | null,
): Adopted {
  const properties = there === null ? null : propertiesOf(there);
  const mapping = mappingOf(schema, settings.fields ?? {}, has, properties === null ? null : { properties });
  const { columns, mappings, fields, refusals } = mapping;
  const limit = fields > USUAL_FIELDS ? { 'index.mapping.total_fields.limit': String(fields + 1) } : {};
  const key = (schema.neutral?.key ?? []).map((name) => columns.findIndex((column) => column.name === name));
  const made: Adopted['made'] = (page, out) => documentsFromRows(page, { unit: schema.unit, columns, key }, out);
  return { schema: asIndex(schema, server, JSON.stringify(limit), mappings), warnings: [], refusals, made };
}

/** Files of documents say what their index was where they were written by a copy of one. */
function adoptDocuments(schema: UnitSchema, server: SearchServer, there: FoundIndex | null): Adopted {
  const { unit, columns, neutral } = schema;
  const native = neutral?.origin?.engine === 'elasticsearch' ? neutral.origin.native : null;
  const known = isFields(native) && isJson(native.settings) && isJson(native.mappings) ? native : null;
  const settings = known === null ? '{}' : String(known.settings);
  const mappings = known === null ? '{}' : String(known.mappings);
  const isGuessed = known === null && there === null;
  return {
    schema: asIndex(schema, server, settings, mappings),
    warnings: isGuessed ? [{ code: 'elasticsearch.plan.mappingGuessed', args: { unit } }] : [],
    refusals: neutral?.refusals ?? [],
    made: (page, out) => documentsOfCells(page, columns, unit, out),
  };
}

function isJson(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    return isFields(JSON.parse(value));
  } catch {
    return false;
  }
}

function asIndex(schema: UnitSchema, server: SearchServer, settings: string, mappings: string): UnitSchema {
  const native: SearchNative = { server, cluster: '', indexes: [], settings, mappings };
  const { keyIsPosition: _, neutral: __, parents: ___, ...rest } = schema;
  return { ...rest, engine: 'elasticsearch', native };
}

function propertiesOf({ mappings }: FoundIndex): Readonly<Record<string, FieldMapping>> {
  return objectIn(mappings.properties) as Readonly<Record<string, FieldMapping>>;
}

/** Memory that is kept for the next page, bytes. */
const KEPT_BYTES = 16 * 1024 * 1024;

function neutralWriter(inner: Writer, { made }: Adopted): Writer {
  const { add: _, writeGood, ...rest } = inner;
  // What was written is not looked at again: the next page is made in the same memory.
  let out = createOutput();
  const documentsIn = (page: Page): MadeDocuments => {
    if (out.bytes.length > KEPT_BYTES) out = createOutput();
    out.length = 0;
    return made(page, out);
  };
  return {
    ...rest,
    write: async (page, checkpoint) => {
      const documents = documentsIn(page);
      const [refused] = documents.refused;
      if (refused !== undefined) throw refused.error;
      return inner.write(documents.page, checkpoint);
    },
    ...(writeGood === undefined
      ? {}
      : {
          writeGood: async (page, checkpoint) => {
            const documents = documentsIn(page);
            const { rows, refused } = documents;
            const none = documents.page.rows === 0;
            const others = none ? [] : await writeGood(documents.page, checkpoint);
            const placed = others.map(({ row, error }): RefusedRow => ({ row: rows[row] as number, error }));
            return [...refused, ...placed].sort((a, b) => a.row - b.row);
          },
        }),
  };
}

function throwFirst({ refusals }: { readonly refusals: readonly Coded[] }): void {
  const [refusal] = refusals;
  if (refusal === undefined) return;
  const { code, args } = refusal;
  throw new DataError({ code, args, class: 'permanent', message: code });
}
