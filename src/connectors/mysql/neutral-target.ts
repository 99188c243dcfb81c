/** A MySQL target that takes the units of other engines, too: it is told of them as of tables of its own. */
import type { Coded } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { UnitSettings } from '../../core/settings.ts';
import { unlessAborted } from '../aborting.ts';
import type { Page, Source, Target, UnitSchema, Writer } from '../contract.ts';
import { readBack } from '../stored-rows.ts';
import type { Dialect } from './dialect.ts';
import { type Adopted, adopt } from './neutral-adopt.ts';
import { fromNeutral } from './neutral-cells.ts';
import type { MysqlTable } from './schema.ts';

/** What has to be known of the server besides its target. */
export interface Surroundings {
  readonly dialect: Dialect;
  /** The table that a unit goes into, if it is there. */
  find(settings: UnitSettings): Promise<MysqlTable | undefined>;
  /** The same database, to be read. */
  read(signal: AbortSignal | undefined): Promise<Source>;
}

export function takingNeutralPages(inner: Target, around: Surroundings, signal?: AbortSignal): Target {
  const look = async (schema: UnitSchema, settings: UnitSettings): Promise<Adopted> => {
    const asking = settings.createTarget === 'recreate' ? undefined : around.find(settings);
    const existing = await (signal === undefined || asking === undefined ? asking : unlessAborted(asking, signal));
    return adopt(schema, around.dialect, existing);
  };
  const own = async (schema: UnitSchema, settings: UnitSettings): Promise<UnitSchema> => {
    if (schema.engine === 'mysql') return schema;
    const adopted = await look(schema, settings);
    throwFirst(adopted);
    return adopted.schema;
  };
  return {
    ...inner,
    formats: [...inner.formats, 'neutral'],
    plan: async (schema, settings) => {
      if (schema.engine === 'mysql') return inner.plan(schema, settings);
      const adopted = await look(schema, settings);
      if (adopted.refusals.length > 0) return { create: null, warnings: adopted.warnings, refusals: adopted.refusals };
      const planned = await inner.plan(adopted.schema, settings);
      return { ...planned, warnings: [...adopted.warnings, ...planned.warnings] };
    },
    prepare: async (schema, settings) => inner.prepare(await own(schema, settings), settings),
    empty: async (schema, settings) => inner.empty(await own(schema, settings), settings),
    readCheckpoints: async (schema, settings) => inner.readCheckpoints(await own(schema, settings), settings),
    forgetCheckpoint: async (schema, settings) => inner.forgetCheckpoint(await own(schema, settings), settings),
    // A bound of another engine means nothing here: then all rows count.
    count: async (schema, settings, upTo) =>
      inner.count(await own(schema, settings), settings, schema.engine === 'mysql' ? upTo : null),
    stored: (schema, settings) => readBack(() => around.read(signal), schema, settings),
    finish: async (schema, settings) => inner.finish(await own(schema, settings), settings),
    write: async (schema, options) => {
      if (options.format !== 'neutral') return inner.write(schema, options);
      const adopted = await look(schema, { ...options.settings, createTarget: 'missing' });
      throwFirst(adopted);
      return neutralWriter(await inner.write(adopted.schema, { ...options, format: 'mysql-text' }), schema, adopted);
    },
    within: (scope) => takingNeutralPages(inner.within(scope), around, scope.signal),
  };
}

function neutralWriter(inner: Writer, schema: UnitSchema, { columns }: Adopted): Writer {
  const before = schema.keyIsPosition === true ? 1 : 0;
  const taken = (page: Page): Page => {
    if (page.data.format !== 'neutral') return page;
    const cells = fromNeutral(page.data.cells, columns, before, schema.unit);
    return { ...page, data: { format: 'mysql-text', cells } };
  };
  const { add } = inner;
  return {
    ...inner,
    write: async (page, checkpoint) => inner.write(taken(page), checkpoint),
    ...(add === undefined ? {} : { add: async (page: Page) => add(taken(page)) }),
  };
}

function throwFirst({ refusals }: { readonly refusals: readonly Coded[] }): void {
  const [refusal] = refusals;
  if (refusal === undefined) return;
  const { code, args } = refusal;
  throw new DataError({ code, args, class: 'permanent', message: code });
}
