/** A MySQL source that other engines can read from, too. */
import type { Reader, Source, UnitSchema } from '../contract.ts';
import { nativeOf } from './native.ts';
import { toNeutral } from './neutral-cells.ts';
import { neutralType, notNeutral } from './neutral-types.ts';

/** What a MySQL source gives to be made again elsewhere: `NeutralUnit.origin` of this engine. */
export interface MysqlOrigin {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly collation: string | null }[];
}

export function withNeutralPages(inner: Source): Source {
  const { snapshot, begin } = inner;
  return {
    ...inner,
    formats: [...inner.formats, 'neutral'],
    describe: async (unit, settings) => withNeutral(await inner.describe(unit, settings)),
    ...(begin === undefined
      ? {}
      : {
          begin: async (unit, settings, format) => {
            const begun = await begin(unit, settings, format);
            return { ...begun, schema: withNeutral(begun.schema) };
          },
        }),
    read: async (schema, options) => {
      if (options.format !== 'neutral') return inner.read(schema, options);
      return neutralReader(await inner.read(schema, { ...options, format: 'mysql-text' }), schema);
    },
    ...(snapshot === undefined ? {} : { snapshot: async (scope) => withNeutralPages(await snapshot(scope)) }),
    within: (scope) => withNeutralPages(inner.within(scope)),
  };
}

function withNeutral(schema: UnitSchema): UnitSchema {
  const { copied, key, table } = nativeOf(schema);
  const origin: MysqlOrigin = { columns: copied.map(({ name, type, collation }) => ({ name, type, collation })) };
  return {
    ...schema,
    neutral: {
      types: copied.map(neutralType),
      key: key?.columns ?? [],
      origin: { engine: 'mysql', native: origin },
      refusals: copied.flatMap((column) => notNeutral(table.name, column) ?? []),
    },
  };
}

function neutralReader(inner: Reader, schema: UnitSchema): Reader {
  const { copied } = nativeOf(schema);
  return {
    next: async () => {
      const page = await inner.next();
      if (page === null || page.data.format !== 'mysql-text') return page;
      return { ...page, data: { format: 'neutral', cells: toNeutral(page.data.cells, copied, schema.unit) } };
    },
    close: () => inner.close(),
  };
}
