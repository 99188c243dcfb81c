/**
 * How the copy of a table that is known from the plan begins: what it looks like now, how far it goes, and where it is
 * small its rows are one question, and one round trip.
 */
import type { UnitSettings } from '../../core/settings.ts';
import type { Beginning, Page, PageData, Reader, ReadOptions, UnitSchema } from '../contract.ts';
import { describeTable } from './describe.ts';
import { knownTable } from './known-tables.ts';
import { type MysqlNative, nativeOf, pageTable } from './native.ts';
import { extentOf, extentStatement, makeCursor, pageStatement } from './pages.ts';
import { cellsOf, packedRows } from './raw-rows.ts';
import { type MysqlTable, readsLike, type ServerInfo, showCreateQuestion } from './schema.ts';
import type { Session } from './session.ts';
import type { Packed } from './small-answer.ts';

/** Tables that their server estimates at no more than this are read at once, bytes. InnoDB's smallest have 16 KiB. */
const SMALL_BYTES = 64 * 1024;
/** Of an estimate that is wrong: rows that are asked for, and bytes of them that are kept. */
const MOST_ROWS = 1_000;
const MOST_BYTES = 1024 * 1024;
/** Rows that were read so long ago are read again, ms. */
const FRESH_MS = 2_000;

type FirstPage = { readonly page: Page; readonly where: string | null; readonly at: number };

/** By the description that they were read with: all rows of a unit, for the reader that begins next. */
const firstPages = new WeakMap<MysqlNative, FirstPage>();

/** Null where the table is not known, or is not what it was. */
export async function beginKnown(
  session: Session,
  server: ServerInfo,
  unit: string,
  settings: UnitSettings,
  format: PageData['format'],
): Promise<Beginning | null> {
  const table = knownTable(server, unit);
  if (table === undefined || table.view) return null;
  const schema = describeTable(server, table, settings);
  if (schema.refusals.length > 0) return null;
  const { where } = settings;
  const small = format === 'mysql-rows' && schema.key.length > 0 && isSmall(table);
  const paged = pageTable(nativeOf(schema));
  const all = pageStatement(paged, { range: '', where, upTo: null }, MOST_ROWS + 1);
  const asked = small ? { packed: all, mostBytes: MOST_BYTES } : extentStatement(paged, where);
  const [shown, answer] = await session.ask([showCreateQuestion(table.name), asked], 'rows');
  const present = shown === undefined ? null : readsLike(shown, table);
  if (present === null || answer === undefined || 'refused' in answer) return null;
  const now = present === table ? schema : describeTable(server, present, settings);
  if (!small) return { schema: now, extent: extentOf(paged, answer.rows) };
  const page = pageOf(now, answer.packed);
  if (page === null) return { schema: now, extent: null };
  firstPages.set(nativeOf(now), { page, where, at: performance.now() });
  return { schema: now, extent: { upTo: page.last, rows: page.rows } };
}

function isSmall({ dataBytes }: MysqlTable): boolean {
  return dataBytes > 0 && dataBytes <= SMALL_BYTES;
}

/** Null where these are not all rows. */
function pageOf(schema: UnitSchema, packed: Packed | undefined): Page | null {
  if (packed === undefined || packed.ends.length > MOST_ROWS) return null;
  const table = pageTable(nativeOf(schema));
  const data = packedRows(table.columns.length, packed);
  const rows = data.ends.length;
  const last = rows === 0 ? null : makeCursor(table, cellsOf(data, rows - 1));
  return { rows, bytes: data.bytes.length, last, data };
}

/** A reader of the rows that came with the beginning; null where there are none, or they are not what is asked for. */
export function readerOfBeginning(schema: UnitSchema, options: ReadOptions, atEnd: () => Promise<void>): Reader | null {
  const first = firstPages.get(nativeOf(schema));
  if (first === undefined) return null;
  firstPages.delete(nativeOf(schema));
  const { page, where, at } = first;
  const asked = options.after === null && options.upTo === page.last && options.where === where;
  const fits = page.rows <= options.pageRows && page.bytes <= options.pageBytes && options.format === page.data.format;
  if (!asked || !fits || page.rows === 0 || performance.now() - at > FRESH_MS) return null;
  let left: Page | null = page;
  let ended = false;
  return {
    next: async () => {
      const next = left;
      left = null;
      if (next !== null) return next;
      if (!ended && options.confirmed !== true) await atEnd();
      ended = true;
      return null;
    },
    close: async () => {},
  };
}
