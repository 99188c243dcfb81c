/** What the source connector hands to a target of the same engine, besides the columns. Plain data. */
import type { UnitSettings } from '../../core/settings.ts';
import type { UnitSchema } from '../contract.ts';
import { mysqlError } from './errors.ts';
import type { ChosenKey } from './key.ts';
import type { PageTable } from './pages.ts';
import type { MysqlColumn, MysqlTable, ServerInfo } from './schema.ts';

export type MysqlNative = {
  readonly server: ServerInfo;
  readonly table: MysqlTable;
  /** The copied columns, in table order; the order of the cells of every page. */
  readonly copied: readonly MysqlColumn[];
  readonly key: ChosenKey | null;
  /** What the description was asked with, to ask again at the end of a copy. */
  readonly asked: Pick<UnitSettings, 'columns' | 'key'>;
};

export function nativeOf(schema: UnitSchema): MysqlNative {
  if (schema.engine === 'mysql') return schema.native as MysqlNative;
  throw mysqlError('mysql.badFormat', { format: schema.engine }, `A ${schema.engine} unit has no MySQL description.`);
}

export function pageTable(native: MysqlNative): PageTable {
  return { name: native.table.name, columns: native.copied, key: native.key };
}
