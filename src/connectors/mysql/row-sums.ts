/**
 * Sums of rows that the server works out where the rows are, so that both sides of a copy are compared without moving
 * them. A row's sum is SHA-256 over its values, each with its length in front, NULL told from the empty value; a range's
 * sum adds up sixty bits of each row's, so that the order of the rows does not matter and equal rows do not cancel out.
 */
import type { Digest, KeyRange, RowSum, RowSums } from '../contract.ts';
import { mysqlError } from './errors.ts';
import { boundUpTo, cursorOf, cursorValues, keySelect, type PageTable, rangesAfter, userCondition } from './pages.ts';
import { quoteName } from './quoting.ts';
import type { MysqlColumn } from './schema.ts';
import { type Session, textRows } from './session.ts';

/** Bytes of rows that one statement sums up: a difference is looked for among so many. */
const CHUNK_BYTES = 16 * 1024 * 1024;
const FEWEST_ROWS = 1_000;
const MOST_ROWS = 50_000;
const UNKNOWN_ROW_BYTES = 200;
/** Stands for the sum of a row that is beyond a limit of the server: more than all others together, and no equality. */
const NO_SUM = '1000000000000000000000000000000';

export interface SummedTable {
  readonly table: PageTable;
  /** The key's index in this very table; null = the server finds one. */
  readonly index: string | null;
  /** Mean row size that the server estimates, bytes; 0 = unknown. */
  readonly meanRowBytes: number;
  /** The user's own condition; null = all rows. */
  readonly where: string | null;
}

/** @param use borrows a session for one statement */
export function openRowSums(
  { table, index, meanRowBytes, where }: SummedTable,
  use: <T>(ask: (session: Session) => Promise<T>) => Promise<T>,
): RowSums {
  const sum = rowSum(table.columns);
  const from = ` FROM ${quoteName(table.name)}${index === null ? '' : ` FORCE INDEX (${quoteName(index)})`}`;
  const order = (table.key?.columns ?? []).map(quoteName).join(', ');

  /** A range of a composite key is several for the server, in key order: it reads each from the index. */
  const conditions = ({ after, upTo }: KeyRange): string[] =>
    rangesAfter(table, after).map((range) => {
      const all = [range, boundUpTo(table, upTo), userCondition(table, where)];
      const present = all.filter((each) => each !== '');
      return present.length === 0 ? '' : ` WHERE ${present.join(' AND ')}`;
    });

  return {
    chunkRows: Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, Math.ceil(CHUNK_BYTES / (meanRowBytes || UNKNOWN_ROW_BYTES)))),

    keyAt: (range, rows) =>
      use(async (session) => {
        let left = rows;
        for (const condition of conditions(range)) {
          const page = `SELECT ${keySelect(table)}${from}${condition} ORDER BY ${order}`;
          const found = await session.rows(`${page} LIMIT ${left - 1}, 1`);
          if (found.rows[0] !== undefined) return cursorOf(found.rows[0]);
          const [counted] = await textRows(session, `SELECT COUNT(*)${from}${condition}`);
          left -= Number(counted?.[0]);
        }
        return null;
      }),

    digest: (range) =>
      use(async (session) => {
        const sixtyBits = `CAST(CONV(SUBSTR(${sum}, 1, 15), 16, 10) AS UNSIGNED)`;
        const digest = { rows: 0, sum: 0n };
        for (const condition of conditions(range)) {
          const sums = `SELECT COUNT(*), SUM(IFNULL(${sixtyBits}, ${NO_SUM}))${from}${condition}`;
          const [row] = await textRows(session, sums);
          digest.rows += Number(row?.[0]);
          digest.sum += BigInt(row?.[1] ?? '0');
        }
        if (digest.sum >= BigInt(NO_SUM)) throw withoutSum(table);
        return { rows: digest.rows, sum: String(digest.sum) } satisfies Digest;
      }),

    each: (range, most) =>
      use(async (session) => {
        const sums: RowSum[] = [];
        for (const condition of conditions(range)) {
          const left = most - sums.length;
          if (left <= 0) break;
          const page = `SELECT ${keySelect(table)}, ${sum} AS s${from}${condition} ORDER BY ${order} LIMIT ${left}`;
          for (const row of (await session.rows(page)).rows) {
            const value = row.at(-1);
            if (value === null || value === undefined) throw withoutSum(table);
            sums.push({ key: cursorOf(row.slice(0, -1)), sum: value.toString('latin1') });
          }
        }
        return sums;
      }),

    keyText: (key) => keyText(cursorValues(key)),
  };
}

function withoutSum({ name: table }: PageTable): Error {
  return mysqlError('mysql.noRowSum', { table }, `A row of ${table} has no checksum.`);
}

function rowSum(columns: readonly MysqlColumn[]): string {
  const parts = columns.map((column) => {
    const bytes = bytesOf(column);
    // A sum has one length.
    const length = bytes.startsWith('SHA2(') ? "'#'" : `LENGTH(${bytes}), ':'`;
    return `IFNULL(CONCAT(${length}, ${bytes}), '-')`;
  });
  return `SHA2(CONCAT(${parts.join(', ')}), 256)`;
}

/** Types whose values may be too large to be put together with others: the row's text holds their sum instead. */
const LARGE = /text$|blob$|^(json|geometry|.*point|.*linestring|.*polygon|geom.*collection|vector)$/;

/** A column's value as bytes that are equal when the values are, on every server. */
function bytesOf(column: MysqlColumn): string {
  const name = quoteName(column.name);
  if (column.cell === 'json') return `SHA2(CAST(${name} AS CHAR CHARACTER SET utf8mb4), 256)`;
  if (LARGE.test(column.dataType)) return `SHA2(${name}, 256)`;
  // MySQL cuts a double that becomes text at 22 characters, except within JSON.
  if (column.asDouble) return `CAST(JSON_ARRAY(CAST(${name} AS DOUBLE)) AS CHAR)`;
  return `CAST(${name} AS BINARY)`;
}

/** For a message: text where it is short and printable. */
function keyText(values: readonly Buffer[]): string {
  const parts = values.map((value) => {
    const text = value.toString('utf8');
    const shown = /^[^\p{Cc}\ufffd]{0,100}$/u.test(text);
    return shown ? text : `0x${value.toString('hex').slice(0, 100)}`;
  });
  return parts.join(', ');
}
