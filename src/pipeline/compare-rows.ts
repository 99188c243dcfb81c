/**
 * Compares the rows of both sides by reading all of them, where not both can add up sums. Each row is hashed here: first
 * sums of many rows together, in any order; only where those differ are the rows of such a group looked at one by one.
 * What is held in memory is the same for a thousand rows and for a thousand million.
 */
import type { Cell, Cursor, Reader, Source, StoredRows, UnitSchema } from '../connectors/contract.ts';
import { readableCell, readableKey, rowOf } from '../connectors/page-rows.ts';
import { createRowHasher, SUM_BYTES } from '../connectors/row-hash.ts';
import type { Coded } from '../core/model.ts';

export interface ComparedRows {
  readonly unit: string;
  readonly source: Source;
  readonly schema: UnitSchema;
  readonly where: string | null;
  /** Rows of the source after it are not compared; null = all are. */
  readonly upTo: Cursor | null;
  readonly stored: StoredRows;
  /** The target may hold rows that the source does not have. */
  readonly othersAllowed: boolean;
  /** Called after each page: a long comparison is no silence. */
  compared?(): void;
}

const PAGE_ROWS = 5_000;
const PAGE_BYTES = 1024 * 1024;
/** Groups that rows are told into by their keys. */
const GROUPS = 4_096;
/** Rows whose keys and sums are held at a time. */
const ROWS_AT_ONCE = 200_000;

/** @returns the first difference that is found (`pipeline.checksum*`), or null. Rejects when a side cannot be read. */
export async function compareRows(compared: ComparedRows): Promise<Coded | null> {
  const { othersAllowed } = compared;
  const ours = await sumUp(compared, 'source');
  const theirs = await sumUp(compared, 'target');
  const suspects: number[] = [];
  for (let group = 0; group < GROUPS; group++) {
    const differs = !areEqual(ours, theirs, group);
    // Rows of others hide whether ours are right.
    if (differs && (ours.rows[group] !== 0 || !othersAllowed)) suspects.push(group);
  }
  while (suspects.length > 0) {
    const some = new Set<number>();
    for (let rows = 0; suspects.length > 0 && (some.size === 0 || rows < ROWS_AT_ONCE); ) {
      const group = suspects.shift() as number;
      rows += ours.rows[group] ?? 0;
      some.add(group);
    }
    const difference = await compareGroups(compared, some);
    if (difference !== null) return difference;
  }
  return null;
}

interface Sums {
  readonly rows: Float64Array;
  /** Added up modulo 2^32, four for each group. */
  readonly sums: Uint32Array;
}

async function sumUp(compared: ComparedRows, side: Side): Promise<Sums> {
  const rows = new Float64Array(GROUPS);
  const sums = new Uint32Array((GROUPS * SUM_BYTES) / 4);
  await eachRow(compared, side, ({ group, sum }) => {
    rows[group] = (rows[group] ?? 0) + 1;
    for (let part = 0; part < SUM_BYTES / 4; part++) {
      const at = (group * SUM_BYTES) / 4 + part;
      sums[at] = (sums[at] ?? 0) + sum.readUInt32LE(part * 4);
    }
  });
  return { rows, sums };
}

function areEqual(a: Sums, b: Sums, group: number): boolean {
  if (a.rows[group] !== b.rows[group]) return false;
  const parts = SUM_BYTES / 4;
  for (let at = group * parts; at < (group + 1) * parts; at++) if (a.sums[at] !== b.sums[at]) return false;
  return true;
}

/** A row, or all rows that are the same where nothing else tells them. */
interface Known {
  readonly text: string;
  readonly sum: string;
  count: number;
}

async function compareGroups(compared: ComparedRows, groups: ReadonlySet<number>): Promise<Coded | null> {
  const { unit, stored, othersAllowed } = compared;
  const keyed = stored.key.length > 0;
  const there = new Map<string, Known>();
  await eachRow(compared, 'source', ({ group, key, sum, cells }) => {
    if (!groups.has(group)) return;
    const name = key.toString('latin1');
    const known = there.get(name);
    // A row that was moved while it was read may come twice: as it was read last.
    if (known !== undefined && !keyed) known.count += 1;
    else there.set(name, { text: keyText(cells, stored.key), sum: sum.toString('latin1'), count: 1 });
  });
  let extra: string | null = null;
  let differs: string | null = null;
  await eachRow(compared, 'target', ({ group, key, sum, cells }) => {
    if (!groups.has(group)) return;
    const known = there.get(key.toString('latin1'));
    if (known === undefined) extra ??= keyText(cells, stored.key);
    else if (known.sum !== sum.toString('latin1')) differs ??= known.text;
    if (known !== undefined) known.count -= 1;
  });
  const missing = [...there.values()].find(({ count }) => count > 0);
  const tooMany = [...there.values()].some(({ count }) => count < 0);
  if (!keyed) {
    if (missing === undefined && (othersAllowed || (extra === null && !tooMany))) return null;
    const [source, target] = [await countRows(compared, 'source'), await countRows(compared, 'target')];
    return { code: 'pipeline.checksumRows', args: { unit, source, target } };
  }
  if (missing !== undefined) return { code: 'pipeline.checksumMissing', args: { unit, key: missing.text } };
  if (differs !== null) return { code: 'pipeline.checksumDiffers', args: { unit, key: differs } };
  return extra === null || othersAllowed ? null : { code: 'pipeline.checksumExtra', args: { unit, key: extra } };
}

async function countRows(compared: ComparedRows, side: Side): Promise<number> {
  let rows = 0;
  await eachRow(compared, side, () => {
    rows += 1;
  });
  return rows;
}

function keyText(cells: readonly Cell[], key: readonly number[]): string {
  return readableKey(key.map((at) => readableCell(cells[at] ?? null)));
}

type Side = 'source' | 'target';

/** `key` and `sum` are good until the next row. */
interface Row {
  readonly group: number;
  readonly key: Buffer;
  readonly sum: Buffer;
  readonly cells: readonly Cell[];
}

async function eachRow(compared: ComparedRows, side: Side, take: (row: Row) => void): Promise<void> {
  const { stored } = compared;
  const reader = await (side === 'source' ? openSource(compared) : stored.read());
  const hash = createRowHasher(stored);
  try {
    for (let page = await reader.next(); page !== null; page = await reader.next()) {
      const pageThere = side === 'source' && stored.expected ? stored.expected(page) : page;
      for (let row = 0; row < pageThere.rows; row++) {
        const cells = rowOf(pageThere, row);
        const { key, sum } = hash(cells);
        take({ group: groupOf(key), key, sum, cells });
      }
      compared.compared?.();
    }
  } finally {
    await reader.close();
  }
}

function openSource({ source, schema, where, upTo, stored }: ComparedRows): Promise<Reader> {
  const pages = { pageRows: PAGE_ROWS, pageBytes: PAGE_BYTES, format: stored.format };
  return source.read(schema, { where, after: null, upTo, ...pages });
}

/** FNV-1a, spread a little more: keys of neighbours differ in their last byte alone. */
function groupOf(key: Uint8Array): number {
  let value = 0x811c9dc5;
  for (const byte of key) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 12)) & (GROUPS - 1);
}
