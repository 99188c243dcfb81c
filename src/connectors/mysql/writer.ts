/**
 * Writes pages into one table: a transaction for each page (or one for the whole unit), everything the server says
 * about it checked. A warning is an error: a value that had to be changed is not a copy.
 */
import { DataError } from '../../core/ports.ts';
import type { PageData, UnitSchema, WriteOptions, Writer } from '../contract.ts';
import { checkpointStatement } from './checkpoint-table.ts';
import { isRowError, mysqlError, PACKET_TOO_LARGE, serverErrorNumber } from './errors.ts';
import { comparedOtherwise, otherUniqueKeys } from './key.ts';
import { nativeOf } from './native.ts';
import { keyCondition, keySelect, type PageTable } from './pages.ts';
import { cellsOf, type RawRows } from './raw-rows.ts';
import { openRelay, pathOver, type Relay, type WriteWay } from './relay.ts';
import { type Cells, type RowStatement, type Statement, statements } from './rows-to-sql.ts';
import type { MysqlTable, ServerInfo } from './schema.ts';
import { type Acknowledgement, type Session, type Sessions, textRows } from './session.ts';

const DUPLICATE_KEY = 1062;
/** "Unsafe statement written to the binary log": says nothing about the values. */
const UNSAFE_FOR_BINARY_LOG = '1592';
/** Rows looked up or deleted by key in one statement: longer lists make the server scan. */
const KEYS_AT_ONCE = 500;
const BEGIN = 'START TRANSACTION';
/**
 * Begins a batch of several statements that are sent at once. A deadlock takes back the whole transaction: what was sent
 * behind the statement that lost would then be committed for itself, the checkpoint of rows that are not there among it.
 */
const BEGIN_AT_ONCE = 'SET autocommit = 0';
const EACH_FOR_ITSELF = 'SET autocommit = 1';
/** Begins a page of a copy that is one transaction. */
const SAVEPOINT = 'SAVEPOINT datatrace_page';
/** Begins rows of a page that are added for themselves. */
const ROWS_SAVEPOINT = 'SAVEPOINT datatrace_rows';
/** Batches after which the relay is tried again at the latest. */
const MOST_PATIENCE = 64;

export type WriterTarget = {
  readonly sessions: Sessions;
  readonly server: ServerInfo;
  readonly table: MysqlTable;
  readonly way: WriteWay;
};

/** Borrows a session for the writer's life. `close` gives it back. */
export async function openWriter(target: WriterTarget, schema: UnitSchema, options: WriteOptions): Promise<Writer> {
  const native = nativeOf(schema);
  if (!FORMATS.has(options.format)) throw badFormat(options.format);
  const { server, table } = target;
  const { settings } = options;
  const keyed: PageTable = { name: table.name, columns: native.copied, key: native.key };
  const merges = (settings.write === 'upsert' || settings.write === 'replace') && native.key !== null;
  // ON DUPLICATE KEY UPDATE would overwrite another row that collides on a second unique key; and a replaced row is a new one.
  const key = native.key?.columns ?? [];
  // Different keys may be equal there.
  const byBytes = comparedOtherwise(table, native.copied, key).length > 0;
  const byDeleting = merges && (settings.write === 'replace' || otherUniqueKeys(table, key).length > 0 || byBytes);
  const spec: RowStatement = { table: table.name, columns: native.copied, overwrite: merges && !byDeleting, server };
  const checkpointOf = { table: table.name, unit: schema.unit, lane: options.lane ?? 0 };
  const session = await target.sessions.session();
  const relay = relayFor(session, target, spec, options.format);
  let mayHoldOpenBatch = options.resumed === true && native.key !== null && !merges;
  /** As `mayHoldOpenBatch`, for after the pieces of a page. */
  let heldOpenBatch = false;
  let tookPieces = false;
  let inTransaction = false;
  let beganAtOnce = false;
  /** Batches to write step by step before the relay is tried again, and how many the next time. */
  let careful = 0;
  let patience = 1;

  const begin = async (): Promise<void> => {
    if (inTransaction) return;
    await session.run(BEGIN);
    inTransaction = true;
  };
  const commit = async (): Promise<void> => {
    if (!inTransaction) return;
    await session.run('COMMIT');
    inTransaction = false;
  };
  const rollback = async (): Promise<void> => {
    if (!inTransaction) return;
    inTransaction = false;
    await session.run('ROLLBACK').catch(() => session.destroy());
  };

  const describeKey = (cells: Cells, row: number): string => keyText(keyed, cells, row);
  /** The server's own words about a packet say nothing of the rows in it. */
  const named = (error: unknown, key: () => string): unknown =>
    serverErrorNumber((error as { cause?: unknown }).cause) === PACKET_TOO_LARGE
      ? packetTooLarge(table.name, key(), error)
      : error;
  const runAll = async (cells: Cells, pick: readonly number[]): Promise<number> => {
    let acknowledged = 0;
    for (const statement of statements(spec, cells, pick, (row) => describeKey(cells, row))) {
      acknowledged += await runOne(statement, cells);
    }
    return acknowledged;
  };
  const runOne = async (statement: Statement, cells: Cells): Promise<number> => {
    const send = (): Promise<Acknowledgement> =>
      statement.kind === 'text' ? session.run(statement.sql) : session.execute(statement.sql, statement.values);
    let answer: Acknowledgement;
    try {
      answer = await send();
    } catch (error) {
      if (!isDuplicate(error)) throw named(error, () => describeKey(cells, statement.first));
      if (!byDeleting) throw duplicate('mysql.duplicate', table.name, error);
      await deleteByKey(session, keyed, cells, statement, byBytes);
      answer = await send().catch((again: unknown) => {
        throw isDuplicate(again) ? duplicate('mysql.duplicateOther', table.name, again) : again;
      });
    }
    await checkWarnings(session, table.name, answer);
    return checkCount(spec, answer, statement.rows);
  };
  const stepByStep = async (cells: Cells, count: number, checkpoint: string | null): Promise<number> => {
    const there = mayHoldOpenBatch ? await presentRows(session, keyed, cells, count) : new Set<number>();
    const pick = Array.from({ length: count }, (_, row) => row).filter((row) => !there.has(row));
    // Also for a single statement: its warnings are known only after it has run.
    await begin();
    const acknowledged = pick.length === 0 ? 0 : await runAll(cells, pick);
    // Rows that are refused say nothing: they never were in that batch.
    mayHoldOpenBatch = there.size > 0;
    if (checkpoint !== null) await session.run(checkpointStatement(checkpointOf, checkpoint));
    return count - pick.length + acknowledged;
  };
  /** Rows written in one round trip; null when nothing of it stays and it has to be done step by step. */
  const atOnce = async (rows: RawRows, checkpoint: string | null): Promise<number | null> => {
    if (relay === null || mayHoldOpenBatch) return null;
    if (careful > 0) {
      careful -= 1;
      return null;
    }
    const close = checkpoint === null ? null : checkpointStatement(checkpointOf, checkpoint);
    const began = !inTransaction;
    inTransaction = true;
    const open = (statements: number): string => {
      if (!began) return SAVEPOINT;
      if (statements === 1) return BEGIN;
      beganAtOnce = true;
      return BEGIN_AT_ONCE;
    };
    const sent = await relay.write(open, rows, close).catch((error: unknown) => {
      if (!isDuplicate(error)) throw named(error, () => describeKey(cellsOf(rows), 0));
      if (!byDeleting) throw duplicate('mysql.duplicate', table.name, error);
      return 'spoiled' as const;
    });
    if (sent === 'untouched') {
      inTransaction = !began;
      return null;
    }
    if (sent !== 'spoiled' && sent.every(({ answer }) => answer.warnings === 0)) {
      patience = 1;
      return sent.reduce((sum, each) => sum + checkCount(spec, each.answer, each.rows), 0);
    }
    if (began) await rollback();
    else await session.run(`ROLLBACK TO ${SAVEPOINT}`);
    careful = patience;
    patience = Math.min(2 * patience, MOST_PATIENCE);
    return null;
  };

  /** Commits what pieces of a page have added. */
  const close = async (checkpoint: string | null): Promise<number> => {
    if (checkpoint !== null) {
      await begin();
      await session.run(checkpointStatement(checkpointOf, checkpoint));
    }
    if (tookPieces) mayHoldOpenBatch &&= heldOpenBatch;
    heldOpenBatch = false;
    tookPieces = false;
    return 0;
  };
  const add: NonNullable<Writer['add']> = async ({ data, rows }) => {
    if (!isOurs(data)) throw badFormat(data.format);
    const looksUp = mayHoldOpenBatch;
    try {
      await begin();
      await session.run(ROWS_SAVEPOINT);
      const acknowledged = await stepByStep(cellsOfPage(data), rows, null);
      tookPieces = true;
      heldOpenBatch ||= mayHoldOpenBatch;
      return acknowledged;
    } catch (error) {
      if (error instanceof DataError && isRowError(error)) await session.run(`ROLLBACK TO ${ROWS_SAVEPOINT}`);
      else await rollback();
      throw error;
    } finally {
      mayHoldOpenBatch = looksUp;
    }
  };

  return {
    // Elsewhere rows cannot be taken back.
    ...(target.table.transactional && !options.atomic ? { add } : {}),
    write: async (page, checkpoint) => {
      const { data } = page;
      if (!isOurs(data)) throw badFormat(data.format);
      const kept = settings.checkpoint === 'target' ? checkpoint : null;
      try {
        const acknowledged =
          page.rows === 0
            ? await close(kept)
            : ((data.format === 'mysql-rows' ? await atOnce(data, kept) : null) ??
              (await stepByStep(cellsOfPage(data), page.rows, kept)));
        if (!options.atomic) await commit();
        return acknowledged;
      } catch (error) {
        await rollback();
        throw error;
      }
    },
    mayRepeat: (error) => !options.atomic && table.transactional && isLockConflict(error),
    commit: () => (options.atomic ? commit() : Promise.resolve()),
    close: async () => {
      await rollback();
      await relay?.close();
      if (beganAtOnce) await session.run(EACH_FOR_ITSELF).catch(() => session.destroy());
      session.release();
    },
  };
}

type Format = PageData['format'];
type OurData = Extract<PageData, { readonly format: 'mysql-text' | 'mysql-rows' }>;

const FORMATS: ReadonlySet<Format> = new Set<Format>(['mysql-text', 'mysql-rows']);

function isOurs(data: PageData): data is OurData {
  return FORMATS.has(data.format);
}

function badFormat(format: string): Error {
  return mysqlError('mysql.badFormat', { format }, `A MySQL target has no format ${format}.`);
}

function cellsOfPage(data: OurData): Cells {
  return data.format === 'mysql-text' ? data.cells : cellsOf(data);
}

/** None where a batch cannot be taken back. */
function relayFor(session: Session, target: WriterTarget, spec: RowStatement, format: Format): Relay | null {
  if (format !== 'mysql-rows' || !session.can.packets || !target.table.transactional) return null;
  return openRelay(session, spec, { ...target.way, path: pathOver(session, target.way) });
}

/** The batch was given up in favour of somebody else's, and taken back. */
function isLockConflict(error: unknown): boolean {
  const code = error instanceof DataError ? error.error.code : '';
  return code === 'mysql.deadlock' || code === 'mysql.lockWait';
}

function isDuplicate(error: unknown): boolean {
  return serverErrorNumber((error as { cause?: unknown }).cause) === DUPLICATE_KEY;
}

function duplicate(code: 'mysql.duplicate' | 'mysql.duplicateOther', table: string, error: unknown): Error {
  const detail = (error as Error).message;
  return mysqlError(code, { table, detail }, detail, error);
}

function packetTooLarge(table: string, key: string, error: unknown): Error {
  const detail = (error as Error).message;
  return mysqlError('mysql.packetTooLarge', { table, key, detail }, detail, error);
}

async function checkWarnings(session: Session, table: string, answer: Acknowledgement): Promise<void> {
  if (answer.warnings === 0) return;
  const rows = await textRows(session, 'SHOW WARNINGS LIMIT 20');
  const [first] = rows.filter((row) => row[1] !== UNSAFE_FOR_BINARY_LOG);
  if (first === undefined && rows.length > 0) return;
  const detail = first?.[2] ?? `${answer.warnings} warnings`;
  throw mysqlError('mysql.warning', { table, detail }, detail);
}

/** The server counts an overwritten row as 1 (unchanged) or 2. */
function checkCount(spec: RowStatement, answer: Acknowledgement, sent: number): number {
  const records = /Records: (\d+)/.exec(answer.info)?.[1];
  const { affectedRows } = answer;
  const plausible = spec.overwrite ? affectedRows >= sent && affectedRows <= 2 * sent : affectedRows === sent;
  if (plausible && (records === undefined || Number(records) === sent)) return sent;
  const acknowledged = records === undefined ? affectedRows : Number(records);
  throw mysqlError(
    'mysql.unacknowledged',
    { table: spec.table, sent, acknowledged },
    `The server acknowledged ${acknowledged} of ${sent} rows.`,
  );
}

async function deleteByKey(
  session: Session,
  table: PageTable,
  cells: Cells,
  { first, rows }: Pick<Statement, 'first' | 'rows'>,
  byte: boolean,
): Promise<void> {
  for (let from = first; from < first + rows; from += KEYS_AT_ONCE) {
    const condition = keyCondition(table, cells, from, Math.min(from + KEYS_AT_ONCE, first + rows), byte);
    await session.run(`DELETE ${condition}`);
  }
}

/**
 * Rows of the page whose key, byte for byte, is in the table already: the batch whose commit was not heard of. A locking
 * read: the server may still be at that commit, and what an ordinary read sees would be one batch old.
 */
async function presentRows(session: Session, table: PageTable, cells: Cells, rows: number): Promise<Set<number>> {
  const there = new Set<string>();
  for (let from = 0; from < rows; from += KEYS_AT_ONCE) {
    const condition = keyCondition(table, cells, from, Math.min(from + KEYS_AT_ONCE, rows));
    const found = await session.rows(`SELECT ${keySelect(table)} ${condition} LOCK IN SHARE MODE`);
    for (const row of found.rows) there.add(row.map((cell) => cell?.toString('hex') ?? '').join(','));
  }
  const present = new Set<number>();
  for (let row = 0; row < rows; row += 1) {
    const key = keyCells(table, cells, row).map((cell) => Buffer.from(cell).toString('hex'));
    if (there.has(key.join(','))) present.add(row);
  }
  return present;
}

function keyCells(table: PageTable, cells: Cells, row: number): Uint8Array[] {
  return (table.key?.columns ?? []).map((name) => {
    const position = table.columns.findIndex((column) => column.name === name);
    return cells[row * table.columns.length + position] ?? new Uint8Array();
  });
}

/** A row's key for a message: its text where it is short and printable. */
function keyText(table: PageTable, cells: Cells, row: number): string {
  const parts = keyCells(table, cells, row).map((cell) => {
    const text = Buffer.from(cell).toString('utf8');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters must not reach a message.
    return /^[^\u0000-\u001f\u007f\ufffd]{0,100}$/u.test(text)
      ? text
      : `0x${Buffer.from(cell).toString('hex').slice(0, 100)}`;
  });
  return parts.length === 0 ? `row ${row + 1} of the batch` : parts.join(', ');
}
