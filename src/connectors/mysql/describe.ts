/** Turns what the server says about a table into the schema the pipeline and the target work with. */
import { createHash } from 'node:crypto';
import type { Coded } from '../../core/model.ts';
import type { UnitSettings } from '../../core/settings.ts';
import { selectColumns, unknownColumns } from '../../core/unit-selection.ts';
import type { UnitSchema } from '../contract.ts';
import { referencedTables } from './ddl.ts';
import { coded } from './errors.ts';
import { chooseKey } from './key.ts';
import { type MysqlNative, nativeOf } from './native.ts';
import { isKnownType, type MysqlColumn, type MysqlTable, type ServerInfo } from './schema.ts';

/** Engines that keep their rows themselves; others (federated, merge, connect) only point elsewhere. */
const ENGINES = new Set(['innodb', 'myisam', 'aria', 'memory', 'archive', 'csv', 'rocksdb', 'tokudb', 'ndbcluster']);

export function describeTable(
  server: ServerInfo,
  table: MysqlTable,
  settings: Pick<UnitSettings, 'columns' | 'key'>,
): UnitSchema {
  const unit = table.name;
  const names = table.columns.map((column) => column.name);
  const chosen = new Set(selectColumns(names, settings.columns));
  const copied = table.columns.filter((column) => !column.generated && chosen.has(column.name));
  const choice = chooseKey(table, copied, settings.key);
  const warnings: Coded[] = [...choice.warnings];
  const refusals: Coded[] = [...choice.refusals];

  for (const column of unknownColumns(names, settings.columns))
    refusals.push(coded('mysql.plan.noSuchColumn', { unit, column }));
  if (copied.length === 0) refusals.push(coded('mysql.plan.noColumns', { unit }));
  const lacksCast = server.flavour === 'mysql' && server.number < 80_017;
  for (const column of copied) {
    const args = { unit, column: column.name, type: column.type };
    if (!isKnownType(column) || (column.asDouble && lacksCast)) refusals.push(coded('mysql.plan.columnType', args));
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
    parents: referencedTables(table.ddl),
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

/**
 * The first difference that matters to a copy under way, written like a diff so that it reads in every language
 * (`+ column type`, `- column type`, `column type → type`, `KEY (a) → (b)`); null when the copy may go on.
 */
export function schemaChange(before: UnitSchema, after: UnitSchema): string | null {
  const then = new Map(nativeOf(before).copied.map((column) => [column.name, typeText(column)]));
  const now = new Map(nativeOf(after).copied.map((column) => [column.name, typeText(column)]));
  for (const [name, type] of then) {
    const present = now.get(name);
    if (present === undefined) return `- ${name} ${type}`;
    if (present !== type) return `${name} ${type} → ${present}`;
  }
  for (const [name, type] of now) if (!then.has(name)) return `+ ${name} ${type}`;
  const [old, fresh] = [before.key.join(', '), after.key.join(', ')];
  return old === fresh ? null : `KEY (${old}) → (${fresh})`;
}

function typeText({ type, charset, collation }: MysqlColumn): string {
  return [type, charset, collation].filter((each) => each !== null).join(' ');
}
