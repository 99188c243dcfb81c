/** Writes MySQL and MariaDB tables exactly as a source of the same engine read them. */
import type { MysqlConnection, UnitSettings } from '../../core/settings.ts';
import type { Scope, Target, UnitSchema } from '../contract.ts';
import {
  type CheckpointOf,
  columnsOfTable,
  forgetCheckpoint,
  makeCheckpointTable,
  readCheckpoints,
} from './checkpoint-table.ts';
import { autoIncrementOf } from './ddl.ts';
import { type Dialect, fitColumns, readDialect } from './dialect.ts';
import { coded, fromDriver, isRowError } from './errors.ts';
import { addOwedIndexes } from './indexes.ts';
import { collationOf, comparedOtherwise } from './key.ts';
import { type MysqlNative, nativeOf } from './native.ts';
import { takingNeutralPages } from './neutral-target.ts';
import { countStatement, type PageTable } from './pages.ts';
import {
  emptyTable,
  findJointly,
  findTarget,
  isPermission,
  planTable,
  prepareTable,
  refuseDifferences,
  wholeDefinition,
} from './preparation.ts';
import { quoteName } from './quoting.ts';
import { pathOver, type WriteWay } from './relay.ts';
import { openRowSums } from './row-sums.ts';
import {
  type MysqlTable,
  readServer,
  readsTheSame,
  requireTable,
  type ServerInfo,
  showCreate,
  storedName,
  triggersOfTable,
} from './schema.ts';
import { openSessions, type Session, type Sessions, textRows } from './session.ts';
import { openMysqlSource } from './source.ts';
import { oneForAll } from './together.ts';
import { openWriter } from './writer.ts';

/**
 * Connects (rejects when that fails) and answers a target over the connection's database.
 * @param way of writing
 */
export async function openMysqlTarget(
  connection: MysqlConnection,
  way: WriteWay,
  signal?: AbortSignal,
): Promise<Target> {
  const sessions = openSessions(connection);
  try {
    const scope = signal === undefined ? sessions : sessions.within(signal);
    const dialect = await scope.use(async (session) => readDialect(session, await readServer(session)));
    const find = (settings: UnitSettings) => sessions.use((session) => findTarget(session, dialect.server, settings));
    const read = (within: AbortSignal | undefined) => openMysqlSource(connection, ['mysql-text'], within);
    return takingNeutralPages(targetOver(sessions, dialect, way), { dialect, find, read });
  } catch (error) {
    await sessions.close();
    throw fromDriver(error, connection);
  }
}

function targetOver(sessions: Sessions, dialect: Dialect, way: WriteWay, wait: Scope['wait'] = (turn) => turn): Target {
  const { server } = dialect;
  const planning = oneForAll(sessions);
  const preparations = new Map<string, Preparation>();
  const find = (session: Session, settings: UnitSettings): Promise<MysqlTable | undefined> =>
    findTarget(session, server, settings);
  const ordersOtherwise = async (session: Session, schema: UnitSchema, settings: UnitSettings): Promise<boolean> => {
    const native = nativeOf(schema);
    const { columns, keyOrderDiffers } = fitColumns(native, dialect, settings);
    const key = native.key?.columns ?? [];
    if (keyOrderDiffers || key.every((name) => collationOf(columns, name) === null)) return keyOrderDiffers;
    const table = await find(session, settings);
    return table !== undefined && comparedOtherwise(table, columns, key).length > 0;
  };
  const checkpointOf = (schema: UnitSchema, settings: UnitSettings): CheckpointOf => ({
    table: storedName(server, settings.targetName),
    unit: schema.unit,
  });
  return {
    formats: ['mysql-rows', 'mysql-text'],
    foldsNames: server.nameCase !== 0,
    takesLanes: true,
    findsOpenBatch: true,
    takesMore: true,
    isRowError,
    plan: (schema, settings) =>
      planning(async (session) => {
        const existing = await findJointly(session, { server, settings });
        absentOn(server)[existing === undefined ? 'add' : 'delete'](storedName(server, settings.targetName));
        return planTable(dialect, schema, existing, settings);
      }),
    way: (format) =>
      sessions.use(async (session) => {
        const relayed = format === 'mysql-rows' && session.can.packets;
        return coded(relayed ? WAYS[pathOver(session, way)] : 'mysql.plan.writesValues', {});
      }),
    prepare: (schema, settings) =>
      sessions.use(async (session) => {
        // In the same breath.
        const wasAbsent = absentOn(server).delete(storedName(server, settings.targetName));
        const preparing = prepareTable(session, dialect, schema, settings, wasAbsent);
        const [{ prepared, table }, columns] = await Promise.all([preparing, columnsOfTable(session)]);
        const made = prepared === 'created' ? { at: performance.now(), whole: !settings.indexesAfter } : null;
        const kept = settings.checkpoint === 'target';
        if (kept) await makeCheckpointTable(session, columns);
        await forgetCheckpoint(session, checkpointOf(schema, settings), columns);
        preparations.set(table.name, { table, made, forgotten: kept ? null : schema.unit });
        return prepared;
      }),
    empty: (_schema, settings) =>
      sessions.use(async (session) => {
        await emptyTable(session, storedName(server, settings.targetName));
      }),
    readCheckpoints: (schema, settings) =>
      sessions.use((session) => readCheckpoints(session, checkpointOf(schema, settings))),
    forgetCheckpoint: (schema, settings) =>
      sessions.use(async (session) => {
        const columns = await columnsOfTable(session);
        if (settings.checkpoint === 'target') await makeCheckpointTable(session, columns);
        await forgetCheckpoint(session, checkpointOf(schema, settings), columns);
      }),
    write: async (schema, options) => {
      const name = storedName(server, options.settings.targetName);
      const known = preparations.get(name);
      const look = async (session: Session): Promise<MysqlTable> =>
        known !== undefined && (await readsTheSame(session, known.table))
          ? known.table
          : requireTable(session, server, name);
      const justMade = isJustMade(known);
      const table = justMade ? known.table : await sessions.use(look);
      // What was just made was compared then.
      if (!justMade) refuseDifferences(nativeOf(schema), table, options.settings, dialect);
      return openWriter({ sessions, server, table, way }, schema, options);
    },
    count: (schema, settings, upTo) =>
      sessions.use(async (session) => {
        // A bound of another order means nothing; all rows are at least those up to it.
        const bound = upTo !== null && (await ordersOtherwise(session, schema, settings)) ? null : upTo;
        return countRows(session, server, schema, settings, bound);
      }),
    sums: (schema, settings) => {
      const { meanRowBytes } = nativeOf(schema).table;
      const table = targetTable(server, schema, settings);
      return openRowSums({ table, index: null, meanRowBytes, where: null }, (ask) => sessions.use(ask));
    },
    touchedBy: async (settings) => {
      const name = storedName(server, settings.targetName);
      if (isJustMade(preparations.get(name))) return null;
      const triggers = await sessions.use((session) => triggersOfTable(session, name));
      const code = 'mysql.plan.triggersMeanwhile';
      return triggers.length === 0 ? null : coded(code, { table: name, triggers: triggers.join(', ') });
    },
    finish: async (schema, settings) => {
      const native = nativeOf(schema);
      const name = storedName(server, settings.targetName);
      const preparation = preparations.get(name);
      preparations.delete(name);
      if (!native.table.view && preparation?.made?.whole !== true)
        await addOwedIndexes(sessions, name, () => wholeDefinition(native, settings, dialect), wait);
      // Nothing has written one since it was forgotten.
      const forgotten = settings.checkpoint === 'store' && preparation?.forgotten === schema.unit;
      const counts = wantedCounter(native) !== null;
      if (!counts && forgotten) return;
      await sessions.use(async (session) => {
        if (counts) await carryCounter(session, native, name);
        if (!forgotten) await forgetCheckpoint(session, checkpointOf(schema, settings));
      });
    },
    within: (scope) => targetOver(sessions.within(scope.signal), dialect, way, scope.wait),
    close: () => sessions.close(),
  };
}

/** A table that was made so short a time ago, ms, is what its definition said when it was made. */
const SAME_BREATH_MS = 1_000;

/** Tables that were not there when they were last looked for, by the server as one target knows it. */
const absent = new WeakMap<ServerInfo, Set<string>>();

function absentOn(server: ServerInfo): Set<string> {
  const names = absent.get(server) ?? new Set<string>();
  absent.set(server, names);
  return names;
}

/** What is known of a table since it was prepared in this scope. */
type Preparation = {
  readonly table: MysqlTable;
  /** Made here: when (ms, monotonic), and whether with all its keys. */
  readonly made: { readonly at: number; readonly whole: boolean } | null;
  /** The unit whose checkpoints were removed, where none is written. */
  readonly forgotten: string | null;
};

function isJustMade(preparation: Preparation | undefined): preparation is Preparation {
  return (preparation?.made?.at ?? Number.NEGATIVE_INFINITY) > performance.now() - SAME_BREATH_MS;
}

const WAYS = {
  bulk: 'mysql.plan.writesBulk',
  prepared: 'mysql.plan.writesPrepared',
  text: 'mysql.plan.writesText',
} as const;

async function countRows(
  session: Session,
  server: ServerInfo,
  schema: UnitSchema,
  settings: UnitSettings,
  upTo: string | null,
): Promise<number> {
  const [row] = await textRows(session, countStatement(targetTable(server, schema, settings), null, upTo));
  return Number(row?.[0]);
}

/** The target's table with the source's columns and key. */
function targetTable(server: ServerInfo, schema: UnitSchema, settings: UnitSettings): PageTable {
  const { copied, key } = nativeOf(schema);
  return { name: storedName(server, settings.targetName), columns: copied, key };
}

/** The source's AUTO_INCREMENT; null = it has none. */
function wantedCounter({ table }: MysqlNative): string | null {
  return table.view ? null : autoIncrementOf(table.ddl);
}

/** AUTO_INCREMENT as in the source, when it is ahead of the rows that were copied. */
async function carryCounter(session: Session, native: MysqlNative, name: string): Promise<void> {
  const wanted = wantedCounter(native);
  if (wanted === null) return;
  const present = autoIncrementOf(await showCreate(session, name)) ?? '1';
  if (BigInt(wanted) <= BigInt(present)) return;
  await session.run(`ALTER TABLE ${quoteName(name)} AUTO_INCREMENT = ${wanted}`).catch((error: unknown) => {
    // The rows are there; who may not alter tables keeps the counter behind the last of them.
    if (!isPermission(error)) throw error;
  });
}
