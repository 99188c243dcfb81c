/** Reads MySQL and MariaDB tables exactly: bytes in key order, compared by the server. */
import type { MysqlConnection } from '../../core/settings.ts';
import type { Cursor, ListedUnit, Page, Reader, ReadOptions, Source, UnitSchema } from '../contract.ts';
import { CHECKPOINT_TABLE } from './checkpoint-table.ts';
import { describeTable, schemaChange } from './describe.ts';
import { fromDriver, mysqlError } from './errors.ts';
import { type MysqlNative, nativeOf, pageTable } from './native.ts';
import { countStatement, lastKeyStatement, makeCursor, pageStatement, rangesAfter } from './pages.ts';
import type { RawCell, RawRow, RowStream } from './row-stream.ts';
import { readServer, requireTable, type ServerInfo } from './schema.ts';
import { openSessions, type Session, type Sessions, textRows } from './session.ts';

/** Connects (rejects when that fails) and answers a source over the connection's database. */
export async function openMysqlSource(connection: MysqlConnection, signal?: AbortSignal): Promise<Source> {
  const sessions = openSessions(connection);
  try {
    const server = await (signal === undefined ? sessions : sessions.within(signal)).use(readServer);
    return sourceOver(sessions, server);
  } catch (error) {
    await sessions.close();
    throw fromDriver(error, connection);
  }
}

function sourceOver(sessions: Sessions, server: ServerInfo): Source {
  const describe = async (session: Session, unit: string, asked: MysqlNative['asked']): Promise<UnitSchema> =>
    describeTable(server, await requireTable(session, server, unit), asked);
  const asking = <T>(schema: UnitSchema, where: string | null, ask: (session: Session) => Promise<T>): Promise<T> =>
    sessions.use(ask).catch((error: unknown) => {
      throw explain(error, sessions.connection, { unit: schema.unit, where });
    });
  return {
    formats: ['mysql-text'],
    listUnits: () => sessions.use(listUnits),
    describe: (unit, settings) => sessions.use((session) => describe(session, unit, settings)),
    upperBound: (schema, where) => asking(schema, where, (session) => upperBound(session, schema, where)),
    count: (schema, where, upTo) =>
      asking(schema, where, async (session) => {
        const [row] = await textRows(session, countStatement(pageTable(nativeOf(schema)), where, upTo));
        return Number(row?.[0]);
      }),
    read: async (schema, options) => {
      const check = async (session: Session): Promise<void> => {
        const change = schemaChange(schema, await describe(session, schema.unit, nativeOf(schema).asked));
        if (change !== null) throw changed(schema.unit, change);
      };
      return openReader(sessions, schema, options, check);
    },
    within: ({ signal }) => sourceOver(sessions.within(signal), server),
    close: () => sessions.close(),
  };
}

async function listUnits(session: Session): Promise<ListedUnit[]> {
  const rows = await textRows(
    session,
    'SELECT TABLE_NAME, TABLE_TYPE, TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ' +
      "AND TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')",
  );
  return rows
    .map(([name, type, count]) => ({
      name: name ?? '',
      type: 'table' as const,
      view: type === 'VIEW',
      rows: count === null || count === undefined ? null : Number(count),
    }))
    .filter((unit) => unit.name !== CHECKPOINT_TABLE)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function upperBound(session: Session, schema: UnitSchema, where: string | null): Promise<Cursor | null> {
  const table = pageTable(nativeOf(schema));
  if (table.key === null) return null;
  const { rows } = await session.rows(lastKeyStatement(table, where));
  return rows[0] === undefined ? null : makeCursor(table, rows[0]);
}

function changed(unit: string, change: string): Error {
  return mysqlError('mysql.schemaChanged', { unit, change }, `Table ${unit} changed during the copy: ${change}`);
}

/** Rows a first statement asks for when the server has no estimate, bytes a row. */
const UNKNOWN_ROW_BYTES = 200;

async function openReader(
  sessions: Sessions,
  schema: UnitSchema,
  options: ReadOptions,
  checkUnchanged: (session: Session) => Promise<void>,
): Promise<Reader> {
  const native = nativeOf(schema);
  const table = pageTable(native);
  if (options.format !== 'mysql-text') {
    throw mysqlError('mysql.badFormat', { format: options.format }, `A MySQL source has no format ${options.format}.`);
  }
  const session = await sessions.session();
  let ranges = rangesAfter(table, options.after);
  let stream: RowStream | undefined;
  let limit = 0;
  let rowsOfRange = 0;
  let lastRow: RawRow | undefined;
  let meanBytes = native.table.meanRowBytes > 0 ? native.table.meanRowBytes : UNKNOWN_ROW_BYTES;
  let shape = '';
  let ended = false;

  const openRange = (range: string, wantedRows: number): RowStream => {
    // A statement asks for little more than one page: MyISAM holds its lock while rows are fetched.
    limit = Math.max(1, Math.min(wantedRows, Math.ceil((2 * options.pageBytes) / meanBytes)));
    rowsOfRange = 0;
    return session.stream(
      pageStatement(table, { range, where: options.where, upTo: options.upTo }, table.key === null ? null : limit),
    );
  };
  const noticeShape = async (now: string): Promise<void> => {
    if (shape !== '' && now !== '' && now !== shape) {
      await sessions.use(checkUnchanged);
      throw changed(schema.unit, '≠');
    }
    if (now !== '') shape = now;
  };
  /** After a range: a full one may have more rows behind its last, an exhausted one is followed by the next range. */
  const afterRange = (): void => {
    stream = undefined;
    if (table.key !== null && rowsOfRange === limit && lastRow !== undefined) {
      ranges = rangesAfter(table, makeCursor(table, lastRow));
    } else {
      ranges = ranges.slice(1);
    }
  };
  const nextPage = async (): Promise<Page | null> => {
    const rows: RawRow[] = [];
    let bytes = 0;
    while (rows.length < options.pageRows && (rows.length === 0 || bytes < options.pageBytes)) {
      if (stream === undefined) {
        const range = ranges[0];
        if (range === undefined) break;
        stream = openRange(range, options.pageRows - rows.length);
      }
      const piece = await stream.next(options.pageRows - rows.length, Math.max(1, options.pageBytes - bytes));
      await noticeShape(stream.shape());
      for (const row of piece.rows) rows.push(row);
      bytes += piece.bytes;
      rowsOfRange += piece.rows.length;
      lastRow = piece.rows.at(-1) ?? lastRow;
      if (piece.done) afterRange();
    }
    if (rows.length === 0) return null;
    meanBytes = Math.max(1, bytes / rows.length);
    const cells: RawCell[] = rows.length === 1 ? (rows[0] as RawRow) : rows.flat();
    return {
      rows: rows.length,
      bytes,
      last: makeCursor(table, rows.at(-1) as RawRow),
      data: { format: 'mysql-text', cells },
    };
  };
  return {
    next: async () => {
      if (ended) return null;
      try {
        const page = await nextPage();
        if (page !== null) return page;
        ended = true;
        await checkUnchanged(session);
        return null;
      } catch (error) {
        ended = true;
        session.destroy();
        throw explain(error, sessions.connection, { unit: schema.unit, where: options.where });
      }
    },
    close: async () => {
      // A statement with rows left cannot be ended otherwise.
      if (stream !== undefined) session.destroy();
      else session.release();
    },
  };
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
