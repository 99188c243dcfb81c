/** Reads a table page after page, in key order. */
import type { Page, Reader, ReadOptions, UnitSchema } from '../contract.ts';
import { collectorFor, type Flow } from './collectors.ts';
import { malformed } from './errors.ts';
import { nativeOf, pageTable } from './native.ts';
import { makeCursor, pageStatement, rangesAfter } from './pages.ts';
import type { Session, Sessions } from './session.ts';

/** Rows a first statement asks for when the server has no estimate, bytes a row. */
const UNKNOWN_ROW_BYTES = 200;

/** What a page reader needs to know besides the unit. */
export type ReaderHooks = {
  /** Rejects when the table is not what it was when the copy began. */
  checkUnchanged(session: Session): Promise<void>;
  /** The same while rows of a statement are still under way: on another connection. */
  checkMeanwhile(): Promise<void>;
  /** A change of the columns between two statements that the check above did not find. */
  changed(): Error;
  explain(error: unknown): Error;
};

export async function openPageReader(
  sessions: Sessions,
  schema: UnitSchema,
  options: ReadOptions,
  hooks: ReaderHooks,
): Promise<Reader> {
  const native = nativeOf(schema);
  const table = pageTable(native);
  const collector = collectorFor(options.format, table.columns.length, options);
  const session = await sessions.session();
  let { after } = options;
  let ranges = rangesAfter(table, after);
  let flow: Flow | undefined;
  let limit = 0;
  let meanBytes = native.table.meanRowBytes > 0 ? native.table.meanRowBytes : UNKNOWN_ROW_BYTES;
  let shape = '';
  let ended = false;

  const openRange = (range: string): Flow => {
    // A statement asks for little more than one page: MyISAM holds its lock while rows are fetched.
    const wanted = options.pageRows - collector.pending();
    limit = Math.max(1, Math.min(wanted, Math.ceil((2 * options.pageBytes) / meanBytes)));
    const most = table.key === null ? null : limit;
    return collector.open(session, pageStatement(table, { range, where: options.where, upTo: options.upTo }, most));
  };
  const noticeShape = async (now: string): Promise<void> => {
    if (shape !== '' && now !== '' && now !== shape) {
      await hooks.checkMeanwhile();
      throw hooks.changed();
    }
    if (now !== '') shape = now;
  };
  /** After a range: a full one may have more rows behind its last, an exhausted one is followed by the next range. */
  const afterRange = (rows: number): void => {
    flow = undefined;
    const last = rows === limit ? collector.lastRow() : null;
    if (table.key !== null && last !== null) {
      const reached = makeCursor(table, last);
      if (reached === after) throw malformed('the same rows again');
      after = reached;
      ranges = rangesAfter(table, after);
    } else ranges = ranges.slice(1);
  };
  const nextPage = async (): Promise<Page | null> => {
    while (!collector.full()) {
      if (flow === undefined) {
        const range = ranges[0];
        if (range === undefined) break;
        flow = openRange(range);
      }
      const done = await flow.pull();
      await noticeShape(flow.shape());
      if (table.key !== null && flow.rows() > limit) throw malformed('more rows than were asked for');
      if (done) afterRange(flow.rows());
    }
    const cut = collector.take();
    if (cut === null) return null;
    const { lastRow, ...page } = cut;
    meanBytes = Math.max(1, page.bytes / page.rows);
    return { ...page, last: makeCursor(table, lastRow) };
  };
  return {
    next: async () => {
      if (ended) return null;
      try {
        const page = await nextPage();
        if (page !== null) return page;
        ended = true;
        if (options.confirmed !== true) await hooks.checkUnchanged(session);
        return null;
      } catch (error) {
        ended = true;
        session.destroy();
        throw hooks.explain(error);
      }
    },
    close: async () => {
      // A statement with rows left cannot be ended otherwise.
      if (flow !== undefined) session.destroy();
      else session.release();
    },
  };
}
