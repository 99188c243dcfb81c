/**
 * Rows on their way into pages, in two forms: values apart, through the driver's public interface, and raw rows, which
 * are packets that nobody looks into.
 */
import type { Page, PageData, ReadOptions } from '../contract.ts';
import { mysqlError } from './errors.ts';
import { cellsOf, rawPages } from './raw-rows.ts';
import type { RawCell, RawRow } from './row-stream.ts';
import type { Session } from './session.ts';

export type CutPage = Omit<Page, 'last'> & { readonly lastRow: RawRow };

export type Collector = {
  /** Rows that arrived and are in no page yet. */
  pending(): number;
  full(): boolean;
  /** The next page; null when there are no rows. */
  take(): CutPage | null;
  /** The row that arrived last. */
  lastRow(): RawRow | null;
  open(session: Session, sql: string): Flow;
};

/** The rows of one statement, into the collector. */
export type Flow = {
  /** Until the collector is full, or true: the statement has no further rows. */
  pull(): Promise<boolean>;
  rows(): number;
  /** What the server said about the columns; empty before the first row. */
  shape(): string;
};

type Size = Pick<ReadOptions, 'pageRows' | 'pageBytes'>;

/** @throws DataError `mysql.badFormat` */
export function collectorFor(format: PageData['format'], width: number, size: Size): Collector {
  if (format === 'mysql-rows') return rawCollector(width, size);
  if (format === 'mysql-text') return cellCollector(size);
  throw mysqlError('mysql.badFormat', { format }, `A MySQL source has no format ${format}.`);
}

function rawCollector(width: number, { pageRows, pageBytes }: Size): Collector {
  const pages = rawPages(width, pageRows, pageBytes);
  return {
    pending: pages.pending,
    full: pages.full,
    take: () => {
      const data = pages.take();
      if (data === null) return null;
      const rows = data.ends.length;
      return { rows, bytes: data.bytes.length, data, lastRow: cellsOf(data, rows - 1) };
    },
    lastRow: () => {
      const row = pages.lastRow();
      return row === null ? null : cellsOf(row);
    },
    open: (session, sql) => {
      const stream = session.packets(sql, pages.append);
      return { pull: () => stream.pull(pages.full), rows: stream.rows, shape: stream.shape };
    },
  };
}

function cellCollector({ pageRows, pageBytes }: Size): Collector {
  let rows: RawRow[] = [];
  let bytes = 0;
  let last: RawRow | null = null;
  return {
    pending: () => rows.length,
    full: () => rows.length >= pageRows || bytes >= pageBytes,
    take: () => {
      const lastRow = rows.at(-1);
      if (lastRow === undefined) return null;
      const cells: RawCell[] = rows.length === 1 ? lastRow : rows.flat();
      const page = { rows: rows.length, bytes, data: { format: 'mysql-text', cells }, lastRow } as const;
      rows = [];
      bytes = 0;
      return page;
    },
    lastRow: () => last,
    open: (session, sql) => {
      const stream = session.stream(sql);
      let arrived = 0;
      return {
        pull: async () => {
          const piece = await stream.next(pageRows - rows.length, Math.max(1, pageBytes - bytes));
          for (const row of piece.rows) rows.push(row);
          bytes += piece.bytes;
          arrived += piece.rows.length;
          last = piece.rows.at(-1) ?? last;
          return piece.done;
        },
        rows: () => arrived,
        shape: stream.shape,
      };
    },
  };
}
