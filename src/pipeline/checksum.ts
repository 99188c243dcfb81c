/**
 * Compares the rows of both sides by sums that each side works out by itself, chunk by chunk in key order. Only of a
 * chunk that differs are the sums of single rows fetched, to name the first row.
 */
import type { Cursor, Digest, KeyRange, RowSum, RowSums } from '../connectors/contract.ts';
import type { Coded } from '../core/model.ts';

export interface Compared {
  readonly unit: string;
  readonly source: RowSums;
  readonly target: RowSums;
  readonly keyed: boolean;
  /** Rows of the source after it are not compared; null = all are. */
  readonly upTo: Cursor | null;
  /** The target may hold rows that the source does not have. */
  readonly othersAllowed: boolean;
  /** Called after each chunk: a long comparison is no silence. */
  compared?(): void;
}

/** Rows of one side that are kept to find the first difference, beyond a chunk's own. */
const MOST_OTHERS = 200_000;
/** Rows whose sums one question asks for: its answer is held in memory. */
const ROWS_AT_ONCE = 10_000;

/** @returns the first difference (`pipeline.checksum*`), or null. Rejects when a side cannot be asked. */
export async function compareSums(compared: Compared): Promise<Coded | null> {
  const { source, keyed, upTo } = compared;
  if (!keyed) return compareChunk(compared, { after: null, upTo: null });
  for (let after: Cursor | null = null; ; ) {
    const end: Cursor | null = (await source.keyAt({ after, upTo }, source.chunkRows)) ?? upTo;
    const difference = await compareChunk(compared, { after, upTo: end });
    if (difference !== null || end === upTo) return difference;
    compared.compared?.();
    after = end;
  }
}

async function compareChunk(compared: Compared, range: KeyRange): Promise<Coded | null> {
  const { source, target, keyed, unit, othersAllowed } = compared;
  const [ours, theirs] = await Promise.all([source.digest(range), target.digest(range)]);
  if (areEqual(ours, theirs)) return null;
  if (!keyed) return difference('pipeline.checksumRows', { unit, source: ours.rows, target: theirs.rows });
  const most = ours.rows + MOST_OTHERS;
  const there = await sumsOf(source, range, most, compared);
  const known = new Set(there.map(({ key }) => key));
  const here = await sumsOf(target, range, most, compared, othersAllowed ? ({ key }) => known.has(key) : undefined);
  const found = firstDifference(there, here);
  if (found === null) return null;
  return difference(found.code, { unit, key: source.keyText(found.key) });
}

/** @param wanted those that count, among any number of others */
async function sumsOf(
  side: RowSums,
  { after, upTo }: KeyRange,
  most: number,
  { compared }: Compared,
  wanted: (row: RowSum) => boolean = () => true,
): Promise<RowSum[]> {
  const found: RowSum[] = [];
  for (let from = after; found.length < most; ) {
    const rows = await side.each({ after: from, upTo }, ROWS_AT_ONCE);
    for (const row of rows) if (wanted(row)) found.push(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_AT_ONCE) break;
    from = last.key;
    compared?.();
  }
  return found;
}

function firstDifference(source: readonly RowSum[], target: readonly RowSum[]) {
  const inTarget = new Set(target.map(({ key }) => key));
  for (let row = 0; row < Math.max(source.length, target.length); row++) {
    const [ours, theirs] = [source[row], target[row]];
    if (ours === undefined) return { code: 'pipeline.checksumExtra', key: theirs!.key };
    if (!inTarget.has(ours.key)) return { code: 'pipeline.checksumMissing', key: ours.key };
    if (theirs?.key !== ours.key) return { code: 'pipeline.checksumExtra', key: theirs!.key };
    if (theirs.sum !== ours.sum) return { code: 'pipeline.checksumDiffers', key: ours.key };
  }
  return null;
}

function areEqual(a: Digest, b: Digest): boolean {
  return a.rows === b.rows && a.sum === b.sum;
}

function difference(code: string, args: Coded['args']): Coded {
  return { code, args };
}
