/** Compares an existing target table with what will be written into it: every difference is named. */
import type { Coded } from '../../core/model.ts';
import type { UnitSettings } from '../../core/settings.ts';
import { closing, maskQuoted, quotedNames, splitCreateTable } from './create-table.ts';
import { coded } from './errors.ts';
import { hasUniqueKey, otherUniqueKeys } from './key.ts';
import type { MysqlNative } from './native.ts';
import type { MysqlColumn, MysqlTable } from './schema.ts';

/** Why the table cannot take the rows exactly; empty when it can. */
export function differences(native: MysqlNative, target: MysqlTable, settings: UnitSettings): Coded[] {
  const table = target.name;
  if (target.view) return [coded('mysql.plan.targetIsView', { table })];
  const found: Coded[] = [];
  const keyColumns = new Set(target.indexes.filter((index) => index.unique).flatMap((index) => index.columns));
  const byName = new Map(target.columns.map((column) => [column.name, column]));
  for (const column of native.copied) {
    const other = byName.get(column.name);
    byName.delete(column.name);
    if (other === undefined) found.push(coded('mysql.plan.columnMissing', { table, column: column.name }));
    else {
      const [source, theirs] = [essence(column, keyColumns), essence(other, keyColumns)];
      // A target that also takes NULL is no difference for the values.
      const same = source === theirs || (other.nullable && source === theirs.replace(/ NULL$/, ' NOT NULL'));
      if (!same) found.push(coded('mysql.plan.columnDiffers', { table, column: column.name, source, target: theirs }));
    }
  }
  for (const computed of native.table.columns.filter((column) => column.generated)) {
    const other = byName.get(computed.name);
    byName.delete(computed.name);
    // Nothing is copied into it, and the target would not compute it.
    if (other === undefined || other.generated) continue;
    const [source, theirs] = [essence(computed, keyColumns), essence(other, keyColumns)];
    found.push(coded('mysql.plan.columnDiffers', { table, column: computed.name, source, target: theirs }));
  }
  for (const extra of byName.values()) {
    if (!extra.optional) found.push(coded('mysql.plan.columnNeedsValue', { table, column: extra.name }));
  }
  if (target.triggers.length > 0) {
    found.push(coded('mysql.plan.targetTriggers', { table, triggers: target.triggers.join(', ') }));
  }
  const key = native.key?.columns ?? [];
  const mergesRows = settings.write === 'upsert' || settings.write === 'replace';
  if (mergesRows && key.length > 0 && !hasUniqueKey(target, key)) {
    found.push(coded('mysql.plan.targetKey', { table, key: key.join(', ') }));
  }
  return found;
}

/** Columns that the target computes by another expression than the source, as far as the texts of one product tell. */
export function generatedOtherwise(native: MysqlNative, target: MysqlTable): readonly string[] {
  if (native.table.view || target.view) return [];
  const [ours, theirs] = [expressions(native.table), expressions(target)];
  return [...ours].filter(([name, text]) => theirs.has(name) && theirs.get(name) !== text).map(([name]) => name);
}

function expressions(table: MysqlTable): Map<string, string> {
  const generated = new Set(table.columns.filter((column) => column.generated).map((column) => column.name));
  const found = new Map<string, string>();
  for (const definition of generated.size === 0 ? [] : splitCreateTable(table.ddl).definitions) {
    const [name = ''] = quotedNames(definition);
    const at = / GENERATED ALWAYS AS \(/.exec(maskQuoted(definition));
    if (!definition.startsWith('`') || !generated.has(name) || at === null) continue;
    const open = at.index + at[0].length - 1;
    found.set(name, definition.slice(open, closing(maskQuoted(definition), open)));
  }
  return found;
}

/** Rows can collide on keys that are not the one the unit is copied by: such a row stops the copy. */
export function collisionWarnings(native: MysqlNative, target: MysqlTable, settings: UnitSettings): Coded[] {
  if (native.key === null || (settings.write !== 'upsert' && settings.write !== 'replace')) return [];
  return otherUniqueKeys(target, native.key.columns).map((index) =>
    coded('mysql.plan.otherUnique', { table: target.name, key: index.columns.join(', ') }),
  );
}

/** Everything about a column that decides which values it can hold, as one comparable text for messages. */
function essence(column: MysqlColumn, keyColumns: ReadonlySet<string>): string {
  const charset = column.charset === null ? '' : ` ${currentName(column.charset)}`;
  const collation =
    column.collation === null || !keyColumns.has(column.name) ? '' : ` ${currentName(column.collation)}`;
  const generated = column.generated ? ' generated' : '';
  return `${normalType(column)}${charset}${collation}${generated}${column.nullable ? ' NULL' : ' NOT NULL'}`;
}

/** `utf8` is the old name of `utf8mb3`. */
function currentName(name: string): string {
  return name === 'utf8' ? 'utf8mb3' : name.replace(/^utf8_/, 'utf8mb3_');
}

/** Newer MySQL servers leave out the display width, which holds no information without ZEROFILL. */
function normalType(column: MysqlColumn): string {
  const type = column.type
    .replace(/ ?\/\*.*?\*\//g, '')
    .replace(/^geometrycollection$/, 'geomcollection')
    .replace(/^year\(4\)$/, 'year');
  return column.dataType.endsWith('int') && !type.includes('zerofill') ? type.replace(/\(\d+\)/, '') : type;
}
