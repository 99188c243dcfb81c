/** A MySQL target that takes the units of other engines, too: it is told of them as of tables of its own. */
import type { Coded } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { Target, UnitSchema, Writer } from '../contract.ts';
import type { Dialect } from './dialect.ts';
import { type Adopted, adopt } from './neutral-adopt.ts';
import { fromNeutral } from './neutral-cells.ts';

export function takingNeutralPages(inner: Target, dialect: Dialect): Target {
  const own = (schema: UnitSchema): Adopted => {
    const adopted = adopt(schema, dialect);
    const [refusal] = adopted.refusals;
    if (refusal !== undefined) throw asError(refusal);
    return adopted;
  };
  return {
    ...inner,
    formats: [...inner.formats, 'neutral'],
    plan: async (schema, settings) => {
      if (schema.engine === 'mysql') return inner.plan(schema, settings);
      const adopted = adopt(schema, dialect);
      if (adopted.refusals.length > 0) return { create: null, warnings: adopted.warnings, refusals: adopted.refusals };
      const planned = await inner.plan(adopted.schema, settings);
      return { ...planned, warnings: [...adopted.warnings, ...planned.warnings] };
    },
    prepare: (schema, settings) => inner.prepare(own(schema).schema, settings),
    empty: (schema, settings) => inner.empty(own(schema).schema, settings),
    readCheckpoint: (schema, settings) => inner.readCheckpoint(own(schema).schema, settings),
    forgetCheckpoint: (schema, settings) => inner.forgetCheckpoint(own(schema).schema, settings),
    // A bound of another engine means nothing here: then all rows count.
    count: (schema, settings, upTo) =>
      inner.count(own(schema).schema, settings, schema.engine === 'mysql' ? upTo : null),
    finish: (schema, settings) => inner.finish(own(schema).schema, settings),
    write: async (schema, options) => {
      if (options.format !== 'neutral') return inner.write(schema, options);
      const adopted = own(schema);
      return neutralWriter(await inner.write(adopted.schema, { ...options, format: 'mysql-text' }), schema, adopted);
    },
    within: (scope) => takingNeutralPages(inner.within(scope), dialect),
  };
}

function neutralWriter(inner: Writer, schema: UnitSchema, { columns }: Adopted): Writer {
  const before = schema.keyIsPosition === true ? 1 : 0;
  return {
    ...inner,
    write: (page, checkpoint) => {
      if (page.data.format !== 'neutral') return inner.write(page, checkpoint);
      const cells = fromNeutral(page.data.cells, columns, before, schema.unit);
      return inner.write({ ...page, data: { format: 'mysql-text', cells } }, checkpoint);
    },
  };
}

function asError({ code, args }: Coded): DataError {
  return new DataError({ code, args, class: 'permanent', message: code });
}
