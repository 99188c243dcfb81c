/** Turns what the server says about a table into the schema the pipeline and the target work with. */
import { createHash } from 'node:crypto';
import type { Coded } from '../../core/model.ts';
import type { UnitSettings } from '../../core/settings.ts';
import type { UnitSchema } from '../contract.ts';
import { isChosen } from './column-choice.ts';
import { coded } from './errors.ts';
import { chooseKey } from './key.ts';
import type { MysqlNative } from './native.ts';
import { isKnownType, type MysqlColumn, type MysqlTable, type ServerInfo } from './schema.ts';

/** Engines that keep their rows themselves; others (federated, merge, connect) only point elsewhere. */
const ENGINES = new Set(['innodb', 'myisam', 'aria', 'memory', 'archive', 'csv', 'rocksdb', 'tokudb', 'ndbcluster']);

export function describeTable(
  server: ServerInfo,
  table: MysqlTable,
  settings: Pick<UnitSettings, 'columns' | 'key'>,
): UnitSchema {
  const unit = table.name;
  const copied = table.columns.filter((column) => !column.generated && isChosen(column.name, settings.columns));
  const choice = chooseKey(table, copied, settings.key);
  const warnings: Coded[] = [...choice.warnings];
  const refusals: Coded[] = [...choice.refusals];

  if (copied.length === 0) refusals.push(coded('mysql.plan.noColumns', { unit }));
  for (const column of copied) {
    const args = { unit, column: column.name, type: column.type };
    if (!isKnownType(column)) refusals.push(coded('mysql.plan.columnType', args));
    if (column.cell === 'json') warnings.push(coded('mysql.plan.jsonText', { unit, column: column.name }));
  }
  if (table.systemVersioned) refusals.push(coded('mysql.plan.systemVersioned', { unit }));
  if (!table.view && !ENGINES.has(table.engine.toLowerCase())) {
    refusals.push(coded('mysql.plan.engine', { unit, engine: table.engine }));
  } else if (!table.transactional) {
    warnings.push(coded('mysql.plan.notTransactional', { unit, engine: table.engine }));
  }
  if (table.triggers.length > 0) {
    warnings.push(coded('mysql.plan.triggersLeftOut', { unit, triggers: table.triggers.join(', ') }));
  }
  const asked = { columns: settings.columns, key: settings.key };
  const native: MysqlNative = { server, table, copied, key: choice.key, asked };
  return {
    engine: 'mysql',
    unit,
    columns: copied.map(({ name, type, nullable }) => ({ name, type, nullable })),
    key: choice.key?.columns ?? [],
    fingerprint: fingerprint(copied, choice.key?.columns ?? []),
    native,
    warnings,
    refusals,
  };
}

function fingerprint(columns: readonly MysqlColumn[], key: readonly string[]): string {
  const parts = columns.map(({ name, type, charset, collation }) => [name, type, charset, collation]);
  return createHash('sha256')
    .update(JSON.stringify([parts, key]))
    .digest('hex')
    .slice(0, 32);
}

/** The first difference between two descriptions of a unit, in words; null when a copy may go on. */
export function schemaChange(before: UnitSchema, after: UnitSchema): string | null {
  if (before.fingerprint === after.fingerprint) return null;
  const then = new Map(before.columns.map((column) => [column.name, column]));
  const now = new Map(after.columns.map((column) => [column.name, column]));
  for (const name of then.keys()) if (!now.has(name)) return `column ${name} was removed`;
  for (const name of now.keys()) if (!then.has(name)) return `column ${name} was added`;
  for (const [name, column] of then) {
    const type = now.get(name)?.type;
    if (type !== column.type) return `column ${name} was ${column.type} and is ${type}`;
  }
  if (before.key.join() !== after.key.join())
    return `the key was (${before.key.join(', ')}) and is (${after.key.join(', ')})`;
  return 'the order, character set or collation of its columns changed';
}
