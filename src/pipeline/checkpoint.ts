import { createHash } from 'node:crypto';
import type { Cursor, LateRange, UnitSchema } from '../connectors/contract.ts';
import type { UnitJob } from '../core/ports.ts';
import { addressOf } from '../core/settings.ts';

/** Where a copy goes on, and what must still be true for that. */
export interface Checkpoint {
  /** Rows and bytes committed in the target, over all lanes and attempts. */
  readonly rows: number;
  readonly bytes: number;
  /** Of the unit's schema when the copy began. */
  readonly fingerprint: string;
  /** Which rows of which system go where: another source, target or condition is another copy. */
  readonly identity: string;
  /** The target's table or collection alone: `placeOf`. */
  readonly place: string;
  /** Upper border taken when the copy began. */
  readonly upTo: Cursor | null;
  /** Ranges in key order, each from the end of the one before it to its own; the last one's is `upTo`. */
  readonly lanes: readonly LanePosition[];
}

export interface LanePosition {
  /** Inclusive upper border. */
  readonly end: Cursor | null;
  /** Everything up to it is committed in the target; null = nothing of this lane. */
  readonly cursor: Cursor | null;
  readonly rows: number;
  readonly bytes: number;
  /** Read to its end. */
  readonly done: boolean;
  /** Rows among them that the target refused; see rejecting.ts. Absent: none. */
  readonly rejected?: number;
  /** Of rows that may have been read before, at their old place: `Source.late`. Absent: no. */
  readonly late?: true;
}

/**
 * Versioned JSON text: one lane as it always was (v1), several with the position of each (v2).
 * @param only for a lane that keeps its own position in the target: of the others it has nothing but the borders
 */
export function encodeCheckpoint(checkpoint: Checkpoint, only?: number): string {
  const { lanes, upTo, ...about } = checkpoint;
  const [first] = lanes;
  if (lanes.length === 1 && first !== undefined && first.cursor !== null)
    return JSON.stringify({ v: 1, cursor: first.cursor, ...about, upTo, rejected: first.rejected });
  const told = lanes.map((lane, at) =>
    only === undefined || only === at || lane.late ? lane : { ...lane, cursor: null, rows: 0, bytes: 0, done: false },
  );
  return JSON.stringify({ v: 2, ...about, ...sumOf(told), upTo, lanes: told });
}

/**
 * The checkpoint, if it is one of this copy. null only when it is proven to be unusable (another version, schema or
 * source): what merely fails for the moment is an error elsewhere and keeps it.
 * @param texts one, or one for each lane
 */
export function usableCheckpoint(texts: readonly string[], fingerprint: string, identity: string): Checkpoint | null {
  const parts = texts.map(decode);
  // What was written before a late range was there does not have it.
  const longest = parts.toSorted((a, b) => (b?.lanes.length ?? 0) - (a?.lanes.length ?? 0))[0];
  if (!longest) return null;
  for (const part of parts) {
    if (part === null || part.fingerprint !== fingerprint || part.identity !== identity) return null;
    if (!sameRanges(part, longest)) return null;
  }
  const lanes = longest.lanes.map((lane, at) =>
    parts.reduce((best, part) => furthest(best, part?.lanes[at] ?? best), lane),
  );
  return { ...longest, lanes, ...sumOf(lanes) };
}

/** Whether a kept text says that rows were committed, of whatever copy. */
export function isCheckpoint(text: string): boolean {
  return decode(text) !== null;
}

function furthest(a: LanePosition, b: LanePosition): LanePosition {
  return b.rows > a.rows || (b.done && !a.done) ? b : a;
}

/** @param longest may have late ranges behind those of the other */
function sameRanges({ lanes }: Checkpoint, longest: Checkpoint): boolean {
  const others = longest.lanes.slice(lanes.length);
  return others.every(({ late }) => late === true) && lanes.every((lane, at) => lane.end === longest.lanes[at]?.end);
}

/** Everything is read; what has moved meanwhile is a range of its own. */
export function withLateLane(checkpoint: Checkpoint, lanes: readonly LanePosition[], range: LateRange): Checkpoint {
  const { after, upTo } = range;
  const late: LanePosition = { end: upTo, cursor: after, rows: 0, bytes: 0, done: false, late: true };
  return { ...checkpoint, ...sumOf(lanes), upTo, lanes: [...lanes.map((lane) => ({ ...lane, done: true })), late] };
}

export function sumOf(lanes: readonly Pick<LanePosition, 'rows' | 'bytes'>[]): { rows: number; bytes: number } {
  const sum = { rows: 0, bytes: 0 };
  for (const { rows, bytes } of lanes) {
    sum.rows += rows;
    sum.bytes += bytes;
  }
  return sum;
}

type Kept = Record<string, unknown> & Partial<Checkpoint>;

function decode(text: string): Checkpoint | null {
  let kept: Kept | null;
  try {
    kept = JSON.parse(text) as Kept | null;
  } catch {
    return null;
  }
  if (kept === null || typeof kept !== 'object' || !isFigures(kept) || !isCursor(kept.upTo)) return null;
  const { rows, bytes, upTo, fingerprint = '', identity = '', place = '' } = kept;
  const about = { rows, bytes, upTo, fingerprint, identity, place };
  if (kept.v === 1 && typeof kept.cursor === 'string')
    return {
      ...about,
      lanes: [{ end: upTo, cursor: kept.cursor, rows, bytes, done: false, ...rejectedOf(kept.rejected) }],
    };
  if (kept.v !== 2 || !Array.isArray(kept.lanes) || kept.lanes.length === 0) return null;
  const sound = kept.lanes.every(
    (lane: LanePosition | null) => lane !== null && isFigures(lane) && isCursor(lane.end) && isCursor(lane.cursor),
  );
  return sound && kept.lanes.at(-1)?.end === upTo ? { ...about, lanes: kept.lanes } : null;
}

function rejectedOf(rejected: unknown): Pick<LanePosition, 'rejected'> {
  return typeof rejected === 'number' ? { rejected } : {};
}

function isFigures<T extends { readonly rows?: unknown; readonly bytes?: unknown }>(
  value: T,
): value is T & { readonly rows: number; readonly bytes: number } {
  return typeof value.rows === 'number' && typeof value.bytes === 'number';
}

function isCursor(value: unknown): value is Cursor | null {
  return value === null || typeof value === 'string';
}

/** Rows and bytes that a kept text says are committed; none when it says nothing of them. */
export function committedFigures(text: string | null): { readonly rows: number; readonly bytes: number } {
  try {
    const { rows, bytes } = (JSON.parse(text ?? 'null') ?? {}) as Partial<Checkpoint>;
    if (typeof rows === 'number' && typeof bytes === 'number') return { rows, bytes };
  } catch {
    // Not ours: the execution itself decides what it is worth.
  }
  return { rows: 0, bytes: 0 };
}

/** Short name of a copy: where from, where to, which rows and columns. Holds no secret. */
export function copyIdentity(job: UnitJob, schema: UnitSchema): string {
  const { where, targetName } = job.settings;
  const columns = schema.columns.map((column) => column.name);
  const parts = [addressOf(job.source), job.unitName, addressOf(job.target), targetName, where, columns, schema.key];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/**
 * What is kept from the moment when a target was prepared until the first checkpoint: which target that was. What its
 * preparation found or made says nothing about another one.
 * @param about `distrusted`: what an earlier execution wrote there must be removed before the first row, where that is
 * allowed; `rejected`: of a copy that is complete, the rows that were set aside
 */
export function encodePreparedPlace(
  job: UnitJob,
  { distrusted, rejected = 0 }: { readonly distrusted: boolean; readonly rejected?: number },
): string {
  const about = { ...(distrusted ? { distrusted } : {}), ...(rejected > 0 ? { rejected } : {}) };
  return JSON.stringify({ v: 1, place: placeOf(job), ...about });
}

/** Rows that the copy set aside, as the text says that was kept last; 0 = it says nothing of them. */
export function rejectedFigure(text: string | null): number {
  try {
    const kept = JSON.parse(text ?? 'null') as { readonly rejected?: unknown; readonly lanes?: unknown } | null;
    const told = Array.isArray(kept?.lanes) ? (kept.lanes as Partial<LanePosition>[]) : [kept];
    return told.reduce((sum, each) => sum + Number(each?.rejected ?? 0), 0) || 0;
  } catch {
    return 0;
  }
}

/** Whether the kept text says that the rows in the target are not to be trusted: written anew, not gone on from. */
export function isDistrusted(text: string | null): boolean {
  try {
    return (JSON.parse(text ?? 'null') as { readonly distrusted?: unknown } | null)?.distrusted === true;
  } catch {
    return false;
  }
}

/** Whether the unit's kept text (a checkpoint or what `encodePreparedPlace` made) speaks of another target than now. */
export function isOfAnotherTarget(text: string | null, job: UnitJob): boolean {
  if (text === null) return false;
  try {
    const { place } = JSON.parse(text) as { readonly place?: unknown };
    return typeof place === 'string' && place !== placeOf(job);
  } catch {
    return false;
  }
}

/** Short name of the table or collection that is written to. Holds no secret. */
export function placeOf(job: UnitJob): string {
  const { targetName, swapAlias } = job.settings;
  const parts = [addressOf(job.target), targetName, ...(swapAlias ? [swapAlias] : [])];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
