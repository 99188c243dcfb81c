/**
 * Writes pages into one table: a transaction for each page (or one for the whole unit), everything the server says
 * about it checked. A warning is an error: a value that had to be changed is not a copy.
 */
import type { UnitSchema, WriteOptions, Writer } from '../contract.ts';
import { type CheckpointOf, checkpointStatement } from './checkpoint-table.ts';
import { mysqlError, serverErrorNumber } from './errors.ts';
import { otherUniqueKeys } from './key.ts';
import { nativeOf } from './native.ts';
import { keyCondition, keySelect, type PageTable } from './pages.ts';
import { type Cells, type RowStatement, type Statement, statements } from './rows-to-sql.ts';
import type { MysqlTable, ServerInfo } from './schema.ts';
import { type Acknowledgement, type Session, type Sessions, textRows } from './session.ts';

const DUPLICATE_KEY = 1062;
/** "Unsafe statement written to the binary log": says nothing about the values. */
const UNSAFE_FOR_BINARY_LOG = '1592';
/** Rows looked up or deleted by key in one statement: longer lists make the server scan. */
const KEYS_AT_ONCE = 500;

export type WriterTarget = {
  readonly sessions: Sessions;
  readonly server: ServerInfo;
  readonly table: MysqlTable;
};

/** Borrows a session for the writer's life. `close` gives it back. */
export async function openWriter(target: WriterTarget, schema: UnitSchema, options: WriteOptions): Promise<Writer> {
  const native = nativeOf(schema);
  if (options.format !== 'mysql-text') {
    throw mysqlError('mysql.badFormat', { format: options.format }, `A MySQL target has no format ${options.format}.`);
  }
  const { server, table } = target;
  const { settings } = options;
  const keyed: PageTable = { name: table.name, columns: native.copied, key: native.key };
  const merges = (settings.write === 'upsert' || settings.write === 'replace') && native.key !== null;
  // ON DUPLICATE KEY UPDATE would overwrite another row that collides on a second unique key; and a replaced row is a new one.
  const byDeleting =
    merges && (settings.write === 'replace' || otherUniqueKeys(table, native.key?.columns ?? []).length > 0);
  const spec: RowStatement = { table: table.name, columns: native.copied, overwrite: merges && !byDeleting, server };
  const checkpointOf: CheckpointOf = { table: table.name, unit: schema.unit };
  const session = await target.sessions.session();
  let mayHoldOpenBatch = options.resumed === true && native.key !== null && !merges;
  let inTransaction = false;

  const begin = async (): Promise<void> => {
    if (inTransaction) return;
    await session.run('START TRANSACTION');
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
      if (!isDuplicate(error)) throw error;
      if (!byDeleting) throw duplicate('mysql.duplicate', table.name, error);
      await deleteByKey(session, keyed, cells, statement.first, statement.rows);
      answer = await send().catch((again: unknown) => {
        throw isDuplicate(again) ? duplicate('mysql.duplicateOther', table.name, again) : again;
      });
    }
    await checkWarnings(session, table.name, answer);
    return checkCount(spec, answer, statement.rows);
  };

  return {
    write: async (page, checkpoint) => {
      if (page.data.format !== 'mysql-text')
        throw mysqlError('mysql.badFormat', { format: page.data.format }, 'Unexpected page.');
      const { cells } = page.data;
      try {
        let pick = Array.from({ length: page.rows }, (_, row) => row);
        if (mayHoldOpenBatch) {
          const there = await presentRows(session, keyed, cells, page.rows);
          mayHoldOpenBatch = there.size > 0;
          pick = pick.filter((row) => !there.has(row));
        }
        const already = page.rows - pick.length;
        const storeHere = checkpoint !== null && settings.checkpoint === 'target';
        // Also for a single statement: its warnings are known only after it has run.
        await begin();
        const acknowledged = pick.length === 0 ? 0 : await runAll(cells, pick);
        if (storeHere) await session.run(checkpointStatement(checkpointOf, checkpoint));
        if (!options.atomic) await commit();
        return already + acknowledged;
      } catch (error) {
        await rollback();
        throw error;
      }
    },
    commit: () => (options.atomic ? commit() : Promise.resolve()),
    close: async () => {
      await rollback();
      session.release();
    },
  };
}

function isDuplicate(error: unknown): boolean {
  return serverErrorNumber((error as { cause?: unknown }).cause) === DUPLICATE_KEY;
}

function duplicate(code: 'mysql.duplicate' | 'mysql.duplicateOther', table: string, error: unknown): Error {
  const detail = (error as Error).message;
  return mysqlError(code, { table, detail }, detail, error);
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
  first: number,
  rows: number,
): Promise<void> {
  for (let from = first; from < first + rows; from += KEYS_AT_ONCE) {
    const condition = keyCondition(table, cells, from, Math.min(from + KEYS_AT_ONCE, first + rows));
    await session.run(`DELETE ${condition}`);
  }
}

/** Rows of the page whose key, byte for byte, is in the table already: the batch whose commit was not heard of. */
async function presentRows(session: Session, table: PageTable, cells: Cells, rows: number): Promise<Set<number>> {
  const there = new Set<string>();
  for (let from = 0; from < rows; from += KEYS_AT_ONCE) {
    const condition = keyCondition(table, cells, from, Math.min(from + KEYS_AT_ONCE, rows));
    const found = await session.rows(`SELECT ${keySelect(table)} ${condition}`);
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
