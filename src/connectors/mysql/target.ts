/** Writes MySQL and MariaDB tables exactly as a source of the same engine read them. */
import type { MysqlConnection, UnitSettings } from '../../core/settings.ts';
import type { Scope, Target, UnitSchema } from '../contract.ts';
import { type CheckpointOf, forgetCheckpoint, makeCheckpointTable, readCheckpoints } from './checkpoint-table.ts';
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
} from './schema.ts';
import { openSessions, type Session, type Sessions, textRows } from './session.ts';
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
    return takingNeutralPages(targetOver(sessions, dialect, way), { dialect, find });
  } catch (error) {
    await sessions.close();
    throw fromDriver(error, connection);
  }
}

function targetOver(sessions: Sessions, dialect: Dialect, way: WriteWay, wait: Scope['wait'] = (turn) => turn): Target {
  const { server } = dialect;
  /** Tables as their preparation left them a moment ago: one question tells that they still are. */
  const justPrepared = new Map<string, MysqlTable>();
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
      sessions.use(async (session) => planTable(dialect, schema, await find(session, settings), settings)),
    way: (format) =>
      sessions.use(async (session) => {
        const relayed = format === 'mysql-rows' && session.can.packets;
        return coded(relayed ? WAYS[pathOver(session, way)] : 'mysql.plan.writesValues', {});
      }),
    prepare: (schema, settings) =>
      sessions.use(async (session) => {
        const { prepared, table } = await prepareTable(session, dialect, schema, settings);
        justPrepared.set(table.name, table);
        if (settings.checkpoint === 'target') await makeCheckpointTable(session);
        await forgetCheckpoint(session, checkpointOf(schema, settings));
        return prepared;
      }),
    empty: (_schema, settings) =>
      sessions.use(async (session) => {
        await emptyTable(session, storedName(server, settings.targetName));
      }),
    readCheckpoints: (schema, settings) =>
      sessions.use((session) => readCheckpoints(session, checkpointOf(schema, settings))),
    forgetCheckpoint: (schema, settings) =>
      sessions.use((session) => forgetCheckpoint(session, checkpointOf(schema, settings))),
    write: async (schema, options) => {
      const name = storedName(server, options.settings.targetName);
      const known = justPrepared.get(name);
      justPrepared.delete(name);
      const table = await sessions.use(async (session) =>
        known !== undefined && (await readsTheSame(session, known)) ? known : requireTable(session, server, name),
      );
      refuseDifferences(nativeOf(schema), table, options.settings, dialect);
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
    finish: async (schema, settings) => {
      const native = nativeOf(schema);
      const name = storedName(server, settings.targetName);
      if (!native.table.view)
        await addOwedIndexes(sessions, name, () => wholeDefinition(native, settings, dialect), wait);
      await sessions.use(async (session) => {
        await carryCounter(session, native, name);
        await forgetCheckpoint(session, checkpointOf(schema, settings));
      });
    },
    within: (scope) => targetOver(sessions.within(scope.signal), dialect, way, scope.wait),
    close: () => sessions.close(),
  };
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

/** AUTO_INCREMENT as in the source, when it is ahead of the rows that were copied. */
async function carryCounter(session: Session, native: MysqlNative, name: string): Promise<void> {
  const wanted = native.table.view ? null : autoIncrementOf(native.table.ddl);
  if (wanted === null) return;
  const present = autoIncrementOf(await showCreate(session, name)) ?? '1';
  if (BigInt(wanted) <= BigInt(present)) return;
  await session.run(`ALTER TABLE ${quoteName(name)} AUTO_INCREMENT = ${wanted}`).catch((error: unknown) => {
    // The rows are there; who may not alter tables keeps the counter behind the last of them.
    if (!isPermission(error)) throw error;
  });
}
