/**
 * Takes out of a table's definition what the target's table is to be created without: columns that are not copied, with
 * the keys and constraints that need them, and defaults that call a sequence of MariaDB, which is an object of its own.
 */
import type { Coded } from '../../core/model.ts';
import { maskQuoted, quotedNames, splitCreateTable } from './create-table.ts';
import { coded } from './errors.ts';
import type { MysqlNative } from './native.ts';

export type Trimmed = {
  /** With the columns and the definition that are left. */
  readonly native: MysqlNative;
  readonly warnings: readonly Coded[];
  readonly refusals: readonly Coded[];
};

export function trimDefinition(native: MysqlNative): Trimmed {
  const unit = native.table.name;
  const copied = new Set(native.copied.map((column) => column.name));
  const gone = new Set(
    native.table.columns.filter((column) => !column.generated && !copied.has(column.name)).map((column) => column.name),
  );
  const { name, definitions, options } = splitCreateTable(native.table.ddl);
  const calls = definitions.filter((each) => each.startsWith('`') && SEQUENCE_DEFAULT.test(maskQuoted(each)));
  if (gone.size === 0 && calls.length === 0) return { native, warnings: [], refusals: [] };

  const leftOut: string[] = [];
  const refusals: Coded[] = [];
  const needed = (text: string): string | undefined => quotedNames(text).find((each) => gone.has(each));
  const generated = new Set(native.table.columns.filter((column) => column.generated).map((column) => column.name));
  // What is computed from a column that is not there cannot be there either, nor what is computed from that.
  for (let before = -1; before < gone.size; ) {
    before = gone.size;
    for (const each of definitions) {
      const column = columnOf(each);
      if (column === null || gone.has(column) || !generated.has(column) || needed(each) === undefined) continue;
      gone.add(column);
      leftOut.push(column);
    }
  }
  const kept = definitions.flatMap((each) => {
    const column = columnOf(each);
    if (column !== null && gone.has(column)) return [];
    const missing = needed(each.slice(0, ownPart(each)));
    if (missing === undefined) return [each];
    if (column === null) leftOut.push(shown(each));
    else refusals.push(coded('mysql.plan.columnNeeded', { unit, column: missing, part: column }));
    return [];
  });
  const missing = needed(options);
  if (missing !== undefined) {
    refusals.push(coded('mysql.plan.columnNeeded', { unit, column: missing, part: 'PARTITION BY' }));
  }
  const warnings: Coded[] = [];
  if (leftOut.length > 0) warnings.push(coded('mysql.plan.keysLeftOut', { unit, keys: leftOut.join('; ') }));
  const plain = kept.map((each) => withoutSequence(each));
  const counted = calls.map((each) => columnOf(each) ?? '').filter((each) => !gone.has(each));
  if (counted.length > 0) {
    warnings.push(coded('mysql.plan.sequenceLeftOut', { unit, columns: counted.join(', ') }));
  }
  const columns = native.table.columns.filter((column) => !gone.has(column.name));
  const ddl = `CREATE TABLE ${name} (\n  ${plain.join(',\n  ')}\n)${options}`;
  return { native: { ...native, table: { ...native.table, columns, ddl } }, warnings, refusals };
}

/** `` DEFAULT nextval(`database`.`sequence`) `` and the like. */
const SEQUENCE_DEFAULT = / DEFAULT (?:\()?(?:nextval|lastval|setval)\([^)]*\)\)?/i;

function withoutSequence(definition: string): string {
  if (!definition.startsWith('`')) return definition;
  const found = SEQUENCE_DEFAULT.exec(maskQuoted(definition));
  if (found === null) return definition;
  return definition.slice(0, found.index) + definition.slice(found.index + found[0].length);
}

function columnOf(definition: string): string | null {
  return definition.startsWith('`') ? (quotedNames(definition)[0] ?? null) : null;
}

/** Where the columns of the table itself end: a foreign key names another table's behind them. */
function ownPart(definition: string): number {
  const references = maskQuoted(definition).indexOf(' REFERENCES ');
  return references < 0 ? definition.length : references;
}

function shown(definition: string): string {
  const line = definition.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
