/** Reads MySQL and MariaDB tables exactly: bytes in key order, compared by the server. */
import { DataError } from '../../core/ports.ts';
import type { MysqlConnection, UnitSettings } from '../../core/settings.ts';
import { conditionFlaw, MYSQL_CONDITION } from '../condition.ts';
import type { Cursor, Extent, ListedUnit, PageData, Source, UnitSchema } from '../contract.ts';
import { beginKnown, readerOfBeginning } from './beginning.ts';
import { CHECKPOINT_TABLE } from './checkpoint-table.ts';
import { describeTable, schemaChange } from './describe.ts';
import { coded, fromDriver, mysqlError } from './errors.ts';
import { noteSize, requireKnownTable } from './known-tables.ts';
import { findBorders, mayDivide } from './lanes.ts';
import { type MysqlNative, nativeOf, pageTable } from './native.ts';
import { withNeutralPages } from './neutral-source.ts';
import { openPageReader } from './page-reader.ts';
import { countStatement, cursorOf, extentOf, extentStatement, lastKeyStatement } from './pages.ts';
import { openRowSums } from './row-sums.ts';
import { readServer, readsTheSame, type ServerInfo } from './schema.ts';
import { openSessions, type Session, type Sessions, textRows } from './session.ts';
import { openSnapshot } from './snapshot.ts';
import { oneForAll } from './together.ts';

/**
 * Connects (rejects when that fails) and answers a source over the connection's database.
 * @param forms of the pages, best first
 */
export async function openMysqlSource(
  connection: MysqlConnection,
  forms: readonly PageData['format'][],
  signal?: AbortSignal,
): Promise<Source> {
  const sessions = openSessions(connection);
  try {
    return await (signal === undefined ? sessions : sessions.within(signal)).use(async (session) => {
      const server = await readServer(session);
      const formats = forms.filter((form) => form !== 'mysql-rows' || session.can.packets);
      return withNeutralPages(sourceOver(sessions, server, formats));
    });
  } catch (error) {
    await sessions.close();
    throw fromDriver(error, connection);
  }
}

/** @param live sessions where `sessions` is a snapshot: what is asked between two rows of it */
function sourceOver(
  sessions: Sessions,
  server: ServerInfo,
  formats: Source['formats'],
  live: Sessions = sessions,
): Source {
  const describe = async (session: Session, unit: string, asked: MysqlNative['asked']): Promise<UnitSchema> =>
    describeTable(server, await requireKnownTable(session, server, unit), asked);
  const asking = <T>(schema: UnitSchema, where: string | null, ask: (session: Session) => Promise<T>): Promise<T> =>
    sessions.use(ask).catch((error: unknown) => {
      throw explain(error, sessions.connection, { unit: schema.unit, where });
    });
  const count = async (session: Session, schema: UnitSchema, where: string | null, upTo: Cursor | null) => {
    const [row] = await textRows(session, countStatement(pageTable(nativeOf(schema)), where, upTo));
    return Number(row?.[0]);
  };
  const checkUnchanged = async (session: Session, schema: UnitSchema): Promise<void> => {
    if (await readsTheSame(session, nativeOf(schema).table)) return;
    const change = schemaChange(schema, await describe(session, schema.unit, nativeOf(schema).asked));
    if (change !== null) throw changed(schema.unit, change);
  };
  const describing = oneForAll(sessions);
  return {
    formats,
    listUnits: async () => {
      const units = await sessions.use(listUnits);
      noteSize(server, units.length);
      return units;
    },
    describesAtOnce: DESCRIBED_AT_ONCE,
    describe: (unit, settings) =>
      describing(async (session) => forCopy(await describe(session, unit, settings), settings)),
    begin: async (unit, settings, format) => {
      const known = await sessions
        .use((session) => beginKnown(session, server, unit, settings, format))
        .catch(unlessTooLarge);
      if (known !== null) return { ...known, schema: forCopy(known.schema, settings) };
      const schema = await sessions.use((session) => describe(session, unit, settings));
      return { schema: forCopy(schema, settings), extent: null };
    },
    upperBound: (schema, where) => asking(schema, where, (session) => upperBound(session, schema, where)),
    count: (schema, where, upTo) => asking(schema, where, (session) => count(session, schema, where, upTo)),
    extent: (schema, where) => asking(schema, where, (session) => extent(session, schema, where)),
    confirm: (schema, where, upTo) =>
      asking(schema, where, async (session) => {
        // In the same breath; a change says more than the error that it leads to.
        const [checked, rows] = await Promise.allSettled([
          checkUnchanged(session, schema),
          count(session, schema, where, upTo),
        ]);
        if (checked.status === 'rejected') throw checked.reason;
        if (rows.status === 'rejected') throw rows.reason;
        return rows.value;
      }),
    read: async (schema, options) => {
      const check = (session: Session): Promise<void> => checkUnchanged(session, schema);
      const begun = readerOfBeginning(schema, options, () => asking(schema, options.where, check));
      if (begun !== null) return begun;
      return openPageReader(sessions, schema, options, {
        checkUnchanged: check,
        checkMeanwhile: () => live.use(check),
        changed: () => changed(schema.unit, '≠'),
        explain: (error) => explain(error, sessions.connection, { unit: schema.unit, where: options.where }),
      });
    },
    borders: (schema, whole) => {
      const native = nativeOf(schema);
      const of = { table: pageTable(native), meanRowBytes: native.table.meanRowBytes };
      return asking(schema, whole.where, (session) => findBorders(session, of, whole));
    },
    divides: (schema, rows) => {
      const native = nativeOf(schema);
      return mayDivide({ table: pageTable(native), meanRowBytes: native.table.meanRowBytes }, rows);
    },
    sums: (schema, where) => {
      const native = nativeOf(schema);
      const { meanRowBytes } = native.table;
      const table = pageTable(native);
      return openRowSums({ table, index: native.key?.index ?? null, meanRowBytes, where }, (ask) =>
        asking(schema, where, ask),
      );
    },
    snapshot: async ({ signal }) => {
      const beside = live.within(signal);
      return sourceOver(await openSnapshot(beside), server, formats, beside);
    },
    within: ({ signal }) => {
      const scoped = sessions.within(signal);
      return sourceOver(scoped, server, formats, live === sessions ? scoped : live.within(signal));
    },
    close: () => sessions.close(),
  };
}

/** The estimate was wrong by far: the rows are read page by page. */
function unlessTooLarge(error: unknown): null {
  if (error instanceof DataError && error.error.code === 'mysql.answerTooLarge') return null;
  throw error;
}

/** The answers about so many are small, also where tables have as many columns as they can. */
const DESCRIBED_AT_ONCE = 64;

function forCopy(schema: UnitSchema, settings: UnitSettings): UnitSchema {
  const { table } = nativeOf(schema);
  const flaw = conditionFlaw(settings.where ?? '', MYSQL_CONDITION, schema.unit);
  const refusals = flaw === null ? [...schema.refusals] : [...schema.refusals, flaw];
  if (settings.snapshot && !table.transactional) {
    refusals.push(coded('mysql.plan.snapshotEngine', { unit: schema.unit, engine: table.engine }));
  }
  return { ...schema, refusals, ...(table.meanRowBytes > 0 ? { rowBytes: table.meanRowBytes } : {}) };
}

async function listUnits(session: Session): Promise<ListedUnit[]> {
  const rows = await textRows(
    session,
    'SELECT TABLE_NAME, TABLE_TYPE, TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ' +
      "AND TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')",
    'definitions',
  );
  return rows
    .map(([name, type, count]) => ({
      name: name ?? '',
      type: 'table' as const,
      view: type === 'VIEW',
      rows: count === null || count === undefined ? null : Number(count),
      ...(name === CHECKPOINT_TABLE ? { leftOut: coded('mysql.plan.checkpointTable', { unit: name }) } : {}),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function upperBound(session: Session, schema: UnitSchema, where: string | null): Promise<Cursor | null> {
  const table = pageTable(nativeOf(schema));
  if (table.key === null) return null;
  const { rows } = await session.rows(lastKeyStatement(table, where));
  return rows[0] === undefined ? null : cursorOf(rows[0]);
}

async function extent(session: Session, schema: UnitSchema, where: string | null): Promise<Extent> {
  const table = pageTable(nativeOf(schema));
  return extentOf(table, (await session.rows(extentStatement(table, where))).rows);
}

function changed(unit: string, change: string): Error {
  return mysqlError('mysql.schemaChanged', { unit, change }, `Table ${unit} changed during the copy: ${change}`);
}

/** Errors of a page that mean more than the server's words: a column gone, a wrong condition. */
function explain(
  error: unknown,
  connection: MysqlConnection,
  { unit, where }: { readonly unit: string; readonly where: string | null },
): Error {
  const ours = fromDriver(error, connection, unit);
  if (ours.error.code === 'mysql.unitMissing') {
    return mysqlError('mysql.unitMissing', { unit }, ours.error.message, error);
  }
  if (ours.error.code !== 'mysql.statementFailed') return ours;
  const number = ours.error.args.number;
  const detail = ours.error.message;
  if (number === 1054 && where === null) {
    return mysqlError('mysql.schemaChanged', { unit, change: detail }, detail, error);
  }
  if (where !== null && (number === 1054 || number === 1064)) {
    return mysqlError('mysql.badWhere', { unit, detail }, detail, error);
  }
  // The key's index is gone.
  if (number === 1176) return mysqlError('mysql.schemaChanged', { unit, change: detail }, detail, error);
  return ours;
}
