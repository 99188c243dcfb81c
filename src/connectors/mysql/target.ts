/** Writes MySQL and MariaDB tables exactly as a source of the same engine read them. */
import type { Coded, Prepared } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { MysqlConnection, UnitSettings } from '../../core/settings.ts';
import type { Target, TargetPlan, UnitSchema } from '../contract.ts';
import { type CheckpointOf, forgetCheckpoint, makeCheckpointTable, readCheckpoint } from './checkpoint-table.ts';
import { collisionWarnings, differences } from './compare.ts';
import { type AdaptedDdl, adaptDdl, autoIncrementOf, referencedTables } from './ddl.ts';
import { coded, fromDriver, mysqlError } from './errors.ts';
import { type MysqlNative, nativeOf } from './native.ts';
import { countStatement, type PageTable } from './pages.ts';
import { quoteName } from './quoting.ts';
import {
  type MysqlTable,
  readServer,
  readTable,
  requireTable,
  type ServerInfo,
  showCreate,
  storedName,
} from './schema.ts';
import { openSessions, type Session, type Sessions, textRows } from './session.ts';
import { openWriter } from './writer.ts';

/** Connects (rejects when that fails) and answers a target over the connection's database. */
export async function openMysqlTarget(connection: MysqlConnection, signal?: AbortSignal): Promise<Target> {
  const sessions = openSessions(connection);
  try {
    const server = await (signal === undefined ? sessions : sessions.within(signal)).use(readServer);
    return targetOver(sessions, server);
  } catch (error) {
    await sessions.close();
    throw fromDriver(error, connection);
  }
}

function targetOver(sessions: Sessions, server: ServerInfo): Target {
  const find = (session: Session, settings: UnitSettings): Promise<MysqlTable | undefined> =>
    readTable(session, server, settings.targetName);
  const checkpointOf = (schema: UnitSchema, settings: UnitSettings): CheckpointOf => ({
    table: storedName(server, settings.targetName),
    unit: schema.unit,
  });
  return {
    formats: ['mysql-text'],
    plan: (schema, settings) =>
      sessions.use(async (session) => planTable(server, schema, await find(session, settings), settings)),
    prepare: (schema, settings) =>
      sessions.use(async (session) => {
        const prepared = await prepareTable(session, server, schema, settings);
        if (settings.checkpoint === 'target') await makeCheckpointTable(session);
        await forgetCheckpoint(session, checkpointOf(schema, settings));
        return prepared;
      }),
    empty: (_schema, settings) =>
      sessions.use(async (session) => {
        await emptyTable(session, storedName(server, settings.targetName));
      }),
    readCheckpoint: (schema, settings) =>
      sessions.use((session) => readCheckpoint(session, checkpointOf(schema, settings))),
    forgetCheckpoint: (schema, settings) =>
      sessions.use((session) => forgetCheckpoint(session, checkpointOf(schema, settings))),
    write: async (schema, options) => {
      const table = await sessions.use((session) => requireTable(session, server, options.settings.targetName));
      refuseDifferences(nativeOf(schema), table, options.settings);
      return openWriter({ sessions, server, table }, schema, options);
    },
    count: (schema, settings, upTo) => sessions.use((session) => countRows(session, server, schema, settings, upTo)),
    finish: (schema, settings) =>
      sessions.use(async (session) => {
        await carryCounter(session, nativeOf(schema), storedName(server, settings.targetName));
        await forgetCheckpoint(session, checkpointOf(schema, settings));
      }),
    within: ({ signal }) => targetOver(sessions.within(signal), server),
    close: () => sessions.close(),
  };
}

function planTable(
  server: ServerInfo,
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
  if (native.server.identity === server.identity && storedName(server, table) === native.table.name) {
    const refusal = coded('mysql.plan.targetIsSource', { unit: schema.unit, table });
    return { create: null, warnings: [], refusals: [refusal] };
  }
  const creates =
    settings.createTarget === 'recreate' || (existing === undefined && settings.createTarget === 'missing');
  if (existing === undefined && !creates) {
    return { create: null, warnings: [], refusals: [coded('mysql.plan.targetMissing', { table })] };
  }
  return creates ? planCreation(native, existing, settings) : planExisting(native, existing as MysqlTable, settings);
}

function planCreation(native: MysqlNative, existing: MysqlTable | undefined, settings: UnitSettings): TargetPlan {
  const unit = native.table.name;
  const table = settings.targetName;
  if (existing?.view === true)
    return { create: null, warnings: [], refusals: [coded('mysql.plan.targetIsView', { table })] };
  if (native.table.view)
    return { create: null, warnings: [], refusals: [coded('mysql.plan.viewNeedsTable', { unit, table })] };
  const adapted = createStatements(native, settings);
  const warnings: Coded[] = [];
  if (existing !== undefined) warnings.push(coded('mysql.plan.willDrop', { table }));
  if (adapted.foreignKeysLeftOut > 0) {
    warnings.push(coded('mysql.plan.foreignKeysLeftOut', { unit, count: adapted.foreignKeysLeftOut }));
  }
  if (adapted.directoryLeftOut) warnings.push(coded('mysql.plan.directoryLeftOut', { unit }));
  warnings.push(...collisionWarnings(native, native.table, settings));
  return { create: [adapted.sql, ...adapted.after].join(';\n'), warnings, refusals: [] };
}

function planExisting(native: MysqlNative, existing: MysqlTable, settings: UnitSettings): TargetPlan {
  const warnings = [...collisionWarnings(native, existing, settings)];
  if (!existing.transactional && native.table.transactional) {
    warnings.push(coded('mysql.plan.notTransactional', { unit: existing.name, engine: existing.engine }));
  }
  if (emptiesFirst(native, settings)) warnings.push(coded('mysql.plan.willEmpty', { table: settings.targetName }));
  return {
    create: null,
    parents: referencedTables(existing.ddl),
    warnings,
    refusals: differences(native, existing, settings),
  };
}

/** Without a usable key no row can be overwritten: the target starts empty, except where rows are only added. */
function emptiesFirst(native: MysqlNative, settings: UnitSettings): boolean {
  return settings.write === 'truncate' || (native.key === null && settings.write !== 'insert');
}

async function prepareTable(
  session: Session,
  server: ServerInfo,
  schema: UnitSchema,
  settings: UnitSettings,
): Promise<Prepared> {
  const native = nativeOf(schema);
  const existing = await readTable(session, server, settings.targetName);
  const plan = planTable(server, schema, existing, settings);
  throwFirst(plan.refusals);
  const name = storedName(server, settings.targetName);
  if (plan.create !== null) {
    if (existing !== undefined) await session.run(`DROP TABLE ${quoteName(name)}`);
    await createTable(session, server, native, settings);
    return 'created';
  }
  const [row] = await textRows(session, `SELECT 1 FROM ${quoteName(name)} LIMIT 1`);
  if (row === undefined) return 'empty';
  if (!emptiesFirst(native, settings)) return 'rows';
  await emptyTable(session, name);
  return 'emptied';
}

/** The table as the source has it, and then the columns dropped that are not copied. */
function createStatements(
  native: MysqlNative,
  settings: UnitSettings,
): AdaptedDdl & { readonly after: readonly string[] } {
  const adapted = adaptDdl(native.table.ddl, native.table.name, settings.targetName);
  const copied = new Set(native.copied.map((column) => column.name));
  const dropped = native.table.columns.filter((column) => !column.generated && !copied.has(column.name));
  const drops = dropped.map((column) => `DROP COLUMN ${quoteName(column.name)}`).join(', ');
  return { ...adapted, after: drops === '' ? [] : [`ALTER TABLE ${quoteName(settings.targetName)} ${drops}`] };
}

async function createTable(
  session: Session,
  server: ServerInfo,
  native: MysqlNative,
  settings: UnitSettings,
): Promise<void> {
  const table = settings.targetName;
  const { sql, after } = createStatements(native, settings);
  try {
    for (const each of [sql, ...after]) await session.run(each);
  } catch (error) {
    if (!(error instanceof DataError) || error.error.code !== 'mysql.statementFailed') throw error;
    const detail = error.error.message;
    throw mysqlError('mysql.createFailed', { table, detail }, detail, error);
  }
  refuseDifferences(native, await requireTable(session, server, table), settings);
}

/** The table must still be what the plan saw: looked at again before the first row, also after a restart. */
function refuseDifferences(native: MysqlNative, table: MysqlTable, settings: UnitSettings): void {
  throwFirst(differences(native, table, settings));
}

function throwFirst(refusals: readonly Coded[]): void {
  const [first] = refusals;
  if (first === undefined) return;
  const words = Object.entries(first.args).map(([name, value]) => `${name} ${value}`);
  throw mysqlError(first.code as 'mysql.createFailed', first.args, `${first.code}: ${words.join(', ')}`);
}

async function emptyTable(session: Session, name: string): Promise<void> {
  try {
    await session.run(`TRUNCATE TABLE ${quoteName(name)}`);
  } catch (error) {
    // TRUNCATE needs the right to drop the table; deleting its rows does not.
    if (!isPermission(error)) throw error;
    await session.run(`DELETE FROM ${quoteName(name)}`);
  }
}

async function countRows(
  session: Session,
  server: ServerInfo,
  schema: UnitSchema,
  settings: UnitSettings,
  upTo: string | null,
): Promise<number> {
  const native = nativeOf(schema);
  const table: PageTable = { name: storedName(server, settings.targetName), columns: native.copied, key: native.key };
  const [row] = await textRows(session, countStatement(table, null, upTo));
  return Number(row?.[0]);
}

/** AUTO_INCREMENT as in the source, when it is ahead of the rows that were copied. */
async function carryCounter(session: Session, native: MysqlNative, name: string): Promise<void> {
  if (native.table.view) return;
  const wanted = autoIncrementOf(native.table.ddl);
  const present = autoIncrementOf(await showCreate(session, name)) ?? '1';
  if (wanted === null || BigInt(wanted) <= BigInt(present)) return;
  await session.run(`ALTER TABLE ${quoteName(name)} AUTO_INCREMENT = ${wanted}`).catch((error: unknown) => {
    // The rows are there; who may not alter tables keeps the counter behind the last of them.
    if (!isPermission(error)) throw error;
  });
}

function isPermission(error: unknown): boolean {
  return error instanceof DataError && error.error.code === 'mysql.permission';
}
