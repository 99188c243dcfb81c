/** What has to be done to a target's table before rows are written into it: planned, compared, created, emptied. */
import type { Coded, Prepared } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { UnitSettings } from '../../core/settings.ts';
import type { TargetPlan, UnitSchema } from '../contract.ts';
import { isCheckpointTable } from './checkpoint-table.ts';
import { collisionWarnings, differences, generatedOtherwise } from './compare.ts';
import { type AdaptedDdl, adaptDdl, referencedTables } from './ddl.ts';
import { type Dialect, fitColumns, isOtherProduct } from './dialect.ts';
import { coded, mysqlError } from './errors.ts';
import { addingStatements, owesIndexes, shownName, splitIndexes } from './indexes.ts';
import { collationOf, comparedOtherwise } from './key.ts';
import { trimDefinition } from './left-out.ts';
import { type MysqlNative, nativeOf } from './native.ts';
import { quoteName } from './quoting.ts';
import { type MysqlColumn, type MysqlTable, readTable, type ServerInfo, storedName } from './schema.ts';
import { type Session, textRows } from './session.ts';
import { makeTable, presentNames } from './tables.ts';
import { jointly } from './together.ts';
import { translateDdl } from './translate.ts';

export function planTable(
  dialect: Dialect,
  schema: UnitSchema,
  existing: MysqlTable | undefined,
  settings: UnitSettings,
): TargetPlan {
  const table = settings.targetName;
  if (schema.engine !== 'mysql') {
    const refusal = coded('mysql.plan.otherEngine', { unit: schema.unit, table, engine: schema.engine });
    return { create: null, warnings: [], refusals: [refusal] };
  }
  const native = nativeOf(schema);
  const { server } = dialect;
  if (native.server.identity === server.identity && storedName(server, table) === native.table.name) {
    const refusal = coded('mysql.plan.targetIsSource', { unit: schema.unit, table });
    return { create: null, warnings: [], refusals: [refusal] };
  }
  if (isCheckpointTable(server, table)) {
    const refusal = coded('mysql.plan.checkpointTarget', { unit: schema.unit, table });
    return { create: null, warnings: [], refusals: [refusal] };
  }
  const creates =
    settings.createTarget === 'recreate' || (existing === undefined && settings.createTarget === 'missing');
  if (existing === undefined && !creates) {
    return { create: null, warnings: [], refusals: [coded('mysql.plan.targetMissing', { table })] };
  }
  return creates
    ? planCreation(native, existing, settings, dialect)
    : planExisting(native, existing as MysqlTable, settings, dialect);
}

function planCreation(
  native: MysqlNative,
  existing: MysqlTable | undefined,
  settings: UnitSettings,
  dialect: Dialect,
): TargetPlan {
  const unit = native.table.name;
  const table = settings.targetName;
  if (existing?.view === true)
    return { create: null, warnings: [], refusals: [coded('mysql.plan.targetIsView', { table })] };
  if (native.table.view)
    return { create: null, warnings: [], refusals: [coded('mysql.plan.viewNeedsTable', { unit, table })] };
  if (!isAllowedName(table))
    return { create: null, warnings: [], refusals: [coded('mysql.plan.nameNotAllowed', { unit, table })] };
  const adapted = wholeCreation(native, settings, dialect);
  const warnings: Coded[] = [...adapted.warnings];
  if (existing !== undefined) warnings.push(coded('mysql.plan.willDrop', { table }));
  if (adapted.foreignKeysLeftOut > 0) {
    warnings.push(coded('mysql.plan.foreignKeysLeftOut', { unit, count: adapted.foreignKeysLeftOut }));
  }
  if (adapted.directoryLeftOut) warnings.push(coded('mysql.plan.directoryLeftOut', { unit }));
  warnings.push(...collisionWarnings(native, native.table, settings));
  if (adapted.refusals.length > 0) return { create: null, warnings, refusals: adapted.refusals };
  if (!settings.indexesAfter) return { create: adapted.sql, warnings, refusals: [] };
  const { create, later } = splitIndexes(adapted.sql);
  if (later.length === 0) return { create, warnings, refusals: [] };
  warnings.push(indexesWarning(table, later));
  const sql = [create, ...addingStatements(create, adapted.sql, table)].join(';\n');
  return { create: sql, warnings, refusals: [] };
}

function indexesWarning(table: string, later: readonly string[]): Coded {
  return coded('mysql.plan.indexesAfter', { table, keys: later.map(shownName).join(', ') });
}

/** As {@link findTarget}; all that are looked for in the same breath are one question, where there are several. */
export const findJointly = jointly<Sought, MysqlTable | undefined>(async (session, sought) => {
  const some =
    sought.length < FEW
      ? null
      : await presentNames(
          session,
          sought.map(({ server, settings }) => storedName(server, settings.targetName)),
        );
  return sought.map(({ server, settings }) => async () => {
    if (some !== null && !some(storedName(server, settings.targetName))) return undefined;
    return findTarget(session, server, settings);
  });
});

type Sought = { readonly server: ServerInfo; readonly settings: UnitSettings };
/** So few tables are looked for one by one. */
const FEW = 4;

/** The table that a unit goes into, if it is there. */
export async function findTarget(
  session: Session,
  server: ServerInfo,
  { targetName }: UnitSettings,
): Promise<MysqlTable | undefined> {
  return isAllowedName(targetName) ? readTable(session, server, targetName) : undefined;
}

/** Names are kept in the part of Unicode that needs no surrogates. */
function isAllowedName(name: string): boolean {
  return name !== '' && name.length <= 64 && !/[\ud800-\udfff\0]/.test(name) && !name.endsWith(' ');
}

function planExisting(native: MysqlNative, existing: MysqlTable, settings: UnitSettings, dialect: Dialect): TargetPlan {
  const fit = fitColumns(native, dialect, settings);
  const warnings = [...fit.warnings, ...collisionWarnings(native, existing, settings)];
  if (!existing.transactional && native.table.transactional) {
    warnings.push(coded('mysql.plan.notTransactional', { unit: existing.name, engine: existing.engine }));
  }
  const otherwise = isOtherProduct(native, dialect) ? [] : generatedOtherwise(native, existing);
  if (otherwise.length > 0) {
    warnings.push(coded('mysql.plan.generatedDiffers', { table: existing.name, columns: otherwise.join(', ') }));
  }
  if (!native.table.view && owesIndexes(existing.ddl)) {
    const { later } = splitIndexes(wholeDefinition(native, settings, dialect));
    warnings.push(indexesWarning(existing.name, later));
  }
  if (emptiesFirst(native, settings)) warnings.push(coded('mysql.plan.willEmpty', { table: settings.targetName }));
  return {
    create: null,
    parents: referencedTables(existing.ddl),
    warnings,
    refusals: [...fit.refusals, ...existingRefusals(asInTarget(native, fit.columns), existing, settings)],
  };
}

function existingRefusals(native: MysqlNative, existing: MysqlTable, settings: UnitSettings): readonly Coded[] {
  const different = differences(native, existing, settings);
  if (different.length > 0 || settings.verify !== 'checksum') return different;
  // Chunks are ranges of the key, which are other rows there.
  return comparedOtherwise(existing, native.copied, native.key?.columns ?? []).map((column) =>
    coded('mysql.plan.keyCollation', {
      unit: native.table.name,
      column,
      source: collationOf(native.copied, column) ?? '',
      target: collationOf(existing.columns, column) ?? '',
    }),
  );
}

/** Rows without a usable key can neither be overwritten nor told from those of an earlier attempt: the target starts empty. */
function emptiesFirst(native: MysqlNative, settings: UnitSettings): boolean {
  return settings.write === 'truncate' || native.key === null;
}

type PreparedTable = { readonly prepared: Prepared; readonly table: MysqlTable };

/**
 * Creates, recreates, empties or just inspects the table. Throws the first refusal of the plan.
 * @param wasAbsent when it was last looked for: it is made without looking again, which the server refuses where it is there
 */
export async function prepareTable(
  session: Session,
  dialect: Dialect,
  schema: UnitSchema,
  settings: UnitSettings,
  wasAbsent: boolean,
): Promise<PreparedTable> {
  const planned = wasAbsent ? planTable(dialect, schema, undefined, settings) : null;
  if (planned === null || planned.create === null)
    return prepareFound(session, dialect, schema, settings, await findTarget(session, dialect.server, settings));
  try {
    const wanted = { native: nativeOf(schema), settings, whole: planned.create };
    return { prepared: 'created', table: await createTable(session, dialect, wanted) };
  } catch (error) {
    if (!wasRefused(error) && !isPermission(error)) throw error;
    const found = await findTarget(session, dialect.server, settings);
    if (found === undefined) throw error;
    // Somebody else made it.
    return prepareFound(session, dialect, schema, settings, found);
  }
}

async function prepareFound(
  session: Session,
  dialect: Dialect,
  schema: UnitSchema,
  settings: UnitSettings,
  existing: MysqlTable | undefined,
): Promise<PreparedTable> {
  const { server } = dialect;
  const native = nativeOf(schema);
  const plan = planTable(dialect, schema, existing, settings);
  throwFirst(plan.refusals);
  const name = storedName(server, settings.targetName);
  if (plan.create !== null) {
    if (existing !== undefined) await session.run(`DROP TABLE ${quoteName(name)}`);
    return {
      prepared: 'created',
      table: await createTable(session, dialect, { native, settings, whole: plan.create }),
    };
  }
  const table = existing as MysqlTable;
  const [row] = await textRows(session, `SELECT 1 FROM ${quoteName(name)} LIMIT 1`);
  if (row === undefined) return { prepared: 'empty', table };
  if (!emptiesFirst(native, settings)) return { prepared: 'rows', table };
  await emptyTable(session, name);
  return { prepared: 'emptied', table };
}

type Creation = AdaptedDdl & {
  readonly warnings: readonly Coded[];
  readonly refusals: readonly Coded[];
};

/** The table as the source has it, as far as the target can, without the columns that are not copied. */
function wholeCreation(native: MysqlNative, settings: UnitSettings, dialect: Dialect): Creation {
  const trimmed = trimDefinition(native);
  const fit = fitColumns(trimmed.native, dialect, settings);
  const translated = translateDdl(trimmed.native, fit.columns, dialect);
  const renaming = { source: native.table.name, target: settings.targetName, names: settings.names };
  return {
    ...adaptDdl(translated.ddl, renaming, dialect.server.flavour),
    warnings: [...trimmed.warnings, ...fit.warnings, ...translated.warnings],
    refusals: [...trimmed.refusals, ...fit.refusals, ...translated.refusals],
  };
}

/** The definition that a table has when its copy is complete. */
export function wholeDefinition(native: MysqlNative, settings: UnitSettings, dialect: Dialect): string {
  return wholeCreation(native, settings, dialect).sql;
}

/** What is copied, with the columns as the target has them. */
function asInTarget(native: MysqlNative, columns: readonly MysqlColumn[]): MysqlNative {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return { ...native, copied: native.copied.map((column) => byName.get(column.name) ?? column) };
}

/** A table that is to be made, and the plan's statement for it with all its keys. */
type Wanted = { readonly native: MysqlNative; readonly settings: UnitSettings; readonly whole: string };

async function createTable(
  session: Session,
  dialect: Dialect,
  { native, settings, whole }: Wanted,
): Promise<MysqlTable> {
  const table = settings.targetName;
  const sql = settings.indexesAfter ? splitIndexes(wholeDefinition(native, settings, dialect)).create : whole;
  let created: MysqlTable;
  try {
    const model = native.server.version === dialect.server.version && !native.table.view ? native.table : null;
    created = await makeTable(session, dialect.server, table, sql, model);
  } catch (error) {
    if (!(error instanceof DataError) || error.error.code !== 'mysql.statementFailed') throw error;
    const detail = error.error.message;
    throw mysqlError('mysql.createFailed', { table, detail }, detail, error);
  }
  refuseDifferences(native, created, settings, dialect);
  return created;
}

function wasRefused(error: unknown): boolean {
  return error instanceof DataError && error.error.code === 'mysql.createFailed';
}

/** The table must still be what the plan saw: looked at again before the first row, also after a restart. */
export function refuseDifferences(
  native: MysqlNative,
  table: MysqlTable,
  settings: UnitSettings,
  dialect: Dialect,
): void {
  const { columns } = fitColumns(native, dialect, settings);
  throwFirst(differences(asInTarget(native, columns), table, settings));
}

function throwFirst(refusals: readonly Coded[]): void {
  const [first] = refusals;
  if (first === undefined) return;
  const words = Object.entries(first.args).map(([name, value]) => `${name} ${value}`);
  throw mysqlError(first.code as 'mysql.createFailed', first.args, `${first.code}: ${words.join(', ')}`);
}

export async function emptyTable(session: Session, name: string): Promise<void> {
  try {
    await session.run(`TRUNCATE TABLE ${quoteName(name)}`);
  } catch (error) {
    // TRUNCATE needs the right to drop the table; deleting its rows does not.
    if (!isPermission(error)) throw error;
    await session.run(`DELETE FROM ${quoteName(name)}`);
  }
}

export function isPermission(error: unknown): boolean {
  return error instanceof DataError && error.error.code === 'mysql.permission';
}
