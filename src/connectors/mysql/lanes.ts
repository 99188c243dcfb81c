/**
 * Finds keys that cut a big table into ranges of about as many rows. Where the keys are numbers or dates, the server's
 * estimates for ranges are bisected, which reads a few index pages however large the table is; other keys are walked, up
 * to a size. Every border is a key that is there, and the server says in which order they stand: an estimate that is
 * wrong makes ranges uneven, never wrong.
 */
import type { Cursor, Divisible } from '../contract.ts';
import { betweenStatement, cursorLiterals, cursorOf, cursorValues, keysStatement, type PageTable } from './pages.ts';
import { quoteName } from './quoting.ts';
import { openRowSums } from './row-sums.ts';
import type { MysqlColumn } from './schema.ts';
import { type Session, textRows } from './session.ts';

/** Estimates asked for one border. */
const MOST_PROBES = 40;
/** As good as it gets: share of the rows that a border may be off. */
const CLOSE_ENOUGH = 0.04;
/** A column that leaves a border further off than this is not divided finely enough: the next one of the key is. */
const TOO_COARSE = 0.1;
/** A walk reads the rows themselves where the key is the primary key, so far at most; bytes. */
const WALK_BYTES = 1024 ** 3;
/** An entry of a secondary index, about; bytes. */
const ENTRY_BYTES = 64;
const UNKNOWN_ROW_BYTES = 200;

export interface DividedTable {
  readonly table: PageTable;
  /** Mean row size that the server estimates, bytes; 0 = unknown. */
  readonly meanRowBytes: number;
}

/** @returns fewer borders than parts ask for, or none, where good ones cannot be had cheaply */
export async function findBorders(session: Session, of: DividedTable, whole: Divisible): Promise<Cursor[]> {
  const { table } = of;
  const lo = await firstKey(session, table, '');
  if (lo === null || lo === whole.upTo) return [];
  const found = await divide(session, table, { lo, hi: whole.upTo }, whole.parts);
  const even = found.length > 0 && (await areEven(session, table, [lo, ...found, whole.upTo]));
  const borders = even || !mayWalk(of, whole) ? found : await walk(session, of, whole);
  return inOrder(session, table, borders, whole.upTo);
}

interface Between {
  readonly lo: Cursor;
  readonly hi: Cursor;
}

async function divide(session: Session, table: PageTable, at: Between, parts: number): Promise<Cursor[]> {
  if (parts < 2) return [];
  const left = Math.floor(parts / 2);
  const middle = await cut(session, table, at, left / parts);
  if (middle === null) return [];
  const before = await divide(session, table, { lo: at.lo, hi: middle }, left);
  return [...before, middle, ...(await divide(session, table, { lo: middle, hi: at.hi }, parts - left))];
}

/** A key between two others, with about this share of their rows before it. */
async function cut(session: Session, table: PageTable, at: Between, share: number): Promise<Cursor | null> {
  const estimate = (lo: Cursor, hi: Cursor) => estimatedRows(session, table, lo, hi);
  let best: { readonly key: Cursor; readonly off: number } | null = null;
  let { lo: from, hi: to } = at;
  for (;;) {
    const depth = firstDifference(from, to);
    const column = depth === null ? undefined : columnOf(table, depth);
    if (depth === null || column === undefined || !hasMiddles(column)) return best?.key ?? null;
    const name = quoteName(column.name);
    const same = equalUpTo(table, from, depth);
    let low = textAt(from, depth);
    let high = textAt(to, depth);
    for (let probes = 0; probes < MOST_PROBES; probes += 1) {
      const middle = await between(session, column, low, high);
      if (middle === null) break;
      const key = await firstKey(session, table, [...same, `${name} >= ${literalOf(column, middle)}`].join(' AND '));
      if (key === null || key === at.hi) {
        high = middle;
        continue;
      }
      const [before, behind] = [await estimate(at.lo, key), await estimate(key, at.hi)];
      const part = before / Math.max(1, before + behind);
      const off = Math.abs(part - share);
      if (best === null || off < best.off) best = { key, off };
      if (off <= CLOSE_ENOUGH) return best.key;
      if (part > share) high = middle;
      else low = textAt(key, depth);
    }
    if (best !== null && best.off <= TOO_COARSE) return best.key;
    // Most rows have one value here: they are told apart by the rest of the key.
    const heavy = [...same, `${name} = ${literalOf(column, low)}`].join(' AND ');
    const [first, last] = [await firstKey(session, table, heavy), await lastKey(session, table, heavy)];
    if (first === null || last === null || firstDifference(first, last) === depth) return best?.key ?? null;
    [from, to] = [textAt(at.lo, depth) === low ? at.lo : first, textAt(at.hi, depth) === low ? at.hi : last];
    if (firstDifference(from, to) === depth) return best?.key ?? null;
  }
}

async function firstKey(session: Session, table: PageTable, condition: string): Promise<Cursor | null> {
  const { rows } = await session.rows(keysStatement(table, condition, 1));
  return rows[0] === undefined ? null : cursorOf(rows[0]);
}

async function lastKey(session: Session, table: PageTable, condition: string): Promise<Cursor | null> {
  const { rows } = await session.rows(keysStatement(table, condition, 1, 'DESC'));
  return rows[0] === undefined ? null : cursorOf(rows[0]);
}

/** What the optimizer thinks: it looks at a few pages of the index. */
async function estimatedRows(session: Session, table: PageTable, after: Cursor, upTo: Cursor): Promise<number> {
  const { rows, fields } = await session.rows(`EXPLAIN ${betweenStatement(table, after, upTo)}`);
  const at = fields.findIndex((each) => each.toLowerCase() === 'rows');
  return Number(rows[0]?.[at]?.toString('latin1') ?? 0);
}

async function areEven(session: Session, table: PageTable, keys: readonly Cursor[]): Promise<boolean> {
  const sizes: number[] = [];
  for (let at = 1; at < keys.length; at += 1) {
    sizes.push(await estimatedRows(session, table, keys[at - 1] as Cursor, keys[at] as Cursor));
  }
  const all = sizes.reduce((sum, size) => sum + size, 0);
  return Math.max(...sizes) <= (2 * all) / sizes.length;
}

function mayWalk({ table, meanRowBytes }: DividedTable, { rows }: Divisible): boolean {
  const entry = table.key?.index === 'PRIMARY' ? meanRowBytes || UNKNOWN_ROW_BYTES : ENTRY_BYTES;
  return rows * entry <= WALK_BYTES;
}

async function walk(
  session: Session,
  { table, meanRowBytes }: DividedTable,
  { where, upTo, rows, parts }: Divisible,
): Promise<Cursor[]> {
  const index = table.key?.index ?? null;
  const keys = openRowSums({ table, index, meanRowBytes, where }, (ask) => ask(session));
  const borders: Cursor[] = [];
  for (let part = 1; part < parts; part += 1) {
    const key = await keys.keyAt({ after: borders.at(-1) ?? null, upTo }, Math.ceil(rows / parts));
    if (key === null) break;
    borders.push(key);
  }
  return borders;
}

/** Those that are there now, as the server orders them, each once. */
async function inOrder(
  session: Session,
  table: PageTable,
  borders: readonly Cursor[],
  upTo: Cursor,
): Promise<Cursor[]> {
  if (borders.length === 0) return [];
  const all = borders.map((border) => `(${equalUpTo(table, border).join(' AND ')})`).join(' OR ');
  const { rows } = await session.rows(keysStatement(table, `(${all})`, borders.length));
  return rows.map((row) => cursorOf(row)).filter((border) => border !== upTo);
}

/** `column = value` for the first columns of the key; all of them by default. */
function equalUpTo(table: PageTable, key: Cursor, depth = Number.POSITIVE_INFINITY): string[] {
  const names = table.key?.columns ?? [];
  return cursorLiterals(table, key)
    .slice(0, depth)
    .map((value, position) => `${quoteName(names[position] ?? '')} = ${value}`);
}

/** The first column of the key in which two keys are not the same bytes. */
function firstDifference(a: Cursor, b: Cursor): number | null {
  const [ours, theirs] = [cursorValues(a), cursorValues(b)];
  const at = ours.findIndex((value, position) => !value.equals(theirs[position] ?? Buffer.alloc(0)));
  return at < 0 ? null : at;
}

function columnOf(table: PageTable, depth: number): MysqlColumn | undefined {
  const name = table.key?.columns[depth];
  return table.columns.find((column) => column.name === name);
}

function textAt(key: Cursor, depth: number): string {
  return cursorValues(key)[depth]?.toString('latin1') ?? '';
}

const NUMBERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year']);

function literalOf(column: MysqlColumn, text: string): string {
  return NUMBERS.has(column.dataType) ? text : `'${text.replaceAll("'", "''")}'`;
}

function hasMiddles({ dataType }: MysqlColumn): boolean {
  return NUMBERS.has(dataType) || dataType in MIDDLES;
}

/** A value between two others of a column, to look from; null where there is none. */
async function between(session: Session, column: MysqlColumn, low: string, high: string): Promise<string | null> {
  if (NUMBERS.has(column.dataType)) return middleNumber(low, high);
  const [a, b] = [literalOf(column, low), literalOf(column, high)];
  const middle = MIDDLES[column.dataType]?.(a, b);
  if (middle === undefined) return null;
  const [row] = await textRows(session, `SELECT ${middle}`);
  const text = row?.[0] ?? null;
  return text === null || text === low || text === high || !/^[0-9:. -]+$/.test(text) ? null : text;
}

/** The server reckons with dates. */
const MIDDLES: Readonly<Record<string, (a: string, b: string) => string>> = {
  date: (a, b) => `FROM_DAYS((TO_DAYS(${a}) + TO_DAYS(${b})) DIV 2)`,
  datetime: middleInstant,
  timestamp: middleInstant,
};

function middleInstant(a: string, b: string): string {
  const [from, to] = [`CAST(${a} AS DATETIME(6))`, `CAST(${b} AS DATETIME(6))`];
  return `TIMESTAMPADD(SECOND, TIMESTAMPDIFF(SECOND, ${from}, ${to}) DIV 2, ${from})`;
}

/** Exact, whatever the number of digits. */
export function middleNumber(low: string, high: string): string | null {
  const digits = Math.max(fraction(low), fraction(high));
  const [a, b] = [scaled(low, digits), scaled(high, digits)];
  const middle = a + (b - a) / 2n;
  if (middle <= a) return null;
  if (digits === 0) return String(middle);
  const text = String(middle < 0n ? -middle : middle).padStart(digits + 1, '0');
  return `${middle < 0n ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function fraction(number: string): number {
  return number.split('.')[1]?.length ?? 0;
}

function scaled(number: string, digits: number): bigint {
  const [whole = '0', part = ''] = number.split('.');
  return BigInt(whole + part.padEnd(digits, '0'));
}
