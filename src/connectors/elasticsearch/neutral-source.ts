/** A search source that other engines can read from, too: documents as a whole, or a column for each field. */
import { createHash } from 'node:crypto';
import type { Coded } from '../../core/model.ts';
import type { UnitSettings } from '../../core/settings.ts';
import { nameMatcher, unknownColumns } from '../../core/unit-selection.ts';
import type { Reader, Source, UnitSchema } from '../contract.ts';
import { cellsFromDocuments, type DocumentsToRows, type TakePage } from './cells-from-documents.ts';
import { columnsFromMapping, type ReadColumn } from './columns-from-mapping.ts';
import type { SearchNative } from './native.ts';
import { cellsOfDocuments, documentUnit } from './whole-documents.ts';

/** Of a unit that is seen as rows. Plain data. */
interface RowsNative extends SearchNative {
  readonly rows: DocumentsToRows;
}

export function withNeutralPages(inner: Source): Source {
  const { snapshot } = inner;
  return {
    ...inner,
    formats: [...inner.formats, 'neutral'],
    describe: async (unit, settings) => withNeutral(await inner.describe(unit, settings), settings),
    read: async (schema, options) => {
      if (options.format !== 'neutral') return inner.read(schema, options);
      return neutralReader(await inner.read(schema, { ...options, format: 'search-hits' }), takerOf(schema));
    },
    ...(snapshot === undefined ? {} : { snapshot: async (scope) => withNeutralPages(await snapshot(scope)) }),
    within: (scope) => withNeutralPages(inner.within(scope)),
  };
}

function takerOf({ native }: UnitSchema): TakePage {
  const { rows } = native as Partial<RowsNative>;
  return rows === undefined ? cellsOfDocuments : cellsFromDocuments(rows);
}

/** Its cells lie in the memory of the answer: they are good as long as the documents are. */
function neutralReader(inner: Reader, take: TakePage): Reader {
  return {
    next: async () => {
      const page = await inner.next();
      return page === null ? null : take(page);
    },
    close: () => inner.close(),
  };
}

function withNeutral(schema: UnitSchema, settings: UnitSettings): UnitSchema {
  const { settings: defined, mappings, server } = schema.native as SearchNative;
  const { unit, refusals } = schema;
  const fields = settings.fields ?? {};
  const unused: Coded[] =
    Object.keys(fields).length === 0 ? [] : [{ code: 'elasticsearch.plan.fieldsUnused', args: { unit } }];
  return {
    ...schema,
    neutral: documentUnit({ engine: 'elasticsearch', native: { server, settings: defined, mappings } }),
    refusals: [...refusals, ...unused],
    asRows: asRows(schema, settings, fields),
  };
}

function asRows(
  schema: UnitSchema,
  { columns: patterns }: UnitSettings,
  fields: Readonly<Record<string, unknown>>,
): NonNullable<UnitSchema['asRows']> {
  const { unit } = schema;
  const native = schema.native as SearchNative;
  const mapped = columnsFromMapping(unit, native.mappings, fields, native.indexes.length > 1);
  const isChosen = chooser(patterns, mapped.key);
  const columns = mapped.columns.filter(isChosen);
  const others = mapped.columns.filter((column) => !isChosen(column));
  const isDropped = (from: ReadColumn['from']): boolean => others.some((column) => column.from === from);
  const refusals = unknownColumns(
    mapped.columns.map(({ name }) => name),
    patterns.filter((pattern) => !pattern.includes('.')),
  ).map((column): Coded => ({ code: 'elasticsearch.noSuchColumn', args: { unit, column } }));
  const rows: DocumentsToRows = {
    ...{ unit, columns, key: mapped.key },
    leftOut: others.filter(({ from }) => from === 'field').map(({ name }) => name),
    dropsRest: isDropped('rest'),
    dropsRouting: isDropped('routing'),
  };
  const shown = columns.map(({ name, shown: type, nullable }) => ({ name, type, nullable }));
  const types = columns.map(({ type }) => type);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([schema.fingerprint, shown, types, mapped.key]))
    .digest('hex')
    .slice(0, 16);
  return {
    ...{ columns: shown, key: mapped.key, fingerprint, warnings: schema.warnings },
    native: { ...native, rows } satisfies RowsNative,
    neutral: { types, key: mapped.key, origin: mapped.origin },
    refusals: [...schema.refusals, ...mapped.refusals, ...refusals],
  };
}

/** The key is always among them; a field is, where a path in it is asked for. */
function chooser(patterns: readonly string[], key: readonly string[]): (column: ReadColumn) => boolean {
  const matches = nameMatcher(patterns);
  return ({ name }) =>
    key.includes(name) || matches(name) || patterns.some((pattern) => pattern.startsWith(`${name}.`));
}
