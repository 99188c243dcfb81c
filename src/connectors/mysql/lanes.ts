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

/** Pieces a range is made of when borders are chosen among their ends: finer ones make ranges more even. */
const PIECES = 4;
/** Estimates asked for one range at the most: values that lie in heaps need more than those that lie evenly. */
const MOST_ESTIMATES = 40;
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
  const first = await firstKey(session, table, '');
  if (first === null || first === whole.upTo) return [];
  const found = choose(await piecesOf(session, table, { after: first, upTo: whole.upTo }, whole), whole.parts);
  const borders = found.even || !mayWalk(of, whole.rows) ? found.borders : await walk(session, of, whole);
  return inOrder(session, table, borders, whole.upTo);
}

interface Between {
  /** Exclusive. */
  readonly after: Cursor;
  readonly upTo: Cursor;
}

/** Rows up to a key, after the piece before. */
interface Piece {
  readonly end: Cursor;
  readonly rows: number;
}

/** Halves ranges of values until each holds few rows, in key order. */
async function piecesOf(session: Session, table: PageTable, all: Between, whole: Divisible): Promise<Piece[]> {
  const few = whole.rows / (whole.parts * PIECES);
  let estimates = MOST_ESTIMATES * whole.parts;
  const divide = async (at: Between): Promise<Piece[]> => {
    const rows = await estimatedRows(session, table, at);
    estimates -= 1;
    const middle = rows <= few || estimates <= 0 ? null : await middleKey(session, table, at);
    if (middle === null) return [{ end: at.upTo, rows }];
    const before = await divide({ after: at.after, upTo: middle });
    return [...before, ...(await divide({ after: middle, upTo: at.upTo }))];
  };
  return divide(all);
}

/** The ends of pieces that come nearest to even ranges. */
function choose(pieces: readonly Piece[], parts: number): { readonly borders: Cursor[]; readonly even: boolean } {
  const all = pieces.reduce((sum, piece) => sum + piece.rows, 0);
  const borders: Cursor[] = [];
  let largest = 0;
  let sum = 0;
  let taken = 0;
  for (const [at, piece] of pieces.entries()) {
    sum += piece.rows;
    const goal = (all * (borders.length + 1)) / parts;
    const next = pieces[at + 1]?.rows ?? 0;
    const last = at === pieces.length - 1;
    // The next piece would come further beyond than this one falls short.
    if (!last && (borders.length === parts - 1 || sum + next - goal < goal - sum)) continue;
    largest = Math.max(largest, sum - taken);
    taken = sum;
    if (!last) borders.push(piece.end);
  }
  return { borders, even: borders.length > 0 && largest <= (2 * all) / parts };
}

/** A key about halfway between the values of two others; null where none can be reckoned. */
async function middleKey(session: Session, table: PageTable, { after, upTo }: Between): Promise<Cursor | null> {
  const depth = firstDifference(after, upTo);
  const column = depth === null ? undefined : columnOf(table, depth);
  if (depth === null || column === undefined || !hasMiddles(column)) return null;
  const name = quoteName(column.name);
  const same = equalUpTo(table, after, depth);
  const low = textAt(after, depth);
  let high = textAt(upTo, depth);
  const firstFrom = (value: string) =>
    firstKey(session, table, [...same, `${name} >= ${literalOf(column, value)}`].join(' AND '));
  for (;;) {
    const middle = await between(session, column, low, high);
    if (middle === null) break;
    const key = await firstFrom(middle);
    if (key === after) break;
    if (key !== null && key !== upTo) return key;
    high = middle;
  }
  // Two values side by side: their rows are told apart by the rest of the key.
  const last = await lastKey(session, table, [...same, `${name} = ${literalOf(column, low)}`].join(' AND '));
  if (last !== null && last !== after) return last;
  const next = await firstFrom(textAt(upTo, depth));
  return next === upTo ? null : next;
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
async function estimatedRows(session: Session, table: PageTable, { after, upTo }: Between): Promise<number> {
  // Newer servers have other forms by default.
  const { rows, fields } = await session.rows(`EXPLAIN FORMAT=TRADITIONAL ${betweenStatement(table, after, upTo)}`);
  const at = fields.findIndex((each) => each.toLowerCase() === 'rows');
  return Number(rows[0]?.[at]?.toString('latin1') ?? 0);
}

/** Whether borders can be found in a table of so many rows. */
export function mayDivide(of: DividedTable, rows: number): boolean {
  const first = columnOf(of.table, 0);
  return (first !== undefined && hasMiddles(first)) || mayWalk(of, rows);
}

function mayWalk({ table, meanRowBytes }: DividedTable, rows: number): boolean {
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
  const seconds = `TIMESTAMPDIFF(SECOND, ${from}, ${to})`;
  return `IF(${seconds} < 2, NULL, TIMESTAMPADD(SECOND, ${seconds} DIV 2, ${from}))`;
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
